"""Reads a file of papers: recognises its format, and has the reader of that format read it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bot.corpus.formats.author_page import read_author_page
from bot.corpus.formats.bibtex import read_bibtex
from bot.corpus.formats.csl_json import is_csl_json, read_csl_json
from bot.corpus.formats.endnote_xml import is_endnote_xml, read_endnote_xml
from bot.corpus.formats.jsonl import read_json_lines
from bot.corpus.formats.opening import (
    EXPECTED,
    Bounds,
    Item,
    Lines,
    PaperRead,
    ProfileRead,
    Remark,
    RowRefused,
    open_lines,
)
from bot.corpus.formats.tagged import RIS, dialect_of, read_tagged
from bot.corpus.identity import JSON_LINES
from bot.errors import UnreadableFileError

__all__ = ["Item", "PaperRead", "ProfileRead", "Remark", "RowRefused", "read_file"]

_JSON_LINES = (".jsonl", ".ndjson")
_BIBTEX = re.compile(r"^\s*@\s*[A-Za-z][\w-]*\s*[{(]", re.MULTILINE)
_REFERENCES = (".bib", ".ris", ".nbib", ".enw", ".ciw", ".xml", ".json")
"""Names of files that hold references; which form they have is recognised by what they hold."""
ENDINGS = (*_REFERENCES, *_JSON_LINES, ".txt", ".gz", ".xz")
"""Names of files that people may hand in."""


_NO_LISTS = {
    "%pdf-": "a PDF",
    "pk\x03\x04": "a ZIP or Office file",
    "<!doctype html": "a page of HTML",
    "<html": "a page of HTML",
    "{\\rtf": "a text with formats (RTF)",
}
"""How files begin that people take for lists of papers, in lower case."""


def read_file(
    path: Path,
    *,
    as_of: dt.date | None,
    today: dt.date,
    source_name: str | None = None,
    bounds: Bounds | None = None,
) -> Iterator[Item]:
    """Read one file, row by row, in its order.

    Args:
        path: A file of one of the `FORMATS`; it may be compressed as .gz or .xz.
        as_of: The day on which an author page was read, where somebody said it.
        today: The day that stands in for it where a year must be inferred.
        source_name: The id space of JSON lines that number their papers on their own.
        bounds: How much of a file is read that is not of whoever runs Papercord.

    Raises:
        UnreadableFileError: The file as a whole cannot be read; no row of it is to be used.

    """
    with open_lines(path, bounds) as lines:
        start = lines.first_text()
        name = path.name.lower().removesuffix(".gz").removesuffix(".xz")
        is_json_lines = name.endswith(_JSON_LINES)
        read = None if is_json_lines else _library_reader(start, name)
        if read is not None:
            yield from read(lines)
            return
        for begins, what in _NO_LISTS.items():
            if start[: len(begins)].lower() == begins:
                reason = f"it is {what}, which is no list of papers; {EXPECTED}"
                raise UnreadableFileError(str(path), None, reason)
        if lines.is_utf16:
            raise UnreadableFileError(str(path), None, f"it is UTF-16 text; {EXPECTED}")
        if start.startswith("[") and not is_json_lines:
            raise UnreadableFileError(
                str(path), None, f"it holds one JSON list, which is no format of papers; {EXPECTED}"
            )
        if start.split("\n", 1)[0].strip() in {"{", "["}:
            raise UnreadableFileError(
                str(path),
                None,
                "its objects stand on several lines; JSON lines have one object {…} on each line",
            )
        if start.startswith("{") or is_json_lines:
            yield from read_json_lines(lines, source_name or JSON_LINES)
        elif name.endswith(_REFERENCES):
            raise UnreadableFileError(
                str(path), None, f"it has no reference in a form that is read; {EXPECTED}"
            )
        else:
            yield from read_author_page(lines, as_of=as_of, today=today)


def _library_reader(start: str, name: str) -> Callable[[Lines], Iterator[Item]] | None:
    """The reader of a file of references, recognised by its first lines; None where it is no such file."""
    start = start.lstrip("\ufeff \t\r\n").replace("\r", "\n")
    if is_csl_json(start):
        return read_csl_json
    if is_endnote_xml(start):
        return read_endnote_xml
    if (dialect := dialect_of(start)) is not None:
        return partial(read_tagged, dialect=dialect)
    if name.endswith(".bib") or _BIBTEX.search(start):
        return read_bibtex
    if name.endswith(".ris"):
        return partial(read_tagged, dialect=RIS)
    return None
