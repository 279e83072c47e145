"""Queries over the edits of posted messages: what changed since they were shown, and which edit is next."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.store.bulk import read_rows, rows_with, upsert
from bot.store.models import AnsweredCard, Delivery, DeliveryKind, Message, MessageKind, MessageState, Paper
from bot.store.outbox import MESSAGE, ON_ITS_WAY, OutboxMessage, is_due
from bot.store.votes import VotedPaper

DELETED_BY_PERSON = "A person deleted the message."
MANY_CHANGED = "Too many papers changed at once: only the newest cards are edited."

_PER_STATEMENT = 5_000
_id, _channel, _kind, _state = (
    col(Message.id),
    col(Message.channel_id),
    col(Message.kind),
    col(Message.state),
)


class ChangedPaper(NamedTuple):
    """A delivered paper that was changed, and the fingerprint of its facts as its message shows them."""

    channel_id: int
    paper_id: int
    message_id: int
    facts: str | None


def changed_since_shown(session: Session, after: int, upto: int) -> Iterable[ChangedPaper]:
    """Delivered papers that messages show, and that were changed in these revisions, paper by paper."""
    paper = col(Delivery.paper_id)
    statement = (
        select(col(Delivery.channel_id), paper, col(Delivery.message_id), col(Delivery.facts))
        .join(Paper, col(Paper.id) == paper)
        .join(Message, _id == col(Delivery.message_id))
        .where(
            col(Paper.revision) > after,
            col(Paper.revision) <= upto,
            col(Delivery.kind).in_((DeliveryKind.NEW, DeliveryKind.CLUB)),
            col(Delivery.shown).is_(True),
            # What a message that was taken back shows beside them is not known.
            _kind != MessageKind.RECOVERED,
            _state.in_((*ON_ITS_WAY, MessageState.SENT)),
        )
        .order_by(paper)
    )
    return read_rows(session, ChangedPaper, statement)


def cards_of(session: Session, papers: Iterable[VotedPaper]) -> list[int]:
    """The cards of single papers in servers, posted, on their way, or answers; newest first."""
    wanted = set(papers)
    ids = {one.paper_id for one in wanted}
    found: set[int] = set()
    shown_by = (
        (Delivery, (MessageKind.CARD, MessageKind.CLUB)),
        (AnsweredCard, (MessageKind.ANSWER,)),
    )
    for model, kinds in shown_by:
        paper = col(model.paper_id)
        columns = select(col(Message.guild_id), paper, _id).join(Message, _id == col(model.message_id))
        statement = columns.where(_kind.in_(kinds), _state.in_((*ON_ITS_WAY, MessageState.SENT)))
        rows = rows_with(session, statement, paper, ids)
        found |= {row[2] for row in rows if (row[0], row[1]) in wanted}
    return sorted(found, reverse=True)


def record_answer(session: Session, paper_id: int, channel_id: int, message_id: int) -> None:
    """Let an answer be the card of a paper in a channel that shows new votes, in place of one before."""
    row = {"paper_id": paper_id, "channel_id": channel_id, "message_id": message_id}
    upsert(session, AnsweredCard, [row], changes=("message_id",))


def forget_answers(session: Session, before: dt.datetime) -> None:
    """Delete what is stored of answers from before a moment, and their edits."""
    old = select(_id).where(_kind == MessageKind.ANSWER, col(Message.sent_at) < before)
    ids = list(session.connection().execute(old).scalars())
    for column in (col(Message.target_id), _id):
        for start in range(0, len(ids), _PER_STATEMENT):
            session.connection().execute(
                delete(Message).where(column.in_(ids[start : start + _PER_STATEMENT]))
            )


class CardWithoutPaper(NamedTuple):
    """A card that delivers nothing any more, as another message delivers its paper."""

    message: OutboxMessage
    paper_id: int
    other_discord_id: int | None
    other_posted_in: int | None


def cards_without_paper(session: Session, papers: Collection[int]) -> Iterator[CardWithoutPaper]:
    """The cards that deliver nothing any more, where another message has one of these papers."""
    other, own = aliased(Message), aliased(Delivery)
    statement = (
        select(*MESSAGE, col(Delivery.paper_id), col(other.discord_id), col(other.posted_in))
        .join(Delivery, col(Delivery.channel_id) == _channel)
        .join(other, col(other.id) == col(Delivery.message_id))
        .where(
            col(Delivery.kind) == DeliveryKind.NEW,
            _kind == MessageKind.CARD,
            _state.in_((*ON_ITS_WAY, MessageState.SENT)),
            ~exists().where(col(own.message_id) == _id),
        )
        .order_by(_id)
    )
    for row in rows_with(session, statement, col(Delivery.paper_id), papers):
        *values, paper_id, other_discord_id, other_posted_in = row
        yield CardWithoutPaper(OutboxMessage(*values), paper_id, other_discord_id, other_posted_in)


def record_facts(session: Session, facts: Sequence[tuple[int, int, str]]) -> None:
    """Record with which facts messages are going to show papers: (message, paper, fingerprint)."""
    if not facts:
        return
    statement = update(Delivery).where(
        col(Delivery.message_id) == bindparam("in_message"), col(Delivery.paper_id) == bindparam("of_paper")
    )
    session.connection().execute(
        statement.values(facts=bindparam("now_facts")),
        [
            {"in_message": message_id, "of_paper": paper_id, "now_facts": fingerprint}
            for message_id, paper_id, fingerprint in facts
        ],
    )


def newest_edits(session: Session, targets: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Of each of these messages that is or is going to be edited, the payload of the newest edit."""
    target = col(Message.target_id)
    statement = select(target, col(Message.payload)).where(
        _kind == MessageKind.EDIT, target.in_(targets), _state != MessageState.DROPPED
    )
    rows = session.connection().execute(statement.order_by(_id))
    return {target_id: payload for target_id, payload in rows if target_id is not None}


def forget_edits(session: Session, targets: Sequence[int]) -> None:
    """Delete the edits of messages, made or not; those that earlier versions recorded deliveries in stay."""
    connection = session.connection()
    edits = and_(_kind == MessageKind.EDIT, col(Message.target_id).in_(targets))
    outdated = update(Message).where(edits, _state == MessageState.PLANNED)
    connection.execute(outdated.values(state=MessageState.DROPPED, error="A newer edit takes its place."))
    has_deliveries = exists().where(col(Delivery.message_id) == _id)
    connection.execute(delete(Message).where(edits, ~has_deliveries))


def drop_oldest_edits(session: Session, most: int) -> int:
    """Leave each channel the waiting edits of its newest messages, so many; returns how many were dropped."""
    waiting = select(_id, _channel).where(_kind == MessageKind.EDIT, _state == MessageState.PLANNED)
    kept, oldest = Counter[int](), list[int]()
    newest_first = waiting.order_by(col(Message.target_id).desc())
    for edit_id, channel_id in session.connection().execute(newest_first):
        kept[channel_id] += 1
        if kept[channel_id] > most:
            oldest.append(edit_id)
    dropped = update(Message).values(state=MessageState.DROPPED, error=MANY_CHANGED)
    for start in range(0, len(oldest), _PER_STATEMENT):
        some = oldest[start : start + _PER_STATEMENT]
        session.connection().execute(dropped.where(_id.in_(some)))
    return len(oldest)


def record_deleted(session: Session, channel_id: int, discord_id: int) -> None:
    """Record that a person deleted a posted message: it is neither edited nor posted again."""
    session.connection().execute(
        update(Message)
        .where(_channel == channel_id, col(Message.discord_id) == discord_id, _kind != MessageKind.EDIT)
        .values(state=MessageState.DROPPED, error=DELETED_BY_PERSON)
    )


def drop_idle_edits(session: Session) -> None:
    """Drop edits of messages that are never going to be in a channel."""
    target = aliased(Message)
    idle = select(col(target.id)).where(col(target.state).in_((MessageState.DROPPED, MessageState.FAILED)))
    session.connection().execute(
        update(Message)
        .where(_kind == MessageKind.EDIT, _state == MessageState.PLANNED, col(Message.target_id).in_(idle))
        .values(state=MessageState.DROPPED, error="The message itself was not posted.")
    )


def next_edits(
    session: Session, now: dt.datetime, resting: Collection[int], limit: int
) -> list[OutboxMessage]:
    """The edit of the newest message of each channel that has one waiting, but for those that rest."""
    target = aliased(Message)
    waiting = (
        select(func.max(col(target.id)).label("target_id"))
        .select_from(Message)
        .join(target, col(target.id) == col(Message.target_id))
        .where(
            _state == MessageState.PLANNED,
            _kind == MessageKind.EDIT,
            is_due(now),
            col(target.state) == MessageState.SENT,
        )
        .group_by(_channel)
    )
    newest = (waiting.where(_channel.not_in(resting)) if resting else waiting).subquery()
    statement = (
        select(*MESSAGE, col(target.discord_id), col(target.sent_at), col(target.posted_in))
        .join(newest, newest.c.target_id == col(Message.target_id))
        .join(target, col(target.id) == newest.c.target_id)
        .where(_state == MessageState.PLANNED, _kind == MessageKind.EDIT)
        .order_by(col(Message.target_id).desc())
    )
    return [OutboxMessage(*row) for row in session.connection().execute(statement.limit(limit))]
