"""The database: one engine, one scope for reading and one for writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlmodel import Session

from bot.errors import ConfigurationError

SQLITE_PATIENCE_SECONDS = 30
"""How long a writer waits for another process's short transaction."""


class Store:
    """A database of Papercord; sessions are opened by services and handed down."""

    def __init__(self, url: str) -> None:
        self.url = _dialect_url(url)
        self.engine = _create_engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file (else it is PostgreSQL)."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def display_url(self) -> str:
        """The address with its password hidden."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with self.engine.connect() as connection, Session(bind=connection) as session:
            yield session
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all.

        On SQLite it takes the write lock at its start, so that it can never fail half-way
        because another process wrote in between. Keep it short: others wait.
        """
        with self.engine.connect() as connection:
            connection = connection.execution_options(papercord_writes=True)
            with Session(bind=connection, expire_on_commit=False) as session, session.begin():
                yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _dialect_url(address: str) -> URL:
    try:
        url = make_url(address)
    except Exception:
        raise ConfigurationError(
            "PAPERCORD_DATABASE_URL is not a database address; "
            "write sqlite:///path/to/file.db or postgresql://user:password@host/name."
        ) from None
    backend = url.get_backend_name()
    if backend == "postgres":
        backend, url = "postgresql", url.set(drivername="postgresql")
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigurationError(
            f"PAPERCORD_DATABASE_URL names the database {backend!r}; Papercord works on sqlite and postgresql."
        )
    return url


def _create_engine(url: URL) -> Engine:
    options: dict[str, Any] = {
        "json_serializer": lambda value: orjson.dumps(value).decode(),  # pyright: ignore[reportUnknownLambdaType]
        "json_deserializer": orjson.loads,
    }
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": SQLITE_PATIENCE_SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, **options)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Transactions are begun by _begin_sqlite: the driver's own way begins too late to lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("papercord_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
