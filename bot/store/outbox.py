"""Queries over the outbox: messages, what they deliver, and those that are withdrawn."""

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
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlmodel import Session, col

from bot.store.bulk import rows_with
from bot.store.models import (
    PAUSED_BY_HAND,
    AnnouncedChannel,
    CitingWork,
    Delivery,
    DeliveryKind,
    Frequency,
    Message,
    MessageKind,
    MessageState,
    PlaceKind,
    Subscription,
    SubscriptionMatch,
    WaitingEvent,
)

ON_ITS_WAY = (MessageState.PLANNED, MessageState.SENDING)
_NO_ANNOUNCEMENT = (MessageKind.EDIT, MessageKind.NOTICE)
_OF_KNOWN_PAPERS = (MessageKind.EVENT, MessageKind.CITATION)
_WAITING = (WaitingEvent, CitingWork)
"""Of what these inform, by subscription."""
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


def _messages(session: Session, statement: Select[*tuple[Any, ...]]) -> list[OutboxMessage]:
    return [OutboxMessage(*row) for row in session.connection().execute(statement)]


# The writer: every row of the outbox is added here.


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


# What is to be posted next.


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
    return _messages(session, statement.order_by(_id))


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
    return _messages(session, statement.order_by(_id).limit(limit))


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
    return _messages(session, statement.limit(limit))


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


# Single messages, and what they deliver.


def message_by_id(session: Session, message_id: int) -> OutboxMessage | None:
    """One message of the outbox."""
    return next(iter(_messages(session, select(*MESSAGE).where(_id == message_id))), None)


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
    found = next(iter(_messages(session, statement)), None)
    return found if found is not None and found.state is MessageState.SENT else None


def known_posts(session: Session, channel_id: int, threads: Collection[int]) -> set[int]:
    """Which of these posts of a forum the outbox has."""
    posted_in = col(Message.posted_in)
    statement = select(posted_in).where(_channel == channel_id, posted_in.in_(threads))
    return {one for one in session.connection().execute(statement).scalars() if one is not None}


def messages_by_id(session: Session, ids: Sequence[int]) -> list[OutboxMessage]:
    """Those of these messages that there are, newest first."""
    return _messages(session, select(*MESSAGE).where(_id.in_(ids)).order_by(_id.desc()))


def message_by_nonce(session: Session, nonce: str) -> OutboxMessage | None:
    """The message of the outbox that has a nonce."""
    return next(iter(_messages(session, select(*MESSAGE).where(col(Message.nonce) == nonce))), None)


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
    return _messages(session, statement.order_by(_id))


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


# The messages of one channel or server.


def forget_waits(session: Session, channel_id: int) -> None:
    """Let a channel's messages be tried at once, and what is to be done with those that are posted."""
    statement = update(Message).where(_channel == channel_id, or_(_state.in_(ON_ITS_WAY), _is_unfinished()))
    session.connection().execute(statement.values(next_attempt_at=None))


def _of_channel(channel_id: int, state: MessageState) -> Update:
    return update(Message).where(_channel == channel_id, _kind != MessageKind.EDIT, _state == state)


def close_channel(session: Session, channel_id: int, reason: str) -> None:
    """Let nothing of a channel that is gone stay on its way; what may have been posted is held."""
    planned = select(_id).where(_channel == channel_id, _state == MessageState.PLANNED)
    connection = session.connection()
    withdraw(session, connection.execute(planned).scalars().all(), reason)
    for before, after in (
        (MessageState.PLANNED, MessageState.FAILED),
        (MessageState.SENDING, MessageState.HELD),
    ):
        statement = _of_channel(channel_id, before)
        connection.execute(statement.values(state=after, error=reason, next_attempt_at=None))


def close_gone_channels(session: Session) -> None:
    """Do so for channels that were found gone by an earlier version, which left messages on their way."""
    gone = col(AnnouncedChannel.channel_id)
    statement = (
        select(gone, col(AnnouncedChannel.reason))
        .join(Message, _channel == gone)
        .where(col(AnnouncedChannel.held_until).is_(None), _kind != MessageKind.EDIT)
        .where(_state.in_(ON_ITS_WAY))
        .distinct()
    )
    for channel_id, reason in session.connection().execute(statement).all():
        close_channel(session, channel_id, reason)


def reopen_channel(session: Session, channel_id: int) -> None:
    """Look again for what may have been posted before a channel counted as gone."""
    statement = _of_channel(channel_id, MessageState.HELD).where(col(Message.first_attempt_at).is_not(None))
    session.connection().execute(statement.values(state=MessageState.SENDING, next_attempt_at=None))


def drop_guild(session: Session, guild_id: int) -> None:
    """Drop what was to be posted in a server that removed the bot."""
    session.connection().execute(
        update(Message)
        .where(col(Message.guild_id) == guild_id, _state.in_((*ON_ITS_WAY, MessageState.HELD)))
        .values(state=MessageState.DROPPED, error="The bot was removed from the server.")
    )


# What is withdrawn, and waits to be planned again.


_MATCHED = (col(SubscriptionMatch.subscription_id), col(SubscriptionMatch.paper_id))


def is_waiting() -> ColumnElement[bool]:
    """Whether a joined match and message say that the paper waits to be planned again."""
    delivered = exists().where(
        col(Delivery.channel_id) == _channel,
        col(Delivery.paper_id) == col(SubscriptionMatch.paper_id),
        col(Delivery.kind) == DeliveryKind.NEW,
    )
    return and_(
        _state == MessageState.DROPPED, _kind.not_in((*_NO_ANNOUNCEMENT, *_OF_KNOWN_PAPERS)), ~delivered
    )


def waiting_papers(session: Session, resting: Collection[int] = ()) -> dict[int, dict[int, bool]]:
    """For each subscription that is not paused the papers that wait to be planned again.

    And of each whether it is late; those of channels that rest from late papers are left out.
    """
    is_late = _kind == MessageKind.LATE
    statement = (
        select(*_MATCHED, is_late)
        .join(Message, _id == col(SubscriptionMatch.message_id))
        .join(Subscription, col(Subscription.id) == col(SubscriptionMatch.subscription_id))
        .where(is_waiting(), col(Subscription.paused).is_(False))
    )
    if resting:
        statement = statement.where(or_(~is_late, _channel.not_in(resting)))
    waiting: defaultdict[int, dict[int, bool]] = defaultdict(dict)
    for subscription_id, paper_id, late in session.connection().execute(statement):
        waiting[subscription_id][paper_id] = bool(late)
    return waiting


def has_waiting_digest(session: Session, subscription_id: int) -> bool:
    """Whether a digest of a subscription was planned and withdrawn, and its papers still wait."""
    statement = (
        select(col(SubscriptionMatch.paper_id))
        .join(Message, _id == col(SubscriptionMatch.message_id))
        .where(col(SubscriptionMatch.subscription_id) == subscription_id, _kind == MessageKind.DIGEST)
        .where(is_waiting())
        .limit(1)
    )
    return session.connection().execute(statement).first() is not None


def matched_papers(session: Session, subscription_id: int, papers: Collection[int]) -> set[int]:
    """Which of these papers a subscription is recorded to have matched."""
    paper = col(SubscriptionMatch.paper_id)
    statement = select(paper).where(col(SubscriptionMatch.subscription_id) == subscription_id)
    return {row[0] for row in rows_with(session, statement, paper, papers)}


def withdraw_from_subscription(session: Session, subscription_id: int, reason: str) -> None:
    """Withdraw what is planned for a subscription; what may be posted already is marked as outdated.

    Marked, it is withdrawn as soon as it turns out that it was not posted.
    """
    ids = union(
        *(
            select(col(model.message_id)).where(col(model.subscription_id) == subscription_id)
            for model in (SubscriptionMatch, *_WAITING)
        )
    )
    statement = select(*MESSAGE).where(_id.in_(ids), _state.in_(ON_ITS_WAY)).order_by(_id)
    # Locked, so that none of them changes its state in between.
    messages = _messages(session, statement.with_for_update())
    for one in messages:
        if one.state is MessageState.SENDING:
            change_message(session, one.id, only_in=[one.state], spec={**one.spec, "outdated": True})
    withdraw(session, [one.id for one in messages if one.state is MessageState.PLANNED], reason)
    _forget_paused(session)


def withdraw(session: Session, ids: Sequence[int], reason: str) -> None:
    """Withdraw those of these announcements that are planned, and so certainly not posted.

    What they inform of waits again. What a person paused is not posted at once later: of that only a
    digest waits.
    """
    if not ids:
        return
    connection = session.connection()
    statement = (
        update(Message)
        .where(_id.in_(ids), _state == MessageState.PLANNED, _kind.not_in(_NO_ANNOUNCEMENT))
        .values(state=MessageState.DROPPED, error=reason)
        .returning(_id, _kind)
    )
    withdrawn = {row[0]: row[1] for row in connection.execute(statement)}
    connection.execute(delete(Delivery).where(col(Delivery.message_id).in_(withdrawn)))
    for model in _WAITING:
        waits = update(model).where(col(model.message_id).in_(withdrawn))
        connection.execute(waits.values(message_id=None))
    events = [one for one, kind in withdrawn.items() if kind in _OF_KNOWN_PAPERS]
    matches = delete(SubscriptionMatch)
    connection.execute(matches.where(col(SubscriptionMatch.message_id).in_(events)))
    connection.execute(
        matches.where(
            col(SubscriptionMatch.message_id).in_(withdrawn),
            col(SubscriptionMatch.subscription_id).in_(_paused_by_hand()),
        )
    )


def _paused_by_hand() -> Select[int]:
    """The subscriptions that are paused by people and wait for no digest."""
    reason = col(Subscription.pause_reason)
    return select(col(Subscription.id)).where(
        col(Subscription.paused).is_(True),
        col(Subscription.frequency) == Frequency.INSTANT,
        or_(reason.is_(None), reason == PAUSED_BY_HAND),
    )


def _forget_paused(session: Session) -> None:
    """Forget the events and citations that wait for subscriptions which people paused."""
    for model in _WAITING:
        statement = delete(model).where(
            col(model.message_id).is_(None), col(model.subscription_id).in_(_paused_by_hand())
        )
        session.connection().execute(statement)


def forget_waiting(session: Session, pairs: Sequence[tuple[int, int]], channels: Collection[int]) -> None:
    """Delete matches (subscription, paper) that waited and were now considered, and rows left without any."""
    if not pairs:
        return
    connection = session.connection()
    subscription, paper = _MATCHED
    connection.execute(
        delete(SubscriptionMatch).where(
            subscription == bindparam("of_subscription"), paper == bindparam("of_paper")
        ),
        [{"of_subscription": subscription_id, "of_paper": paper_id} for subscription_id, paper_id in pairs],
    )
    left = exists().where(col(SubscriptionMatch.message_id) == _id)
    connection.execute(
        delete(Message).where(
            _state == MessageState.DROPPED,
            _channel.in_(channels),
            _kind.in_((MessageKind.WAITING, MessageKind.LATE)),
            ~left,
        )
    )
