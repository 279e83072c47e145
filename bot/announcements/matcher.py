"""Which new papers a subscription wants, and in which messages they are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.announcements.results import Filters, Frequency, MessageKind, MessageSpec
from bot.corpus.paper import last_day
from bot.search.standing_queries import StandingQueries
from bot.store.papers import papers_by_id, people_attributed

MOST_CARDS = 5
"""Of papers that wait for one channel; more than these come in groups."""
GROUP_SIZE = 10
MOST_LISTED = 100
"""More papers than these at once are a flood."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription of a channel, with the new papers that it matches."""

    subscription_id: int
    words: str
    digest: bool
    role_id: int | None
    thread: bool
    command: str
    matched: Collection[int]


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message that is to be posted, and the papers it delivers."""

    spec: MessageSpec
    delivers: tuple[int, ...]
    """Shown papers first, then those that it only counts."""
    matches: tuple[tuple[int, int], ...]
    """(subscription, paper)."""
    thread: bool


Rank = Mapping[int, tuple[float, int]]
"""For each new paper (score, newest day as a number), missing ones lowest; higher is better."""


def plan_messages(
    wishes: Sequence[Candidate], delivered: Collection[int], place: Mapping[int, int], rank: Rank
) -> list[PlannedMessage]:
    """The messages of one channel.

    Args:
        wishes: Its subscriptions that are due, with what they match.
        delivered: Papers that the channel was told of before; they are not told again.
        place: Of each new paper in the order in which they came.
        rank: How good they are.

    """
    messages: list[PlannedMessage] = []
    told = set(delivered)
    for digest in (False, True):
        due = [wish for wish in wishes if wish.digest is digest]
        reasons: dict[int, list[Candidate]] = {}
        for wish in due:
            for paper in wish.matched:
                if paper not in told:
                    reasons.setdefault(paper, []).append(wish)
        waiting = sorted(reasons, key=place.__getitem__)
        told.update(waiting)
        if waiting:
            messages += _messages(waiting, reasons, rank, digest=digest)
    return messages


def _messages(
    waiting: Sequence[int], reasons: Mapping[int, list[Candidate]], rank: Rank, *, digest: bool
) -> Iterator[PlannedMessage]:
    if len(waiting) > MOST_LISTED:
        best = sorted(waiting, key=lambda paper: (rank[paper], paper), reverse=True)
        yield _message(MessageKind.FLOOD, best[:GROUP_SIZE], reasons, also=best[GROUP_SIZE:])
    elif digest:
        yield from _parts(MessageKind.DIGEST, waiting, reasons)
    elif len(waiting) > MOST_CARDS:
        yield from _parts(MessageKind.GROUP, waiting, reasons)
    else:
        for paper in waiting:
            yield _message(MessageKind.CARD, [paper], reasons)


def _parts(
    kind: MessageKind, waiting: Sequence[int], reasons: Mapping[int, list[Candidate]]
) -> Iterator[PlannedMessage]:
    parts = -(-len(waiting) // GROUP_SIZE)
    for part in range(parts):
        shown = waiting[part * GROUP_SIZE : (part + 1) * GROUP_SIZE]
        yield _message(kind, shown, reasons, total=len(waiting), part=part + 1, parts=parts)


def _message(
    kind: MessageKind,
    shown: Sequence[int],
    reasons: Mapping[int, list[Candidate]],
    *,
    also: Sequence[int] = (),
    total: int | None = None,
    part: int = 1,
    parts: int = 1,
) -> PlannedMessage:
    delivers = (*shown, *also)
    wishes = _distinct(wish for paper in delivers for wish in reasons[paper])
    # One ping for what came at once, not one for each of its parts.
    roles = {wish.role_id: None for wish in wishes if wish.role_id is not None} if part == 1 else {}
    spec = MessageSpec(
        kind=kind,
        papers=tuple(shown),
        total=total if total is not None else len(delivers),
        matched={paper: tuple(wish.words for wish in reasons[paper]) for paper in shown},
        reasons=tuple(wish.words for wish in wishes),
        command=wishes[0].command if kind is MessageKind.FLOOD else None,
        roles=tuple(roles),
        part=part,
        parts=parts,
    )
    return PlannedMessage(
        spec=spec,
        delivers=delivers,
        matches=tuple((wish.subscription_id, paper) for paper in delivers for wish in reasons[paper]),
        thread=any(wish.thread for wish in wishes) and part == 1,
    )


def _distinct(wishes: Iterable[Candidate]) -> list[Candidate]:
    return list({wish.subscription_id: wish for wish in wishes}.values())


_PAPERS_AT_ONCE = 5_000
_NOTHING = (float("-inf"), 0)


class NewPapers:
    """New papers, to be asked which of them a subscription wants."""

    def __init__(self, session: Session, rows: Sequence[Any]) -> None:
        self.place = {row.id: place for place, row in enumerate(rows)}
        self.rank = {row.id: _rank(row.score, row.published) for row in rows}
        self._finished = {row.id: row.finished_revision for row in rows}
        ids = list(self.place)
        self._indexes = [
            _index_of(session, ids[start : start + _PAPERS_AT_ONCE])
            for start in range(0, len(ids), _PAPERS_AT_ONCE)
        ]

    def wanted_by(
        self, compiled: dict[str, Any], min_score: float | None, after: int, also: Collection[int] = ()
    ) -> list[int]:
        """The ids of those that a fixed query finds, added after a revision, or among some others."""
        return [
            paper_id
            for index in self._indexes
            for paper_id in index.matching(compiled)
            if (self._finished[paper_id] > after or paper_id in also)
            and (min_score is None or self.rank[paper_id][0] >= min_score)
        ]


def _index_of(session: Session, ids: Sequence[int]) -> StandingQueries:
    attributed: dict[int, list[str]] = {}
    for row in people_attributed(session, ids):
        attributed.setdefault(row.paper_id, []).append(row.name)
    return StandingQueries(papers_by_id(session, ids), attributed)


def _rank(score: float | None, published: str | None) -> tuple[float, int]:
    return (
        score if score is not None else _NOTHING[0],
        last_day(published).toordinal() if published is not None else _NOTHING[1],
    )


def candidate_of(
    subscription_id: int,
    filters: Filters,
    *,
    digest: bool,
    role_id: int | None,
    thread: bool,
    matched: Sequence[int],
) -> Candidate:
    """A subscription as planning sees it."""
    return Candidate(
        subscription_id=subscription_id,
        words=filters.words,
        digest=digest,
        role_id=role_id,
        thread=thread,
        command=command_for(filters),
        matched=matched,
    )


def candidate_of_row(row: Any, arrivals: NewPapers, waiting: Collection[int] = ()) -> Candidate:
    """A row of the table of subscriptions as planning sees it, with what it matches.

    `waiting` are papers that it had before, to be considered again.
    """
    return candidate_of(
        row.id,
        filters_of_row(row),
        digest=row.frequency != Frequency.INSTANT,
        role_id=row.role_id,
        thread=row.thread,
        matched=arrivals.wanted_by(row.compiled, row.min_score, row.cursor, waiting),
    )


def filters_of_row(row: Any) -> Filters:
    """The filters of a row of the table of subscriptions."""
    return Filters(
        query=row.query, author=row.author, field=row.field, code=row.code, min_score=row.min_score
    )


def command_for(filters: Filters) -> str:
    """What a person types to see all that a subscription finds, newest first."""
    parts = [
        filters.query.strip(),
        f'author:"{filters.author}"' if filters.author else "",
        f"field:{filters.field}" if filters.field else "",
        {True: "has:code", False: "-has:code", None: ""}[filters.code],
        f"score:>={filters.min_score:g}" if filters.min_score is not None else "",
    ]
    return f"/papers query:{' '.join(part for part in parts if part) or 'year:>=1900'} sort:Newest"
