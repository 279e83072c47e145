"""Queries over subscriptions, and over the new papers that they wait for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlmodel import Session

from bot.store.bulk import rows_with
from bot.store.tables import announced_channel, corpus_import, message, paper, subscription


def add_subscription(session: Session, **values: Any) -> int:
    """Add a subscription, and return its id."""
    statement = insert(subscription).values(**values).returning(subscription.c.id)
    return session.connection().execute(statement).scalar_one()


def change_subscription(session: Session, subscription_id: int, **values: Any) -> None:
    """Write these columns, as a person wishes: what was being planned meanwhile is planned again."""
    values["version"] = subscription.c.version + 1
    session.connection().execute(
        update(subscription).where(subscription.c.id == subscription_id).values(**values)
    )


def remove_subscriptions(session: Session, ids: Sequence[int]) -> None:
    """Delete subscriptions with the record of what they matched."""
    session.connection().execute(delete(subscription).where(subscription.c.id.in_(ids)))


def subscriptions_where(
    session: Session,
    *,
    guild_id: int | None = None,
    channel_id: int | None = None,
    ids: Sequence[int] | None = None,
    locked: bool = False,
) -> Sequence[Row[Any]]:
    """Subscriptions, of a server, of a channel or by id, oldest first.

    Locked, others that write them or plan for them wait for the end of this writing transaction.
    """
    statement = select(subscription).order_by(subscription.c.id)
    if guild_id is not None:
        statement = statement.where(subscription.c.guild_id == guild_id)
    if channel_id is not None:
        statement = statement.where(subscription.c.channel_id == channel_id)
    if ids is not None:
        statement = statement.where(subscription.c.id.in_(ids))
    if locked:
        statement = statement.with_for_update()
    return session.connection().execute(statement).all()


def pause_channel(session: Session, channel_id: int, reason: str) -> int:
    """Pause all subscriptions of a channel that are not paused yet; how many that were."""
    statement = (
        update(subscription)
        .where(subscription.c.channel_id == channel_id, subscription.c.paused.is_(False))
        .values(paused=True, pause_reason=reason, version=subscription.c.version + 1)
    )
    return session.connection().execute(statement).rowcount


def newest_finished(session: Session) -> int:
    """The revision at which papers were last newly added; 0 where none ever were."""
    return session.connection().execute(select(func.max(corpus_import.c.finished_revision))).scalar() or 0


def _is_due(finished: int, now: dt.datetime, waiting: Collection[int]) -> ColumnElement[bool]:
    blocked = select(announced_channel.c.channel_id).where(
        or_(announced_channel.c.held_until.is_(None), announced_channel.c.held_until > now)
    )
    news = or_(subscription.c.cursor < finished, subscription.c.id.in_(waiting))
    instant = and_(subscription.c.frequency == "instant", news)
    digest = and_(subscription.c.frequency != "instant", subscription.c.next_digest_at <= now)
    return and_(
        subscription.c.paused.is_(False),
        subscription.c.missing_since.is_(None),
        or_(instant, digest),
        subscription.c.channel_id.not_in(blocked),
    )


def due_channels(
    session: Session, finished: int, now: dt.datetime, waiting: Collection[int] = ()
) -> tuple[Sequence[int], int]:
    """Channels with a subscription that is due, and the lowest cursor of those subscriptions.

    `waiting` are the subscriptions that have papers to be planned again.
    A channel that refuses messages at present is left out: what comes meanwhile waits together.
    """
    due = _is_due(finished, now, waiting)
    connection = session.connection()
    channels = (
        connection.execute(
            select(subscription.c.channel_id).where(due).distinct().order_by(subscription.c.channel_id)
        )
        .scalars()
        .all()
    )
    lowest = connection.execute(select(func.min(subscription.c.cursor)).where(due)).scalar() or 0
    return channels, lowest


def due_subscriptions(
    session: Session, channels: Sequence[int], finished: int, now: dt.datetime, waiting: Collection[int] = ()
) -> Sequence[Row[Any]]:
    """The due subscriptions of these channels, by channel, oldest first."""
    statement = (
        select(subscription)
        .where(subscription.c.channel_id.in_(channels), _is_due(finished, now, waiting))
        .order_by(subscription.c.channel_id, subscription.c.id)
    )
    return session.connection().execute(statement).all()


def versions_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(version, cursor) of subscriptions that are not paused; nobody changes them before the commit."""
    statement = (
        select(subscription.c.id, subscription.c.version, subscription.c.cursor)
        .where(subscription.c.id.in_(ids), subscription.c.paused.is_(False))
        .order_by(subscription.c.id)
        .with_for_update()
    )
    return {row.id: (row.version, row.cursor) for row in session.connection().execute(statement)}


def move_cursors(session: Session, ids: Sequence[int], revision: int) -> None:
    """Record that these subscriptions have considered everything up to a revision."""
    session.connection().execute(
        update(subscription).where(subscription.c.id.in_(ids)).values(cursor=revision)
    )


def record_digest(
    session: Session, subscription_id: int, *, ran_at: dt.datetime, papers: int, next_at: dt.datetime | None
) -> None:
    """Record that a digest ran, with so many papers, and when the next one is due."""
    session.connection().execute(
        update(subscription)
        .where(subscription.c.id == subscription_id)
        .values(last_digest_at=ran_at, last_digest_papers=papers, next_digest_at=next_at)
    )


_ARRIVALS = (
    select(paper.c.id, corpus_import.c.finished_revision, paper.c.score, paper.c.published)
    .join(corpus_import, corpus_import.c.id == paper.c.import_id)
    .order_by(corpus_import.c.finished_revision, paper.c.id)
)


def newly_added(session: Session, after: int, upto: int) -> Sequence[Any]:
    """(id, finished_revision, score, published) of papers added after a revision, in order of coming."""
    statement = _ARRIVALS.where(
        corpus_import.c.finished_revision > after, corpus_import.c.finished_revision <= upto
    )
    return session.connection().execute(statement).all()


def added_before(session: Session, papers: Collection[int], upto: int) -> Sequence[Any]:
    """The same for those of these papers that were added up to a revision."""
    statement = _ARRIVALS.where(corpus_import.c.finished_revision <= upto)
    return list(rows_with(session, statement, paper.c.id, papers))


def added_since(session: Session, moment: dt.datetime) -> Sequence[Any]:
    """The same for papers whose import ended after a moment; for what is only shown."""
    statement = _ARRIVALS.where(corpus_import.c.finished_at >= moment)
    return session.connection().execute(statement).all()


def added_at(session: Session, paper_id: int) -> int | None:
    """The revision at which a paper became newly added; None while its import has not ended."""
    statement = (
        select(corpus_import.c.finished_revision)
        .join(paper, paper.c.import_id == corpus_import.c.id)
        .where(paper.c.id == paper_id)
    )
    return session.connection().execute(statement).scalar()


def count_papers(session: Session) -> int:
    """How many papers the corpus has."""
    return session.connection().execute(select(func.count()).select_from(paper)).scalar_one()


def set_missing(session: Session, guild_id: int, since: dt.datetime | None) -> None:
    """Record since when the bot has not been in a server; None: it is there."""
    session.connection().execute(
        update(subscription).where(subscription.c.guild_id == guild_id).values(missing_since=since)
    )


def guilds_with_subscriptions(session: Session) -> dict[int, dt.datetime | None]:
    """The servers that have subscriptions, and since when the bot has been missing there."""
    statement = select(subscription.c.guild_id, func.min(subscription.c.missing_since)).group_by(
        subscription.c.guild_id
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def purge_guild(session: Session, guild_id: int) -> int:
    """Delete a server's subscriptions, and drop what was to be posted there; how many subscriptions."""
    connection = session.connection()
    connection.execute(
        update(message)
        .where(message.c.guild_id == guild_id, message.c.state.in_(("planned", "sending", "held")))
        .values(state="dropped", error="The bot was removed from the server.")
    )
    connection.execute(delete(announced_channel).where(announced_channel.c.guild_id == guild_id))
    return connection.execute(delete(subscription).where(subscription.c.guild_id == guild_id)).rowcount
