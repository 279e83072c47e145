"""A whole bot against a loopback Discord with its gateway, in the loop of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import yarl
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from bot.app import App
from bot.discord_app import gateway, identify
from bot.discord_app.lifecycle import RunningBot
from cogs.families import create_bot
from tests.loopback_discord.server import LoopbackDiscord

TOKEN = "MTA0.G4xY.a-secret_token"


@pytest.fixture
async def loopback(clock, monkeypatch) -> AsyncIterator[LoopbackDiscord]:
    server = LoopbackDiscord(lambda: clock().timestamp())
    monkeypatch.setattr(Route, "BASE", await server.start())
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway.url))
    monkeypatch.setattr(gateway, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 0.05)
    yield server
    await server.close()
    assert heartbeats() == []


@asynccontextmanager
async def living(app: App, bot: RunningBot | None = None) -> AsyncIterator[RunningBot]:
    """A bot that logs in and stays connected; what ends it is raised."""
    bot = bot or create_bot(app)
    bot._connection.guild_ready_timeout = 0.1  # the loopback sends all servers together
    async with bot:
        life = asyncio.create_task(bot.start(TOKEN))
        try:
            yield bot
            if life.done():
                life.result()
        finally:
            await bot.close()
            life.cancel()
            await asyncio.wait([life])


def heartbeats() -> list[KeepAliveHandler]:
    """The threads that keep connections to the gateway alive."""
    return [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, KeepAliveHandler) and not thread._stop_ev.is_set()
    ]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is no event for what the log says
            await asyncio.sleep(0.01)


def lines(caplog, words: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if words in record.getMessage()]


def no_traceback(caplog) -> bool:
    return not any(record.exc_info for record in caplog.records)
