from __future__ import annotations

import pytest
from sqlalchemy import Engine, event

from tests.discord_app.requests import custom_ids_of, menu_of, text_of


@pytest.mark.parametrize("name", ["Pan Pan", "pan pan", "Pan, Pan"])
async def test_an_exact_name_gives_the_card(world, name):
    answer = await world.ada.slash(world.channel, "author", name=name)
    text = text_of(answer.response)
    assert "Reported by the author page" in text
    assert "h-index **98**" in text
    assert "citations **1,791**" in text
    assert "Novelty **55%**" in text
    assert "AI Score **48**" in text
    assert "15 Mar 2026" in text


async def test_what_the_corpus_shows_stands_apart(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    reported, _, corpus = text_of(answer.response).partition("**In this corpus**")
    assert "98" not in corpus
    assert "26 papers" in corpus
    assert "10 name Pan Pan" in corpus
    assert "CV 19 · LG 6 · IR 1" in corpus
    assert "2 with code" in corpus
    assert "With Yun Zheng (7)" in corpus
    assert "⚠" in reported


async def test_the_newest_papers_have_details(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    papers = await world.bob.click(answer.response, label="Papers")
    assert papers.ephemeral
    assert "8 of 26 papers" in text_of(papers.response)
    details = await world.bob.click(papers.response, custom_id=custom_ids_of(papers.response, "Details")[0])
    assert details.ephemeral
    assert "(year inferred)" in text_of(details.response)


@pytest.mark.parametrize("name", ["Pna Pan", "Wei Pan"])
async def test_a_name_that_is_not_exact_is_never_answered(world, name):
    answer = await world.ada.slash(world.channel, "author", name=name)
    text = text_of(answer.response)
    assert "h-index" not in text
    assert f"“{name}”" in text


async def test_a_choice_becomes_the_card_of_who_asked_and_a_copy_for_others(world):
    answer = await world.ada.slash(world.channel, "author", name="Pna Pan")
    options = menu_of(answer.response)["options"]
    value = next(option["value"] for option in options if option["label"] == "Pan Pan")
    copy = await world.bob.select(answer.response, [value])
    assert copy.ephemeral
    assert "h-index **98**" in text_of(copy.response)
    assert "No exact match" in text_of(answer.response)
    await world.ada.select(answer.response, [value])
    assert "h-index **98**" in text_of(answer.response)


async def test_nobody_of_that_name_is_said(world):
    answer = await world.ada.slash(world.channel, "author", name="Xqzw Vkjb")
    assert "No author “Xqzw Vkjb”" in text_of(answer.response)


async def test_missing_figures_are_not_given_and_never_zero(world, add_papers):
    add_papers({"id": "a", "title": "Zebrafish alone", "authors": ["Robin Singular"]})
    answer = await world.ada.slash(world.channel, "author", name="Robin Singular")
    text = text_of(answer.response)
    assert "eported" not in text
    assert "h-index" not in text


async def test_namesakes_are_asked_about_and_not_called_inexact(world, add_papers):
    for number in (1, 2):
        add_papers(
            {
                "id": f"{number}",
                "title": f"Of names, part {number}",
                "authors": ["Wei Li"],
                "author_ids": [f"~Wei_Li{number}"],
            }
        )
    answer = await world.ada.slash(world.channel, "author", name="wei li")
    text = text_of(answer.response)
    assert "2 people are called “wei li”" in text
    assert "No exact match" not in text


async def test_names_are_suggested_and_the_suggestion_is_exact(world):
    choices = await world.ada.autocomplete(world.channel, "author", "name", "pan p")
    value = next(choice["value"] for choice in choices if "Pan Pan" in choice["name"])
    answer = await world.ada.slash(world.channel, "author", name=value)
    assert "h-index **98**" in text_of(answer.response)


async def test_corrections_are_loaded_once_for_a_card(world):
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others):
        if "FROM correction" in statement:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await world.ada.slash(world.channel, "author", name="Pan Pan")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(sent) == 1, sent
