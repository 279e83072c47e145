"""Imports as processes of their own: killed in the middle, and at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import corpus_status
from bot.ingest.importer import import_files
from tests.conftest import ROOT
from tests.corpora import all_papers, contents, row, write_rows

IMPORTER = """
import os
import sys
from pathlib import Path
from bot.config import load_settings
from bot.search.tantivy.index import SearchIndex
from bot.app import App
from bot.ingest.importer import import_files
from bot.store.engine import Store

address, data_dir, *files = sys.argv[1:]
os.environ |= {"PAPERCORD_DATABASE_URL": address, "PAPERCORD_DATA_DIR": data_dir}
settings = load_settings(Path("none"))
app = App(settings=settings, store=Store(address), index=SearchIndex(settings.index_dir))

def told(progress):
    if progress.stage == "writing":
        print(progress.done, flush=True)
        sys.stdin.readline()

report = import_files(app, [Path(file) for file in files], progress=told)
print("done", report.added, report.updated, report.unchanged, len(report.rejected), flush=True)
app.index.close()
app.store.close()
"""


def _import(app, *files):
    """Begin an import as a process, which waits for a line on stdin after each batch."""
    address = app.store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", IMPORTER, address, str(app.settings.data_dir), *map(str, files)]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


@pytest.fixture
def rows():
    return [row(number) for number in range(1, 1_500)]


def test_an_import_that_was_killed_is_said_and_completed_by_importing_the_same_file_again(
    app, tmp_path, rows, prepared_databases, backend
):
    path = write_rows(tmp_path / "a.jsonl", rows)
    process = _import(app, path)
    assert process.stdout is not None
    assert int(process.stdout.readline()) < len(rows)
    process.kill()
    process.communicate()

    status = corpus_status(app)
    assert 0 < status.papers < len(rows)
    assert status.last_import is not None
    assert (status.last_import.state, status.last_import.finished_at) == ("cut off", None)
    assert [one.files for one in status.unfinished_imports] == [("a.jsonl",)]

    report = import_files(app, [path])

    assert (report.added, report.updated, report.unchanged) == (len(rows), 0, 0)
    status = corpus_status(app)
    assert status.unfinished_imports == ()
    assert status.papers == len(rows)
    assert app.index.revision == status.revision
    completed = contents(app.store)
    with app.store.writing() as session:
        query = (
            "SELECT count(DISTINCT import_id), min(finished_revision) FROM paper"
            " JOIN corpus_import i ON i.id = import_id"
        )
        assert session.connection().execute(text(query)).one() == (1, status.revision)
        for table in ("authorship", "attribution", "paper_key", "paper_source", "paper", "author"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    import_files(app, [path])
    assert completed == contents(app.store)


def test_an_import_that_runs_is_not_taken_for_one_that_was_cut_off(app, tmp_path, rows):
    process = _import(app, write_rows(tmp_path / "a.jsonl", rows))
    assert process.stdout is not None
    process.stdout.readline()

    status = corpus_status(app)
    assert status.last_import is not None
    assert status.last_import.state == "running"
    assert status.unfinished_imports == ()

    out, _ = process.communicate("\n" * 1_000)
    assert out.splitlines()[-1] == f"done {len(rows)} 0 0 0"
    last = corpus_status(app).last_import
    assert last is not None
    assert last.state == "finished"


def test_imports_at_once_bring_each_paper_once(app, tmp_path, rows):
    paths: list[Path] = [
        write_rows(tmp_path / "a.jsonl", rows[:1_000]),
        write_rows(tmp_path / "b.jsonl", rows[400:][::-1]),
    ]
    processes = [_import(app, path) for path in paths]
    answers: list[str] = []

    def run(process):
        out, _ = process.communicate("\n" * 10_000)
        answers.append(out.splitlines()[-1])

    threads = [threading.Thread(target=run, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = [[int(number) for number in answer.split()[1:]] for answer in answers]
    assert sum(added for added, *_ in counts) == len(rows)
    assert sum(sum(each) for each in counts) == 1_000 + len(rows) - 400
    papers = all_papers(app.store)
    assert sorted(paper.source_id for paper in papers) == [one["id"] for one in rows]
    people = [key for _, key in contents(app.store)["authors"]]
    assert len(people) == len(set(people))
    assert corpus_status(app).unfinished_imports == ()
    assert app.index.catch_up(app.store) == corpus_status(app).revision


def test_a_reader_goes_on_while_papers_are_written(app, tmp_path, rows):
    path = write_rows(tmp_path / "a.jsonl", rows)
    seen: list[int] = []

    import_files(app, [path], progress=lambda _progress: seen.append(corpus_status(app).papers))

    assert seen == sorted(seen)
    assert len(set(seen)) > 1
