"""Files as a whole: which form they have, how they are packed, and what cannot be read at all."""

from __future__ import annotations

import datetime as dt
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.corpus.files import PaperRead, RowRefused, read_file
from bot.errors import UnreadableFileError
from tests.conftest import AUTHOR_PAGE

TODAY = dt.date(2026, 7, 20)
ROWS = b'{"title": "One"}\n{"title": "Two"}\n'


def count(path: Path) -> int:
    return sum(isinstance(item, PaperRead) for item in read_file(path, as_of=None, today=TODAY))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", ROWS),
        ("a.ndjson", ROWS),
        ("a.json", ROWS),
        ("a.txt", ROWS),
        ("a", b"\n \n" + ROWS),
        ("a.jsonl", b"\xef\xbb\xbf" + ROWS),
        ("a.jsonl", ROWS.replace(b"\n", b"\r\n")),
        ("a.jsonl", ROWS.rstrip()),
        ("a.jsonl.gz", gzip.compress(ROWS, mtime=0)),
        ("a.jsonl.gz", gzip.compress(ROWS[:17], mtime=0) + gzip.compress(ROWS[17:], mtime=0)),
        ("a.jsonl.xz", lzma.compress(ROWS)),
        ("packed-under-another-name.jsonl", lzma.compress(ROWS)),
    ],
)
def test_json_lines_are_known_by_name_or_content(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert count(path) == 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_an_author_page_may_be_packed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(pack(AUTHOR_PAGE.read_bytes()))
    assert count(path) == 26


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt", "a.jsonl.gz", "a.jsonl.xz"])
@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="it is empty"):
        count(path)


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.xz"
    path.write_bytes(lzma.compress(b""))
    with pytest.raises(UnreadableFileError, match="it is empty"):
        count(path)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_truncated_archive_is_refused_whole(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = pack(b"".join(b'{"title": "%d"}\n' % (number * 7919) for number in range(30_000)))
    path = tmp_path / "a.jsonl.packed"
    for length in (len(content) // 2, len(content) - 1, 20):
        path.write_bytes(content[:length])
        with pytest.raises(UnreadableFileError, match="ends too early"):
            count(path)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_damaged_archive_is_refused_whole(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = bytearray(pack(b"".join(b'{"title": "%d"}\n' % (number * 7919) for number in range(30_000))))
    for place in range(len(content) // 2, len(content) // 2 + 40):
        content[place] ^= 0xFF
    path = tmp_path / "a.jsonl.packed"
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableFileError, match="the compressed file is damaged"):
        count(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        count(tmp_path / "none.jsonl")
    with pytest.raises(UnreadableFileError, match="Is a directory"):
        count(tmp_path)


ROW = '{"title": "One", "authors": ["Ida Hale"], "year": 2020}'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", f"[\n{ROW}\n]"),
        ("a.jsonl", f"[{ROW}]"),
        ("a.jsonl", ROW.replace(", ", ",\n ").replace("{", "{\n ")),
        ("a.json", f"{ROW}\n{ROW.replace('One', 'Two')}"),
        ("a.json", f'{{"count": 1, "results": [{ROW}]}}'),
        ("a.json", f'{{"hits": {{"total": 1, "hits": [{{"_id": "1", "_source": {ROW}}}]}}}}'),
        ("a.json", f'{{"hale2020": {ROW}}}'),
    ],
)
def test_json_is_read_whatever_stands_around_its_objects(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    first = next(item for item in read_file(path, as_of=None, today=TODAY) if isinstance(item, PaperRead))
    assert (first.record.title, first.record.published) == ("One", "2020")
    assert [one.name for one in first.record.authors] == ["Ida Hale"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet>\n<PubmedArticleSet>', "XML of PubMed"),
        ('<?xml version="1.0"?>\n<modsCollection xmlns="x">', "MODS"),
        ('<?xml version="1.0"?>\n<b:Sources xmlns:b="x">', "Word"),
        ("Authors,Author full names,Title,Year\nHale I.,,One,2020\n", "CSV"),
        ('"Key","Item Type","Title"\n', "CSV"),
        ("PT\tAU\tBA\tTI\nJ\tHale, I\t\tOne\n", "table of Web of Science"),
        ("<1>\nUnique Identifier\n  123\n", "Ovid"),
        ("[]", "without papers"),
    ],
)
def test_a_refusal_says_what_a_file_is_and_what_to_export(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    with pytest.raises(UnreadableFileError, match="expected are JSON lines") as refusal:
        count(path)
    assert what in str(refusal.value)


def test_a_text_that_is_called_json_lines_is_refused_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"one\n[2]\n")
    items = list(read_file(path, as_of=None, today=TODAY))
    assert [type(item) for item in items] == [RowRefused, RowRefused]
    assert [item.line for item in items] == [1, 2]


def test_rows_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(ROWS + b"x" * 10)
    items = read_file(path, as_of=None, today=TODAY)
    first = next(items)
    assert isinstance(first, PaperRead)
    assert first.record.title == "One"


def test_an_error_of_the_machine_is_no_fault_of_the_file() -> None:
    path = Path("/proc/self/mem")  # its beginning cannot be read, by an input/output error
    if not path.exists():
        pytest.skip("this system has no such file")
    with pytest.raises(OSError, match="Input/output error") as caught:
        count(path)
    assert caught.value.filename == str(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"To whom it may concern"),
        ("a.txt", b""),
        ("a.json", b'[{"title": "One"'),
        ("a.jsonl", b"\n\n"),
        ("a.bib", b"no entry"),
        ("a.bib", b"@misc{a, title = {\x00}}"),
        ("a.ris", b"no reference"),
        ("a.txt", b"\xff\xfea\x00"),
    ],
)
def test_a_refusal_names_every_format_that_can_be_read(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError) as refusal:
        count(path)
    for known in ("JSON lines", "BibTeX (.bib)", "RIS (.ris)", "author page"):
        assert known in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.4\n\x00\x01", "it is a PDF, which is no list of papers"),
        (b"PK\x03\x04\x14\x00", "it is a ZIP or Office file"),
        (b"<!DOCTYPE html><html><body>Papers</body></html>", "it is a page of HTML"),
        (b"{\\rtf1\\ansi Papers}", "it is a text with formats"),
    ],
)
def test_what_people_take_for_a_list_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "papers"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=what):
        count(path)
