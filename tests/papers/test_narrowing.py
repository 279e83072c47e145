"""Filters, sorting and pages of an answer."""

from __future__ import annotations

import re

import pytest

from bot.app import App
from bot.errors import RefusedError
from bot.papers.results import SearchRequest
from bot.papers.search import page_of, search
from bot.search.query import Sort
from tests.apps import add
from tests.papers.conftest import find, titles


def test_the_author_filter_takes_the_exact_name_and_everything_attributed(app: App):
    assert find(app, "", author="pan pan").answer.total == 26
    assert find(app, "", author="Pan, Pan").answer.total == 26
    assert find(app, 'author:"Pan Pan"').answer.total == 26
    assert find(app, "", author="Wei Pan").answer.total == 0


def test_filters_narrow_and_are_said(app: App):
    page = find(app, "decentralized", field="lg", since="2021-10", until="2021")
    assert titles(page) == ["Exponential Graph is Provably Efficient for Decentralized Deep Training"]
    assert page.answer.reading == "decentralized · field LG · 2021-10 to 2021"


def test_typed_filters_mean_the_same_as_options(app: App):
    typed = find(app, 'decentralized author:"Kun Yuan" field:LG year:2021.. has:code').answer
    options = find(app, "decentralized", author="Kun Yuan", field="LG", since="2021", code=True).answer
    assert typed.paper_ids == options.paper_ids
    assert typed.total == 1


def test_code_with_without_and_both(app: App):
    assert find(app, "", code=True).answer.total == 2
    assert find(app, "", code=False).answer.total == 24
    assert find(app, "has:code").answer.total == 2
    assert find(app, "-has:code").answer.total == 24


def test_scores_can_be_asked_for(app: App):
    assert [hit.paper.score for hit in find(app, "score:>70").hits] == [75.3]
    assert find(app, "score:>75.3").answer.total == 0
    assert find(app, "score:75.3").answer.total == 1


@pytest.mark.parametrize(
    ("published", "since", "until", "found"),
    [
        ("2021", "2021-05", None, True),
        ("2021", "2022", None, False),
        ("2021", None, "2021-01-01", True),
        ("2021", None, "2020", False),
        ("2021-05", "2021-05-31", "2021-05-31", True),
        ("2021-05", "2021-06", None, False),
        ("2021-05-26", "2021-05-26", "2021-05-26", True),
        ("2021-05-26", "2021-05-27", None, False),
        (None, "1900", None, False),
        (None, None, "2100", False),
    ],
)
def test_a_date_is_in_where_it_covers_any_day_of_the_span(
    empty_app: App, published: str | None, since: str | None, until: str | None, found: bool
):
    add(empty_app, {"title": "Quokka", **({"date": published} if published else {})})
    assert find(empty_app, "quokka", since=since, until=until).answer.total == int(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": "ZZ"}, "field: no paper has the field ZZ; the corpus has CV, LG, IR."),
        ({"since": "2023", "until": "2021"}, "since: 2023 is after until: 2021"),
        ({"since": "soon"}, "since: soon is no date"),
        ({"until": "2021-13"}, "until: 2021-13 is no date"),
        ({"until": "٢٠٢١"}, "until:"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(app: App, options: dict[str, str], message: str):
    with pytest.raises(RefusedError, match=re.escape(message)):
        find(app, "video", **options)


def test_newest_first_and_what_has_no_date_last(own_app: App):
    add(own_app, {"title": "Video without a date"})
    page = find(own_app, "video", sort=Sort.NEWEST)
    dates = [hit.paper.published or "" for hit in page.hits if hit.complete]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] == ""


def test_highest_score_first_and_what_has_no_score_last_by_date(app: App):
    hits = find(app, 'author:"Pan Pan"', sort=Sort.SCORE).hits
    assert hits[0].paper.score == 75.3
    dates = [hit.paper.published or "" for hit in hits[1:]]
    assert dates == sorted(dates, reverse=True)
    assert len(hits) == 26


def test_equal_papers_keep_their_order_and_pages_do_not_overlap(empty_app: App):
    add(empty_app, *({"id": str(n), "title": f"Quokka {n}", "date": "2021"} for n in range(260)))
    answer = search(empty_app, SearchRequest("quokka", sort=Sort.NEWEST))
    assert answer.total == 260
    assert list(answer.paper_ids) == sorted(answer.paper_ids)
    assert len(answer.paper_ids) == 200
    pages = [page_of(empty_app, answer, number, 7) for number in range(1, 30)]
    shown = [hit.paper.id for page in pages for hit in page.hits]
    assert shown == list(answer.paper_ids)
    assert {page.pages for page in pages} == {29}


def test_an_answer_keeps_its_pages_while_papers_are_added(own_app: App):
    answer = search(own_app, SearchRequest("video"))
    before = [hit.paper.id for hit in page_of(own_app, answer, 1).hits]
    add(own_app, {"title": "Video video video", "abstract": "video"})
    assert [hit.paper.id for hit in page_of(own_app, answer, 1).hits] == before
    assert search(own_app, SearchRequest("video")).total == answer.total + 1


def test_a_page_that_is_not_there_is_the_nearest(app: App):
    answer = search(app, SearchRequest('author:"Pan Pan"'))
    assert page_of(app, answer, 99).page == page_of(app, answer, 99).pages == 5
    assert page_of(app, answer, -3).page == 1
