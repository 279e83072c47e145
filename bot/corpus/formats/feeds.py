"""Reads RSS and Atom feeds of journals, preprint servers and saved searches (feedparser)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from bot.corpus.agreement import is_generic
from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
    Page,
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    date_of,
    date_of_parts,
    entries_of,
    mention_of,
    object_of,
    read_records,
    text_of,
    unmarked,
)
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.notices import with_notices
from bot.corpus.identity import folded_title
from bot.corpus.links import PaperLink, read_link
from bot.corpus.paper import Identifier, PaperRecord, code_address
from bot.corpus.person_names import NameList, split_at_commas, split_by_signs

SOURCE = "feed"

MOST_ENTRIES = 5_000
"""A feed shows what is new; what follows in a longer one is not read."""

MOST_TAGS = 40_000
"""Of these entries, with all that stands in them."""

_AHEAD = re.compile(r"^\s*\[ASAP\]\s*")
"""What ACS puts before the titles of articles that are not in an issue yet."""
_AUTHORS_IN_TEXT = re.compile(r"Author\(s\):\s*(?P<names>[^<\n]{3,20000}?)\s*(?:</p>|<br|$)", re.IGNORECASE)
"""How ScienceDirect names the authors."""
_TAG = re.compile(r"<[^>]{0,200}>")
_NAMED_IDS = ("prism_doi", "dc_identifier", "dc_source", "id", "link", "prism_url")
"""Where feeds name the paper, the surest first."""


def read_feed(body: bytes, url: str, content_type: str = "") -> Page:
    """Read a feed; entries without an id of their own are known by their titles.

    Args:
        body: What was answered.
        url: Of the feed, for the relative links within.
        content_type: As the answer has it; it may name the encoding.

    Raises:
        UnusableAnswerError: it is no feed.

    """
    import feedparser  # pyright: ignore[reportMissingTypeStubs]

    host = urlsplit(url).hostname or ""
    headers = {"content-location": url, **({"content-type": content_type} if content_type else {})}
    parse: Callable[..., Any] = feedparser.parse  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    # A BytesIO is never taken for an address or a file. Markup within texts is taken away by `unmarked`.
    content = BytesIO(_beginning(body))
    try:
        found = parse(content, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - on some damage it fails itself, with errors of any kind
        reason = f"a feed that is too damaged to be read ({type(error).__name__})"
        raise UnusableAnswerError(f"{host} answered {reason}.") from None
    feed = object_of(found)
    entries = entries_of(feed.get("entries"))[:MOST_ENTRIES]
    if not entries and not text_of(feed.get("version")):
        raise UnusableAnswerError(f"{host} answered something that is no feed (RSS or Atom).")
    records, refused = read_records(
        entries,
        lambda entry: _record(entry, host),
        lambda entry: unmarked(entry.get("title"), 80) or "an entry",
    )
    first_of_each = {record.source_key: record for record in reversed(records)}
    return Page(records=tuple(reversed(first_of_each.values())), entries=len(entries), refused=refused)


def _beginning(body: bytes) -> bytes:
    """As much of a feed as is read: each tag costs the time of a hundred letters."""
    end = next(islice(re.finditer(b"<", body), MOST_TAGS, None), None)
    return body if end is None else body[: end.start()]


def _record(entry: Mapping[str, Any], host: str) -> PaperRecord:
    title = _AHEAD.sub("", unmarked(entry.get("title")))
    if not title:
        raise RefusedEntryError("it has no title")
    links = [*_links(entry)]
    ids = {link.scheme: link.value for link in reversed(links)}
    html = _text(entry)
    abstract = unmarked(html)
    code = code_address(abstract)
    listed = _authors(entry, html)
    named = (f"{scheme}:{ids[scheme]}" for scheme in ("arxiv", "doi", "pubmed") if scheme in ids)
    key = next(named, None) or _title_key(entry, title, host)
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title,
        authors=tuple(one for name in listed.names if (one := mention_of(name)) is not None),
        authors_truncated=listed.is_cut,
        published=_day(entry),
        abstract=abstract,
        url=address_of(entry.get("link"), entry.get("id")),
        has_code=code is not None,
        code_url=code,
        venue=unmarked(entry.get("prism_publicationname")) or None,
        doi=ids.get("doi"),
        arxiv_id=ids.get("arxiv"),
        other_ids=(Identifier(scheme="pmid", value=ids["pubmed"]),) if "pubmed" in ids else (),
    )
    return with_notices(record)


def _title_key(entry: Mapping[str, Any], title: str, host: str) -> str:
    """The identity of an entry that names no paper: guids and links of one entry change, its title seldom."""
    words = [host, folded_title(title)]
    if is_generic(title):
        words.append(text_of(entry.get("link")) or text_of(entry.get("id")))
    return f"title:{sha256(chr(10).join(words).encode()).hexdigest()[:32]}"


def _links(entry: Mapping[str, Any]) -> Iterator[PaperLink]:
    """The ids of papers that the entry is named by."""
    for name in _NAMED_IDS:
        text = text_of(entry.get(name))
        if name == "id" and (found := re.fullmatch(r"pubmed:(\d{1,9})", text, re.ASCII)):
            text = f"pmid:{found[1]}"
        if text and (link := read_link(text)) is not None:
            yield link


def _text(entry: Mapping[str, Any]) -> str:
    """The longest text of the entry, still with its markup."""
    texts = [entry.get("summary"), *(one.get("value") for one in entries_of(entry.get("content")))]
    return max((one for one in texts if isinstance(one, str)), key=len, default="")


def _authors(entry: Mapping[str, Any], html: str) -> NameList:
    names = [text_of(one.get("name"), MAX_LIST_LENGTH) for one in entries_of(entry.get("authors"))]
    names = [name for name in names if name]
    if not names and (found := _AUTHORS_IN_TEXT.search(html)):
        names = [unmarked(_TAG.sub(" ", found["names"]))]
    if len(names) != 1:
        return NameList(tuple(names))
    (written,) = names
    return split_by_signs(written) if ";" in written else split_at_commas(written)


def _day(entry: Mapping[str, Any]) -> str | None:
    """The day on which it appeared; moments without a zone are taken as UTC."""
    for name in ("prism_publicationdate", "prism_coverdate", "dc_date"):
        if (written := date_of(entry.get(name))) is not None:
            return written
    given = dict(entry)  # feedparser itself looks elsewhere for what an entry lacks, and warns
    for name in ("published", "updated"):
        moment: Sequence[Any] | None = given.get(f"{name}_parsed")
        if moment is not None and 1900 <= int(moment[0]) <= 2100:
            return date_of_parts([int(part) for part in moment[:3]])
        if (day := read_date(text_of(given.get(name)))) is not None:
            return day
    return None
