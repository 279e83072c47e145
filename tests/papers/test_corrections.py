"""What a likely misspelt word may have meant: apart from the papers that have it, and counted apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.saved_searches import keep, stored_page
from bot.papers.search import page_of, search
from bot.search.query import Sort
from tests.apps import add, close_app, open_app
from tests.benchmarks.totals import Scan, difference
from tests.papers.conftest import corrected, find, titles

PAPERS = 400
RARE = {"ising": 7, "turing": 5, "rover": 4, "mlps": 3, "nodule": 3, "width": 6}
"""Words that so many of the papers have, the oldest ones, beside frequent neighbours such as "using"."""
FREQUENT = "We are using maps during training, over each module, with a wombat"


def _rows() -> list[dict[str, Any]]:
    """The older a paper, the lower its number; only the newer ones have scores."""
    rows: list[dict[str, Any]] = []
    for number in range(PAPERS):
        words = [word for word, count in RARE.items() if number < count]
        words += ["wombst"] * (number < 2) + ["river"] * (number % 2)
        rows.append(
            {
                "id": f"{number}",
                "title": f"Paper {number}",
                "abstract": f"{FREQUENT if number >= 10 else 'Here'} {' '.join(words)}.",
                "authors": ["Ada Example"],
                "date": (dt.date(2024, 1, 1) + dt.timedelta(days=number)).isoformat(),
                **({"score": number % 100} if number >= 10 else {}),
            }
        )
    return rows


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_app(tmp_path_factory.mktemp("corpus") / "data")
    add(app, *_rows())
    yield app
    close_app(app)


def numbers(found: Sequence[str]) -> list[int]:
    return [int(title.removeprefix("Paper ")) for title in found]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("word", RARE)
def test_a_word_that_papers_have_finds_those_alone(corpus: App, word: str, sort: Sort):
    page = find(corpus, word, sort=sort)
    assert (page.answer.total, page.answer.corrected, page.answer.partial) == (RARE[word], 0, 0)
    assert sorted(numbers(titles(page))) == list(range(RARE[word]))
    assert page.answer.variants == ()


@pytest.mark.parametrize("sort", Sort)
def test_corrected_papers_come_after_those_that_have_the_word_in_every_order(corpus: App, sort: Sort):
    answer = search(corpus, SearchRequest("wombst", sort=sort))
    assert (answer.total, answer.corrected, answer.complete_shown) == (2, 390, 2)
    assert len(answer.paper_ids) == 200
    search_id = keep(corpus, answer, 7)
    pages = page_of(corpus, answer, 1).pages
    hits = [
        hit
        for number in range(1, pages + 1)
        if (stored := stored_page(corpus, search_id, number)) is not None
        for hit in stored.page.hits
    ]
    assert [hit.place for hit in hits] == list(range(1, 201))
    assert [(hit.complete, hit.corrected) for hit in hits] == [(True, False)] * 2 + [(False, True)] * 198
    assert {hit.paper.title for hit in hits[:2]} == {"Paper 0", "Paper 1"}
    if sort is Sort.NEWEST:
        assert numbers([hit.paper.title for hit in hits[2:]]) == list(range(399, 201, -1))


@pytest.mark.parametrize("sort", Sort)
def test_a_word_that_no_paper_has_is_corrected_and_counted_apart(corpus: App, sort: Sort):
    page = find(corpus, "trainnig", sort=sort)
    assert (page.answer.total, page.answer.corrected, len(corrected(page))) == (0, 390, 200)
    assert page.answer.variants == ("training",)


def test_papers_with_the_word_and_most_others_come_before_corrected_ones(corpus: App):
    page = find(corpus, "wombst river")
    kinds = [hit.heading for hit in page.hits]
    assert numbers([hit.paper.title for hit in page.hits[:2]]) == [1, 0]
    assert kinds[:3] == [None, "With some of the words", "With corrected words"]
    assert page.answer.total == 1
    assert page.answer.corrected == 195
    assert page.answer.partial == kinds.count("With some of the words")
    page = find(corpus, "wombst trainnig river")
    assert page.answer.total == 0
    assert [hit.corrected for hit in page.hits].count(True) == len(corrected(page)) > 0


def test_an_excluded_word_keeps_out_only_the_papers_that_have_it(corpus: App):
    assert find(corpus, "training -ising").answer.total == 390
    assert find(corpus, "paper -wombst").answer.total == PAPERS - 2


def test_totals_are_those_of_a_scan_of_the_texts(corpus: App):
    scan = Scan.of(_rows())
    words = scan.with_frequent_neighbours()
    assert {*RARE, "wombst"} <= set(words)
    assert [difference(corpus, scan, word) for word in [*words, *RARE]] == [None] * (len(words) + len(RARE))
