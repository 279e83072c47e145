"""Queries over what waits for subscriptions to hear of it: events of known papers, and new citations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import and_, bindparam, delete, exists, false, func, or_, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.store.bulk import Statement
from bot.store.models import (
    PAUSED_BY_HAND,
    AnnouncedChannel,
    CitingWork,
    Frequency,
    Subscription,
    SubscriptionMatch,
    WaitingEvent,
)

Waiting: TypeAlias = type[WaitingEvent] | type[CitingWork]

HEARD_BEFORE = 0
"""In place of the message by which a channel hears of something: it had heard of it before."""

IS_ACTIVE = and_(col(Subscription.paused).is_(False), col(Subscription.missing_since).is_(None))

IS_LISTENING = or_(
    col(Subscription.paused).is_(False),
    func.coalesce(col(Subscription.pause_reason), PAUSED_BY_HAND) != PAUSED_BY_HAND,
)
"""What becomes of papers waits for these: those that go on, or rest for another reason than a person's."""


class WaitingKey(NamedTuple):
    """What waits, for whom: the key of a row of `WaitingEvent` or `CitingWork`, by column."""

    columns: Mapping[str, Any]
    message_id: int
    """By which its subscription hears of it."""


def due_columns(model: Waiting, *columns: Mapped[Any], now: dt.datetime) -> Statement:
    """Selects what waits for subscriptions that are due, in channels that take messages at present.

    What waited when a digest ran that did not have it comes at once.
    """
    held_until = col(AnnouncedChannel.held_until)
    blocked = select(col(AnnouncedChannel.channel_id)).where(or_(held_until.is_(None), held_until > now))
    is_due = or_(
        col(Subscription.frequency) == Frequency.INSTANT,
        col(Subscription.next_digest_at) <= now,
        col(Subscription.last_digest_at) >= col(model.found_at),
    )
    return (
        select(*columns)
        .join(Subscription, col(Subscription.id) == col(model.subscription_id))
        .where(
            IS_ACTIVE, col(model.message_id).is_(None), is_due, col(Subscription.channel_id).not_in(blocked)
        )
    )


def record_messages(session: Session, model: Waiting, rows: Sequence[WaitingKey]) -> None:
    """Record by which messages subscriptions hear of what waited for them."""
    if not rows:
        return
    conditions = [col(getattr(model, name)) == bindparam(f"of_{name}") for name in rows[0].columns]
    values: Iterable[dict[str, Any]] = (
        {**{f"of_{name}": value for name, value in one.columns.items()}, "by_message": one.message_id}
        for one in rows
    )
    statement = update(model).where(*conditions).values(message_id=bindparam("by_message"))
    session.connection().execute(statement, list(values))


def forget_waiting(session: Session, subscription_id: int) -> None:
    """Forget what waits for a subscription that asks for something else now.

    But for what became of papers that were announced for it.
    """
    announced = exists().where(
        col(SubscriptionMatch.subscription_id) == subscription_id,
        col(SubscriptionMatch.paper_id) == col(WaitingEvent.paper_id),
    )
    for model, keeps in ((CitingWork, false()), (WaitingEvent, announced)):
        statement = delete(model).where(
            col(model.subscription_id) == subscription_id, col(model.message_id).is_(None), ~keeps
        )
        session.connection().execute(statement)
