"""The bot's life: what it does by itself, and how it ends."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import threading

import pytest
import simcord

from bot.discord_app.client import Papercord
from bot.discord_app.lifecycle import CATCH_UP_SECONDS, run_bot
from bot.ingest.importer import import_files
from bot.papers.results import SearchRequest
from bot.papers.saved_searches import count_of_person, keep
from bot.papers.search import search
from cogs.families import create_bot
from tests.apps import close_app, open_app
from tests.discord_app.requests import text_of


async def test_what_another_process_imports_is_found_soon(world, app, tmp_path, clock):
    file = tmp_path / "new.jsonl"
    file.write_text(json.dumps({"id": "new", "title": "Zebrafish by night"}), encoding="utf-8")
    other = open_app(app.settings.data_dir, clock)
    import_files(other, [file])
    close_app(other)
    await world.env.advance_time(2 * CATCH_UP_SECONDS)
    answer = await world.ada.slash(world.channel, "papers", query="zebrafish")
    assert "1 paper" in text_of(answer.response)


async def test_the_index_is_followed_again_after_an_error(world, app, monkeypatch, caplog):
    calls = []

    def follow(_store: object, *, wait: bool) -> int:
        assert not wait
        calls.append(1)
        raise OSError("the disk is away")

    monkeypatch.setattr(app.index, "catch_up", follow)
    await world.env.advance_time(3 * CATCH_UP_SECONDS)
    assert len(calls) >= 2
    assert "it is tried again" in caplog.text


async def test_expired_searches_are_deleted_at_the_start(app, clock):
    answer = search(app, SearchRequest(query="learning"))
    keep(app, answer, 7)
    clock.now += dt.timedelta(days=31)
    keep(app, answer, 7)
    async with simcord.run(create_bot(app)):
        assert count_of_person(app, 7) == 1


async def test_services_run_in_threads_and_their_errors_arrive(app):
    bot = create_bot(app)
    assert await bot.in_thread(threading.current_thread) is not threading.current_thread()
    with pytest.raises(ZeroDivisionError):
        await bot.in_thread(divmod, 1, 0)


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGINT, signal.SIGTERM]])
def test_a_signal_ends_the_bot_in_order(app, monkeypatch, numbers):
    closed = []

    async def connected(self: Papercord, _token: str, **_options: object) -> None:
        for number in numbers:
            os.kill(os.getpid(), number)
        while not self.is_closed():  # noqa: ASYNC110 - discord.py has no event for it
            await asyncio.sleep(0)
        closed.append(True)

    monkeypatch.setattr(Papercord, "start", connected)
    run_bot(create_bot(app), "token")
    assert closed == [True]


def test_what_the_end_interrupts_is_no_error(app, monkeypatch, capsys):
    async def connecting(self: Papercord, _token: str, **_options: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        while not self.is_closed():  # noqa: ASYNC110 - discord.py has no event for it
            await asyncio.sleep(0)
        raise RuntimeError("Session is closed")

    monkeypatch.setattr(Papercord, "start", connecting)
    run_bot(create_bot(app), "token")
    assert "Session is closed" not in capsys.readouterr().err
