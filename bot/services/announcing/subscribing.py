"""Subscriptions: added, changed, paused and removed by people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.errors import RefusedError
from bot.search.percolate import Fixed, fix_query, variants_of
from bot.search.query import parse_query
from bot.services.announcing.matching import Arrivals, filters_of, wish_of
from bot.services.announcing.planning import plan
from bot.services.announcing.recording import database_tag
from bot.services.announcing.results import Added, Filters, Frequency, Preview, Schedule, Subscription
from bot.services.announcing.times import next_digest
from bot.services.desk import Desk
from bot.services.narrowing import filters_of as options_of
from bot.services.papers import load_papers
from bot.services.results import SearchRequest
from bot.store import deliveries, subscriptions
from bot.store.revisions import latest_revision

MOST_PER_CHANNEL = 25
PREVIEW_DAYS = 30
PREVIEW_PAPERS = 5
DEFAULT_TIME = "09:00"
PAUSED_BY_HAND = "Paused by hand."
UNKNOWN = "There is no such subscription in this server; `/notify list` shows those there are."


def add(
    desk: Desk,
    *,
    guild_id: int,
    channel_id: int,
    creator_id: int,
    filters: Filters,
    schedule: Schedule = Schedule(),  # noqa: B008 - it is frozen
    role_id: int | None = None,
    thread: bool = False,
    paused: bool = False,
) -> Added:
    """Add a subscription; what the corpus has at this moment is its baseline, of which nothing is posted.

    Raises:
        RefusedError: a filter or the time cannot be, or the channel has it already.

    """
    compiled = fixed_query(desk, filters)
    schedule = checked(schedule)
    recent = preview(desk, filters, compiled)
    now = desk.clock()
    with desk.store.writing() as session:
        there = subscriptions.subscriptions_where(session, channel_id=channel_id)
        if len(there) >= MOST_PER_CHANNEL:
            raise RefusedError(f"This channel has {MOST_PER_CHANNEL} subscriptions; remove one first.")
        if any(filters_of(row) == filters and _schedule(row) == schedule for row in there):
            raise RefusedError("This channel has that subscription already.")
        # Made now at the latest, so that every copy of the database that can post has the same.
        database_tag(session)
        baseline = _revision(session)
        subscription_id = subscriptions.add_subscription(
            session,
            guild_id=guild_id,
            channel_id=channel_id,
            creator_id=creator_id,
            created_at=now,
            version=0,
            compiled=compiled,
            role_id=role_id,
            thread=thread,
            paused=paused,
            pause_reason=PAUSED_BY_HAND if paused else None,
            baseline=baseline,
            cursor=baseline,
            next_digest_at=next_digest(schedule, now),
            **_columns(filters, schedule),
        )
        row = subscriptions.subscriptions_where(session, ids=[subscription_id])[0]
        return Added(subscription_of(row), subscriptions.count_papers(session), recent)


def list_all(desk: Desk, guild_id: int, channel_id: int | None = None) -> tuple[Subscription, ...]:
    """The subscriptions of a server, or of one of its channels, oldest first."""
    with desk.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        return tuple(subscription_of(row) for row in rows)


def get(desk: Desk, guild_id: int, subscription_id: int) -> Subscription:
    """One subscription of a server; RefusedError where it has none of that id."""
    with desk.store.reading() as session:
        return subscription_of(_own(session, guild_id, subscription_id))


def edit(
    desk: Desk,
    guild_id: int,
    subscription_id: int,
    *,
    filters: Filters,
    schedule: Schedule,
    role_id: int | None,
    thread: bool,
) -> Subscription:
    """Change all that a person may change; papers that it has considered are not considered again."""
    compiled, schedule = fixed_query(desk, filters), checked(schedule)
    with desk.store.writing() as session:
        before = _own(session, guild_id, subscription_id)
        due = before.next_digest_at if _schedule(before) == schedule else next_digest(schedule, desk.clock())
        subscriptions.change_subscription(
            session,
            subscription_id,
            compiled=compiled,
            role_id=role_id,
            thread=thread,
            next_digest_at=due,
            **_columns(filters, schedule),
        )
        return subscription_of(_own(session, guild_id, subscription_id))


def pause(desk: Desk, guild_id: int, subscription_id: int) -> Subscription:
    """Post nothing more for it until it is resumed; what is planned for it alone is dropped."""
    with desk.store.writing() as session:
        row = _own(session, guild_id, subscription_id)
        subscriptions.change_subscription(session, subscription_id, paused=True, pause_reason=PAUSED_BY_HAND)
        deliveries.drop_unwanted(session, row.channel_id, "The subscription was paused.")
        return subscription_of(_own(session, guild_id, subscription_id))


def resume(desk: Desk, guild_id: int, subscription_id: int) -> Subscription:
    """Go on from now: what came while it was paused is not posted."""
    with desk.store.writing() as session:
        row = _own(session, guild_id, subscription_id)
        revision = _revision(session)
        subscriptions.change_subscription(
            session,
            subscription_id,
            paused=False,
            pause_reason=None,
            baseline=revision,
            cursor=revision,
            next_digest_at=next_digest(_schedule(row), desk.clock()),
        )
        # Whatever stood in the way of the channel is tried anew.
        deliveries.free_channel(session, row.channel_id)
        return subscription_of(_own(session, guild_id, subscription_id))


def remove(desk: Desk, guild_id: int, subscription_id: int) -> Subscription:
    """Delete it; what is planned for it alone is dropped."""
    with desk.store.writing() as session:
        row = _own(session, guild_id, subscription_id)
        subscriptions.remove_subscriptions(session, [subscription_id])
        deliveries.drop_unwanted(session, row.channel_id, "The subscription was removed.")
        return subscription_of(row)


def preview(
    desk: Desk, filters: Filters, compiled: Fixed | None = None, *, days: int = PREVIEW_DAYS
) -> Preview:
    """What would have been posted of the papers that came in the last days; nothing is."""
    fixed = compiled if compiled is not None else fixed_query(desk, filters)
    with desk.store.reading() as session:
        rows = subscriptions.added_since(session, desk.clock() - dt.timedelta(days=days))
        arrivals = Arrivals(session, rows)
        found = sorted(arrivals.wanted_by(fixed, filters.min_score, after=-1), key=arrivals.place.__getitem__)
        wish = wish_of(0, filters, digest=False, role_id=None, thread=False, matched=found)
        messages = plan([wish], (), arrivals.place, arrivals.rank)
        papers = load_papers(session, found[-PREVIEW_PAPERS:][::-1])
    return Preview(days, len(found), tuple(papers.values()), len(messages))


def fixed_query(desk: Desk, filters: Filters) -> Fixed:
    """The filters as the fixed query that decides; RefusedError where they name what cannot be."""
    desk.index.follow(desk.store)
    snapshot = desk.index.snapshot()
    codes = snapshot.field_codes if snapshot is not None else ()
    query = parse_query(filters.query, codes)
    if filters.query.strip() and query.is_empty:
        raise RefusedError("query: there is no word in it to look for.")
    request = SearchRequest(
        query=filters.query, field=filters.field, author=filters.author, code=filters.code
    )
    options = options_of(request, codes)
    return fix_query(replace(query, filters=(*query.filters, *options)), snapshot)


def checked(schedule: Schedule) -> Schedule:
    """The schedule with what it leaves out; RefusedError where a time or a zone cannot be."""
    if schedule.frequency is Frequency.INSTANT:
        return Schedule(timezone="UTC")
    try:
        ZoneInfo(schedule.timezone)
    except (KeyError, ValueError, OSError):
        raise RefusedError(
            f"timezone: {schedule.timezone[:40]!r} is no time zone; write one such as Europe/Berlin."
        ) from None
    at = schedule.at or DEFAULT_TIME
    try:
        at = dt.datetime.strptime(at, "%H:%M").strftime("%H:%M")  # noqa: DTZ007 - a time of day
    except ValueError:
        raise RefusedError(f"at: {at[:40]!r} is no time of day; write one such as 09:00.") from None
    day = None
    if schedule.frequency is Frequency.WEEKLY:
        day = schedule.day if schedule.day is not None else 0
        if not 0 <= day <= 6:
            raise RefusedError("day: write a day of the week.")
    return Schedule(schedule.frequency, day, at, schedule.timezone)


def subscription_of(row: Any) -> Subscription:
    """A row of the table as services answer it."""
    return Subscription(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        creator_id=row.creator_id,
        created_at=row.created_at,
        filters=filters_of(row),
        variants=variants_of(row.compiled),
        schedule=_schedule(row),
        role_id=row.role_id,
        thread=row.thread,
        paused=row.paused,
        pause_reason=row.pause_reason,
        baseline=row.baseline,
        cursor=row.cursor,
        next_digest_at=row.next_digest_at,
        last_digest_at=row.last_digest_at,
        last_digest_papers=row.last_digest_papers,
    )


def _own(session: Session, guild_id: int, subscription_id: int) -> Any:
    rows: Sequence[Any] = subscriptions.subscriptions_where(session, guild_id=guild_id, ids=[subscription_id])
    if not rows:
        raise RefusedError(UNKNOWN)
    return rows[0]


def _revision(session: Session) -> int:
    latest = latest_revision(session)
    return latest.number if latest is not None else 0


def _schedule(row: Any) -> Schedule:
    return Schedule(Frequency(row.frequency), row.day, row.at, row.timezone)


def _columns(filters: Filters, schedule: Schedule) -> dict[str, Any]:
    return {
        "query": filters.query,
        "author": filters.author,
        "field": filters.field,
        "code": filters.code,
        "min_score": filters.min_score,
        "frequency": schedule.frequency,
        "day": schedule.day,
        "at": schedule.at,
        "timezone": schedule.timezone,
    }
