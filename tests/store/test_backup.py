"""Backups: one file of either database, restored into either."""

from __future__ import annotations

import datetime as dt
import lzma
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Schedule
from bot.app import App
from bot.errors import RefusedError
from bot.ingest.importer import import_files
from bot.store import leases
from bot.store.backup import back_up, contents, restore
from bot.store.engine import Store
from bot.store.models import Frequency
from bot.store.schema import prepare
from tests.conftest import AUTHOR_PAGE, ROOT
from tests.databases import PostgresServer

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def filled(app: App) -> App:
    """A corpus, a subscription that is there, and one that was removed: its id is not given again."""
    import_files(app, [AUTHOR_PAGE], as_of=NOW.date())
    for query in ("decentralized", "momentum"):
        added = subscriptions.add(
            app,
            guild_id=1,
            channel_id=2,
            creator_id=3,
            filters=Filters(query),
            schedule=Schedule(Frequency.DAILY, None, None, "Europe/Berlin"),
        )
    subscriptions.remove(app, 1, added.subscription.id)
    return app


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path, postgresql: PostgresServer):
    """An empty database to restore into."""
    url = f"sqlite:///{tmp_path / 'other.db'}" if request.param == "sqlite" else postgresql.new_database()
    store = Store(url)
    yield store
    store.close()
    if request.param == "postgresql":
        postgresql.drop(url)


def rows_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.reading() as session:
        connection = session.connection()
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


def test_what_is_restored_is_what_was_there(filled: App, other: Store, tmp_path: Path):
    file = tmp_path / "kept.db"

    found = back_up(filled.store, file)
    restored = restore(other, file, NOW)

    assert found.papers == 26
    assert restored.now == found
    assert restored.before is None
    assert rows_of(other) == rows_of(filled.store)
    assert [path.name for path in tmp_path.glob("kept.db*")] == ["kept.db"]
    assert file.stat().st_mode & 0o077 == 0


def test_ids_that_were_given_once_are_not_given_again(filled: App, other: Store, tmp_path: Path):
    file = tmp_path / "kept.db"
    back_up(filled.store, file)
    restore(other, file, NOW)

    again = App(settings=filled.settings, store=other, index=filled.index)
    added = subscriptions.add(
        again,
        guild_id=1,
        channel_id=9,
        creator_id=3,
        filters=Filters("graph"),
        schedule=Schedule(Frequency.INSTANT, None, None, "UTC"),
    )

    assert added.subscription.id == 3


@on_sqlite
def test_a_database_that_holds_something_is_replaced_only_where_that_is_said(filled: App, tmp_path: Path):
    file = tmp_path / "kept.db"
    back_up(filled.store, file)
    subscriptions.remove(filled, 1, 1)

    with pytest.raises(RefusedError, match=r"holds 26 papers .* --replace"):
        restore(filled.store, file, NOW)
    restored = restore(filled.store, file, NOW, replace=True)

    assert restored.before is not None
    assert (restored.before.subscriptions, restored.now.subscriptions) == (0, 1)


@on_sqlite
def test_a_database_that_a_process_works_with_is_not_replaced(filled: App, tmp_path: Path):
    file = tmp_path / "kept.db"
    back_up(filled.store, file)
    holder = leases.own_name()
    with filled.store.writing() as session:
        leases.take_lease(session, "announcer", holder, NOW, NOW + dt.timedelta(minutes=1))

    with pytest.raises(RefusedError, match="stop it first"):
        restore(filled.store, file, NOW, replace=True)

    assert restore(filled.store, file, NOW + dt.timedelta(minutes=2), replace=True).now.papers == 26


def test_others_write_while_a_backup_is_made(filled: App, tmp_path: Path):
    """The copy is of one moment, and the writer does not wait."""
    written: list[int] = []

    def write(_done: int, _total: int) -> None:
        with filled.store.writing() as session:
            leases.take_lease(session, f"one {len(written)}", "a:1:b", NOW, NOW)
        written.append(1)

    back_up(filled.store, tmp_path / "kept.db", write)

    assert written
    with closing(sqlite3.connect(tmp_path / "kept.db")) as copy:
        assert copy.execute("SELECT count(*) FROM lease").fetchone() == (0,)


@on_sqlite
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "no tables of Papercord"), (b"{}\n" * 2_000, "not a database")],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(
    filled: App, tmp_path: Path, content: bytes, reason: str
):
    file = tmp_path / "other"
    file.write_bytes(content)

    with pytest.raises(RefusedError, match=reason):
        restore(filled.store, file, NOW, replace=True)

    with filled.store.reading() as session:
        assert contents(session).papers == 26


@on_sqlite
def test_half_a_backup_is_refused(filled: App, tmp_path: Path):
    file = tmp_path / "kept.db"
    back_up(filled.store, file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    with pytest.raises(RefusedError, match="no whole backup"):
        restore(filled.store, file, NOW, replace=True)


@on_sqlite
def test_a_backup_replaces_no_file(filled: App, tmp_path: Path):
    file = tmp_path / "kept.db"
    file.write_text("mine", encoding="utf-8")

    with pytest.raises(RefusedError, match="is there already"):
        back_up(filled.store, file)

    assert file.read_text(encoding="utf-8") == "mine"


@on_sqlite
def test_a_restoring_that_is_killed_leaves_the_database_as_it_was(filled: App, tmp_path: Path):
    file = tmp_path / "kept.db"
    back_up(filled.store, file)
    subscriptions.remove(filled, 1, 1)
    killed = f"""
import datetime as dt, os, signal, sys
from pathlib import Path
from bot.store import backup
from bot.store.engine import Store
backup._PAGES_AT_ONCE = 3
def kill(done, total):
    if done > total // 2:
        os.kill(os.getpid(), signal.SIGKILL)
backup.restore(Store({filled.store.url.render_as_string()!r}), Path({str(file)!r}),
    dt.datetime.now(dt.UTC), replace=True, on_progress=kill)
"""

    ended = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, check=False, env={**os.environ})

    assert ended.returncode == -signal.SIGKILL
    with filled.store.reading() as session:
        assert contents(session).subscriptions == 0
    assert restore(filled.store, file, NOW, replace=True).now.subscriptions == 1


def test_an_empty_database_is_backed_up_as_well(other: Store, tmp_path: Path):
    prepare(other)

    assert not any(back_up(other, tmp_path / "kept.db"))


def test_a_backup_of_an_earlier_version_is_migrated_and_stays_as_it_is(other: Store, tmp_path: Path):
    file = tmp_path / "earlier.db"
    file.write_bytes(lzma.decompress((ROOT / "tests" / "data" / "database-at-0007.db.xz").read_bytes()))
    before = file.read_bytes()

    restored = restore(other, file, NOW)

    assert restored.migrated is not None
    assert restored.migrated.startswith("Migrated the database from schema 0007")
    assert restored.now.papers == 32
    assert file.read_bytes() == before
