"""Enrichment: what providers know of papers of the corpus, asked for and asked for again."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import RequestRefusedError, UnusableAnswerError
from bot.corpus.paper import PaperRecord
from bot.errors import PapercordError, RefusedError
from bot.fetch.errors import ClosedError, NotFoundError, RequestFailedError
from bot.ingest.importer import ImportedRecords, Progress, import_records
from bot.lease import Lease
from bot.sources.citing import ask_citing
from bot.sources.library import Library
from bot.sources.queries import QUERIES, EnrichedPaper, ProviderQuery
from bot.store.asking_again import record_round
from bot.store.paper_sources import (
    Holding,
    known_papers,
    mark_asked,
    papers_asked_about,
    papers_due,
)
from bot.store.settings import get_setting, put_setting

MOST_REQUESTS = 1_000
"""Requests of each query in one run: OpenAlex allows a thousand free searches a day."""

YOUNG = dt.timedelta(days=2 * 365)
"""A paper without a venue that is no older is likely to appear somewhere; most notices are of such papers."""

YOUNG_HOLDS = dt.timedelta(days=30)
"""How long an answer about a young paper holds, without a venue or where the provider knows notices."""

ROUND_EVERY = dt.timedelta(hours=1)
"""How often the running bot asks on."""

ROUND_REQUESTS = 20
"""Requests of each query in one round: a third of what OpenAlex allows in a day is left for sources."""

_WORK = "Asking again about papers of the corpus"
_ROUND_SETTING = "next round of enrichment"

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
    by: str | None = None,
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
        by: Only what looks papers up so: "id" or "title".
        again: Also where the last answer still holds; the oldest answers first.
        most_requests: Requests of each query at most; the next run goes on.
        progress: Called after each batch.
        stop: Ends it after the batch under way; the next run goes on from there.

    Raises:
        RefusedError: no provider has such a name.

    """
    ending = stop or threading.Event()
    totals = _Totals()
    for query in _chosen(providers, by):
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


def is_round_due(app: App) -> bool:
    """Whether the running bot is to ask on about papers; the first round is an hour after the first start."""
    if not app.settings.enrich:
        return False
    with app.store.reading() as session:
        due = get_setting(session, _ROUND_SETTING)
    if due is None:
        _put_off(app)
        return False
    return dt.datetime.fromisoformat(due) <= app.clock()


def enrich_round(app: App, library: Library, stop: threading.Event) -> EnrichReport:
    """Ask a few requests on about papers with ids: those never asked about, then the longest ago."""
    _put_off(app)
    report = enrich(app, library, by="id", most_requests=ROUND_REQUESTS, stop=stop)
    for error in report.errors:
        _log.warning("%s: %s", _WORK, error)
    return report


class EnrichmentWorker:
    """Asks on in the background of the running bot, a round at a time."""

    def __init__(self, app: App, library: Library) -> None:
        self._app = app
        self._library = library
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Begin a round that is due, unless one is under way; does not wait for it."""
        if self._stop.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        if is_round_due(self._app):
            self._thread = threading.Thread(target=self._work, name="enrichment", daemon=True)
            self._thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """End after the request under way, waiting `timeout` seconds; the library stays open."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        with self._app.outages.watching(_WORK, once=True), contextlib.suppress(ClosedError):
            round_of_asking(self._app, self._library, self._stop)


def round_of_asking(app: App, library: Library, stop: threading.Event) -> None:
    """Ask on about papers, and about who cites them; the errors stand in the status."""
    errors = [*enrich_round(app, library, stop).errors, *ask_citing(app, library, stop).errors]
    with app.store.writing() as session:
        record_round(session, errors, app.clock())


def _put_off(app: App) -> None:
    with app.store.writing() as session:
        put_setting(session, _ROUND_SETTING, (app.clock() + ROUND_EVERY).isoformat())


def _chosen(providers: Sequence[str], by: str | None) -> Sequence[ProviderQuery]:
    names = {query.provider.name.casefold(): query.provider.name for query in QUERIES}
    for provider in providers:
        if provider.casefold() not in names:
            raise RefusedError(f"No provider is named {provider}; there are {', '.join(names.values())}.")
    wanted = {provider.casefold() for provider in providers} or set(names)
    return [one for one in QUERIES if one.provider.name.casefold() in wanted and by in {None, one.by}]


def _due(app: App, query: ProviderQuery, *, again: bool) -> Sequence[int]:
    today = app.clock().date()
    holding = Holding(
        since=today - query.holds,
        young_since=today - min(query.holds, YOUNG_HOLDS),
        born=today - YOUNG,
        any_venue=query.has_notices,
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
