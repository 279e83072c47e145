"""Providers and kinds of sources: addresses, requests, readers, and the rate limit of all processes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from bot import __version__
from bot.app import App
from bot.config import Settings
from bot.corpus.formats.answers import Page, UnusableAnswerError
from bot.corpus.formats.arxiv import read_arxiv_atom, read_arxiv_rss
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_page
from bot.corpus.formats.zotero import read_zotero_items
from bot.errors import RefusedError
from bot.fetch.client import Answer, Fetcher
from bot.store import leases
from bot.store.leases import is_dead

_Read = TypeVar("_Read")


class Provider(StrEnum):
    """A service that answers requests; each has a worker of its own, so that none waits for another."""

    ARXIV = "arXiv"
    ARXIV_RSS = "arXiv's feeds"
    OPENALEX = "OpenAlex"
    SEMANTIC_SCHOLAR = "Semantic Scholar"
    CROSSREF = "Crossref"
    ZOTERO = "Zotero"
    OPENREVIEW = "OpenReview"


ADDRESSES: Mapping[Provider, str] = {
    Provider.ARXIV: "https://export.arxiv.org",
    Provider.ARXIV_RSS: "https://rss.arxiv.org",
    Provider.OPENALEX: "https://api.openalex.org",
    Provider.SEMANTIC_SCHOLAR: "https://api.semanticscholar.org",
    Provider.CROSSREF: "https://api.crossref.org",
    Provider.ZOTERO: "https://api.zotero.org",
    Provider.OPENREVIEW: "https://api2.openreview.net",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a provider."""

    target: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """All providers, asked by one client."""

    fetcher: Fetcher
    addresses: Mapping[Provider, str] = field(default_factory=lambda: ADDRESSES)

    def ask(self, provider: Provider, request: Request, read: Callable[[Answer], _Read]) -> _Read:
        """Send a request and read the answer; damaged answers are requested again a few times."""
        return self.fetcher.fetch(
            self.addresses[provider] + request.target,
            read,
            headers=request.headers,
            body=request.body,
            retry_on=(UnusableAnswerError,),
        )


def open_library(app: App) -> Library:
    """The providers in the internet; all processes of this database share their rate limits."""
    settings = app.settings
    contact = settings.contact or settings.report_url or "no contact given"
    return Library(Fetcher(f"Papercord/{__version__} ({contact})", permits=SharedRateLimit(app)))


def openalex_options(settings: Settings) -> dict[str, str]:
    """The API key and the contact address, where the settings have them."""
    options = contact_options(settings)
    if settings.openalex_key is not None:
        options["api_key"] = settings.openalex_key.get_secret_value()
    return options


def contact_options(settings: Settings) -> dict[str, str]:
    """The contact address, where the settings have one: OpenAlex and Crossref then serve faster."""
    contact = settings.contact
    return {"mailto": contact} if contact is not None and "@" in contact else {}


def semantic_scholar_headers(settings: Settings) -> dict[str, str]:
    """The API key, where the settings have one."""
    key = settings.semantic_scholar_key
    return {"x-api-key": key.get_secret_value()} if key is not None else {}


MAX_VALUE_LENGTH = 500
ARXIV_PAGE, OPENALEX_PAGE, ZOTERO_PAGE = 100, 100, 100
SEMANTIC_SCHOLAR_PAGE = 500
OPENALEX_EVERY, OPENALEX_SWEEPS_EVERY = dt.timedelta(hours=6), dt.timedelta(minutes=80)
"""Each page of a search costs a hundredth of its free daily quota, a thousandth with a free key.
Three searches stay within it: each costs twelve pages a day for checks and at most eighteen for a sweep."""
SWEEP_DURATION, LONGEST_SWEEP_PAUSE = dt.timedelta(days=7), dt.timedelta(hours=6)
"""The pages of a source are spread over the duration, where that makes no longer pauses."""
ARXIV_MOST = 30_000
"""Entries that arXiv gives of one query, as its manual says."""

_ARXIV_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]{2,20})?")
_OPENALEX_AUTHOR = re.compile(
    r"(?:(?:https?://)?(?:api\.)?openalex\.org/(?:authors/|people/)?)?(A\d{4,12})", re.IGNORECASE
)
_S2_AUTHOR = re.compile(r"(?:(?:https?://)?(?:www\.)?semanticscholar\.org/author/(?:[^/]+/)?)?(\d{1,12})/?")
_ZOTERO_GROUP = re.compile(r"(?:(?:https?://)?(?:www\.)?zotero\.org/groups/)?(\d{1,12})(?:/.*)?")


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source."""

    name: str
    provider: Provider
    example: str
    """A value, for those who add one."""
    normalise: Callable[[str], str]
    """The value as it is stored; raises `RefusedError` where it cannot be one."""
    request: Callable[[Settings, str, str | None], Request]
    """Makes the request of a page from the settings, the value and the cursor; None is the first page's."""
    read: Callable[[Answer], Page]
    page_size: int | None = None
    """Entries of each page but the last, where that is certain."""
    counted: bool = False
    """Whether the cursor is the number of entries before the page; else the answers give it."""
    most_entries: int = 50_000
    """How deep a sweep goes: what lies deeper is years old, or the provider does not give it."""
    sweeps_every: dt.timedelta = dt.timedelta()
    """The least time from one page of a sweep to the next."""
    newest_first: bool = True
    """Where the order is not known, each check reads everything."""
    every: dt.timedelta = dt.timedelta(hours=1)
    may_be_empty: bool = False
    """A whole answer without entries is no error, such as a daily feed's on a Sunday."""

    def sweep_pause(self, total: int | None) -> dt.timedelta:
        """How long a sweep waits before the next page of a source that has so many entries."""
        entries = min(total or self.most_entries, self.most_entries)
        evenly = SWEEP_DURATION / max(entries // (self.page_size or entries), 1)
        return min(max(evenly, self.sweeps_every), LONGEST_SWEEP_PAUSE)


def kind_named(name: str) -> SourceKind:
    """The kind of that name."""
    kind = KINDS.get(name.strip().lower())
    if kind is None:
        raise RefusedError(f"{name!r} is no kind of source; there are: {', '.join(KINDS)}.")
    return kind


def _one_line(value: str) -> str:
    text = " ".join(value.split())
    if not 2 <= len(text) <= MAX_VALUE_LENGTH:
        raise RefusedError(f"A search needs 2 to {MAX_VALUE_LENGTH} characters.")
    return text


def _matching(pattern: re.Pattern[str], what: str, example: str) -> Callable[[str], str]:
    def normalise(value: str) -> str:
        found = pattern.fullmatch(value.strip())
        if found is None:
            raise RefusedError(f"{value[:80]!r} is no {what}; write one such as {example}.")
        return found[1] if pattern.groups else found[0]

    return normalise


def _arxiv(query: Callable[[str], str]) -> Callable[[Settings, str, str | None], Request]:
    def request(_settings: Settings, value: str, cursor: str | None) -> Request:
        # By submission, not by last change: a revision of an old paper is no new entry.
        options: Mapping[str, str] = {
            "search_query": query(value),
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": cursor or "0",
            "max_results": str(ARXIV_PAGE),
        }
        return Request(f"/api/query?{urlencode(options)}")

    return request


def _openalex(filters: Callable[[str], Mapping[str, str]]) -> Callable[[Settings, str, str | None], Request]:
    def request(settings: Settings, value: str, cursor: str | None) -> Request:
        options = {
            **filters(value),
            "sort": "publication_date:desc",
            "per-page": str(OPENALEX_PAGE),
            "cursor": cursor or "*",
            **openalex_options(settings),
        }
        return Request(f"/works?{urlencode(options)}")

    return request


def _semantic_scholar(settings: Settings, value: str, cursor: str | None) -> Request:
    options = {"fields": FIELDS, "offset": cursor or "0", "limit": str(SEMANTIC_SCHOLAR_PAGE)}
    return Request(
        f"/graph/v1/author/{value}/papers?{urlencode(options)}", semantic_scholar_headers(settings)
    )


def _zotero(settings: Settings, value: str, cursor: str | None) -> Request:
    options = {
        "format": "json",
        "sort": "dateAdded",
        "direction": "desc",
        "start": cursor or "0",
        "limit": str(ZOTERO_PAGE),
    }
    headers = {"Zotero-API-Version": "3"}
    if settings.zotero_key is not None:
        headers["Zotero-API-Key"] = settings.zotero_key.get_secret_value()
    return Request(f"/groups/{value}/items/top?{urlencode(options)}", headers)


def _read_zotero(answer: Answer) -> Page:
    total = answer.headers.get("total-results", "")
    return read_zotero_items(answer.body, int(total) if total.isascii() and total.isdigit() else None)


def _arxiv_kind(
    name: str, example: str, normalise: Callable[[str], str], query: Callable[[str], str]
) -> SourceKind:
    """A kind of source that is a query of arXiv."""
    return SourceKind(
        name,
        Provider.ARXIV,
        example,
        normalise,
        _arxiv(query),
        lambda answer: read_arxiv_atom(answer.body),
        ARXIV_PAGE,
        counted=True,
        most_entries=ARXIV_MOST,
    )


def _author_query(value: str) -> str:
    return f'au:"{value}"'


KINDS: Mapping[str, SourceKind] = {
    kind.name: kind
    for kind in (
        _arxiv_kind(
            "arxiv category",
            "cs.LG",
            _matching(_ARXIV_CATEGORY, "category of arXiv", "cs.LG"),
            lambda value: f"cat:{value}",
        ),
        _arxiv_kind(
            "arxiv author",
            "Pan Pan",
            lambda value: _one_line(value).replace('"', ""),
            _author_query,
        ),
        _arxiv_kind(
            "arxiv search",
            "all:decentralized AND cat:cs.LG",
            _one_line,
            lambda value: value,
        ),
        SourceKind(
            "arxiv feed",
            Provider.ARXIV_RSS,
            "cs.LG",
            _matching(_ARXIV_CATEGORY, "category of arXiv", "cs.LG"),
            lambda _settings, value, _cursor: Request(f"/rss/{value}"),
            lambda answer: read_arxiv_rss(answer.body),
            newest_first=False,
            every=dt.timedelta(hours=3),
            may_be_empty=True,
        ),
        SourceKind(
            "openalex author",
            Provider.OPENALEX,
            "A5023888391",
            lambda value: _matching(_OPENALEX_AUTHOR, "author of OpenAlex", "A5023888391")(value).upper(),
            _openalex(lambda value: {"filter": f"authorships.author.id:{value}"}),
            lambda answer: read_openalex_works(answer.body),
            OPENALEX_PAGE,
            every=OPENALEX_EVERY,
        ),
        SourceKind(
            "openalex search",
            Provider.OPENALEX,
            "decentralized learning",
            _one_line,
            _openalex(lambda value: {"search": value}),
            lambda answer: read_openalex_works(answer.body),
            OPENALEX_PAGE,
            every=OPENALEX_EVERY,
            sweeps_every=OPENALEX_SWEEPS_EVERY,
        ),
        SourceKind(
            "semantic scholar author",
            Provider.SEMANTIC_SCHOLAR,
            "1741101",
            _matching(_S2_AUTHOR, "author of Semantic Scholar", "1741101"),
            _semantic_scholar,
            lambda answer: read_semantic_scholar_page(answer.body),
            newest_first=False,
            every=dt.timedelta(hours=6),
        ),
        SourceKind(
            "zotero group",
            Provider.ZOTERO,
            "2319948",
            _matching(_ZOTERO_GROUP, "group of Zotero", "2319948"),
            _zotero,
            _read_zotero,
            ZOTERO_PAGE,
            counted=True,
            every=dt.timedelta(minutes=15),
        ),
    )
}
"""By name, in the order in which people see them."""


LONGEST_REQUEST = dt.timedelta(seconds=150)
"""More than the client gives a whole answer; so long a process whose state cannot be checked
holds a permit."""

_NOBODY = "nobody:0:0"
"""The holder of a permit from an answer until the next request is allowed."""


class SharedRateLimit:
    """One permit for each host over all processes: held during a request, and until the next is allowed.

    It is a lease, so that a process that ends in the middle does not hold it for ever.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._holder = leases.own_name()

    def acquire(self, host: str, seconds: float) -> float:
        """Take the permit: 0.0 where it is ours now, else after how many seconds to try again."""
        now, name, interval = self._app.clock(), f"place {host}", dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            holder, until = leases.lease_holder(session, name) or (_NOBODY, now)
            longest = interval if holder == _NOBODY else LONGEST_REQUEST
            if holder != _NOBODY and is_dead(holder):
                until += interval - LONGEST_REQUEST  # it asked no later than it took the permit
            waiting = until - now
            if dt.timedelta() < waiting <= longest:  # beyond that, a clock was set back since
                return min(waiting, interval).total_seconds()
            until = now + LONGEST_REQUEST
            taken = leases.take_lease(session, name, self._holder, now, until, instead_of=holder)
        return 0.0 if taken else seconds

    def release(self, host: str, seconds: float) -> None:
        """Release the permit after an answer: the next request is allowed after so many seconds."""
        now = self._app.clock()
        until = now + dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            leases.take_lease(session, f"place {host}", _NOBODY, now, until, instead_of=self._holder)
