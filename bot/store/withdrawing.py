"""Messages withdrawn from the ledger: their papers wait to be planned again, by the wishes as they stand.

A paper waits where a subscription matched it and no message delivers it to the channel: the match stays,
the delivery goes. What may have been posted is never withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlmodel import Session

from bot.store.announcement_models import PAUSED_BY_HAND, MessageState
from bot.store.bulk import rows_with, write_rows
from bot.store.tables import announced_channel, delivery, message, subscription, subscription_match

WAITING = "waiting"
"""The kind of a row that was never a message: it holds what waited when a subscription was paused."""
_NO_ANNOUNCEMENT = ("edit", "notice")


def is_waiting() -> ColumnElement[bool]:
    """Whether a joined match and message say that the paper waits to be planned again."""
    delivered = exists().where(
        delivery.c.channel_id == message.c.channel_id,
        delivery.c.paper_id == subscription_match.c.paper_id,
        delivery.c.kind == "new",
    )
    return and_(message.c.state == MessageState.DROPPED, message.c.kind.not_in(_NO_ANNOUNCEMENT), ~delivered)


def waiting_papers(session: Session) -> dict[int, set[int]]:
    """For each subscription that is not paused the papers that wait to be planned again."""
    statement = (
        select(subscription_match.c.subscription_id, subscription_match.c.paper_id)
        .join(message, message.c.id == subscription_match.c.message_id)
        .join(subscription, subscription.c.id == subscription_match.c.subscription_id)
        .where(is_waiting(), subscription.c.paused.is_(False))
    )
    waiting: defaultdict[int, set[int]] = defaultdict(set)
    for subscription_id, paper_id in session.connection().execute(statement):
        waiting[subscription_id].add(paper_id)
    return waiting


def withdraw_from_subscription(session: Session, subscription_id: int, reason: str) -> None:
    """Withdraw what is planned for a subscription; what may be posted already is marked as outdated.

    Marked, it is withdrawn as soon as it turns out that it was not posted.
    """
    ids = select(subscription_match.c.message_id).where(
        subscription_match.c.subscription_id == subscription_id
    )
    statement = select(message.c.id, message.c.state, message.c.spec).where(
        message.c.id.in_(ids), message.c.state.in_((MessageState.PLANNED, MessageState.SENDING))
    )
    connection = session.connection()
    # Locked, so that none of them changes its state in between.
    rows = connection.execute(statement.order_by(message.c.id).with_for_update()).all()
    for row in rows:
        if row.state == MessageState.SENDING:
            spec: dict[str, Any] = {**row.spec, "outdated": True}
            connection.execute(update(message).where(message.c.id == row.id).values(spec=spec))
    withdraw(session, [row.id for row in rows if row.state == MessageState.PLANNED], reason)


def withdraw_from_channel(session: Session, channel_id: int, reason: str) -> None:
    """Withdraw all that is planned for a channel."""
    statement = select(message.c.id).where(
        message.c.channel_id == channel_id, message.c.state == MessageState.PLANNED
    )
    withdraw(session, session.connection().execute(statement).scalars().all(), reason)


def withdraw(session: Session, ids: Sequence[int], reason: str) -> None:
    """Withdraw those of these announcements that are planned, and so certainly not posted.

    What a person paused is not told at once later: of that only a digest waits.
    """
    if not ids:
        return
    connection = session.connection()
    withdrawn = list(
        connection.execute(
            update(message)
            .where(message.c.id.in_(ids), message.c.state == MessageState.PLANNED)
            .where(message.c.kind.not_in(_NO_ANNOUNCEMENT))
            .values(state=MessageState.DROPPED, error=reason)
            .returning(message.c.id)
        ).scalars()
    )
    connection.execute(delete(delivery).where(delivery.c.message_id.in_(withdrawn)))
    resting = select(subscription.c.id).where(
        subscription.c.paused.is_(True),
        subscription.c.frequency == "instant",
        or_(subscription.c.pause_reason.is_(None), subscription.c.pause_reason == PAUSED_BY_HAND),
    )
    connection.execute(
        delete(subscription_match).where(
            subscription_match.c.message_id.in_(withdrawn), subscription_match.c.subscription_id.in_(resting)
        )
    )


def has_waiting_digest(session: Session, subscription_id: int) -> bool:
    """Whether a digest of a subscription was planned and withdrawn, and its papers still wait."""
    statement = (
        select(subscription_match.c.paper_id)
        .join(message, message.c.id == subscription_match.c.message_id)
        .where(subscription_match.c.subscription_id == subscription_id, message.c.kind == "digest")
        .where(is_waiting())
        .limit(1)
    )
    return session.connection().execute(statement).first() is not None


def matched_papers(session: Session, subscription_id: int, papers: Collection[int]) -> set[int]:
    """Which of these papers a subscription is recorded to have matched."""
    statement = select(subscription_match.c.paper_id).where(
        subscription_match.c.subscription_id == subscription_id
    )
    return {row.paper_id for row in rows_with(session, statement, subscription_match.c.paper_id, papers)}


def forget_waiting(session: Session, pairs: Iterable[tuple[int, int]], channels: Collection[int]) -> None:
    """Delete matches (subscription, paper) that waited and were now considered, and rows left without any."""
    columns = [subscription_match.c.subscription_id, subscription_match.c.paper_id]
    write_rows(session, columns, (), pairs)
    left = exists().where(subscription_match.c.message_id == message.c.id)
    session.connection().execute(
        delete(message).where(
            message.c.state == MessageState.DROPPED,
            message.c.channel_id.in_(channels),
            message.c.kind == WAITING,
            ~left,
        )
    )


def close_channel(session: Session, channel_id: int, reason: str) -> None:
    """Let nothing of a channel that is gone stay on its way; what may have been posted is held."""
    withdraw_from_channel(session, channel_id, reason)
    here = update(message).where(message.c.channel_id == channel_id, message.c.kind != "edit")
    connection = session.connection()
    for before, after in (
        (MessageState.PLANNED, MessageState.FAILED),
        (MessageState.SENDING, MessageState.HELD),
    ):
        connection.execute(
            here.where(message.c.state == before).values(state=after, error=reason, next_attempt_at=None)
        )


def close_gone_channels(session: Session) -> None:
    """Do so for channels that were found gone by an earlier version, which left messages on their way."""
    statement = (
        select(announced_channel.c.channel_id, announced_channel.c.reason)
        .join(message, message.c.channel_id == announced_channel.c.channel_id)
        .where(announced_channel.c.held_until.is_(None), message.c.kind != "edit")
        .where(message.c.state.in_((MessageState.PLANNED, MessageState.SENDING)))
        .distinct()
    )
    for row in session.connection().execute(statement).all():
        close_channel(session, row.channel_id, row.reason)


def reopen_channel(session: Session, channel_id: int) -> None:
    """Look again for what may have been posted before a channel counted as gone."""
    session.connection().execute(
        update(message)
        .where(message.c.channel_id == channel_id, message.c.kind != "edit")
        .where(message.c.state == MessageState.HELD, message.c.first_attempt_at.is_not(None))
        .values(state=MessageState.SENDING, next_attempt_at=None)
    )
