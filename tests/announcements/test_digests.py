"""Digests: when they are due, and what they say."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.announcements.results import Frequency, Schedule
from bot.announcements.schedule import next_digest
from bot.local_time import moment_of
from tests.announcements.announcer import Office, papers
from tests.loopback_discord.reading import text_of

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules", "Factory"}))
CHANGING = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
)
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
DAYS = st.dates(dt.date(2005, 1, 1), dt.date(2030, 12, 31))


@settings(max_examples=300, deadline=None)
@given(ZONES | CHANGING, TIMES, DAYS)
def test_a_local_time_is_met_at_its_first_moment_or_right_after_what_is_skipped(zone_name, at, day):
    zone = ZoneInfo(zone_name)
    wall = dt.datetime.combine(day, at)
    moment = moment_of(day, at, zone)
    local = moment.astimezone(zone).replace(tzinfo=None)

    assert local >= wall
    assert (moment - dt.timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < wall
    if local != wall:
        assert wall.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != wall


@settings(max_examples=150, deadline=None)
@given(
    ZONES | CHANGING,
    TIMES,
    DAYS,
    st.lists(st.integers(1, 40 * 3600), min_size=5, max_size=60),
)
def test_each_local_days_digest_runs_once_however_often_the_bot_looks(zone_name, at, day, steps):
    zone = ZoneInfo(zone_name)
    schedule = Schedule(Frequency.DAILY, at=at.strftime("%H:%M"), timezone=zone_name)
    now = start = dt.datetime.combine(day, dt.time(), dt.UTC)
    due = next_digest(schedule, now)
    ran: list[dt.datetime] = []
    missed = 0
    for step in steps:
        now += dt.timedelta(seconds=step)
        if due <= now:
            ran.append(due)
            following = next_digest(schedule, now)
            missed += len(_moments(start, now, at, zone)) - missed - len(ran)
            due = following

    expected = _moments(start, now, at, zone)
    assert len(ran) == len(set(ran))
    assert set(ran) <= set(expected)
    assert len(ran) + missed == len(expected)
    assert due > now


def _moments(start: dt.datetime, end: dt.datetime, at: dt.time, zone: ZoneInfo) -> list[dt.datetime]:
    days = [start.date() + dt.timedelta(days=number) for number in range(-3, (end - start).days + 4)]
    return sorted({moment for day in days if start < (moment := moment_of(day, at, zone)) <= end})


@given(ZONES, TIMES, DAYS, st.integers(0, 6))
@settings(max_examples=100, deadline=None)
def test_a_weekly_digest_comes_on_its_day(zone_name, at, day, weekday):
    schedule = Schedule(Frequency.WEEKLY, weekday, at.strftime("%H:%M"), zone_name)
    after = dt.datetime.combine(day, dt.time(), dt.UTC)

    first = next_digest(schedule, after)
    second = next_digest(schedule, first)

    zone = ZoneInfo(zone_name)
    assert dt.timedelta() < first - after <= dt.timedelta(days=9)
    skipped = first.astimezone(zone).time().replace(second=0, microsecond=0) != at
    assert skipped or first.astimezone(zone).weekday() == weekday
    assert dt.timedelta(days=5) < second - first < dt.timedelta(days=9)


async def test_a_digest_is_one_message_continued_where_it_must_be(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"))
    ids = office.bring(papers(23))
    await office.round()
    assert office.discord.visible(1) == []

    office.clock.move(days=1)
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    titles = [text_of(message).splitlines()[0] for message in office.discord.visible(1)]
    assert titles == [f"### 23 new papers ({part} of 3)" for part in (1, 2, 3)]


async def test_a_day_without_papers_posts_nothing_and_is_known_to_have_run(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"))
    office.clock.move(days=1)

    await office.round()

    assert office.discord.visible(1) == []
    assert office.scalar("select last_digest_papers from subscription") == 0
    assert office.scalar("select last_digest_at from subscription") is not None


async def test_digests_missed_while_the_bot_was_down_become_one(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"))
    ids = []
    for _ in range(3):
        ids += office.bring(papers(2))
        office.clock.move(days=1)

    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert len(office.discord.visible(1)) == 1


async def test_what_was_told_at_once_is_not_in_the_digest_of_the_same_channel(office: Office):
    office.subscribe(1)
    office.digest(1, Schedule(Frequency.WEEKLY, day=0, at="09:00"))
    ids = office.bring(papers(3))
    await office.settle()

    office.clock.move(days=8)
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
