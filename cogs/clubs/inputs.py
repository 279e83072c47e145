"""What people type at /club: which club they mean, who presents, and which channel it may have."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord
from discord import app_commands

from bot.app import App
from bot.discord_app.client import Interaction
from bot.discord_app.inputs import suggested
from bot.discord_app.permissions import (
    WITH_THREADS,
    ChannelPlace,
    check_bot,
    home_of,
    manages_server,
    may_make_events,
    server_here,
)
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import plain
from bot.errors import RefusedError
from bot.papers.results import Choice
from bot.reading import clubs
from bot.reading.clubs import NO_CLUB, Club
from bot.text.latex import readable

NOBODY = frozenset({"nobody", "none", "no one", "-"})
NO_CLUBS = "This server has no journal club. Who has the permission Manage Channels makes one with /club new."
NOT_MANAGER = (
    "Clubs are made and changed by those who have the permission Manage Channels in the whole server."
)
NO_THREADS = "cannot be a club’s: choose a text or announcement channel, in which threads can be opened."
NO_EVENTS = (
    "Papercord needs the permission Create Events in this server. "
    "Give it this under Server Settings → Roles, and try again."
)
NOT_PEOPLE = "presenters: mention people, in the order of their turns, such as @ada @bob; or type “nobody”."
LARGEST_ID = 2**63 - 1

_PERSON = re.compile(r"<@!?([0-9]{1,20})>|\b([0-9]{15,20})\b")


def check_club_manager(interaction: Interaction) -> discord.Guild:
    """The server, where the person may make and change its clubs.

    Raises:
        RefusedError: with what they need.

    """
    guild = home_of(interaction)
    if not manages_server(interaction):
        raise RefusedError(NOT_MANAGER)
    return guild


def check_club_place(guild: discord.Guild, place: ChannelPlace) -> None:
    """Refuse a channel in which the bot could not hold a club, and a server in which it makes no events.

    Raises:
        RefusedError: with what is missing.

    """
    if place.type not in WITH_THREADS:
        raise RefusedError(f"#{place.name} {NO_THREADS}")
    check_bot(place, thread=True)
    if not may_make_events(guild):
        raise RefusedError(NO_EVENTS)


def read_presenters(typed: str) -> tuple[int, ...]:
    """The people whom a text mentions, each once, in its order.

    Raises:
        BadInputError: there is something else in it, or nobody.

    """
    if typed.strip().casefold() in NOBODY:
        return ()
    people = [int(mention or number) for mention, number in _PERSON.findall(typed)]
    if (
        not people
        or not all(0 < one <= LARGEST_ID for one in people)
        or re.sub(r"[\s,;]+|\band\b", "", _PERSON.sub("", typed))
    ):
        raise BadInputError(NOT_PEOPLE)
    return tuple(dict.fromkeys(people))


class ClubChannel(app_commands.Transformer):
    """A channel in which threads can be opened."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord lets people choose from."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The types of channels that Discord offers."""
        return sorted(WITH_THREADS, key=lambda each: each.value)

    async def transform(
        self, _interaction: discord.Interaction, value: app_commands.AppCommandChannel, /
    ) -> app_commands.AppCommandChannel:
        """The channel, with what the person may do there, as Discord resolved it."""
        return value


async def club_meant(interaction: Interaction, which: str | None) -> Club:
    """The club that an option names; without it the one of this channel, or the only one of the server.

    Raises:
        RefusedError: there is none, or it may be several.

    """
    found = await interaction.client.call(clubs.clubs_in, home_of(interaction).id)
    if which is not None:
        name = plain(which).casefold()
        named = [one for one in found if name in {str(one.id), one.name.casefold()}]
        if not named:
            raise RefusedError(NO_CLUB)
        return named[0]
    channel = interaction.channel
    here = {interaction.channel_id, channel.parent_id if isinstance(channel, discord.Thread) else None}
    likely = [one for one in found if one.channel_id in here] or list(found)
    if not likely:
        raise RefusedError(NO_CLUBS)
    if len(likely) > 1:
        names = ", ".join(one.name for one in likely)
        raise RefusedError(
            f"There are several clubs here ({names}): say which one you mean with the option club."
        )
    return likely[0]


async def suggest_clubs(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The clubs of the server."""
    return await suggested(
        interaction, interaction.client.call(_suggest, server_here(interaction), plain(typed))
    )


def _suggest(app: App, guild_id: int | None, typed: str) -> Sequence[Choice]:
    start = typed.casefold()
    return [
        Choice(one.name, str(one.id)) for one in clubs.clubs_in(app, guild_id) if start in one.name.casefold()
    ]


async def suggest_proposals(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The papers that are proposed to the clubs of the server."""
    finding = interaction.client.call(_suggest_proposals, server_here(interaction), plain(typed))
    return await suggested(interaction, finding)


def _suggest_proposals(app: App, guild_id: int | None, typed: str) -> Sequence[Choice]:
    titles = {one.id: readable(one.title) for one in clubs.proposed_in(app, guild_id)}
    part = typed.casefold()
    return [Choice(title, f"paper:{one}") for one, title in titles.items() if part in title.casefold()]
