from __future__ import annotations

import datetime as dt
import json
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


def test_a_line_of_json_for_each_entry_without_secrets(capsys):
    with queued_logs("INFO", TOKEN, as_json=True):
        logging.getLogger("bot.there").info("It is %s.\nA second line.", TOKEN)
        try:
            int(TOKEN)
        except ValueError:
            logging.getLogger("bot.there").exception("It failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["level"] == "INFO"
    assert first["logger"] == "bot.there"
    assert first["message"] == "It is [hidden].\nA second line."
    assert dt.datetime.fromisoformat(first["time"]).tzinfo is not None
    assert second["message"].startswith("It failed\nTraceback")
    assert TOKEN not in second["message"]


@pytest.mark.parametrize(("level", "lines"), [("INFO", 1), ("WARNING", 0)])
def test_suggestions_that_discord_did_not_take_are_one_quiet_line(capsys, level, lines):
    with queued_logs(level):
        for error in (OSError("the network is away"), ValueError("a fault of ours")):
            try:
                raise error
            except (OSError, ValueError):
                logging.getLogger("discord.app_commands.tree").exception(
                    "Ignoring exception in autocomplete for %r (Guild: %s, User: %s)", "papers", 1, 2
                )
    said = capsys.readouterr().err
    assert said.count("Suggestions were not shown (the network is away).") == lines
    assert said.count("Traceback") == 1
    assert "a fault of ours" in said
