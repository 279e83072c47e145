from __future__ import annotations

import re

import bot
from bot.papers.saved_searches import count_of_person
from bot.reading import lists
from bot.reading.lists import Reader
from bot.reading.votes import vote
from tests.discord_app.requests import buttons_of, text_of


async def test_about_tells_the_state(world):
    answer = await world.ada.slash(world.channel, "about")
    text = text_of(answer.response)
    assert answer.ephemeral
    assert bot.__version__ in text
    assert "26 papers" in text
    assert "CV 19" in text
    assert "author-page-pan-pan.txt" in text.replace("\\", "")
    assert "Report problems to" in text


async def test_about_links_to_where_problems_are_reported(world, app):
    settings = app.settings.model_copy(update={"report_url": "https://example.org/problems"})
    object.__setattr__(app, "settings", settings)
    answer = await world.ada.slash(world.channel, "about")
    assert buttons_of(answer.response)["Report a problem"]["url"] == "https://example.org/problems"


async def test_about_begins_with_search_authors_and_news_and_shows_what_is_used_here(world, app):
    first = text_of((await world.ada.slash(world.channel, "about")).response)
    commands = re.findall(r"`/(\w+)", first)
    assert commands[:4] == ["papers", "author", "notify", "alerts"]
    assert not {"list", "top", "club"} & set(commands)
    guild = world.channel.guild.id
    lists.save(app, Reader(world.bob.id, guild), "mine", 1)
    bob = text_of((await world.bob.slash(world.channel, "about")).response)
    assert "`/list`" in bob
    assert "`/list`" not in text_of((await world.ada.slash(world.channel, "about")).response)
    vote(app, guild, 1, world.bob.id)
    lists.save(app, Reader(world.bob.id, guild), "group", 1)
    used = text_of((await world.ada.slash(world.channel, "about")).response)
    assert "`/list`" in used
    assert "`/top`" in used


async def test_privacy_says_what_is_stored_and_deletes_it_after_a_question(world, app):
    search = await world.ada.slash(world.channel, "papers", query="learning")
    await world.bob.slash(world.channel, "papers", query="learning")
    answer = await world.ada.slash(world.channel, "privacy")
    assert answer.ephemeral
    assert "30 days" in text_of(answer.response)
    assert "**1 search** is stored now" in text_of(answer.response)
    await world.ada.click(answer.response, label="Delete what is stored of me")
    assert count_of_person(app, world.ada.id) == 1
    await world.ada.click(answer.response, label="Delete")
    assert "1 stored search of yours is gone" in text_of(answer.response)
    assert count_of_person(app, world.ada.id) == 0
    assert count_of_person(app, world.bob.id) == 1
    turned = await world.ada.click(search.response, label="More →")
    assert "no longer kept" in turned.followups[0].content


async def test_who_changes_their_mind_keeps_everything(world, app):
    await world.ada.slash(world.channel, "papers", query="learning")
    answer = await world.ada.slash(world.channel, "privacy")
    await world.ada.click(answer.response, label="Delete what is stored of me")
    await world.ada.click(answer.response, label="Keep")
    assert "**1 search** is stored now" in text_of(answer.response)
    assert count_of_person(app, world.ada.id) == 1


async def test_nothing_stored_has_no_button(world):
    answer = await world.ada.slash(world.channel, "privacy")
    assert "**0 searches** are stored now" in text_of(answer.response)
    assert not buttons_of(answer.response)
