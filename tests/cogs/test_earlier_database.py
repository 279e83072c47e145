"""A database and messages that an earlier release made (commit d17b00c, tables as of migration 0007) go on
working: nothing that it kept is lost, and each of its buttons still answers.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest
from sqlalchemy import text as sql

from bot.announcements import subscriptions
from bot.app import App
from bot.store.engine import Store
from bot.store.schema import migrate
from tests.apps import Clock, close_app, open_app
from tests.cogs.notify.guild import Newsroom
from tests.conftest import ROOT
from tests.discord_app.requests import text_of

# fixtures
from tests.cogs.notify.guild import newsroom  # noqa: F401  # isort: skip

DATA = ROOT / "tests" / "data"
CUSTOM_IDS = (DATA / "custom-ids-at-0007.txt").read_text(encoding="utf-8").split()
GUILD, CHANNEL = 1456074443980800017, 1456074443980800021
"""The server and the channel for which the earlier release worked."""
LEARNING = "Y0PPXhoI_Zrw"
"""A stored search of 22 papers."""


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    """An app over the earlier database, migrated, its index made anew."""
    folder = tmp_path / "data"
    folder.mkdir()
    packed = (DATA / "database-at-0007.db.xz").read_bytes()
    (folder / "papercord.db").write_bytes(lzma.decompress(packed))
    store = Store(f"sqlite:///{folder / 'papercord.db'}")
    migrate(store)
    store.close()
    app = open_app(folder, clock)
    app.index.catch_up(app.store)
    yield app
    close_app(app)


@pytest.fixture
def reading_group(newsroom: Newsroom, app: App) -> Newsroom:  # noqa: F811
    """The earlier server under the ids of the simulated one; grace is named in PAPERCORD_ADMINS."""
    with app.store.writing() as session:
        for table in ("subscription", "message"):
            session.execute(
                sql(f"update {table} set guild_id = :new where guild_id = :old"),
                {"new": newsroom.guild.id, "old": GUILD},
            )
            session.execute(
                sql(f"update {table} set channel_id = :new where channel_id = :old"),
                {"new": newsroom.channel.id, "old": CHANNEL},
            )
    settings = app.settings.model_copy(update={"admins": str(newsroom.grace.id)})
    object.__setattr__(app, "settings", settings)
    return newsroom


async def message_with(reading_group: Newsroom, custom_id: str) -> discord.Message:
    """A message of the bot's that has an earlier button."""
    channel = reading_group.env.bot.get_channel(reading_group.channel.id)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Earlier", custom_id=custom_id))
    message = await channel.send(view=view)
    view.stop()
    return message


async def press(reading_group: Newsroom, custom_id: str):
    message = await message_with(reading_group, custom_id)
    return await reading_group.grace.click(message, custom_id=custom_id)


def scalar(app: App, statement: str):
    with app.store.reading() as session:
        return session.execute(sql(statement)).scalar()


async def test_the_corpus_is_searched_and_authors_are_found(reading_group):
    found = await reading_group.bob.slash(reading_group.channel, "papers", query="decentralized")
    assert "6 papers" in text_of(found.response)
    assert "DecentLaM" in text_of(found.response)
    card = text_of((await reading_group.bob.slash(reading_group.channel, "author", name="Li Hu")).response)
    assert "Pan Pan" in card
    assert "**29 papers**" in card  # 26 of the page and three of which people said that they are theirs


async def test_subscriptions_are_listed(reading_group):
    answer = await reading_group.grace.slash(reading_group.channel, "notify list")
    text = text_of(answer.response)
    assert "2 subscriptions" in text
    assert "decentralized" in text
    assert "graph" in text


async def test_what_was_planned_is_posted_once_and_what_is_held_waits(reading_group, app, clock):
    # At its start the bot was in no server of these messages; an hour later it looks again.
    for _ in range(3):
        clock.move(hours=2)
        await reading_group.env.bot.announcer.round()
    assert len(reading_group.channel.history()) == 1
    assert scalar(app, "select group_concat(state) from (select state from message order by id)") == (
        "sent,dropped,held,sent"  # what was planned is withdrawn while the bot is away, and planned anew
    )


async def test_a_held_message_is_tried_again_by_its_button(reading_group, app):
    await press(reading_group, "retry:3")
    assert scalar(app, "select state from message where id = 3") == "planned"


async def test_a_page_of_a_stored_search_is_shown_by_its_button(reading_group):
    person = reading_group.grace.id
    message = await message_with(reading_group, f"page:{LEARNING}:{person}:2")
    answer = await reading_group.grace.click(message, custom_id=f"page:{LEARNING}:{person}:2")
    assert "22 papers" in text_of(answer.response)
    assert "page 2 of" in text_of(answer.response)


async def test_a_correction_is_undone_by_its_button(reading_group, app):
    answer = await press(reading_group, "undo:2")
    assert "Undone by" in text_of(answer.response)
    assert scalar(app, "select undone_by from correction where id = 2") == reading_group.grace.id
    card = await reading_group.bob.slash(reading_group.channel, "author", name="Yun Zheng")
    assert "## Yun Zheng" in text_of(card.response)


async def test_the_source_the_proposal_and_the_settings_are_kept(reading_group, app):
    answer = await reading_group.bob.slash(reading_group.channel, "sources status")
    assert "1 source" in text_of(answer.response)
    await press(reading_group, "proposal:add:1")
    assert scalar(app, "select decided_by from paper_proposal where id = 1") == reading_group.grace.id
    assert scalar(app, "select value from note where name = 'a setting of that time'") == "kept"
    assert len(subscriptions.list_all(app, reading_group.guild.id)) == 2


@pytest.mark.parametrize("form", CUSTOM_IDS)
@pytest.mark.simcord(check_errors=False)
async def test_each_earlier_button_is_answered_once(reading_group, form):
    custom_id = form.format(person=reading_group.grace.id, channel=reading_group.channel.id)
    await press(reading_group, custom_id)
    answers = [one for one in reading_group.env.http_requests if one.path.endswith("/callback")]
    assert len(answers) == 1
    refused = [error for error in reading_group.env.errors if "InteractionResponded" in repr(error)]
    assert refused == []


@pytest.mark.simcord(check_errors=False)
async def test_what_no_button_means_is_not_answered(reading_group):
    await press(reading_group, "paper:none")
    assert [one for one in reading_group.env.http_requests if one.path.endswith("/callback")] == []
