"""What people type at /notify: times, days, time zones, and which subscription they mean."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

import discord
from discord import app_commands

from bot.announcements import subscriptions
from bot.announcements.results import Frequency, Schedule
from bot.discord_app.client import Interaction
from bot.discord_app.inputs import MAX_CHOICES, suggested
from bot.discord_app.permissions import may_manage
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import fit, plain
from bot.papers.results import Choice

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_CHOICES = [app_commands.Choice(name=day, value=number) for number, day in enumerate(DAYS)]
WHEN_CHOICES = [
    app_commands.Choice(name="instant: as papers come in", value=Frequency.INSTANT.value),
    app_commands.Choice(name="daily: one digest a day", value=Frequency.DAILY.value),
    app_commands.Choice(name="weekly: one digest a week", value=Frequency.WEEKLY.value),
]
FIRST_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Nairobi",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Offered before anything is typed."""
MAX_ID = 2**31 - 1

SubscriptionId = app_commands.Range[int, 1, MAX_ID]


@cache
def _zones() -> dict[str, str]:
    """All time zones by their names in small letters."""
    return {zone.casefold(): zone for zone in sorted(zoneinfo.available_timezones())}


async def zones(_interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Time zones whose names contain what is typed; those whose city begins so come first."""
    wanted = plain(typed).casefold().replace(" ", "_")
    found: list[str] = list(FIRST_ZONES)
    if wanted:
        found = [zone for key, zone in _zones().items() if wanted in key]
        found.sort(key=lambda zone: not zone.casefold().rpartition("/")[2].startswith(wanted))
    return [app_commands.Choice(name=zone, value=zone) for zone in found[:MAX_CHOICES]]


async def suggest_subscriptions(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """The server's subscriptions that the person may change."""
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        return []
    found = await suggested(
        interaction, _matching(interaction, interaction.guild_id, plain(typed).casefold())
    )
    return [app_commands.Choice(name=each.name, value=int(each.value)) for each in found]


async def _matching(interaction: Interaction, guild_id: int, words: str) -> list[Choice]:
    """The subscriptions that the person may change, whose line has the words."""
    choices: list[Choice] = []
    for each in await interaction.client.call(subscriptions.list_all, guild_id):
        channel = interaction.client.get_channel(each.channel_id)
        name = getattr(channel, "name", None) or "a channel that is gone"
        paused = " (paused)" if each.paused else ""
        label = f"{each.id}: {plain(each.filters.words)} · #{plain(str(name))}{paused}"
        if words in label.casefold() and may_manage(interaction, each.channel_id):
            choices.append(Choice(label=label, value=str(each.id)))
    return choices


class NewsChannel(app_commands.Transformer):
    """A channel that may be chosen; a forum may, so that the answer says why it cannot be used."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord lets people choose from."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds of channels."""
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(
        self, _interaction: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        """The channel, with what the person may do there, as Discord resolved it."""
        return value


class TimeOfDay(app_commands.Transformer):
    """A local time of day, HH:MM."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 10

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The time with two digits each."""
        try:
            moment = dt.datetime.strptime(value.strip(), "%H:%M")  # noqa: DTZ007 - a time of day
        except ValueError:
            raise BadInputError(
                f"“{fit(plain(value), 20)}” is not a time of day: type one such as 09:00 or 17:30."
            ) from None
        return f"{moment:%H:%M}"


class TimeZone(app_commands.Transformer):
    """An IANA time zone."""

    @property
    def max_value(self) -> int:
        """The longest that Discord accepts."""
        return 60

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """The zone as it is spelled."""
        zone = _zones().get(value.strip().casefold().replace(" ", "_"))
        if zone is None:
            raise BadInputError(
                f"“{fit(plain(value), 60)}” is not a time zone: type a city, and choose a suggestion "
                "such as Europe/Berlin."
            )
        return zone


def schedule_from(
    when: str | None,
    day: int | None,
    at: str | None,
    timezone: str | None,
    before: Schedule = Schedule(),  # noqa: B008 - it is frozen
) -> Schedule:
    """The schedule that the options ask for; what is left out stays as it was.

    Raises:
        BadInputError: a day or a time is given for what is posted at once.

    """
    frequency = Frequency(when) if when is not None else before.frequency
    if frequency is Frequency.INSTANT and (day is not None or at is not None or timezone is not None):
        raise BadInputError(
            "day, at and timezone are those of a digest: choose when: daily or weekly as well."
        )
    if frequency is not Frequency.WEEKLY and day is not None:
        raise BadInputError("day is that of a weekly digest: choose when: weekly as well.")
    return Schedule(
        frequency,
        day if day is not None else before.day,
        at or before.at,
        timezone or before.timezone,
    )
