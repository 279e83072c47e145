"""Queries over the outbox: messages, and what they deliver."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, NotRequired, TypedDict

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from bot.store.models import (
    AnnouncedChannel,
    Delivery,
    DeliveryKind,
    Message,
    MessageKind,
    MessageState,
    PlaceKind,
    SubscriptionMatch,
)

ON_ITS_WAY = (MessageState.PLANNED, MessageState.SENDING)
NO_ANNOUNCEMENT = (MessageKind.EDIT, MessageKind.NOTICE)
_PER_STATEMENT = 5_000


class OutboxMessage(NamedTuple):
    """A message of the outbox as it is stored."""

    id: int
    channel_id: int
    guild_id: int
    place: PlaceKind
    kind: MessageKind
    part: int
    nonce: str
    spec: dict[str, Any]
    payload: dict[str, Any]
    state: MessageState
    attempts: int
    first_attempt_at: dt.datetime | None
    last_attempt_at: dt.datetime | None
    sent_at: dt.datetime | None
    error: str | None
    discord_id: int | None
    posted_in: int | None
    thread_name: str | None
    publish: bool
    target_discord_id: int | None = None
    """The posted message that an edit changes; set for edits that are next, as the next one."""
    target_sent_at: dt.datetime | None = None
    target_posted_in: int | None = None


MESSAGE = [getattr(Message, name) for name in OutboxMessage._fields if not name.startswith("target_")]
"""The columns of an `OutboxMessage`, in order."""
_id, _channel, _kind, _state = (
    col(Message.id),
    col(Message.channel_id),
    col(Message.kind),
    col(Message.state),
)


def messages_of(session: Session, statement: Select[*tuple[Any, ...]]) -> list[OutboxMessage]:
    """The messages of a statement whose columns are `MESSAGE`."""
    return [OutboxMessage(*row) for row in session.connection().execute(statement)]


class MessageValues(TypedDict):
    """The columns of a new message; what is left out has the model's default."""

    channel_id: int
    guild_id: int
    kind: MessageKind
    nonce: str
    spec: Mapping[str, Any]
    payload: dict[str, Any]
    place: NotRequired[PlaceKind]
    part: NotRequired[int]
    parts: NotRequired[int]
    target_id: NotRequired[int]
    thread_name: NotRequired[str | None]
    publish: NotRequired[bool]
    state: NotRequired[MessageState]
    attempts: NotRequired[int]
    sent_at: NotRequired[dt.datetime]
    discord_id: NotRequired[int]
    posted_in: NotRequired[int | None]


class DeliveryValues(TypedDict):
    """The columns of what a new message delivers; what is left out has the model's default."""

    paper_id: int
    kind: NotRequired[DeliveryKind]
    shown: NotRequired[bool]
    facts: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written to the outbox, with what it delivers."""

    values: MessageValues
    deliveries: Iterable[DeliveryValues] = ()
    matches: Sequence[tuple[int, int]] = ()
    """(subscription, paper)."""


def write_messages(session: Session, messages: Sequence[NewMessage], now: dt.datetime) -> list[int]:
    """Write messages to the outbox in this order, with what they deliver; their ids.

    All messages of one call, and all deliveries, name the same columns.
    """
    if not messages:
        return []
    connection = session.connection()
    rows = [{**one.values, "planned_at": now} for one in messages]
    written = connection.execute(insert(Message).returning(col(Message.nonce), _id), rows)
    id_of = dict(written.all())
    ids = [id_of[one.values["nonce"]] for one in messages]
    # Made as they are written: many rows held at once cost time in garbage collections.
    deliveries = (
        {**delivery, "channel_id": one.values["channel_id"], "message_id": message_id}
        for one, message_id in zip(messages, ids, strict=True)
        for delivery in one.deliveries
    )
    matches = (
        {"subscription_id": subscription_id, "paper_id": paper_id, "message_id": message_id}
        for one, message_id in zip(messages, ids, strict=True)
        for subscription_id, paper_id in one.matches
    )
    for model, values in ((Delivery, deliveries), (SubscriptionMatch, matches)):
        while some := list(islice(values, _PER_STATEMENT)):
            connection.execute(insert(model), some)
    return ids


def change_message(
    session: Session,
    message_id: int,
    *,
    only_in: Collection[MessageState],
    only_with: str | None = None,
    **values: Any,
) -> bool:
    """Write these columns of a message, where it is in one of these states; whether it was.

    `only_with` is the nonce that it must have: a database that lost some messages gives their ids again.
    """
    statement = update(Message).where(_id == message_id, _state.in_(only_in))
    if only_with is not None:
        statement = statement.where(col(Message.nonce) == only_with)
    return bool(session.connection().execute(statement.values(**values)).rowcount)


def channel_heads(session: Session, now: dt.datetime, busy: Collection[int], limit: int) -> Sequence[int]:
    """The ids of the next message of each channel that may have one now: a channel keeps its order.

    It reads all that is on its way, however few are wanted.
    """
    heads = (
        select(func.min(_id).label("id"))
        .where(_state.in_(ON_ITS_WAY), _kind != MessageKind.EDIT)
        .group_by(_channel)
        .subquery()
    )
    statement = select(_id).join(heads, heads.c.id == _id).where(_may_be_posted(now, busy)).order_by(_id)
    return session.connection().execute(statement.limit(limit)).scalars().all()


def messages_to_post(
    session: Session, ids: Sequence[int], now: dt.datetime, busy: Collection[int]
) -> list[OutboxMessage]:
    """Those of these messages that are still to be posted, and may be now."""
    if not ids:
        return []
    statement = select(*MESSAGE).where(_id.in_(ids), _state.in_(ON_ITS_WAY), _may_be_posted(now, busy))
    return messages_of(session, statement.order_by(_id))


def _may_be_posted(now: dt.datetime, busy: Collection[int]) -> ColumnElement[bool]:
    held_until = col(AnnouncedChannel.held_until)
    blocked = exists().where(
        col(AnnouncedChannel.channel_id) == _channel, or_(held_until.is_(None), held_until > now)
    )
    may_be = and_(is_due(now), ~blocked)
    return and_(may_be, _channel.not_in(busy)) if busy else may_be


def is_due(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a message may be tried now, as far as its own tries are concerned."""
    next_attempt = col(Message.next_attempt_at)
    return or_(next_attempt.is_(None), next_attempt <= now)


def messages_without_thread(
    session: Session, now: dt.datetime, busy: Collection[int], limit: int
) -> list[OutboxMessage]:
    """Sent messages that lack their thread."""
    statement = select(*MESSAGE).where(
        _state == MessageState.SENT, col(Message.thread_name).is_not(None), is_due(now)
    )
    statement = statement.where(_id.not_in(busy)) if busy else statement
    return messages_of(session, statement.order_by(_id).limit(limit))


def messages_to_publish(
    session: Session,
    now: dt.datetime,
    busy: Collection[int],
    limit: int,
    *,
    most: int,
    within: dt.timedelta,
) -> list[OutboxMessage]:
    """The next sent message of each channel that is to be published, once its thread is open.

    Of a channel in which so many were published within a time, none.
    """
    full = (
        select(_channel)
        .where(col(Message.published_at) > now - within)
        .group_by(_channel)
        .having(func.count() >= most)
    )
    heads = (
        select(func.min(_id).label("id"))
        .where(
            col(Message.publish).is_(True),
            _state == MessageState.SENT,
            col(Message.thread_name).is_(None),
            is_due(now),
            _channel.not_in(full),
        )
        .group_by(_channel)
    )
    heads = (heads.where(_channel.not_in(busy)) if busy else heads).subquery()
    statement = select(*MESSAGE).join(heads, heads.c.id == _id).order_by(_id)
    return messages_of(session, statement.limit(limit))


def put_off_publishing(session: Session, channel_id: int, until: dt.datetime) -> None:
    """Let all that a channel has to publish wait until a moment."""
    statement = update(Message).where(_channel == channel_id, col(Message.publish).is_(True))
    session.connection().execute(statement.values(next_attempt_at=until))


def _is_unfinished() -> ColumnElement[bool]:
    """Whether a message is posted, and something else is to be done with it."""
    return and_(
        _state == MessageState.SENT,
        or_(col(Message.thread_name).is_not(None), col(Message.publish).is_(True)),
    )


def has_unfinished(session: Session, channels: Collection[int]) -> bool:
    """Whether one of these channels has such a message that waits."""
    statement = select(_id).where(
        _channel.in_(channels), _is_unfinished(), col(Message.next_attempt_at).is_not(None)
    )
    return session.connection().execute(statement.limit(1)).first() is not None


def message_by_id(session: Session, message_id: int) -> OutboxMessage | None:
    """One message of the outbox."""
    return next(iter(messages_of(session, select(*MESSAGE).where(_id == message_id))), None)


def first_part(session: Session, message: OutboxMessage) -> OutboxMessage | None:
    """The message of which another is a further part; None where it is none, or that one is not posted."""
    if message.part == 1:
        return None
    statement = (
        select(*MESSAGE)
        .where(_channel == message.channel_id, _id < message.id, _kind == message.kind)
        .where(col(Message.part) == 1)
        .order_by(_id.desc())
        .limit(1)
    )
    found = next(iter(messages_of(session, statement)), None)
    return found if found is not None and found.state is MessageState.SENT else None


def known_posts(session: Session, channel_id: int, threads: Collection[int]) -> set[int]:
    """Which of these posts of a forum the outbox has."""
    posted_in = col(Message.posted_in)
    statement = select(posted_in).where(_channel == channel_id, posted_in.in_(threads))
    return {one for one in session.connection().execute(statement).scalars() if one is not None}


def messages_by_id(session: Session, ids: Sequence[int]) -> list[OutboxMessage]:
    """Those of these messages that there are, newest first."""
    return messages_of(session, select(*MESSAGE).where(_id.in_(ids)).order_by(_id.desc()))


def message_by_nonce(session: Session, nonce: str) -> OutboxMessage | None:
    """The message of the outbox that has a nonce."""
    return next(iter(messages_of(session, select(*MESSAGE).where(col(Message.nonce) == nonce))), None)


def messages_with_nonces(session: Session, nonces: Sequence[str]) -> dict[str, MessageState]:
    """Which of these nonces the outbox has, and the states of their messages."""
    nonce = col(Message.nonce)
    rows = session.connection().execute(select(nonce, _state).where(nonce.in_(nonces)))
    return {row[0]: row[1] for row in rows}


def record_found(
    session: Session,
    nonce: str,
    *,
    only_in: Collection[MessageState],
    sent_at: dt.datetime,
    discord_id: int,
    posted_in: int | None,
) -> None:
    """Record that a message was found in its channel, where it is in one of these states."""
    statement = update(Message).where(col(Message.nonce) == nonce, _state.in_(only_in))
    found = {"state": MessageState.SENT, "sent_at": sent_at, "discord_id": discord_id, "posted_in": posted_in}
    session.connection().execute(statement.values(error=None, next_attempt_at=None, **found))


def messages_on_their_way(session: Session, channel_id: int) -> list[OutboxMessage]:
    """A channel's messages that are planned or being sent, without edits."""
    statement = select(*MESSAGE).where(
        _channel == channel_id, _state.in_(ON_ITS_WAY), _kind != MessageKind.EDIT
    )
    return messages_of(session, statement.order_by(_id))


def delivered_papers(
    session: Session, channels: Sequence[int], papers: Collection[int]
) -> defaultdict[int, set[int]]:
    """Which of these papers are delivered to each channel, or are going to be."""
    delivered: defaultdict[int, set[int]] = defaultdict(set)
    if not papers:
        return delivered
    paper = col(Delivery.paper_id)
    statement = select(col(Delivery.channel_id), paper).where(
        col(Delivery.channel_id).in_(channels),
        col(Delivery.kind) == DeliveryKind.NEW,
        paper.between(min(papers), max(papers)),
    )
    for channel_id, paper_id in session.connection().execute(statement):
        delivered[channel_id].add(paper_id)
    return delivered


def papers_of_message(session: Session, message_id: int) -> Sequence[int]:
    """The papers that a message delivers."""
    statement = select(col(Delivery.paper_id)).where(col(Delivery.message_id) == message_id)
    return session.connection().execute(statement).scalars().all()


def subscriptions_of_message(session: Session, nonce: str) -> set[int]:
    """The subscriptions for which a message delivers papers."""
    statement = (
        select(col(SubscriptionMatch.subscription_id))
        .join(Message, _id == col(SubscriptionMatch.message_id))
        .where(col(Message.nonce) == nonce)
    )
    return set(session.connection().execute(statement).scalars())


def forget_deliveries(session: Session, channels: Collection[int]) -> None:
    """Delete all that is stored of messages in these places, but that they were posted."""
    connection = session.connection()
    here = _channel.in_(channels)
    for model in (Delivery, SubscriptionMatch):
        connection.execute(delete(model).where(col(model.message_id).in_(select(_id).where(here))))
    blank = update(Message).where(here).values(spec={}, payload={}, error=None)
    connection.execute(blank)
    # The nonces stay, so that nobody takes these messages for such as the database has lost.
    connection.execute(blank.where(_kind != MessageKind.EDIT).values(kind=MessageKind.NOTICE))
    connection.execute(
        blank.where(_state.in_((*ON_ITS_WAY, MessageState.HELD))).values(state=MessageState.DROPPED)
    )


def has_unknown(session: Session, ids: Collection[int]) -> bool:
    """Whether it is not known yet of one of these messages whether it was posted."""
    statement = select(_id).where(_id.in_(ids), _state == MessageState.SENDING).limit(1)
    return session.connection().execute(statement).first() is not None


def forget_messages(session: Session, ids: Collection[int]) -> None:
    """Delete all that is stored of these messages, but that they were posted; what is planned is dropped."""
    connection, own = session.connection(), _id.in_(ids)
    connection.execute(delete(Delivery).where(col(Delivery.message_id).in_(ids)))
    connection.execute(update(Message).where(own).values(spec={}, payload={}, kind=MessageKind.NOTICE))
    connection.execute(
        update(Message).where(own, _state == MessageState.PLANNED).values(state=MessageState.DROPPED)
    )


def forget_delivery(session: Session, channel_id: int, paper_id: int, kind: DeliveryKind) -> None:
    """Forget by which message a channel has something of a paper: another one follows."""
    session.connection().execute(
        delete(Delivery).where(
            col(Delivery.channel_id) == channel_id,
            col(Delivery.paper_id) == paper_id,
            col(Delivery.kind) == kind,
        )
    )


def move_deliveries(session: Session, channel_id: int, papers: Sequence[int], message_id: int) -> None:
    """Let another message of the channel deliver these papers."""
    here = select(_id).where(_channel == channel_id)
    for model in (Delivery, SubscriptionMatch):
        statement = update(model).where(col(model.paper_id).in_(papers), col(model.message_id).in_(here))
        session.connection().execute(statement.values(message_id=message_id))


def recovered_specs(session: Session, channels: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    """(channel, spec) of messages that a restored database took back from these channels."""
    statement = select(_channel, col(Message.spec)).where(
        _channel.in_(channels), _kind == MessageKind.RECOVERED
    )
    return [(row[0], row[1]) for row in session.connection().execute(statement)]


def forget_waits(session: Session, channel_id: int) -> None:
    """Let a channel's messages be tried at once, and what is to be done with those that are posted."""
    statement = update(Message).where(_channel == channel_id, or_(_state.in_(ON_ITS_WAY), _is_unfinished()))
    session.connection().execute(statement.values(next_attempt_at=None))
