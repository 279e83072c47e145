from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.limits import fitted
from bot.papers.results import Hit, Paper, SearchAnswer, SearchPage, SearchRequest
from cogs.families import create_bot
from cogs.papers.buttons import ChooseMenu, DetailsButton
from cogs.papers.cards import search_card
from tests.discord_app.requests import (
    ANSWERED,
    DEFERRED,
    buttons_of,
    custom_ids_of,
    first_answers,
    menu_of,
    text_of,
)


async def test_a_search_finds_the_three_papers_that_speak_of_it(world):
    answer = await world.ada.slash(world.channel, "papers", query="decentralized")
    text = text_of(answer.response)
    assert "3 papers" in text
    assert all(
        title in text for title in ("DecentLaM", "Exponential Graph", "Revisiting Optimal Convergence")
    )
    assert "**decentralized**" in text.casefold()
    assert len(custom_ids_of(answer.response, "Details")) == 3
    assert not answer.ephemeral


async def test_a_british_spelling_finds_the_same(world):
    american = await world.ada.slash(world.channel, "papers", query="decentralized")
    british = await world.ada.slash(world.channel, "papers", query="decentralised")
    assert custom_ids_of(american.response, "Details") == custom_ids_of(british.response, "Details")


async def test_a_private_search_is_seen_by_one_person(world):
    answer = await world.ada.slash(world.channel, "papers", query="decentralized", private=True)
    assert answer.ephemeral
    assert "DecentLaM" in text_of(answer.response)


async def test_options_narrow_the_search(world):
    with_code = await world.ada.slash(world.channel, "papers", query="learning", code=True)
    assert " · Code" in text_of(with_code.response)
    none = await world.ada.slash(world.channel, "papers", query="decentralized", until="2001")
    assert "Nothing found" in text_of(none.response)


@pytest.mark.parametrize("date", ["some day", "2021-13", "2021-02-30", "21", "0000"])
@pytest.mark.simcord(check_errors=False)
async def test_a_date_that_is_none_is_refused_privately_before_anything_else(world, date):
    answer = await world.ada.slash(world.channel, "papers", query="graph", since=date)
    assert answer.ephemeral
    assert first_answers(world.env) == [ANSWERED]
    assert "is not a date" in answer.response.content


@pytest.mark.simcord(check_errors=False)
async def test_a_period_that_ends_before_it_begins_is_refused_privately(world):
    answer = await world.ada.slash(world.channel, "papers", query="graph", since="2024-05", until="2023")
    assert answer.ephemeral
    assert first_answers(world.env) == [ANSWERED]
    assert "exchange the two" in answer.response.content


async def test_a_year_that_holds_the_month_is_no_empty_period(world):
    answer = await world.ada.slash(world.channel, "papers", query="graph", since="2021-05", until="2021")
    assert "is not a date" not in answer.response.content
    assert first_answers(world.env) == [DEFERRED]


@pytest.mark.simcord(check_errors=False)
async def test_words_without_a_visible_letter_are_refused_privately(world):
    answer = await world.ada.slash(world.channel, "papers", query="\u200b\u202e")
    assert answer.ephemeral
    assert "nothing to look for" in answer.response.content


async def test_who_asked_turns_the_pages_and_the_message_changes(world):
    first = await world.ada.slash(world.channel, "papers", query="learning")
    assert "page 1 of" in text_of(first.response)
    before = custom_ids_of(first.response, "Details")
    assert buttons_of(first.response)["← Back"]["disabled"]
    await world.ada.click(first.response, label="More →")
    after = custom_ids_of(first.response, "Details")
    assert "page 2 of" in text_of(first.response)
    assert not set(before) & set(after)
    await world.ada.click(first.response, label="← Back")
    assert custom_ids_of(first.response, "Details") == before


async def test_others_get_a_private_copy_of_their_own(world):
    public = await world.ada.slash(world.channel, "papers", query="learning")
    before = text_of(public.response)
    copy = await world.bob.click(public.response, label="More →")
    assert copy.ephemeral
    assert "page 2 of" in text_of(copy.response)
    assert text_of(public.response) == before
    await world.bob.click(copy.response, label="← Back")
    assert "page 1 of" in text_of(copy.response)


async def test_the_last_page_has_no_more(world):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    while not buttons_of(answer.response)["More →"].get("disabled"):
        await world.ada.click(answer.response, label="More →")
        await world.env.advance_time(20)
    page, pages = text_of(answer.response).partition("page ")[2].split()[0:3:2]
    assert page == pages
    assert custom_ids_of(answer.response, "Details")


def numbers_of(message: Any) -> list[int]:
    """The numbers that stand before the titles."""
    return [int(number) for number in re.findall(r"\*\*(\d+)\. ", text_of(message))]


async def test_papers_are_numbered_through_all_pages(world):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    numbers = numbers_of(answer.response)
    while not buttons_of(answer.response)["More →"].get("disabled"):
        await world.ada.click(answer.response, label="More →")
        await world.env.advance_time(20)
        numbers += numbers_of(answer.response)
    assert len(numbers) % 6, "the last page is not full"
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_search_is_sorted_by_a_button(world):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    assert buttons_of(answer.response)["✓ Relevance"]["disabled"]
    by_relevance = custom_ids_of(answer.response, "Details")
    await world.ada.click(answer.response, label="Newest")
    assert buttons_of(answer.response)["✓ Newest"]["disabled"]
    assert custom_ids_of(answer.response, "Details") != by_relevance
    await world.ada.click(answer.response, label="Relevance")
    assert custom_ids_of(answer.response, "Details") == by_relevance


async def test_another_person_sorts_a_copy(world):
    public = await world.ada.slash(world.channel, "papers", query="learning")
    copy = await world.bob.click(public.response, label="Newest")
    assert copy.ephemeral
    assert "✓ Newest" in buttons_of(copy.response)
    assert "✓ Relevance" in buttons_of(public.response)


async def test_pages_do_not_shift_while_papers_are_added(world, add_papers):
    answer = await world.ada.slash(world.channel, "papers", query="learning", sort="newest")
    first = custom_ids_of(answer.response, "Details")
    await world.ada.click(answer.response, label="More →")
    second = custom_ids_of(answer.response, "Details")
    add_papers(*({"id": f"n{n}", "title": f"Learning {n}", "date": "2026-03-01"} for n in range(10)))
    await world.ada.click(answer.response, label="← Back")
    assert custom_ids_of(answer.response, "Details") == first
    await world.ada.click(answer.response, label="More →")
    assert custom_ids_of(answer.response, "Details") == second


async def test_buttons_work_after_a_restart(world, app):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    await world.env.restart_bot(create_bot(app))
    await world.ada.click(answer.response, label="More →")
    assert "page 2 of" in text_of(answer.response)
    details = await world.bob.click(answer.response, custom_id=custom_ids_of(answer.response, "Details")[0])
    assert details.ephemeral
    assert "BibTeX" in buttons_of(details.response)


async def test_an_expired_search_says_so_privately(world, clock):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    before = text_of(answer.response)
    clock.now += dt.timedelta(days=31)
    for label in ("More →", "Newest"):
        turned = await world.ada.click(answer.response, label=label)
        (told,) = turned.followups
        assert told.ephemeral
        assert "`/papers`" in told.content
    turned = await world.bob.click(answer.response, label="More →")
    assert turned.ephemeral
    assert "no longer kept" in turned.response.content
    assert text_of(answer.response) == before


async def test_a_misspelt_word_is_forgiven_and_what_was_meant_is_said(world):
    answer = await world.ada.slash(world.channel, "papers", query="decentralzied")
    text = text_of(answer.response)
    assert "No paper has all the words · 3 papers with corrected words · also: decentralized" in text
    assert "**With corrected words**" in text


async def test_a_phrase_that_is_not_found_is_offered_in_the_nearest_spelling(world):
    answer = await world.ada.slash(world.channel, "papers", query='"decentralzied deep"')
    assert "Did you mean" in text_of(answer.response)
    copy = await world.bob.click(answer.response, label='Search for "decentralized deep"')
    assert copy.ephemeral
    assert "1 paper" in text_of(copy.response)
    await world.ada.click(answer.response, label='Search for "decentralized deep"')
    assert "1 paper" in text_of(answer.response)


async def test_nothing_found_and_nothing_near_is_said(world):
    answer = await world.ada.slash(world.channel, "papers", query="zzqxv")
    assert "Nothing found" in text_of(answer.response)
    assert not buttons_of(answer.response)


async def test_the_first_authors_are_shown_and_the_searched_one_always(world, add_papers):
    names = [f"Author Number{letter}" for letter in "ABCDEFGH"] + ["José Núñez"]
    add_papers({"id": "a", "title": "Zebrafish behaviour", "authors": names})
    answer = await world.ada.slash(world.channel, "papers", query="zebrafish", author="Jose Nunez")
    text = text_of(answer.response)
    assert "Author NumberC, José Núñez and 5 more" in text
    assert "NumberD" not in text


async def test_titles_are_suggested_and_the_suggestion_finds_its_paper(world):
    choices = await world.ada.autocomplete(world.channel, "papers", "query", "decentl")
    assert choices
    assert all(len(choice["name"]) <= 100 for choice in choices)
    answer = await world.ada.slash(world.channel, "papers", query=choices[0]["value"])
    assert len(custom_ids_of(answer.response, "Details")) == 1
    assert "The paper that you chose" in text_of(answer.response)


@pytest.mark.simcord(check_errors=False)
async def test_a_suggested_author_narrows_the_search(world):
    choices = await world.ada.autocomplete(world.channel, "papers", "author", "kun y", query="x")
    (value,) = [choice["value"] for choice in choices if "Kun Yuan" in choice["name"]]
    answer = await world.ada.slash(world.channel, "papers", query="decentralized", author=value)
    text = text_of(answer.response)
    assert "author Kun Yuan" in text
    assert "3 papers" in text
    nobody = await world.ada.slash(world.channel, "papers", query="decentralized", author="author:999999")
    assert "nobody in the corpus" in text_of(nobody.response)


async def test_fields_and_authors_are_suggested(world):
    fields = await world.ada.autocomplete(world.channel, "papers", "field", "c", query="x")
    assert [choice["value"] for choice in fields] == ["CV"]
    authors = await world.ada.autocomplete(world.channel, "papers", "author", "pan p", query="x")
    assert any("Pan Pan" in choice["name"] for choice in authors)


async def test_the_reading_commands_work_in_private_messages(world):
    user = world.env.create_user("carol")
    answer = await user.slash("papers", query="learning")
    assert "page 1 of" in text_of(answer.response)
    await user.click(answer.response, label="More →")
    assert "page 2 of" in text_of(answer.response)
    card = await user.slash("author", name="Pan Pan")
    assert "Pan Pan" in text_of(card.response)


@pytest.mark.parametrize("query", ["\N{ROCKET}", "!!! || -", "OR |"])
async def test_a_query_without_words_says_so_and_offers_no_subscription(world, query):
    answer = await world.ada.slash(world.channel, "papers", query=query)
    assert "There is no word in it" in text_of(answer.response)
    assert text_of(answer.response).replace("\\", "").startswith(f"### {query}")
    assert not buttons_of(answer.response)


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("2603.99999", "2603.99999"),
        ("10.1000/nobody.knows", "10.1000/nobody.knows"),
    ],
)
async def test_an_unknown_identifier_is_not_here_and_can_be_looked_up(world, query, heading):
    for command, option in (("papers", "query"), ("paper", "title")):
        answer = await world.ada.slash(world.channel, command, **{option: query})
        shown = text_of(answer.response).replace("\\", "")
        assert heading in shown.splitlines()[0]
        assert "is not in this corpus" in shown
        assert list(buttons_of(answer.response)) == ["Look it up"]


async def test_a_search_by_identifier_is_headed_by_what_was_typed(world, add_papers):
    add_papers(
        {
            "id": "a",
            "title": "Zebrafish by night",
            "arxiv": "2603.00077",
            "url": "https://arxiv.org/abs/2603.00077",
        }
    )
    answer = await world.ada.slash(world.channel, "papers", query="arXiv:2603.00077v2")
    shown = text_of(answer.response).replace("\\", "")
    assert shown.startswith("### arXiv:2603.00077v2\n")
    assert "Zebrafish by night" in shown


async def test_words_with_which_one_title_alone_begins_open_it(world, add_papers):
    add_papers({"id": "a", "title": "Zebrafish by night"}, {"id": "b", "title": "Sleep of zebrafish"})
    answer = await world.ada.slash(world.channel, "paper", title="zebraf")
    assert "BibTeX" in buttons_of(answer.response)
    add_papers({"id": "c", "title": "Zebrafish by day"})
    assert "BibTeX" not in buttons_of(
        (await world.ada.slash(world.channel, "paper", title="zebraf")).response
    )
    assert "BibTeX" in buttons_of(
        (await world.ada.slash(world.channel, "paper", title="zebrafish by d")).response
    )


async def test_a_paper_of_a_page_is_chosen_to_vote_for_it_or_to_save_it(world):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    menu = menu_of(answer.response)
    assert (menu["custom_id"], menu["placeholder"]) == ("choose", "Vote or save")
    assert len(menu["options"]) == len(custom_ids_of(answer.response, "Details")) == 6
    await world.ada.click(answer.response, label="More →")
    turned = menu_of(answer.response)
    assert turned["options"] != menu["options"]
    card = await world.bob.select(answer.response, [turned["options"][0]["value"]])
    assert card.ephemeral
    assert {"👍", "Save"} <= set(buttons_of(card.response))
    one = await world.ada.slash(world.channel, "papers", query="DecentLaM")
    assert len(custom_ids_of(one.response, "Details")) == 1
    with pytest.raises(ValueError, match="unpack"):
        menu_of(one.response)


@given(st.tuples(*[st.integers(0, 6)] * 4), st.integers(0, 8))
def test_a_page_fits_whatever_its_headings_and_buttons(groups, buttons):
    names = (None, "With some of the words", "With corrected words", "With some of the words")
    headings = [name for name, number in zip(names, groups, strict=True) for _ in range(number)][:6]
    paper = Paper(source_id="t1", title="One", authors=("Ada",), attributed_to=(), id=1)
    hits = [
        Hit(
            paper,
            1,
            complete=True,
            corrected=False,
            by_meaning=False,
            matched_in=(),
            snippet=(),
            heading=one,
        )
        for one in headings
    ]
    answer = SearchAnswer(SearchRequest("one"), "one", 9, 0, None, (), (1,), 1, 1.0)
    menus = ChooseMenu.below([paper] * len(hits), in_server=True)
    controls = [DetailsButton.of(1) for _ in range(buttons)]
    card = search_card(SearchPage(answer, tuple(hits), 1, 3), controls, DetailsButton.of, menus)
    assert len(list(fitted(card).walk_children())) < 40
