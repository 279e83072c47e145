"""Queries over what leaves the outbox: messages that are withdrawn, whose papers wait to be planned again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    exists,
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
    Subscription,
    SubscriptionMatch,
    WaitingEvent,
)
from bot.store.outbox import MESSAGE, NO_ANNOUNCEMENT, ON_ITS_WAY, change_message, messages_of

_OF_KNOWN_PAPERS = (MessageKind.EVENT, MessageKind.CITATION)
_WAITING = (WaitingEvent, CitingWork)
"""Of what these inform, by subscription."""

_id, _channel, _kind, _state = col(Message.id), col(Message.channel_id), col(Message.kind), col(Message.state)


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


_MATCHED = (col(SubscriptionMatch.subscription_id), col(SubscriptionMatch.paper_id))


def is_waiting() -> ColumnElement[bool]:
    """Whether a joined match and message say that the paper waits to be planned again."""
    delivered = exists().where(
        col(Delivery.channel_id) == _channel,
        col(Delivery.paper_id) == col(SubscriptionMatch.paper_id),
        col(Delivery.kind) == DeliveryKind.NEW,
    )
    return and_(
        _state == MessageState.DROPPED, _kind.not_in((*NO_ANNOUNCEMENT, *_OF_KNOWN_PAPERS)), ~delivered
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
    messages = messages_of(session, statement.with_for_update())
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
        .where(_id.in_(ids), _state == MessageState.PLANNED, _kind.not_in(NO_ANNOUNCEMENT))
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
