"""When a digest is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.announcements.results import Schedule
from bot.errors import RefusedError
from bot.local_time import next_moment
from bot.store.models import Frequency

DEFAULT_TIME = "09:00"
MOST_DELAY = 60
"""Days."""


def completed(schedule: Schedule) -> Schedule:
    """The schedule with defaults for what it leaves out; RefusedError where a time or a zone cannot be.

    What is posted at once keeps the day, time and zone for when it becomes a digest again.
    """
    try:
        ZoneInfo(schedule.timezone)
    except (KeyError, ValueError, OSError):
        raise RefusedError(
            f"timezone: {schedule.timezone[:40]!r} is no time zone; write one such as Europe/Berlin."
        ) from None
    if not 0 <= schedule.delay <= MOST_DELAY:
        raise RefusedError(f"delay: write a number of days from 0 to {MOST_DELAY}.")
    if schedule.frequency is Frequency.INSTANT and schedule.at is None:
        return schedule
    at = schedule.at or DEFAULT_TIME
    try:
        at = dt.datetime.strptime(at, "%H:%M").strftime("%H:%M")  # noqa: DTZ007 - a time of day
    except ValueError:
        raise RefusedError(f"at: {at[:40]!r} is no time of day; write one such as 09:00.") from None
    day = schedule.day if schedule.frequency is Frequency.INSTANT else None
    if schedule.frequency is Frequency.WEEKLY:
        day = schedule.day if schedule.day is not None else 0
        if not 0 <= day <= 6:
            raise RefusedError("day: write a day of the week.")
    return replace(schedule, day=day, at=at)


def next_digest(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """The first moment after `after` at which a digest is due; None for what is posted at once."""
    if schedule.frequency is Frequency.INSTANT:
        return None
    weekday = (schedule.day or 0) if schedule.frequency is Frequency.WEEKLY else None
    return next_moment(weekday, schedule.at or DEFAULT_TIME, schedule.timezone, after)
