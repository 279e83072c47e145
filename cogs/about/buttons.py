"""The buttons of /privacy, and the cards with them: what is stored of a person, and its deletion."""

from __future__ import annotations

import dataclasses

import discord

from bot.discord_app.buttons import Button, Control, Row
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import server_here
from bot.discord_app.replies import acknowledge_change, show
from bot.papers.saved_searches import OfPerson, forget_person, stored_of_person
from bot.reading.lists import Reader
from bot.reading.use import use_of_reading
from bot.text.counting import counted

NOTHING = OfPerson(0, 0, 0)

PRIVACY = """\
### What Papercord stores of you
- Each of your searches with `/papers`: the words and options, your Discord id, the time, and the ids of the \
first 200 papers found. Its buttons need that. **After 30 days it is deleted.**
- Each paper that you look up with `/add` or *Papers here* and that the corpus lacks: what its source says, \
your Discord id, the time. Its buttons need that. **After 30 days it is deleted.**
- Each of your alerts with `/alerts`: the words and options, your Discord id, that of your conversation with \
Papercord, and what was sent there. They end when you end them, or with the button below.
- Each of your votes for papers, each paper that you save to a list, and each of your notes: your Discord \
id, the time, and the server, unless it is a list or a note of your own, which nobody else sees. The button \
below deletes your votes, notes and lists; what you saved to lists of a group stays there without your id. \
**30 days after a server has removed Papercord, all its votes, lists and notes are deleted.**
- Who added a source with `/sources`, made a subscription with `/notify`, or corrected who is who: the \
Discord id. The button below takes it from the sources; with subscriptions and corrections it stays.
- Nothing of `/paper` and `/author`, nothing of what you only type. No messages are read but the one \
that you choose for *Papers here*; no names are kept.
- The log keeps errors with the command's name; it holds no searches.

"""


CLUBS = """\
- Each paper that you propose to a journal club (`/club`), and when it is your turn to present there: your \
Discord id, the time, and the server. The button below takes your id from them, also where Papercord posted \
that you present; what you proposed stays.
"""
"""For whom a club concerns."""


class PrivacyButton(Button, pattern=r"privacy:(?P<choice>ask|delete|keep)"):
    """Deletes what is stored of the person, after a question."""

    @classmethod
    def ask(cls) -> Control:
        """Asks whether everything stored of the person shall be deleted."""
        return cls.button("Delete what is stored of me", "privacy:ask", style=discord.ButtonStyle.danger)

    @classmethod
    def delete_or_keep(cls) -> list[Control]:
        """Delete, or keep."""
        return [
            cls.button("Delete", "privacy:delete", style=discord.ButtonStyle.danger),
            cls.button("Keep", "privacy:keep"),
        ]

    async def respond(self, interaction: Interaction) -> None:
        """Do what was chosen."""
        bot, person = interaction.client, interaction.user.id
        await acknowledge_change(interaction)
        stored = await bot.call(stored_of_person, person)
        match self.given["choice"]:
            case "delete":
                await bot.call(forget_person, person)
                card = privacy_done(stored)
            case "ask":
                card = privacy_question(stored)
            case _:
                use = await bot.call(use_of_reading, Reader(person, server_here(interaction)))
                card = privacy_card(stored, clubs=use.clubs)
        await show(interaction, card)


BUTTONS = (PrivacyButton,)


def privacy_card(stored: OfPerson, *, clubs: bool = False) -> Card:
    """What is stored of people and of this one, with the button that deletes it.

    `clubs` where the server has a journal club.
    """
    concerned = clubs or stored.proposals or stored.presented
    words = f"{PRIVACY.rstrip()}\n{CLUBS}\n" if concerned else PRIVACY
    kept = [f"**{one}**" for one in _kept(stored, "search")]
    card = Card(Passage(f"{words}Of you, {_joined(kept)} {_verb(stored)} stored now."))
    if stored != NOTHING:
        card.add_item(discord.ui.Separator(visible=False))
        card.add_item(Row(PrivacyButton.ask()))
    return card


def privacy_question(stored: OfPerson) -> Card:
    """Whether everything of the person shall be deleted."""
    text = (
        f"### Delete your {_joined(_kept(stored, 'stored search'))}?\n"
        "The buttons of these answers stop working, and your alerts end; sources are followed as before. "
        "This cannot be undone."
    )
    return Card(Passage(text), Row(*PrivacyButton.delete_or_keep()))


def privacy_done(deleted: OfPerson) -> Card:
    """That it is deleted."""
    words = _joined(_kept(deleted, "stored search"))
    return Card(Passage(f"### Deleted\n{words} of yours {_verb(deleted)} gone."))


def _kept(stored: OfPerson, search: str) -> list[str]:
    """What is stored of a person, in words; searches also where there is none, and nothing else."""
    words = [
        (stored.searches, search),
        (stored.looked_up, "looked-up paper"),
        (stored.sources, "added source"),
        (stored.votes, "vote"),
        (stored.lists, "list"),
        (stored.notes, "note"),
        (stored.proposals, "proposal"),
        (stored.presented, "turn to present"),
        (stored.alerts, "alert"),
    ]
    return [counted(number, noun) for number, noun in words if number] or [counted(0, search)]


def _joined(words: list[str]) -> str:
    """Words in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _verb(stored: OfPerson) -> str:
    return "is" if sum(dataclasses.astuple(stored)) == 1 else "are"
