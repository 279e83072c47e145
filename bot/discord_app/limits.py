"""The one function that makes a card fit what Discord allows, and the request that posts a card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord

from bot.discord_app.safe_text import fit

COMPONENTS_V2 = 1 << 15
"""The flag of a message that is a card."""
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_CUSTOM_ID = 100
MAX_LABEL = 80
MAX_PLACEHOLDER = 150
MAX_OPTION_TEXT = 100
MAX_OPTIONS = 25

Card = discord.ui.Container[Any]
"""What every answer is: one box of texts, rows and buttons."""

Elastic = Callable[[int], str]
"""Writes a text in at most so many characters."""


class Passage(discord.ui.TextDisplay[Any]):
    """Text of which a part may be shortened: an abstract, a snippet, never the row's title."""

    def __init__(self, fixed: str, elastic: Elastic | None = None) -> None:
        super().__init__(fixed)
        self.fixed = fixed
        self.elastic = elastic

    def fill(self, room: int) -> int:
        """Write the elastic part in at most `room` characters, and say how many it took."""
        text = self.elastic(room) if self.elastic is not None and room > 0 else ""
        self.content = f"{self.fixed}{text}" if self.fixed or text else "\u200b"
        return len(text)


def fitted(card: Card) -> Card:
    """The same card within every limit of Discord: texts are shortened, rows are never dropped.

    Raises:
        ValueError: it has too many components or too long a custom_id; no shortening helps there.

    """
    items = list(card.walk_children())
    if len(items) >= MAX_COMPONENTS:
        raise ValueError(f"a card of {len(items) + 1} components; Discord takes {MAX_COMPONENTS}")
    _fit_texts([item for item in items if isinstance(item, discord.ui.TextDisplay)])
    for item in items:
        _fit_control(item)
    return card


def notice(card: Card, nonce: str) -> dict[str, Any]:
    """The body of the request that posts a card to administrators, once for a nonce."""
    return {
        "flags": COMPONENTS_V2,
        "components": [fitted(card).to_component_dict()],
        "allowed_mentions": {"parse": []},
        "nonce": nonce,
        "enforce_nonce": True,
    }


def _fit_texts(texts: list[discord.ui.TextDisplay[Any]]) -> None:
    passages = [text for text in texts if isinstance(text, Passage)]
    room = MAX_TEXT - sum(len(text.fixed if isinstance(text, Passage) else text.content) for text in texts)
    # Those that need less than their share leave the rest to the others, so the short ones go first.
    for left, passage in zip(
        range(len(passages), 0, -1), sorted(passages, key=lambda passage: passage.fill(MAX_TEXT)), strict=True
    ):
        room -= passage.fill(max(0, room) // left)
    overlong = sum(len(text.content) for text in texts) - MAX_TEXT
    for text in sorted(texts, key=lambda text: -len(text.content)):
        if overlong <= 0:
            return
        shortened = fit(text.content, max(1, len(text.content) - overlong))
        overlong -= len(text.content) - len(shortened)
        text.content = shortened


def _fit_control(item: discord.ui.Item[Any]) -> None:
    if isinstance(item, discord.ui.Button):
        item.label = fit(item.label or "", MAX_LABEL) or None
    elif isinstance(item, discord.ui.Select):
        item.placeholder = fit(item.placeholder or "", MAX_PLACEHOLDER) or None
        item.options = item.options[:MAX_OPTIONS]
        for option in item.options:
            option.label = fit(option.label, MAX_OPTION_TEXT) or "…"
            option.description = fit(option.description or "", MAX_OPTION_TEXT) or None
    else:
        return
    if item.custom_id is not None and len(item.custom_id) > MAX_CUSTOM_ID:
        raise ValueError(f"the custom_id {item.custom_id!r} is longer than {MAX_CUSTOM_ID}")
