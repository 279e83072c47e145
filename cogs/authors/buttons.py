"""The buttons of authors and corrections, and the cards with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bot.announcements.results import Filters
from bot.app import App
from bot.authors.charts import author_picture
from bot.authors.corrections import Correction, undo_correction
from bot.authors.profile import author_by_id, people_of_paper
from bot.authors.results import Author, AuthorAnswer, AuthorChoice
from bot.discord_app.buttons import ID, PERSON, Button, Control, Menu, Row, acknowledge_for, chosen
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import check_admin, may_notify
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_privately, show
from bot.papers.search import get_paper
from cogs.authors.cards import (
    author_card,
    author_choices,
    author_details_card,
    author_papers_card,
    authors_choice,
    correction_words,
    corrections_card,
    no_author,
    option_facts,
    show_pictured,
)
from cogs.papers.buttons import GONE_PAPER

GONE_AUTHOR = "This author is no longer in the corpus. Look for the name with `/author`."


class AuthorMenu(Button, pattern=rf"pick:author:(?P<asker>{PERSON})"):
    """Shows the chosen author, in place of the choice for the person who asked."""

    @classmethod
    def of(cls, entries: Sequence[tuple[int, str, str]], asker_id: int) -> Menu:
        """The menu of authors: of each the id, the name and some facts."""
        return cls.menu("Choose an author", entries, f"pick:author:{asker_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Show the author."""
        await acknowledge_for(interaction, int(self.given["asker"]))
        await _show_author_by_id(interaction, chosen(interaction))


class AuthorDetailsButton(Button, pattern=rf"author:(?P<author>{ID})"):
    """Shows all that is known of an author, privately."""

    @classmethod
    def of(cls, author_id: int) -> Control:
        """The button of an author."""
        return cls.button("All figures", f"author:{author_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Show it."""
        await _show_of_author(interaction, int(self.given["author"]), author_details_card)


class AuthorPapersButton(Button, pattern=rf"author-papers:(?P<author>{ID})"):
    """Shows an author's newest papers, privately."""

    @classmethod
    def of(cls, author_id: int) -> Control:
        """The button of an author."""
        return cls.button("Papers", f"author-papers:{author_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Show them."""
        await _show_of_author(interaction, int(self.given["author"]), author_papers_card)


class FollowButton(Button, pattern=rf"follow:(?P<author>{ID})"):
    """Subscribes the channel to new papers of an author, for somebody who may."""

    @classmethod
    def of(cls, author_id: int) -> Control:
        """The button of an author."""
        return cls.button("Follow", f"follow:{author_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Subscribe the channel."""
        papers_of = partial(_filters_of, author_id=int(self.given["author"]))
        await interaction.client.families.subscribe_here(interaction, papers_of, GONE_AUTHOR)


class FollowMyselfButton(Button, pattern=rf"follow-me:(?P<author>{ID})"):
    """Makes an alert of new papers of an author, for whoever presses it."""

    @classmethod
    def of(cls, author_id: int, label: str) -> Control:
        """The button of an author."""
        return cls.button(label, f"follow-me:{author_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Make the alert."""
        papers_of = partial(_filters_of, author_id=int(self.given["author"]))
        await interaction.client.families.alert_me(interaction, papers_of, GONE_AUTHOR)


def _filters_of(app: App, author_id: int) -> Filters | None:
    author = author_by_id(app, author_id)
    return Filters(author=author.name, author_id=author.id) if author is not None else None


class UndoButton(Button, pattern=rf"undo:(?P<correction>{ID})"):
    """Undoes a correction, for an administrator."""

    @classmethod
    def of(cls, correction_id: int) -> Control:
        """The button of a correction."""
        return cls.button("Undo", f"undo:{correction_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Undo it."""
        await check_admin(interaction)
        await acknowledge_change(interaction)
        bot, person = interaction.client, interaction.user.id
        correction_id = int(self.given["correction"])
        undone = await bot.call(undo_correction, correction_id, undone_by=person)
        await show(interaction, correction_card(undone))


BUTTONS = (AuthorMenu, AuthorPapersButton, AuthorDetailsButton, FollowButton, FollowMyselfButton, UndoButton)


def author_choices_card(answer: AuthorAnswer, asker_id: int) -> Card:
    """Where a name is not exact or not one person's: people to choose from, or that there is none."""
    if not answer.choices:
        return no_author(answer.query)
    entries = [(each.author_id, each.name, option_facts(each)) for each in answer.choices]
    return author_choices(answer, AuthorMenu.of(entries, asker_id))


def correction_card(made: Correction) -> Card:
    """What a correction says, with the button that undoes it."""
    card = Card(Passage(correction_words(made)))
    if made.undone_at is None:
        card.add_item(Row(UndoButton.of(made.id)))
    return card


def newest_corrections_card(found: Sequence[Correction]) -> Card:
    """The newest corrections; those that hold can be undone."""
    return corrections_card(found, UndoButton.of)


async def show_author(
    interaction: Interaction, author: Author, others: Sequence[AuthorChoice] = (), asked: str | None = None
) -> None:
    """Answer with the card of an author.

    Args:
        interaction: What is answered.
        author: Who it is about.
        others: Who is perhaps the same person.
        asked: What was typed, where nobody is called exactly so.

    """
    controls = [AuthorPapersButton.of(author.id), AuthorDetailsButton.of(author.id)]
    if await may_notify(interaction):
        controls.append(FollowButton.of(author.id))
    controls.append(
        FollowMyselfButton.of(author.id, "Follow" if interaction.guild_id is None else "Notify me")
    )
    entries = [(each.author_id, each.name, option_facts(each)) for each in others]
    menu = AuthorMenu.of(entries, interaction.user.id) if entries else None
    card = await interaction.client.in_thread(author_card, author, controls, others, menu, asked)
    await show_pictured(interaction, card, lambda: author_picture(author))


async def show_authors(interaction: Interaction, paper_id: int) -> None:
    """Answer with the author of a paper, or with its authors to choose from."""
    bot = interaction.client
    paper = await bot.call(get_paper, paper_id)
    people = await bot.call(people_of_paper, paper_id)
    if paper is None or not people:
        await answer_privately(interaction, GONE_PAPER)
    elif len(people) == 1:
        await _show_author_by_id(interaction, int(people[0].value))
    else:
        entries = [(int(person.value), person.label, "") for person in people]
        menu = AuthorMenu.of(entries, interaction.user.id)
        await show(interaction, await bot.in_thread(authors_choice, paper, menu))


async def _show_author_by_id(interaction: Interaction, author_id: int | None) -> None:
    author = await interaction.client.call(author_by_id, author_id) if author_id is not None else None
    if author is None:
        await answer_privately(interaction, GONE_AUTHOR)
    else:
        await show_author(interaction, author)


async def _show_of_author(
    interaction: Interaction, author_id: int, card_of: Callable[[Author], Card]
) -> None:
    """Answer privately with a card of an author; that the author is gone where there is none."""
    await acknowledge(interaction, private=True)
    author = await interaction.client.call(author_by_id, author_id)
    if author is None:
        await answer_privately(interaction, GONE_AUTHOR)
    else:
        await show(interaction, await interaction.client.in_thread(card_of, author))
