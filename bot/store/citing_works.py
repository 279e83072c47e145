"""Queries over works that newly cite papers, for the subscriptions that hear of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bot.store.bulk import add_rows, read_rows, rows_with
from bot.store.models import Citation, CitingWork, Subscription, Work
from bot.store.waiting import IS_LISTENING, due_columns


class CitingSubscription(NamedTuple):
    """A subscription to new citations: of a paper, or of all papers of an author."""

    id: int
    paper_id: int | None
    author_id: int | None
    baseline: int


def citing_subscriptions(session: Session) -> list[CitingSubscription]:
    """The subscriptions to new citations that listen."""
    paper, author = col(Subscription.citing_paper_id), col(Subscription.citing_author_id)
    statement = select(col(Subscription.id), paper, author, col(Subscription.baseline))
    wanted = IS_LISTENING & or_(paper.is_not(None), author.is_not(None))
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
    found_at: dt.datetime


def due_citations(session: Session, now: dt.datetime) -> list[DueCitation]:
    """The citations of which subscriptions are to hear now."""
    statement = due_columns(
        CitingWork,
        col(CitingWork.subscription_id),
        col(Subscription.channel_id),
        col(CitingWork.work_id),
        col(CitingWork.paper_id),
        col(CitingWork.is_self),
        col(CitingWork.found_at),
        now=now,
    )
    ordered = statement.order_by(
        col(Subscription.channel_id), col(CitingWork.work_id), col(CitingWork.paper_id)
    )
    return read_rows(session, DueCitation, ordered)


def works_sent(session: Session, channels: Collection[int]) -> dict[int, dict[int, int]]:
    """Of each of these channels the citing works that it has, with their messages."""
    statement = (
        select(col(Subscription.channel_id), col(CitingWork.work_id), col(CitingWork.message_id))
        .join(Subscription, col(Subscription.id) == col(CitingWork.subscription_id))
        .where(col(CitingWork.message_id).is_not(None), col(Subscription.channel_id).in_(channels))
        .order_by(col(CitingWork.message_id))
    )
    found: dict[int, dict[int, int]] = {}
    for channel_id, work_id, message_id in session.connection().execute(statement):
        found.setdefault(channel_id, {})[work_id] = message_id or 0
    return found


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


def works_citing(session: Session, papers: Collection[int]) -> list[tuple[int, WorkRow]]:
    """(paper, work) of the works that are known to cite these papers."""
    columns = (getattr(Work, name) for name in WorkRow._fields)
    statement = (
        select(col(Citation.paper_id), *columns)
        .join(Work, col(Work.id) == col(Citation.work_id))
        .where(col(Citation.is_citing).is_(True))
    )
    found = {(row[0], row[1]): row for row in rows_with(session, statement, col(Citation.paper_id), papers)}
    return [(row[0], WorkRow._make(row[1:])) for row in found.values()]


def sources_of(session: Session, papers: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """Of each (paper, work) that cites it who says so."""
    columns = (col(Citation.paper_id), col(Citation.work_id), col(Citation.source))
    statement = select(*columns).where(col(Citation.is_citing).is_(True))
    found: dict[tuple[int, int], set[str]] = {}
    for paper_id, work_id, source in rows_with(session, statement, col(Citation.paper_id), papers):
        found.setdefault((paper_id, work_id), set()).add(source)
    return found
