"""Queries over the outbox: messages, what they deliver, and those that are withdrawn."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, insert, or_, select, update
from sqlmodel import Session

from bot.errors import one_line
from bot.store.bulk import rows_with, write_rows
from bot.store.models import PAUSED_BY_HAND, MessageState, SubscriptionMatch
from bot.store.settings import delete_setting, get_setting, put_setting
from bot.store.tables import (
    announced_channel,
    delivery,
    message,
    paper,
    subscription,
    subscription_match,
)

ON_ITS_WAY = ("planned", "sending")
_PER_STATEMENT = 5_000
_UNKNOWN_SETTING = "channel {} unknown since"

_log = logging.getLogger(__name__)


def delivered_papers(
    session: Session, channels: Sequence[int], papers: Collection[int]
) -> dict[int, set[int]]:
    """Which of these papers each channel was told of, or is going to be."""
    told: defaultdict[int, set[int]] = defaultdict(set)
    if not papers:
        return told
    statement = select(delivery.c.channel_id, delivery.c.paper_id).where(
        delivery.c.channel_id.in_(channels),
        delivery.c.kind == "new",
        delivery.c.paper_id.between(min(papers), max(papers)),
    )
    for channel_id, paper_id in session.connection().execute(statement):
        told[channel_id].add(paper_id)
    return told


def add_messages(session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Freeze messages in the ledger in this order; their ids by nonce."""
    if not rows:
        return {}
    statement = insert(message).returning(message.c.nonce, message.c.id)
    return {row.nonce: row.id for row in session.connection().execute(statement, rows)}


def add_deliveries(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Record which papers messages deliver."""
    rows = list(rows)
    for start in range(0, len(rows), _PER_STATEMENT):
        session.connection().execute(insert(delivery), rows[start : start + _PER_STATEMENT])


def add_matches(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Record which subscriptions the delivered papers matched."""
    for start in range(0, len(rows), _PER_STATEMENT):
        session.connection().execute(insert(subscription_match), rows[start : start + _PER_STATEMENT])


def channel_heads(session: Session, now: dt.datetime, busy: Collection[int], limit: int) -> Sequence[int]:
    """The ids of the next message of each channel that may have one now: a channel keeps its order.

    It costs a look at all that is on its way, however few are wanted.
    """
    heads = (
        select(func.min(message.c.id).label("id"))
        .where(message.c.state.in_(ON_ITS_WAY), message.c.kind != "edit")
        .group_by(message.c.channel_id)
        .subquery()
    )
    statement = _postable(select(message.c.id), now, busy).join(heads, heads.c.id == message.c.id)
    return session.connection().execute(statement.limit(limit)).scalars().all()


def messages_to_post(
    session: Session, ids: Sequence[int], now: dt.datetime, busy: Collection[int]
) -> Sequence[Row[Any]]:
    """Those of these messages that are still to be posted, and may be now."""
    if not ids:
        return []
    statement = _postable(select(message), now, busy).where(
        message.c.id.in_(ids), message.c.state.in_(ON_ITS_WAY)
    )
    return session.connection().execute(statement).all()


def _postable(statement: Select[Any], now: dt.datetime, busy: Collection[int]) -> Select[Any]:
    blocked = exists().where(
        announced_channel.c.channel_id == message.c.channel_id,
        or_(announced_channel.c.held_until.is_(None), announced_channel.c.held_until > now),
    )
    statement = statement.where(_is_due(now), ~blocked).order_by(message.c.id)
    return statement.where(message.c.channel_id.not_in(busy)) if busy else statement


def _is_due(now: dt.datetime) -> ColumnElement[bool]:
    return or_(message.c.next_attempt_at.is_(None), message.c.next_attempt_at <= now)


def messages_to_finish(
    session: Session, now: dt.datetime, busy: Collection[int], limit: int
) -> Sequence[Row[Any]]:
    """Sent messages that lack their thread, and edits of sent messages, with the target's place."""
    target = message.alias("target")
    threads = select(message, message.c.discord_id.label("target_discord_id")).where(
        message.c.state == "sent", message.c.thread_name.is_not(None)
    )
    edits = (
        select(message, target.c.discord_id.label("target_discord_id"))
        .join(target, target.c.id == message.c.target_id)
        .where(message.c.state == "planned", message.c.kind == "edit", target.c.state == "sent")
    )
    found: list[Row[Any]] = []
    for statement in (threads, edits):
        some = statement.where(_is_due(now)).order_by(message.c.id).limit(limit - len(found))
        if busy:
            some = some.where(message.c.id.not_in(busy))
        found += session.connection().execute(some).all()
    return found


def change_message(session: Session, message_id: int, *, only_in: Sequence[str], **values: Any) -> bool:
    """Write these columns of a message, where it is in one of these states; whether it was."""
    statement = (
        update(message).where(message.c.id == message_id, message.c.state.in_(only_in)).values(**values)
    )
    return bool(session.connection().execute(statement).rowcount)


def message_by_id(session: Session, message_id: int) -> Row[Any] | None:
    """One message of the ledger."""
    return session.connection().execute(select(message).where(message.c.id == message_id)).first()


def known_nonces(session: Session, nonces: Sequence[str]) -> set[str]:
    """Which of these nonces the ledger has."""
    statement = select(message.c.nonce).where(message.c.nonce.in_(nonces))
    return set(session.connection().execute(statement).scalars())


def messages_on_their_way(session: Session, channel_id: int) -> Sequence[Row[Any]]:
    """A channel's messages that are planned or being sent, edits left aside."""
    statement = (
        select(message)
        .where(message.c.channel_id == channel_id, message.c.state.in_(ON_ITS_WAY), message.c.kind != "edit")
        .order_by(message.c.id)
    )
    return session.connection().execute(statement).all()


def deliveries_of(session: Session, message_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What these messages deliver."""
    statement = select(delivery).where(delivery.c.message_id.in_(message_ids))
    return session.connection().execute(statement).all()


def move_deliveries(session: Session, channel_id: int, papers: Sequence[int], message_id: int) -> None:
    """Let another message of the channel deliver these papers."""
    connection = session.connection()
    for table in (delivery, subscription_match):
        statement = update(table).where(table.c.paper_id.in_(papers)).values(message_id=message_id)
        here = select(message.c.id).where(message.c.channel_id == channel_id)
        connection.execute(statement.where(table.c.message_id.in_(here)))


def changed_since_shown(session: Session, after: int, upto: int) -> Sequence[Row[Any]]:
    """Told papers that meanwhile have code or a score which their message does not show."""
    code = and_(paper.c.has_code.is_(True), delivery.c.code_shown.is_(False))
    score = and_(paper.c.score.is_not(None), delivery.c.score_shown.is_(False))
    statement = (
        select(delivery, code.label("new_code"), score.label("new_score"))
        .join(paper, paper.c.id == delivery.c.paper_id)
        .join(message, message.c.id == delivery.c.message_id)
        .where(
            paper.c.revision > after,
            paper.c.revision <= upto,
            delivery.c.kind == "new",
            delivery.c.shown.is_(True),
            message.c.state.in_((*ON_ITS_WAY, "sent")),
            or_(code, score),
        )
    )
    return session.connection().execute(statement).all()


def left_without_paper(session: Session, papers: Collection[int]) -> Sequence[Row[Any]]:
    """Cards that deliver nothing any more, where another message, `other_discord_id`, has these papers."""
    told, other, own = delivery.alias("told"), message.alias("other"), delivery.alias("own")
    statement = (
        select(message, told.c.paper_id, other.c.discord_id.label("other_discord_id"))
        .join(told, told.c.channel_id == message.c.channel_id)
        .join(other, other.c.id == told.c.message_id)
        .where(
            told.c.kind == "new",
            message.c.kind == "card",
            message.c.state.in_((*ON_ITS_WAY, "sent")),
            ~exists().where(own.c.message_id == message.c.id),
        )
        .order_by(message.c.id)
    )
    return list(rows_with(session, statement, told.c.paper_id, papers))


def mark_shown(session: Session, channel_id: int, paper_id: int, *, code: bool, score: bool) -> None:
    """Record that an edit shows a paper's code or score."""
    values = {"code_shown": True} if code else {}
    values |= {"score_shown": True} if score else {}
    session.connection().execute(
        update(delivery)
        .where(delivery.c.channel_id == channel_id, delivery.c.paper_id == paper_id, delivery.c.kind == "new")
        .values(**values)
    )


def block_channel(
    session: Session,
    channel_id: int,
    guild_id: int,
    *,
    reason: str,
    held_until: dt.datetime | None,
    refusals: int,
) -> None:
    """Record that a channel takes no messages until a moment, or until a person resumes."""
    connection = session.connection()
    connection.execute(delete(announced_channel).where(announced_channel.c.channel_id == channel_id))
    connection.execute(
        insert(announced_channel).values(
            channel_id=channel_id, guild_id=guild_id, reason=reason, held_until=held_until, refusals=refusals
        )
    )
    until = (
        f"until {held_until:%Y-%m-%d %H:%M:%S} UTC" if held_until is not None else "until a person resumes"
    )
    _log.warning(
        "Channel %d of server %d is left alone %s: %s", channel_id, guild_id, until, one_line(reason)
    )


def free_channel(session: Session, channel_id: int, *, only_gone: bool = False) -> None:
    """Forget what stood in the way of a channel's messages; or only that it counted as gone."""
    statement = delete(announced_channel).where(announced_channel.c.channel_id == channel_id)
    if only_gone:
        statement = statement.where(announced_channel.c.held_until.is_(None))
    if session.connection().execute(statement).rowcount:
        _log.warning("Channel %d is left alone no longer.", channel_id)


def unknown_since(session: Session, channel_id: int, now: dt.datetime) -> dt.datetime:
    """Since when Discord has said that it does not know a channel; remembered from now on where it is new."""
    name = _UNKNOWN_SETTING.format(channel_id)
    known = get_setting(session, name)
    if known is not None:
        return dt.datetime.fromisoformat(known)
    put_setting(session, name, now.isoformat())
    return now


def forget_unknown(session: Session, channel_id: int) -> None:
    """Forget since when Discord has said that it does not know a channel."""
    delete_setting(session, _UNKNOWN_SETTING.format(channel_id))


def forget_waits(session: Session, channel_id: int) -> None:
    """Let a channel's messages be tried at once."""
    session.connection().execute(
        update(message)
        .where(message.c.channel_id == channel_id, message.c.state.in_(ON_ITS_WAY))
        .values(next_attempt_at=None)
    )


def blocked_channels(session: Session, channels: Sequence[int]) -> Mapping[int, Row[Any]]:
    """What stands in the way of these channels' messages."""
    statement = select(announced_channel).where(announced_channel.c.channel_id.in_(channels))
    return {row.channel_id: row for row in session.connection().execute(statement)}


def drop_idle_edits(session: Session) -> None:
    """Drop edits of messages that are never going to be in a channel."""
    target = message.alias("target")
    idle = select(target.c.id).where(target.c.state.in_(("dropped", "failed")))
    session.connection().execute(
        update(message)
        .where(message.c.kind == "edit", message.c.state == "planned", message.c.target_id.in_(idle))
        .values(state="dropped", error="The message itself was not posted.")
    )


def recovered_specs(session: Session, channels: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    """(channel, spec) of messages that a restored database took back from these channels."""
    statement = select(message.c.channel_id, message.c.spec).where(
        message.c.channel_id.in_(channels), message.c.kind == "recovered"
    )
    return [(row.channel_id, row.spec) for row in session.connection().execute(statement)]


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
    write_rows(session, SubscriptionMatch, ("subscription_id", "paper_id"), (), pairs)
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
