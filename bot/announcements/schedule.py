"""When a digest is due: local times across clock changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.announcements.results import Schedule
from bot.errors import RefusedError
from bot.store.models import Frequency

DEFAULT_TIME = "09:00"
MOST_DELAY = 60
"""Days."""

_SECOND = dt.timedelta(seconds=1)


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


def moment_of(day: dt.date, at: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC moment at which a local clock shows this time of this day.

    For a time that a clock change skips, that is the first moment after the change; for one that comes
    twice, the first of both.
    """
    wall = dt.datetime.combine(day, at)
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Skipped: read with the offset before the change it lies after it, and the other way round.
    early, late = min(first, second), max(first, second)
    offset = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle -= dt.timedelta(microseconds=middle.microsecond)
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def next_digest(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """The first moment after `after` at which a digest is due; None for what is posted at once."""
    if schedule.frequency is Frequency.INSTANT:
        return None
    zone = ZoneInfo(schedule.timezone)
    at = dt.time.fromisoformat(schedule.at or DEFAULT_TIME)
    # A clock change moves a local day by less than two days.
    day = after.astimezone(zone).date() - dt.timedelta(days=2)
    while True:
        if schedule.frequency is Frequency.DAILY or day.weekday() == (schedule.day or 0):
            moment = moment_of(day, at, zone)
            if moment > after:
                return moment
        day += dt.timedelta(days=1)
