"""Local times across clock changes."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

_SECOND = dt.timedelta(seconds=1)


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


def next_moment(weekday: int | None, at: str, timezone: str, after: dt.datetime) -> dt.datetime:
    """The first moment after `after` at which a zone's clock shows a time of day, HH:MM.

    On a weekday, 0 for Monday, or on any day. It is a UTC moment, and each local day has exactly one.
    """
    zone, time = ZoneInfo(timezone), dt.time.fromisoformat(at)
    # A clock change moves a local day by less than two days.
    day = after.astimezone(zone).date() - dt.timedelta(days=2)
    while True:
        if weekday is None or day.weekday() == weekday:
            moment = moment_of(day, time, zone)
            if moment > after:
                return moment
        day += dt.timedelta(days=1)
