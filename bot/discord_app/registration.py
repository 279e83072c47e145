"""The slash commands that Discord has of the bot: compared with the bot's own, put back, shown, removed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import discord
from discord.http import HTTPClient

from bot.discord_app.client import Papercord
from bot.discord_app.gateway import UNANSWERED, explained
from bot.errors import ConfigurationError, PapercordError

LOGIN_REFUSED = (
    "Discord refuses DISCORD_TOKEN: copy the bot's token anew from "
    "https://discord.com/developers/applications (Bot, Reset Token)."
)

_COMPARED = frozenset(
    {
        "type",
        "name",
        "description",
        "options",
        "required",
        "choices",
        "value",
        "channel_types",
        "autocomplete",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "nsfw",
        "default_member_permissions",
        "contexts",
        "integration_types",
    }
)
"""Keys of a command, an option or a choice; the others are Discord's own."""
_UNORDERED = ("contexts", "integration_types", "channel_types")

Command = Mapping[str, Any]
"""A command, an option or a choice as Discord's API describes it."""
T = TypeVar("T")

_log = logging.getLogger(__name__)


def own_commands(bot: Papercord) -> list[dict[str, Any]]:
    """The commands of this version."""
    return [command.to_dict(bot.tree) for command in bot.tree.get_commands()]


def differing(ours: Sequence[Command], theirs: Sequence[Command]) -> list[str]:
    """The names of the commands that Discord lacks, has otherwise, or has beside ours."""
    own, known = _by_name(ours), _by_name(theirs)
    return sorted({key[1] for key in own.keys() | known.keys() if own.get(key) != known.get(key)})


def _by_name(commands: Sequence[Command]) -> dict[tuple[int, str], Any]:
    return {(command.get("type") or 1, command["name"]): _compared(command) for command in commands}


def _compared(value: Any) -> Any:
    """What counts in a comparison: Discord leaves out what is the default."""
    if isinstance(value, list):
        return [_compared(each) for each in cast("list[Any]", value)]
    if not isinstance(value, Mapping):
        return value
    command = cast("Command", value)
    counts = {key: _compared(command[key]) for key in _COMPARED & command.keys()}
    counts |= {key: sorted(counts[key]) for key in _UNORDERED if counts.get(key)}
    if counts.get("default_member_permissions") is not None:
        counts["default_member_permissions"] = str(counts["default_member_permissions"])
    return {key: each for key, each in counts.items() if each is not False and each not in (None, [], "")}


async def fetch_commands(http: HTTPClient, application_id: int, guild_id: int | None = None) -> list[Command]:
    """The commands that Discord has for everywhere, or for one server alone."""
    if guild_id is None:
        return cast("list[Command]", await http.get_global_commands(application_id))
    return cast("list[Command]", await http.get_guild_commands(application_id, guild_id))


async def replace_commands(
    http: HTTPClient, application_id: int, commands: list[dict[str, Any]], guild_id: int | None = None
) -> None:
    """Register these commands in place of all others for everywhere, or for one server alone."""
    payload = cast("Any", commands)
    if guild_id is None:
        await http.bulk_upsert_global_commands(application_id, payload=payload)
    else:
        await http.bulk_upsert_guild_commands(application_id, guild_id, payload=payload)


async def sync_commands(bot: Papercord, application_id: int, guild_id: int | None = None) -> list[str]:
    """Register the commands of this version where Discord has others; the names of those that differed."""
    commands = own_commands(bot)
    changed = differing(commands, await fetch_commands(bot.http, application_id, guild_id))
    if changed:
        await replace_commands(bot.http, application_id, commands, guild_id)
        _log.info(
            "Discord was told %d commands; of these it had others, or none: %s.",
            len(commands),
            ", ".join(changed),
        )
    return changed


def with_discord(bot: Papercord, token: str, work: Callable[[Papercord, int], Awaitable[T]]) -> T:
    """Log in without connecting to the gateway, do some work for the application's id, and log out.

    Raises:
        ConfigurationError: Discord refuses the token.
        PapercordError: Discord cannot be reached, or refuses the request.

    """

    async def log_in_and_work() -> T:
        async with bot:
            for extension in bot.families.extensions:
                await bot.load_extension(extension)
            await bot.http.static_login(token)
            application = await bot.http.application_info()
            return await work(bot, int(application["id"]))

    try:
        return asyncio.run(log_in_and_work())
    except discord.LoginFailure:
        raise ConfigurationError(LOGIN_REFUSED) from None
    except UNANSWERED as error:
        raise PapercordError(f"Discord did not answer as it should: {explained(error)}.") from error
