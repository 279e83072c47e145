"""Queries over events of papers that are known, and over those that subscriptions are to hear of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bot.corpus.events import EventKind
from bot.store.bulk import add_rows, columns_of, read_rows, rows_with
from bot.store.models import (
    CorpusImport,
    Delivery,
    DeliveryKind,
    Message,
    MessageState,
    Paper,
    PaperEvent,
    Subscription,
    SubscriptionMatch,
    WaitingEvent,
)
from bot.store.outbox import ON_ITS_WAY
from bot.store.waiting import IS_LISTENING, due_columns


class EventRow(NamedTuple):
    """An event; see `PaperEvent`."""

    paper_id: int
    kind: EventKind
    revision: int


def write_events(session: Session, events: Mapping[int, Collection[EventKind]], revision: int) -> None:
    """Write what became of papers; what became of one before is no event again."""
    wanted = [(paper_id, kind) for paper_id, kinds in events.items() for kind in kinds]
    if not wanted:
        return
    columns = select(col(PaperEvent.paper_id), col(PaperEvent.kind))
    known = {(row[0], row[1]) for row in rows_with(session, columns, col(PaperEvent.paper_id), events)}
    rows = [(paper_id, str(kind), revision) for paper_id, kind in wanted if (paper_id, kind) not in known]
    add_rows(session, PaperEvent, EventRow._fields, rows)


def events_since(session: Session, after: int, upto: int) -> list[EventRow]:
    """The events of these revisions, of papers that had been added before, in their order."""
    finished, revision = col(CorpusImport.finished_revision), col(PaperEvent.revision)
    statement = (
        select(*columns_of(PaperEvent, EventRow))
        .join(Paper, col(Paper.id) == col(PaperEvent.paper_id))
        .join(CorpusImport, col(CorpusImport.id) == col(Paper.import_id))
        .where(revision > after, revision <= upto, finished <= revision)
        .order_by(revision, col(PaperEvent.paper_id))
    )
    return read_rows(session, EventRow, statement)


class Listener(NamedTuple):
    """A subscription for which a paper was announced."""

    subscription_id: int
    paper_id: int
    baseline: int


def interested_in(session: Session, papers: Collection[int]) -> list[Listener]:
    """The subscriptions that listen, for which one of these papers was announced."""
    statement = (
        select(
            col(SubscriptionMatch.subscription_id),
            col(SubscriptionMatch.paper_id),
            col(Subscription.baseline),
        )
        .join(Subscription, col(Subscription.id) == col(SubscriptionMatch.subscription_id))
        .join(Message, col(Message.id) == col(SubscriptionMatch.message_id))
        .where(IS_LISTENING, col(Message.state).in_((*ON_ITS_WAY, MessageState.SENT)))
    )
    return [
        Listener._make(row) for row in rows_with(session, statement, col(SubscriptionMatch.paper_id), papers)
    ]


def listening_ids(session: Session) -> Sequence[int]:
    """The subscriptions that hear of events of papers that they were not sent."""
    by_choice = or_(col(Subscription.retractions).is_(True), col(Subscription.published).is_(True))
    statement = select(col(Subscription.id)).where(IS_LISTENING, by_choice)
    return session.connection().execute(statement).scalars().all()


def let_events_wait(
    session: Session, rows: Iterable[tuple[int, int, EventKind]], found_at: dt.datetime
) -> None:
    """Let subscriptions wait to hear of events: (subscription, paper, kind); none hears of one twice."""
    columns = select(col(WaitingEvent.subscription_id), col(WaitingEvent.paper_id), col(WaitingEvent.kind))
    wanted = dict.fromkeys(rows)
    papers = {paper_id for _, paper_id, _ in wanted}
    known = {tuple(row) for row in rows_with(session, columns, col(WaitingEvent.paper_id), papers)}
    since = found_at.isoformat(sep=" ")
    new = [
        (subscription, paper, str(kind), since)
        for subscription, paper, kind in wanted
        if (subscription, paper, kind) not in known
    ]
    add_rows(session, WaitingEvent, ("subscription_id", "paper_id", "kind", "found_at"), new)


class DueEvent(NamedTuple):
    """An event that a subscription is to hear of now."""

    subscription_id: int
    channel_id: int
    paper_id: int
    kind: EventKind


def due_events(session: Session, now: dt.datetime) -> list[DueEvent]:
    """The events of which subscriptions are to hear now."""
    statement = due_columns(
        WaitingEvent,
        col(WaitingEvent.subscription_id),
        col(Subscription.channel_id),
        col(WaitingEvent.paper_id),
        col(WaitingEvent.kind),
        now=now,
    )
    ordered = statement.order_by(col(WaitingEvent.subscription_id), col(WaitingEvent.paper_id))
    return read_rows(session, DueEvent, ordered)


def delivered_events(
    session: Session, channels: Collection[int], papers: Collection[int]
) -> dict[tuple[int, int], dict[DeliveryKind, int]]:
    """Of each (channel, paper) what the channel has of it, and by which message."""
    columns = (col(Delivery.channel_id), col(Delivery.paper_id), col(Delivery.kind), col(Delivery.message_id))
    statement = select(*columns).where(col(Delivery.channel_id).in_(channels))
    found: dict[tuple[int, int], dict[DeliveryKind, int]] = {}
    for channel_id, paper_id, kind, message_id in rows_with(
        session, statement, col(Delivery.paper_id), papers
    ):
        found.setdefault((channel_id, paper_id), {})[kind] = message_id
    return found
