"""`papercord enrich`: what arXiv, Crossref, OpenAlex and Semantic Scholar know of papers that stand here.

Of each paper it keeps when each question was asked, in the transaction that writes the answer; so it
may be stopped at any moment, and nothing is asked twice. What was asked, and what a source said, holds
for some months and is asked again then. Whatever is found joins its paper by identity, and each
source's word stays its own.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.app import Desk
from bot.corpus.formats.answers import RequestRefusedError, UnusableAnswerError
from bot.corpus.paper import PaperRecord
from bot.errors import PapercordError, RefusedError
from bot.fetch.errors import NotFoundError, RequestFailedError
from bot.ingest.fetched import Brought, bring_in
from bot.lease import Lease
from bot.sources.providers import Library
from bot.sources.questions import QUESTIONS, Question, Subject
from bot.store.enrichment import Holding, mark_asked, papers_asked_about, papers_due
from bot.store.paper_sources import known_papers

MOST_REQUESTS = 1_000
"""A run asks each question so often at most: OpenAlex gives away a thousand searches a day."""

YOUNG = dt.timedelta(days=2 * 365)
"""A paper without a venue that is no older is likely to appear somewhere."""

YOUNG_HOLDS = dt.timedelta(days=30)
"""So long what a provider said of a young paper without a venue is taken as it is."""

REFUSALS_IN_A_ROW = 10
"""After so many the provider refuses us, not a paper: it takes eight to find one among a hundred."""

_REFUSALS = (NotFoundError, RequestFailedError, RequestRefusedError, UnusableAnswerError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EnrichProgress:
    """How far it is with one question."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EnrichReport:
    """What it brought."""

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
class _Tally:
    asked: int = 0
    found: int = 0
    updated: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list[str])


def enrich(
    desk: Desk,
    library: Library,
    *,
    providers: Sequence[str] = (),
    again: bool = False,
    most_requests: int = MOST_REQUESTS,
    progress: Callable[[EnrichProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> EnrichReport:
    """Ask about every paper of which a provider has not spoken yet, or not for long.

    Args:
        desk: The parts to work with.
        library: The providers.
        providers: Only these, by name; all where none is named.
        again: Also where a provider spoke, or was asked, lately; those of which it is longest ago first.
        most_requests: So often each question is asked at most; the next run goes on.
        progress: Is told how far it is after each batch.
        stop: Ends it after the batch under way; the next run goes on from there.

    Raises:
        RefusedError: no provider has such a name.

    """
    ending = stop or threading.Event()
    tally = _Tally()
    for question in _chosen(providers):
        # A lease of its own: the sources that are followed there are checked meanwhile.
        with Lease(desk, f"enriching {question.provider.value}") as lease:
            if not lease.is_held:
                said = f"{question.provider.value} is being asked by another process; try again later."
                tally.errors += [said] if said not in tally.errors else []
                continue
            due = _due(desk, question, again=again)
            reached = due[: question.batch * most_requests]
            round_ = _Round(desk, library, question, tally)
            for start in range(0, len(reached), question.batch):
                some = reached[start : start + question.batch]
                if ending.is_set() or not lease.is_held or not round_.ask(some):
                    break
                if progress is not None:
                    progress(EnrichProgress(question.name, start + len(some), len(reached)))
            tally.waiting += len(due) - round_.asked
    if tally.updated:
        desk.index.follow(desk.store)
    return EnrichReport(tally.asked, tally.found, tally.updated, tally.waiting, tuple(tally.errors))


def _chosen(providers: Sequence[str]) -> Sequence[Question]:
    names = {question.provider.value.casefold(): question.provider.value for question in QUESTIONS}
    for provider in providers:
        if provider.casefold() not in names:
            raise RefusedError(f"No provider is named {provider}; there are {', '.join(names.values())}.")
    wanted = {provider.casefold() for provider in providers} or set(names)
    return [question for question in QUESTIONS if question.provider.value.casefold() in wanted]


def _due(desk: Desk, question: Question, *, again: bool) -> Sequence[int]:
    today = desk.clock().date()
    holding = Holding(
        since=today - question.holds,
        young_since=today - min(question.holds, YOUNG_HOLDS),
        born=today - YOUNG,
    )
    with desk.store.reading() as session:
        return papers_due(
            session, question.name, question.sources, question.about, None if again else holding
        )


class _Round:
    """One question, asked about many papers."""

    def __init__(self, desk: Desk, library: Library, question: Question, tally: _Tally) -> None:
        self._desk = desk
        self._library = library
        self._question = question
        self._tally = tally
        self._refused: list[int] = []
        """Papers about which the provider refused to answer, since it answered last."""
        self._refusals = 0
        self.asked = 0

    def ask(self, ids: Sequence[int]) -> bool:
        """Ask about some papers and write what is said of them; whether to go on."""
        try:
            papers = self._subjects(ids)
            records = self._question.ask(self._desk.settings, self._library, papers) if papers else ()
        except _REFUSALS as error:
            return self._refuse(ids, error)
        except PapercordError as error:
            self._tally.errors.append(f"{self._question.name}: {error}")
            return False
        # It answers: what it refused before it refuses for what is asked there, and is not held up by.
        asked = [*self._refused, *ids]
        brought = self._bring_in(records, asked)
        self._refused, self._refusals = [], 0
        self.asked += len(asked)
        self._tally.asked += len(asked)
        self._tally.found += len(records)
        self._tally.updated += brought.updated
        return True

    def _subjects(self, ids: Sequence[int]) -> Sequence[Subject]:
        with self._desk.store.reading() as session:
            rows = papers_asked_about(session, ids)
            known = known_papers(session, [row.id for row in rows])
        return [
            Subject(
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

    def _bring_in(self, records: Sequence[PaperRecord], asked: Sequence[int]) -> Brought:
        today = self._desk.clock().date()

        def keep(session: Session, _brought: Brought) -> None:
            mark_asked(session, self._question.name, asked, today)

        origin = f"enriching from {self._question.provider.value}"
        brought = bring_in(self._desk, origin, records, as_news=False, then=keep)
        for one in brought.rejected:
            _log.info("%s: left out: %s", self._question.name, one.reason)
        return brought

    def _refuse(self, ids: Sequence[int], error: Exception) -> bool:
        """Find by halves about which papers it refuses to answer, and go on with the others."""
        self._refusals += 1
        is_over = self._refusals >= REFUSALS_IN_A_ROW
        said = f"{self._question.name}: {error}"
        if (is_over or len(ids) == 1) and said not in self._tally.errors:
            self._tally.errors.append(said)
        if is_over:
            return False
        if len(ids) > 1:
            half = len(ids) // 2
            return self.ask(ids[:half]) and self.ask(ids[half:])
        _log.info("%s: no answer about paper %s: %s", self._question.name, ids[0], error)
        self._refused += ids
        return True
