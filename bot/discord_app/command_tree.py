"""Errors put into private answers, and a guard for fair use."""

from __future__ import annotations

import logging
import math
import secrets

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_app.replies import Interaction, tell_privately
from bot.discord_app.safe_text import fit, safe
from bot.errors import PapercordError

USES, SECONDS = 8, 10.0
"""How often one person may ask."""

UNKNOWN_INTERACTION = 10062

_log = logging.getLogger(__name__)


class BadInputError(app_commands.AppCommandError):
    """An argument cannot be used; the message says what to type instead."""


def _person(interaction: discord.Interaction) -> int:
    return interaction.user.id


class FairUse:
    """Lets each person ask so often in so many seconds."""

    def __init__(self) -> None:
        self._uses = commands.CooldownMapping[discord.Interaction].from_cooldown(USES, SECONDS, _person)

    def check(self, interaction: discord.Interaction) -> None:
        """Count a use, or refuse it.

        Raises:
            app_commands.CommandOnCooldown: with the seconds to wait.

        """
        moment = interaction.created_at.timestamp()
        bucket = self._uses.get_bucket(interaction, moment)
        wait = bucket.update_rate_limit(moment) if bucket is not None else None
        if bucket is not None and wait:
            raise app_commands.CommandOnCooldown(app_commands.Cooldown(bucket.rate, bucket.per), wait)


class PapercordTree(app_commands.CommandTree["commands.Bot"]):
    """The tree of commands: each is counted for fair use, each error is answered."""

    fair_use: FairUse

    def __init__(self, client: commands.Bot) -> None:
        super().__init__(client)
        self.fair_use = FairUse()

    async def interaction_check(self, interaction: discord.Interaction[commands.Bot], /) -> bool:
        """Refuse whoever asks too fast; what is suggested while typing is not counted."""
        if interaction.type is not discord.InteractionType.autocomplete:
            self.fair_use.check(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction[commands.Bot], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer an error privately; what nobody foresaw gets a number that is in the log."""
        await answer_error(interaction, error)  # pyright: ignore[reportArgumentType]


async def answer_error(interaction: Interaction, error: Exception) -> None:
    """Tell the person what happened; never raises, as nobody stands above it."""
    cause = _cause(error)
    if _is_forgotten(cause):
        _log.warning("Discord no longer knew an interaction when it was answered; it is not tried again.")
        return
    sentence = explain(cause)
    if sentence is None:
        incident = secrets.token_hex(4)
        _log.error("Incident %s in %s", incident, _name(interaction), exc_info=cause)
        sentence = (
            f"Something went wrong on our side. Incident `{incident}`: "
            "give this number to the bot's administrators; it is in the log."
        )
    if interaction.type is discord.InteractionType.autocomplete:
        return
    try:
        await tell_privately(interaction, sentence)
    except (discord.HTTPException, OSError) as trouble:
        # Without the sentence, which may quote what was typed.
        _log.warning("An error (%s) could not be told (%s).", type(cause).__name__, type(trouble).__name__)


def explain(error: BaseException) -> str | None:
    """What a person is told of an error; None where nobody foresaw it."""
    match error:
        case PapercordError() | BadInputError():
            # It may quote what a person typed.
            return safe(str(error))
        case app_commands.CommandOnCooldown():
            seconds = math.ceil(error.retry_after)
            return f"That was a lot at once. Try again in {seconds} second{'s' if seconds != 1 else ''}."
        case app_commands.MissingPermissions():
            return f"You need the permission {_permissions(error.missing_permissions)} here for this."
        case app_commands.BotMissingPermissions():
            return f"Papercord needs the permission {_permissions(error.missing_permissions)} here for this."
        case app_commands.NoPrivateMessage():
            return "This works in a server only, not in private messages."
        case app_commands.CheckFailure():
            return "You may not use this here."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "This command has changed. Wait a minute, or restart Discord, and try again."
        case app_commands.TransformerError():
            return f"“{fit(safe(str(error.value)), 100)}” cannot be used here."
        case _:
            return None


def _permissions(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ").replace("guild", "server").title() for name in names)


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _is_forgotten(error: BaseException) -> bool:
    return isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION


def _name(interaction: Interaction) -> str:
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    return str((interaction.data or {}).get("custom_id", "an interaction"))
