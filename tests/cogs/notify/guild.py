"""A server whose channels are told of news, and people who may and may not ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import discord
import pytest
import simcord

from tests.discord_app.requests import Descriptions, check_requests

MANAGER = discord.Permissions(manage_channels=True)


@dataclass
class Newsroom:
    """A server with a manager, a member, and channels of several kinds."""

    env: simcord.Env
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    forum: simcord.ChannelHandle
    hidden: simcord.ChannelHandle
    grace: simcord.MemberActor
    """May manage channels."""
    bob: simcord.MemberActor
    """May not."""


@pytest.fixture
def newsroom(simcord_env: simcord.Env, descriptions: Descriptions) -> Iterator[Newsroom]:
    guild = simcord_env.create_guild("Reading group")
    managers = guild.create_role("managers", permissions=MANAGER)
    channel = guild.create_text_channel("new-papers")
    forum = guild.create_forum_channel("questions")
    me = guild.me
    assert me is not None
    no_view = discord.PermissionOverwrite(view_channel=False)
    hidden = guild.create_text_channel("board", overwrites={me: no_view})
    grace = guild.add_member(simcord_env.create_user("grace"), roles=[managers])
    bob = guild.add_member(simcord_env.create_user("bob"))
    yield Newsroom(simcord_env, guild, channel, forum, hidden, grace, bob)
    check_requests(simcord_env.http_requests, descriptions)
