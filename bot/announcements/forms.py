"""A subscription's forms: as people type it, as the table keeps it, as services answer it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.announcements.matcher import filters_of
from bot.announcements.results import Filters, Frequency, Schedule, Subscription
from bot.app import Desk
from bot.errors import RefusedError
from bot.papers.narrowing import filters_of as options_of
from bot.papers.results import SearchRequest
from bot.search.query import parse_query
from bot.search.standing_queries import Fixed, fix_query, variants_of

DEFAULT_TIME = "09:00"


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
        schedule=schedule_of(row),
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


def schedule_of(row: Any) -> Schedule:
    """When a row of the table is told."""
    return Schedule(Frequency(row.frequency), row.day, row.at, row.timezone)


def columns_of(filters: Filters, schedule: Schedule) -> dict[str, Any]:
    """The columns of the table that a person types."""
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
