"""What is abbreviated in a query is found where papers write it out, and the other way round."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import search
from tests.apps import add
from tests.papers.conftest import bold, find, titles

DEFINED = (
    {"title": "Ropes", "abstract": "We use question answering (QA) on ropes."},
    {"title": "Sails", "abstract": "Question answering (QA) on sails."},
)
LONG = {"title": "Question answering for lighthouses", "abstract": "Keepers ask."}
SHORT = {"title": "A QA set of lighthouses", "abstract": "Keepers answer."}


def test_both_forms_find_each_other(empty_app: App):
    add(empty_app, *DEFINED, LONG, SHORT, {"title": "Lighthouses", "abstract": "An answering machine."})
    for typed, first, second in (
        ("QA lighthouses", SHORT, LONG),
        ("qa lighthouses", SHORT, LONG),
        ("QAs lighthouses", SHORT, LONG),
        ("question answering lighthouses", LONG, SHORT),
        ("question-answering lighthouses", LONG, SHORT),
    ):
        page = find(empty_app, typed)
        assert titles(page)[:2] == [first["title"], second["title"]], typed
        assert page.answer.total == 2, typed


def test_the_other_form_is_named_and_marked(empty_app: App):
    add(empty_app, *DEFINED, LONG)
    page = find(empty_app, "QA keepers")
    assert page.answer.variants == ("question answering",)
    assert page.hits[0].matched_in == ("title", "abstract")
    add(empty_app, {**LONG, "title": "Lighthouses", "abstract": "Question answering of keepers."})
    assert {"Question", "answering", "keepers"} <= set(bold(find(empty_app, "QA of keepers").hits[0]))


def test_quoted_ones_stand_for_themselves(empty_app: App):
    add(empty_app, *DEFINED, LONG)
    assert search(empty_app, SearchRequest('"QA" keepers')).total == 0


@pytest.mark.parametrize(
    "papers",
    [
        pytest.param([DEFINED[0]], id="defined once"),
        pytest.param(
            [*DEFINED, *({"title": f"Dock {n}", "abstract": "Quality assurance (QA)."} for n in range(3))],
            id="mostly something else",
        ),
        pytest.param([*DEFINED, *({"title": f"Qa {n}"} for n in range(50))], id="mostly a word"),
    ],
)
def test_what_papers_do_not_agree_on_is_not_written_out(empty_app: App, papers: list[dict[str, str]]):
    add(empty_app, *papers, LONG, SHORT)
    assert search(empty_app, SearchRequest("QA keepers")).total == 1
    assert search(empty_app, SearchRequest("question answering keepers")).total == 1


def test_a_name_is_no_abbreviation(empty_app: App):
    add(
        empty_app,
        {"title": "Ropes", "abstract": "Multi-agent (MA) ropes."},
        {"title": "Sails", "abstract": "Multi-agent (MA) sails."},
        {"title": "Of somebody", "authors": ["Yi Ma"]},
    )
    assert "Of somebody" not in titles(find(empty_app, "multi agent"))


def test_what_is_written_out_in_frequent_words_is_not_looked_for(
    empty_app: App, monkeypatch: pytest.MonkeyPatch
):
    add(empty_app, *DEFINED, LONG, SHORT)
    monkeypatch.setattr("bot.search.abbreviations._MOST_READ", 2)
    assert titles(find(empty_app, "QA lighthouses"))[:1] == [SHORT["title"]]
    assert search(empty_app, SearchRequest("QA lighthouses")).total == 1
    assert search(empty_app, SearchRequest("question answering lighthouses")).total == 2
