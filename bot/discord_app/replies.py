"""The one place from which answers leave: acknowledge first, then edit the card in."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.discord_app.limits import Card, fitted

if TYPE_CHECKING:
    from bot.discord_app.client import Papercord

    Interaction = discord.Interaction[Papercord]
else:
    Interaction = discord.Interaction

NO_MENTIONS = discord.AllowedMentions.none()
TOKEN_LIFE = dt.timedelta(minutes=14)
"""Discord forgets an interaction after 15 minutes."""
MAX_CONTENT = 2000

_log = logging.getLogger(__name__)


async def acknowledge(interaction: Interaction, *, private: bool) -> None:
    """Answer "thinking" within Discord's 3 seconds; what follows is as private or public as this."""
    await interaction.response.defer(ephemeral=private, thinking=True)


async def acknowledge_change(interaction: Interaction) -> None:
    """Acknowledge a press that is going to change its own message."""
    await interaction.response.defer()


async def show(interaction: Interaction, card: Card, files: Sequence[discord.File] = ()) -> None:
    """Edit a card into the acknowledged answer, or into the message whose button was pressed.

    `files` are the pictures that the card shows; those of the card before go.
    """
    if _too_late(interaction):
        return
    view = discord.ui.LayoutView(timeout=None).add_item(fitted(card))
    # The buttons answer by their custom_ids. A view that discord.py kept would, on its time-out,
    # take the patterns of all our buttons out of the registry.
    view.stop()
    await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=NO_MENTIONS)


async def show_file(interaction: Interaction, content: str, file: discord.File | None = None) -> None:
    """Edit plain content, and a file where there is one, into the acknowledged answer."""
    if _too_late(interaction):
        return
    files: list[Any] = [file] if file is not None else []
    await interaction.edit_original_response(content=content, attachments=files, allowed_mentions=NO_MENTIONS)


async def tell_privately(interaction: Interaction, sentence: str) -> None:
    """Say a sentence to the one person alone, whatever was answered before."""
    if _too_late(interaction):
        return
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
    late = discord.utils.utcnow() - interaction.created_at > TOKEN_LIFE
    if late:
        _log.warning("An answer was ready only after Discord had forgotten its question; it is dropped.")
    return late
