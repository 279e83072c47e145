"""Who may use a command by Server Settings → Integrations, as Discord says; kept for a short time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import AppCommandPermissionType

from bot.errors import one_line

KEPT_FOR = 60.0
"""Seconds; a change is known at once where the gateway says so."""
EVERYWHERE = 0
"""Stands for all servers."""
PATIENCE = 2.0
"""Seconds for Discord's answer, as a person waits for theirs."""

Entries = Mapping[tuple[int, int], bool]
"""(kind, id of a role, a person or a channel) -> allowed or denied."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Grants:
    """What is set for one command in one server."""

    guild_id: int
    of_command: Entries
    of_application: Entries
    """Of all commands of the bot; what is set for the command itself comes before it."""

    def allows(self, person_id: int, roles: Collection[int], channel_id: int) -> bool | None:
        """Whether a person may use the command in a channel; None: that is left to their permissions.

        What is allowed for all commands of the bot allows no command that needs a permission.
        """
        if self._channel(channel_id) is False:
            return False
        said = self._person(self.of_command, person_id, roles)
        if said is None and self._person(self.of_application, person_id, roles) is False:
            return False
        return said

    def _channel(self, channel_id: int) -> bool | None:
        every_channel = self.guild_id - 1
        for entries in (self.of_command, self.of_application):
            for one in (channel_id, every_channel):
                if (said := entries.get((AppCommandPermissionType.channel.value, one))) is not None:
                    return said
        return None

    def _person(self, entries: Entries, person_id: int, roles: Collection[int]) -> bool | None:
        """What is said of the person, else of their roles (one that allows is enough), else of everyone."""
        if (said := entries.get((AppCommandPermissionType.user.value, person_id))) is not None:
            return said
        role = AppCommandPermissionType.role.value
        of_roles = {entries.get((role, one)) for one in roles if one != self.guild_id}
        for said in (True, False):
            if said in of_roles:
                return said
        return entries.get((role, self.guild_id))


class CommandGrants:
    """The grants of one command in each server."""

    def __init__(self, client: discord.Client, command: str) -> None:
        self._client = client
        self._command = command
        self._known: dict[int, tuple[float, Grants]] = {}
        self._ids: dict[int, int] = {}
        """The command's id by server; a server may have the command for itself alone."""

    def note_id(self, guild_id: int, used: Mapping[str, Any] | None) -> None:
        """Record the command's id in a server, which Discord sends with each use of it."""
        if used is not None and used.get("name") == self._command:
            self._ids[guild_id] = int(used["id"])

    def forget(self, guild_id: int) -> None:
        """Ask Discord anew the next time."""
        self._known.pop(guild_id, None)

    async def of(self, guild_id: int) -> Grants | None:
        """The grants in a server; None where Discord does not say at present."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(guild_id)
        if known is not None and now - known[0] < KEPT_FOR:
            return known[1]
        try:
            async with asyncio.timeout(PATIENCE):
                grants = await self._fetch(self._client.application_id or 0, guild_id)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            _log.warning("Discord does not say who may use /%s (%s).", self._command, one_line(error))
            return None
        self._known[guild_id] = (now, grants)
        return grants

    async def _fetch(self, application_id: int, guild_id: int) -> Grants:
        command_id = self._ids.get(guild_id, self._ids.get(EVERYWHERE))
        if command_id is None:
            commands = await self._client.http.get_global_commands(application_id)
            command_id = next((int(one["id"]) for one in commands if one["name"] == self._command), None)
            if command_id is not None:
                self._ids[EVERYWHERE] = command_id
        of_command: Entries = {}
        if command_id is not None:
            of_command = await self._entries(application_id, guild_id, command_id)
        return Grants(guild_id, of_command, await self._entries(application_id, guild_id, application_id))

    async def _entries(self, application_id: int, guild_id: int, command_id: int) -> Entries:
        """What is set for a command, or with the application's id for all of them; 404 where nothing is."""
        try:
            found: Any = await self._client.http.get_application_command_permissions(
                application_id, guild_id, command_id
            )
        except discord.NotFound:
            return {}
        return {
            (int(entry["type"]), int(entry["id"])): bool(entry["permission"])
            for entry in found["permissions"]
        }
