"""Who may do what, and what the bot itself needs in a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.discord_app.client import Interaction
from bot.errors import RefusedError

NEEDED = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, read_message_history=True
)
NEEDED_FOR_THREADS = discord.Permissions(create_public_threads=True, send_messages_in_threads=True)
POSTABLE_TYPES = frozenset({discord.ChannelType.text, discord.ChannelType.news})

NOT_HERE = (
    "Papercord is no member of this server, so it cannot post here. "
    "Somebody with Manage Server invites it; its README has the link."
)
NOT_YET = "Discord has not sent Papercord this server's state yet, or has an outage. Try again in a minute."
IN_FORUM = (
    "is a forum: it takes no messages but posts of their own, each with a title and a thread. "
    "Choose a text or announcement channel; with `thread` a discussion opens under each message."
)
NO_MESSAGES = "takes no news: choose a text or announcement channel."


@dataclass(frozen=True, slots=True)
class ChannelPlace:
    """A channel, and what the person and the bot may do there."""

    id: int
    name: str
    type: discord.ChannelType
    person: discord.Permissions
    bot: discord.Permissions


def home_of(interaction: Interaction) -> discord.Guild:
    """The server, where the bot is a member of it.

    Raises:
        RefusedError: it is not, as where people install the app for themselves; or Discord has not
            sent the server's state.

    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    guild = interaction.client.get_guild(interaction.guild_id)
    if guild is None:
        raise RefusedError(NOT_HERE)
    if guild.unavailable:
        raise RefusedError(NOT_YET)
    return guild


def place_here(interaction: Interaction) -> ChannelPlace:
    """The channel in which the person is, as Discord resolved it for this interaction."""
    channel = interaction.channel
    return ChannelPlace(
        id=interaction.channel_id or 0,
        name=str(getattr(channel, "name", None) or "this channel"),
        type=channel.type if channel is not None else discord.ChannelType.private,
        person=interaction.permissions,
        bot=interaction.app_permissions,
    )


def place_of(interaction: Interaction, chosen: app_commands.AppCommandChannel | None) -> ChannelPlace:
    """The chosen channel, or the one in which the person is."""
    if chosen is None or chosen.id == interaction.channel_id:
        return place_here(interaction)
    guild = home_of(interaction)
    channel = guild.get_channel(chosen.id)
    may = channel.permissions_for(guild.me) if channel is not None else discord.Permissions.none()
    return ChannelPlace(chosen.id, chosen.name, chosen.type, chosen.permissions, may)


def known_place(interaction: Interaction, channel_id: int) -> ChannelPlace | None:
    """A channel of the server by its id; None where it is gone, or hidden from the bot."""
    guild = home_of(interaction)
    channel = guild.get_channel(channel_id)
    if channel is None or not isinstance(interaction.user, discord.Member):
        return None
    return ChannelPlace(
        channel_id,
        channel.name,
        channel.type,
        channel.permissions_for(interaction.user),
        channel.permissions_for(guild.me),
    )


def check_person(place: ChannelPlace) -> None:
    """Refuse whoever may not manage the channel.

    Raises:
        RefusedError: with the permission.

    """
    reason = why_not_the_person(place)
    if reason is not None:
        raise RefusedError(reason)


def why_not_the_person(place: ChannelPlace) -> str | None:
    """Why a person may not change a channel's subscriptions; None where they may."""
    if _manages(place.person):
        return None
    return f"You need the permission Manage Channels in #{place.name} for this."


def check_channel(interaction: Interaction, channel_id: int) -> None:
    """Refuse whoever may not manage a channel; of one that is gone, whoever may not manage the server's."""
    place = known_place(interaction, channel_id)
    if place is not None:
        check_person(place)
    elif not (isinstance(interaction.user, discord.Member) and _manages(interaction.user.guild_permissions)):
        raise RefusedError("You need the permission Manage Channels in the whole server for this.")


def may_manage(interaction: Interaction, channel_id: int) -> bool:
    """Whether the person may see and change the subscriptions of a channel."""
    try:
        check_channel(interaction, channel_id)
    except RefusedError:
        return False
    return True


def check_bot(place: ChannelPlace, *, role: discord.Role | None = None, thread: bool = False) -> None:
    """Refuse a place where the bot could not post, open threads, or ping the role.

    Raises:
        RefusedError: with the reason.

    """
    reason = why_not(place, role=role, thread=thread)
    if reason is not None:
        raise RefusedError(reason)


def why_not(place: ChannelPlace, *, role: discord.Role | None = None, thread: bool = False) -> str | None:
    """Why news cannot be posted in a place; None where they can."""
    if place.type is discord.ChannelType.forum:
        return f"#{place.name} {IN_FORUM}"
    if place.type not in POSTABLE_TYPES:
        return f"#{place.name} {NO_MESSAGES}"
    needed = NEEDED | NEEDED_FOR_THREADS if thread else NEEDED
    if not place.bot.administrator and (missing := needed & ~place.bot):
        names = ", ".join(_shown(name) for name, is_missing in missing if is_missing)
        return f"Papercord needs the permissions {names} in #{place.name}. Give it these, and try again."
    if role is None:
        return None
    if role.is_default():
        return "role: everyone is never pinged. Choose a role that people take who want the news."
    if not _may_ping(role, place.bot):
        return (
            f"role: @{role.name} cannot be mentioned. In the server's settings, under Roles, "
            "allow anyone to mention it, and try again."
        )
    return None


def _may_ping(role: discord.Role, bot: discord.Permissions) -> bool:
    return role.mentionable or bot.administrator or bot.mention_everyone


def why_not_pinged(guild: discord.Guild, channel_id: int, role_id: int) -> str | None:
    """Why a role that a subscription was to ping cannot be pinged now; None where it can."""
    role = guild.get_role(role_id)
    if role is None:
        return "its role was deleted"
    channel = guild.get_channel(channel_id)
    bot = channel.permissions_for(guild.me) if channel is not None else guild.me.guild_permissions
    return None if _may_ping(role, bot) else "its role cannot be mentioned any more"


def bot_can_post(channel: discord.abc.GuildChannel) -> bool:
    """Whether the bot has in a channel what every message needs."""
    return channel.permissions_for(channel.guild.me) >= NEEDED


def known_places(interaction: Interaction) -> Mapping[int, ChannelPlace]:
    """Every channel of the server by its id."""
    places = (known_place(interaction, channel.id) for channel in home_of(interaction).channels)
    return {place.id: place for place in places if place is not None}


def may_notify(interaction: Interaction) -> bool:
    """Whether a button that subscribes this channel is of use to the person: they may, and the bot can."""
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        return False
    place = place_here(interaction)
    return place.type in POSTABLE_TYPES and _manages(place.person) and why_not(place) is None


def _shown(permission: str) -> str:
    """A permission as Discord's settings call it."""
    return "View Channel" if permission == "read_messages" else permission.replace("_", " ").title()


def _manages(permissions: discord.Permissions) -> bool:
    return permissions.administrator or permissions.manage_channels


NOT_ALLOWED = (
    "This changes the corpus for all servers, so only the application's owner or team may do it, "
    "and the people named in PAPERCORD_ADMINS."
)


async def check_admin(interaction: Interaction) -> None:
    """Let administrators pass; what they do holds for every server.

    Raises:
        RefusedError: the person is not one of them.

    """
    bot, person = interaction.client, interaction.user
    if person.id not in bot.app.settings.admin_ids and not await bot.is_owner(person):
        raise RefusedError(NOT_ALLOWED)
