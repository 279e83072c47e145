"""Bad input is left out, or with `strict` changes nothing; the report names file, line and reason."""

from __future__ import annotations

import lzma

import pytest

from bot.app import corpus_status
from bot.ingest.importer import import_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, contents, row, write_rows

GOOD = '{"title": "A good one", "id": "good"}'


def _written(path, *lines):
    data = b"".join(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines)
    path.write_bytes(data)
    return path


BAD_ROWS = {
    "no JSON": ('{"title": ', "the middle"),
    "no title": ('{"id": "1"}', "title"),
    "a list": ("[1, 2]", ""),
    "a NUL byte": (b'{"title": "a\x00b"}\n', ""),
    "an escaped NUL": (r'{"title": "a\u0000b"}', ""),
    "a lone surrogate": (r'{"title": "a\ud800b"}', ""),
    "an escaped NUL in an author": (r'{"title": "x", "authors": ["a\u0000b"]}', ""),
    "a lone surrogate in an author": (r'{"title": "x", "authors": ["a\udfffb"]}', ""),
    "an escaped NUL in an abstract": (r'{"title": "x", "abstract": "a\u0000b"}', ""),
    "an escaped NUL in an id": (r'{"title": "x", "id": "a\u0000b"}', ""),
    "NaN": ('{"title": "x", "citations": NaN}', ""),
    "infinity": ('{"title": "x", "citations": 1e999}', ""),
    "too many citations for a database": ('{"title": "x", "citations": 99999999999999999999}', ""),
    "more citations than a column holds": ('{"title": "x", "citations": 3000000000}', ""),
    "deep nesting": ('{"title": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", ""),
    "wrong encoding": (b'{"title": "caf\xe9"}\n', ""),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_strict_a_bad_row_leaves_everything_as_it_was_and_is_named(app, tmp_path, name):
    bad, said = BAD_ROWS[name]
    path = _written(tmp_path / "a.jsonl", GOOD, bad, GOOD)

    report = import_files(app, [path], strict=True)

    assert (report.added, report.updated, report.unchanged) == (0, 0, 0)
    assert [(one.file, one.line) for one in report.rejected] == [(str(path), 2)]
    assert said in report.rejected[0].reason
    assert not any(contents(app.store).values())
    assert corpus_status(app).last_import is None


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_left_out_and_listed_and_the_rest_comes_in(app, tmp_path, name):
    path = _written(tmp_path / "a.jsonl", GOOD, BAD_ROWS[name][0], '{"title": "Another", "id": "another"}')

    report = import_files(app, [path])

    assert [one.line for one in report.rejected] == [2]
    assert report.added == 2
    assert {paper.title for paper in all_papers(app.store)} == {"A good one", "Another"}
    status = corpus_status(app)
    assert status.last_import is not None
    assert status.last_import.rejected == 1


def _truncated(path):
    path.write_bytes(lzma.compress((GOOD + "\n").encode() * 10_000)[:-40])


UNREADABLE = {
    "empty": lambda path: path.write_bytes(b""),
    "UTF-16": lambda path: path.write_bytes(GOOD.encode("utf-16")),
    "truncated": _truncated,
    "a folder": lambda path: path.mkdir(),
    "missing": lambda path: None,
    "a header without papers": lambda path: path.write_text("Ann Ab\n\nCV\nh-index3\n0papers\n"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_changes_nothing_and_says_so(app, tmp_path, name):
    path = tmp_path / "a.jsonl.xz" if name == "truncated" else tmp_path / "a.txt"
    UNREADABLE[name](path)

    report = import_files(app, [path])

    assert report.added == 0
    assert report.rejected
    assert report.rejected[0].file == str(path)
    assert report.unreadable == (str(path),)
    assert not report.is_complete
    assert not any(contents(app.store).values())


def test_strict_no_file_is_written_before_all_are_validated(app, tmp_path):
    good = write_rows(tmp_path / "good.jsonl", [row(1)])
    bad = _written(tmp_path / "bad.jsonl", "nonsense")

    report = import_files(app, [good, bad], strict=True)

    assert (report.added, [one.file for one in report.rejected]) == (0, [str(bad)])
    assert all_papers(app.store) == []


def test_of_a_file_that_cannot_be_read_as_a_whole_nothing_is_kept(app, tmp_path):
    broken = tmp_path / "broken.jsonl.xz"
    _truncated(broken)
    first = write_rows(tmp_path / "first.jsonl", [row(1), row(2)])
    last = write_rows(tmp_path / "last.jsonl", [row(3)])

    report = import_files(app, [first, broken, last])

    assert (report.added, [one.file for one in report.rejected]) == (3, [str(broken)])
    assert report.unreadable == (str(broken),)
    assert [(one.papers, one.refused) for one in report.files] == [(2, 0), (0, 0), (1, 0)]
    assert len(all_papers(app.store)) == 3


def test_a_header_whose_count_differs_from_the_papers_is_said_and_imported(app, tmp_path):
    path = tmp_path / "page.txt"
    path.write_text(AUTHOR_PAGE.read_text(encoding="utf-8").replace("26papers", "27papers"), encoding="utf-8")

    report = import_files(app, [path])

    assert report.added == 26
    assert any("27" in notice and "26" in notice for notice in report.notices)


def test_an_address_that_cannot_be_a_link_is_dropped_and_said(app, tmp_path):
    rows = [row(1, url="javascript:alert(1)"), row(2, url="https://example.org/" + "a" * 600)]

    report = import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    assert report.added == 2
    assert [paper.url for paper in all_papers(app.store)] == [None, None]
    assert len(report.notices) == 2


@pytest.mark.parametrize("date", ["some day", "9" * 200_000], ids=["words", "very long"])
def test_a_date_that_cannot_be_is_counted_and_the_paper_is_kept(app, tmp_path, date):
    report = import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, date=date), row(2)])])

    assert (report.added, report.rejected) == (2, ())
    (notice,) = report.notices
    assert "date" in notice
    assert "not understood" in notice
    assert len(notice) < 1_000


def test_strict_a_row_whose_keys_contradict_others_leaves_everything_as_it_was(app, tmp_path):
    path = write_rows(tmp_path / "a.jsonl", [row(3), row(2, title="One", doi="10.9999/1")])
    import_files(app, [write_rows(tmp_path / "known.jsonl", [row(1, title="One", doi="10.9999/1")])])
    before = contents(app.store)

    report = import_files(app, [path], strict=True)

    assert (report.added, len(report.rejected), contents(app.store) == before) == (0, 1, True)
    assert import_files(app, [path]).added == 1


def test_a_folder_is_imported_by_name_without_what_is_hidden_or_being_written(app, tmp_path):
    folder = _folder(tmp_path / "exports")
    write_rows(folder / "b.jsonl", [row(1), row(2)])
    write_rows(folder / "a.jsonl", [row(3)])
    (folder / "c.bib").write_text("@misc{x, title = {Wombats}, year = 2020}\n", encoding="utf-8")
    for name in (".hidden.jsonl", "d.jsonl.part", "a.jsonl.reason.txt"):
        (folder / name).write_text("nonsense", encoding="utf-8")
    write_rows(_folder(folder / "within") / "e.jsonl", [row(4)])

    report = import_files(app, [folder])

    assert [(one.file, one.papers) for one in report.files] == [
        (str(folder / "a.jsonl"), 1),
        (str(folder / "b.jsonl"), 2),
        (str(folder / "c.bib"), 1),
    ]
    assert (report.added, report.rejected, report.is_complete) == (4, (), True)


def _folder(path):
    path.mkdir()
    return path


def test_very_long_texts_fit_into_every_database(app, tmp_path):
    long = "".join(chr(0x4E00 + number % 20_000) for number in range(6_000))
    rows = [
        row(1, title=long, venue=long, abstract=long),
        row(2, authors=[long], author_ids=[f"~{long}1"]),
        row(3, id=long),
        row(4, authors=[f"Ann {number}" for number in range(3_303)]),
    ]

    report = import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    assert report.added + len(report.rejected) == 4
    assert len(all_papers(app.store)[-1].authors) == 3_303


def test_notes_on_very_many_rows_are_not_all_told(app, tmp_path):
    rows = [row(number, url="ftp://example.org") for number in range(1, 200)]

    report = import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    assert len(report.notices) == 101
    assert "99 more" in report.notices[-1]


def test_strict_reading_stops_where_nearly_everything_is_bad(app, tmp_path):
    path = _written(tmp_path / "a.jsonl", "{" * 10, *["nonsense"] * 1_500)

    report = import_files(app, [path], strict=True)

    assert len(report.rejected) == 1_000
    assert "reading stopped" in report.notices[-1]
