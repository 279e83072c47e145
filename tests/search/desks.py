"""Desks over small corpora for the tests of searching."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import orjson

from bot.app import Desk
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


def new_desk(folder: Path) -> Desk:
    """A desk over an empty corpus in a folder, or over the corpus that is there."""
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    store = Store(settings.database_url)
    prepare(store)
    return Desk(settings=settings, store=store, index=SearchIndex(settings.index_dir))


def close(desk: Desk) -> None:
    """Let go of the index and the database."""
    desk.index.close()
    desk.store.close()


def shipped_desk(folder: Path) -> Desk:
    """A desk over the shipped corpus."""
    desk = new_desk(folder)
    import_files(desk, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    desk.index.follow(desk.store)
    return desk


def copy_of(desk_folder: Path, folder: Path) -> Desk:
    """A desk over a copy of a closed one's data."""
    shutil.copytree(desk_folder, folder)
    return new_desk(folder)


def add(desk: Desk, *rows: dict[str, Any]) -> None:
    """Import papers given as JSON lines."""
    path = desk.settings.data_dir / f"rows-{len(list(desk.settings.data_dir.glob('rows-*')))}.jsonl"
    path.write_bytes(
        b"".join(orjson.dumps({"id": row.get("id", row["title"]), **row}) + b"\n" for row in rows)
    )
    report = import_files(desk, [path])
    assert report.rejected == ()
    desk.index.follow(desk.store)
