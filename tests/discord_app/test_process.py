"""`papercord run` as a process against a loopback Discord: what it logs, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AUTHOR_PAGE, ROOT
from tests.databases import PostgresServer
from tests.loopback_discord.faults import Fault
from tests.loopback_discord.interactions import interaction
from tests.loopback_discord.server import LoopbackDiscord

TOKEN = "MTA0.G4xY.a-secret_token"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OQ"
QUERY = "zebrafish whisperers"
RUN = """
import sys, yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sys.argv[1], yarl.URL(sys.argv[2])
sys.argv = ["papercord", *sys.argv[3:]]
from bot.__main__ import main
main()
"""


class Running:
    """A bot as a process, and the lines of its log."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.log = ""

    async def says(self, words: str) -> None:
        """Read its log until these words are in it."""
        assert self.process.stderr is not None
        async with asyncio.timeout(60):
            while words not in self.log:
                line = (await self.process.stderr.readline()).decode()
                assert line, f"it ended without {words!r}: {self.log}"
                self.log += line

    async def end(self, number: int = signal.SIGTERM) -> int:
        """End it in order; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end; its exit code."""
        assert self.process.stderr is not None
        async with asyncio.timeout(60):
            self.log += (await self.process.stderr.read()).decode()
            return await self.process.wait()


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    server = LoopbackDiscord(time.time)
    await server.start()
    yield server
    await server.close()


@pytest.fixture
async def run(server: LoopbackDiscord, tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    started: list[Running] = []

    async def run_bot(level: str = "INFO", *arguments: str, **environment: str) -> Running:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            RUN,
            server.url,
            server.gateway.url,
            *(arguments or ("run",)),
            cwd=ROOT,
            stdout=PIPE,
            stderr=PIPE,
            env=os.environ
            | {"DISCORD_TOKEN": TOKEN, "PAPERCORD_DATA_DIR": str(tmp_path), "PAPERCORD_LOG_LEVEL": level}
            | environment,
            limit=2**22,
        )
        started.append(Running(process))
        return started[-1]

    yield run_bot
    for each in started:
        if each.process.returncode is None:
            each.process.kill()
        await each.ended()


async def test_a_whole_run_at_debug_shows_neither_tokens_nor_what_was_typed(server, run):
    bot = await run("DEBUG")
    await bot.says("Ready as papercord")
    await bot.says("Discord was told")
    await server.gateway.send("INTERACTION_CREATE", interaction("papers", INTERACTION, query=QUERY))
    async with asyncio.timeout(30):
        while not server.interactions.answers:  # noqa: ASYNC110 - another process makes it so
            await asyncio.sleep(0.02)
    assert QUERY in str(server.interactions.answers)
    server.gateway.cut()
    await bot.says("gateway works again")
    assert await bot.end() == 0
    assert "DEBUG" in bot.log
    assert TOKEN not in bot.log
    assert INTERACTION not in bot.log
    for word in QUERY.split():
        assert word not in bot.log


async def test_an_ordinary_run_logs_one_line_for_each_thing(run):
    bot = await run()
    await bot.says("Ready as papercord, in 0 servers.")
    await bot.says("This process announces now.")
    assert await bot.end() == 0
    assert bot.log.count("Ready as") == 1
    assert bot.log.count("announces now") == 1
    assert bot.log.count("announces no longer") == 1
    assert "Traceback" not in bot.log
    assert " discord." not in bot.log
    assert "voice" not in bot.log


async def test_a_wrong_token_ends_it_with_one_plain_line(server, run):
    server.token_known = False
    bot = await run()
    assert await bot.ended() == 2
    assert bot.log.splitlines()[-1].startswith("papercord: Discord refuses DISCORD_TOKEN")
    assert bot.log.count("token") == 1
    assert "Traceback" not in bot.log


async def test_a_signal_ends_it_also_while_it_pauses_before_another_try(server, run):
    server.start_faults = lambda what: Fault(503) if what == "login" else None
    bot = await run()
    await bot.says("tried again in 4 s")
    assert await bot.end() == 0
    assert bot.log.count("Logging in to Discord failed (503 Service Unavailable") == 3
    assert "Traceback" not in bot.log


async def test_the_commands_that_discord_has_are_shown_removed_and_registered_on_request(server, run):
    async def papercord(*arguments: str) -> dict[str, Any]:
        process = (await run("WARNING", "commands", *arguments, "--json")).process
        printed, said = await process.communicate()
        assert process.returncode == 0, said
        return json.loads(printed)

    everything = (await papercord("sync"))["changed"]
    assert {"papers", "author", "notify"} <= set(everything)
    assert (await papercord("sync"))["changed"] == []
    assert server.interactions.told == 1
    shown = await papercord("show")
    assert [one["name"] for one in shown["commands"]] == [one["name"] for one in server.interactions.commands]
    assert shown["differing"] == []

    assert (await papercord("sync", "--guild", "77"))["changed"] == everything
    assert await papercord("clear", "--guild", "77") == {"removed": len(everything)}
    assert server.interactions.of_guilds == {"77": []}
    assert await papercord("clear") == {"removed": len(everything)}
    assert (await papercord("show"))["differing"] == everything

    server.token_known = False
    refused = await run("WARNING", "commands", "show")
    assert await refused.ended() == 2
    assert "Discord refuses DISCORD_TOKEN" in refused.log


async def test_two_processes_with_one_database_share_the_shards_and_one_takes_over(
    server: LoopbackDiscord, run: Callable[..., Any], tmp_path: Path, postgresql: PostgresServer
):
    server.gateway.shards = 2
    url = postgresql.new_database()

    async def papercord(host: str, *arguments: str, level: str = "INFO") -> Running:
        own = {"PAPERCORD_DATA_DIR": str(tmp_path / host), "PAPERCORD_DATABASE_URL": url}
        return await run(level, *arguments, PAPERCORD_MEANING="off", **own)

    async def status() -> dict[str, Any]:
        process = (await papercord("third", "status", "--json", level="ERROR")).process
        printed, said = await process.communicate()
        assert process.returncode == 0, said
        return json.loads(printed)

    async def shown(is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(90):
            while not is_there(found := await status()):
                pass
        return found

    # Together: who is alone takes all shards, and others get theirs ten minutes later.
    server.gateway.together = asyncio.Barrier(2)
    server.gateway.may_begin.clear()  # nor does one that connects sooner than the other begins
    both = await asyncio.gather(*(papercord(host, "run", "--shards", "auto") for host in ("one", "two")))
    await shown(lambda found: sum(bool(each["shards"]) for each in found["processes"]) == 2)
    server.gateway.may_begin.set()
    await asyncio.gather(*(bot.says("of the 2 shards now") for bot in both))
    found = await shown(lambda found: sorted(each["shards"] for each in found["processes"]) == [[0], [1]])
    assert {each["name"].rpartition(":")[2] for each in found["processes"]} == {
        str(bot.process.pid) for bot in both
    }
    assert server.interactions.told == 1
    importing = await papercord("third", "import", str(AUTHOR_PAGE))
    assert await importing.ended() == 0
    await shown(
        lambda found: (
            found["papers"] == 26
            and all(each["index_revision"] == found["revision"] for each in found["processes"])
        )
    )
    one, other = both
    assert await one.end(signal.SIGTERM) == 0
    await other.says("This process serves these of the 2 shards now: 0-1.")
    found = await shown(lambda found: [each["shards"] for each in found["processes"]] == [[0, 1]])
    await other.says("This process announces now.")
    assert server.interactions.told == 1
    moments = [moment for moment, _ in server.gateway.identified]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 5.0
    assert await other.end() == 0
    assert (await status())["processes"] == []
    assert [bot.log for bot in both if "Traceback" in bot.log] == []
