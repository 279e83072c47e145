"""The database: one engine, one scope for reading and one for writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from bot.errors import ConfigurationError, DatabaseUnusableError

SQLITE_PATIENCE_SECONDS = 30
"""How long a writer waits for another process's short transaction."""

SQLITE_CACHE_MEGABYTES, SQLITE_LARGE_CACHE_MEGABYTES = 8, 48
"""For each connection; a connection takes it only as it reads."""

SQLITE_CHECKPOINT_PAGES, SQLITE_LARGE_CHECKPOINT_PAGES = 8_000, 40_000
"""How much is written ahead before it moves to its place: pages of indexes change often, and move once."""

SQLITE_LEFT_AHEAD_BYTES = 32 * 1024 * 1024
"""What the file of writes ahead keeps of the disk after a large import."""

POSTGRESQL_PATIENCE_SECONDS = 10
"""How long a connection may take where a server does not answer."""

_SQLITE_UNUSABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_POSTGRESQL_UNUSABLE = ("53", "57P", "58", "25006")
"""Beginnings of SQLSTATE: no resources left, shut down or starting, errors of its system, read-only."""


class Store:
    """A database of Papercord; sessions are opened by services and handed down."""

    def __init__(self, url: str | URL, *, for_many_writes: bool = False) -> None:
        self.url = _dialect_url(url)
        self.engine = _create_engine(self.url, for_many_writes=for_many_writes)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file (else it is PostgreSQL)."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of the database; None where it is on a server, or the address is one of SQLite's own."""
        name = self.url.database or ""
        return Path(name) if self.is_sqlite and not name.startswith("file:") else None

    @property
    def display_url(self) -> str:
        """The address with its password hidden."""
        return _without_secrets(self.url)

    @contextmanager
    def reading(self) -> Generator[Session]:
        """Open a session that sees one state of the database and changes nothing."""
        with self._transaction(writes=False) as connection, Session(bind=connection) as session:
            yield session
            session.rollback()

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Open a session whose changes are committed together at the end, or not at all.

        On SQLite it takes the write lock at its start, so that it can never fail half-way
        because another process wrote in between. Keep it short: others wait.
        """
        with (
            self._transaction(writes=True) as connection,
            Session(bind=connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    @contextmanager
    def for_many_writes(self) -> Generator[Store]:
        """Open the same database once more, for an import.

        Its cache takes in large indexes. On SQLite a power cut may lose its newest transactions, each
        of them whole, until this store's next transaction: that one makes all before it durable.
        """
        store = Store(self.url, for_many_writes=True)
        try:
            yield store
        finally:
            store.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Generator[Connection]:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                scope = connection.execution_options(papercord_writes=writes)
            elif writes:
                scope = connection
            else:
                scope = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with scope.begin():
                yield scope


def _dialect_url(address: str | URL) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "PAPERCORD_DATABASE_URL is not a database address; "
            "write sqlite:///path/to/file.db or postgresql://user:password@host/name."
        ) from None
    if backend in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(
            f"PAPERCORD_DATABASE_URL names the database {backend!r}; "
            "Papercord works on sqlite and postgresql."
        )
    if not url.database or url.database == ":memory:":
        raise ConfigurationError(
            "PAPERCORD_DATABASE_URL names no file: a database in memory is not shared by the parts of "
            "Papercord; write sqlite:///path/to/file.db."
        )
    return url.set(drivername="sqlite")


def _without_secrets(url: URL) -> str:
    secret = [key for key in url.query if "pass" in key.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def _unusable(url: URL, error: BaseException) -> DatabaseUnusableError:
    """Say in one plain line why the database cannot be used, and which setting names it."""
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    reason = (reason.strip().splitlines() or ["it gave no reason"])[0].strip().rstrip(".")
    for secret in filter(None, (url.password, *(url.query[key] for key in url.query if "pass" in key))):
        reason = reason.replace(str(secret), "***")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return DatabaseUnusableError(
            f"The disk of the database {_without_secrets(url)} is full ({reason}): "
            "free some space there, then run the same again."
        )
    advice = "check PAPERCORD_DATABASE_URL"
    if url.get_backend_name() == "sqlite":
        advice += " or PAPERCORD_DATA_DIR, and that its folder may be written"
    return DatabaseUnusableError(f"The database {_without_secrets(url)} cannot be used ({reason}); {advice}.")


def as_json(value: Any) -> str:
    """Write a value as the JSON columns keep it."""
    return orjson.dumps(value).decode()


def _create_engine(url: URL, *, for_many_writes: bool) -> Engine:
    options: dict[str, Any] = {
        "json_serializer": as_json,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # errors reach the log, and what people typed does not
        "pool_use_lifo": True,  # the connection that was used last has the warmest cache
    }
    if url.get_backend_name() == "sqlite":
        database = str(url.database)
        try:
            if not database.startswith("file:"):
                Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(url, error) from None
        engine = create_engine(url, connect_args={"timeout": SQLITE_PATIENCE_SECONDS}, **options)
        event.listen(engine, "connect", partial(_prepare_sqlite, for_many_writes))
        event.listen(engine, "begin", _begin_sqlite)
    else:
        if "connect_timeout" not in url.query:
            options["connect_args"] = {"connect_timeout": POSTGRESQL_PATIENCE_SECONDS}
        engine = create_engine(url, pool_pre_ping=True, **options)
    event.listen(engine, "handle_error", _translate, retval=True)
    return engine


def _translate(context: ExceptionContext) -> DatabaseUnusableError | None:
    """Turn what only a person can repair into words for them; leave every other error as it is."""
    error = context.original_exception
    if not isinstance(error, Exception):
        return None  # whoever interrupted this command, the database is not to blame
    # The low byte is the kind of error; the others only refine it.
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error, "sqlstate", None) or ""
    unusable = kind in _SQLITE_UNUSABLE or state.startswith(_POSTGRESQL_UNUSABLE)
    lost = context.connection is None or context.is_disconnect or unusable
    if context.engine is None or context.is_pre_ping or not lost:
        return None
    return _unusable(context.engine.url, error)


def _prepare_sqlite(for_many_writes: bool, connection: Any, _record: Any) -> None:
    # Transactions are begun by _begin_sqlite: the driver's own way begins too late to lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA synchronous = {'NORMAL' if for_many_writes else 'FULL'}")
    cursor.execute("PRAGMA foreign_keys = ON")
    megabytes = SQLITE_LARGE_CACHE_MEGABYTES if for_many_writes else SQLITE_CACHE_MEGABYTES
    pages = SQLITE_LARGE_CHECKPOINT_PAGES if for_many_writes else SQLITE_CHECKPOINT_PAGES
    cursor.execute(f"PRAGMA cache_size = -{megabytes * 1024}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {pages}")
    cursor.execute(f"PRAGMA journal_size_limit = {SQLITE_LEFT_AHEAD_BYTES}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("papercord_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
