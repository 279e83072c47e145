"""What people type: suggestions while they type, and arguments checked before anything else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Sequence

import discord
from discord import app_commands

from bot.app import App, corpus_status
from bot.authors.profile import suggest_authors
from bot.discord_app.client import Interaction
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import fit, plain
from bot.papers.results import Choice
from bot.papers.search import suggest_titles

MAX_CHOICES = 25
MAX_CHOICE = 100
MAX_TYPED = 500

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


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
    counts = corpus_status(app).fields
    return [
        Choice(label=f"{field} ({papers:,})", value=field)
        for field, papers in counts.items()
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
    """A day, a month or a year."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 20

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The date as typed, once it is one."""
        typed = value.strip()
        if _DATE.fullmatch(typed):
            try:
                dt.date.fromisoformat(f"{typed}-01-01"[:10])
            except ValueError:
                pass
            else:
                return typed
        raise BadInputError(
            f"“{fit(plain(typed), 20)}” is not a date: type a year, a month or a day, "
            "such as 2021, 2021-03 or 2021-03-15."
        )


def check_period(since: str | None, until: str | None) -> None:
    """Refuse a period that ends before it begins.

    Raises:
        BadInputError: with both dates.

    """
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
