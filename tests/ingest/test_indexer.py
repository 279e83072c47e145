"""The process beside a long import: it reads lines, and what is stored is the same with and without it."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from bot.corpus.files import read_file
from bot.corpus.formats.opening import PaperPacked, PaperRead
from bot.ingest import indexer
from bot.ingest.indexer import LONG_IMPORT, Indexer
from bot.ingest.spool import Spool, packed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Papers with ids, and prefaces without: they are told apart by more than their titles."""
    file = tmp_path / "papers.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(3_000):
            row = {"id": f"2401.{number:05d}", "title": f"On rope {number}", "authors": ["Ann Bo"]}
            preface = {
                "title": "Preface",
                "venue": f"Ropes {number % 7}",
                "authors": ["Cy Do"],
                "date": "soon",
            }
            lines.write(json.dumps(preface if number % 10 == 0 else row) + "\n")
    return file


def items_of(path: Path, helper: Indexer | None, app):
    return read_file(path, as_of=None, today=app.clock().date(), helper=helper)


def started(app) -> Indexer:
    """One whose process is ready to read."""
    beside = Indexer(app)
    beside.expect(LONG_IMPORT)
    assert beside._pipe is not None
    assert beside._pipe.poll(60)
    return beside


def spooled(path: Path, helper: Indexer | None, app):
    with Spool() as spool:
        spool.read(path, items_of(path, helper, app), strict=False, progress=lambda _papers: None)
        spool.note_replaced()
        return list(spool.entries()), spool.notices, spool.files


def test_its_process_reads_lines_as_the_import_does(app, path):
    with closing(started(app)) as beside:
        items = list(items_of(path, beside, app))
    assert any(isinstance(item, PaperPacked) for item in items)
    own = list(items_of(path, None, app))
    assert [packed(item) if isinstance(item, PaperRead) else item for item in items] == [
        packed(item) if isinstance(item, PaperRead) else item for item in own
    ]


def test_what_is_kept_of_a_file_is_the_same_with_and_without_it(app, path):
    with closing(started(app)) as beside:
        with_it = spooled(path, beside, app)
    assert with_it == spooled(path, None, app)
    assert len(with_it[0]) == 3_000


def test_a_file_is_read_whole_also_where_its_process_is_killed(app, path):
    with closing(started(app)) as beside:
        items = items_of(path, beside, app)
        found = [next(items)]
        assert beside._process is not None
        os.kill(beside._process.pid or 0, signal.SIGKILL)
        found += items
        assert not beside.take(indexer.Block(1, [b"{}"], "x"))
    assert len([item for item in found if isinstance(item, PaperRead | PaperPacked)]) == 3_000
