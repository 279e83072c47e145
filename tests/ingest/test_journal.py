"""Imports that a database has lost are named until they are made again."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import orjson
import pytest

from bot.app import App
from bot.health import Level, health
from bot.ingest.importer import import_files
from bot.ingest.journal import FILE, lost_imports, report_lost_imports
from tests.apps import Clock, close_app, open_app


def bring(app: App, name: str, *titles: str) -> Path:
    file = app.settings.data_dir / name
    file.write_bytes(b"".join(orjson.dumps({"id": title, "title": title}) + b"\n" for title in titles))
    import_files(app, [file])
    return file


def test_what_an_older_copy_lacks_is_named_until_it_is_imported_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    folder = tmp_path / "data"
    app = open_app(folder, Clock())
    bring(app, "kept.jsonl", "Zebrafish by night")
    app.store.close()
    shutil.copy(folder / "papercord.db", tmp_path / "backup.db")
    lost = bring(app, "lost.jsonl", "Gossip among mice", "Sleep of bees")
    bring(app, "nothing-new.jsonl", "Zebrafish by night")
    assert lost_imports(app) == ()
    close_app(app)
    for file in folder.glob("papercord.db*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.db", folder / "papercord.db")

    app = open_app(folder, Clock())
    [entry] = lost_imports(app)
    assert (entry.files, entry.added, entry.updated) == (("lost.jsonl",), 2, 0)
    with caplog.at_level(logging.WARNING):
        report_lost_imports(app)
    assert "2 papers added, 0 changed): import lost.jsonl again" in caplog.text
    [check] = [check for check in health(app) if check.name == "imports"]
    assert (check.level, "lost.jsonl" in check.words) == (Level.WARNING, True)

    import_files(app, [lost])
    assert lost_imports(app) == ()
    close_app(app)


def test_a_journal_of_another_database_or_a_damaged_one_says_nothing(tmp_path: Path):
    app = open_app(tmp_path / "data")
    bring(app, "a.jsonl", "Zebrafish by night")
    with (app.settings.data_dir / FILE).open("ab") as journal:
        journal.write(b'{"files": ["cut')
    assert lost_imports(app) == ()
    other = open_app(tmp_path / "other")
    bring(other, "b.jsonl", "Sleep of bees")
    shutil.copy(app.settings.data_dir / FILE, other.settings.data_dir / FILE)
    assert lost_imports(other) == ()
    close_app(app)
    close_app(other)
