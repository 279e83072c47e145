"""/list push: managers put lists of the group into its Zotero library, from the servers that may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.discord_app.client import Papercord
from bot.reading import lists
from bot.reading.lists import Reader
from bot.sources.library import Library
from bot.sources.providers.table import PROVIDERS
from cogs.families import create_bot
from tests.cogs.reading.test_lists import manager, said  # noqa: F401
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for, loopback
from tests.sources.made_zotero import GROUP_NUMBER, KEY, MadeZotero

pytestmark = pytest.mark.simcord(check_errors=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        running.answer = MadeZotero()
        yield running


@pytest.fixture
def simcord_bot(app: App, server: Loopback) -> Papercord:
    changes = {"zotero_library": GROUP_NUMBER, "zotero_key": SecretStr(KEY)}
    bot = create_bot(replace(app, settings=app.settings.model_copy(update=changes)))
    bot.library = Library(fetcher_for(server, Ticks()), dict.fromkeys(PROVIDERS, server.url))
    return bot


async def test_managers_put_a_list_of_the_group_into_the_library(world, app, manager, server):  # noqa: F811
    guild = world.channel.guild.id
    for paper in (1, 2, 3):
        lists.save(app, Reader(world.ada.id, guild), "group", paper)
    lists.save(app, Reader(manager.id, guild), "mine", 4)
    refused = await world.ada.slash(world.channel, "list push")
    assert "Manage Channels" in said(refused)
    own = await manager.slash(world.channel, "list push", list="mine")
    assert "There is no such list here" in said(own)
    assert server.seen == []

    pushed = await manager.slash(world.channel, "list push")
    assert pushed.ephemeral
    assert "3 papers of “to read” (the group’s) are new in the library of Zotero." in said(pushed)
    lists.save(app, Reader(world.ada.id, guild), "group", 5)
    again = await manager.slash(world.channel, "list push", list="to read")
    assert "1 paper of" in said(again)
    assert "There already, and left as it is: 3 papers." in said(again)

    server.answer = lambda _seen: Reply(b"no", 403)
    trouble = await manager.slash(world.channel, "list push")
    assert "Zotero refuses the key (status 403)" in said(trouble)
    none = await manager.slash(world.channel, "list push", query="zebrafish")
    assert "nothing was put into the library" in said(none)


async def test_other_servers_write_only_where_they_are_named(world, manager, simcord_bot, server):  # noqa: F811
    world.env.create_guild("another one")
    refused = await manager.slash(world.channel, "list push")
    assert "PAPERCORD_ZOTERO_SERVERS" in said(refused)
    assert server.seen == []
    guild = str(world.channel.guild.id)
    named = simcord_bot.app.settings.model_copy(update={"zotero_servers": guild})
    simcord_bot.app = replace(simcord_bot.app, settings=named)
    assert "nothing was put into the library" in said(await manager.slash(world.channel, "list push"))
