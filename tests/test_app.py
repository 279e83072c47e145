from __future__ import annotations

import dataclasses
import datetime as dt
import os
import socket

import pytest

from bot import app as app_module
from bot.app import corpus_is_empty, corpus_status, papers_of_fields
from bot.ingest.importer import import_files
from bot.ingest.undo import undo_import
from bot.store.imports import begin_import, change_import
from tests.conftest import AUTHOR_PAGE
from tests.corpora import row, write_rows

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def _last(app):
    last = corpus_status(app).last_import
    assert last is not None
    return last


def test_an_empty_corpus_has_nothing(app):
    status = corpus_status(app)

    assert (status.papers, status.authors, status.fields, status.revision) == (0, 0, {}, 0)
    assert status.last_import is None
    assert status.index_revision is None


def test_the_status_counts_papers_authors_and_fields(app):
    import_files(app, [AUTHOR_PAGE])

    status = corpus_status(app)

    assert status.papers == 26
    assert status.fields == {"CV": 19, "LG": 6, "IR": 1}
    assert status.authors > 26
    assert status.index_revision == status.revision > 0
    assert (_last(app).state, _last(app).added) == ("finished", 26)


def test_papers_are_counted_once_a_revision(app, tmp_path, monkeypatch):
    import_files(app, [AUTHOR_PAGE])
    counted = []
    count = app_module.papers_by_field
    monkeypatch.setattr(app_module, "papers_by_field", lambda session: counted.append(1) or count(session))
    assert [corpus_status(app).papers, papers_of_fields(app)["CV"], corpus_status(app).papers] == [26, 19, 26]
    assert len(counted) == 1
    import_files(app, [write_rows(tmp_path / "new.jsonl", [row(1, field="CV")])])
    assert (papers_of_fields(app)["CV"], corpus_status(app).papers) == (20, 27)
    assert len(counted) == 2
    undo_import(app, 2)
    assert (corpus_status(app).papers, corpus_status(app).fields["CV"]) == (26, 19)


def test_a_corpus_whose_papers_were_taken_back_is_empty(app, tmp_path):
    assert corpus_is_empty(app)
    import_files(app, [write_rows(tmp_path / "new.jsonl", [row(1)])])
    assert not corpus_is_empty(app)
    undo_import(app, 1)
    assert corpus_is_empty(app)


def test_papers_without_a_field_are_not_counted_as_a_field(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, categories=[]), row(2)])])

    assert corpus_status(app).fields == {"CV": 1}


@pytest.fixture
def begun(app):
    """An import that began at NOW, and an app whose clock stands there."""
    with app.store.writing() as session:
        import_id = begin_import(session, ["a.jsonl"], NOW)
    return import_id, dataclasses.replace(app, clock=lambda: NOW)


def test_an_import_of_a_living_process_runs(begun):
    _, app = begun

    assert _last(app).state == "running"


def test_an_import_whose_process_is_gone_was_cut_off(begun):
    import_id, app = begun
    process = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(process, 0)
    with app.store.writing() as session:
        change_import(session, import_id, process=f"{socket.gethostname()}:{process}")

    assert _last(app).state == "cut off"


def test_an_import_of_another_host_was_cut_off_when_it_is_silent_for_a_minute(begun):
    import_id, app = begun
    with app.store.writing() as session:
        change_import(session, import_id, process="elsewhere:1")

    assert _last(app).state == "running"
    later = dataclasses.replace(app, clock=lambda: NOW + dt.timedelta(seconds=61))
    assert _last(later).state == "cut off"


def test_a_cut_off_import_that_brought_nothing_waits_for_nothing(begun):
    _, app = begun
    later = dataclasses.replace(app, clock=lambda: NOW + dt.timedelta(seconds=61))

    assert _last(later).state == "cut off"
    assert corpus_status(later).unfinished_imports == ()


def test_the_password_of_the_database_is_hidden(app):
    assert corpus_status(app).database == app.store.display_url
