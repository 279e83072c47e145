"""Apps with people in their corpora."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.authors.results import AuthorAnswer
from bot.config import Settings
from bot.ingest.importer import import_files
from bot.search.index import SearchIndex
from bot.store.engine import Store
from bot.store.schema import prepare
from tests.conftest import AUTHOR_PAGE

READ_ON = dt.date(2026, 3, 15)


def open_app(folder: Path) -> App:
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    store = Store(settings.database_url)
    prepare(store)
    return App(settings=settings, store=store, index=SearchIndex(settings.index_dir))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_app(tmp_path_factory.mktemp("shipped"))
    import_files(app, [AUTHOR_PAGE], as_of=READ_ON)
    yield app
    app.index.close()
    app.store.close()


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
    app.index.close()
    app.store.close()


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
