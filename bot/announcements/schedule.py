"""When a digest is due: local times across clock changes."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from bot.announcements.results import Frequency, Schedule

_SECOND = dt.timedelta(seconds=1)


def moment_of(day: dt.date, at: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC moment at which a local clock shows this time of this day.

    A time that a clock change skips is met at the first moment after the change; one that comes
    twice at its first.
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
    """The first moment after `after` at which a digest is due; None for what is told at once."""
    if schedule.frequency is Frequency.INSTANT:
        return None
    zone = ZoneInfo(schedule.timezone)
    at = dt.time.fromisoformat(schedule.at or "09:00")
    # A clock change moves a local day by less than two days.
    day = after.astimezone(zone).date() - dt.timedelta(days=2)
    while True:
        if schedule.frequency is Frequency.DAILY or day.weekday() == (schedule.day or 0):
            moment = moment_of(day, at, zone)
            if moment > after:
                return moment
        day += dt.timedelta(days=1)
