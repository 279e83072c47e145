"""What people type at /notify: schedules, filters, and which subscription they mean."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import discord
from discord import app_commands

from bot.announcements import alerts, subscriptions
from bot.announcements.results import DigestOrder, Filters, Frequency, Schedule
from bot.app import App
from bot.authors.profile import author_followed
from bot.discord_app.client import Interaction, Papercord
from bot.discord_app.inputs import MAX_CHOICES, authors, suggested, titles
from bot.discord_app.permissions import ChosenPlace, know_grants, may_manage
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import plain
from bot.papers.results import Choice
from bot.papers.search import find_paper

WHEN_CHOICES = [
    app_commands.Choice(name="instant: as papers come in", value=Frequency.INSTANT.value),
    app_commands.Choice(name="daily: one digest a day", value=Frequency.DAILY.value),
    app_commands.Choice(name="weekly: one digest a week", value=Frequency.WEEKLY.value),
]
ORDER_CHOICES = [
    app_commands.Choice(name="arrived: as papers came in", value=DigestOrder.ARRIVED.value),
    app_commands.Choice(name="votes: by this server’s votes, then by score", value=DigestOrder.VOTES.value),
    app_commands.Choice(
        name="taste: those first that are like what this server voted for and saved",
        value=DigestOrder.TASTE.value,
    ),
]
FILTER_OPTIONS = {
    "query": "Words that a paper must have, as in /papers",
    "author": "Only papers of this author",
    "field": "Only this field, such as CV",
    "code": "Only papers with code, or only those without",
    "min_score": "Only papers with this score or more",
    "published": "Also that preprints of this author were published",
    "retractions": "Not new papers, but retractions and corrections of such that are known",
}
MOST_PEOPLE = 8
NOT_ONE_CITED = (
    "citing: that is not exactly one paper or author of the corpus; "
    "type its beginning, and choose a suggestion."
)
CITING = "Not new papers, but who newly cites this paper or author; weekly where `when` is left out"
MAX_ID = 2**31 - 1

SubscriptionId = app_commands.Range[int, 1, MAX_ID]


async def suggest_subscriptions(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """The server's subscriptions that the person may change."""
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        return []
    await know_grants(interaction)
    found = await suggested(
        interaction, _matching(interaction, interaction.guild_id, plain(typed).casefold())
    )
    return [app_commands.Choice(name=each.name, value=int(each.value)) for each in found]


async def suggest_alerts(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """The alerts of the person."""
    words = plain(typed).casefold()
    found = await suggested(
        interaction, interaction.client.call(_alerts_matching, interaction.user.id, words)
    )
    return [app_commands.Choice(name=each.name, value=int(each.value)) for each in found]


def _alerts_matching(app: App, person_id: int, words: str) -> list[Choice]:
    labels = {each.id: f"{each.id}: {plain(each.filters.words)}" for each in alerts.alerts_of(app, person_id)}
    return [Choice(label, str(alert_id)) for alert_id, label in labels.items() if words in label.casefold()]


async def _matching(interaction: Interaction, guild_id: int, words: str) -> list[Choice]:
    """The subscriptions that the person may change, whose line has the words."""
    choices: list[Choice] = []
    for each in await interaction.client.call(subscriptions.list_all, guild_id):
        channel = interaction.client.get_channel(each.channel_id) or (
            interaction.client.get_channel(each.parent_id) if each.parent_id is not None else None
        )
        name = getattr(channel, "name", None) or "a channel that is gone"
        paused = " (paused)" if each.paused else ""
        label = f"{each.id}: {plain(each.filters.words)} · #{plain(str(name))}{paused}"
        if words in label.casefold() and may_manage(interaction, each.channel_id, each.parent_id):
            choices.append(Choice(label=label, value=str(each.id)))
    return choices


class ChosenChannel(app_commands.Transformer):
    """A channel or thread of any kind; where it cannot be used, the answer says why."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord lets people choose from."""
        return discord.AppCommandOptionType.channel

    async def transform(self, _interaction: discord.Interaction, value: ChosenPlace, /) -> ChosenPlace:
        """The channel, with what the person may do there, as Discord resolved it."""
        return value


def schedule_from(
    when: str | None,
    day: int | None,
    at: str | None,
    timezone: str | None,
    before: Schedule = Schedule(),  # noqa: B008 - it is frozen
    *,
    order: str | None = None,
    delay: int | None = None,
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
    if frequency is Frequency.INSTANT and (order not in {None, DigestOrder.ARRIVED} or delay):
        raise BadInputError("order and delay are those of a digest: choose when: daily or weekly as well.")
    if frequency is not Frequency.WEEKLY and day is not None:
        raise BadInputError("day is that of a weekly digest: choose when: weekly as well.")
    return Schedule(
        frequency,
        day if day is not None else before.day,
        at or before.at,
        timezone or before.timezone,
        DigestOrder(order) if order is not None else before.order,
        delay if delay is not None else before.delay,
    )


async def followed(bot: Papercord, author: str | None) -> tuple[str | None, int | None]:
    """The author that an option names, with the entry where it names exactly one."""
    return await bot.call(author_followed, author) if author is not None else (None, None)


async def cited(bot: Papercord, citing: str | None) -> dict[str, Any]:
    """The filters of new citations of the paper or author that an option names.

    Raises:
        BadInputError: It names not exactly one of either.

    """
    if citing is None:
        return {}
    label, paper_id, author_id = await bot.call(cited_named, citing)
    if paper_id is None and author_id is None:
        raise BadInputError(NOT_ONE_CITED)
    return {"citing": label, "citing_paper_id": paper_id, "citing_author_id": author_id}


def cited_named(app: App, text: str) -> tuple[str, int | None, int | None]:
    """What a text names that can be cited: how it is called, and a paper or the entry of an author."""
    if not text.startswith("author:") and (paper := find_paper(app, text).paper) is not None:
        return paper.title, paper.id, None
    name, entry = author_followed(app, text)
    return name, None, entry


async def suggest_cited(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Authors and titles that continue what is typed."""
    people = await authors(interaction, typed)
    return [*people[:MOST_PEOPLE], *(await titles(interaction, typed))][:MAX_CHOICES]


def changed_filters(before: Filters, given: Filters, clear: str | None) -> Filters:
    """The filters with those that are given, and without the one that is cleared."""
    if given.author is not None or clear == "author":
        before = replace(before, author_id=None)
    if given.citing is not None or clear == "citing":
        before = replace(before, citing_paper_id=None, citing_author_id=None)
    changes = {field.name: getattr(given, field.name) for field in fields(Filters)}
    changed = replace(before, **{name: value for name, value in changes.items() if value not in {None, ""}})
    if clear not in changes:
        return changed
    if changes[clear] not in {None, ""}:
        raise BadInputError(f"{clear} is given and cleared as well: leave one of the two out.")
    return replace(changed, **{clear: getattr(Filters(), clear)})
