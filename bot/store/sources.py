"""Queries over sources that are checked, and over papers that people looked up or proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlmodel import Session

from bot.corpus.paper import PaperRecord
from bot.store.bulk import rows_with
from bot.store.tables import followed_source, paper_proposal, seen_entry


def add_source(
    session: Session, kind: str, value: str, added_by: int | None, now: dt.datetime
) -> tuple[int, bool]:
    """(id, whether it is new) of a source that is to be followed."""
    found = source_of(session, kind, value)
    if found is not None:
        return found.id, False
    statement = insert(followed_source).values(
        kind=kind,
        value=value,
        added_by=added_by,
        added_at=now,
        paused=False,
        checks=0,
        arrival_times=0,
        arrived=0,
        last_arrived=0,
        failures=0,
        next_check_at=now,
    )
    return session.connection().execute(statement.returning(followed_source.c.id)).scalar_one(), True


def source_of(session: Session, kind: str, value: str) -> Row[Any] | None:
    """The source that follows this there."""
    statement = select(followed_source).where(
        followed_source.c.kind == kind, followed_source.c.value == value
    )
    return session.connection().execute(statement).first()


def source_by_id(session: Session, source_id: int) -> Row[Any] | None:
    """One source."""
    statement = select(followed_source).where(followed_source.c.id == source_id)
    return session.connection().execute(statement).first()


def all_sources(session: Session) -> Sequence[Row[Any]]:
    """All sources, in the order in which they were added."""
    return session.connection().execute(select(followed_source).order_by(followed_source.c.id)).all()


def due_sources(session: Session, kinds: Sequence[str], now: dt.datetime) -> Sequence[Row[Any]]:
    """Sources of these kinds whose check, or next page of a sweep, is due; longest waiting first."""
    statement = (
        select(followed_source)
        .where(
            followed_source.c.kind.in_(kinds),
            ~followed_source.c.paused,
            or_(followed_source.c.next_check_at <= now, followed_source.c.sweep_at <= now),
        )
        .order_by(followed_source.c.next_check_at, followed_source.c.id)
    )
    return session.connection().execute(statement).all()


def change_source(session: Session, source_id: int, **values: Any) -> bool:
    """Write these columns; False where the source was removed meanwhile."""
    statement = update(followed_source).where(followed_source.c.id == source_id).values(**values)
    return bool(session.connection().execute(statement).rowcount)


def remove_source(session: Session, source_id: int) -> bool:
    """Follow it no longer; its papers stay."""
    session.connection().execute(delete(seen_entry).where(seen_entry.c.source_id == source_id))
    statement = delete(followed_source).where(followed_source.c.id == source_id)
    return bool(session.connection().execute(statement).rowcount)


def seen_entries(session: Session, source_id: int, keys: Collection[str]) -> dict[str, tuple[int, bool]]:
    """(at which check, whether it was old) of those of these entries that the source has shown before."""
    statement = select(seen_entry.c.key, seen_entry.c.at_check, seen_entry.c.old).where(
        seen_entry.c.source_id == source_id
    )
    return {key: (check, old) for key, check, old in rows_with(session, statement, seen_entry.c.key, keys)}


def add_seen(session: Session, source_id: int, keys: Collection[str], at_check: int, *, old: bool) -> None:
    """Keep that a source has shown these entries for the first time."""
    if keys:
        rows = [{"source_id": source_id, "key": key, "at_check": at_check, "old": old} for key in keys]
        session.connection().execute(insert(seen_entry), rows)


def count_added_by(session: Session, person_id: int) -> int:
    """How many sources a person added."""
    statement = select(func.count()).where(followed_source.c.added_by == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_adder(session: Session, person_id: int) -> int:
    """Forget who added sources; the number of sources that it concerned."""
    statement = update(followed_source).where(followed_source.c.added_by == person_id).values(added_by=None)
    return session.connection().execute(statement).rowcount


_UNTOLD = or_(
    followed_source.c.silence_told_at.is_(None),
    followed_source.c.silence_told_at <= followed_source.c.last_arrival_at,
)


def untold_sources(session: Session) -> Sequence[Row[Any]]:
    """Sources with a habit of whose silence, should there be one, nobody was told."""
    statement = select(followed_source).where(
        ~followed_source.c.paused, followed_source.c.arrival_times > 1, _UNTOLD
    )
    return session.connection().execute(statement).all()


def mark_silence_told(session: Session, source_id: int, now: dt.datetime) -> bool:
    """Keep that a source's silence is told; False where it was told since something came last."""
    statement = (
        update(followed_source).where(followed_source.c.id == source_id, _UNTOLD).values(silence_told_at=now)
    )
    return bool(session.connection().execute(statement).rowcount)


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


def records_asked_about(session: Session) -> list[dict[str, Any]]:
    """The records of the proposals that administrators were asked about and have not decided."""
    statement = select(paper_proposal.c.record).where(paper_proposal.c.state == "proposed")
    return list(session.connection().execute(statement).scalars())


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
