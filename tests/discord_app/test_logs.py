from __future__ import annotations

import logging

import discord
import pytest

from bot.discord_app.client import Papercord
from bot.discord_app.lifecycle import run_bot
from bot.discord_app.logs import queued_logs
from bot.errors import ConfigurationError
from cogs.families import create_bot

TOKEN = "MTA0.G4xY.a-secret_token"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OQ"


def test_no_token_reaches_the_log(capsys):
    log = logging.getLogger("tests.logs")
    with queued_logs("INFO", TOKEN):
        log.info("logging in with %s", TOKEN)
        log.warning("POST https://discord.com/api/v10/webhooks/12/%s/messages/@original", INTERACTION)
        log.warning("POST /interactions/12/%s/callback", INTERACTION)
        try:
            int(TOKEN)
        except ValueError:
            log.exception("it failed")
    written = capsys.readouterr().err
    assert written.count("[hidden]") == 4
    assert "@original" in written
    assert TOKEN not in written
    assert INTERACTION not in written


def test_the_level_is_that_of_the_settings_and_the_handlers_come_back(capsys):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with queued_logs("WARNING"):
        logging.getLogger("tests.logs").info("quiet")
        logging.getLogger("tests.logs").warning("loud")
    assert (root.handlers, root.level) == before
    written = capsys.readouterr().err
    assert "loud" in written
    assert "quiet" not in written


def test_a_wrong_token_names_the_setting_and_what_to_do(app, monkeypatch):
    async def refuse(_self: Papercord, _token: str, **_options: object) -> None:
        raise discord.LoginFailure("Improper token has been passed.")

    monkeypatch.setattr(Papercord, "start", refuse)
    with pytest.raises(ConfigurationError, match=r"DISCORD_TOKEN.*Reset Token") as raised:
        run_bot(create_bot(app), TOKEN)
    assert raised.value.exit_code == 2
    assert TOKEN not in str(raised.value)


def test_an_end_that_nobody_foresaw_prints_its_traceback(app, monkeypatch, capsys):
    async def fail(_self: Papercord, token: str, **_options: object) -> None:
        raise ZeroDivisionError(f"nothing to divide {token} by")

    monkeypatch.setattr(Papercord, "start", fail)
    with pytest.raises(ZeroDivisionError):
        run_bot(create_bot(app), TOKEN)
    written = capsys.readouterr().err
    assert "Traceback (most recent call last)" in written
    assert "nothing to divide [hidden] by" in written


def test_fields_that_carry_a_token_are_hidden(capsys):
    with queued_logs("DEBUG"):
        logging.getLogger("tests.logs").debug("%s", {"token": INTERACTION, "id": 7})
    written = capsys.readouterr().err
    assert INTERACTION not in written
    assert "'id': 7" in written
