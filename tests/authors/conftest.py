"""Apps with people in their corpora."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.authors.results import AuthorAnswer
from bot.ingest.importer import import_files
from tests.apps import close_app, open_app, shipped_app


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = shipped_app(tmp_path_factory.mktemp("shipped"))
    yield app
    close_app(app)


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One paper by people with names of many kinds."""
    folder = tmp_path_factory.mktemp("varied")
    authors = ["Pan Pan", "Xiao Ming Li", "Jean-François Cardoso", "Laurens van der Maaten"]
    authors += ["Иван Петров", "王伟", "김민수", "John Adam Smith"]
    path = folder / "papers.jsonl"
    path.write_text(json.dumps({"id": "1", "title": "Names", "authors": authors}), encoding="utf-8")
    app = open_app(folder / "data")
    import_files(app, [path])
    yield app
    close_app(app)


@pytest.fixture
def add(app: App, tmp_path: Path) -> Callable[..., None]:
    """Import papers that are given as (authors, other keys of the record)."""
    count = 0

    def add(*papers: tuple[list[str], dict[str, object]]) -> None:
        nonlocal count
        rows: list[str] = []
        for authors, others in papers:
            count += 1
            rows.append(
                json.dumps({"id": f"p{count}", "title": f"Paper {count}", "authors": authors} | others)
            )
        path = tmp_path / f"papers-{count}.jsonl"
        path.write_text("\n".join(rows), encoding="utf-8")
        assert not import_files(app, [path]).rejected

    return add


def names(answer: AuthorAnswer) -> list[str]:
    return [choice.name for choice in answer.choices]
