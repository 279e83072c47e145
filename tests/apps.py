"""How tests make an app: over an empty corpus, the shipped one, or papers of their own; and its clock."""

from __future__ import annotations

import datetime as dt
import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from bot.app import App, utc_now
from bot.config import Settings
from bot.ingest.importer import import_files
from bot.search.opening import open_index
from bot.store.engine import Store
from bot.store.schema import prepare
from tests.conftest import AUTHOR_PAGE

READ_ON = dt.date(2026, 3, 15)
"""The day on which the shipped author page was read."""
DECENTRALIZED = {
    "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training",
    "Exponential Graph is Provably Efficient for Decentralized Deep Training",
    "Revisiting Optimal Convergence Rate for Smooth and Non-convex Stochastic Decentralized Optimization",
}


class Clock:
    """A wall clock in UTC that a test sets and moves; without a moment it goes on from the present."""

    def __init__(self, moment: dt.datetime | None = None) -> None:
        self._stands_at = moment
        self.ahead = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return (self._stands_at or dt.datetime.now(dt.UTC)) + self.ahead

    @property
    def now(self) -> dt.datetime:
        return self()

    @now.setter
    def now(self, moment: dt.datetime) -> None:
        self.ahead += moment - self()

    def timestamp(self) -> float:
        return self().timestamp()

    def move(self, **amount: float) -> None:
        self.ahead += dt.timedelta(**amount)


@contextmanager
def processor_seconds() -> Generator[Callable[[], float]]:
    """Measure a block: answers the processor time since its beginning.

    What earlier tests left in the process is not looked through by the garbage collections of the block.
    """
    gc.collect()
    gc.freeze()
    started = time.process_time()
    try:
        yield lambda: time.process_time() - started
    finally:
        gc.unfreeze()


def open_app(
    folder: Path,
    clock: Callable[[], dt.datetime] = utc_now,
    *,
    url: str | None = None,
    meaning: bool = False,
    search: Mapping[str, Any] | None = None,
) -> App:
    """An app over the corpus in a folder, which is made where there is none; `url` names another database.

    `search` are the settings of a search cluster.
    """
    values: dict[str, Any] = {
        "PAPERCORD_DATA_DIR": folder,
        "PAPERCORD_MEANING": meaning,
        "PAPERCORD_ENRICH": False,
        **(search or {}),
    }
    if url is not None:
        values["PAPERCORD_DATABASE_URL"] = SecretStr(url)
    settings = Settings.model_validate(values)
    store = Store(settings.database_url)
    if store.file is not None and not store.file.exists():
        store.file.write_bytes(_prepared())
    prepare(store)
    return App(settings=settings, store=store, index=open_index(settings), clock=clock)


@cache
def _prepared() -> bytes:
    """A database that has all tables: running all migrations for each test takes a fifth of a second."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "papercord.db"
        store = Store(f"sqlite:///{file}")
        prepare(store)
        store.close()
        return file.read_bytes()


def close_app(app: App) -> None:
    """Let go of the vectors, the index and the database."""
    app.meaning.close()
    app.index.close()
    app.store.close()


def shipped_app(folder: Path, clock: Callable[[], dt.datetime] = utc_now) -> App:
    """An app over the shipped corpus."""
    app = open_app(folder, clock)
    import_files(app, [AUTHOR_PAGE], as_of=READ_ON)
    app.index.catch_up(app.store)
    return app


def copy_of(
    app_folder: Path, folder: Path, clock: Callable[[], dt.datetime] = utc_now, *, meaning: bool = False
) -> App:
    """An app over a copy of a closed one's data."""
    shutil.copytree(app_folder, folder)
    return open_app(folder, clock, meaning=meaning)


def add(app: App, *rows: dict[str, Any]) -> None:
    """Import papers given as JSON lines."""
    path = app.settings.data_dir / f"rows-{len(list(app.settings.data_dir.glob('rows-*')))}.jsonl"
    path.write_bytes(
        b"".join(orjson.dumps({"id": row.get("id", row["title"]), **row}) + b"\n" for row in rows)
    )
    report = import_files(app, [path])
    assert report.rejected == ()
    app.index.catch_up(app.store)
