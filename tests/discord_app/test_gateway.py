"""Discord's faults at the start and later: the bot outlives them, and says so in a few lines."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket

from bot.discord_app import gateway, identify
from bot.errors import PapercordError
from cogs.families import create_bot
from tests.discord_app.running_bot import TOKEN, heartbeats, lines, living, no_traceback, until
from tests.loopback_discord.faults import Fault, Script
from tests.loopback_discord.server import LoopbackDiscord


@pytest.mark.parametrize("kind", [503, "reset", 403, "ban"])
async def test_a_login_that_discord_does_not_answer_is_tried_again(loopback, app, caplog, kind, monkeypatch):
    monkeypatch.setattr(gateway, "_asked_to_wait", lambda _error: 0.0)
    loopback.start_faults = Script(Fault(kind), Fault(kind), method="login")
    with caplog.at_level(logging.INFO):
        async with living(app) as bot:
            await until(lambda: lines(caplog, "Ready as papercord"))
            assert bot.announcer is not None
    # aiohttp itself tries once more where a connection that it kept was cut.
    assert len(lines(caplog, "Logging in to Discord failed")) == (1 if kind == "reset" else 2)
    assert len(lines(caplog, "Ready as")) == 1
    assert no_traceback(caplog)


@pytest.mark.parametrize(
    "fault", [Fault("command limit"), Fault(503), Fault("ban"), Fault(429, retry_after=90.0), Fault("reset")]
)
async def test_commands_that_cannot_be_told_hold_up_nothing_and_are_told_later(
    loopback, app, caplog, fault, monkeypatch
):
    monkeypatch.setattr(gateway, "_asked_to_wait", lambda _error: 0.0)
    loopback.start_faults = Script(fault, fault, fault, method="commands")
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "This process announces now"))
            await until(lambda: lines(caplog, "Discord was told"))
            await until(lambda: lines(caplog, "Ready as"))
    assert loopback.interactions.commands
    assert len(lines(caplog, "Telling Discord the commands failed")) == (1 if fault.kind == "reset" else 3)
    assert no_traceback(caplog)


async def test_announcing_goes_on_while_commands_are_never_told(loopback, app, caplog):
    loopback.start_faults = lambda what: Fault("command limit") if what == "commands" else None
    with caplog.at_level(logging.INFO):
        async with living(app) as bot:
            await until(lambda: lines(caplog, "Ready as"))
            await until(lambda: len(lines(caplog, "Telling Discord the commands failed")) > 3)
            assert bot.announcer is not None
            assert bot.announcer.lease.is_held
    assert not loopback.interactions.commands


async def test_commands_that_another_program_overwrote_are_put_back_at_the_start_and_only_then(
    loopback, app, caplog
):
    discord_has = loopback.interactions
    with caplog.at_level(logging.INFO):
        for number, change in enumerate([None, None, "lost", "other option"]):
            if change == "lost":
                del discord_has.commands[0]
            elif change:
                discord_has.commands[0] = {**discord_has.commands[0], "description": "Another"}
            async with living(app) as bot:
                await until(lambda: lines(caplog, "Ready as"))
                assert bot._syncing is not None
                await bot._syncing
            caplog.clear()
            assert discord_has.told == [1, 1, 2, 3][number]
    assert {"papers", "author", "notify"} <= {command["name"] for command in discord_has.commands}
    assert "Another" not in {command["description"] for command in discord_has.commands}


@pytest.mark.parametrize("refusal", [0, 502, 429])
async def test_the_first_gateway_connection_may_fail(loopback, app, caplog, refusal):
    loopback.gateway.refusals.extend([refusal] * 3)
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
            await until(lambda: lines(caplog, "gateway works again"))
    assert loopback.gateway.seen == {"connect": 4, "identify": 1}
    assert len(lines(caplog, "gateway failed")) == 1
    assert len(lines(caplog, "gateway")) == 2
    assert no_traceback(caplog)


async def cut(server: LoopbackDiscord) -> None:
    server.gateway.cut()


async def ask(server: LoopbackDiscord) -> None:
    await server.gateway.ask_to_reconnect()


async def close_without_reason(server: LoopbackDiscord) -> None:
    await server.gateway.close(1000)


async def close_for_an_error(server: LoopbackDiscord) -> None:
    await server.gateway.close(4000)


@pytest.mark.parametrize("ends", [cut, ask, close_without_reason, close_for_an_error])
async def test_a_reconnect_is_two_lines_and_the_session_goes_on(
    loopback, app, caplog, ends: Callable[[LoopbackDiscord], Awaitable[None]]
):
    async with living(app):
        with caplog.at_level(logging.INFO):
            await until(lambda: lines(caplog, "Ready as"))
            caplog.clear()
            loopback.gateway.refusals.extend([502, 502])
            await ends(loopback)
            await until(lambda: lines(caplog, "gateway works again"))
        said = [
            record.getMessage() for record in caplog.records if record.name.startswith(("bot", "discord.c"))
        ]
    assert len(said) == 2, said
    assert loopback.gateway.seen["identify"] == 1
    assert loopback.gateway.seen["resume"] == 1
    assert no_traceback(caplog)


async def test_a_session_that_discord_forgot_is_begun_anew(loopback, app, caplog, monkeypatch):
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 0.0)
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
            loopback.gateway.forgets_sessions = True
            loopback.gateway.cut()
            await until(lambda: loopback.gateway.seen["identify"] == 2)
            await until(lambda: lines(caplog, "gateway works again"))
    assert len(lines(caplog, "Ready as")) == 1


async def test_a_turn_lasts_until_discord_has_answered(loopback, app, caplog, monkeypatch):
    """Discord may get the request for a session long after it was sent; the next turn counts from then."""
    begun: list[DiscordWebSocket] = []
    answered: list[bool] = []
    turn, connect = identify.Identifications.turn, gateway.ShardWebSocket.from_client

    @contextlib.asynccontextmanager
    async def watched(identifications: identify.Identifications, shard_id: int) -> AsyncIterator[None]:
        async with turn(identifications, shard_id):
            yield
            answered.append(begun[-1].session_id is not None)

    async def kept(*given: Any, **named: Any) -> DiscordWebSocket:
        begun.append(await connect(*given, **named))
        return begun[-1]

    monkeypatch.setattr(identify.Identifications, "turn", watched)
    monkeypatch.setattr(gateway.ShardWebSocket, "from_client", kept)
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
    assert answered == [True]


async def test_a_connection_whose_turn_passed_is_closed(loopback, app, caplog, monkeypatch):
    begin, lost = identify.Identifications.begin, [1, 2]

    async def lost_at_first(identifications: identify.Identifications, shard_id: int) -> None:
        if lost:
            lost.pop()
            raise identify.TurnLostError("its turn to begin a session has passed")
        await begin(identifications, shard_id)

    monkeypatch.setattr(identify.Identifications, "begin", lost_at_first)
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
            assert len(heartbeats()) == 1


async def test_a_bot_that_ends_while_it_begins_a_session_leaves_no_connection(loopback, app, monkeypatch):
    begins = asyncio.Event()

    async def wait(_identifications: identify.Identifications, _shard_id: int) -> None:
        begins.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(identify.Identifications, "begin", wait)
    async with living(app):
        await begins.wait()
        assert len(heartbeats()) == 1
    assert heartbeats() == []


async def test_a_session_that_is_not_answered_is_begun_anew(loopback, app, caplog, monkeypatch):
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 0.0)
    monkeypatch.setattr(gateway, "PATIENCE", 0.2)
    loopback.gateway.unanswered = 1
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
    assert loopback.gateway.seen["identify"] == 2
    assert no_traceback(caplog)


async def test_a_long_outage_of_the_gateway_is_one_line_a_minute(loopback, app, clock, caplog):
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
            loopback.gateway.refusals.extend([502] * 6)
            loopback.gateway.cut()
            await until(lambda: len(loopback.gateway.refusals) <= 3)
            assert len(lines(caplog, "gateway")) == 1
            clock.now += dt.timedelta(seconds=61)
            await until(lambda: lines(caplog, "gateway works again"))
    assert len(lines(caplog, "gateway has been failing for")) == 1
    assert len(lines(caplog, "gateway")) == 3


async def test_a_token_that_discord_does_not_know_is_final(loopback, app, caplog):
    loopback.token_known = False
    async with create_bot(app) as bot:
        with pytest.raises(discord.LoginFailure):
            await asyncio.wait_for(bot.start(TOKEN), 20)
    assert not lines(caplog, "tried again")


@pytest.mark.parametrize(("code", "error"), [(4004, discord.LoginFailure), (4013, PapercordError)])
async def test_a_connection_that_discord_refuses_for_good_ends_the_bot(loopback, app, code, error):
    loopback.gateway.close_codes.append(code)
    async with create_bot(app) as bot:
        with pytest.raises(error) as raised:
            await asyncio.wait_for(bot.start(TOKEN), 20)
    assert error is discord.LoginFailure or "code 4013" in str(raised.value)


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "3600 s ahead of Discord's"), (-1, "3600 s behind Discord's")]
)
async def test_a_wrong_clock_of_the_host_is_told_once(loopback, app, clock, caplog, hours, words):
    loopback.clock = lambda: clock().timestamp() - hours * 3600
    with caplog.at_level(logging.INFO):
        async with living(app):
            await until(lambda: lines(caplog, "Ready as"))
            await until(lambda: lines(caplog, "Discord was told"))
    (said,) = lines(caplog, "The clock of this host")
    assert words in said
