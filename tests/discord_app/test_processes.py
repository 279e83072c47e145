"""Two processes serve one bot: each has some of the shards, and one takes over what the other leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.announcements.status import announcer_status
from bot.app import App
from bot.discord_app import dispatcher, identify, shards, transport
from bot.discord_app.lifecycle import RunningBot
from bot.ingest.importer import import_files
from bot.lease import Lease, LeaseLostError
from bot.shards import Share
from cogs.families import FAMILIES
from tests.announcements.announcer import papers, write_papers
from tests.apps import Clock, close_app, open_app
from tests.discord_app.running_bot import lines, living, no_traceback, until
from tests.discord_app.test_guild_events import RIGHTS, server
from tests.loopback_discord.interactions import interaction

SHARDS = 4


@pytest.fixture
def apps(tmp_path: Path, clock: Clock) -> Iterator[list[App]]:
    """Two hosts with one database; a file serves as well, as long as both are here."""
    url = f"sqlite:///{tmp_path / 'papercord.db'}"
    apps = [open_app(tmp_path / name, clock, url=url) for name in ("one", "two")]
    yield apps
    for app in apps:
        close_app(app)


def server_of(shard: int) -> dict:
    """A server whose events come over this shard, with one channel."""
    guild_id = (shard + SHARDS << 22) | 7
    found = server(everyone=RIGHTS) | {"id": str(guild_id)}
    channel = found["channels"][0] | {"id": str(guild_id + 1), "guild_id": str(guild_id)}
    roles = [found["roles"][0] | {"id": str(guild_id)}]
    return found | {"channels": [channel], "roles": roles}


@asynccontextmanager
async def one_of_two(app: App) -> AsyncIterator[RunningBot]:
    async with living(app, RunningBot(app, FAMILIES, Share.AUTO)) as bot:
        yield bot


async def longest_wait(first: RunningBot, second: RunningBot, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds until the last of 25 requests of the one that announces may be sent."""
    [announcer] = [bot.announcer for bot in (first, second) if bot.announcer and bot.announcer.lease.is_held]
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    with monkeypatch.context() as at_once:
        at_once.setattr(transport.asyncio, "sleep", wait)
        for _ in range(25):
            await announcer._transport.wait_for_turn()
    return max(waits)


def shards_of(bot: RunningBot) -> set[int]:
    return set(bot.shards_here.gateways)


async def test_two_processes_share_the_shards_and_one_takes_over_those_of_the_other(
    loopback, apps, caplog, monkeypatch
):
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 0.05)
    monkeypatch.setattr(dispatcher, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(shards, "EVERY_SECONDS", 0.1)
    loopback.gateway.shards = SHARDS
    servers = [server_of(shard) for shard in range(SHARDS)]
    loopback.gateway.servers = {shard: [each] for shard, each in enumerate(servers)}
    for each in servers:
        channel_id = int(each["channels"][0]["id"])
        loopback.add_channel(channel_id)
        subscriptions.add(
            apps[0], guild_id=int(each["id"]), channel_id=channel_id, creator_id=1, filters=Filters()
        )
    caplog.set_level("INFO")
    async with AsyncExitStack() as rest:
        second = await rest.enter_async_context(one_of_two(apps[1]))
        async with one_of_two(apps[0]) as first:
            await until(lambda: len(loopback.gateway.identified) == SHARDS)
            await until(lambda: first.has_gateway and second.has_gateway)
            assert shards_of(first) | shards_of(second) == set(range(SHARDS))
            assert not shards_of(first) & shards_of(second)
            assert first.processes == second.processes == 2
            await until(lambda: len(first.guilds) + len(second.guilds) == SHARDS)

            import_files(apps[0], [write_papers(apps[0], papers(1))])
            await until(lambda: all(loopback.visible(int(each["channels"][0]["id"])) for each in servers))
            for shard in range(SHARDS):
                data = interaction("about", f"t{shard}")
                await loopback.gateway.send("INTERACTION_CREATE", data, shard=shard)
            await until(lambda: len(loopback.interactions.by_token) == SHARDS)
            assert loopback.interactions.told == 1
            assert await longest_wait(first, second, monkeypatch) <= 1.0
        await until(lambda: shards_of(second) == set(range(SHARDS)) and second.has_gateway)
        assert second.processes == 1
        # What another process knew is not missing.
        missing = [one for one in subscriptions.list_all(apps[1], int(servers[0]["id"])) if one.paused]
        assert not missing
        await loopback.gateway.send("INTERACTION_CREATE", interaction("about", "t9"), shard=0)
        await until(lambda: loopback.interactions.by_token["t9"])
    assert all(len(by) == 1 for by in loopback.interactions.acknowledged.values())
    assert lines(caplog, "This process serves these of the 4 shards now: 0-3.")
    seen = [loopback.seen_papers(int(each["channels"][0]["id"])) for each in servers]
    assert all(set(one.values()) == {1} for one in seen)


async def test_who_crashes_again_and_again_leaves_half_of_the_sessions_of_the_day(
    loopback, apps, monkeypatch
):
    monkeypatch.setattr(shards, "EVERY_SECONDS", 0.05)
    total, lives = 12, 11
    loopback.gateway.total, loopback.gateway.reset_after = total, 86_400.0
    for life in range(lives):
        async with living(apps[life % 2], RunningBot(apps[life % 2], FAMILIES, Share.AUTO)) as bot:
            await until(lambda: bot.has_gateway or (bot.shards_here.gateways and is_spread(bot)))
    # Two more at most: Discord says only at the next start how many are left, and the last one may be ended
    # before it begins its session.
    assert total // 2 + 1 <= loopback.gateway.seen["identify"] <= total // 2 + 2


def is_spread(bot: RunningBot) -> bool:
    """Whether it waits for its part of the sessions that are left."""
    return not bot.shards_here.identifications.known.is_ample


async def test_a_process_whose_lease_ends_lets_go_and_resumes_its_sessions_later(loopback, apps, monkeypatch):
    monkeypatch.setattr(shards, "EVERY_SECONDS", 0.05)
    app = apps[0]
    async with one_of_two(app) as bot:
        await until(lambda: bot.has_gateway)
        lease = bot.shards_here._lease

        def fails(*_arguments: object, **_options: object) -> frozenset[int]:
            lease._ends = None
            raise OSError("the database is away")

        with monkeypatch.context() as broken:
            broken.setattr(lease, "claim", fails)
            await until(lambda: not shards_of(bot))
            assert not bot.has_gateway
        await until(lambda: shards_of(bot) and bot.has_gateway)
        assert loopback.gateway.seen["identify"] == 1
        assert loopback.gateway.seen["resume"] == 1


async def test_two_processes_on_sqlite_are_told_that_one_has_to_stop(loopback, apps, caplog):
    async with living(apps[0]) as first, living(apps[1]) as second:
        await until(lambda: first.has_gateway and second.has_gateway)
        await until(lambda: lines(caplog, "Another process serves this bot"))
    assert all("stop one of them" in line for line in lines(caplog, "Another process serves this bot"))


async def test_a_lease_that_is_lost_at_the_end_of_a_round_is_no_failure(loopback, apps, caplog, monkeypatch):
    def lost(_app: App, lease: Lease) -> None:
        lease._end = None  # as after the database changed over to another server
        raise LeaseLostError

    monkeypatch.setattr(dispatcher, "record_run", lost)
    async with living(apps[0]) as bot:
        await until(lambda: bot.has_gateway and lines(caplog, "announces no longer"))
    assert not lines(caplog, "failed")
    assert no_traceback(caplog)


async def test_rounds_are_recorded_where_the_clock_is_set_back(loopback, apps, clock):
    app = apps[0]
    async with living(app):
        await until(lambda: announcer_status(app).last_run)
        clock.move(hours=-2)
        await until(lambda: announcer_status(app).last_run <= clock())
