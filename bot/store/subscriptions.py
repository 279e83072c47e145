"""Queries over subscriptions, and over the new papers that they wait for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_rows, rows_with
from bot.store.grouping import grouping_state
from bot.store.models import (
    NO_SERVER,
    PAUSED_BY_HAND,
    AnnouncedChannel,
    Author,
    Authorship,
    CorpusImport,
    Correction,
    CorrectionKind,
    DigestOrder,
    Frequency,
    Paper,
    PlaceKind,
    Revision,
    Subscription,
)


class StoredSubscription(NamedTuple):
    """A subscription as it is stored."""

    id: int
    guild_id: int
    channel_id: int
    place: PlaceKind
    parent_id: int | None
    creator_id: int
    created_at: dt.datetime
    version: int
    query: str
    author: str | None
    author_id: int | None
    author_parts: list[int] | None
    field: str | None
    code: bool | None
    min_score: float | None
    retractions: bool
    published: bool
    citing: str | None
    citing_paper_id: int | None
    citing_author_id: int | None
    compiled: dict[str, Any]
    frequency: Frequency
    day: int | None
    at: str | None
    timezone: str
    digest_order: DigestOrder
    delay_days: int
    role_id: int | None
    role_trouble: str | None
    thread: bool
    publish: bool
    paused: bool
    pause_reason: str | None
    baseline: int
    cursor: int
    recheck_after: int
    next_digest_at: dt.datetime | None
    last_digest_at: dt.datetime | None
    last_digest_papers: int | None


_COLUMNS = columns_of(Subscription, StoredSubscription)
_id = col(Subscription.id)


def add_subscription(session: Session, **values: Any) -> int:
    """Add a subscription, and return its id."""
    statement = insert(Subscription).values(**values).returning(_id)
    return session.connection().execute(statement).scalar_one()


def change_subscription(session: Session, subscription_id: int, **values: Any) -> None:
    """Write these columns for a person: what was being planned meanwhile is planned again."""
    values["version"] = col(Subscription.version) + 1
    statement = update(Subscription).where(_id == subscription_id).values(**values)
    session.connection().execute(statement)


def remove_subscriptions(session: Session, ids: Sequence[int]) -> None:
    """Delete subscriptions with the record of what they matched."""
    session.connection().execute(delete(Subscription).where(_id.in_(ids)))


def remove_guild(session: Session, guild_id: int) -> int:
    """Delete a server's subscriptions; how many that were."""
    statement = delete(Subscription).where(col(Subscription.guild_id) == guild_id)
    return session.connection().execute(statement).rowcount


def subscriptions_where(
    session: Session,
    *,
    guild_id: int | None = None,
    channel_id: int | None = None,
    creator_id: int | None = None,
    place: PlaceKind | None = None,
    ids: Sequence[int] | None = None,
    locked: bool = False,
) -> Sequence[StoredSubscription]:
    """Subscriptions, of a server, of a channel, of a person, of a kind of place or by id, oldest first.

    Locked, others that write them or plan for them wait for the end of this writing transaction.
    """
    statement = select(*_COLUMNS).order_by(_id)
    if guild_id is not None:
        statement = statement.where(col(Subscription.guild_id) == guild_id)
    if channel_id is not None:
        statement = statement.where(col(Subscription.channel_id) == channel_id)
    if creator_id is not None:
        statement = statement.where(col(Subscription.creator_id) == creator_id)
    if place is not None:
        statement = statement.where(col(Subscription.place) == place)
    if ids is not None:
        statement = statement.where(_id.in_(ids))
    if locked:
        statement = statement.with_for_update()
    return read_rows(session, StoredSubscription, statement)


class PingedRole(NamedTuple):
    """The role of a subscription."""

    subscription_id: int
    guild_id: int
    channel_id: int
    role_id: int
    trouble: str | None


def pinged_roles(session: Session, guild_id: int | None = None) -> Sequence[PingedRole]:
    """The roles of the subscriptions of a server, or of all."""
    role = col(Subscription.role_id)
    columns = (_id, col(Subscription.guild_id), col(Subscription.channel_id), role)
    statement = select(*columns, col(Subscription.role_trouble)).where(role.is_not(None))
    if guild_id is not None:
        statement = statement.where(col(Subscription.guild_id) == guild_id)
    return read_rows(session, PingedRole, statement)


def threads_of(session: Session, parents: Collection[int]) -> Sequence[int]:
    """The threads of these channels that have subscriptions."""
    if not parents:
        return ()
    statement = select(col(Subscription.channel_id)).where(col(Subscription.parent_id).in_(parents))
    return session.connection().execute(statement.distinct()).scalars().all()


def pause_channel(session: Session, channel_id: int, reason: str) -> int:
    """Pause all subscriptions of a channel that are not paused yet; how many that were."""
    statement = (
        update(Subscription)
        .where(col(Subscription.channel_id) == channel_id, col(Subscription.paused).is_(False))
        .values(paused=True, pause_reason=reason, version=col(Subscription.version) + 1)
    )
    return session.connection().execute(statement).rowcount


class Span(NamedTuple):
    """Up to which revision papers count as new."""

    finished: int
    """At which papers were last newly added."""
    grouped: int
    """Up to which it is known whose papers are: what follows an author waits for the others."""


def _is_due(span: Span, now: dt.datetime, waiting: Collection[int]) -> ColumnElement[bool]:
    held_until = col(AnnouncedChannel.held_until)
    blocked = select(col(AnnouncedChannel.channel_id)).where(or_(held_until.is_(None), held_until > now))
    is_instant = col(Subscription.frequency) == Frequency.INSTANT
    known = case((col(Subscription.author_id).is_(None), span.finished), else_=min(span))
    return and_(
        col(Subscription.paused).is_(False),
        col(Subscription.missing_since).is_(None),
        or_(
            and_(is_instant, or_(col(Subscription.cursor) < known, _id.in_(waiting))),
            and_(~is_instant, col(Subscription.next_digest_at) <= now),
        ),
        col(Subscription.channel_id).not_in(blocked),
    )


def due_channels(
    session: Session, span: Span, now: dt.datetime, waiting: Collection[int] = ()
) -> tuple[Sequence[int], int]:
    """Channels with a subscription that is due, and the lowest cursor of those subscriptions.

    `waiting` are the subscriptions that have papers to be planned again.
    A channel that refuses messages at present is left out: what comes meanwhile waits together.
    """
    due = _is_due(span, now, waiting)
    connection = session.connection()
    channel = col(Subscription.channel_id)
    channels = connection.execute(select(channel).where(due).distinct().order_by(channel)).scalars().all()
    lowest = connection.execute(select(func.min(col(Subscription.cursor))).where(due)).scalar()
    return channels, lowest or 0


def due_subscriptions(
    session: Session, channels: Sequence[int], span: Span, now: dt.datetime, waiting: Collection[int] = ()
) -> Sequence[StoredSubscription]:
    """The due subscriptions of these channels, by channel, oldest first."""
    channel = col(Subscription.channel_id)
    statement = (
        select(*_COLUMNS).where(channel.in_(channels), _is_due(span, now, waiting)).order_by(channel, _id)
    )
    return read_rows(session, StoredSubscription, statement)


def versions_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(version, cursor) of subscriptions that are not paused; nobody changes them before the commit."""
    statement = (
        select(_id, col(Subscription.version), col(Subscription.cursor))
        .where(_id.in_(ids), col(Subscription.paused).is_(False))
        .order_by(_id)
        .with_for_update()
    )
    rows = session.connection().execute(statement)
    return {subscription_id: (version, cursor) for subscription_id, version, cursor in rows}


def move_cursors(session: Session, ids: Sequence[int], revision: int) -> None:
    """Record that these subscriptions have considered everything up to a revision."""
    session.connection().execute(update(Subscription).where(_id.in_(ids)).values(cursor=revision))


def record_digest(
    session: Session, subscription_id: int, *, ran_at: dt.datetime, papers: int, next_at: dt.datetime | None
) -> None:
    """Record that a digest ran, with so many papers, and when the next one is due."""
    session.connection().execute(
        update(Subscription)
        .where(_id == subscription_id)
        .values(last_digest_at=ran_at, last_digest_papers=papers, next_digest_at=next_at)
    )


def set_missing(session: Session, guild_id: int, since: dt.datetime | None) -> None:
    """Record since when the bot has not been in a server; None: it is there."""
    statement = update(Subscription).where(col(Subscription.guild_id) == guild_id)
    session.connection().execute(statement.values(missing_since=since))


def guilds_with_subscriptions(session: Session) -> dict[int, dt.datetime | None]:
    """The servers that have subscriptions, and since when the bot has been missing there."""
    guild = col(Subscription.guild_id)
    statement = (
        select(guild, func.min(col(Subscription.missing_since))).where(guild != NO_SERVER).group_by(guild)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


class AddedPaper(NamedTuple):
    """A paper that was newly added."""

    id: int
    finished_revision: int
    """The revision at which its import ended, and from which it counts as new."""
    score: float | None
    published: str | None


_ADDED_PAPERS = (
    select(col(Paper.id), col(CorpusImport.finished_revision), col(Paper.score), col(Paper.published))
    .join(CorpusImport, col(CorpusImport.id) == col(Paper.import_id))
    .order_by(col(CorpusImport.finished_revision), col(Paper.id))
)


def newest_finished(session: Session) -> int:
    """The revision at which papers were last newly added; 0 where none ever were."""
    statement = select(func.max(col(CorpusImport.finished_revision)))
    return session.connection().execute(statement).scalar() or 0


def revision_at(session: Session, moment: dt.datetime) -> int:
    """The revision at which papers were last newly added before a moment; 0 where none were."""
    before = col(CorpusImport.finished_at) < moment
    statement = select(func.max(col(CorpusImport.finished_revision))).where(before)
    return session.connection().execute(statement).scalar() or 0


def newly_added(session: Session, after: int, upto: int) -> Sequence[AddedPaper]:
    """The papers added after a revision, in the order in which they came."""
    finished = col(CorpusImport.finished_revision)
    statement = _ADDED_PAPERS.where(finished > after, finished <= upto)
    return read_rows(session, AddedPaper, statement)


def added_before(session: Session, papers: Collection[int], upto: int) -> Sequence[AddedPaper]:
    """Those of these papers that were added up to a revision."""
    statement = _ADDED_PAPERS.where(col(CorpusImport.finished_revision) <= upto)
    return [AddedPaper._make(row) for row in rows_with(session, statement, col(Paper.id), papers)]


def changed_papers(
    session: Session, revisions: tuple[int, int], added: tuple[int, int]
) -> Sequence[AddedPaper]:
    """The papers that were changed after a revision up to another, and added after one up to another."""
    revision, finished = col(Paper.revision), col(CorpusImport.finished_revision)
    statement = _ADDED_PAPERS.where(
        revision > revisions[0], revision <= revisions[1], finished > added[0], finished <= added[1]
    )
    return read_rows(session, AddedPaper, statement)


class ConsideredSpan(NamedTuple):
    """The revisions of the papers that a subscription has considered, and does again when they change."""

    subscription_id: int
    after: int
    upto: int


def considered_spans(session: Session) -> Sequence[ConsideredSpan]:
    """The spans of the subscriptions that no person has paused."""
    reason = col(Subscription.pause_reason)
    by_bot = and_(reason.is_not(None), reason != PAUSED_BY_HAND)
    after, upto = col(Subscription.recheck_after), col(Subscription.cursor)
    statement = select(_id, after, upto).where(after < upto, or_(col(Subscription.paused).is_(False), by_bot))
    return read_rows(session, ConsideredSpan, statement)


def revision_before(session: Session, moment: dt.datetime) -> int:
    """The last revision that was made before a moment; 0: there is none."""
    newest = select(func.max(col(Revision.number))).where(col(Revision.made_at) < moment)
    return session.connection().execute(newest).scalar() or 0


def grouped_upto(session: Session, before: dt.datetime) -> int | None:
    """Up to which revision it is known whose papers are; None in a corpus that was never grouped.

    What came before a moment counts in any case: nothing waits for a grouping that does not come.
    """
    state = grouping_state(session)
    if state.snapshot is None:
        return None
    return max(state.revision, revision_before(session, before))


def parts_of_author(session: Session, entries: Collection[int], upto: int) -> dict[int, str]:
    """The people who stood under one of these entries, and have papers that were added up to a revision.

    By the id of the entry that they have now, with what they are called.
    """
    own_paper = (
        select(col(Authorship.paper_id))
        .join(Paper, col(Paper.id) == col(Authorship.paper_id))
        .join(CorpusImport, col(CorpusImport.id) == col(Paper.import_id))
        .where(col(Authorship.author_id) == col(Author.id), col(CorpusImport.finished_revision) <= upto)
        .exists()
    )
    statement = select(col(Author.id), func.coalesce(col(Author.called), col(Author.name))).where(
        col(Author.leads_to).is_(None), own_paper
    )
    by_grouping = rows_with(session, statement, col(Author.part_of), sorted(entries))
    splits = select(col(Correction.into_id)).where(
        col(Correction.kind) == CorrectionKind.SPLIT,
        col(Correction.undone_at).is_(None),
        col(Correction.author_id).in_(entries),
    )
    by_people = session.connection().execute(statement.where(col(Author.id).in_(splits)))
    return {one: name for one, name in (*by_grouping, *by_people) if one not in entries}


def add_named_parts(session: Session, subscription_id: int, parts: Sequence[int]) -> None:
    """Record that these people have been named, for whom part of what it followed turned out to be."""
    statement = update(Subscription).where(_id == subscription_id).values(author_parts=list(parts))
    session.connection().execute(statement)


def added_since(session: Session, moment: dt.datetime) -> Sequence[AddedPaper]:
    """The papers whose import ended after a moment; for what is only shown."""
    statement = _ADDED_PAPERS.where(col(CorpusImport.finished_at) >= moment)
    return read_rows(session, AddedPaper, statement)


def added_at(session: Session, paper_id: int) -> int | None:
    """The revision at which a paper became newly added; None while its import has not ended."""
    statement = (
        select(col(CorpusImport.finished_revision))
        .join(Paper, col(Paper.import_id) == col(CorpusImport.id))
        .where(col(Paper.id) == paper_id)
    )
    return session.connection().execute(statement).scalar()
