"""Reads CSL JSON: the list of references that Zotero, Mendeley and pandoc give out."""

from __future__ import annotations

import re
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
    places_of,
    text_of,
    unmarked,
)
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.library_entry import Unkept, library_record, whole_text
from bot.corpus.formats.notices import updates_of, updates_of_others
from bot.corpus.formats.opening import Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.identity import normalise_doi
from bot.corpus.paper import PaperRecord, TitleKind, code_address
from bot.corpus.person_names import MOST_NAMES, clean_name, given_first, says_more
from bot.errors import UnreadableFileError

SOURCE = "csl json"

_TYPE = re.compile(
    r'"type"\s*:\s*"(?:article(?:-journal|-magazine|-newspaper)?|book|chapter|paper-conference|report|thesis|manuscript)"'
)
"""What only CSL calls a kind of reference, also where a long abstract stands before its authors."""
_TITLES = {
    "title-short": TitleKind.SHORT,
    "shortTitle": TitleKind.SHORT,
    "short-title": TitleKind.SHORT,
    "original-title": TitleKind.ORIGINAL,
    "translated-title": TitleKind.TRANSLATED,
    "title": TitleKind.OTHER,
}
"""Keys of titles; as a list, as Crossref gives them, the main title has others behind it."""
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
    return start.lstrip().startswith("[") and (
        any(f'"{key}"' in start for key in ("issued", "author", "container-title"))
        or _TYPE.search(start) is not None
    )


def _record(entry: dict[str, Any], number: int, unkept: Unkept) -> PaperRecord:
    people = entries_of(entry.get("author"))
    names = [_name(person) for person in people[:MOST_NAMES]]
    mentions = (
        mention_of(name, [("orcid", person.get("ORCID"))], places_of(person.get("affiliation")))
        for name, person in zip(names, people, strict=False)
        if clean_name(name)
    )
    abstract = unmarked(entry.get("abstract"))
    url = text_of(entry.get("URL"))
    note = text_of(entry.get("note"))
    doi = normalise_doi(text_of(entry.get("DOI")))
    record = library_record(
        source=SOURCE,
        title=_text(entry.get("title")) or _text(entry.get("title-short")),
        authors=[mention for mention in mentions if mention is not None],
        truncated=len(people) > MOST_NAMES or any(_says_more(person) for person in people[-1:]),
        published=_date(entry, number, unkept),
        abstract=abstract,
        url=address_of(url),
        code_url=code_address(abstract) or code_address(note),
        venue=next((name for key in _VENUES if (name := _text(entry.get(key)))), None),
        pages=pages_of(text_of(entry.get("page"))),
        ids=[
            text_of(entry.get("DOI")),
            url,
            text_of(entry.get("number")),
            text_of(entry.get("id")),
            *note.split(),
        ],
        pmid=text_of(entry.get("PMID")),
        other_titles=[
            (kind, text) for key, kind in _TITLES.items() for text in _texts(entry.get(key)) if text
        ],
        notices=updates_of(entry, doi, SOURCE),
        notices_of=updates_of_others(entry, doi, SOURCE),
        comments=[note, text_of(entry.get("status"))],
    )
    unkept.compare(number, record, doi=text_of(entry.get("DOI")), url=url, pages=text_of(entry.get("page")))
    return record


def _texts(value: Any) -> list[str]:
    return [unmarked(one) for one in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def _text(value: Any) -> str:
    """A text, or the first one of a list, as Crossref gives titles."""
    return unmarked(cast("list[Any]", value)[0] if isinstance(value, list) and value else value)


def _name(person: dict[str, Any]) -> str:
    if literal := unmarked(person.get("literal")):
        return given_first(literal)
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return clean_name(" ".join(text for part in parts if (text := _part(person.get(part)))))


def _part(value: Any) -> str:
    text = unmarked(value)
    return clean_name(text) if says_more(text) else text


def _says_more(person: dict[str, Any]) -> bool:
    """Whether a part of the last name says that the list goes on ("given": "J. et al.")."""
    return any(says_more(unmarked(person.get(part))) for part in ("literal", "given", "family", "suffix"))


def _date(entry: dict[str, Any], number: int, unkept: Unkept) -> str | None:
    issued = object_of(entry.get("issued"))
    parts: Any = issued.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        parts = parts[0]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(parts, list) and (
        date := date_of_parts([_whole(part) for part in cast("list[Any]", parts)])
    ):
        season = f" {season}" if (season := text_of(issued.get("season"))) and len(date) == 4 else ""
        unkept.date(number, "-".join(str(part) for part in cast("list[Any]", parts)) + season, date)
        return date
    written = next(
        (
            text
            for value in (*_written(parts), issued.get("raw"), issued.get("literal"), entry.get("issued"))
            if (text := text_of(value))
        ),
        "",
    )
    if not written:
        if issued or entry.get("issued"):
            unkept.add("dates not understood", number, str(entry.get("issued")))
        return None
    date = read_date(written)
    unkept.date(number, written, date)
    return date


def _whole(part: Any) -> Any:
    """A number of a date that is written as a text or with a decimal point."""
    if isinstance(part, str) and part.isdecimal() and len(part) < 5:
        return int(part)
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _written(parts: Any) -> list[Any]:
    """A whole date in the place of its parts: "2019-05"."""
    return cast("list[Any]", parts)[:1] if isinstance(parts, list) else [parts]
