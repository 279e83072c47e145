"""What people type: suggestions while they type, and arguments checked before anything else."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Awaitable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import discord
from discord import app_commands

from bot.app import App, papers_of_fields
from bot.authors.profile import suggest_authors
from bot.discord_app.client import Interaction, Papercord
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import fit, plain
from bot.papers.results import Choice
from bot.papers.search import suggest_titles

MAX_CHOICES = 25
MAX_CHOICE = 100
MAX_TYPED = 500

FIRST_CLOCK = dt.timedelta(hours=14)
"""How far ahead of UTC the first clocks are, where a day begins."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/. ])(\d{1,2})(?:\2(\d{1,2}))?)?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(?:(\d{1,2})\2)?(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}", re.ASCII)
_MONTH_IN_WORDS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_MONTH}(?:,?[ -]{_YEAR})?",
        rf"{_YEAR}[ -]{_MONTH}",
        rf"{_DAY}(?: of)?[ .-]*{_MONTH},?[ -]{_YEAR}",
        rf"{_MONTH}[ -]{_DAY},?[ -]{_YEAR}",
    )
)
_AGO = re.compile(
    r"(?:(?:the )?(?:last|past) )?(?P<count>\d{1,4}|an?|one|two|three) ?"
    r"(?P<unit>h|hrs?|hours?|d|days?|w|wks?|weeks?|m|mo|mos|months?|y|yrs?|years?)(?: ago)?",
    re.ASCII,
)
_BESIDE_DATE = re.compile(r"^(?:since|from|until|till|seit|bis) (?=\S)|(?<=\d)[t ]\d{1,2}:\d{2}\S*$")
"""What people write around a date, or copy with it: a word before it, a time of day."""
_WORD = re.compile(r"[^\W\d_]{3}|[年月日]")
"""Without a word there is nothing that needs a library; it would guess at every number."""
_DECADE = re.compile(r"\d0'?s\b|'\d\d\b")
_YEAR_IN_WORDS = re.compile(r"(?<!\d)\d{4}(?!\d)")
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "zh", "ja")
"""In which dates are read beside digits."""
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_WEEKDAY = re.compile(r"(?:last |on )?(mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|nes|ur)?(?:day)?")


async def titles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Titles that continue what is typed."""
    return await suggested(interaction, interaction.client.call(suggest_titles, plain(typed)))


async def authors(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Authors whose names continue what is typed."""
    return await suggested(interaction, interaction.client.call(suggest_authors, plain(typed)))


async def fields(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The fields of the corpus."""
    return await suggested(interaction, interaction.client.call(_suggest_fields, plain(typed)))


def _suggest_fields(app: App, typed: str) -> Sequence[Choice]:
    start = typed.strip().casefold()
    return [
        Choice(label=f"{field} ({papers:,})", value=field)
        for field, papers in papers_of_fields(app).items()
        if field.casefold().startswith(start)
    ]


async def suggested(
    interaction: Interaction, finding: Awaitable[Sequence[Choice]]
) -> list[app_commands.Choice[str]]:
    """The suggestions within Discord's limits; none, and a line in the log, where they fail."""
    outages = interaction.client.app.outages
    try:
        found = await finding
    except Exception as error:  # noqa: BLE001 - Discord shows no error while one types
        outages.failed("Suggesting", error, once=True)
        return []
    outages.worked("Suggesting")
    return [
        app_commands.Choice(name=fit(plain(each.label), MAX_CHOICE) or "…", value=each.value)
        for each in found[:MAX_CHOICES]
        if len(each.value) <= MAX_CHOICE
    ]


class Typed(app_commands.Transformer):
    """Words that a person typed, without invisible characters; refused where nothing is left."""

    @property
    def min_value(self) -> int:
        """The shortest that Discord accepts."""
        return 1

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return MAX_TYPED

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The words, cleaned."""
        words = plain(value).strip()
        if not words:
            raise BadInputError("There is nothing to look for: type some words.")
        return words


class Date(app_commands.Transformer):
    """A day, a month or a year, as people type it; the result is YYYY, YYYY-MM or YYYY-MM-DD."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 40

    async def transform(self, interaction: discord.Interaction, value: str, /) -> str:
        """The date that is meant."""
        return read_date(value, _today(interaction))


def _today(interaction: discord.Interaction) -> dt.date:
    """The day in UTC by the clock of the app."""
    client = interaction.client
    return client.app.clock().date() if isinstance(client, Papercord) else interaction.created_at.date()


def read_date(typed: str, today: dt.date) -> str:
    """Read a date in digits or words; relative ones count from `today`.

    Raises:
        BadInputError: it is none, or it may be two.

    """
    words = " ".join(unicodedata.normalize("NFKC", plain(typed)).casefold().split())
    words = _BESIDE_DATE.sub("", words)
    shown = fit(plain(typed).strip(), 40)
    if _SHORT_YEAR.fullmatch(words):
        raise BadInputError(f"“{shown}” may be several days: type the year in full, such as 2021-03-15.")
    try:
        found = (
            _in_digits(words, shown)
            or _in_words(words, today)
            or _relative(words, today)
            or _as_others_write(words, today)
        )
    except (ValueError, OverflowError):  # such as 30 February, or 9999 years ago
        found = None
    if found is None:
        raise BadInputError(
            f"“{shown}” is not a date: type a year, a month or a day, such as 2021, 2021-03, 2021-03-15, "
            "March 2021, yesterday or 7d."
        )
    return found


def _in_digits(words: str, shown: str) -> str | None:
    if found := _YEAR_FIRST.fullmatch(words):
        year, _, month, day, *compact = found.groups()
        return _written(*compact) if year is None else _written(year, month, day)
    if (found := _YEAR_LAST.fullmatch(words)) is None:
        return None
    first, _, second, year = found.groups()
    if second is None:
        return _written(year, first)
    if int(first) <= 12 and int(second) <= 12 and int(first) != int(second):
        one, other = _written(year, second, first), _written(year, first, second)
        raise BadInputError(f"“{shown}” may be {one} or {other}: type the one that you mean.")
    return _written(year, second, first) if int(first) > 12 else _written(year, first, second)


def _in_words(words: str, today: dt.date) -> str | None:
    """A date with the name of its month; without a year it is the last such month."""
    for pattern in _MONTH_IN_WORDS:
        if found := pattern.fullmatch(words):
            parts = found.groupdict()
            month = MONTHS.index(parts["month"][:3]) + 1
            year = parts["year"] or str(today.year - (month > today.month))
            return _written(year, str(month), parts.get("day"))
    return None


def _relative(words: str, today: dt.date) -> str | None:
    """A date counted from today: days and weeks give a day, "last month" a month, "last year" a year."""
    last_month = today.replace(day=1) - dt.timedelta(days=1)
    named = {
        "today": today.isoformat(),
        "now": today.isoformat(),
        "yesterday": (today - dt.timedelta(days=1)).isoformat(),
        "day before yesterday": (today - dt.timedelta(days=2)).isoformat(),
        "this week": (today - dt.timedelta(days=today.weekday())).isoformat(),
        "last week": (today - dt.timedelta(days=7)).isoformat(),
        "this month": today.isoformat()[:7],
        "last month": last_month.isoformat()[:7],
        "this year": str(today.year),
        "last year": str(today.year - 1),
    }
    key = words.removeprefix("the ").replace("past ", "last ").replace("previous ", "last ")
    if key in named:
        return named[key]
    if found := _AGO.fullmatch(words):
        return _ago(int(_NUMBERS.get(found["count"], found["count"])), found["unit"][0], today).isoformat()
    if found := _WEEKDAY.fullmatch(words):
        back = (today.weekday() - WEEKDAYS.index(found[1]) - 1) % 7 + 1
        return (today - dt.timedelta(days=back)).isoformat()
    return None


def _as_others_write(words: str, today: dt.date) -> str | None:
    """What a library reads that knows more forms and languages; a date with its year, or one from today."""
    if _WORD.search(words) is None or _DECADE.search(words):
        return None
    found = cast("Mapping[str, Any]", _parser(today).get_date_data(words))
    date, period = found["date_obj"], found["period"]
    if date is None or period not in {"day", "week", "month", "year", "time"}:
        return None
    # Without a year it is counted from today, and means a day.
    has_year = _YEAR_IN_WORDS.search(words) is not None
    return date.date().isoformat()[: {"month": 7, "year": 4}.get(period, 10) if has_year else 10]


@lru_cache(maxsize=2)
def _parser(today: dt.date) -> Any:
    # Imported when it is first needed: it is large.
    from dateparser.date import DateDataParser

    base = dt.datetime.combine(today, dt.time(12), dt.UTC)
    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "past",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    return DateDataParser(languages=list(LANGUAGES), settings=settings)


def _ago(count: int, unit: str, today: dt.date) -> dt.date:
    """So many hours, days, weeks, months or years before a day; of a month without such a day its last."""
    if unit == "h":
        return today - dt.timedelta(days=-(-count // 24))
    if unit in "dw":
        return today - dt.timedelta(days=count * (7 if unit == "w" else 1))
    year, month = divmod(today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1), 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(today.day, last))


def _written(year: str, month: str | None = None, day: str | None = None) -> str:
    """The parts as YYYY, YYYY-MM or YYYY-MM-DD; ValueError where there is no such date."""
    date = dt.date(int(year), int(month or 1), int(day or 1))
    return date.isoformat()[: 10 if day else 7 if month else 4]


def check_period(since: str | None, until: str | None, now: dt.datetime) -> None:
    """Refuse a period that ends before it begins, or begins in the future.

    Raises:
        BadInputError: with the dates.

    """
    latest = (now + FIRST_CLOCK).date().isoformat()
    if since and since > latest[: len(since)]:
        raise BadInputError(f"since {since} is in the future: no paper can be found. Type an earlier date.")
    if since and until and until[: len(since)] < since[: len(until)]:
        raise BadInputError(f"Nothing can be since {since} and until {until}: exchange the two.")


def day_of(date: str) -> dt.date:
    """A date that names a day.

    Raises:
        BadInputError: it names a month or a year only.

    """
    if len(date) != 10:
        raise BadInputError(f"“{fit(plain(date), 20)}” is no day: type one such as 2026-03-15.")
    return dt.date.fromisoformat(date)
