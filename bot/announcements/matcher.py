"""Which new papers a subscription wants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import Session

from bot.announcements.planning import Wish
from bot.announcements.results import Filters, Frequency
from bot.corpus.paper import last_day
from bot.search.standing_queries import NewPapers
from bot.store.papers import papers_by_id, people_attributed

_PAPERS_AT_ONCE = 5_000
_NOTHING = (float("-inf"), 0)


class Arrivals:
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


def _index_of(session: Session, ids: Sequence[int]) -> NewPapers:
    attributed: dict[int, list[str]] = {}
    for paper_id, name in people_attributed(session, ids):
        attributed.setdefault(paper_id, []).append(name)
    return NewPapers(papers_by_id(session, ids), attributed)


def _rank(score: float | None, published: str | None) -> tuple[float, int]:
    return (
        score if score is not None else _NOTHING[0],
        last_day(published).toordinal() if published is not None else _NOTHING[1],
    )


def wish_of(
    subscription_id: int,
    filters: Filters,
    *,
    digest: bool,
    role_id: int | None,
    thread: bool,
    matched: Sequence[int],
) -> Wish:
    """A subscription as planning sees it."""
    return Wish(
        subscription_id=subscription_id,
        words=filters.words,
        digest=digest,
        role_id=role_id,
        thread=thread,
        command=command_for(filters),
        matched=matched,
    )


def wish_of_row(row: Any, arrivals: Arrivals, waiting: Collection[int] = ()) -> Wish:
    """A row of the table of subscriptions as planning sees it, with what it matches.

    `waiting` are papers that it had before, to be considered again.
    """
    return wish_of(
        row.id,
        filters_of(row),
        digest=row.frequency != Frequency.INSTANT,
        role_id=row.role_id,
        thread=row.thread,
        matched=arrivals.wanted_by(row.compiled, row.min_score, row.cursor, waiting),
    )


def filters_of(row: Any) -> Filters:
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
