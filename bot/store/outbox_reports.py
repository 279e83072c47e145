"""Queries over the outbox for people: what was sent, what is held, and why."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from bot.store.bulk import read_rows
from bot.store.models import (
    AnnouncedChannel,
    Delivery,
    DeliveryKind,
    Message,
    MessageKind,
    MessageState,
    SubscriptionMatch,
)
from bot.store.outbox import MESSAGE, ON_ITS_WAY, OutboxMessage
from bot.store.withdrawal import is_waiting

WAITING = "waiting"
"""Counts papers that wait to be planned again, beside the states of messages."""
TROUBLED = (MessageState.HELD, MessageState.FAILED)


def count_states(session: Session) -> dict[str, int]:
    """How many messages are in each state, without edits; what a refusing channel waits for is held."""
    refuses = col(AnnouncedChannel.channel_id).is_not(None)
    statement = (
        select(col(Message.state), refuses, func.count())
        .outerjoin(AnnouncedChannel, col(AnnouncedChannel.channel_id) == col(Message.channel_id))
        .where(col(Message.kind).not_in((MessageKind.EDIT, MessageKind.ANSWER)))
        .group_by(col(Message.state), refuses)
    )
    counts: defaultdict[str, int] = defaultdict(int)
    for state, is_refused, number in session.connection().execute(statement):
        counts[MessageState.HELD if is_refused and state in ON_ITS_WAY else state] += number
    return counts


def oldest_on_its_way(session: Session) -> dt.datetime | None:
    """When the oldest message was planned that is still to be posted, where no channel refuses it."""
    refuses = select(col(AnnouncedChannel.channel_id))
    statement = select(func.min(col(Message.planned_at))).where(
        col(Message.state).in_(ON_ITS_WAY),
        col(Message.kind) != MessageKind.EDIT,
        col(Message.channel_id).not_in(refuses),
    )
    return session.connection().execute(statement).scalar()


def count_matches(session: Session, subscription_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each subscription, how many of its papers are in messages of each state, or are `WAITING`."""
    subscription = col(SubscriptionMatch.subscription_id)
    state = case((is_waiting(), WAITING), else_=col(Message.state)).label("standing")
    statement = (
        select(subscription, state, func.count())
        .join(Message, col(Message.id) == col(SubscriptionMatch.message_id))
        .where(subscription.in_(subscription_ids))
        .group_by(subscription, "standing")
    )
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for subscription_id, standing, number in session.connection().execute(statement):
        counts[subscription_id][standing] = number
    return counts


def last_posts(session: Session, subscription_ids: Sequence[int]) -> dict[int, OutboxMessage]:
    """The newest sent message of each subscription."""
    subscription = col(SubscriptionMatch.subscription_id)
    newest = (
        select(subscription, func.max(col(Message.id)).label("id"))
        .join(Message, col(Message.id) == col(SubscriptionMatch.message_id))
        .where(subscription.in_(subscription_ids), col(Message.state) == MessageState.SENT)
        .group_by(subscription)
        .subquery()
    )
    statement = select(newest.c.subscription_id, *MESSAGE).join(newest, newest.c.id == col(Message.id))
    rows = session.connection().execute(statement)
    return {subscription_id: OutboxMessage(*values) for subscription_id, *values in rows}


def message_of_paper(session: Session, channel_id: int, paper_id: int) -> tuple[OutboxMessage, bool] | None:
    """The message that delivers a paper to a channel, and whether it shows it; None where none does."""
    statement = (
        select(col(Delivery.shown), *MESSAGE)
        .join(Message, col(Delivery.message_id) == col(Message.id))
        .where(
            col(Delivery.channel_id) == channel_id,
            col(Delivery.paper_id) == paper_id,
            col(Delivery.kind) == DeliveryKind.NEW,
        )
    )
    row = session.connection().execute(statement).first()
    return None if row is None else (OutboxMessage(*row[1:]), row[0])


def waiting_for(session: Session, channel_id: int, paper_id: int) -> set[int]:
    """The subscriptions of a channel for which a paper waits to be planned again."""
    statement = (
        select(col(SubscriptionMatch.subscription_id))
        .join(Message, col(Message.id) == col(SubscriptionMatch.message_id))
        .where(
            col(Message.channel_id) == channel_id,
            col(SubscriptionMatch.paper_id) == paper_id,
            is_waiting(),
        )
    )
    return set(session.connection().execute(statement).scalars())


class UnfinishedMessage(NamedTuple):
    """A posted message that lacks its thread, or is not published."""

    channel_id: int
    lacks_thread: bool
    publish: bool
    error: str | None


def unfinished_messages(
    session: Session, channels: Collection[int], since: dt.datetime
) -> Sequence[UnfinishedMessage]:
    """Those of these channels that were posted since a moment, oldest first."""
    lacks_thread = col(Message.thread_name).is_not(None)
    publish, error = col(Message.publish), col(Message.error)
    statement = (
        select(col(Message.channel_id), lacks_thread, publish, error)
        .where(
            col(Message.channel_id).in_(channels),
            col(Message.state) == MessageState.SENT,
            col(Message.kind) != MessageKind.EDIT,
            or_(publish.is_(True), and_(error.is_not(None), col(Message.sent_at) >= since)),
        )
        .order_by(col(Message.id))
    )
    return read_rows(session, UnfinishedMessage, statement)


def count_troubled(session: Session, guild_id: int) -> dict[int, int]:
    """How many messages are held or failed in each channel of a server that has any."""
    channel = col(Message.channel_id)
    statement = (
        select(channel, func.count())
        .where(col(Message.guild_id) == guild_id, col(Message.state).in_(TROUBLED))
        .group_by(channel)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def troubled_messages(
    session: Session, guild_id: int, channel_ids: Collection[int] | None, *, start: int, limit: int | None
) -> list[OutboxMessage]:
    """A server's messages that are held or failed, or those of some of its channels, newest first."""
    statement = (
        select(*MESSAGE)
        .where(col(Message.guild_id) == guild_id, col(Message.state).in_(TROUBLED))
        .order_by(col(Message.id).desc())
        .offset(start)
        .limit(limit)
    )
    if channel_ids is not None:
        statement = statement.where(col(Message.channel_id).in_(channel_ids))
    return [OutboxMessage(*row) for row in session.connection().execute(statement)]
