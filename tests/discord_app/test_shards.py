"""Several shards in one process: each has its servers, its sessions and its turn to identify itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.app import App
from bot.discord_app import dispatcher, identify
from bot.ingest.importer import import_files
from tests.announcements.announcer import papers, write_papers
from tests.apps import Clock, close_app, open_app
from tests.discord_app.running_bot import living, until
from tests.discord_app.test_guild_events import RIGHTS, server
from tests.loopback_discord.interactions import interaction

SHARDS = 3


@pytest.fixture
def app(tmp_path, prepared_databases, clock: Clock) -> Iterator[App]:
    app = open_app(tmp_path, clock)
    yield app
    close_app(app)


def server_of(shard: int) -> dict:
    """A server whose events come over this shard, with one channel."""
    guild_id = (shard + SHARDS << 22) | 7
    found = server(everyone=RIGHTS) | {"id": str(guild_id)}
    channel = found["channels"][0] | {"id": str(guild_id + 1), "guild_id": str(guild_id)}
    roles = [found["roles"][0] | {"id": str(guild_id)}]
    return found | {"channels": [channel], "roles": roles}


async def test_rounds_commands_and_events_of_servers_work_over_all_shards(loopback, app, monkeypatch):
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 0.05)
    monkeypatch.setattr(dispatcher, "EVERY_SECONDS", 0.05)
    loopback.gateway.shards = SHARDS
    servers = [server_of(shard) for shard in range(SHARDS)]
    for each in servers:
        channel_id = int(each["channels"][0]["id"])
        loopback.add_channel(channel_id)
        subscriptions.add(
            app, guild_id=int(each["id"]), channel_id=channel_id, creator_id=1, filters=Filters()
        )
    async with living(app) as bot:
        await until(bot.is_ready)
        await until(lambda: bot.has_gateway)
        assert bot.shard_count == SHARDS
        assert sorted(shard for _, shard in loopback.gateway.identified) == list(range(SHARDS))
        for shard, each in enumerate(servers):
            await loopback.gateway.send("GUILD_CREATE", each, shard=shard)
        await until(lambda: len(bot.guilds) == SHARDS)
        assert [bot.get_guild(int(each["id"])).shard_id for each in servers] == list(range(SHARDS))

        import_files(app, [write_papers(app, papers(1))])
        await until(lambda: all(loopback.visible(int(each["channels"][0]["id"])) for each in servers))

        await loopback.gateway.send("INTERACTION_CREATE", interaction("about", "t"), shard=2)
        await until(lambda: loopback.interactions.answers)

        loopback.gateway.cut(shard=1)
        await until(lambda: not bot.has_gateway)
        await until(lambda: bot.has_gateway)
        assert loopback.gateway.seen["resume"] == 1
        gone = {"id": servers[1]["id"]}
        await loopback.gateway.send("GUILD_DELETE", gone, shard=1)
        await until(lambda: len(bot.guilds) == SHARDS - 1)
        [left] = {one.guild_id for one in subscriptions.list_all(app, int(servers[0]["id"]))}
        assert left == int(servers[0]["id"])
