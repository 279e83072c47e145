"""Queries over the ledger for people: what was sent, what is held, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlmodel import Session

from bot.store.tables import delivery, message, subscription_match
from bot.store.withdrawing import WAITING, is_waiting


def count_states(session: Session) -> dict[str, int]:
    """How many messages are in each state, edits left aside."""
    statement = (
        select(message.c.state, func.count()).where(message.c.kind != "edit").group_by(message.c.state)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


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


def troubled_messages(session: Session, guild_id: int) -> Sequence[Row[Any]]:
    """A server's messages that are held or failed, newest first."""
    statement = (
        select(message)
        .where(message.c.guild_id == guild_id, message.c.state.in_(("held", "failed")))
        .order_by(message.c.id.desc())
        .limit(50)
    )
    return session.connection().execute(statement).all()
