"""A button or a menu is one class: what writes its custom_id, the pattern that reads it, and what it does.

The meaning is in the custom_id alone, so that a button works after a restart and for months. What a
custom_id names is looked up again: it is never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Self

import discord

from bot.discord_app.client import Interaction
from bot.discord_app.limits import MAX_OPTIONS
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_error
from bot.discord_app.safe_text import plain

Control = discord.ui.Button[Any]
"""A button as it stands on a card."""
Menu = discord.ui.Select[Any]
Row = discord.ui.ActionRow[Any]

ID = r"[1-9][0-9]{0,17}"
PERSON = r"[0-9]{1,20}"
SEARCH = r"[A-Za-z0-9_-]{12}"
MARKER = r"(?::[a-z0-9-]{1,40})?"
"""Where the card was announced, which the button itself does not need."""


class Button(discord.ui.DynamicItem[discord.ui.Item[Any]], template=r"(?!)"):
    """Base of all buttons and menus: read by its pattern, counted for fair use, its errors answered."""

    def __init_subclass__(cls, *, pattern: str) -> None:
        """Read the custom_ids that match a pattern."""
        super().__init_subclass__(template=pattern)

    def __init__(self, item: discord.ui.Item[Any], given: re.Match[str]) -> None:
        super().__init__(item)
        self.given = given
        """What the custom_id says."""

    @classmethod
    def matches(cls, custom_id: str) -> re.Match[str] | None:
        """Read a custom_id; None where it is another button's."""
        return cls.__discord_ui_compiled_template__.fullmatch(custom_id)

    @classmethod
    def button(
        cls,
        label: str,
        custom_id: str,
        *,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> Control:
        """The button of a custom_id of this class."""
        return Control(label=label, style=style, custom_id=cls._own(custom_id), disabled=disabled)

    @classmethod
    def turns(cls, custom_id: Callable[[int], str], page: int, pages: int) -> list[Control]:
        """The buttons of the page before and of the one after, disabled where there is none."""
        return [
            cls.button(label, custom_id(to), disabled=not 1 <= to <= pages)
            for label, to in (("← Back", page - 1), ("More →", page + 1))
        ]

    @classmethod
    def menu(cls, placeholder: str, entries: Sequence[tuple[int | str, str, str]], custom_id: str) -> Menu:
        """The menu of a custom_id of this class; an entry is a value, a label and a description."""
        options = [
            discord.SelectOption(
                label=plain(label).strip() or "(no name)",
                value=str(value),
                description=plain(description) or None,
            )
            for value, label, description in entries[:MAX_OPTIONS]
        ]
        return Menu(placeholder=placeholder, options=options, custom_id=cls._own(custom_id))

    @classmethod
    def _own(cls, custom_id: str) -> str:
        if cls.matches(custom_id) is None:
            raise ValueError(f"{cls.__name__} writes a custom_id that it does not read: {custom_id!r}")
        return custom_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read what the custom_id names."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Act, and answer whatever goes wrong."""
        try:
            interaction.client.fair_use.check(interaction)
            await self.respond(interaction)
        except Exception as error:  # noqa: BLE001 - every error is answered, none may end silently
            await answer_error(interaction, error)

    async def respond(self, interaction: Interaction) -> None:
        """Do what the button is for."""
        raise NotImplementedError


def marked(custom_id: str, marker: str) -> str:
    """A custom_id with the marker of a posted announcement."""
    return f"{custom_id}:{marker}" if marker else custom_id


def chosen(interaction: Interaction) -> int | None:
    """The number that was chosen in a menu; None where the value is none of ours."""
    values: Any = (interaction.data or {}).get("values")
    return int(values[0]) if values and re.fullmatch(ID, str(values[0])) else None


async def acknowledge_for(interaction: Interaction, asker_id: int) -> None:
    """Change the message for the person who asked; answer anybody else privately."""
    if interaction.user.id == asker_id:
        await acknowledge_change(interaction)
    else:
        await acknowledge(interaction, private=True)
