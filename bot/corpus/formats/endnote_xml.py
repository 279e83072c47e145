"""Reads EndNote's XML export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from bot.corpus.formats.answers import (
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    mention_of,
    pages_of,
    parse_xml,
    text_of,
)
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.library_entry import Unkept, library_record, own_part, whole_text
from bot.corpus.formats.opening import Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.paper import PaperRecord, TitleKind, code_address
from bot.corpus.person_names import (
    MOST_NAMES,
    NameList,
    given_first,
    initials_are_behind,
    names_several,
    says_more,
    split_by_signs,
)
from bot.errors import UnreadableFileError

SOURCE = "endnote"

_TITLES = {
    "short-title": TitleKind.SHORT,
    "translated-title": TitleKind.TRANSLATED,
    "orig-title": TitleKind.ORIGINAL,
}
_COMMENTS = ("notes", "work-type", "research-notes", "custom1")
"""Where it may stand that a paper was withdrawn."""


def read_endnote_xml(lines: Lines) -> Iterator[Item]:
    """Read every record.

    Raises:
        UnreadableFileError: It is no whole XML, or has no record of EndNote.

    """
    text, remark = whole_text(lines)
    if remark is not None:
        yield Remark(None, remark)
    try:
        # The declaration may name the encoding that the text no longer has.
        root = parse_xml(text[text.find("<xml") if "<xml" in text else 0 :].encode(), "The file")
    except UnusableAnswerError as error:
        raise UnreadableFileError(str(lines.path), None, f"it is no whole XML of EndNote ({error})") from None
    records = root.findall(".//record")
    if not records:
        raise UnreadableFileError(str(lines.path), None, "it has no record of EndNote (<record>…</record>)")
    unkept = Unkept("record")
    for number, record in enumerate(records, 1):
        try:
            yield PaperRead(0, _record(record, number, unkept))
        except RefusedEntryError as error:
            yield RowRefused(None, f"record {number} cannot be read: {error}")
    yield from unkept.remarks()


def is_endnote_xml(start: str) -> bool:
    """Whether the beginning of a text looks like EndNote's XML."""
    return start.lstrip().startswith("<") and "<records" in start


def _text(record: Element, *paths: str) -> str:
    """The text at the first of these paths that has any; EndNote splits it by styles."""
    for path in paths:
        element = record.find(path)
        if element is not None and (text := text_of("".join(element.itertext()))):
            return text
    return ""


def _texts(record: Element, path: str) -> list[str]:
    return [text for element in record.findall(path) if (text := text_of("".join(element.itertext())))]


def _people(record: Element) -> list[str]:
    """The names of authors; some programs write several into one element, a line each."""
    elements = record.findall("contributors/authors/author")
    lines = (re.split(r"[\r\n]+|;", "".join(element.itertext())) for element in elements)
    found: list[str] = []
    for name in (name for each in lines for line in each if (name := text_of(line))):
        listed = split_by_signs(name) if names_several(name) else NameList((name,))
        found += [*listed.names, "et al."] if listed.is_cut else listed.names
    return found


def _pmid(record: Element) -> str:
    of_pubmed = _text(record, "remote-database-name", "remote-database-provider").lower()
    is_of_pubmed = any(word in of_pubmed for word in ("pubmed", "medline", "nlm"))
    return _text(record, "accession-num") if is_of_pubmed else ""


def _record(record: Element, number: int, unkept: Unkept) -> PaperRecord:
    written = _people(record)
    family_first = initials_are_behind(written[:MOST_NAMES])
    mentions = (mention_of(given_first(name, family_first=family_first)) for name in written[:MOST_NAMES])
    abstract = _text(record, "abstract")
    addresses = _texts(record, "urls//url")
    year, day = _text(record, "dates/year"), _text(record, "dates/pub-dates/date")
    published = read_date(f"{day} {year}") if day and year not in day else read_date(day or year)
    if year or day:
        unkept.date(number, f"{day} {year}".strip() if year not in day else day, published)
    record_read = library_record(
        source=SOURCE,
        title=_text(record, "titles/title"),
        authors=[mention for mention in mentions if mention is not None],
        truncated=len(written) > MOST_NAMES or any(says_more(name) for name in written[-1:]),
        published=published,
        abstract=abstract,
        url=address_of(*addresses),
        code_url=code_address(abstract),
        venue=_text(record, "periodical/full-title", "titles/secondary-title", "alt-periodical/full-title")
        or None,
        pages=pages_of(_text(record, "pages")),
        pmid=_pmid(record),
        ids=[_text(record, "electronic-resource-num"), *addresses, *own_part(_text(record, "notes")).split()],
        other_titles=[
            (kind, text) for path, kind in _TITLES.items() for text in _texts(record, f"titles/{path}")
        ],
        comments=[text for path in _COMMENTS if (text := _text(record, path))],
    )
    unkept.compare(
        number,
        record_read,
        doi=_text(record, "electronic-resource-num"),
        url=next(iter(addresses), ""),
        pages=_text(record, "pages"),
    )
    return record_read
