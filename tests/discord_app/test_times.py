"""Times of day and time zones as people type them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.time_zones import suggest_zones, zone_words, zones_meant
from bot.discord_app.times import read_time

JULY = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("9am", "09:00"),
        ("9:00 AM", "09:00"),
        ("9 a.m.", "09:00"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("9", "09:00"),
        ("0900", "09:00"),
        ("930", "09:30"),
        ("9.30", "09:30"),
        ("9h00", "09:00"),
        ("17h", "17:00"),
        ("17 Uhr", "17:00"),
        ("9 o’clock", "09:00"),
        ("24:00", "00:00"),
        ("9:5", "09:05"),
        ("noon", "12:00"),
        ("12 midnight", "00:00"),
        ("at 9am", "09:00"),
        ("9p", "21:00"),
        ("5 o'clock pm", "17:00"),
        ("21 Uhr 30", "21:30"),
        ("9,30", "09:30"),
        ("9 : 30", "09:30"),
        ("09:30:00", "09:30"),
        ("9.5", None),
        ("24:30", None),
        ("25:00", None),
        ("13pm", None),
        ("0am", None),
        ("9:60", None),
        ("-1", None),
        ("12345", None),
        ("٩", None),
        ("", None),
    ],
)
def test_a_time_of_day_is_read_or_is_none(typed: str, time: str | None):
    assert read_time(typed) == time


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_none(typed: str):
    time = read_time(typed)
    assert time is None or dt.time.fromisoformat(time)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Berlin", "Europe/Berlin"),
        ("Berlin, Germany", "Europe/Berlin"),
        ("Munich", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("beijing", "Asia/Shanghai"),
        ("New Delhi", "Asia/Kolkata"),
        ("San Francisco", "America/Los_Angeles"),
        ("Washington, D.C.", "America/New_York"),
        ("new york", "America/New_York"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Germany", "Europe/Berlin"),
        ("United Kingdom", "Europe/London"),
        ("India", "Asia/Kolkata"),
        ("UTC+2", "Etc/GMT-2"),
        ("GMT -5", "Etc/GMT+5"),
        ("+05:30", "Asia/Kolkata"),
        ("UTC+0", "UTC"),
        ("EST", "America/New_York"),
        ("mst", "America/Denver"),
        ("HST", "Pacific/Honolulu"),
        ("EST5EDT", "America/New_York"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("CEST", "Europe/Berlin"),
        ("(UTC+01:00) Berlin", "Europe/Berlin"),
        ("Europe / Berlin", "Europe/Berlin"),
        ("newyork", "America/New_York"),
        ("Tokyo time", "Asia/Tokyo"),
        ("Ho Chi Minh City", "Asia/Ho_Chi_Minh"),
        ("Deutschland", "Europe/Berlin"),
        ("Cambridge, MA", "America/New_York"),
        ("Etc/GMT+2", "Etc/GMT+2"),
    ],
)
def test_a_zone_is_known_by_place_country_abbreviation_and_offset(typed: str, zone: str):
    assert zones_meant(typed) == (zone,)


@pytest.mark.parametrize("typed", ["localtime", "Factory", "Atlantis", "UTC+15", "UTC+1:15", "", "posix/UTC"])
def test_what_is_no_zone_is_refused(typed: str):
    assert zones_meant(typed) == ()


@pytest.mark.parametrize("typed", ["IST", "USA", "Australia", "cst"])
def test_what_has_several_clocks_is_several(typed: str):
    assert len(zones_meant(typed)) > 1


def test_every_zone_that_is_meant_or_suggested_is_one():
    known = available_timezones()
    for typed in ("", "a", "est", "utc+2", "us", "new", "localtime", "fact"):
        assert {zone for _, zone in suggest_zones(typed, JULY)} <= known - {"localtime", "Factory"}


@pytest.mark.parametrize(
    ("typed", "label", "zone"),
    [
        ("est", "EST: America/New_York", "America/New_York"),
        ("munic", "Munich: Europe/Berlin", "Europe/Berlin"),
        ("utc+2", "UTC+2 (always, without summer time)", "Etc/GMT-2"),
        ("berl", "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_what_is_typed_leads_to_its_place(typed: str, label: str, zone: str):
    assert suggest_zones(typed, JULY)[0] == (label, zone)


def test_places_with_the_offset_now_are_suggested_beside_it():
    assert "Europe/Berlin" in {zone for _, zone in suggest_zones("UTC+2", JULY)}
    assert "Europe/Berlin" not in {zone for _, zone in suggest_zones("UTC+1", JULY)}


def test_an_offset_is_shown_as_people_write_it():
    assert [zone_words(zone) for zone in ("Etc/GMT-2", "Etc/GMT+5", "Asia/Tokyo")] == [
        "UTC+2",
        "UTC-5",
        "Asia/Tokyo",
    ]
