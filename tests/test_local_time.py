"""Meetings of each week: a club's weekday and hour on its own clock, across every clock change."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.local_time import next_moment

ZONES = sorted(zone for zone in available_timezones() if zone not in {"localtime", "Factory"})
FIRST, LAST = dt.datetime(2000, 1, 1), dt.datetime(2037, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
WEEKS = 30
"""More than half a year, so that every change of a zone's year is met."""


@given(
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.times().map(lambda time: f"{time:%H:%M}"),
    st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)),
)
@example("Europe/Berlin", 6, "02:30", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
@example("Europe/Berlin", 6, "02:30", dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
@example("Australia/Lord_Howe", 6, "02:15", dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
@example("America/Havana", 6, "00:30", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
@example("Pacific/Apia", 4, "10:00", dt.datetime(2011, 12, 1, tzinfo=dt.UTC))
@example("Africa/Casablanca", 6, "02:30", dt.datetime(2026, 1, 20, tzinfo=dt.UTC))
def test_each_week_has_one_meeting_on_its_day_at_its_hour(zone: str, day: int, at: str, now: dt.datetime):
    meetings = [next_moment(day, at, zone, now)]
    while len(meetings) < WEEKS:
        meetings.append(next_moment(day, at, zone, meetings[-1]))

    assert meetings[0] > now
    assert meetings[0] - now <= dt.timedelta(days=9)
    local = [moment.astimezone(ZoneInfo(zone)) for moment in meetings]
    for moment in local:
        if moment.strftime("%H:%M") != at:
            assert _is_skipped(moment, at), moment
    days = [_meant(moment, day) for moment in local]
    assert {later - earlier for earlier, later in pairwise(days)} == {dt.timedelta(days=7)}


def _meant(moment: dt.datetime, day: int) -> dt.date:
    """The local day that is meant; a clock change may skip all that is left of it."""
    return moment.date() - dt.timedelta(days=(moment.weekday() - day) % 7)


def _is_skipped(moment: dt.datetime, at: str) -> bool:
    """Whether a zone's clock skipped a time of day just before a moment."""
    before = (moment.astimezone(dt.UTC) - dt.timedelta(seconds=1)).astimezone(moment.tzinfo)
    wall = dt.datetime.combine(before.date(), dt.time.fromisoformat(at))
    if wall <= before.replace(tzinfo=None):
        wall += dt.timedelta(days=1)
    return before.replace(tzinfo=None) < wall < moment.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("now", "local"),
    [
        # The clock goes from 02:00 to 03:00: the first moment after it.
        ("2026-03-28T12:00", "2026-03-29T03:00+02:00"),
        # The clock shows 02:30 twice: the first of both.
        ("2026-10-24T12:00", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_skipped_hour_and_one_that_comes_twice(now: str, local: str):
    after = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    assert next_moment(6, "02:30", "Europe/Berlin", after) == dt.datetime.fromisoformat(local)
