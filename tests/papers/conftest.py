"""Apps to search in, and what a page of an answer says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.papers.results import Hit, SearchPage, SearchRequest
from bot.papers.search import page_of, search
from tests.apps import close_app, copy_of, open_app, shipped_app


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "data"
    close_app(shipped_app(folder))
    return folder


@pytest.fixture(scope="module")
def app(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The shipped corpus, only to be read."""
    app = copy_of(shipped, tmp_path_factory.mktemp("read") / "data")
    yield app
    close_app(app)


@pytest.fixture
def own_app(shipped: Path, tmp_path: Path) -> Iterator[App]:
    """The shipped corpus, to be added to."""
    app = copy_of(shipped, tmp_path / "data")
    yield app
    close_app(app)


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[App]:
    app = open_app(tmp_path / "data")
    yield app
    close_app(app)


def find(app: App, query: str, **options: Any) -> SearchPage:
    return page_of(app, search(app, SearchRequest(query, **options)), 1, 200)


def titles(page: SearchPage) -> list[str]:
    return [hit.paper.title for hit in page.hits if hit.complete]


def corrected(page: SearchPage) -> list[str]:
    return [hit.paper.title for hit in page.hits if hit.corrected]


def text(hit: Hit) -> str:
    return "".join(span.text for span in hit.snippet)


def bold(hit: Hit) -> list[str]:
    return [span.text for span in hit.snippet if span.matched]
