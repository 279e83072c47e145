"""The buttons by which members of a server vote for a paper or propose it, and people save it."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord_app.buttons import ID, MARKER, Button, Control, marked
from bot.discord_app.client import Interaction
from bot.discord_app.permissions import home_of
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_privately, show_changed
from bot.reading.votes import vote

GONE_PAPER = "This paper is no longer in the corpus. Look for it with `/papers`."


class VoteButton(Button, pattern=rf"vote:(?P<paper>{ID}){MARKER}"):
    """Gives the person's vote for a paper, or takes it back."""

    @classmethod
    def of(cls, paper_id: int, votes: int = 0, marker: str = "") -> Control:
        """The button of a paper."""
        return cls.button(vote_label(votes), marked(f"vote:{paper_id}", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Count the vote, and show the number on the same message."""
        guild, paper_id = home_of(interaction), int(self.given["paper"])
        await acknowledge_change(interaction)
        voted = await interaction.client.call(vote, guild.id, paper_id, interaction.user.id)
        if voted is None:
            await answer_privately(interaction, GONE_PAPER)
            return
        custom_id = self.given.string

        def relabel(item: discord.ui.Item[Any]) -> None:
            if isinstance(item, discord.ui.Button) and item.custom_id == custom_id:
                item.label = vote_label(voted.votes)

        await show_changed(interaction, relabel)


class SaveButton(Button, pattern=rf"save:(?P<paper>{ID}){MARKER}"):
    """Puts a paper on the person's own list, and shows it there, privately."""

    @classmethod
    def of(cls, paper_id: int, marker: str = "") -> Control:
        """The button of a paper."""
        return cls.button("Save", marked(f"save:{paper_id}", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Save the paper."""
        await acknowledge(interaction, private=True)
        await interaction.client.families.save_paper(interaction, int(self.given["paper"]))


class ProposeButton(Button, pattern=rf"propose:(?P<paper>{ID})"):
    """Proposes a paper to a journal club of the server."""

    @classmethod
    def of(cls, paper_id: int) -> Control:
        """The button of a paper."""
        return cls.button("Propose to the club", f"propose:{paper_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Propose the paper."""
        await interaction.client.families.propose_here(interaction, int(self.given["paper"]))


def relabel(components: list[Any], paper_id: int, votes: int) -> list[Any]:
    """The components of a card, with these votes on the button of a paper."""
    return [_relabelled(component, paper_id, votes) for component in components]


def _relabelled(component: dict[str, Any], paper_id: int, votes: int) -> dict[str, Any]:
    inside = component.get("components")
    if inside is not None:
        return component | {"components": relabel(inside, paper_id, votes)}
    found = VoteButton.matches(component.get("custom_id", ""))
    is_own = found is not None and int(found["paper"]) == paper_id
    return component | {"label": vote_label(votes)} if is_own else component


def vote_label(votes: int) -> str:
    """What stands on the button; no number where there is no vote."""
    return f"👍 {votes:,}" if votes else "👍"
