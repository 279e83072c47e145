"""Times of day, days of the week and time zones as people type them."""

from __future__ import annotations

import re
import unicodedata

import discord
from discord import app_commands

from bot.discord_app.client import Interaction
from bot.discord_app.inputs import MAX_CHOICE, MAX_CHOICES
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import fit, plain
from bot.discord_app.time_zones import suggest_zones, zone_words, zones_meant

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_CHOICES = [app_commands.Choice(name=day, value=number) for number, day in enumerate(DAYS)]
NAMED_TIMES = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
MOST_MEANT = 6

_TIME = re.compile(
    r"(?:(?P<hh>\d{1,2})(?P<mm>\d{2})"
    r"|(?P<hour>\d{1,2})(?:(?: ?: ?| ?h ?| uhr )(?P<minute>\d{1,2})(?::00)?|[.,](?P<dotted>\d{2}))?)"
    r"(?: ?(?:h|uhr|o['’ ]?clock))?(?: ?(?P<half>[ap])(?:\.? ?m\.?)?)?",
    re.ASCII,
)
"""Strict: what else could be read as a time, such as "17h" as 17 hours ago, is not guessed."""


async def zones(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Time zones that what is typed means or begins."""
    found = suggest_zones(plain(typed), interaction.client.app.clock())
    return [
        app_commands.Choice(name=fit(label, MAX_CHOICE), value=zone) for label, zone in found[:MAX_CHOICES]
    ]


class TimeOfDay(app_commands.Transformer):
    """A local time of day, HH:MM."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 10

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The time with two digits each."""
        time = read_time(value)
        if time is None:
            raise BadInputError(
                f"“{fit(plain(value), 20)}” is not a time of day: type one such as 09:00, 17:30 or 9am."
            )
        return time


def read_time(typed: str) -> str | None:
    """A time of day as people type it ("9am", "0900", "9.30", "17h", "24:00"), as HH:MM; None: it is none."""
    words = " ".join(unicodedata.normalize("NFKC", plain(typed)).casefold().split())
    words = words.removeprefix("at ").removeprefix("um ")
    if (named := words.removeprefix("12 ")) in NAMED_TIMES:
        return NAMED_TIMES[named]
    found = _TIME.fullmatch(words)
    if found is None:
        return None
    hour, minute = (
        int(found["hour"] or found["hh"]),
        int(found["minute"] or found["dotted"] or found["mm"] or 0),
    )
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


class TimeZone(app_commands.Transformer):
    """An IANA time zone."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 60

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The zone that is meant."""
        meant = zones_meant(plain(value))
        if len(meant) == 1:
            return meant[0]
        typed = fit(plain(value), 60)
        if meant:
            several = ", ".join(map(zone_words, meant[:MOST_MEANT])) + (
                ", …" if len(meant) > MOST_MEANT else ""
            )
            raise BadInputError(
                f"“{typed}” has several clocks ({several}): type the one that you mean, or a city."
            )
        raise BadInputError(
            f"“{typed}” is not a time zone: type a city, and choose a suggestion such as Europe/Berlin."
        )
