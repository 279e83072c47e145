"""Reads references of CSL JSON, as Zotero, Mendeley and pandoc give them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
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
from bot.corpus.formats.library_entry import Unkept, library_record, own_part
from bot.corpus.formats.notices import updates_of, updates_of_others
from bot.corpus.identity import normalise_doi
from bot.corpus.paper import PaperRecord, TitleKind, code_address
from bot.corpus.person_names import MOST_NAMES, clean_name, from_parts, given_first, says_more, split_by_signs

SOURCE = "csl json"

_TYPES = frozenset(
    (
        *(
            "article",
            "article-journal",
            "article-magazine",
            "article-newspaper",
            "book",
            "chapter",
            "dataset",
        ),
        *(
            "entry-encyclopedia",
            "manuscript",
            "paper-conference",
            "patent",
            "post-weblog",
            "report",
            "review",
        ),
        *("speech", "thesis", "webpage"),
    )
)
"""What CSL calls kinds of references."""
_OF_OTHERS = frozenset(("authors", "authorships", "externalIds", "itemType", "data", "ENTRYTYPE", "content"))
"""Keys that no reference of CSL has."""
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


def is_csl(entry: Mapping[str, Any]) -> bool:
    """Whether an object is a reference in the form of CSL."""
    if not _OF_OTHERS.isdisjoint(entry) or (isinstance(entry.get("title"), list) and "DOI" in entry):
        return False
    if isinstance(entry.get("issued"), dict) or entry.get("type") in _TYPES:
        return True
    people = (object_of(one) for one in entries_of(entry.get("author")) + entries_of(entry.get("editor")))
    return any(not person.keys().isdisjoint(("family", "literal")) for person in people)


def csl_record(entry: Mapping[str, Any], number: int, unkept: Unkept) -> PaperRecord:
    """The record of a reference, which stands at this place of its list."""
    people = _people(entry.get("author"))
    names = [_name(person) for person in people[:MOST_NAMES]]
    mentions = (
        mention_of(name, [("orcid", person.get("ORCID"))], places_of(person.get("affiliation")))
        for name, person in zip(names, people, strict=False)
        if clean_name(name)
    )
    abstract = unmarked(entry.get("abstract"))
    url = text_of(entry.get("URL"))
    note = text_of(entry.get("note"))
    written_doi, pages = _written_number(entry.get("DOI")), _written_number(entry.get("page"))
    doi = normalise_doi(written_doi)
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
        pages=pages_of(pages),
        ids=[
            written_doi,
            url,
            text_of(entry.get("number")),
            text_of(entry.get("id")),
            *own_part(note).split(),
        ],
        pmid=text_of(entry.get("PMID")),
        other_titles=[
            (kind, text) for key, kind in _TITLES.items() for text in _texts(entry.get(key)) if text
        ],
        notices=updates_of(entry, doi, SOURCE),
        notices_of=updates_of_others(entry, doi, SOURCE),
        comments=[note, text_of(entry.get("status"))],
    )
    unkept.compare(number, record, doi=written_doi, url=url, pages=pages)
    return record


def _people(authors: Any) -> list[dict[str, Any]]:
    """People as objects, also where they are texts, or one text."""
    if isinstance(authors, str):
        return [{"literal": name} for name in split_by_signs(unmarked(authors, MAX_LIST_LENGTH)).names]
    listed = cast("list[Any]", authors) if isinstance(authors, list) else [authors]
    people = [{"literal": one} if isinstance(one, str) else one for one in listed]
    return [
        person if "name" not in person else {"literal": person["name"]} | person
        for person in entries_of(people)
    ]


def _texts(value: Any) -> list[str]:
    return [unmarked(one) for one in (cast("list[Any]", value) if isinstance(value, list) else [value])]


def _text(value: Any) -> str:
    """A text, or the first one of a list, as Crossref gives titles."""
    return unmarked(cast("list[Any]", value)[0] if isinstance(value, list) and value else value)


def _name(person: dict[str, Any]) -> str:
    if literal := unmarked(person.get("literal")):
        return given_first(literal)
    particles = ("dropping-particle", "non-dropping-particle", "family")
    family = " ".join(text for part in particles if (text := _part(person.get(part))))
    return clean_name(from_parts(_part(person.get("given")), family, _part(person.get("suffix"))))


def _part(value: Any) -> str:
    text = unmarked(value)
    return clean_name(text) if says_more(text) else text


def _says_more(person: dict[str, Any]) -> bool:
    """Whether a part of the last name says that the list goes on ("given": "J. et al.")."""
    return any(says_more(unmarked(person.get(part))) for part in ("literal", "given", "family", "suffix"))


def _date(entry: Mapping[str, Any], number: int, unkept: Unkept) -> str | None:
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
        dated = date_of_parts([_whole(issued.get(key)) for key in ("year", "month", "day")])
        if dated is not None:
            return dated
        if issued or entry.get("issued"):
            unkept.add("dates not understood", number, str(entry.get("issued")))
        return None
    date = read_date(written)
    unkept.date(number, written, date)
    return date


def _written_number(value: Any) -> str:
    """A text that some programs write as a number: "page": 12."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text_of(value)


def _whole(part: Any) -> Any:
    """A number of a date that is written as a text or with a decimal point."""
    if isinstance(part, str) and part.isdecimal() and len(part) < 5:
        return int(part)
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _written(parts: Any) -> list[Any]:
    """A whole date in the place of its parts: "2019-05"."""
    return cast("list[Any]", parts)[:1] if isinstance(parts, list) else [parts]
