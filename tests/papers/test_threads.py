"""Searches in several threads at once, as the bot makes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.papers import search as search_module
from bot.papers.results import SearchRequest
from bot.papers.search import page_of, search
from tests.apps import add, close_app, open_app

MANY = 12
"""Searches; more than are remembered."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_app(tmp_path / "data")
    add(app, {"title": "Wombats alone"})
    yield app
    close_app(app)


def ask(app: App, number: int) -> int:
    answer = search(app, SearchRequest(f"wombat {number}"))
    return len(page_of(app, answer, 1).hits)


def test_searches_of_other_threads_in_the_middle_of_one_do_not_disturb_it(app: App):
    """Another search comes in at the worst moments: whenever this one looks through something kept."""
    for number in range(MANY):
        ask(app, number)

    with ThreadPoolExecutor(3) as others:
        asked: list[Future[int]] = []

        def come_in(frame: Any, event: str, called: Any) -> None:
            if event == "c_call" and called is next and frame.f_code.co_filename == search_module.__file__:
                asked.append(others.submit(ask, app, MANY + len(asked)))
                wait(asked, timeout=1)  # it may have to wait for this search; then it ends after it

        sys.setprofile(come_in)
        try:
            found = [ask(app, 1_000 + number) for number in range(3)]
        finally:
            sys.setprofile(None)
        assert found == [1] * 3
        assert [one.result() for one in asked] == [1] * len(asked)
