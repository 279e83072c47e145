from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.errors import ConfigurationError, DatabaseUnusableError
from bot.store import engine
from bot.store.engine import Store
from tests.conftest import ROOT


def _refusal(url):
    with pytest.raises(ConfigurationError) as caught:  # noqa: PT012
        store = Store(url)
        with store.reading() as session:
            session.execute(text("SELECT 1"))
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 2
    return message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "is not a database address"),
        ("postgresql://someone:hunter2@host:port/name", "is not a database address"),
        ("mysql://someone:hunter2@host/name", "names the database 'mysql'"),
        ("sqlite://", "names no file"),
        ("postgresql://someone:hunter2@127.0.0.1:1/name", "Connection refused"),
        ("postgresql://127.0.0.1:1/name?password=hunter2&user=someone", "Connection refused"),
        ("sqlite:////proc/papercord/papercord.db", "No such file"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_one_line_without_its_password(url, said):
    message = _refusal(url)

    assert said in message
    assert "PAPERCORD_DATABASE_URL" in message
    assert "hunter2" not in message


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "papercord.db"
    path.write_text("Dear diary, " * 200)

    message = _refusal(f"sqlite:///{path}")
    assert "file is not a database" in message
    assert "papercord restore" in message


def test_a_damaged_database_is_to_be_made_anew_from_a_backup(store, backend):
    if backend != "sqlite":
        pytest.skip("PostgreSQL looks after its own files")
    store.close()
    with Path(str(store.url.database)).open("r+b") as file:
        file.seek(100)
        file.write(b"damage" * 200)

    message = _refusal(str(store.url))
    assert "is damaged" in message
    assert "papercord restore" in message


def test_an_error_of_the_disk_is_told_as_a_full_one_where_it_is_full(store, backend, monkeypatch):
    if backend != "sqlite":
        pytest.skip("PostgreSQL says so itself")
    no_memory = sqlite3.OperationalError("disk I/O error")
    no_memory.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert "is full" not in str(engine._unusable(store.url, no_memory))

    monkeypatch.setattr(engine.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=4096))
    assert "is full" in str(engine._unusable(store.url, no_memory))


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path):
    assert "PAPERCORD_DATA_DIR" in _refusal(f"sqlite:///{tmp_path}")


def test_a_database_that_may_only_be_read_is_refused_when_it_is_written(store, backend):
    if backend != "sqlite":
        pytest.skip("PostgreSQL decides by roles")
    store.close()
    # As the superuser may write everywhere, the driver is told to open the file for reading.
    read_only = Store(f"sqlite:///file:{store.url.database}?mode=ro&uri=true")

    with pytest.raises(ConfigurationError, match="PAPERCORD_DATA_DIR"), read_only.writing() as session:
        session.execute(text("INSERT INTO note (name, value) VALUES ('new', '1')"))
    read_only.close()


def test_the_password_is_hidden_when_the_address_is_shown():
    shown = Store("postgresql://someone:hunter2@host/name?sslpassword=hunter2").display_url

    assert shown == "postgresql://someone:***@host/name"


def test_a_file_is_shown_with_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert Store("sqlite:///data/papercord.db").display_url == f"sqlite:///{tmp_path}/data/papercord.db"


def test_what_is_written_is_kept_together_or_not_at_all(store):
    with store.writing() as session:
        session.execute(text("INSERT INTO note (name, value) VALUES ('kept', '1')"))
    with pytest.raises(ZeroDivisionError), store.writing() as session:  # noqa: PT012
        session.execute(text("INSERT INTO note (name, value) VALUES ('lost', '1')"))
        raise ZeroDivisionError

    with store.reading() as session:
        assert session.execute(text("SELECT name FROM note WHERE value = '1'")).scalars().all() == ["kept"]


def test_a_reader_sees_one_state_while_another_writes(store):
    with store.reading() as reader:
        assert reader.execute(text("SELECT count(*) FROM note WHERE name = 'new'")).scalar() == 0
        with store.writing() as writer:
            writer.execute(text("INSERT INTO note (name, value) VALUES ('new', '1')"))
        assert reader.execute(text("SELECT count(*) FROM note WHERE name = 'new'")).scalar() == 0


def test_foreign_keys_are_held(store):
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.writing() as session:
        session.execute(text("INSERT INTO attribution (paper_id, author_id, source) VALUES (1, 1, 'x')"))


def test_sqlite_keeps_a_write_ahead_log_and_syncs_each_commit(store, backend):
    if backend != "sqlite":
        pytest.skip("settings of SQLite")
    with store.reading() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_writer_holds_the_lock_from_its_start(store, backend):
    if backend != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    with store.writing():
        other = sqlite3.connect(store.url.database, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_several_processes_write_without_finding_the_database_locked(store):
    with store.writing() as session:
        session.execute(text("INSERT INTO note (name, value) VALUES ('count', '0')"))
    code = """
import sys
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from bot.store.engine import Store
store = Store(sys.argv[1])
for _ in range(50):
    with store.writing() as session:
        query = "SELECT value FROM note WHERE name = 'count'"
        if not store.is_sqlite:
            query += " FOR UPDATE"
        value = int(session.execute(text(query)).scalar_one())
        query = "UPDATE note SET value = :value WHERE name = 'count'"
        session.execute(text(query), {"value": str(value + 1)})
"""
    address = store.url.render_as_string(hide_password=False)
    processes = [subprocess.Popen([sys.executable, "-c", code, address], cwd=ROOT) for _ in range(3)]

    assert [process.wait() for process in processes] == [0, 0, 0]
    with store.reading() as session:
        assert session.execute(text("SELECT value FROM note WHERE name = 'count'")).scalar() == "150"


def test_a_server_that_takes_no_writes_is_unusable_and_not_a_fault_of_ours(store, backend):
    if backend == "sqlite":
        pytest.skip("a file that may only be read is tested above")
    with pytest.raises(DatabaseUnusableError, match="read-only"), store.writing() as session:  # noqa: PT012
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("INSERT INTO note (name, value) VALUES ('a', 'b')"))


def test_an_error_shows_no_values(store):
    with pytest.raises(DBAPIError) as raised, store.reading() as session:
        session.execute(text("SELECT :typed FROM nowhere"), {"typed": "zebrafish"})
    assert "zebrafish" not in str(raised.value)


def test_a_connection_that_breaks_while_rows_are_read_leaves_no_cursor_open(store, backend):
    if backend != "postgresql":
        pytest.skip("a file has no connection that breaks")
    with pytest.raises(DatabaseUnusableError), store.reading() as session:  # noqa: PT012
        backend_id = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.writing() as other:
            other.execute(text("SELECT pg_terminate_backend(:id)"), {"id": backend_id})
        session.connection().execute(text("SELECT 1"), execution_options={"yield_per": 10})
    gc.collect()
