"""Who may do what, and what the bot itself needs in a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.discord_app.client import Interaction
from bot.discord_app.replies import acknowledge
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
NOT_GRANTED = "Server Settings → Integrations does not let you use `/notify` here."
UNKNOWN_GRANTS = (
    "Discord does not say at present whether Server Settings → Integrations lets you use `/notify`; "
    "try again in a minute."
)
GRANTS = "grants"
"""The key, among an interaction's extras, of what is set for /notify; None: Discord did not say."""
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


async def know_grants(interaction: Interaction) -> None:
    """Ask what Server Settings → Integrations says of /notify, for the checks of an interaction that follow.

    Discord itself keeps whoever is denied from a command, but not from a button.
    """
    bot, guild_id, person = interaction.client, interaction.guild_id, interaction.user
    if guild_id is None or GRANTS in interaction.extras or not isinstance(person, discord.Member):
        return
    if person.guild_permissions.administrator:
        return  # whom Discord lets use every command
    if interaction.type is not discord.InteractionType.component:
        if manages_server(interaction):
            return
        bot.grants.note_id(guild_id, interaction.data)
    interaction.extras[GRANTS] = await bot.grants.of(guild_id)


def _granted(interaction: Interaction) -> bool | None:
    """Whether Server Settings → Integrations lets the person use /notify here; None: it says nothing."""
    grants, person = interaction.extras.get(GRANTS), interaction.user
    if grants is None or not isinstance(person, discord.Member):
        return None
    channel = interaction.channel
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
    return grants.allows(person.id, [role.id for role in person.roles], channel_id or 0)


async def check_manager(interaction: Interaction, place: ChannelPlace) -> None:
    """Refuse whoever may not manage the channel; where that is not plain from the start, acknowledge first.

    Raises:
        RefusedError: with what they need.

    """
    if not _manages(place.person):
        await acknowledge(interaction, private=True)
        await know_grants(interaction)
    check_person(interaction, place)


def check_person(interaction: Interaction, place: ChannelPlace) -> None:
    """Refuse whoever may manage the channel neither by a permission nor by a grant of the server's owner.

    Raises:
        RefusedError: with what they need.

    """
    reason = why_not_the_person(interaction, place)
    if reason is not None:
        raise RefusedError(reason)


def why_not_the_person(interaction: Interaction, place: ChannelPlace) -> str | None:
    """Why a person may not change a channel's subscriptions; None where they may."""
    granted = _granted(interaction)
    if granted is False:
        return NOT_GRANTED
    if _manages(place.person) or (granted and place.person.view_channel):
        return None
    return f"You need the permission Manage Channels in #{place.name} for this.{_doubt(interaction)}"


def _doubt(interaction: Interaction) -> str:
    """What to add to a refusal where Discord did not say whether the command was granted."""
    unknown = GRANTS in interaction.extras and interaction.extras[GRANTS] is None
    return f" {UNKNOWN_GRANTS}" if unknown else ""


def check_server(interaction: Interaction) -> None:
    """Refuse whoever may not manage the channels of the whole server.

    Raises:
        RefusedError: with what they need.

    """
    granted = _granted(interaction)
    if granted is False:
        raise RefusedError(NOT_GRANTED)
    if not granted and not manages_server(interaction):
        raise RefusedError(
            f"You need the permission Manage Channels in the whole server for this.{_doubt(interaction)}"
        )


def manages_server(interaction: Interaction) -> bool:
    """Whether the person has the permission to manage channels in the whole server."""
    person = interaction.user
    return isinstance(person, discord.Member) and _manages(person.guild_permissions)


def check_channel(interaction: Interaction, channel_id: int) -> None:
    """Refuse whoever may not manage a channel; of one that is gone, whoever may not manage the server's."""
    place = known_place(interaction, channel_id)
    if place is not None:
        check_person(interaction, place)
    else:
        check_server(interaction)


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


async def may_notify(interaction: Interaction) -> bool:
    """Whether a button that subscribes this channel is of use to the person: they may, and the bot can."""
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        return False
    place = place_here(interaction)
    if place.type not in POSTABLE_TYPES or why_not(place) is not None:
        return False
    if not _manages(place.person):
        await know_grants(interaction)
    return why_not_the_person(interaction, place) is None


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
