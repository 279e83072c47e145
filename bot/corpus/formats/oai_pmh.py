"""Reads what repositories answer by OAI-PMH: lists of records in Dublin Core."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
    Page,
    RefusedEntryError,
    RequestRefusedError,
    UnusableAnswerError,
    address_of,
    child_text,
    date_of,
    mention_of,
    parse_xml,
    read_records,
    text_of,
    title_of,
    unmarked,
)
from bot.corpus.formats.notices import with_notices
from bot.corpus.links import PaperLink, read_link
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Identifier, PaperRecord, TitleKind, code_address, first_day
from bot.corpus.person_names import MOST_NAMES, split_by_signs

SOURCE = "oai"

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_DUBLIN_CORE = re.compile(r"\{http://purl\.org/dc/(?:elements/1\.[01]|terms)/\}(\w+)")

_NO_PAPERS = frozenset(
    {
        "audio",
        "collection",
        "dataset",
        "event",
        "image",
        "interactiveresource",
        "lecture",
        "movingimage",
        "other/dataset",
        "physicalobject",
        "presentation",
        "service",
        "software",
        "sound",
        "stillimage",
        "video",
    }
)
"""Types of things that are no texts: of the DCMI's list, of COAR's, and as repositories write them."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2\\d|3[01])"
                        "|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));")  # fmt: skip
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)(\w{2,32};)?")
_ALTERNATIVE = re.compile(r"(?:info:eu-repo/semantics/altIdentifier/|info:|urn:)(\w+)[/:](.+)", re.IGNORECASE)
_OF_ARXIV = re.compile(r"oai:arxiv\.org:(.+)", re.IGNORECASE)
_JOURNAL = re.compile(r"([^;]{3,200}?)\s*[;,]\s*(?:vol|bd|band|tome|núm|no|nr|issue|v)\b\.?", re.IGNORECASE)
"""The name of the journal in what journal systems write: "Journal of Things; Vol. 3 No. 2 (2026); 1-8"."""


def read_oai_records(body: bytes, url: str) -> Page:
    """Read one page of a list of records; deleted ones and what is no text are entries that are no papers.

    Args:
        body: What was answered.
        url: Of the repository, whose host stands before ids that are not unique in the world.

    Raises:
        RequestRefusedError: the repository refuses the request, such as a token that has expired.
        UnusableAnswerError: it is no answer of this protocol.

    """
    host = urlsplit(url).hostname or "The repository"
    root = _parsed(body, host)
    if root.tag != f"{_OAI}OAI-PMH":
        raise UnusableAnswerError(f"{host} answered XML that is no answer of OAI-PMH.")
    for error in root.findall(f"{_OAI}error"):
        if error.get("code") == "noRecordsMatch":
            return Page(records=(), entries=0)
        if error.get("code") == "badResumptionToken":
            raise RequestRefusedError(f"{host} has forgotten how far its list was read; it is read anew.")
        said = f"{error.get('code') or 'error'}: {text_of(error.text, 300)}".rstrip(" :")
        raise RequestRefusedError(f"{host} refuses the request ({said}).")
    listed = root.find(f"{_OAI}ListRecords")
    if listed is None:
        raise UnusableAnswerError(f"{host} answered no list of records.")
    entries = listed.findall(f"{_OAI}record")
    if not entries and any(one.tag != f"{_OAI}resumptionToken" for one in listed):
        raise UnusableAnswerError(f"{host} answered a list of something else than records.")
    token = child_text(listed, f"{_OAI}resumptionToken") or None
    records, refused = read_records(
        [one for one in entries if _header(one).get("status") != "deleted" and _may_be_paper(one)],
        lambda entry: _record(entry, host),
        lambda entry: child_text(_header(entry), f"{_OAI}identifier") or "a record without identifier",
    )
    return Page(
        records=records,
        # Some lists have empty pages in their middle, whose token leads on.
        entries=len(entries) or (token is not None),
        next_cursor=token,
        refused=refused,
    )


def _parsed(body: bytes, host: str) -> Element:
    """The root of an answer, also of one with characters or entities that XML forbids."""
    try:
        return parse_xml(body, host)
    except UnusableAnswerError:
        if b"<!DOCTYPE" in body or b"<OAI-PMH" not in body:
            raise
        text = _FORBIDDEN.sub("", body.decode("utf-8", errors="replace"))
        text = _ENTITY.sub(lambda found: html.escape(html.unescape(found[0])), text)
        return parse_xml(re.sub(r"^\s*<\?xml[^>]*>", "", text).encode(), host)


def _header(entry: Element) -> Element:
    found = entry.find(f"{_OAI}header")
    return found if found is not None else Element("header")


def _may_be_paper(entry: Element) -> bool:
    """Whether it is not known to be something else than a text."""
    types = [re.sub(r"^.*[/#:]|\s", "", one.casefold()) for one in _dublin_core(entry)["type"]]
    return not types or any(one not in _NO_PAPERS for one in types)


def _record(entry: Element, host: str) -> PaperRecord:
    identifier = child_text(_header(entry), f"{_OAI}identifier")
    if not identifier:
        raise RefusedEntryError("it has no identifier")
    known = _dublin_core(entry)
    key = identifier if identifier.lower().startswith("oai:") else f"{host} {identifier}"
    title, *others = [one for one in map(unmarked, known["title"]) if one] or [""]
    abstract = max(map(unmarked, known["abstract"] or known["description"]), key=len, default="")
    code = code_address(abstract)
    ids = {link.scheme: link.value for link in reversed([*_links(identifier, known)])}
    names = [*_names(known["creator"])]
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title_of(title),
        authors=tuple(one for name in names[:MOST_NAMES] if (one := mention_of(name)) is not None),
        authors_truncated=len(names) > MOST_NAMES,
        published=_day(known),
        abstract=abstract,
        url=address_of(
            *known["identifier"], *(f"https://doi.org/{ids[one]}" for one in ("doi",) if one in ids)
        ),
        has_code=code is not None,
        code_url=code,
        venue=_journal(known["source"]),
        doi=ids.get("doi"),
        arxiv_id=ids.get("arxiv"),
        other_ids=(Identifier(scheme="pmid", value=ids["pubmed"]),) if "pubmed" in ids else (),
        other_titles=titles_beside(title, ((TitleKind.OTHER, one) for one in others)),
    )
    return with_notices(record, *(one for one in known["description"] if len(one) < 1000))


def _dublin_core(entry: Element) -> Mapping[str, list[str]]:
    """The texts of all elements of Dublin Core, whatever stands around them."""
    found: dict[str, list[str]] = defaultdict(list)
    for element in entry.iterfind(f"{_OAI}metadata//*"):
        name = _DUBLIN_CORE.fullmatch(element.tag)
        if name is not None and (text := text_of("".join(element.itertext()), MAX_LIST_LENGTH)):
            found[name[1]].append(text)
    return found


def _links(identifier: str, known: Mapping[str, Sequence[str]]) -> Iterator[PaperLink]:
    """The ids by which others know the paper; works that it merely names are not among them."""
    if found := _OF_ARXIV.fullmatch(identifier):
        yield from _link(f"arxiv:{found[1]}")
    for text in known["identifier"]:
        yield from _link(text)
    for text in known["relation"]:
        if "altidentifier" in text.casefold():
            yield from _link(text)


def _link(text: str) -> Iterator[PaperLink]:
    found = _ALTERNATIVE.fullmatch(text)
    link = read_link(f"{found[1]}:{found[2]}" if found is not None else text)
    if link is not None and link.scheme != "paper":
        yield link


def _names(creators: Sequence[str]) -> Iterator[str]:
    """The names of creators: one each, or several that semicolons part; their ids are none."""
    for written in creators:
        if ";" in written:
            yield from split_by_signs(written).names
        elif "://" not in written:
            yield written


def _day(known: Mapping[str, Sequence[str]]) -> str | None:
    """The day of publication: the earliest, since repositories add when they took the paper in."""
    written = known["issued"] or known["date"] or known["available"] or known["created"]
    days = [day for one in written if not one.startswith("info:") and (day := date_of(one)) is not None]
    return min(days, key=lambda day: (first_day(day), len(day)), default=None)


def _journal(sources: Sequence[str]) -> str | None:
    found = (_JOURNAL.match(unmarked(one)) for one in sources)
    return next((one[1] for one in found if one is not None), None)
