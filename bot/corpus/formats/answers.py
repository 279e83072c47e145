"""What the readers of providers' answers share: a page of records, cleaned values, safe XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, TypeVar, cast
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.corpus.agreement import names_agree
from bot.corpus.identity import MAX_KEY_LENGTH, Pair, normalise_arxiv_id, normalise_doi
from bot.corpus.institutions import affiliations_of
from bot.corpus.names import SchemedId, identifier_of, is_et_al, is_orcid, name_key
from bot.corpus.paper import (
    CitedWork,
    Identifier,
    Mention,
    PaperRecord,
    first_day,
    is_public_https,
    problem_of_address,
)
from bot.corpus.person_names import given_first
from bot.errors import RefusedError
from bot.text.latex import readable
from bot.text.markup import without_markup

Entry = TypeVar("Entry")


class UnusableAnswerError(RefusedError):
    """A source's answer is not what the source promises: an error to be tried again, never an end."""


class RequestRefusedError(RefusedError):
    """A source understood the request and refuses it; asking again does not help."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source's answer."""

    records: tuple[PaperRecord, ...]
    entries: int
    """How many entries it has, also those that are no papers or cannot be read."""
    total: int | None = None
    """How many entries the source promises over all pages, where it says so."""
    start: int | None = None
    """How many entries come before this page, where the source says so."""
    next_cursor: str | None = None
    """What asks for the next page; None at the end, or where pages are counted."""
    refused: tuple[str, ...] = ()
    """What could not be read, and why."""
    ids: tuple[str, ...] = ()
    """Entries of which the source lists the ids only; their records are asked for."""


class RefusedEntryError(ValueError):
    """One entry of an answer cannot be read as a paper; the others can."""


def read_json(body: bytes, source: str) -> Any:
    """The JSON of an answer; a page of HTML, or what broke off, is refused."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnusableAnswerError(f"{source} answered {what_it_is(body)} where JSON was expected.") from None


def read_json_object(body: bytes, source: str) -> Mapping[str, Any]:
    """The JSON object of an answer."""
    content = read_json(body, source)
    if not isinstance(content, dict):
        raise UnusableAnswerError(f"{source} answered JSON of another form than it describes.")
    return content  # pyright: ignore[reportUnknownVariableType]


def what_it_is(body: bytes) -> str:
    """What came in place of the expected, in words."""
    start = body[:200].lstrip().lower()
    if not start:
        return "nothing"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a page of HTML"
    return "something that is damaged or broke off"


def read_records(
    entries: Iterable[Entry], read: Callable[[Entry], PaperRecord], name: Callable[[Entry], str]
) -> tuple[tuple[PaperRecord, ...], tuple[str, ...]]:
    """The records of entries, and a sentence for each entry that cannot be read as a paper."""
    records: list[PaperRecord] = []
    refused: list[str] = []
    for entry in entries:
        try:
            records.append(read(entry))
        except RefusedEntryError as error:
            refused.append(f"{name(entry)}: {error}")
    return tuple(records), tuple(refused)


MOST_TAGS = 300_000
"""Of an answer in XML: the longest page has a third of them, and each takes memory."""
MAX_NAME_LENGTH = 600
MAX_TEXT_LENGTH = 100_000
MAX_LIST_LENGTH = 4_000_000
"""Characters of a list of authors in one text, also of one with 100,000 names."""
MAX_PAGES_LENGTH = 60
"""Also of an article that is spread over its issue: "1-4, 12-15"."""
LARGEST = 2**31 - 1
"""What an integer column holds."""

_UNKEPT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
"""Control characters other than blanks, and halves of surrogate pairs."""

_PAGES_LABEL = re.compile(r"^pp?(?:\.\s*|\s+)|^pages?\s+", re.IGNORECASE)
_PAGES = re.compile(r"\d|^[ivxlc]+(?:-[ivxlc]+)?$", re.IGNORECASE)
"""Numbers, or Roman ones: no "in press"."""
_DIGITS = re.compile(r"\d{1,12}", re.ASCII)
_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]+\s*")
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?=$|[T\s/])")
_LISTED_ID = re.compile(r"([^/;]+)/([\w-]*)")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def text_of(value: Any, most: int = MAX_TEXT_LENGTH) -> str:
    """A text on one line, without the characters that no database keeps; empty where it is none."""
    if not isinstance(value, str):
        return ""
    text = value[:most]
    return " ".join((text if text.isprintable() else _UNKEPT.sub("", text)).split())


def unmarked(value: Any, most: int = MAX_TEXT_LENGTH) -> str:
    """A text without HTML or JATS markup: `<i>Bregmaceros</i>`, `<jats:p>`."""
    if not isinstance(value, str):
        return ""
    return text_of(without_markup(value[:most]), most)


def title_of(value: Any) -> str:
    """The title; without one there is no paper."""
    title = unmarked(value)
    if not title:
        raise RefusedEntryError("it has no title")
    return title


def count_of(value: Any) -> int | None:
    """A count that can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else None


def written_count(value: Any) -> int | None:
    """A count that is written as a number or as a text of digits."""
    text = text_of(value)
    return count_of(int(text) if _DIGITS.fullmatch(text) else value)


_LONGEST_TITLE_OF_WORK = 500
MOST_REFERENCES = 1_000
"""Of a paper; surveys have some hundreds."""


def work_named(
    *,
    doi: Any = None,
    arxiv: Any = None,
    other: tuple[str, str] | None = None,
    title: Any = None,
    year: Any = None,
) -> CitedWork | None:
    """A work by the best of its ids: a DOI, an id of arXiv, or one of the source; None where it has none."""
    found = normalise_arxiv_id(text_of(arxiv)) or normalise_arxiv_id(text_of(doi))
    number = normalise_doi(text_of(doi))
    scheme, value = ("arxiv", found) if found else ("doi", number) if number else other or ("", "")
    if not value or len(value) > MAX_KEY_LENGTH:
        return None
    written = str(year or "")[:4]
    return CitedWork(
        scheme=scheme,
        value=value,
        title=unmarked(title)[:_LONGEST_TITLE_OF_WORK] or None,
        year=int(written) if written.isascii() and written.isdigit() else None,
    )


def references_of(works: Iterable[CitedWork | None]) -> tuple[CitedWork, ...]:
    """What a paper cites, each work once."""
    found = {(one.scheme, one.value): one for one in works if one is not None}
    return tuple(found.values())[:MOST_REFERENCES]


def free_copy_of(*addresses: Any) -> str | None:
    """The first of these that may be offered as a free copy: https, at the name of a public host."""
    found = (text_of(one) for one in addresses)
    return next((one for one in found if one and is_public_https(one)), None)


def pmc_copy(number: str) -> str | None:
    """The free copy at PubMed Central of an id such as "PMC123", or of its address."""
    found = re.search(r"(?:PMC|/articles/)(\d{1,9})\b", number, re.IGNORECASE)
    return f"https://pmc.ncbi.nlm.nih.gov/articles/PMC{found[1]}/pdf/" if found is not None else None


def address_of(*candidates: Any) -> str | None:
    """The first of some addresses that may become a link."""
    written = (value.strip() for value in candidates if isinstance(value, str) and value.strip())
    addresses = (f"http://{one}" if one[:4].lower() == "www." else one for one in written)
    return next((one for one in addresses if problem_of_address(one) is None), None)


def date_of(value: Any) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD from a date as people and programs write it; None where it is none."""
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    if found := _DATE.match(text):
        return date_of_parts([int(part) for part in found.groups() if part is not None])
    year = _YEAR.search(text)
    return year[1] if year is not None else None


def date_of_parts(parts: Sequence[Any]) -> str | None:
    """A date of year, month and day; as much of it as can be."""
    numbers = [*takewhile(lambda part: isinstance(part, int) and not isinstance(part, bool), parts[:3])]
    while numbers:
        written = "-".join([f"{numbers[0]:04d}", *(f"{number:02d}" for number in numbers[1:])])
        try:
            first_day(written)
        except ValueError:
            numbers.pop()
        else:
            return written
    return None


def pages_of(value: Any) -> str | None:
    """Pages as one form, "2117-2126", of "pp. 2117--2126" and the like; None where it gives none."""
    pages = _PAGES_LABEL.sub("", _DASHES.sub("-", unmarked(value)))
    is_one = len(pages) <= MAX_PAGES_LENGTH and _PAGES.search(pages) and not pages.lower().startswith("arxiv")
    return pages if is_one else None


def mention_of(
    name: Any, identifiers: Iterable[tuple[str, Any]] = (), affiliations: Iterable[tuple[Any, Any]] = ()
) -> Mention | None:
    """A person in a list of authors; None where it is no name.

    Args:
        name: As it is written.
        identifiers: The scheme and the value of each.
        affiliations: Of each the text, and its ROR id or None.

    """
    plain = given_first(readable(unmarked(name)[:MAX_NAME_LENGTH]))
    if not plain or is_et_al(plain) or not name_key(plain):
        return None
    found = {
        (identifier.scheme, identifier.value): identifier
        for scheme, value in identifiers
        if (identifier := _identifier(scheme, value)) is not None
    }
    places = affiliations_of((unmarked(text), ror) for text, ror in affiliations)
    return Mention(name=plain, identifiers=tuple(found.values()), affiliations=places)


def identified(mentions: Sequence[Mention], ids: Iterable[tuple[str, str, str]]) -> list[Mention]:
    """People with (name, scheme, value) of identifiers that are listed apart; not where two may be meant."""
    found = [*mentions]
    for name, scheme, value in ids:
        identifier = _identifier(scheme, value)
        written = given_first(name, family_first=True)
        same = [place for place, one in enumerate(mentions) if name_key(one.name) == name_key(written)]
        same = same or [place for place, one in enumerate(mentions) if names_agree(one.name, written)]
        if identifier is not None and len(same) == 1 and identifier not in found[same[0]].identifiers:
            mention = found[same[0]]
            identifiers = (*mention.identifiers, identifier)
            found[same[0]] = mention.model_copy(update={"identifiers": identifiers})
    return found


def listed_ids(scheme: str, text: str) -> list[tuple[str, str, str]]:
    """(name, scheme, value) of the entries of a list of Web of Science: "Hale, Ida/A-1234-2010; …"."""
    return [(name.strip(), scheme, value) for name, value in _LISTED_ID.findall(text)]


def _identifier(scheme: str, value: Any) -> Identifier | None:
    text = text_of(value) if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    identifier = identifier_of(SchemedId(scheme=scheme, value=text), scheme) if text else None
    # A value that is none of its scheme would make a person of its own.
    if identifier is None or identifier.scheme != scheme:
        return None
    return identifier if scheme != "orcid" or is_orcid(identifier.value) else None


def entries_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list; nothing where it is none."""
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, dict)]  # pyright: ignore[reportUnknownVariableType]


def whole_list(value: Any, source: str) -> list[dict[str, Any]]:
    """The objects of a list of an answer that has nothing else."""
    objects = entries_of(value)
    if not isinstance(value, list) or len(objects) < len(value):  # pyright: ignore[reportUnknownArgumentType]
        raise UnusableAnswerError(f"{source} answered a list of something else than it describes.")
    return objects


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def parse_xml(body: bytes, source: str) -> Element:
    """The root of an answer."""
    if body.count(b"<") > MOST_TAGS:
        raise UnusableAnswerError(f"{source} answered XML of more than {MOST_TAGS:,} tags; it was not read.")
    try:
        return fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        if body[:200].lstrip().lower().startswith(b"<!doctype html"):
            raise UnusableAnswerError(f"{source} answered a page of HTML where XML was expected.") from None
        raise UnusableAnswerError(
            f"{source} answered XML with definitions of its own, which may be an attack; it was not read."
        ) from None
    except (ParseError, ValueError, LookupError):
        raise UnusableAnswerError(f"{source} answered {what_it_is(body)} where XML was expected.") from None


def places_of(value: Any) -> list[tuple[Any, Any]]:
    """Affiliations as JSON has them, each with its ROR id or None: a text, an object, or a list of these."""
    return [_place(one) for one in cast("list[Any]", value if isinstance(value, list) else [value])]


def _place(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, dict):
        return value, None
    place = object_of(value)
    named = (place.get(key) for key in ("name", "display_name", "institution", "affiliation"))
    ids = [place.get("id"), *(one.get("id") for one in entries_of(place.get("id")))]
    rors = [one for one in ids if isinstance(one, str) and "ror.org/" in one]
    return next((text for text in named if isinstance(text, str)), None), place.get("ror", *rors[:1])


def child_text(element: Element, name: str) -> str:
    """The text of a child, on one line; empty where there is none."""
    child = element.find(name)
    return text_of(child.text) if child is not None else ""


@dataclass(frozen=True, slots=True)
class CitingEntry:
    """A work that cites others."""

    work: CitedWork
    cites: tuple[str, ...] = ()
    """The source's ids of what it cites; nothing where it was asked what cites one paper."""
    also: tuple[Pair, ...] = ()
    """Other ids of the work."""


@dataclass(frozen=True, slots=True)
class CitingPage:
    """One page of works that cite some papers."""

    works: tuple[CitingEntry, ...]
    next_cursor: str | None = None
