"""Reads CSL JSON: the list of references that Zotero, Mendeley and pandoc give out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import orjson

from bot.corpus.formats.answers import (
    RefusedEntryError,
    address_of,
    date_of_parts,
    entries_of,
    mention_of,
    object_of,
    pages_of,
    text_of,
    unmarked,
)
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.library_entry import Unkept, library_record, whole_text
from bot.corpus.formats.opening import Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.paper import PaperRecord, code_address
from bot.corpus.person_names import clean_name, given_first, says_more
from bot.errors import UnreadableFileError

SOURCE = "csl json"

_VENUES = ("container-title", "event-title", "event", "collection-title")


def read_csl_json(lines: Lines) -> Iterator[Item]:
    """Read every reference of one JSON list, or the one object that stands alone.

    Raises:
        UnreadableFileError: It is no JSON list of objects.

    """
    text, remark = whole_text(lines)
    if remark is not None:
        yield Remark(None, remark)
    try:
        content: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(str(lines.path), None, f"it is no whole JSON list ({error})") from None
    listed = cast("list[Any]", content) if isinstance(content, list) else [content]
    unkept = Unkept()
    for number, entry in enumerate(listed, 1):
        # JSON has no lines worth naming: the place in the list stands for one.
        if not isinstance(entry, dict):
            yield RowRefused(number, "the reference is no JSON object {…}")
            continue
        try:
            yield PaperRead(number, _record(object_of(entry), number, unkept))
        except RefusedEntryError as error:
            yield RowRefused(number, f"the reference cannot be read: {error}")
    yield from unkept.remarks()


def is_csl_json(start: str) -> bool:
    """Whether the beginning of a text looks like a list of CSL JSON."""
    return start.lstrip().startswith("[") and any(
        f'"{key}"' in start for key in ("issued", "author", "container-title")
    )


def _record(entry: dict[str, Any], number: int, unkept: Unkept) -> PaperRecord:
    names = [_name(person) for person in entries_of(entry.get("author"))]
    truncated = bool(names) and says_more(names[-1])
    mentions = (mention_of(name) for name in names if clean_name(name))
    abstract = unmarked(entry.get("abstract"))
    url = text_of(entry.get("URL"))
    note = text_of(entry.get("note"))
    return library_record(
        source=SOURCE,
        title=unmarked(entry.get("title")) or unmarked(entry.get("title-short")),
        authors=[mention for mention in mentions if mention is not None],
        truncated=truncated,
        published=_date(entry, number, unkept),
        abstract=abstract,
        url=address_of(url),
        code_url=code_address(abstract) or code_address(note),
        venue=next((name for key in _VENUES if (name := unmarked(entry.get(key)))), None),
        pages=pages_of(text_of(entry.get("page"))),
        ids=[
            text_of(entry.get("DOI")),
            url,
            text_of(entry.get("number")),
            text_of(entry.get("id")),
            *note.split(),
        ],
    )


def _name(person: dict[str, Any]) -> str:
    if literal := unmarked(person.get("literal")):
        return given_first(literal)
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return clean_name(" ".join(text for part in parts if (text := unmarked(person.get(part)))))


def _date(entry: dict[str, Any], number: int, unkept: Unkept) -> str | None:
    issued = object_of(entry.get("issued"))
    parts = issued.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        first: list[Any] = parts[0]  # pyright: ignore[reportUnknownVariableType]
        numbers = [int(part) if isinstance(part, str) and part.isdecimal() else part for part in first]
        if (date := date_of_parts(numbers)) is not None:
            return date
    written = text_of(issued.get("raw")) or text_of(issued.get("literal")) or text_of(entry.get("issued"))
    if not written:
        return None
    date = read_date(written)
    if date is None:
        unkept.add("dates not understood", number, written)
    return date
