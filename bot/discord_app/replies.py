"""The one place from which answers leave: acknowledged first, then a card; errors as private sentences."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import aiohttp
import discord
from discord import app_commands

from bot.discord_app.client import ARRIVED, Interaction, Papercord
from bot.discord_app.limits import Card, fitted
from bot.discord_app.safe_text import fit, safe
from bot.errors import DatabaseUnusableError, PapercordError, SearchLateError, SearchUnusableError, one_line

NO_MENTIONS = discord.AllowedMentions.none()
TOKEN_LIFE = 14 * 60.0
"""Seconds from the arrival; Discord forgets an interaction after 15 minutes."""
MAX_CONTENT = 2000
UNKNOWN_INTERACTION, ANSWERED_BY_ANOTHER = 10062, 40060
"""Discord has forgotten an interaction; another process of the bot acknowledged it before."""
WAIT_SAID_AFTER = 2.0
"""Seconds; an answer that takes so long because the database is away says that it comes."""
IN_A_MOMENT = "In a moment: the database is away at present, and this waits for it."
AWAY = "The database is away at present. Try again in a moment."
SEARCH_AWAY = (
    "The search cluster is away at present, so that nothing can be searched. New papers are still announced. "
    "Try again in a minute."
)
SEARCH_LATE = "The search cluster did not answer in time. Try again in a moment."
_WAIT = "wait"
"""The key of an interaction's extras under which the timer for that stands."""

_log = logging.getLogger(__name__)


class BadInputError(app_commands.AppCommandError):
    """An argument cannot be used; the message says what to type instead."""


async def acknowledge(interaction: Interaction, *, private: bool) -> None:
    """Answer "thinking" within Discord's 3 seconds; what follows is as private or public as this.

    Where that was done already, nothing changes.
    """
    if interaction.response.is_done():
        return
    await interaction.response.defer(ephemeral=private, thinking=True)
    loop = asyncio.get_running_loop()
    interaction.extras[_WAIT] = loop.call_later(WAIT_SAID_AFTER, _begin_saying_so, interaction)


def _begin_saying_so(interaction: Interaction) -> None:
    if interaction.client.app.store.is_away:
        interaction.extras[_WAIT] = asyncio.ensure_future(_say_in_a_moment(interaction))
        return
    # A host that vanished is known to be away only after seconds of silence.
    loop = asyncio.get_running_loop()
    interaction.extras[_WAIT] = loop.call_later(WAIT_SAID_AFTER, _begin_saying_so, interaction)


async def _say_in_a_moment(interaction: Interaction) -> None:
    with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
        await interaction.edit_original_response(content=IN_A_MOMENT, allowed_mentions=NO_MENTIONS)


async def _end_wait(interaction: Interaction) -> bool:
    """Before an answer: nothing else is shown in its place any more; whether something was."""
    wait = interaction.extras.pop(_WAIT, None)
    if isinstance(wait, asyncio.Future):
        await wait
        return True
    if wait is not None:
        wait.cancel()
    return False


async def acknowledge_change(interaction: Interaction) -> None:
    """Acknowledge a button that is going to change its own message."""
    await interaction.response.defer()


async def show(
    interaction: Interaction, card: Card, files: Sequence[discord.File] = ()
) -> discord.InteractionMessage | None:
    """Edit a card into the acknowledged answer, or into the message whose button was pressed; that message.

    `files` are the pictures that the card shows; those of the card before go.
    """
    if _too_late(interaction):
        return None
    content = None if await _end_wait(interaction) else discord.utils.MISSING
    view = discord.ui.LayoutView(timeout=None).add_item(fitted(card))
    # The buttons answer by their custom_ids. A view that discord.py kept would, on its time-out,
    # take the patterns of all our buttons out of the registry.
    view.stop()
    return await interaction.edit_original_response(
        content=content, view=view, attachments=list(files), allowed_mentions=NO_MENTIONS
    )


async def show_changed(interaction: Interaction, change: Callable[[discord.ui.Item[Any]], None]) -> None:
    """Edit the message whose button was clicked, as it is but for what `change` makes of its items."""
    if interaction.message is None or _too_late(interaction):
        return
    await _end_wait(interaction)
    view = discord.ui.LayoutView.from_message(interaction.message, timeout=None)
    for item in view.walk_children():
        change(item)
    view.stop()  # as above
    await interaction.edit_original_response(view=view, allowed_mentions=NO_MENTIONS)


async def show_file(interaction: Interaction, content: str, file: discord.File | None = None) -> None:
    """Edit plain content, and a file where there is one, into the acknowledged answer."""
    if _too_late(interaction):
        return
    await _end_wait(interaction)
    files: list[Any] = [file] if file is not None else []
    await interaction.edit_original_response(content=content, attachments=files, allowed_mentions=NO_MENTIONS)


async def answer_privately(interaction: Interaction, sentence: str) -> None:
    """Show a sentence to the one person alone, whatever was answered before."""
    if _too_late(interaction):
        return
    await _end_wait(interaction)
    sentence = sentence[:MAX_CONTENT]
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=True, allowed_mentions=NO_MENTIONS)
    elif _edits_own_message(interaction):
        await interaction.followup.send(sentence, ephemeral=True, allowed_mentions=NO_MENTIONS)
    else:
        await interaction.edit_original_response(content=sentence, allowed_mentions=NO_MENTIONS)


def _edits_own_message(interaction: Interaction) -> bool:
    """Whether the answer changes the message that the button stands on, which others may see."""
    return interaction.response.type is discord.InteractionResponseType.deferred_message_update


def _too_late(interaction: Interaction) -> bool:
    # The host's clock may be wrong, so the moment at which Discord made the interaction says nothing.
    now = asyncio.get_running_loop().time()
    late = now - interaction.extras.get(ARRIVED, now) > TOKEN_LIFE
    if late:
        _log.warning("An answer was ready only after Discord had forgotten its question; it is dropped.")
    return late


class PapercordTree(app_commands.CommandTree[Papercord]):
    """The tree of commands: each is counted for fair use, each error is answered."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Refuse whoever asks too fast; what is suggested while typing is not counted."""
        if interaction.type is not discord.InteractionType.autocomplete:
            interaction.client.fair_use.check(interaction)
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer an error privately; an unexpected one gets a number that is in the log."""
        await answer_error(interaction, error)


async def answer_error(interaction: Interaction, error: Exception) -> None:
    """Answer with what happened; never raises, as nothing above handles it."""
    cause = _cause(error)
    if _is_past(cause):
        words = "Discord takes no answer to an interaction any more (code %d); it is not tried again."
        _log.warning(words, cause.code)
        return
    sentence = explain(cause)
    if isinstance(cause, DatabaseUnusableError | SearchUnusableError):
        _log.warning("%s was not answered: %s", _name(interaction), one_line(cause))
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
        await answer_privately(interaction, sentence)
    except (discord.HTTPException, OSError) as trouble:
        # Without the sentence, which may quote what was typed.
        _log.warning("An error (%s) could not be told (%s).", type(cause).__name__, type(trouble).__name__)


def _away(error: DatabaseUnusableError | SearchUnusableError) -> str:
    """What cannot be asked at present."""
    if isinstance(error, DatabaseUnusableError):
        return AWAY
    return SEARCH_LATE if isinstance(error, SearchLateError) else SEARCH_AWAY


def explain(error: BaseException) -> str | None:
    """The sentence that explains an error to a person; None for an unexpected one."""
    match error:
        case DatabaseUnusableError() | SearchUnusableError():
            # Where it is, and why it is away, is in the log.
            return _away(error)
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


def _is_past(error: BaseException) -> TypeGuard[discord.HTTPException]:
    past = {UNKNOWN_INTERACTION, ANSWERED_BY_ANOTHER}
    return isinstance(error, discord.HTTPException) and error.code in past


def _name(interaction: Interaction) -> str:
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    return str((interaction.data or {}).get("custom_id", "an interaction"))
