"""Queries over the outbox for people: what was sent, what is held, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlmodel import Session

from bot.store.outbox import ON_ITS_WAY, WAITING, is_waiting
from bot.store.tables import announced_channel, delivery, message, subscription_match

TROUBLED = ("held", "failed")


def count_states(session: Session) -> dict[str, int]:
    """How many messages are in each state, edits left aside; what a refusing channel waits for is held."""
    refuses = announced_channel.c.channel_id.is_not(None)
    statement = (
        select(message.c.state, refuses, func.count())
        .outerjoin(announced_channel, announced_channel.c.channel_id == message.c.channel_id)
        .where(message.c.kind != "edit")
        .group_by(message.c.state, refuses)
    )
    counts: defaultdict[str, int] = defaultdict(int)
    for state, is_refused, number in session.connection().execute(statement):
        counts["held" if is_refused and state in ON_ITS_WAY else state] += number
    return counts


def count_matches(session: Session, subscription_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each subscription, how many of its papers are told by messages of each state, or are "waiting"."""
    state = case((is_waiting(), WAITING), else_=message.c.state).label("standing")
    statement = (
        select(subscription_match.c.subscription_id, state, func.count())
        .join(message, message.c.id == subscription_match.c.message_id)
        .where(subscription_match.c.subscription_id.in_(subscription_ids))
        .group_by(subscription_match.c.subscription_id, "standing")
    )
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in session.connection().execute(statement):
        counts[row[0]][row[1]] = row[2]
    return counts


def last_posts(session: Session, subscription_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The newest sent message of each subscription."""
    newest = (
        select(subscription_match.c.subscription_id, func.max(message.c.id).label("id"))
        .join(message, message.c.id == subscription_match.c.message_id)
        .where(subscription_match.c.subscription_id.in_(subscription_ids), message.c.state == "sent")
        .group_by(subscription_match.c.subscription_id)
        .subquery()
    )
    statement = select(newest.c.subscription_id, message).join(newest, newest.c.id == message.c.id)
    return {row.subscription_id: row for row in session.connection().execute(statement)}


def message_of_paper(session: Session, channel_id: int, paper_id: int) -> Row[Any] | None:
    """The message that told a channel of a paper, or is going to."""
    statement = (
        select(message, delivery.c.shown)
        .join(delivery, delivery.c.message_id == message.c.id)
        .where(delivery.c.channel_id == channel_id, delivery.c.paper_id == paper_id, delivery.c.kind == "new")
    )
    return session.connection().execute(statement).first()


def waiting_for(session: Session, channel_id: int, paper_id: int) -> set[int]:
    """The subscriptions of a channel for which a paper waits to be planned again."""
    statement = (
        select(subscription_match.c.subscription_id)
        .join(message, message.c.id == subscription_match.c.message_id)
        .where(message.c.channel_id == channel_id, subscription_match.c.paper_id == paper_id, is_waiting())
    )
    return set(session.connection().execute(statement).scalars())


def count_troubled(session: Session, guild_id: int) -> dict[int, int]:
    """How many messages are held or failed in each channel of a server that has any."""
    statement = (
        select(message.c.channel_id, func.count())
        .where(message.c.guild_id == guild_id, message.c.state.in_(TROUBLED))
        .group_by(message.c.channel_id)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def troubled_messages(
    session: Session, guild_id: int, channel_ids: Collection[int] | None, *, start: int, limit: int | None
) -> Sequence[Row[Any]]:
    """A server's messages that are held or failed, or those of some of its channels, newest first."""
    statement = (
        select(message)
        .where(message.c.guild_id == guild_id, message.c.state.in_(TROUBLED))
        .order_by(message.c.id.desc())
        .offset(start)
        .limit(limit)
    )
    if channel_ids is not None:
        statement = statement.where(message.c.channel_id.in_(channel_ids))
    return session.connection().execute(statement).all()
