"""Cards of people with their pictures, drawn in a thread."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import discord

from bot.authors.charts import Picture, author_picture
from bot.authors.results import Author
from bot.discord_app.limits import Card
from bot.discord_app.permissions import may_notify
from bot.discord_app.replies import Interaction, show
from bot.discord_app.safe_text import plain
from cogs.authors.cards import author_card

PICTURE_NAME = "papers-by-year.png"

_log = logging.getLogger(__name__)


async def show_author(interaction: Interaction, author: Author) -> None:
    """Answer with the card of an author."""
    bot = interaction.client
    card = await bot.in_thread(author_card, author, follow=may_notify(interaction))
    await show_pictured(interaction, card, lambda: author_picture(author))


async def show_pictured(interaction: Interaction, card: Card, draw: Callable[[], Picture | None]) -> None:
    """Answer with a card and its picture; where that cannot be drawn, with the card alone."""
    try:
        picture = await interaction.client.in_thread(draw)
    except Exception:  # noqa: BLE001 - the card says the same in words
        _log.exception("A picture could not be drawn; the card is shown without it.")
        picture = None
    if picture is None:
        await show(interaction, card)
        return
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery(
        discord.MediaGalleryItem(f"attachment://{PICTURE_NAME}", description=plain(picture.alt))
    )
    card.add_item(gallery)
    await show(interaction, card, [discord.File(io.BytesIO(picture.png), filename=PICTURE_NAME)])
