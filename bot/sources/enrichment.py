"""Enrichment: records of arXiv, Crossref, OpenAlex and Semantic Scholar for papers of the corpus."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson
from sqlmodel import Session

from bot.app import App
from bot.config import Settings
from bot.corpus.decision import Joins, KnownPaper, New, decide, is_surely
from bot.corpus.formats.answers import Page, RequestRefusedError, UnusableAnswerError
from bot.corpus.formats.arxiv import SOURCE as ARXIV_API
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import PAPER_TYPES, read_crossref_papers, read_crossref_works
from bot.corpus.formats.crossref import SOURCE as CROSSREF
from bot.corpus.formats.jsonl import ARXIV
from bot.corpus.formats.openalex import SOURCE as OPENALEX
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_batch
from bot.corpus.formats.semantic_scholar import SOURCE as SEMANTIC_SCHOLAR
from bot.corpus.identity import RecordKeys
from bot.corpus.paper import PaperRecord, first_day
from bot.errors import PapercordError, RefusedError
from bot.fetch.errors import NotFoundError, RequestFailedError
from bot.ingest.importer import ImportedRecords, Progress, import_records
from bot.lease import Lease
from bot.sources.library import Library
from bot.sources.providers import arxiv, crossref, openalex, semantic_scholar
from bot.sources.providers.kinds import Provider, Request, contact_options
from bot.sources.providers.openalex import openalex_options
from bot.sources.providers.semantic_scholar import semantic_scholar_headers
from bot.store.paper_sources import Holding, Which, known_papers, mark_asked, papers_asked_about, papers_due
from bot.text.latex import readable

MOST_TITLE_WORDS = 12
"""Words of a title in a search for all of them; longer titles that begin with them are found."""

MOST_YEARS_APART = 3
"""Between a preprint and its publication; papers of one title that are further apart are different ones."""

COUNTS_HOLD = dt.timedelta(days=90)
"""How long an answer with citations holds."""

TEXTS_HOLD = dt.timedelta(days=365)
"""The same for a source without citations: its papers seldom change."""


@dataclass(frozen=True, slots=True)
class EnrichedPaper:
    """A paper of the corpus about which a provider is asked."""

    id: int
    title: str
    lead: str | None
    published: str | None
    doi: str | None
    arxiv_id: str | None
    known: KnownPaper
    """Its ids and titles in all sources."""


Ask = Callable[[Settings, Library, Sequence[EnrichedPaper]], Sequence[PaperRecord]]


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """How one provider is asked about papers, `batch` at a time."""

    provider: Provider
    by: str
    """How papers are looked up: "id" or "title"."""
    about: Which
    sources: tuple[str, ...]
    """The names of its records in the corpus."""
    holds: dt.timedelta
    """How long an answer holds."""
    batch: int
    ask: Ask

    @property
    def name(self) -> str:
        """Shown to people, and stored with the day on which a paper was asked about."""
        return f"{self.provider.name} by {self.by}"


def arxiv_by_id(
    _settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    """What arXiv says of papers with arXiv ids."""
    ids = [paper.arxiv_id for paper in papers if paper.arxiv_id is not None]
    page = _ask_arxiv(library, {"id_list": ",".join(ids), "max_results": str(len(ids))})
    return records_of(papers, page.records)


def _arxiv_by_title(
    _settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = _words(paper.title)[:MOST_TITLE_WORDS]
    if not words or paper.lead is None:
        return ()
    page = _ask_arxiv(library, {"search_query": f'ti:"{" ".join(words)}"', "max_results": "10"})
    return _records_of_same(paper, page.records)


def _ask_arxiv(library: Library, asked: Mapping[str, str]) -> Page:
    request = Request(f"/api/query?{urlencode(asked)}")
    return library.ask(arxiv.ARXIV, request, lambda answer: read_arxiv_atom(answer.body))


def crossref_by_id(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    """What Crossref says of papers with DOIs."""
    dois = [paper.doi for paper in papers if paper.doi is not None and "," not in paper.doi]
    if not dois:
        return ()
    asked = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}
    request = Request(f"/works?{urlencode({**asked, **contact_options(settings)})}")
    page = library.ask(crossref.CROSSREF, request, lambda answer: read_crossref_works(answer.body))
    return records_of(papers, page.records)


def _crossref_by_title(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = _words(paper.title)
    if not words or paper.lead is None:
        return ()
    asked = {
        "query.bibliographic": " ".join(words),
        "query.author": paper.lead,
        "filter": ",".join(f"type:{name}" for name in PAPER_TYPES),
        "rows": "5",
    }
    request = Request(f"/works?{urlencode({**asked, **contact_options(settings)})}")
    found = library.ask(crossref.CROSSREF, request, lambda answer: read_crossref_papers(answer.body))
    return _records_of_same(paper, found)


def _openalex_by_id(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    dois = [paper.doi or f"10.48550/arxiv.{paper.arxiv_id}" for paper in papers]
    plain = [doi for doi in dois if not any(sign in doi for sign in ",|")]
    if not plain:
        return ()
    asked = {"filter": f"doi:{'|'.join(plain)}", "per-page": str(len(plain) + 50)}
    return records_of(papers, _ask_openalex(settings, library, asked).records)


def _openalex_by_title(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    # In lower case, since AND, OR and NOT are no words there.
    words = [word.lower() for word in _words(paper.title)[:MOST_TITLE_WORDS]]
    if not words or paper.lead is None:
        return ()
    asked = {"search.title": " ".join(words), "per-page": "10"}
    return _records_of_same(paper, _ask_openalex(settings, library, asked, papers_only=True).records)


def _ask_openalex(
    settings: Settings, library: Library, asked: Mapping[str, str], *, papers_only: bool = False
) -> Page:
    return library.ask(
        openalex.OPENALEX,
        Request(f"/works?{urlencode({**asked, **openalex_options(settings)})}"),
        lambda answer: read_openalex_works(answer.body, papers_only=papers_only),
    )


def _semantic_scholar(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    ids = [f"ARXIV:{one.arxiv_id}" if one.arxiv_id is not None else f"DOI:{one.doi}" for one in papers]
    request = Request(
        f"/graph/v1/paper/batch?{urlencode({'fields': FIELDS})}",
        semantic_scholar_headers(settings),
        orjson.dumps({"ids": ids}),
    )
    found = library.ask(
        semantic_scholar.SEMANTIC_SCHOLAR, request, lambda answer: read_semantic_scholar_batch(answer.body)
    )
    return records_of(papers, [record for record in found if record is not None])


QUERIES = (
    ProviderQuery(arxiv.ARXIV, "id", "with arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 100, arxiv_by_id),
    ProviderQuery(
        arxiv.ARXIV, "title", "without arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 1, _arxiv_by_title
    ),
    ProviderQuery(crossref.CROSSREF, "title", "without DOI", (CROSSREF,), COUNTS_HOLD, 1, _crossref_by_title),
    ProviderQuery(crossref.CROSSREF, "id", "with DOI", (CROSSREF,), COUNTS_HOLD, 20, crossref_by_id),
    ProviderQuery(openalex.OPENALEX, "title", "without id", (OPENALEX,), COUNTS_HOLD, 1, _openalex_by_title),
    ProviderQuery(openalex.OPENALEX, "id", "with id", (OPENALEX,), COUNTS_HOLD, 50, _openalex_by_id),
    ProviderQuery(
        semantic_scholar.SEMANTIC_SCHOLAR,
        "id",
        "with id",
        (SEMANTIC_SCHOLAR,),
        COUNTS_HOLD,
        100,
        _semantic_scholar,
    ),
)
"""In their order: records found by title have ids for the queries that follow."""


def records_of(papers: Sequence[EnrichedPaper], records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """The records that describe one of these papers; an answer may have others."""
    known = [paper.known for paper in papers]
    keyed = [(record, RecordKeys.of(record)) for record in records]
    return [
        record
        for record, keys in keyed
        if any(is_surely(keys, paper) for paper in known) and not isinstance(decide(keys, known), New)
    ]


def _records_of_same(paper: EnrichedPaper, records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """The records found that describe this paper; none where they contradict each other."""
    found = [record for record in records if _is_same(paper, record)]
    known = paper.known
    for record in found:
        keys = RecordKeys.of(record)
        if not isinstance(decide(keys, [known]), Joins):
            return ()
        known = with_record(known, keys)
    return found


def _is_same(paper: EnrichedPaper, record: PaperRecord) -> bool:
    keys = RecordKeys.of(record)
    if not is_surely(keys, paper.known) or not isinstance(decide(keys, [paper.known]), Joins):
        return False
    return any(paper.known.has(*key) for key in keys.ids) or _is_near(paper.published, record.published)


def _is_near(one: str | None, other: str | None) -> bool:
    """Whether two dates may be of one paper; an unknown one may be any."""
    if one is None or other is None:
        return True
    return abs(first_day(one).year - first_day(other).year) <= MOST_YEARS_APART


def with_record(known: KnownPaper, keys: RecordKeys) -> KnownPaper:
    """The same paper with one more record."""
    shared: defaultdict[str, AbstractSet[str]] = defaultdict(frozenset, known.keys)
    for scheme, value in keys.shared:
        shared[scheme] |= {value}
    return KnownPaper.of(known.paper_id, known.title, known.lead, shared, (*known.records, keys.record))


def _words(title: str) -> list[str]:
    """The plain words of a title, for a search that knows no punctuation and no LaTeX."""
    text = unicodedata.normalize("NFKC", readable(title))
    return "".join(character if character.isalnum() else " " for character in text).split()


MOST_REQUESTS = 1_000
"""Requests of each query in one run: OpenAlex allows a thousand free searches a day."""

YOUNG = dt.timedelta(days=2 * 365)
"""A paper without a venue that is no older is likely to appear somewhere."""

YOUNG_HOLDS = dt.timedelta(days=30)
"""How long an answer about a young paper without a venue holds."""

REFUSALS_IN_A_ROW = 10
"""After so many the provider refuses all requests, not a paper: finding one among a hundred takes eight."""

_REFUSALS = (NotFoundError, RequestFailedError, RequestRefusedError, UnusableAnswerError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EnrichReport:
    """What a run of enrichment did."""

    asked: int
    """Papers that providers were asked about."""
    found: int
    """Records that they gave."""
    updated: int
    """Papers of which more is known now."""
    waiting: int
    """Papers that providers are still to be asked about: the next run goes on with them."""
    errors: tuple[str, ...]


@dataclass(slots=True)
class _Totals:
    asked: int = 0
    found: int = 0
    updated: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list[str])


def enrich(
    app: App,
    library: Library,
    *,
    providers: Sequence[str] = (),
    again: bool = False,
    most_requests: int = MOST_REQUESTS,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> EnrichReport:
    """Ask the providers about every paper of which they have no answer that still holds.

    Args:
        app: The parts to work with.
        library: The providers.
        providers: Only these, by name; all where none is named.
        again: Also where the last answer still holds; the oldest answers first.
        most_requests: Requests of each query at most; the next run goes on.
        progress: Called after each batch.
        stop: Ends it after the batch under way; the next run goes on from there.

    Raises:
        RefusedError: no provider has such a name.

    """
    ending = stop or threading.Event()
    totals = _Totals()
    for query in _chosen(providers):
        # A lease of its own: sources at the same provider are checked meanwhile.
        with Lease(app, f"enriching {query.provider.name}") as lease:
            if not lease.is_held:
                said = f"{query.provider.name} is being asked by another process; try again later."
                totals.errors += [said] if said not in totals.errors else []
                continue
            due = _due(app, query, again=again)
            reached = due[: query.batch * most_requests]
            run = _QueryRun(app, library, query, totals)
            for start in range(0, len(reached), query.batch):
                some = reached[start : start + query.batch]
                if ending.is_set() or not lease.is_held or not run.ask(some):
                    break
                if progress is not None:
                    progress(Progress(query.name, start + len(some), len(reached)))
            totals.waiting += len(due) - run.asked
    if totals.updated:
        app.index.catch_up(app.store)
    return EnrichReport(totals.asked, totals.found, totals.updated, totals.waiting, tuple(totals.errors))


def _chosen(providers: Sequence[str]) -> Sequence[ProviderQuery]:
    names = {query.provider.name.casefold(): query.provider.name for query in QUERIES}
    for provider in providers:
        if provider.casefold() not in names:
            raise RefusedError(f"No provider is named {provider}; there are {', '.join(names.values())}.")
    wanted = {provider.casefold() for provider in providers} or set(names)
    return [question for question in QUERIES if question.provider.name.casefold() in wanted]


def _due(app: App, query: ProviderQuery, *, again: bool) -> Sequence[int]:
    today = app.clock().date()
    holding = Holding(
        since=today - query.holds,
        young_since=today - min(query.holds, YOUNG_HOLDS),
        born=today - YOUNG,
    )
    with app.store.reading() as session:
        return papers_due(session, query.name, query.sources, query.about, None if again else holding)


class _QueryRun:
    """One query, sent about many papers."""

    def __init__(self, app: App, library: Library, query: ProviderQuery, totals: _Totals) -> None:
        self._app = app
        self._library = library
        self._query = query
        self._totals = totals
        self._refused: list[int] = []
        """Papers about which the provider refused to answer, since it answered last."""
        self._refusals = 0
        self.asked = 0

    def ask(self, ids: Sequence[int]) -> bool:
        """Ask about some papers and import the records; whether to go on."""
        try:
            papers = self._subjects(ids)
            records = self._query.ask(self._app.settings, self._library, papers) if papers else ()
        except _REFUSALS as error:
            return self._refuse(ids, error)
        except PapercordError as error:
            self._totals.errors.append(f"{self._query.name}: {error}")
            return False
        # It answers: so it refused the earlier papers for themselves, and they count as asked about.
        asked = [*self._refused, *ids]
        imported = self._import(records, asked)
        self._refused, self._refusals = [], 0
        self.asked += len(asked)
        self._totals.asked += len(asked)
        self._totals.found += len(records)
        self._totals.updated += imported.updated
        return True

    def _subjects(self, ids: Sequence[int]) -> Sequence[EnrichedPaper]:
        with self._app.store.reading() as session:
            rows = papers_asked_about(session, ids)
            known = known_papers(session, [row.id for row in rows])
        return [
            EnrichedPaper(
                id=row.id,
                title=row.title,
                lead=next(iter(row.authors), None),
                published=row.published,
                doi=row.doi,
                arxiv_id=row.arxiv_id,
                known=known[row.id],
            )
            for row in rows
        ]

    def _import(self, records: Sequence[PaperRecord], asked: Sequence[int]) -> ImportedRecords:
        today = self._app.clock().date()

        def keep(session: Session, _imported: ImportedRecords) -> None:
            mark_asked(session, self._query.name, asked, today)

        origin = f"enriching from {self._query.provider.name}"
        imported = import_records(self._app, origin, records, newly_added=False, write_last=keep)
        for one in imported.rejected:
            _log.info("%s: left out: %s", self._query.name, one.reason)
        return imported

    def _refuse(self, ids: Sequence[int], error: Exception) -> bool:
        """Find by halving about which papers the provider refuses to answer; go on with the others."""
        self._refusals += 1
        is_over = self._refusals >= REFUSALS_IN_A_ROW
        said = f"{self._query.name}: {error}"
        if (is_over or len(ids) == 1) and said not in self._totals.errors:
            self._totals.errors.append(said)
        if is_over:
            return False
        if len(ids) > 1:
            half = len(ids) // 2
            return self.ask(ids[:half]) and self.ask(ids[half:])
        _log.info("%s: no answer about paper %s: %s", self._query.name, ids[0], error)
        self._refused += ids
        return True
