"""What happens when a button or a menu is pressed, also months later and after restarts.

A custom_id says which paper, search or person is meant. It is matched against its template, and
what it names is looked up again: a custom_id is never trusted. Only the person who asked
changes a message; anybody else gets a private copy.
"""

from __future__ import annotations

import io
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord

from bot.authors.corrections import undo_correction
from bot.authors.profile import author_by_id, people_of_paper
from bot.discord_app.command_tree import answer_error
from bot.discord_app.limits import Card
from bot.discord_app.permissions import check_admin, may_notify
from bot.discord_app.replies import (
    Interaction,
    acknowledge,
    acknowledge_change,
    show,
    show_file,
    tell_privately,
)
from bot.papers.bibtex import bibtex
from bot.papers.results import SearchAnswer, SearchPage, SearchRequest, StoredPage
from bot.papers.saved_searches import forget_person, keep, stored_of_person, stored_page
from bot.papers.search import get_paper, search_page
from bot.search.query import Sort
from cogs.about.cards import privacy_card, privacy_done, privacy_question
from cogs.authors.cards import show_author
from cogs.authors.people_cards import correction_card
from cogs.papers.paper_cards import authors_choice, known_paper_card
from cogs.papers.search_cards import search_card

ID = r"[1-9][0-9]{0,17}"
PERSON = r"[0-9]{1,20}"
SEARCH = r"[A-Za-z0-9_-]{12}"
MARKER = r"(?::[a-z0-9-]{1,40})?"
"""Where the card was announced, which the press itself does not need."""

GONE_SEARCH = (
    "This search is no longer kept (searches are kept for 30 days, or until their person deletes them). "
    "Ask again with `/papers`."
)
GONE_PAPER = "This paper is no longer in the corpus. Look for it with `/papers`."
GONE_AUTHOR = "This author is no longer in the corpus. Look for the name with `/author`."
MAX_CODE_BLOCK = 1900


Act = Callable[[Interaction, re.Match[str]], Awaitable[None]]
"""Answers a press; the match is of its custom_id."""


class Press(discord.ui.DynamicItem[discord.ui.Item[Any]], template=r"(?!)"):
    """Base of all: matched by its template, counted for fair use, its errors answered."""

    act: ClassVar[Act]

    def __init__(self, item: discord.ui.Item[Any], given: re.Match[str]) -> None:
        super().__init__(item)
        self.given = given

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read what the custom_id names."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Act, and answer whatever goes wrong."""
        try:
            interaction.client.tree.fair_use.check(interaction)
            await type(self).act(interaction, self.given)
        except Exception as error:  # noqa: BLE001 - every error is answered, none may end silently
            await answer_error(interaction, error)


PRESSES: list[type[Press]] = []
"""All of them, for the bot to know."""


def on_press(template: str) -> Callable[[Act], Act]:
    """Make a function answer the presses whose custom_id matches the template."""

    def register(act: Act) -> Act:
        name = getattr(act, "__name__", "Press")
        bound = type(name, (Press,), {"act": staticmethod(act), "__doc__": act.__doc__}, template=template)
        PRESSES.append(bound)
        return act

    return register


@on_press(rf"paper:(?P<paper>{ID}){MARKER}")
async def details(interaction: Interaction, given: re.Match[str]) -> None:
    """The whole card of a paper, privately."""
    await acknowledge(interaction, private=True)
    await _show_paper(interaction, int(given["paper"]))


@on_press(rf"bibtex:(?P<paper>{ID}){MARKER}")
async def bibtex_entry(interaction: Interaction, given: re.Match[str]) -> None:
    """A paper's BibTeX entry, privately; as a file where a code block could not hold it."""
    await acknowledge(interaction, private=True)
    bot = interaction.client
    paper = await bot.in_thread(get_paper, bot.app, int(given["paper"]))
    if paper is None:
        await tell_privately(interaction, GONE_PAPER)
        return
    entry = (await bot.in_thread(bibtex, paper)).strip()
    if "`" in entry or len(entry) > MAX_CODE_BLOCK:
        file = discord.File(io.BytesIO(entry.encode()), filename=f"paper-{paper.id}.bib")
        await show_file(interaction, "The BibTeX entry of this paper:", file)
    else:
        await show_file(interaction, f"```bibtex\n{entry}\n```")


@on_press(rf"authors:(?P<paper>{ID})")
async def authors(interaction: Interaction, given: re.Match[str]) -> None:
    """The paper's author, or its authors to choose from, privately."""
    await acknowledge(interaction, private=True)
    bot = interaction.client
    paper_id = int(given["paper"])
    paper = await bot.in_thread(get_paper, bot.app, paper_id)
    people = await bot.in_thread(people_of_paper, bot.app, paper_id)
    if paper is None or not people:
        await tell_privately(interaction, GONE_PAPER)
    elif len(people) == 1:
        await _show_author(interaction, int(people[0].value))
    else:
        person = interaction.user.id
        await show(interaction, await bot.in_thread(authors_choice, paper, people, person))


@on_press(rf"similar:(?P<paper>{ID})")
async def similar(interaction: Interaction, given: re.Match[str]) -> None:
    """The papers that resemble a paper, privately."""
    await acknowledge(interaction, private=True)
    bot = interaction.client
    request = SearchRequest(query=f"similar:{given['paper']}")
    await show_search(interaction, await bot.in_thread(search_page, bot.app, request))


@on_press(rf"pick:paper:(?P<asker>{PERSON})")
async def picked_paper(interaction: Interaction, given: re.Match[str]) -> None:
    """The chosen paper, in place of the choice for the person who asked."""
    await _acknowledge_for(interaction, int(given["asker"]))
    await _show_paper(interaction, _chosen(interaction))


@on_press(rf"pick:author:(?P<asker>{PERSON})")
async def picked_author(interaction: Interaction, given: re.Match[str]) -> None:
    """The chosen author, in place of the choice for the person who asked."""
    await _acknowledge_for(interaction, int(given["asker"]))
    await _show_author(interaction, _chosen(interaction))


@on_press(rf"page:(?P<search>{SEARCH}):(?P<asker>{PERSON}):(?P<page>[0-9]{{1,3}})")
async def turned_page(interaction: Interaction, given: re.Match[str]) -> None:
    """Another page of a search: its order was frozen when it was asked."""
    bot, person = interaction.client, interaction.user.id
    await _acknowledge_for(interaction, int(given["asker"]))
    stored = await bot.in_thread(stored_page, bot.app, given["search"], int(given["page"]))
    if stored is None:
        await tell_privately(interaction, GONE_SEARCH)
        return
    if stored.asker_id != person:
        # The buttons of the copy are the reader's own, so the search is kept for them as well.
        copy = await bot.in_thread(keep, bot.app, stored.page.answer, person)
        stored = replace(stored, search_id=copy, asker_id=person)
    await show(interaction, await bot.in_thread(search_card, stored, notify=may_notify(interaction)))


@on_press(rf"sort:(?P<search>{SEARCH}):(?P<asker>{PERSON}):(?P<sort>{'|'.join(Sort)})")
async def sorted_search(interaction: Interaction, given: re.Match[str]) -> None:
    """The same search in another order, asked anew."""
    await _ask_again(interaction, given, lambda answer: replace(answer.request, sort=Sort(given["sort"])))


@on_press(rf"meant:(?P<search>{SEARCH}):(?P<asker>{PERSON})")
async def meant_search(interaction: Interaction, given: re.Match[str]) -> None:
    """The nearest spelling, asked in place of what was typed."""
    await _ask_again(
        interaction,
        given,
        lambda answer: replace(answer.request, query=answer.did_you_mean or answer.request.query),
    )


@on_press(r"privacy:(?P<wish>ask|delete|keep)")
async def privacy(interaction: Interaction, given: re.Match[str]) -> None:
    """Delete what is stored of the person, after a question."""
    bot, person = interaction.client, interaction.user.id
    await acknowledge_change(interaction)
    match given["wish"]:
        case "delete":
            stored = await bot.in_thread(stored_of_person, bot.app, person)
            await bot.in_thread(forget_person, bot.app, person)
            card = privacy_done(stored)
        case "ask":
            card = privacy_question(await bot.in_thread(stored_of_person, bot.app, person))
        case _:
            card = privacy_card(await bot.in_thread(stored_of_person, bot.app, person))
    await show(interaction, card)


@on_press(rf"undo:(?P<correction>{ID})")
async def undone_correction(interaction: Interaction, given: re.Match[str]) -> None:
    """A correction taken back, by somebody who may."""
    await check_admin(interaction)
    await acknowledge_change(interaction)
    bot, person = interaction.client, interaction.user.id
    undone = await bot.in_thread(undo_correction, bot.app, int(given["correction"]), undone_by=person)
    await show(interaction, correction_card(undone))


async def _acknowledge_for(interaction: Interaction, asker_id: int) -> None:
    """Change the message for the person who asked; answer anybody else privately."""
    if interaction.user.id == asker_id:
        await acknowledge_change(interaction)
    else:
        await acknowledge(interaction, private=True)


async def _show_paper(interaction: Interaction, paper_id: int | None) -> None:
    bot = interaction.client
    paper = await bot.in_thread(get_paper, bot.app, paper_id) if paper_id is not None else None
    if paper is None:
        await tell_privately(interaction, GONE_PAPER)
    else:
        await show(interaction, await bot.in_thread(known_paper_card, bot.app, paper))


async def _show_author(interaction: Interaction, author_id: int | None) -> None:
    bot = interaction.client
    author = await bot.in_thread(author_by_id, bot.app, author_id) if author_id is not None else None
    if author is None:
        await tell_privately(interaction, GONE_AUTHOR)
    else:
        await show_author(interaction, author)


async def _ask_again(
    interaction: Interaction, given: re.Match[str], changed: Callable[[SearchAnswer], SearchRequest]
) -> None:
    """Ask a stored search anew with a change, for whoever presses."""
    bot = interaction.client
    await _acknowledge_for(interaction, int(given["asker"]))
    stored = await bot.in_thread(stored_page, bot.app, given["search"], 1)
    if stored is None:
        await tell_privately(interaction, GONE_SEARCH)
        return
    await show_search(interaction, await bot.in_thread(search_page, bot.app, changed(stored.page.answer)))


def _chosen(interaction: Interaction) -> int | None:
    """The number that was chosen in a menu; None where the value is none of ours."""
    values: Any = (interaction.data or {}).get("values")
    return int(values[0]) if values and re.fullmatch(ID, str(values[0])) else None


async def show_search(interaction: Interaction, page: SearchPage) -> None:
    """Keep a search for its buttons, and show its first page."""
    bot, person, notify = interaction.client, interaction.user.id, may_notify(interaction)

    def first_page() -> Card:
        stored = StoredPage(keep(bot.app, page.answer, person), person, page)
        return search_card(stored, notify=notify)

    await show(interaction, await bot.in_thread(first_page))
