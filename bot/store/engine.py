"""The database: one engine, one scope for reading and one for writing."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import zip_longest
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

SQLITE_CACHE_MEGABYTES, SQLITE_LARGE_CACHE_MEGABYTES = 32, 48
"""For each connection; a connection takes it only as it reads."""

SQLITE_CHECKPOINT_PAGES, SQLITE_LARGE_CHECKPOINT_PAGES = 8_000, 40_000
"""How much is written ahead before it moves to its place: pages of indexes change often, and move once."""

SQLITE_LEFT_AHEAD_BYTES = 32 * 1024 * 1024
"""What the file of writes ahead keeps of the disk after a large import."""

SQLITE_LEAST_SPACE_BYTES = 64 * 1024
"""What it needs to open a database: it grows the file of its shared memory by so much."""

POSTGRESQL_PATIENCE_SECONDS, POSTGRESQL_HOST_PATIENCE_SECONDS = 10, 3
"""How long a connection may take where a server does not answer; and where there are others to ask."""

POSTGRESQL_SILENCE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""In seconds, and milliseconds at last: a host that vanishes closes no connection."""

RECONNECT_SECONDS, RECONNECT_EVERY = 10.0, 0.2
"""For how long, and how often, a server is asked again that is away since it was last used."""

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
_SQLITE_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_POSTGRESQL_UNUSABLE = ("53", "57P", "58", "25006")
"""Beginnings of SQLSTATE: no resources left, shut down or starting, errors of its system, read-only."""
_READ_ONLY = "25006"


class Store:
    """A database of Papercord; sessions are opened by services and handed down."""

    def __init__(self, url: str | URL, *, for_many_writes: bool = False) -> None:
        self.url = _dialect_url(url)
        self.engine = _create_engine(self.url, for_many_writes=for_many_writes)
        self.answers = Answers()
        self._servers = _Servers()
        if not self.is_sqlite:
            event.listen(self.engine, "connect", self._servers.seen)

    @property
    def switches(self) -> int:
        """How often the database has changed over to another server, or began anew, since it was opened.

        What was read or written before may be unknown to the server that answers now. SQLite does not.
        """
        return self._servers.switches

    @property
    def may_switch(self) -> bool:
        """Whether another server may take over: its address names several."""
        return _host_count(self.url) > 1

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer when it was last asked."""
        return self._servers.are_away

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
        with self.answers.counted(), self._connect() as connection:
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

    def _connect(self) -> Connection:
        """A connection; a server that answered before, or another one in its place, is waited for."""
        while True:
            try:
                connection = self.engine.connect()
            except DatabaseUnusableError:
                if self.is_sqlite or not self._servers.is_waited_for():
                    raise
                time.sleep(RECONNECT_EVERY)
            else:
                self._servers.answered()
                return connection


class Answers:
    """Which transactions ended well, by the order in which they began; safe to call from any thread."""

    def __init__(self) -> None:
        self._begun = 0
        self._answered = 0
        """The last begun of those that ended well."""
        self._lock = threading.Lock()

    @contextmanager
    def counted(self) -> Generator[None]:
        """Count a transaction, which ends well unless an error leaves it."""
        with self._lock:
            self._begun += 1
            number = self._begun
        yield
        with self._lock:
            self._answered = max(self._answered, number)

    @property
    def begun(self) -> int:
        """How many transactions have begun."""
        return self._begun

    def is_any_after(self, number: int) -> bool:
        """Whether a transaction that began after so many others has ended well."""
        return self._answered > number


class _Servers:
    """The servers that have answered as one database; safe to call from any thread."""

    def __init__(self) -> None:
        self.switches = 0
        self._last: object = None
        """The server of the newest connection, by the moment at which it was started."""
        self._away_since: float | None = None
        self._lock = threading.Lock()

    def seen(self, connection: Any, _record: object) -> None:
        """Notice which server a new connection leads to, before anything is asked over it."""
        server = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        connection.rollback()
        with self._lock:
            if self._last is not None and self._last != server:
                self.switches += 1
            self._last = server

    @property
    def are_away(self) -> bool:
        """Whether none answered when one was last asked."""
        return self._away_since is not None

    def answered(self) -> None:
        """A server answers."""
        self._away_since = None

    def is_waited_for(self) -> bool:
        """Whether one is to be asked again soon, as none is away for long."""
        if self._last is None:
            return False
        with self._lock:
            self._away_since = self._away_since or time.monotonic()
            return time.monotonic() - self._away_since < RECONNECT_SECONDS


_SEVERAL_HOSTS = re.compile(
    r"(?P<begin>postgres(?:ql)?(?:\+\w+)?://(?:[^/?#]*@)?)(?P<hosts>[^/?#@]*,[^/?#@]*)(?P<end>.*)"
)
_HOST = re.compile(r"(?P<host>\[[^]]*\]|[^:]*)(?::(?P<port>\d+))?")


def _parsed(address: str | URL) -> URL:
    """An address; several hosts are written as libpq takes them: host:port,host:port."""
    written = _SEVERAL_HOSTS.fullmatch(address) if isinstance(address, str) else None
    if written is None:
        return make_url(address)
    hosts = [_HOST.fullmatch(one) for one in written["hosts"].split(",")]
    found = [(one["host"].strip("[]"), one["port"] or "") for one in hosts if one is not None and one["host"]]
    if len(found) != len(hosts):
        raise ValueError(written["hosts"])
    url = make_url(written["begin"] + written["end"])
    names, ports = zip(*found, strict=True)
    return url.update_query_dict({"host": ",".join(names), "port": ",".join(ports)})


def _host_count(url: URL) -> int:
    hosts = url.query.get("host", url.host or "")
    return sum(len(one.split(",")) for one in ((hosts,) if isinstance(hosts, str) else hosts))


def _dialect_url(address: str | URL) -> URL:
    try:
        url = _parsed(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "PAPERCORD_DATABASE_URL is not a database address; "
            "write sqlite:///path/to/file.db or postgresql://user:password@host/name."
        ) from None
    if backend in {"postgres", "postgresql"}:
        if _host_count(url) > 1 and "target_session_attrs" not in url.query:
            url = url.update_query_dict({"target_session_attrs": "read-write"})
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
    url = url.difference_update_query(secret).set(drivername=url.get_backend_name())
    if url.get_backend_name() == "sqlite" and not str(url.database).startswith("file:"):
        url = url.set(database=str(Path(str(url.database)).absolute()))
    if _host_count(url) < 2:
        return url.render_as_string(hide_password=True)
    hosts, ports = (str(url.query.get(key, "")).split(",") for key in ("host", "port"))
    several = ",".join(f"{host}:{port}".rstrip(":") for host, port in zip_longest(hosts, ports, fillvalue=""))
    plain = url.difference_update_query(["host", "port", "target_session_attrs"])
    return plain.set(host="several").render_as_string(hide_password=True).replace("several", several, 1)


def _unusable(url: URL, error: BaseException) -> DatabaseUnusableError:
    """Say in one plain line why the database cannot be used, and which setting names it."""
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    reason = (reason.strip().splitlines() or ["it gave no reason"])[0].strip().rstrip(".")
    for secret in filter(None, (url.password, *(url.query[key] for key in url.query if "pass" in key))):
        reason = reason.replace(str(secret), "***")
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind == sqlite3.SQLITE_FULL or (kind == sqlite3.SQLITE_IOERR and _is_disk_full(url)):
        return DatabaseUnusableError(
            f"The disk of the database {_without_secrets(url)} is full ({reason}): "
            "free some space there, then run the same again."
        )
    if kind in _SQLITE_DAMAGED:
        return DatabaseUnusableError(
            f"The database {_without_secrets(url)} cannot be used ({reason}): the file is damaged, or "
            "PAPERCORD_DATABASE_URL or PAPERCORD_DATA_DIR names another one. Where it is damaged, stop the "
            "bot, move it away with the files beside it whose names begin so, and papercord restore BACKUP."
        )
    advice = "check PAPERCORD_DATABASE_URL"
    if url.get_backend_name() == "sqlite":
        advice += " or PAPERCORD_DATA_DIR, and that its folder may be written"
    return DatabaseUnusableError(f"The database {_without_secrets(url)} cannot be used ({reason}); {advice}.")


def _is_disk_full(url: URL) -> bool:
    """Whether not even a page fits beside the database: SQLite calls that an error of the disk at times."""
    with suppress(OSError):
        return shutil.disk_usage(Path(str(url.database)).parent).free < SQLITE_LEAST_SPACE_BYTES
    return False


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
        one_of_several = _host_count(url) > 1
        patience = POSTGRESQL_HOST_PATIENCE_SECONDS if one_of_several else POSTGRESQL_PATIENCE_SECONDS
        asked = {"connect_timeout": patience, **POSTGRESQL_SILENCE}
        options["connect_args"] = {key: value for key, value in asked.items() if key not in url.query}
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
    if state == _READ_ONLY:
        context.is_disconnect = True  # a server that became a standby; another one may take writes
    lost = context.connection is None or context.is_disconnect or unusable
    execution = context.execution_context
    if context.is_disconnect and execution is not None:
        # SQLAlchemy leaves it as it is, and psycopg warns of one of its server cursors that was left open.
        with suppress(Exception):
            execution.cursor.close()
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
    """Begin a transaction; none where `papercord_writes` is None, as VACUUM runs outside of one only."""
    writes = connection.get_execution_options().get("papercord_writes", False)
    if writes is not None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
