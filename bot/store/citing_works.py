"""Queries over works that newly cite papers, for the subscriptions that hear of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import add_rows, read_rows, rows_with
from bot.store.events import IS_ACTIVE
from bot.store.models import AnnouncedChannel, CitingWork, Frequency, Subscription, Work


class CitingSubscription(NamedTuple):
    """A subscription to new citations: of a paper, or of all papers of an author."""

    id: int
    paper_id: int | None
    author_id: int | None


def citing_subscriptions(session: Session) -> list[CitingSubscription]:
    """The subscriptions to new citations that go on."""
    paper, author = col(Subscription.citing_paper_id), col(Subscription.citing_author_id)
    statement = select(col(Subscription.id), paper, author)
    wanted = IS_ACTIVE & or_(paper.is_not(None), author.is_not(None))
    return read_rows(session, CitingSubscription, statement.where(wanted))


class CitingRow(NamedTuple):
    """That a work newly cites a paper, for a subscription; see `CitingWork`."""

    subscription_id: int
    work_id: int
    paper_id: int
    found_at: dt.datetime
    is_self: bool


def add_citing_works(session: Session, rows: Sequence[CitingRow]) -> int:
    """Record new citations for subscriptions, each once; how many were not known."""
    statement = select(
        col(CitingWork.subscription_id),
        col(CitingWork.work_id),
        col(CitingWork.paper_id),
        col(CitingWork.message_id),
    )
    works = {row.work_id for row in rows}
    found = [tuple(row) for row in rows_with(session, statement, col(CitingWork.work_id), works)]
    known = {row[:3] for row in found}
    sent = {row[:2]: row[3] for row in found if row[3] is not None}
    new = [row for row in rows if row[:3] not in known]
    values = [
        (*row[:3], row.found_at.isoformat(sep=" "), row.is_self, sent.get((row.subscription_id, row.work_id)))
        for row in new
    ]
    names = ("subscription_id", "work_id", "paper_id", "found_at", "is_self", "message_id")
    add_rows(session, CitingWork, names, values)
    return len(new)


class DueCitation(NamedTuple):
    """A new citation of which a subscription is to hear now."""

    subscription_id: int
    channel_id: int
    work_id: int
    paper_id: int
    is_self: bool


def due_citations(session: Session, now: dt.datetime) -> list[DueCitation]:
    """What waits for subscriptions that are due, in channels that take messages at present."""
    held_until = col(AnnouncedChannel.held_until)
    blocked = select(col(AnnouncedChannel.channel_id)).where(or_(held_until.is_(None), held_until > now))
    is_instant = col(Subscription.frequency) == Frequency.INSTANT
    statement = (
        select(
            col(CitingWork.subscription_id),
            col(Subscription.channel_id),
            col(CitingWork.work_id),
            col(CitingWork.paper_id),
            col(CitingWork.is_self),
        )
        .join(Subscription, col(Subscription.id) == col(CitingWork.subscription_id))
        .where(
            IS_ACTIVE,
            col(CitingWork.message_id).is_(None),
            or_(is_instant, col(Subscription.next_digest_at) <= now),
            col(Subscription.channel_id).not_in(blocked),
        )
        .order_by(col(Subscription.channel_id), col(CitingWork.work_id), col(CitingWork.paper_id))
    )
    return read_rows(session, DueCitation, statement)


def works_sent(session: Session, channels: Collection[int]) -> set[tuple[int, int]]:
    """(channel, work) of the citing works that these channels have."""
    statement = (
        select(col(Subscription.channel_id), col(CitingWork.work_id))
        .join(Subscription, col(Subscription.id) == col(CitingWork.subscription_id))
        .where(col(CitingWork.message_id).is_not(None), col(Subscription.channel_id).in_(channels))
    )
    return {(row[0], row[1]) for row in session.connection().execute(statement)}


def record_sent(session: Session, due: Sequence[DueCitation], message_of: dict[tuple[int, int], int]) -> None:
    """Record by which message each subscription hears of works: (channel, work) -> message."""
    rows = [
        {
            "of_subscription": one.subscription_id,
            "of_work": one.work_id,
            "of_paper": one.paper_id,
            "by_message": message_of[one.channel_id, one.work_id],
        }
        for one in due
        if (one.channel_id, one.work_id) in message_of
    ]
    if rows:
        statement = update(CitingWork).where(
            col(CitingWork.subscription_id) == bindparam("of_subscription"),
            col(CitingWork.work_id) == bindparam("of_work"),
            col(CitingWork.paper_id) == bindparam("of_paper"),
        )
        session.connection().execute(statement.values(message_id=bindparam("by_message")), rows)


class WorkRow(NamedTuple):
    """A work; see `Work`."""

    id: int
    scheme: str
    value: str
    title: str | None
    year: int | None
    authors: list[str] | None


def works_by_id(session: Session, ids: Collection[int]) -> dict[int, WorkRow]:
    """These works."""
    statement = select(*(getattr(Work, name) for name in WorkRow._fields))
    return {row[0]: WorkRow._make(row) for row in rows_with(session, statement, col(Work.id), ids)}
