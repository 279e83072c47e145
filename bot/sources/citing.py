"""New citations of papers that subscriptions ask for: providers are asked what cites them.

The first reading of a paper's citations by a provider is its baseline: none of it is reported. What is new
later is decided by identity, over all providers, and recorded for the subscriptions in the same transaction.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import quote, urlencode

from sqlmodel import Session

from bot.announcements.citing import FoundCitation, watched_papers, write_found
from bot.app import App
from bot.config import Settings
from bot.corpus.formats.answers import CitingPage
from bot.corpus.formats.crossref import read_crossref_works
from bot.corpus.formats.openalex import SOURCE as BY_OPENALEX
from bot.corpus.formats.openalex import read_openalex_citing
from bot.corpus.formats.opencitations import SOURCE as BY_OPENCITATIONS
from bot.corpus.formats.opencitations import read_opencitations
from bot.corpus.formats.semantic_scholar import FIELDS_OF_CITING, read_semantic_scholar_citing
from bot.corpus.formats.semantic_scholar import SOURCE as BY_SEMANTIC_SCHOLAR
from bot.errors import PapercordError
from bot.fetch.client import Answer
from bot.fetch.errors import ClosedError, NotFoundError
from bot.lease import Lease
from bot.sources.library import Library
from bot.sources.providers.crossref import CROSSREF
from bot.sources.providers.kinds import Provider, Request, contact_options
from bot.sources.providers.openalex import OPENALEX, openalex_options
from bot.sources.providers.opencitations import OPENCITATIONS
from bot.sources.providers.semantic_scholar import SEMANTIC_SCHOLAR, semantic_scholar_headers
from bot.store import citations, citing_works
from bot.store.imports import lock_corpus
from bot.store.paper_sources import asked_on, mark_asked

MOST_BATCHES = 10
"""In one round, of each provider; the next goes on."""
_OPENALEX_FIELDS = "id,doi,title,publication_year,authorships,referenced_works"
_DOIS_AT_ONCE = 20
_MOST_NAMED = 100
"""Works of one paper that are looked up by their DOIs at once; the next reading goes on."""


@dataclass(frozen=True, slots=True)
class CitingQuery:
    """How one provider is asked what cites papers."""

    provider: Provider
    source: str
    """As which its word is kept."""
    every: dt.timedelta
    """How often it is asked about a paper."""
    batch: int
    """Papers in one request."""
    ids: Callable[[Session, Collection[int]], Mapping[str, int]]
    """Its ids of papers."""
    request: Callable[[Settings, Collection[str], str | None], Request]
    """From the ids and the cursor; None is the first page's."""
    read: Callable[[Answer], CitingPage]
    most_pages: int
    """Of the works that cite a batch of papers."""
    most_pages_at_first: int
    newest_first: bool = False
    """Whether a page without anything unknown is the last that matters."""
    names_works: bool = True
    """Whether it names titles and authors; else Crossref is asked for those of new works."""

    @property
    def question(self) -> str:
        """As which it is recorded when a paper was asked about."""
        return f"{self.provider.name} citations"


def _openalex(settings: Settings, ids: Collection[str], cursor: str | None) -> Request:
    options = {
        "filter": f"cites:{'|'.join(ids)}",
        "select": _OPENALEX_FIELDS,
        "sort": "publication_date:desc",
        "per-page": "100",
        "cursor": cursor or "*",
        **openalex_options(settings),
    }
    return Request(f"/works?{urlencode(options)}")


def _semantic_scholar(settings: Settings, ids: Collection[str], cursor: str | None) -> Request:
    (paper,) = ids
    options = urlencode({"fields": FIELDS_OF_CITING, "offset": cursor or "0", "limit": "1000"})
    return Request(
        f"/graph/v1/paper/{quote(paper, safe=':/')}/citations?{options}", semantic_scholar_headers(settings)
    )


def _opencitations(_settings: Settings, ids: Collection[str], _cursor: str | None) -> Request:
    (doi,) = ids
    return Request(f"/index/v2/citations/doi:{quote(doi, safe='/')}")


def _semantic_scholar_ids(session: Session, papers: Collection[int]) -> Mapping[str, int]:
    """By arXiv id or DOI, where there is one, else by its own id; one for each paper."""
    names = {"arxiv": "ARXIV:", "doi": "DOI:", "s2": ""}
    return {f"{names[scheme]}{value}": paper for paper, (scheme, value) in _first_ids(session, papers, names)}


def _dois(session: Session, papers: Collection[int]) -> Mapping[str, int]:
    return {value: paper for paper, (_, value) in _first_ids(session, papers, ["doi"])}


def _first_ids(
    session: Session, papers: Collection[int], schemes: Iterable[str]
) -> Iterable[tuple[int, tuple[str, str]]]:
    order = [*schemes]
    found: dict[int, tuple[str, str]] = {}
    pairs = citations.ids_of_papers(session, papers).items()
    usable = [(pair, some) for pair, some in pairs if pair[0] in order]
    for pair, some in sorted(usable, key=lambda one: (order.index(one[0][0]), one[0][1])):
        for paper_id in some:
            found.setdefault(paper_id, pair)
    return found.items()


CITING_QUERIES = (
    CitingQuery(
        OPENALEX,
        BY_OPENALEX,
        every=dt.timedelta(days=1),
        batch=50,  # it takes a hundred
        ids=citations.openalex_ids,
        request=_openalex,
        read=lambda answer: read_openalex_citing(answer.body),
        most_pages=3,
        most_pages_at_first=25,
        newest_first=True,
    ),
    CitingQuery(
        SEMANTIC_SCHOLAR,
        BY_SEMANTIC_SCHOLAR,
        every=dt.timedelta(days=7),
        batch=1,
        ids=_semantic_scholar_ids,
        request=_semantic_scholar,
        read=lambda answer: read_semantic_scholar_citing(answer.body),
        most_pages=9,  # it gives no more than ten thousand
        most_pages_at_first=9,
    ),
    CitingQuery(
        OPENCITATIONS,
        BY_OPENCITATIONS,
        every=dt.timedelta(days=7),
        batch=1,
        ids=_dois,
        request=_opencitations,
        read=lambda answer: read_opencitations(answer.body),
        most_pages=1,
        most_pages_at_first=1,
        names_works=False,
    ),
)


@dataclass(slots=True)
class CitingReport:
    """What a round of asking found."""

    papers: int = 0
    """That providers were asked about."""
    new: int = 0
    """Citations that subscriptions are going to hear of."""
    errors: list[str] = field(default_factory=list[str])


def ask_citing(
    app: App, library: Library, stop: threading.Event, queries: Sequence[CitingQuery] = CITING_QUERIES
) -> CitingReport:
    """Ask what cites the papers that are due, those never asked about first, so many in one round."""
    report = CitingReport()
    for query in queries:
        try:
            _Round(app, library, query, report).ask(stop)
        except ClosedError:
            raise
        except PapercordError as error:
            report.errors.append(f"{query.question}: {error}")
    return report


class _Round:
    """What one provider is asked in one round."""

    def __init__(self, app: App, library: Library, query: CitingQuery, report: CitingReport) -> None:
        self._app = app
        self._library = library
        self._query = query
        self._report = report

    def ask(self, stop: threading.Event) -> None:
        """Ask about some of the papers that are due."""
        query, today = self._query, self._app.clock().date()
        with self._app.store.reading() as session:
            watched = watched_papers(session)
            before = asked_on(session, query.question, watched)
            due = [one for one in watched if today - before.get(one, dt.date.min) >= query.every]
            ids = query.ids(session, due)
        first = {name: paper for name, paper in ids.items() if paper not in before}
        again = {name: paper for name, paper in ids.items() if paper in before}
        batches = [*_batches(first, query.batch), *_batches(again, query.batch)][:MOST_BATCHES]
        with Lease(self._app, f"citations {query.provider.name}") as lease:
            for some in batches:
                if stop.is_set() or not lease.is_held:
                    break
                self._ask(some, is_first=some.items() <= first.items())
                self._report.papers += len(set(some.values()))

    def _ask(self, named: Mapping[str, int], *, is_first: bool) -> None:
        """Read the works that cite these papers; the last page records that they were asked about."""
        query = self._query
        cursor: str | None = None
        found: list[FoundCitation] = []
        most = query.most_pages_at_first if is_first else query.most_pages
        for number in range(1, most + 1):
            page = self._page(named, cursor)
            found += _cites(page, named)
            cursor = page.next_cursor
            is_last = cursor is None or number == most
            if query.newest_first:
                unknown = self._write(found, set(named.values()), is_last=is_last, is_silent=is_first)
                found.clear()
                if not unknown and not is_first and not is_last:
                    self._write([], set(named.values()), is_last=True, is_silent=True)
                    break
            elif is_last:
                # Of a list in any order that was not read to its end, nobody knows what is new.
                self._write(
                    found, set(named.values()), is_last=True, is_silent=is_first or cursor is not None
                )
            if is_last:
                break

    def _page(self, named: Mapping[str, int], cursor: str | None) -> CitingPage:
        request = self._query.request(self._app.settings, named.keys(), cursor)
        try:
            return self._library.ask(self._query.provider, request, self._query.read)
        except NotFoundError:  # it does not know the paper
            return CitingPage(())

    def _write(
        self, found: Sequence[FoundCitation], papers: Collection[int], *, is_last: bool, is_silent: bool
    ) -> int:
        """Write citations, and at the last page that the papers were asked about; how many were unknown."""
        named = found if self._query.names_works or is_silent else self._with_names(found)
        now = self._app.clock()
        with self._app.store.writing() as session:
            lock_corpus(session)
            watched = {} if is_silent else watched_papers(session)
            written = write_found(session, self._query.source, named, now, watched)
            if is_last:
                mark_asked(session, self._query.question, papers, now.date())
        self._report.new += written.reported
        return written.unknown

    def _with_names(self, found: Sequence[FoundCitation]) -> list[FoundCitation]:
        """Those that are known, and with title and authors those that are not and that Crossref knows."""
        with self._app.store.reading() as session:
            rows = citing_works.works_citing(session, {one.paper_id for one in found})
        known = {(paper_id, work.scheme, work.value) for paper_id, work in rows}
        kept = [one for one in found if (one.paper_id, one.work.scheme, one.work.value) in known]
        new = [one for one in found if (one.paper_id, one.work.scheme, one.work.value) not in known]
        by_doi = {
            value: one for one in new for scheme, value in one.also if scheme == "doi" and "," not in value
        }
        left = iter([*by_doi][:_MOST_NAMED])
        while some := list(islice(left, _DOIS_AT_ONCE)):
            asked = {"filter": ",".join(f"doi:{doi}" for doi in some), "rows": str(len(some))}
            request = Request(f"/works?{urlencode({**asked, **contact_options(self._app.settings)})}")
            page = self._library.ask(CROSSREF, request, lambda answer: read_crossref_works(answer.body))
            for record in page.records:
                if (one := by_doi.get(record.doi or "")) is not None:
                    year = int(record.published[:4]) if record.published else one.work.year
                    authors = tuple(mention.name for mention in record.authors)
                    names = {"title": record.title, "year": year, "authors": authors}
                    kept.append(FoundCitation(one.paper_id, one.work.model_copy(update=names), one.also))
        return kept


def _cites(page: CitingPage, named: Mapping[str, int]) -> list[FoundCitation]:
    """Which of the papers the works of a page cite: the one that was asked about, where they do not say."""
    return [
        FoundCitation(paper_id, one.work, one.also)
        for one in page.works
        for paper_id in dict.fromkeys(named[each] for each in one.cites or named if each in named)
    ]


def _batches(named: Mapping[str, int], size: int) -> Iterable[dict[str, int]]:
    left = iter(named.items())
    while some := dict(islice(left, size)):
        yield some
