"""A copy of the whole database in one file, made while others write; and the way back.

The file is a SQLite database, whatever database it is of: what was backed up from one kind can be
restored into the other.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlmodel import Session, SQLModel, col

from bot.errors import RefusedError, one_line, path_text
from bot.store import imports, leases, schema
from bot.store.engine import Store
from bot.store.models import (
    Correction,
    FollowedSource,
    Lease,
    Message,
    MessageState,
    Paper,
    Subscription,
)
from bot.text.counting import counted

OnProgress = Callable[[int, int], None]
"""Called with how many pages or rows of how many are copied."""

_PAGES_AT_ONCE = 4_096
_ROWS_AT_ONCE = 2_000


class Contents(NamedTuple):
    """How much a database holds."""

    revision: int
    papers: int
    subscriptions: int
    messages: int
    """Posted ones."""
    sources: int
    corrections: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restored database holds, and what it held before; None where it was empty."""

    now: Contents
    before: Contents | None
    migrated: str | None
    """What was done to a backup of an older version, in a sentence."""


def contents(session: Session) -> Contents:
    """Count what a database holds."""
    latest = imports.latest_revision(session)
    sent = select(func.count()).select_from(Message).where(col(Message.state) == MessageState.SENT)
    return Contents(
        revision=latest.number if latest is not None else 0,
        papers=_count(session, Paper),
        subscriptions=_count(session, Subscription),
        messages=session.connection().execute(sent).scalar_one(),
        sources=_count(session, FollowedSource),
        corrections=_count(session, Correction),
    )


def back_up(store: Store, file: Path, on_progress: OnProgress | None = None) -> Contents:
    """Copy one state of the database into a new file, verify the copy, and say what it holds.

    Others go on reading and writing meanwhile. The file appears under its name when it is whole.

    Raises:
        RefusedError: The file is there already, or cannot be made.

    """
    if os.path.lexists(file):
        raise RefusedError(f"{path_text(file)} is there already: name a new file.")
    if not file.parent.is_dir():
        raise RefusedError(f"The folder {path_text(file.parent)} is not there: make it first.")
    with _workspace(file.parent) as copy:
        with store.reading() as session:
            found = contents(session)  # the first read: from here on the session sees one state
            if store.is_sqlite:
                _copy_pages(_driver(session.connection()), copy, on_progress)
            else:
                with _opened(copy) as copied:
                    schema.prepare(copied)
                    _copy_rows(session, copied, on_progress)
        _verify(copy, path_text(file))
        with _opened(copy) as copied, copied.reading() as session:
            if contents(session) != found:
                raise RefusedError(f"The copy differs from {store.display_url}: nothing was kept of it.")
        _leave_alone(copy)
        copy.chmod(0o600)
        copy.rename(file)
    return found


def restore(
    store: Store,
    file: Path,
    now: dt.datetime,
    *,
    replace: bool = False,
    on_progress: OnProgress | None = None,
) -> Restored:
    """Make the database what a backup holds, in one transaction.

    Args:
        store: The database to write to.
        file: What `back_up` wrote, also by an older version.
        now: The present.
        replace: Whether a database that holds something is replaced.
        on_progress: Called with how far it is.

    Raises:
        RefusedError: The file is no whole backup, the database holds something, or a process uses it.

    """
    with _workspace(store.file.parent if store.file is not None else None) as copy:
        shutil.copyfile(file, copy)
        _verify(copy, path_text(file))
        with _opened(copy) as backup:
            migrated = schema.migrate(backup) if schema.is_older(backup) else None
            schema.prepare(backup)
        if schema.is_older(store) and not replace:
            raise _not_empty(store, "papers of an older version")
        schema.migrate(store)
        with store.reading() as session:
            _refuse_used(session, store.display_url, now)
            before = contents(session)
        if any(before) and not replace:
            raise _not_empty(store, in_words(before))
        with _opened(copy) as backup, backup.reading() as source:
            if store.is_sqlite:
                with store.engine.connect() as connection:
                    _copy_pages(_driver(source.connection()), _driver(connection), on_progress)
            else:
                _copy_rows(source, store, on_progress)
        with store.reading() as session:
            return Restored(contents(session), before if any(before) else None, migrated)


def in_words(found: Contents) -> str:
    """What a database holds, in a few words."""
    return (
        f"{counted(found.papers, 'paper')} (revision {found.revision:,}), "
        f"{counted(found.subscriptions, 'subscription')}, {counted(found.messages, 'posted message')}, "
        f"{counted(found.sources, 'source')}, {counted(found.corrections, 'correction')}"
    )


def _not_empty(store: Store, what: str) -> RefusedError:
    return RefusedError(
        f"The database {store.display_url} holds {what}: name an empty one in PAPERCORD_DATABASE_URL, or "
        "give --replace to lose what the backup lacks."
    )


def _refuse_used(session: Session, address: str, now: dt.datetime) -> None:
    """Refuse a database that the bot or an import of another process is working on."""
    held = session.connection().execute(select(col(Lease.name), col(Lease.holder), col(Lease.expires_at)))
    users = [holder for _, holder, until in held if until > now and not leases.is_dead(holder)]
    running = imports.last_import(session)
    if running is not None and imports.state_of(running, now) is imports.ImportState.RUNNING:
        users.append(running.process)
    if users:
        raise RefusedError(f"Another process ({users[0]}) works with the database {address}: stop it first.")


def _copy_pages(
    source: sqlite3.Connection, target: Path | sqlite3.Connection, on_progress: OnProgress | None
) -> None:
    """Copy a SQLite database page by page, in one transaction of the target."""

    def report(_status: int, remaining: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total - remaining, total)

    if isinstance(target, sqlite3.Connection):
        source.backup(target, pages=_PAGES_AT_ONCE, progress=report)
        return
    with closing(sqlite3.connect(target)) as connection:
        source.backup(connection, pages=_PAGES_AT_ONCE, progress=report)


def _copy_rows(source: Session, target: Store, on_progress: OnProgress | None) -> None:
    """Replace all rows of a database, and what its next ids are, in one transaction."""
    tables = SQLModel.metadata.sorted_tables
    reading = source.connection().execution_options(yield_per=_ROWS_AT_ONCE)
    total = sum(reading.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    done = 0
    with target.writing() as session:
        writing = session.connection()
        for table in reversed(tables):
            writing.execute(table.delete())
        for table in tables:
            for rows in reading.execute(select(table)).mappings().partitions():
                writing.execute(insert(table), [dict(row) for row in rows])
                done += len(rows)
                if on_progress is not None:
                    on_progress(done, total)
        _set_last_ids(writing, tables, _last_ids(source.connection(), tables))


def _last_ids(connection: Connection, tables: list[Table]) -> Mapping[str, int]:
    """The last id that each table gave, also where its row is gone."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {name: last for name, last in rows if last}
    sequences = _sequences(connection, tables)
    last = {
        name: connection.execute(text(f"SELECT last_value FROM {sequence} WHERE is_called")).scalar()  # noqa: S608 - its own name of it
        for name, sequence in sequences.items()
    }
    return {name: value for name, value in last.items() if value is not None}


def _set_last_ids(connection: Connection, tables: list[Table], last: Mapping[str, int]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM sqlite_sequence"))
        rows = [{"name": name, "seq": value} for name, value in last.items()]
        if rows:
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), rows)
        return
    for name, sequence in _sequences(connection, tables).items():
        value = last.get(name)
        connection.execute(select(func.setval(sequence, value or 1, value is not None)))


def _sequences(connection: Connection, tables: list[Table]) -> Mapping[str, str]:
    """The sequences of PostgreSQL that give ids, by table."""
    found = {
        table.name: connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar()
        for table in tables
        if "id" in table.columns
    }
    return {name: sequence for name, sequence in found.items() if sequence is not None}


def _verify(file: Path, name: str) -> None:
    """Refuse a file that is no whole database of Papercord."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            [(found,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
            if (
                found == "ok"
                and connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0] == 1
            ):
                return
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        found = "it has no tables of Papercord"
    except sqlite3.DatabaseError as error:
        found = str(error)
    raise RefusedError(f"{name} is no whole backup of Papercord: {found}.")


def _leave_alone(file: Path) -> None:
    """Put everything into the one file: no file of writes ahead is left beside it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _workspace(parent: Path | None) -> Generator[Path]:
    """A name for a copy in a new folder that others cannot read; what goes wrong there is said in a line."""
    with tempfile.TemporaryDirectory(prefix=".papercord-copy-", dir=parent) as folder:
        try:
            yield Path(folder) / "papercord.db"
        except sqlite3.Error as error:
            raise RefusedError(f"The database cannot be copied ({one_line(error)}).") from None


@contextmanager
def _opened(file: Path) -> Generator[Store]:
    store = Store(f"sqlite:///{file}")
    try:
        yield store
    finally:
        store.close()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("not a connection to SQLite")
    return driver


def _count(session: Session, model: type[SQLModel]) -> int:
    return session.connection().execute(select(func.count()).select_from(model)).scalar_one()
