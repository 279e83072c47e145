from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from bot.errors import SchemaError
from bot.ingest.importer import import_files
from bot.store import models, schema
from bot.store.engine import Store
from bot.store.schema import MIGRATIONS, SCHEMA_VERSIONS, migrate, prepare
from tests.conftest import ROOT
from tests.corpora import all_papers, row, write_rows


@pytest.fixture
def empty(database_url):
    store = Store(database_url)
    yield store
    store.close()


def _set_version(store, version):
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_the_first_command_on_an_empty_database_makes_all_tables(empty):
    prepare(empty)

    with empty.reading() as session:
        tables = set(inspect(session.connection()).get_table_names())
    assert tables == {*SQLModel.metadata.tables, "alembic_version"}
    assert models.Paper.__tablename__ in tables


def test_the_tables_of_the_models_and_of_the_migrations_agree(store):
    with store.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_known_versions_are_those_of_the_migrations():
    script = ScriptDirectory(str(MIGRATIONS))

    assert tuple(step.revision for step in reversed(list(script.walk_revisions()))) == SCHEMA_VERSIONS


def test_migrating_says_what_was_done(empty):
    assert migrate(empty) == f"The database was empty: made its tables (schema {SCHEMA_VERSIONS[-1]})."
    assert migrate(empty).startswith("Nothing to do")


def test_an_older_schema_is_refused_with_the_advice_to_migrate(store):
    _set_version(store, "0000")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.store.schema.SCHEMA_VERSIONS", ("0000", "0001"))

        with pytest.raises(SchemaError, match=r"older schema \(0000.*`papercord migrate`"):
            prepare(store)


def test_an_import_that_runs_ends_where_a_newer_papercord_takes_the_database_over(app, tmp_path):
    file = write_rows(tmp_path / "rows.jsonl", [row(1)])

    def take_over(progress):
        if progress.stage == "reading":
            _set_version(app.store, "9999")

    with pytest.raises(SchemaError, match=r"A newer Papercord migrated .*schema 9999.* this one ends"):
        import_files(app, [file], progress=take_over)
    assert all_papers(app.store) == []


def test_a_migration_that_was_cut_off_goes_on_with_the_next_step(empty, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.schema.SCHEMA_VERSIONS", SCHEMA_VERSIONS[:-2])
        with empty.writing() as session:
            schema._upgrade(session.connection(), SCHEMA_VERSIONS[-4])
        schema._take_step(empty)
        patch.undo()

    assert (
        migrate(empty) == f"Migrated the database from schema {SCHEMA_VERSIONS[-3]} to {SCHEMA_VERSIONS[-1]}."
    )


def test_a_newer_schema_is_refused_by_both_commands(store):
    _set_version(store, "9999")

    with pytest.raises(SchemaError, match="This Papercord is older than the database"):
        prepare(store)
    with pytest.raises(SchemaError, match="This Papercord is older than the database"):
        migrate(store)


def test_a_database_with_tables_of_another_program_is_refused(empty):
    with empty.writing() as session:
        session.execute(text("CREATE TABLE paper (name TEXT)"))

    with pytest.raises(SchemaError, match="Papercord did not make"):
        prepare(empty)


def test_a_prepared_database_is_opened_without_loading_alembic(store):
    code = (
        "import sys; from bot.store.engine import Store; from bot.store.schema import prepare; "
        "prepare(Store(sys.argv[1])); print('alembic' in sys.modules)"
    )
    address = store.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", code, address], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_processes_that_prepare_an_empty_database_at_once_all_succeed(database_url):
    code = (
        "import sys; from bot.store.engine import Store; from bot.store.schema import prepare; "
        "sys.stdin.read(); prepare(Store(sys.argv[1])); print('prepared')"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, database_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    with ThreadPoolExecutor(len(processes)) as threads:
        answers = list(threads.map(lambda process: process.communicate(""), processes))

    assert [(out.strip(), error) for out, error in answers] == [("prepared", "")] * len(processes)
