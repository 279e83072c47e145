"""Searches in several threads at once, as the bot makes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.app import App
from bot.papers.results import SearchPage, SearchRequest
from bot.papers.search import page_of, search, search_page
from tests.apps import add, close_app, open_app

WORDS = (
    "quokka",
    "wombat",
    "numbat",
    "bilby",
    "potoroo",
    "bandicoot",
    "dunnart",
    "bettong",
    "quoll",
    "cuscus",
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_app(tmp_path / "data")
    add(app, {"title": "Marsupials", "abstract": f"Of the {', the '.join(WORDS)} and others."})
    yield app
    close_app(app)


def highlighted(page: SearchPage) -> list[str]:
    return [span.text for hit in page.hits for span in hit.snippet if span.matched]


def test_each_of_many_searches_at_once_highlights_its_own_words(app: App):
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(search_page, app, SearchRequest(word)) for word in WORDS * 5]
        assert [highlighted(one.result()) for one in asked] == [[word] for word in WORDS * 5]


def test_the_page_of_an_answer_is_the_same_however_many_searches_came_between(app: App):
    first = search_page(app, SearchRequest("wombat quoll"))
    for word in WORDS:
        search(app, SearchRequest(word))
    assert highlighted(first) == ["wombat", "quoll"]
    assert page_of(app, first.answer, 1) == first
