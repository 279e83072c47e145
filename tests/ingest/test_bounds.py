"""Files that are made to cost much: the work and the memory stay bounded, and the reason is said."""

from __future__ import annotations

import gzip
import json
import lzma
import tracemalloc

import pytest

from bot.app import corpus_status
from bot.corpus.formats.opening import MAX_LINE_BYTES, Bounds, Lines
from bot.ingest.importer import import_files
from bot.ingest.inbox import Inbox
from tests.apps import processor_seconds
from tests.corpora import all_papers, row, write_rows

MEGABYTE = 2**20
NEWLINES = b"\n" * 64 * MEGABYTE


def _rows(count, **values):
    return "".join(f"{json.dumps(row(number, **values))}\n" for number in range(1, count + 1)).encode()


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.txt.xz", "a.bib.gz"])
@pytest.mark.parametrize("content", [b"\n", b"\x00", b"[]\n", b'{"title": "%s"}\n' % (b"a" * 500)])
def test_of_a_small_file_of_very_much_little_is_read(app, tmp_path, monkeypatch, name, content):
    read = []
    block_of = Lines._block
    monkeypatch.setattr(Lines, "_block", lambda lines: read.append(block := block_of(lines)) or block)
    packed = gzip.compress if name.endswith("gz") else lambda data: lzma.compress(data, preset=0)
    path = tmp_path / name
    path.write_bytes(packed(content * (16 * MEGABYTE // len(content))))

    report = import_files(app, [path])
    assert 0 < sum(map(len, read)) <= 4 * MEGABYTE
    assert report.rejected
    assert report.added == 0
    assert not all_papers(app.store)


def test_newlines_say_what_the_file_does(app, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(NEWLINES))

    with processor_seconds() as used:
        (rejected,) = import_files(app, [path]).rejected
        assert used() < 5
    assert "unpacks to more than 100 times its size" in rejected.reason


def test_a_file_that_repeats_itself_and_is_small_is_read(app, tmp_path):
    path = tmp_path / "a.jsonl.xz"
    path.write_bytes(lzma.compress(_rows(1) * 2_000))

    assert import_files(app, [path]).added == 1


def test_refused_rows_are_counted_and_only_the_first_are_kept(app, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" * 30_000 + _rows(2))

    tracemalloc.start()
    report = import_files(app, [path])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(report.rejected), report.rejected_more, report.added) == (1_000, 29_000, 2)
    assert most < 20 * MEGABYTE
    last = corpus_status(app).last_import
    assert last is not None
    assert last.rejected == 30_000


@pytest.mark.parametrize(
    "values",
    [
        {"authors": [1] * 200_000},
        {"author_ids": [[]] * 200_000},
        {"categories": [None] * 200_000},
        {"categories": ["a"] * 200_000},
    ],
)
def test_a_row_of_very_many_wrong_values_costs_no_more_than_others(app, tmp_path, values):
    path = write_rows(tmp_path / "a.jsonl", [row(1, **values)])

    with processor_seconds() as used:
        report = import_files(app, [path])
        assert used() < 2
    # What is wrong in a list of categories is left out; what is wrong in others makes the row refused.
    assert report.added + len(report.rejected) == 1
    assert ("categories" in values and "a" not in values["categories"]) == (report.added == 1)
    assert all((one.line, len(one.reason) <= 500) == (1, True) for one in report.rejected)


def test_lines_are_numbered_as_they_stand_however_long_they_are(app, tmp_path):
    path = tmp_path / "a.jsonl"
    long = b'{"title": "' + b"x" * MAX_LINE_BYTES + b'"}\n'
    path.write_bytes(b"\n" * 70_000 + long + b"[]\r\n" + long + b"\n\n{")

    report = import_files(app, [path])

    assert [one.line for one in report.rejected] == [70_001, 70_002, 70_003, 70_006]
    assert "longer than 16 MiB" in report.rejected[0].reason


@pytest.mark.parametrize("bounds", [Bounds(megabytes=1, lines=100_000), Bounds(megabytes=100, lines=999)])
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_file_of_somebody_else_is_read_as_far_as_its_bounds(app, tmp_path, bounds, name):
    packed = gzip.compress if name.endswith("gz") else bytes
    path = tmp_path / name
    path.write_bytes(packed(_rows(1_000, abstract="A long one. " * 100)))

    report = import_files(app, [path], bounds=bounds)

    assert "papercord import" in report.rejected[-1].reason
    assert not all_papers(app.store)
    assert import_files(app, [path]).added == 1_000


def test_the_inbox_puts_a_bomb_away_with_the_reason(app, monkeypatch):
    folder = app.settings.data_dir / "inbox"
    inbox = Inbox(app)
    inbox.import_ready_files()
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(NEWLINES))
    monkeypatch.setattr("bot.ingest.inbox.QUIET_SECONDS", 0.0)
    inbox.import_ready_files()

    assert inbox.import_ready_files() == 1
    reason = (folder / "refused" / "bomb.jsonl.gz.reason.txt").read_text(encoding="utf-8")
    assert "100 times its size" in reason
