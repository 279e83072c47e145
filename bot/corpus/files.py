"""Reads a file of papers: tells its format, and has the reader of that format read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from bot.corpus.formats.author_page import read_author_page
from bot.corpus.formats.bibtex import read_bibtex
from bot.corpus.formats.jsonl import read_json_lines
from bot.corpus.formats.opening import (
    EXPECTED,
    Bounds,
    Item,
    PaperRead,
    ProfileRead,
    Remark,
    RowRefused,
    open_lines,
)
from bot.corpus.formats.ris import read_ris
from bot.corpus.identity import JSON_LINES
from bot.errors import UnreadableFileError

__all__ = ["Item", "PaperRead", "ProfileRead", "Remark", "RowRefused", "read_file"]

_ENDINGS = (".jsonl", ".ndjson")
_LIBRARIES = {".bib": read_bibtex, ".ris": read_ris}


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
        is_json_lines = name.endswith(_ENDINGS)
        if start.startswith("[") and not is_json_lines:
            raise UnreadableFileError(
                str(path), None, f"it holds one JSON list, which is no format of papers; {EXPECTED}"
            )
        if name.endswith(tuple(_LIBRARIES)):
            yield from _LIBRARIES[name[-4:]](lines)
        elif start.startswith("{") or is_json_lines:
            yield from read_json_lines(lines, source_name or JSON_LINES)
        else:
            yield from read_author_page(lines, as_of=as_of, today=today)
