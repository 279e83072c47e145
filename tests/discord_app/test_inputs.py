"""Dates as people type them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.inputs import read_date
from bot.discord_app.replies import BadInputError
from tests.discord_app.requests import text_of

FRIDAY = dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("2021", "2021"),
        ("2021-3", "2021-03"),
        ("2021-3-5", "2021-03-05"),
        ("2021/03/15", "2021-03-15"),
        ("20210315", "2021-03-15"),
        ("15.03.2021", "2021-03-15"),
        ("03/15/2021", "2021-03-15"),
        ("05/05/2021", "2021-05-05"),
        ("03/2021", "2021-03"),
        ("March 2021", "2021-03"),
        ("15th of March 2021", "2021-03-15"),
        ("Sept 15, 2021", "2021-09-15"),
        ("march", "2026-03"),
        ("April", "2025-04"),
        ("Yesterday", "2026-03-19"),
        ("last week", "2026-03-13"),
        ("last month", "2026-02"),
        ("last year", "2025"),
        ("7d", "2026-03-13"),
        ("past 2 weeks", "2026-03-06"),
        ("3 months ago", "2025-12-20"),
        ("monday", "2026-03-16"),
        ("last Friday", "2026-03-13"),
        ("24h", "2026-03-19"),
        ("six months ago", "2025-09-20"),
        ("since 2021", "2021"),
        ("2021-03-15T10:00:00Z", "2021-03-15"),
        ("2021-03-15 10:00", "2021-03-15"),
        ("15 03 2021", "2021-03-15"),
        ("Monday, March 15, 2021", "2021-03-15"),
        ("15 March", "2026-03-15"),
        ("15. März 2021", "2021-03-15"),
        ("März 2021", "2021-03"),
        ("15 mars 2021", "2021-03-15"),
        ("15 de marzo de 2021", "2021-03-15"),
        ("2021年3月15日", "2021-03-15"),
        ("gestern", "2026-03-19"),
        ("vor 3 Tagen", "2026-03-17"),
        ("day before yesterday", "2026-03-18"),
    ],
)
def test_a_date_in_digits_or_words_is_read(typed: str, date: str):
    assert read_date(typed, FRIDAY) == date


def test_a_month_that_lacks_the_day_gives_its_last():
    assert read_date("1 month", dt.date(2024, 3, 31)) == "2024-02-29"


@pytest.mark.parametrize("typed", ["03.04.2021", "3/4/2021", "15.03.21"])
def test_an_ambiguous_date_is_asked_back(typed: str):
    with pytest.raises(BadInputError, match="may be"):
        read_date(typed, FRIDAY)


@pytest.mark.parametrize(
    "typed", ["2021-02-30", "2021-13", "9999y", "the day", "0000", "٢٠٢١", "31/31/2021", ""]
)
def test_what_is_no_date_is_refused(typed: str):
    with pytest.raises(BadInputError, match="is not a date"):
        read_date(typed, FRIDAY)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(typed: str):
    try:
        date = read_date(typed, FRIDAY)
    except BadInputError:
        return
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}", date)


@pytest.mark.simcord(check_errors=False)
async def test_papers_since_yesterday_and_in_the_future(world):
    answer = await world.ada.slash(world.channel, "papers", query="learning", since="15.03.2021")
    assert "2021-03-15 or later" in text_of(answer.response).replace("\\", "")
    for since in ("2099", "2026-03-22", "2026-04"):
        answer = await world.ada.slash(world.channel, "papers", query="learning", since=since)
        assert "is in the future" in answer.response.content
