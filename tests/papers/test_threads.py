"""Searches in several threads at once, as the bot makes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from bot.app import Desk
from bot.papers import search as search_module
from bot.papers.results import SearchRequest
from bot.papers.search import page_of, search
from tests.search.desks import add, close, new_desk

MANY = 12
"""Searches; more than are remembered."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = new_desk(tmp_path / "data")
    add(desk, {"title": "Wombats alone"})
    yield desk
    close(desk)


def ask(desk: Desk, number: int) -> int:
    answer = search(desk, SearchRequest(f"wombat {number}"))
    return len(page_of(desk, answer, 1).hits)


def test_searches_of_other_threads_in_the_middle_of_one_do_not_disturb_it(desk: Desk):
    """Another search comes in at the worst moments: whenever this one looks through something kept."""
    for number in range(MANY):
        ask(desk, number)

    with ThreadPoolExecutor(3) as others:
        asked: list[Future[int]] = []

        def come_in(frame: Any, event: str, called: Any) -> None:
            if event == "c_call" and called is next and frame.f_code.co_filename == search_module.__file__:
                asked.append(others.submit(ask, desk, MANY + len(asked)))
                wait(asked, timeout=1)  # it may have to wait for this search; then it ends after it

        sys.setprofile(come_in)
        try:
            found = [ask(desk, 1_000 + number) for number in range(3)]
        finally:
            sys.setprofile(None)
        assert found == [1] * 3
        assert [one.result() for one in asked] == [1] * len(asked)
