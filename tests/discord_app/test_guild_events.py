"""What happens in servers, as the gateway says: permissions given back, the bot removed and invited again."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import discord
import pytest

from bot.announcements import guilds, status, subscriptions
from bot.announcements.results import Filters
from bot.app import App
from bot.discord_app import dispatcher
from bot.ingest.importer import import_files
from bot.store.models import PlaceKind
from tests.announcements.announcer import GUILD, papers, write_papers
from tests.apps import Clock, close_app, open_app
from tests.discord_app.running_bot import living, until
from tests.loopback_discord.gateway import OWN_USER
from tests.loopback_discord.server import LoopbackDiscord

CHANNEL, THREAD, FORUM, ROLE = 5, 50, 6, 8
RIGHTS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)


@pytest.fixture
def app(tmp_path, prepared_databases, clock: Clock) -> Iterator[App]:
    app = open_app(tmp_path, clock)
    yield app
    close_app(app)


def role(role_id: int, permissions: discord.Permissions) -> dict[str, Any]:
    return {
        "id": str(role_id),
        "name": "role",
        "permissions": str(permissions.value),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel(channel_id: int, kind: int, *overwrites: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(channel_id),
        "guild_id": str(GUILD),
        "type": kind,
        "name": f"channel-{channel_id}",
        "position": 0,
        "permission_overwrites": list(overwrites),
        "nsfw": False,
        "parent_id": None,
        "available_tags": [],
        "flags": 0,
    }


def own_member(*roles: int) -> dict[str, Any]:
    return {
        "user": OWN_USER,
        "roles": [str(one) for one in roles],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "guild_id": str(GUILD),
    }


def server(*, everyone: discord.Permissions) -> dict[str, Any]:
    return {
        "id": str(GUILD),
        "name": "Reading group",
        "owner_id": "1",
        "roles": [role(GUILD, everyone), role(ROLE, RIGHTS)],
        "members": [own_member()],
        "member_count": 2,
        "channels": [channel(CHANNEL, 0), channel(FORUM, 15)],
        "threads": [],
        "emojis": [],
        "features": [],
        "stickers": [],
        "verification_level": 0,
        "premium_tier": 0,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "preferred_locale": "en-US",
        "large": False,
        "unavailable": False,
    }


def subscribe_all(app: App, loopback: LoopbackDiscord) -> None:
    """A channel, a thread of it that is archived, and a forum."""
    loopback.add_channel(CHANNEL)
    loopback.add_channel(THREAD).parent = str(CHANNEL)
    loopback.add_forum(FORUM)
    for channel_id, place, parent in (
        (CHANNEL, PlaceKind.CHANNEL, None),
        (THREAD, PlaceKind.THREAD, CHANNEL),
        (FORUM, PlaceKind.FORUM, None),
    ):
        subscriptions.add(
            app,
            guild_id=GUILD,
            channel_id=channel_id,
            place=place,
            parent_id=parent,
            creator_id=1,
            filters=Filters(),
        )


PLACES = (CHANNEL, THREAD, FORUM)


def let_write(loopback: LoopbackDiscord, *, may: bool) -> None:
    for place in PLACES:
        loopback.channels[str(place)].may_send = may


@pytest.mark.parametrize("event", ["channel", "role", "own member"])
async def test_permissions_given_back_are_noticed_as_the_gateway_tells_them(loopback, app, clock, event: str):
    subscribe_all(app, loopback)
    let_write(loopback, may=False)
    nothing = discord.Permissions.none()
    async with living(app) as bot:
        await until(bot.is_ready)
        await loopback.gateway.send("GUILD_CREATE", server(everyone=nothing))
        await until(lambda: bot.get_guild(GUILD))
        import_files(app, [write_papers(app, papers(1))])
        await until(lambda: len(status.refusing_channels(app, GUILD)) == 3)
        clock.now += dt.timedelta(seconds=1)

        let_write(loopback, may=True)
        match event:
            case "channel":
                allowed = {"id": str(GUILD), "type": 0, "allow": str(RIGHTS.value), "deny": "0"}
                for place, kind in ((CHANNEL, 0), (FORUM, 15)):
                    await loopback.gateway.send("CHANNEL_UPDATE", channel(place, kind, allowed))
            case "role":
                event_data = {"guild_id": str(GUILD), "role": role(GUILD, RIGHTS)}
                await loopback.gateway.send("GUILD_ROLE_UPDATE", event_data)
            case _:
                await loopback.gateway.send("GUILD_MEMBER_UPDATE", own_member(ROLE))

        await until(lambda: not status.refusing_channels(app, GUILD))
        await until(
            lambda: (
                len(loopback.visible(CHANNEL)) == len(loopback.visible(THREAD)) == 1
                and len(loopback.posts(FORUM)) == 1
            )
        )


async def test_a_server_that_comes_while_servers_are_looked_after_is_not_missing(
    loopback, app, clock, monkeypatch
):
    begun, go_on = threading.Event(), threading.Event()

    def look_after_guilds(*arguments: Any) -> None:
        begun.set()
        assert go_on.wait(10)
        guilds.look_after_guilds(*arguments)

    monkeypatch.setattr(dispatcher, "look_after_guilds", look_after_guilds)
    subscribe_all(app, loopback)
    async with living(app) as bot:
        await until(bot.is_ready)
        await until(begun.is_set)
        await loopback.gateway.send("GUILD_CREATE", server(everyone=RIGHTS))
        await until(lambda: bot.get_guild(GUILD))
        go_on.set()
        import_files(app, [write_papers(app, papers(1))])

        await until(lambda: len(loopback.visible(CHANNEL)) == 1)


async def test_a_removed_bot_finds_its_threads_and_forums_again_within_30_days(loopback, app, clock):
    subscribe_all(app, loopback)
    async with living(app) as bot:
        await until(bot.is_ready)
        await loopback.gateway.send("GUILD_CREATE", server(everyone=RIGHTS))
        await until(lambda: bot.get_guild(GUILD))
        before = subscriptions.list_all(app, GUILD)
        await loopback.gateway.send("GUILD_DELETE", {"id": str(GUILD), "unavailable": False})
        await until(lambda: bot.get_guild(GUILD) is None)
        clock.now += dt.timedelta(days=29)
        import_files(app, [write_papers(app, papers(1))])
        await loopback.gateway.send("GUILD_CREATE", server(everyone=RIGHTS))

        await until(
            lambda: (
                len(loopback.visible(CHANNEL)) == len(loopback.visible(THREAD)) == 1
                and len(loopback.posts(FORUM)) == 1
            )
        )
        after = subscriptions.list_all(app, GUILD)
    assert [(one.id, one.place, one.parent_id) for one in after] == [
        (one.id, one.place, one.parent_id) for one in before
    ]


async def test_a_thread_and_a_channel_that_are_deleted_are_known_at_once(loopback, app):
    subscribe_all(app, loopback)
    async with living(app) as bot:
        await until(bot.is_ready)
        await loopback.gateway.send("GUILD_CREATE", server(everyone=RIGHTS))
        await until(lambda: bot.get_guild(GUILD))
        gone = {"id": str(THREAD), "guild_id": str(GUILD), "parent_id": str(CHANNEL), "type": 11}
        await loopback.gateway.send("THREAD_DELETE", gone)
        await loopback.gateway.send("CHANNEL_DELETE", channel(FORUM, 15))
        await until(
            lambda: (
                [one.channel_id for one in subscriptions.list_all(app, GUILD) if one.paused]
                == [THREAD, FORUM]
            )
        )
