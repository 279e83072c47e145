"""Papers about which providers are to be asked, and when they were asked last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, not_, or_, select
from sqlmodel import Session

from bot.store.bulk import add_rows
from bot.store.revisions import lock_corpus
from bot.store.tables import enquiry, paper, paper_source

Which = Literal["with arXiv id", "without arXiv id", "with DOI", "without DOI", "with id", "without id"]

_HAS_ARXIV_ID, _HAS_DOI = paper.c.arxiv_id.is_not(None), paper.c.doi.is_not(None)
_HAS_ID = or_(_HAS_ARXIV_ID, _HAS_DOI)
_WHICH: Mapping[Which, ColumnElement[bool]] = {
    "with arXiv id": _HAS_ARXIV_ID,
    "without arXiv id": not_(_HAS_ARXIV_ID),
    "with DOI": _HAS_DOI,
    "without DOI": not_(_HAS_DOI),
    "with id": _HAS_ID,
    "without id": not_(_HAS_ID),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """From which day on it still holds that a source spoke, or that it was asked."""

    since: dt.date
    young_since: dt.date
    """The same for young papers: those without a venue that came out on `born` or later."""
    born: dt.date


def papers_due(
    session: Session, question: str, sources: Collection[str], which: Which, holding: Holding | None
) -> Sequence[int]:
    """The ids of papers about which a question is due: never asked first, then those asked longest ago.

    Args:
        session: Reads.
        question: Its name.
        sources: As which its provider speaks; their word counts as an answer.
        which: Papers that it can be asked about.
        holding: How long an answer holds; an answer of an unknown day does not. None: all are due.

    """
    said = (
        select(paper_source.c.paper_id, func.max(paper_source.c.read_on).label("on"))
        .where(paper_source.c.source.in_(sources))
        .group_by(paper_source.c.paper_id)
        .subquery()
    )
    asked = select(enquiry.c.paper_id, enquiry.c.asked_on).where(enquiry.c.question == question).subquery()
    said_later = or_(asked.c.asked_on.is_(None), said.c.on > asked.c.asked_on)
    heard = case((said_later, said.c.on), else_=asked.c.asked_on)
    never = and_(said.c.paper_id.is_(None), asked.c.paper_id.is_(None))
    statement = (
        select(paper.c.id)
        .outerjoin(said, said.c.paper_id == paper.c.id)
        .outerjoin(asked, asked.c.paper_id == paper.c.id)
        .where(_WHICH[which])
        # Of those that nobody was asked about, papers whose authors are not all known gain most.
        .order_by(never.desc(), heard.nulls_first(), paper.c.authors_truncated.desc(), paper.c.id)
    )
    if holding is not None:
        young = and_(paper.c.venue.is_(None), paper.c.published >= holding.born.isoformat())
        since = case((young, holding.young_since), else_=holding.since)
        statement = statement.where(or_(heard.is_(None), heard < since))
    return session.connection().execute(statement).scalars().all()


def papers_asked_about(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What a question about these papers may name, in their order; without those that are gone."""
    columns = (paper.c.id, paper.c.title, paper.c.authors, paper.c.published, paper.c.doi, paper.c.arxiv_id)
    statement: Any = select(*columns).where(paper.c.id.in_(ids))
    rows: Sequence[Row[Any]] = session.connection().execute(statement).all()
    return sorted(rows, key=lambda row: ids.index(row.id))


def mark_asked(session: Session, question: str, ids: Collection[int], day: dt.date) -> None:
    """Keep that a question was asked about these papers, as far as they are still there."""
    lock_corpus(session)
    connection = session.connection()
    living = connection.execute(select(paper.c.id).where(paper.c.id.in_(ids))).scalars().all()
    connection.execute(delete(enquiry).where(enquiry.c.question == question, enquiry.c.paper_id.in_(living)))
    rows = [(question, paper_id, day.isoformat()) for paper_id in living]
    add_rows(session, enquiry, ("question", "paper_id", "asked_on"), rows)
