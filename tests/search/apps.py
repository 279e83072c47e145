"""Apps over small corpora for the tests of searching."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import orjson

from bot.app import App
from bot.config import Settings
from bot.ingest.importer import import_files
from bot.search.index import SearchIndex
from bot.store.engine import Store
from bot.store.schema import prepare
from tests.conftest import AUTHOR_PAGE

DECENTRALIZED = {
    "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training",
    "Exponential Graph is Provably Efficient for Decentralized Deep Training",
    "Revisiting Optimal Convergence Rate for Smooth and Non-convex Stochastic Decentralized Optimization",
}


def new_app(folder: Path) -> App:
    """An app over an empty corpus in a folder, or over the corpus that is there."""
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    store = Store(settings.database_url)
    prepare(store)
    return App(settings=settings, store=store, index=SearchIndex(settings.index_dir))


def close(app: App) -> None:
    """Let go of the index and the database."""
    app.index.close()
    app.store.close()


def shipped_app(folder: Path) -> App:
    """An app over the shipped corpus."""
    app = new_app(folder)
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    app.index.catch_up(app.store)
    return app


def copy_of(app_folder: Path, folder: Path) -> App:
    """An app over a copy of a closed one's data."""
    shutil.copytree(app_folder, folder)
    return new_app(folder)


def add(app: App, *rows: dict[str, Any]) -> None:
    """Import papers given as JSON lines."""
    path = app.settings.data_dir / f"rows-{len(list(app.settings.data_dir.glob('rows-*')))}.jsonl"
    path.write_bytes(
        b"".join(orjson.dumps({"id": row.get("id", row["title"]), **row}) + b"\n" for row in rows)
    )
    report = import_files(app, [path])
    assert report.rejected == ()
    app.index.catch_up(app.store)
