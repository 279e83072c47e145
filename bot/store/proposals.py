"""Queries over papers that people looked up or proposed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlmodel import Session

from bot.corpus.paper import PaperRecord
from bot.store.tables import paper_proposal


def add_proposal(session: Session, record: PaperRecord, asked_by: int, now: dt.datetime) -> int:
    """Keep a paper that was looked up, and return the id that its button carries."""
    statement = insert(paper_proposal).values(
        asked_by=asked_by,
        asked_at=now,
        record=record.model_dump(mode="json", exclude_defaults=True),
        state="shown",
    )
    return session.connection().execute(statement.returning(paper_proposal.c.id)).scalar_one()


def proposal(session: Session, proposal_id: int) -> Row[Any] | None:
    """One of them."""
    statement = select(paper_proposal).where(paper_proposal.c.id == proposal_id)
    return session.connection().execute(statement).first()


def change_proposal(session: Session, proposal_id: int, **values: Any) -> None:
    """Write these columns."""
    session.connection().execute(
        update(paper_proposal).where(paper_proposal.c.id == proposal_id).values(**values)
    )


def purge_proposals(session: Session, before: dt.datetime) -> int:
    """Delete those of before that moment."""
    statement = delete(paper_proposal).where(paper_proposal.c.asked_at < before)
    return session.connection().execute(statement).rowcount


def count_of_person(session: Session, person_id: int) -> int:
    """How many a person asked for."""
    statement = select(func.count()).where(paper_proposal.c.asked_by == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_person(session: Session, person_id: int) -> int:
    """Delete those that a person asked for, and forget what that person decided."""
    connection = session.connection()
    connection.execute(
        update(paper_proposal).where(paper_proposal.c.decided_by == person_id).values(decided_by=None)
    )
    return connection.execute(delete(paper_proposal).where(paper_proposal.c.asked_by == person_id)).rowcount
