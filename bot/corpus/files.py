"""Reads a file of papers: recognises its format, and has the reader of that format read it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bot.corpus.formats.author_page import read_author_page
from bot.corpus.formats.bibtex import read_bibtex
from bot.corpus.formats.endnote_xml import is_endnote_xml, read_endnote_xml
from bot.corpus.formats.json_lines import Helper, read_json_lines
from bot.corpus.formats.json_list import is_json_document, is_written_over_lines, read_json_document
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
from bot.corpus.formats.tagged import read_tagged
from bot.corpus.formats.tagged_dialects import RIS, dialect_of
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
    r"%pdf-": "a PDF, which is no list of papers",
    r"pk\x03\x04": "a ZIP or Office file, which is no list of papers",
    r"<!doctype html|<html": "a page of HTML, which is no list of papers",
    r"\{\\rtf": "a text with formats (RTF), which is no list of papers",
    r"<(?:.*<)?(?:!doctype )?pubmedarticleset": "XML of PubMed: save it there in the format “PubMed”",
    r"<(?:.*<)?(?:\w+:)?(?:mods|modscollection)[\s>]": "MODS: export BibTeX or RIS",
    r"<(?:.*<)?(?:b:)?sources[\s>]": "a list of sources of Word: export BibTeX or RIS from where it comes",
    r"<(?:.*<)?rdf:rdf": "RDF: of Zotero, export BibTeX or RIS",
    r"<(?:.*<)?bibtex:": "BibTeXML: export BibTeX",
    r"(?:[^\n]*[,;\t])?\"?(?:[a-z]+ )?title\"?[,;\t]": "a table (CSV): export RIS or BibTeX",
    r"[^\n]*[,;\t]\"?(?:[a-z]+ )?title\"?\n": "a table (CSV): export RIS or BibTeX",
    r"(?:pt|ut)\t[a-z0-9]{2}\t": "a table of Web of Science: export “plain text”",
    r"<\d+>\s*\n": "a text of Ovid: export RIS",
    r"cff-version\s*:": "a citation file (CFF): export BibTeX",
}
"""How files begin that people take for lists of papers (patterns, in lower case), and what these are."""


def read_file(
    path: Path,
    *,
    as_of: dt.date | None,
    today: dt.date,
    source_name: str | None = None,
    bounds: Bounds | None = None,
    helper: Helper | None = None,
) -> Iterator[Item]:
    """Read one file, row by row, in its order.

    Args:
        path: A file of one of the `FORMATS`; it may be compressed as .gz or .xz.
        as_of: The day on which an author page was read, where somebody said it.
        today: The day that stands in for it where a year must be inferred.
        source_name: The id space of JSON lines that number their papers on their own.
        bounds: How much of a file is read that is not of whoever runs Papercord.
        helper: Reads a part of JSON lines in another process.

    Raises:
        UnreadableFileError: The file as a whole cannot be read; no row of it is to be used.

    """
    with open_lines(path, bounds) as lines:
        start = lines.first_text()
        name = path.name.lower().removesuffix(".gz").removesuffix(".xz")
        is_json_lines = name.endswith(_JSON_LINES)
        id_space = source_name or JSON_LINES
        read = (
            _reader_of_documents(start, name, id_space)
            if not is_json_lines or is_written_over_lines(start)
            else None
        )
        if read is not None:
            yield from read(lines)
            return
        if not start.startswith('{"') and (what := _known_form(start)) is not None:
            raise UnreadableFileError(str(path), None, f"it is {what}; {EXPECTED}")
        if lines.is_utf16:
            raise UnreadableFileError(str(path), None, f"it is UTF-16 text; {EXPECTED}")
        if start.startswith("{") or is_json_lines:
            yield from read_json_lines(lines, id_space, helper)
        elif name.endswith(_REFERENCES):
            raise UnreadableFileError(
                str(path), None, f"it has no reference in a form that is read; {EXPECTED}"
            )
        else:
            yield from read_author_page(lines, as_of=as_of, today=today)


def _known_form(start: str) -> str | None:
    """What a file is that is none of the formats, where that can be recognised."""
    start = start.lower()
    return next(
        (what for begins, what in _NO_LISTS.items() if re.match(begins, start[:2_000], re.DOTALL)), None
    )


def _reader_of_documents(start: str, name: str, id_space: str) -> Callable[[Lines], Iterator[Item]] | None:
    """The reader of a file that is read whole, recognised by its first lines; None for other files."""
    start = start.lstrip("\ufeff \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
    if is_json_document(start):
        return partial(read_json_document, id_space=id_space)
    if is_endnote_xml(start):
        return read_endnote_xml
    if (dialect := dialect_of(start)) is not None:
        return partial(read_tagged, dialect=dialect)
    if name.endswith(".bib") or _BIBTEX.search(start):
        return read_bibtex
    if name.endswith(".ris"):
        return partial(read_tagged, dialect=RIS)
    return None
