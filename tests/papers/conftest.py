"""Desks to search in, and what a page of an answer says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import Desk
from bot.papers.results import Hit, SearchPage, SearchRequest
from bot.papers.search import page_of, search
from tests.search.desks import close, copy_of, new_desk, shipped_desk


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "data"
    close(shipped_desk(folder))
    return folder


@pytest.fixture(scope="module")
def desk(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The shipped corpus, only to be read."""
    desk = copy_of(shipped, tmp_path_factory.mktemp("read") / "data")
    yield desk
    close(desk)


@pytest.fixture
def own_desk(shipped: Path, tmp_path: Path) -> Iterator[Desk]:
    """The shipped corpus, to be added to."""
    desk = copy_of(shipped, tmp_path / "data")
    yield desk
    close(desk)


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    desk = new_desk(tmp_path / "data")
    yield desk
    close(desk)


def find(desk: Desk, query: str, **options: Any) -> SearchPage:
    return page_of(desk, search(desk, SearchRequest(query, **options)), 1, 200)


def titles(page: SearchPage) -> list[str]:
    return [hit.paper.title for hit in page.hits if hit.complete]


def corrected(page: SearchPage) -> list[str]:
    return [hit.paper.title for hit in page.hits if hit.corrected]


def text(hit: Hit) -> str:
    return "".join(span.text for span in hit.snippet)


def bold(hit: Hit) -> list[str]:
    return [span.text for span in hit.snippet if span.matched]
