"""Reads what PubMed's E-utilities answer: ids that a search found, and the records behind them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import cast

from bot.corpus.formats.answers import (
    Page,
    RequestRefusedError,
    UnusableAnswerError,
    object_of,
    read_json_object,
    text_of,
    written_count,
)
from bot.corpus.formats.opening import Lines, PaperRead, RowRefused
from bot.corpus.formats.tagged import read_tagged
from bot.corpus.formats.tagged_dialects import MEDLINE
from bot.errors import UnreadableFileError


def read_pubmed_search(body: bytes) -> Page:
    """Read one page of ids, the newest entries first.

    Raises:
        RequestRefusedError: PubMed does not understand the search.

    """
    found = object_of(read_json_object(body, "PubMed").get("esearchresult"))
    if problem := text_of(found.get("ERROR")):
        raise RequestRefusedError(f"PubMed refuses the search: {problem[:300]}.")
    total, listed = written_count(found.get("count")), found.get("idlist")
    if total is None or not isinstance(listed, list):
        raise UnusableAnswerError("PubMed answered no list of ids.")
    ids = tuple(one for one in listed if isinstance(one, str) and one.isascii() and one.isdigit())  # pyright: ignore[reportUnknownVariableType]
    return Page(records=(), entries=len(listed), total=total, ids=ids)  # pyright: ignore[reportUnknownArgumentType]


def read_pubmed_records(body: bytes, ids: Sequence[str]) -> Page:
    """Read the records behind these ids; the page names the ids of those that are missing."""
    lines = Lines(Path("PubMed"), BufferedReader(cast("RawIOBase", BytesIO(body))), None)
    try:
        items = [*read_tagged(lines, MEDLINE)]
    except UnreadableFileError:
        raise UnusableAnswerError("PubMed answered no records.") from None
    records = tuple(item.record for item in items if isinstance(item, PaperRead))
    refused = [item.reason for item in items if isinstance(item, RowRefused)]
    found = {one.value for record in records for one in record.other_ids if one.scheme == "pmid"}
    missing = tuple(one for one in ids if one not in found)
    return Page(records=records, entries=len(ids), refused=tuple(refused), ids=missing)
