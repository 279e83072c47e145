"""Reads what DBLP answers: the publications of a person (XML), and searches (JSON)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from bot.corpus.formats.answers import (
    Page,
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    child_text,
    date_of,
    entries_of,
    mention_of,
    object_of,
    pages_of,
    parse_xml,
    read_json_object,
    read_records,
    text_of,
    title_of,
    whole_list,
    written_count,
)
from bot.corpus.formats.notices import with_notices
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.paper import Mention, PaperRecord

SOURCE = "dblp"

_NO_PAPERS = frozenset({"proceedings", "www", "data"})
_NUMBER_OF_NAMESAKES = re.compile(r" \d{4}$")
"""Behind the name of a person with namesakes; who is meant is also said by the person's id."""


def read_dblp_person(body: bytes) -> Page:
    """Read all publications of a person, the newest first."""
    person = parse_xml(body, "DBLP")
    if person.tag != "dblpperson":
        raise UnusableAnswerError("DBLP answered XML that is no page of a person.")
    works = [work for entry in person.findall("r") for work in entry]
    records, refused = read_records(
        [work for work in works if work.tag not in _NO_PAPERS],
        _record_of_element,
        lambda work: work.get("key") or "a publication without key",
    )
    return Page(records=records, entries=len(works), total=written_count(person.get("n")), refused=refused)


def read_dblp_search(body: bytes) -> Page:
    """Read one page of what a search found."""
    hits = object_of(object_of(read_json_object(body, "DBLP").get("result")).get("hits"))
    total = written_count(hits.get("@total"))
    if total is None:
        raise UnusableAnswerError("DBLP answered no list of publications.")
    found = [object_of(hit.get("info")) for hit in whole_list(hits.get("hit", []), "DBLP")]
    records, refused = read_records(
        [info for info in found if text_of(info.get("type")) != "Editorship"],
        record_of_info,
        lambda info: text_of(info.get("key")) or "a publication without key",
    )
    return Page(
        records=records,
        entries=len(found),
        total=total,
        start=written_count(hits.get("@first")),
        refused=refused,
    )


def _record_of_element(work: Element) -> PaperRecord:
    title = work.find("title")
    return _record(
        key=work.get("key", ""),
        title="".join(title.itertext()) if title is not None else "",
        authors=[_mention("".join(one.itertext()), one.get("pid")) for one in work.findall("author")],
        year=child_text(work, "year"),
        venue=child_text(work, "booktitle") or child_text(work, "journal"),
        pages=child_text(work, "pages"),
        addresses=[text_of(link.text) for link in work.findall("ee")],
    )


def record_of_info(info: Mapping[str, Any]) -> PaperRecord:
    """The record of what a search says of a publication."""
    people = object_of(info.get("authors")).get("author")
    named = entries_of(people) or entries_of([people])
    return _record(
        key=text_of(info.get("key")),
        title=html.unescape(text_of(info.get("title"))),
        authors=[_mention(html.unescape(text_of(one.get("text"))), one.get("@pid")) for one in named],
        year=text_of(info.get("year")),
        venue=html.unescape(next(_texts(info.get("venue")), "")),
        pages=text_of(info.get("pages")),
        addresses=[text_of(info.get("doi")), *_texts(info.get("ee"))],
    )


def _record(
    key: str,
    title: str,
    authors: Sequence[Mention | None],
    year: str,
    venue: str,
    pages: str,
    addresses: Sequence[str],
) -> PaperRecord:
    if not key:
        raise RefusedEntryError("it has no key")
    arxiv_id = next((found for one in addresses if (found := normalise_arxiv_id(one)) is not None), None)
    dois = (doi for one in addresses if (doi := normalise_doi(one)) is not None)
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title_of(title).removesuffix("."),
        authors=tuple(one for one in authors if one is not None),
        published=date_of(year),
        url=address_of(*(one for one in addresses if "://" in one), f"https://dblp.org/rec/{key}"),
        venue=venue or None,
        doi=next((doi for doi in dois if normalise_arxiv_id(doi) is None), None),
        arxiv_id=arxiv_id,
        pages=pages_of(pages),
    )
    return with_notices(record)


def _mention(name: str, person: Any) -> Mention | None:
    return mention_of(_NUMBER_OF_NAMESAKES.sub("", name), [(SOURCE, person)])


def _texts(value: Any) -> Iterator[str]:
    """One text, or several."""
    several: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
    return (text_of(one) for one in several if isinstance(one, str))
