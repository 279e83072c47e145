"""Corrections of which papers are one: their words, cards and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.app import App
from bot.discord_app import inputs
from bot.discord_app.buttons import ID, Button, Control, Row
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, acknowledge_change, show
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.wording import day_words
from bot.ingest.corrections import (
    Doubt,
    PaperCorrection,
    descriptions,
    keep_papers_apart,
    merge_papers,
    undo_paper_correction,
)
from bot.papers.results import Choice
from bot.papers.search import find_paper
from bot.store.corrections import MAX_REASON
from bot.store.models import CorrectionKind

Section = discord.ui.Section[Any]
_MAX_TITLE = 150
_PROPOSED = "Papercord proposed it, and an administrator agreed."
_DECLINED = "Papercord proposed to make them one, and an administrator said that they are two."


class UndoPaperButton(Button, pattern=rf"undo-paper:(?P<correction>{ID})"):
    """Undoes a correction of papers, for an administrator."""

    @classmethod
    def of(cls, correction_id: int) -> Control:
        """The button of a correction."""
        return cls.button("Undo", f"undo-paper:{correction_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Undo it."""
        await check_admin(interaction)
        await acknowledge_change(interaction)
        correction_id, person = int(self.given["correction"]), interaction.user.id
        undone = await interaction.client.call(undo_paper_correction, correction_id, undone_by=person)
        await show(interaction, paper_correction_card(undone))


class OnePaperButton(Button, pattern=rf"one-paper:(?P<one>{ID}):(?P<other>{ID})"):
    """Makes two papers one that may be one, for an administrator."""

    @classmethod
    def of(cls, doubt: Doubt) -> Control:
        """The button of two papers."""
        return cls.button("One paper", f"one-paper:{doubt.paper_id}:{doubt.other_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Merge them."""
        await check_admin(interaction)
        await acknowledge(interaction, private=True)
        one, other = int(self.given["one"]), int(self.given["other"])
        person = interaction.user.id
        made = await interaction.client.call(merge_papers, one, other, reason=_PROPOSED, made_by=person)
        await show(interaction, paper_correction_card(made))


class TwoPapersButton(Button, pattern=rf"two-papers:(?P<one>{ID}):(?P<other>{ID})"):
    """Says that two papers that may be one are two, for an administrator."""

    @classmethod
    def of(cls, doubt: Doubt) -> Control:
        """The button of two papers."""
        return cls.button("Two papers", f"two-papers:{doubt.paper_id}:{doubt.other_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Keep them apart."""
        await check_admin(interaction)
        await acknowledge(interaction, private=True)
        one, other = int(self.given["one"]), int(self.given["other"])
        person = interaction.user.id
        made = await interaction.client.call(keep_papers_apart, one, other, reason=_DECLINED, made_by=person)
        await show(interaction, paper_correction_card(made))


def paper_correction_card(made: PaperCorrection) -> Card:
    """What a correction of papers says, with the button that undoes it."""
    card = Card(Passage(paper_correction_words(made)))
    if made.undone_at is None:
        card.add_item(Row(UndoPaperButton.of(made.id)))
    return card


def add_paper_corrections(card: Card, found: Sequence[PaperCorrection], doubts: Sequence[Doubt]) -> None:
    """Add the newest corrections of papers to a card, and papers that may be one."""
    if found:
        card.add_item(Passage("### Papers that are one, or two"))
    for one in found:
        words = Passage(paper_correction_words(one))
        undo = UndoPaperButton.of(one.id) if one.undone_at is None else None
        card.add_item(Section(words, accessory=undo) if undo is not None else words)
    if doubts:
        card.add_item(Passage("### These may be one paper"))
    for doubt in doubts:
        ours, theirs = _named(doubt.title, doubt.paper_id), _named(doubt.other_title, doubt.other_id)
        words = Passage(f"{ours} and {theirs}\n-# {safe(doubt.reason)}")
        card.add_item(words)
        card.add_item(Row(OnePaperButton.of(doubt), TwoPapersButton.of(doubt)))


def paper_correction_words(one: PaperCorrection) -> str:
    """A correction of papers in a few lines: what, why, who, when."""
    ours, theirs = _named(one.title, one.paper_id), _named(one.into_title, one.into_id)
    said = "is" if one.kind is CorrectionKind.MERGE else "is another paper than"
    by = f"by <@{one.made_by}>" if one.made_by is not None else "on the command line"
    lines = [
        f"**Correction {one.id} of papers**: {ours} {said} {theirs}",
        f"-# {fit(safe(one.reason), MAX_REASON)} · {by}, {day_words(one.made_at.date())}",
    ]
    if one.undone_at is not None:
        undone_by = f"by <@{one.undone_by}>" if one.undone_by is not None else "on the command line"
        lines.append(f"-# Undone {undone_by}, {day_words(one.undone_at.date())}")
    return "\n".join(lines)


def _named(title: str, paper_id: int) -> str:
    return f"{fit(safe(title), _MAX_TITLE)} (`paper:{paper_id}`)"


async def suggest_descriptions(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """What describes the paper that the option before it names."""
    paper = plain(str(interaction.namespace.paper or ""))
    return await inputs.suggested(interaction, interaction.client.call(_descriptions, paper, plain(typed)))


def _descriptions(app: App, paper: str, typed: str) -> Sequence[Choice]:
    found = find_paper(app, paper)
    known = descriptions(app, found.paper.id) if found.paper is not None else ()
    fitting = [one.name for one in known if typed.casefold() in one.name.casefold()]
    return [Choice(label=name, value=name) for name in fitting if len(name) <= inputs.MAX_CHOICE]


BUTTONS = (UndoPaperButton, OnePaperButton, TwoPapersButton)
