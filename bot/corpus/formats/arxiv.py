"""Reads what arXiv sends: answers of its API (Atom with paging, errors as entries) and daily RSS feeds."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from bot.corpus.formats.answers import (
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
    title_of,
    written_count,
)
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.notices import with_notices
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.paper import PaperRecord, code_address
from bot.corpus.person_names import split_at_commas

SOURCE = "arxiv api"

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_ERRORS = "/api/errors"
_ADDRESS = re.compile(r"^https?://(?:www\.|export\.)?arxiv\.org/abs/")


def read_arxiv_atom(body: bytes) -> Page:
    """Read one page of an answer.

    Raises:
        UnusableAnswerError: it is no such answer.
        RequestRefusedError: arXiv refuses the request in it.

    """
    feed = parse_xml(body, "arXiv")
    if feed.tag != f"{_ATOM}feed":
        raise UnusableAnswerError("arXiv answered XML that is no Atom feed.")
    entries = feed.findall(f"{_ATOM}entry")
    for entry in entries:
        if _ERRORS in _identity(entry):
            raise RequestRefusedError(f"arXiv refuses the request: {child_text(entry, f'{_ATOM}summary')}.")
    records, refused = read_records(
        entries,
        lambda entry: _record(entry, _identity(entry)),
        lambda entry: _identity(entry) or "an entry without id",
    )
    return Page(
        records=records,
        entries=len(entries),
        total=_number(feed, "totalResults"),
        start=_number(feed, "startIndex"),
        refused=refused,
    )


def _identity(entry: Element) -> str:
    return child_text(entry, f"{_ATOM}id")


def _record(entry: Element, identity: str) -> PaperRecord:
    source_id = _ADDRESS.sub("", identity)
    arxiv_id = normalise_arxiv_id(source_id)
    if arxiv_id is None:
        raise RefusedEntryError("its id is none of arXiv")
    categories = [element.get("term", "") for element in entry.findall(f"{_ATOM}category")]
    primary = entry.find(f"{_ARXIV}primary_category")
    if primary is not None and (term := primary.get("term", "")):
        categories = [term, *(one for one in categories if one != term)]
    kept = tuple(one for one in dict.fromkeys(categories) if 0 < len(one) <= 64)
    abstract = child_text(entry, f"{_ATOM}summary")
    comment = child_text(entry, f"{_ARXIV}comment")
    code = code_address(abstract) or code_address(comment)
    mentions = [
        mention_of(
            child_text(author, f"{_ATOM}name"),
            affiliations=[(place.text, None) for place in author.findall(f"{_ARXIV}affiliation")],
        )
        for author in entry.findall(f"{_ATOM}author")
    ]
    record = PaperRecord(
        source=SOURCE,
        source_id=source_id,
        source_key=arxiv_id,
        title=title_of(child_text(entry, f"{_ATOM}title")),
        authors=tuple(one for one in mentions if one is not None),
        field=field_of(kept[0]) if kept else None,
        categories=kept,
        published=date_of(child_text(entry, f"{_ATOM}published")),
        abstract=abstract,
        url=address_of(f"https://arxiv.org/abs/{source_id}"),
        has_code=code is not None,
        code_url=code,
        venue=child_text(entry, f"{_ARXIV}journal_ref") or None,
        doi=_doi(child_text(entry, f"{_ARXIV}doi")),
        arxiv_id=arxiv_id,
    )
    return with_notices(record, comment)


def _doi(written: str) -> str | None:
    """The first of the DOIs that an author entered; several stand apart by spaces."""
    return next((doi for part in written.split() if (doi := normalise_doi(part)) is not None), None)


def _number(feed: Element, name: str) -> int | None:
    return written_count(child_text(feed, f"{_OPENSEARCH}{name}"))


RSS_SOURCE = "arxiv rss"

_RSS_ARXIV = "{http://arxiv.org/schemas/atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_ABSTRACT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_NEW = frozenset({"new", "cross"})
"""Replacements of papers that were announced before are not new."""


def read_arxiv_rss(body: bytes) -> Page:
    """Read a feed; on days without announcements it is empty, and that is no error."""
    root = parse_xml(body, "arXiv")
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise UnusableAnswerError("arXiv answered XML that is no RSS feed.")
    items = channel.findall("item")
    records, refused = read_records(
        [item for item in items if child_text(item, f"{_RSS_ARXIV}announce_type") in _NEW],
        lambda item: _rss_record(item, _rss_identity(item)),
        lambda item: _rss_identity(item) or "an item without id",
    )
    return Page(records=records, entries=len(items), refused=refused)


def _rss_identity(item: Element) -> str:
    return child_text(item, "guid") or child_text(item, "link")


def _rss_record(item: Element, identity: str) -> PaperRecord:
    source_id = identity.removeprefix("oai:arXiv.org:").rpartition("/abs/")[2]
    arxiv_id = normalise_arxiv_id(source_id)
    if arxiv_id is None:
        raise RefusedEntryError("its id is none of arXiv")
    categories = tuple(
        dict.fromkeys(text for one in item.findall("category") if 0 < len(text := one.text or "") <= 64)
    )
    abstract = _ABSTRACT.sub("", child_text(item, "description"))
    code = code_address(abstract)
    listed = split_at_commas(child_text(item, _CREATOR))
    record = PaperRecord(
        source=RSS_SOURCE,
        source_id=source_id,
        source_key=arxiv_id,
        title=title_of(child_text(item, "title")),
        authors=tuple(one for name in listed.names if (one := mention_of(name)) is not None),
        authors_truncated=listed.is_cut,
        field=field_of(categories[0]) if categories else None,
        categories=categories,
        abstract=abstract,
        url=address_of(f"https://arxiv.org/abs/{source_id}"),
        has_code=code is not None,
        code_url=code,
        arxiv_id=arxiv_id,
    )
    return with_notices(record)
