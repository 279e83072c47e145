"""Reads JSON that is one document: a list of papers, or the answer of a provider with its list in it.

Each object is read as what it is: CSL JSON, an item of Zotero, a record of a provider, or a row like those of
JSON lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import orjson

from bot.corpus.formats import dblp, zotero
from bot.corpus.formats.answers import RefusedEntryError, entries_of, object_of, text_of
from bot.corpus.formats.csl_json import csl_record, is_csl
from bot.corpus.formats.jsonl import RowReport, read_row
from bot.corpus.formats.library_entry import Unkept, whole_text
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, Remark, RowRefused
from bot.errors import UnreadableFileError

_AROUND = (
    *(
        "message",
        "resultList",
        "result",
        "response",
        "hits",
        "data",
        "items",
        "results",
        "notes",
        "papers",
        "works",
    ),
    *("records", "publications", "articles", "hit", "docs", "references", "entries", "documents", "rows"),
)
"""Keys under which providers and people put a list of papers, the outer ones first."""
_BEGINS_AROUND = re.compile(
    r'\{\s*(?:"(?!title"|name"|authors?")[\w-]{1,40}"\s*:\s*(?:"[^"]{0,300}"|[\d.]{1,20}|null|true|false|\{[^{}]{0,500}\})\s*,\s*){0,8}'
    rf'"(?:{"|".join(_AROUND)})"\s*:\s*(?:\[\s*\{{|\{{)'
    r'|\{\s*"[^"]{1,300}"\s*:\s*\{[^{}]{0,2000}"title"\s*:'
)
"""The beginning of what has a list of papers in it, or papers by their keys."""
_OBJECT = re.compile(r'\{\s*"')
_SIGN = re.compile(r"\S")
_DEEPEST = 4
_TITLED = frozenset(("title", "Title", "display_name", "itemType", "paper_title"))


def is_json_document(start: str) -> bool:
    """Whether the beginning of a text is that of one JSON document and not of JSON lines."""
    if start.startswith("["):
        return not start[1:].lstrip()[:1] or start[1:].lstrip()[0] in '[{]"n'
    return _OBJECT.match(start) is not None and (
        _is_open(start) or _BEGINS_AROUND.match(start.split("\n", 1)[0]) is not None
    )


def _is_open(start: str) -> bool:
    """Whether the first line is the beginning of an object that goes on in the next line."""
    first, _, rest = start.partition("\n")
    return bool(rest) and first.rstrip().endswith((",", "{", "["))


def is_written_over_lines(start: str) -> bool:
    """Whether a text that is called JSON lines has lists or objects over several lines."""
    return is_json_document(start) and (start.startswith("[") or _is_open(start))


def read_json_document(lines: Lines, id_space: str) -> Iterator[Item]:
    """Read every object of the document; ids that are of no known scheme are ids within `id_space`.

    Raises:
        UnreadableFileError: It is no whole JSON.

    """
    text, remark = whole_text(lines)
    if remark is not None:
        yield Remark(None, remark)
    try:
        listed = _entries(_content(text))
    except ValueError as error:
        raise UnreadableFileError(
            str(lines.path), None, f"it is no whole JSON ({error}); {EXPECTED}"
        ) from None
    if not listed:
        raise UnreadableFileError(str(lines.path), None, f"it is a list without papers; {EXPECTED}")
    unkept, report = Unkept("entry"), RowReport("entry")
    has_nul = "\\u0000" in text
    for number, entry in enumerate(listed, 1):
        if not isinstance(entry, dict):
            yield RowRefused(None, f"entry {number} is no JSON object {{…}}")
            continue
        row = object_of(object_of(entry).get("_source")) or object_of(entry)
        try:
            record = _known_form(row, number, unkept)
        except RefusedEntryError as error:
            yield RowRefused(None, f"entry {number} cannot be read: {error}")
            continue
        if record is not None:
            yield PaperRead(0, record)
        else:
            for item in read_row(row, number, id_space, report, has_nul=has_nul):
                yield _in_list(item, number)
    yield from unkept.remarks()
    yield from report.remarks()


def _in_list(item: Item, number: int) -> Item:
    """What was read of a row, whose place is that in its list."""
    match item:
        case PaperRead(_, record):
            return PaperRead(0, record)
        case RowRefused(_, reason):
            return RowRefused(None, f"entry {number} cannot be read: {reason}")
        case Remark(_, text):
            return Remark(None, f"entry {number}: {text}")
        case _:
            return item


def _content(text: str) -> Any:
    """What the text holds: one value, or several that follow each other; ValueError where it is no JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        problem = str(error)
    decoder, place, found = json.JSONDecoder(), 0, list[Any]()
    try:
        while (begins := _SIGN.search(text, place)) is not None:
            value, place = decoder.raw_decode(text, begins.start())
            found.append(value)
    except (ValueError, RecursionError):
        raise ValueError(problem) from None
    return found


def _entries(content: Any, depth: int = 0) -> list[Any]:
    """The list of papers within a document; a lone object is a list of one."""
    if isinstance(content, list):
        return cast("list[Any]", content)
    around = object_of(content)
    if depth < _DEEPEST and _TITLED.isdisjoint(around):
        for key in _AROUND:
            inside: Any = around.get(key)
            if (isinstance(inside, list) and entries_of(inside)) or (
                isinstance(inside, dict) and inside and "itemType" not in inside
            ):
                return _entries(inside, depth + 1)
        if len(around) > 0 and all(isinstance(one, dict) for one in around.values()):
            return [*around.values()]
    return [content]


def _known_form(row: Mapping[str, Any], number: int, unkept: Unkept) -> Any:
    """The record of a row of CSL, Zotero or DBLP; None where it is none of theirs."""
    if "itemType" in row or "itemType" in object_of(row.get("data")):
        return zotero.record_of(row)
    if "authors" in (info := object_of(row.get("info"))) and text_of(info.get("key")):
        return dblp.record_of_info(info)
    return csl_record(row, number, unkept) if is_csl(row) else None
