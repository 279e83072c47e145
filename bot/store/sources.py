"""Queries over sources that are checked, and over papers that people looked up or proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.corpus.paper import PaperRecord
from bot.store.bulk import columns_of, read_row, read_rows, rows_with, upsert
from bot.store.models import FollowedSource, PaperProposal, ProposalState, SeenEntry


class SourceRow(NamedTuple):
    """A source that is checked; see `FollowedSource`."""

    id: int
    kind: str
    value: str
    added_by: int | None
    added_at: dt.datetime
    paused: bool
    progress: dict[str, Any] | None
    validators: dict[str, Any] | None
    checks: int
    depth: int | None
    sweep: dict[str, Any] | None
    sweep_at: dt.datetime | None
    total: int | None
    baseline_at: dt.datetime | None
    checked_at: dt.datetime | None
    first_arrival_at: dt.datetime | None
    last_arrival_at: dt.datetime | None
    arrival_times: int
    arrived: int
    last_arrived: int
    error: str | None
    failures: int
    next_check_at: dt.datetime
    silence_told_at: dt.datetime | None


class ProposalRow(NamedTuple):
    """A paper that somebody looked up; see `PaperProposal`."""

    id: int
    asked_by: int
    asked_at: dt.datetime
    record: dict[str, Any]
    state: ProposalState
    decided_by: int | None
    decided_at: dt.datetime | None


class SeenRow(NamedTuple):
    """At which check a source showed an entry first, and whether it was old; see `SeenEntry`."""

    at_check: int
    old: bool


_SOURCES = select(*columns_of(FollowedSource, SourceRow))
_PROPOSALS = select(*columns_of(PaperProposal, ProposalRow))


def add_source(
    session: Session, kind: str, value: str, added_by: int | None, now: dt.datetime
) -> tuple[int, bool]:
    """(id, whether it is new) of a source that is to be checked."""
    found = source_of(session, kind, value)
    if found is not None:
        return found.id, False
    values = {"kind": kind, "value": value, "added_by": added_by, "added_at": now, "next_check_at": now}
    upsert(session, FollowedSource, [values], changes=())  # another process may add it at this moment
    (added,) = read_rows(session, SourceRow, _SOURCES.where(_same(kind, value)))
    return added.id, True


def source_of(session: Session, kind: str, value: str) -> SourceRow | None:
    """The source of this kind and value."""
    return read_row(session, SourceRow, _SOURCES.where(_same(kind, value)))


def _same(kind: str, value: str) -> ColumnElement[bool]:
    return and_(col(FollowedSource.kind) == kind, col(FollowedSource.value) == value)


def source_by_id(session: Session, source_id: int) -> SourceRow | None:
    """One source."""
    return read_row(session, SourceRow, _SOURCES.where(col(FollowedSource.id) == source_id))


def all_sources(session: Session) -> Sequence[SourceRow]:
    """All sources, in the order in which they were added."""
    return read_rows(session, SourceRow, _SOURCES.order_by(col(FollowedSource.id)))


def due_sources(
    session: Session, kinds: Sequence[str], now: dt.datetime, containing: str = ""
) -> Sequence[SourceRow]:
    """Sources of these kinds whose check, or next page of a sweep, is due; longest waiting first.

    Args:
        session: To read in.
        kinds: Their names.
        now: The present.
        containing: What must stand in their value.

    """
    statement = _SOURCES.where(
        col(FollowedSource.kind).in_(kinds),
        ~col(FollowedSource.paused),
        col(FollowedSource.value).contains(containing, autoescape=True),
        or_(col(FollowedSource.next_check_at) <= now, col(FollowedSource.sweep_at) <= now),
    ).order_by(col(FollowedSource.next_check_at), col(FollowedSource.id))
    return read_rows(session, SourceRow, statement)


def change_source(session: Session, source_id: int, **values: Any) -> bool:
    """Write these columns; False where the source was removed meanwhile."""
    statement = update(FollowedSource).where(col(FollowedSource.id) == source_id).values(**values)
    return bool(session.connection().execute(statement).rowcount)


def remove_source(session: Session, source_id: int) -> bool:
    """Check it no longer; its papers stay."""
    session.connection().execute(delete(SeenEntry).where(col(SeenEntry.source_id) == source_id))
    statement = delete(FollowedSource).where(col(FollowedSource.id) == source_id)
    return bool(session.connection().execute(statement).rowcount)


def seen_entries(session: Session, source_id: int, keys: Collection[str]) -> dict[str, SeenRow]:
    """Those of these entries that the source has shown before, by their key."""
    statement = select(col(SeenEntry.key), col(SeenEntry.at_check), col(SeenEntry.old)).where(
        col(SeenEntry.source_id) == source_id
    )
    rows = rows_with(session, statement, col(SeenEntry.key), keys)
    return {key: SeenRow(at_check, old) for key, at_check, old in rows}


def add_seen(session: Session, source_id: int, keys: Collection[str], at_check: int, *, old: bool) -> None:
    """Keep that a source has shown these entries for the first time."""
    if keys:
        rows = [{"source_id": source_id, "key": key, "at_check": at_check, "old": old} for key in keys]
        session.connection().execute(insert(SeenEntry), rows)


def count_added_by(session: Session, person_id: int) -> int:
    """How many sources a person added."""
    statement = select(func.count()).where(col(FollowedSource.added_by) == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_adder(session: Session, person_id: int) -> int:
    """Forget who added sources; the number of sources that it concerned."""
    statement = update(FollowedSource).where(col(FollowedSource.added_by) == person_id).values(added_by=None)
    return session.connection().execute(statement).rowcount


_UNTOLD = or_(
    col(FollowedSource.silence_told_at).is_(None),
    col(FollowedSource.silence_told_at) <= col(FollowedSource.last_arrival_at),
)


def untold_sources(session: Session) -> Sequence[SourceRow]:
    """Sources that are checked often enough to fall silent, and whose silence was not reported yet."""
    statement = _SOURCES.where(~col(FollowedSource.paused), col(FollowedSource.arrival_times) > 1, _UNTOLD)
    return read_rows(session, SourceRow, statement)


def mark_silence_reported(session: Session, source_id: int, now: dt.datetime) -> bool:
    """Record that a source's silence is reported; False where it was since something came last."""
    statement = (
        update(FollowedSource).where(col(FollowedSource.id) == source_id, _UNTOLD).values(silence_told_at=now)
    )
    return bool(session.connection().execute(statement).rowcount)


def add_proposal(session: Session, record: PaperRecord, asked_by: int, now: dt.datetime) -> int:
    """Keep a paper that was looked up, and return the id by which its button knows it."""
    statement = insert(PaperProposal).values(
        asked_by=asked_by,
        asked_at=now,
        record=record.model_dump(mode="json", exclude_defaults=True),
    )
    return session.connection().execute(statement.returning(col(PaperProposal.id))).scalar_one()


def proposal(session: Session, proposal_id: int) -> ProposalRow | None:
    """One of them."""
    return read_row(session, ProposalRow, _PROPOSALS.where(col(PaperProposal.id) == proposal_id))


def records_asked_about(session: Session) -> list[dict[str, Any]]:
    """The records of the proposals that administrators were asked about and have not decided."""
    statement = select(col(PaperProposal.record)).where(col(PaperProposal.state) == ProposalState.PROPOSED)
    return list(session.connection().execute(statement).scalars())


def change_proposal(session: Session, proposal_id: int, **values: Any) -> None:
    """Write these columns."""
    session.connection().execute(
        update(PaperProposal).where(col(PaperProposal.id) == proposal_id).values(**values)
    )


def purge_proposals(session: Session, before: dt.datetime) -> int:
    """Delete those of before that moment."""
    statement = delete(PaperProposal).where(col(PaperProposal.asked_at) < before)
    return session.connection().execute(statement).rowcount


def count_of_person(session: Session, person_id: int) -> int:
    """How many a person asked for."""
    statement = select(func.count()).where(col(PaperProposal.asked_by) == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_person(session: Session, person_id: int) -> int:
    """Delete those that a person asked for, and forget what that person decided."""
    connection = session.connection()
    connection.execute(
        update(PaperProposal).where(col(PaperProposal.decided_by) == person_id).values(decided_by=None)
    )
    return connection.execute(delete(PaperProposal).where(col(PaperProposal.asked_by) == person_id)).rowcount
