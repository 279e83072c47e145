"""Who may do what, and what the bot itself needs in a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.discord_app.client import Interaction
from bot.discord_app.forums import tags_of
from bot.discord_app.replies import acknowledge
from bot.errors import RefusedError
from bot.store.models import PlaceKind

NEEDED = discord.Permissions(view_channel=True, embed_links=True, read_message_history=True)
NEEDED_BESIDE = {
    PlaceKind.CHANNEL: discord.Permissions(send_messages=True),
    PlaceKind.THREAD: discord.Permissions(send_messages_in_threads=True),
    PlaceKind.FORUM: discord.Permissions(send_messages=True, send_messages_in_threads=True),
}
"""What each kind of place needs beside what all need."""
NEEDED_FOR_THREADS = discord.Permissions(create_public_threads=True, send_messages_in_threads=True)

_TYPE = discord.ChannelType
WITH_THREADS = frozenset({_TYPE.text, _TYPE.news})
"""In which a thread may open under a message."""
VOICE = frozenset({_TYPE.voice, _TYPE.stage_voice})
"""Whose chats only those read who may connect."""
THREADS = frozenset({_TYPE.public_thread, _TYPE.private_thread, _TYPE.news_thread})
FORUMS = frozenset({_TYPE.forum, _TYPE.media})

NOT_HERE = (
    "Papercord is no member of this server, so it cannot post here. "
    "Somebody with Manage Server invites it; its README has the link."
)
NOT_YET = "Discord has not sent Papercord this server's state yet, or has an outage. Try again in a minute."
NO_TAG = (
    "takes no post without a tag, and each of its tags is for moderators. "
    "Add a tag that everyone may give, such as “Papers”, and try again."
)
NOT_GRANTED = "Server Settings → Integrations does not let you use `/notify` here."
UNKNOWN_GRANTS = (
    "Discord does not say at present whether Server Settings → Integrations lets you use `/notify`; "
    "try again in a minute."
)
GRANTS = "grants"
"""The key, among an interaction's extras, of what is set for /notify; None: Discord did not say."""
NO_MESSAGES = "takes no news: choose a text, announcement, voice or forum channel, or a thread."
NO_THREADS = "threads open under the messages of text and announcement channels only. Leave the option out."
NOT_PUBLISHED = "only the messages of announcement channels can be published. Leave the option out."
LOCKED = "is locked, so that Papercord cannot write there. Unlock it, and try again."
HIDDEN = "is a private thread without Papercord: mention it there, and try again."


ChosenPlace = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""What people choose, as Discord resolved it."""


@dataclass(frozen=True, slots=True)
class ChannelPlace:
    """A channel or thread, and what the person and the bot may do there."""

    id: int
    name: str
    type: discord.ChannelType
    person: discord.Permissions
    bot: discord.Permissions
    parent_id: int | None = None
    """The channel of a thread."""
    is_locked: bool = False
    is_hidden: bool = False
    """A private thread that the bot has not been added to."""
    forum: discord.ForumChannel | None = None
    """The forum or media channel that it is."""

    @property
    def kind(self) -> PlaceKind | None:
        """How messages are posted there; None where none can be."""
        return kind_of(self.type)


def kind_of(channel_type: discord.ChannelType) -> PlaceKind | None:
    """How messages are posted in channels of a type; None where none can be."""
    if channel_type in THREADS:
        return PlaceKind.THREAD
    if channel_type in FORUMS:
        return PlaceKind.FORUM
    return PlaceKind.CHANNEL if channel_type in WITH_THREADS | VOICE else None


def needed_in(channel_type: discord.ChannelType) -> discord.Permissions:
    """What the bot needs for every message in channels of a type."""
    kind = kind_of(channel_type)
    needed = NEEDED | NEEDED_BESIDE[kind] if kind is not None else NEEDED
    return needed | discord.Permissions(connect=True) if channel_type in VOICE else needed


Place = discord.abc.GuildChannel | discord.Thread
"""What may hear of new papers in a server."""


def permissions_in(channel: Place, member: discord.Member, *, thread: bool = False) -> discord.Permissions:
    """What a member may do in a channel, or in the threads of it."""
    if isinstance(channel, discord.Thread):
        thread, parent = True, channel.parent
    else:
        parent = channel
    if parent is None:
        return discord.Permissions.none()
    if not thread:
        return parent.permissions_for(member)
    # As the class of the channel has it, all is lost with Send Messages; not so in its threads.
    base = discord.abc.GuildChannel.permissions_for(parent, member)
    return base if base.read_messages else discord.Permissions.none()


def home_of(interaction: Interaction) -> discord.Guild:
    """The server, where the bot is a member of it.

    Raises:
        RefusedError: it is not, as where people install the app for themselves; or Discord has not
            sent the server's state.

    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    guild = interaction.client.get_guild(interaction.guild_id)
    if guild is None and interaction.client.is_ready():
        raise RefusedError(NOT_HERE)
    if guild is None or guild.unavailable:
        raise RefusedError(NOT_YET)
    return guild


def server_here(interaction: Interaction) -> int | None:
    """The server, where the bot is a member of it; None in direct messages and elsewhere."""
    guild_id = interaction.guild_id
    return guild_id if guild_id is not None and interaction.client.get_guild(guild_id) is not None else None


def place_here(interaction: Interaction) -> ChannelPlace:
    """The channel in which the person is, as Discord resolved it for this interaction."""
    channel = interaction.channel
    is_thread = isinstance(channel, discord.Thread)
    return ChannelPlace(
        id=interaction.channel_id or 0,
        name=str(getattr(channel, "name", None) or "this channel"),
        type=channel.type if channel is not None else discord.ChannelType.private,
        person=interaction.permissions,
        bot=interaction.app_permissions,
        parent_id=channel.parent_id if is_thread else None,
        is_locked=is_thread and channel.locked,
        is_hidden=is_thread and _is_hidden(home_of(interaction), channel),
    )


def _is_hidden(guild: discord.Guild, thread: discord.Thread | app_commands.AppCommandThread) -> bool:
    """Whether the bot does not see a thread: the cache has all that are active and that it sees."""
    return thread.type is _TYPE.private_thread and guild.get_thread(thread.id) is None


def place_of(interaction: Interaction, chosen: ChosenPlace | None) -> ChannelPlace:
    """The chosen channel, or the one in which the person is."""
    if chosen is None or chosen.id == interaction.channel_id:
        return place_here(interaction)
    guild = home_of(interaction)
    is_thread = isinstance(chosen, app_commands.AppCommandThread)
    # Of a thread that is archived the bot knows only the channel.
    channel = guild.get_channel(chosen.parent_id if is_thread else chosen.id)
    may = discord.Permissions.none()
    if channel is not None:
        may = permissions_in(channel, guild.me, thread=is_thread)
    return ChannelPlace(
        chosen.id,
        chosen.name,
        chosen.type,
        chosen.permissions,
        may,
        parent_id=chosen.parent_id if is_thread else None,
        is_locked=is_thread and chosen.locked,
        is_hidden=is_thread and _is_hidden(guild, chosen),
        forum=channel if not is_thread and isinstance(channel, discord.ForumChannel) else None,
    )


def known_place(
    interaction: Interaction, channel_id: int, parent_id: int | None = None
) -> ChannelPlace | None:
    """A channel or thread of the server by its id; None where it is gone, or hidden from the bot.

    Of a thread that is archived the bot knows only its channel, `parent_id`; its name stands for it.
    """
    guild, person = home_of(interaction), interaction.user
    channel = guild.get_channel_or_thread(channel_id)
    is_archived = channel is None and parent_id is not None
    if is_archived and parent_id is not None:
        channel = guild.get_channel(parent_id)
    if channel is None or not isinstance(person, discord.Member):
        return None
    return ChannelPlace(
        channel_id,
        channel.name,
        _TYPE.public_thread if is_archived else channel.type,
        permissions_in(channel, person, thread=is_archived),
        permissions_in(channel, guild.me, thread=is_archived),
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else parent_id,
        is_locked=isinstance(channel, discord.Thread) and channel.locked,
        forum=channel if not is_archived and isinstance(channel, discord.ForumChannel) else None,
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


def check_channel(interaction: Interaction, channel_id: int, parent_id: int | None = None) -> None:
    """Refuse whoever may not manage a channel; of one that is gone, whoever may not manage the server's.

    A thread is managed by those who manage its channel, `parent_id`.
    """
    place = known_place(interaction, channel_id, parent_id)
    if place is not None:
        check_person(interaction, place)
    else:
        check_server(interaction)


def may_manage(interaction: Interaction, channel_id: int, parent_id: int | None = None) -> bool:
    """Whether the person may see and change the subscriptions of a channel."""
    try:
        check_channel(interaction, channel_id, parent_id)
    except RefusedError:
        return False
    return True


def check_bot(
    place: ChannelPlace, *, role: discord.Role | None = None, thread: bool = False, publish: bool = False
) -> None:
    """Refuse a place where the bot could not post, open threads, or ping the role.

    Raises:
        RefusedError: with the reason.

    """
    reason = f"publish: {NOT_PUBLISHED}" if publish and place.type is not _TYPE.news else None
    reason = reason or why_not(place, role=role, thread=thread)
    if reason is not None:
        raise RefusedError(reason)


def why_not(place: ChannelPlace, *, role: discord.Role | None = None, thread: bool = False) -> str | None:
    """Why news cannot be posted in a place; None where they can."""
    if (reason := _unusable(place, thread=thread)) is not None:
        return reason
    needed = needed_in(place.type)
    if thread:
        needed |= NEEDED_FOR_THREADS
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
    channel = guild.get_channel_or_thread(channel_id)
    bot = permissions_in(channel, guild.me) if channel is not None else guild.me.guild_permissions
    return None if _may_ping(role, bot) else "its role cannot be mentioned any more"


def _unusable(place: ChannelPlace, *, thread: bool) -> str | None:
    """Why a place cannot be used, whatever the bot's permissions are; None where it can."""
    if place.kind is None:
        return f"#{place.name} {NO_MESSAGES}"
    if thread and place.type not in WITH_THREADS:
        return f"thread: {NO_THREADS}"
    if place.forum is not None and place.forum.flags.require_tag and not tags_of(place.forum):
        return f"#{place.name} {NO_TAG}"
    if place.bot.administrator or place.bot.manage_threads:
        return None
    if place.is_hidden:
        return f"#{place.name} {HIDDEN}"
    return f"#{place.name} {LOCKED}" if place.is_locked else None


def bot_can_post(channel: Place) -> bool:
    """Whether the bot has in a channel what every message needs."""
    return permissions_in(channel, channel.guild.me) >= needed_in(channel.type)


def bot_can_post_in_threads(channel: discord.abc.GuildChannel) -> bool:
    """Whether the bot has in the threads of a channel what every message needs."""
    may = permissions_in(channel, channel.guild.me, thread=True)
    return may >= needed_in(_TYPE.public_thread)


def may_make_events(guild: discord.Guild) -> bool:
    """Whether the bot may make scheduled events in a server."""
    may = guild.me.guild_permissions
    return may.administrator or may.create_events


def known_places(interaction: Interaction) -> Mapping[int, ChannelPlace]:
    """Every channel and every active thread of the server by its id."""
    guild = home_of(interaction)
    places = (known_place(interaction, channel.id) for channel in (*guild.channels, *guild.threads))
    return {place.id: place for place in places if place is not None}


async def may_notify(interaction: Interaction) -> bool:
    """Whether a button that subscribes this channel is of use to the person: they may, and the bot can."""
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        return False
    place = place_here(interaction)
    if why_not(place) is not None:
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
