"""The buttons of searches and papers, and the cards with them.

Only the person who asked changes a message; anybody else gets a private copy.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.announcements.answers import record_answer
from bot.announcements.results import Filters
from bot.announcements.subscriptions import is_about_one_paper
from bot.app import App
from bot.corpus.links import PaperLink, read_link
from bot.discord_app.buttons import (
    ID,
    MARKER,
    PERSON,
    SEARCH,
    Button,
    Control,
    Menu,
    acknowledge_for,
    chosen,
    marked,
)
from bot.discord_app.client import Interaction
from bot.discord_app.limits import COMPONENTS_V2, MAX_OPTION_TEXT, MAX_OPTIONS, Card
from bot.discord_app.permissions import may_notify, server_here
from bot.discord_app.replies import acknowledge, answer_privately, show, show_file
from bot.discord_app.safe_text import fit, plain
from bot.discord_app.wording import date_words
from bot.papers.bibtex import bibtex
from bot.papers.citations import CitationsHere, Direction, citation_list, citations_here
from bot.papers.disagreements import days_read, disagreements, said_by
from bot.papers.results import Paper, SearchAnswer, SearchPage, SearchRequest, StoredPage
from bot.papers.saved_searches import keep, stored_answer, stored_page
from bot.papers.search import get_paper, search_page
from bot.reading.clubs import has_clubs
from bot.reading.votes import votes_of
from bot.search.query import Sort
from bot.text.latex import readable
from cogs.papers.cards import (
    citations_card,
    data_links,
    links,
    no_paper,
    paper_card,
    paper_choices,
    search_card,
)
from cogs.papers.votes import GONE_PAPER, ProposeButton, SaveButton, VoteButton

GONE_SEARCH = (
    "This search is no longer kept (searches are kept for 30 days, or until their person deletes them). "
    "Ask again with `/papers`."
)
MAX_CODE_BLOCK = 1900
VOTE_OR_SAVE, SAVE = "Vote or save", "Save"
SELECT = 3
SORT_LABELS = {Sort.RELEVANCE: "Relevance", Sort.NEWEST: "Newest", Sort.SCORE: "Score"}
LOOKED_UP = ("arxiv", "doi", "openreview", "semantic scholar", "openalex", "pubmed", "pmc", "acl")
"""The links for which a source can be asked."""


class DetailsButton(Button, pattern=rf"paper:(?P<paper>{ID}){MARKER}"):
    """Shows the whole card of a paper, privately."""

    @classmethod
    def of(cls, paper_id: int, marker: str = "") -> Control:
        """The button of a paper."""
        return cls.button("Details", marked(f"paper:{paper_id}", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Show the card."""
        await acknowledge(interaction, private=True)
        await _show_paper(interaction, int(self.given["paper"]))


class BibtexButton(Button, pattern=rf"bibtex:(?P<paper>{ID}){MARKER}"):
    """Shows a paper's BibTeX entry, privately; as a file where a code block could not hold it."""

    @classmethod
    def of(cls, paper_id: int, marker: str = "") -> Control:
        """The button of a paper."""
        return cls.button("BibTeX", marked(f"bibtex:{paper_id}", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Show the entry."""
        await acknowledge(interaction, private=True)
        bot = interaction.client
        paper = await bot.call(get_paper, int(self.given["paper"]))
        if paper is None:
            await answer_privately(interaction, GONE_PAPER)
            return
        entry = (await bot.in_thread(bibtex, paper)).strip()
        if "`" in entry or len(entry) > MAX_CODE_BLOCK:
            file = discord.File(io.BytesIO(entry.encode()), filename=f"paper-{paper.id}.bib")
            await show_file(interaction, "The BibTeX entry of this paper:", file)
        else:
            await show_file(interaction, f"```bibtex\n{entry}\n```")


class AuthorsButton(Button, pattern=rf"authors:(?P<paper>{ID})"):
    """Shows the paper's author, or its authors to choose from, privately."""

    @classmethod
    def of(cls, paper: Paper) -> list[Control]:
        """The button of a paper; none where it names nobody."""
        people = len(set(paper.authors) | set(paper.attributed_to))
        if not people:
            return []
        return [cls.button("Author" if people == 1 else "Authors", f"authors:{paper.id}")]

    async def respond(self, interaction: Interaction) -> None:
        """Show the author, or the choice."""
        await acknowledge(interaction, private=True)
        await interaction.client.families.show_authors(interaction, int(self.given["paper"]))


class SimilarButton(Button, pattern=rf"similar:(?P<paper>{ID})"):
    """Shows the papers that resemble a paper, privately."""

    @classmethod
    def of(cls, paper_id: int) -> Control:
        """The button of a paper."""
        return cls.button("Similar papers", f"similar:{paper_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Search for similar papers."""
        await acknowledge(interaction, private=True)
        request = SearchRequest(query=f"similar:{self.given['paper']}")
        await show_search(interaction, await interaction.client.call(search_page, request))


class CitationsButton(Button, pattern=rf"(?P<direction>cites|cited):(?P<paper>{ID})"):
    """Shows the papers of the corpus that a paper cites, or that cite it, privately."""

    @classmethod
    def of(cls, paper_id: int, citations: CitationsHere) -> list[Control]:
        """The buttons of a paper, where there are such papers."""
        found = {
            Direction.CITES: ("Cites here", citations.cites),
            Direction.CITED: ("Cited here", citations.cited),
        }
        return [
            cls.button(f"{label} ({number:,})", f"{direction}:{paper_id}")
            for direction, (label, number) in found.items()
            if number
        ]

    async def respond(self, interaction: Interaction) -> None:
        """Show them."""
        await acknowledge(interaction, private=True)
        direction = Direction(self.given["direction"])
        found = await interaction.client.call(citation_list, int(self.given["paper"]), direction)
        if found is None:
            await answer_privately(interaction, GONE_PAPER)
        else:
            await show(interaction, citations_card(found, DetailsButton.of))


class PaperMenu(Button, pattern=rf"pick:paper:(?P<asker>{PERSON})"):
    """Shows the chosen paper, in place of the choice for the person who asked."""

    @classmethod
    def of(cls, papers: Sequence[Paper], asker_id: int) -> Menu:
        """The menu of papers."""
        entries = [(paper.id, paper.title, _paper_facts(paper)) for paper in papers]
        return cls.menu("Choose a paper", entries, f"pick:paper:{asker_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Show the paper."""
        await acknowledge_for(interaction, int(self.given["asker"]))
        await _show_paper(interaction, chosen(interaction))


class ChooseMenu(Button, pattern=r"choose(?::[a-z2-7]{21})?"):
    """Shows a paper of a list, privately: its card has the buttons to vote and to save."""

    @classmethod
    def below(cls, papers: Sequence[Paper], *, in_server: bool) -> list[Menu]:
        """The menu below several papers of an answer; none below a single one, whose details have it all."""
        entries = [(paper.id, readable(paper.title), _paper_facts(paper)) for paper in papers]
        return [cls.menu(VOTE_OR_SAVE if in_server else SAVE, entries, "choose")] if len(papers) > 1 else []

    @classmethod
    def of(cls, papers: Sequence[Paper], nonce: str, placeholder: str) -> dict[str, Any]:
        """The menu of papers, as Discord reads it."""
        titles = (fit(plain(readable(paper.title)).strip(), MAX_OPTION_TEXT) for paper in papers)
        options = [
            {"label": title or "…", "value": str(paper.id)}
            for title, paper in zip(titles, papers[:MAX_OPTIONS], strict=False)
        ]
        custom_id = cls._own(f"choose:{nonce}")
        return {"type": SELECT, "custom_id": custom_id, "placeholder": placeholder, "options": options}

    async def respond(self, interaction: Interaction) -> None:
        """Show the paper."""
        await acknowledge(interaction, private=True)
        await _show_paper(interaction, chosen(interaction))


class PageButton(Button, pattern=rf"page:(?P<search>{SEARCH}):(?P<asker>{PERSON}):(?P<page>[0-9]{{1,3}})"):
    """Shows another page of a search: its order was frozen when it was asked."""

    @classmethod
    def back_and_forth(cls, stored: StoredPage) -> list[Control]:
        """The buttons of a stored search."""
        page = stored.page
        before = f"page:{stored.search_id}:{stored.asker_id}"
        return cls.turns(lambda to: f"{before}:{to}", page.page, page.pages)

    async def respond(self, interaction: Interaction) -> None:
        """Show the page; to anybody but the person who asked, in a copy."""
        bot, person = interaction.client, interaction.user.id
        await acknowledge_for(interaction, int(self.given["asker"]))
        stored = await bot.call(stored_page, self.given["search"], int(self.given["page"]))
        if stored is None:
            await answer_privately(interaction, GONE_SEARCH)
            return
        if stored.asker_id != person:
            # The buttons of the copy are the reader's own, so the search is kept for them as well.
            copy = await bot.call(keep, stored.page.answer, person)
            stored = replace(stored, search_id=copy, asker_id=person)
        notify, here = await may_notify(interaction), server_here(interaction) is not None
        await show(
            interaction, await bot.in_thread(stored_search_card, stored, notify=notify, in_server=here)
        )


class SortButton(
    Button, pattern=rf"sort:(?P<search>{SEARCH}):(?P<asker>{PERSON}):(?P<sort>{'|'.join(Sort)})"
):
    """Asks the same search anew in another order."""

    @classmethod
    def orders(cls, stored: StoredPage) -> list[Control]:
        """The orders of a stored search; the current one is ticked and cannot be pressed."""
        current = stored.page.answer.request.sort
        return [
            cls.button(
                f"✓ {label}" if sort is current else label,
                f"sort:{stored.search_id}:{stored.asker_id}:{sort}",
                disabled=sort is current,
            )
            for sort, label in SORT_LABELS.items()
        ]

    async def respond(self, interaction: Interaction) -> None:
        """Show the search in the order."""
        answer = await _stored_answer(interaction, self.given)
        if answer is not None:
            await _search_again(interaction, replace(answer.request, sort=Sort(self.given["sort"])))


class SpellingButton(Button, pattern=rf"meant:(?P<search>{SEARCH}):(?P<asker>{PERSON})"):
    """Searches for the nearest spelling in place of what was typed."""

    @classmethod
    def of(cls, stored: StoredPage, suggestion: str) -> Control:
        """The button of a suggestion."""
        return cls.button(
            f"Search for {plain(suggestion)}",
            f"meant:{stored.search_id}:{stored.asker_id}",
            style=discord.ButtonStyle.primary,
        )

    async def respond(self, interaction: Interaction) -> None:
        """Show the search for the suggestion."""
        answer = await _stored_answer(interaction, self.given)
        if answer is not None:
            query = answer.did_you_mean or answer.request.query
            await _search_again(interaction, replace(answer.request, query=query))


class SubscribeSearchButton(Button, pattern=rf"notify:(?P<search>{SEARCH}):(?P<asker>{PERSON})"):
    """Subscribes the channel to new papers that match a search, for somebody who may."""

    @classmethod
    def of(cls, stored: StoredPage) -> Control:
        """The button of a stored search."""
        return cls.button("Notify this channel", f"notify:{stored.search_id}:{stored.asker_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Subscribe the channel."""
        found = partial(_stored_filters, search_id=self.given["search"])
        await interaction.client.families.subscribe_here(interaction, found, GONE_SEARCH)


class AlertButton(Button, pattern=rf"notify-me:(?P<search>{SEARCH})"):
    """Makes an alert of new papers that match a search, for whoever presses it."""

    @classmethod
    def of(cls, stored: StoredPage) -> Control:
        """The button of a stored search."""
        return cls.button("Notify me", f"notify-me:{stored.search_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Make the alert."""
        found = partial(_stored_filters, search_id=self.given["search"])
        await interaction.client.families.alert_me(interaction, found, GONE_SEARCH)


def _stored_filters(app: App, search_id: str) -> Filters | None:
    answer = stored_answer(app, search_id)
    return filters_of_search(answer.request) if answer is not None else None


class LookUpButton(Button, pattern=rf"lookup:(?P<scheme>{'|'.join(LOOKED_UP)}):(?P<value>\S{{1,80}})"):
    """Looks a paper up at its source that this corpus lacks, privately."""

    @classmethod
    def of(cls, typed: str) -> list[Control]:
        """The button of what was typed; none where that is no id or address of a paper, or too long a one."""
        link = read_link(typed)
        if link is None or cls.matches(custom_id := f"lookup:{link.scheme}:{link.value}") is None:
            return []
        return [cls.button("Look it up", custom_id, style=discord.ButtonStyle.primary)]

    async def respond(self, interaction: Interaction) -> None:
        """Look the paper up."""
        await acknowledge(interaction, private=True)
        link = PaperLink(self.given["scheme"], self.given["value"])  # pyright: ignore[reportArgumentType]
        await interaction.client.families.look_up(interaction, link)


BUTTONS = (
    LookUpButton,
    DetailsButton,
    BibtexButton,
    AuthorsButton,
    SimilarButton,
    CitationsButton,
    PaperMenu,
    ChooseMenu,
    VoteButton,
    SaveButton,
    ProposeButton,
    PageButton,
    SortButton,
    SpellingButton,
    SubscribeSearchButton,
    AlertButton,
)


def filters_of_search(request: SearchRequest) -> Filters:
    """A search as the filters of a subscription; its period becomes part of the words."""
    words = [request.query]
    words += [f"since:{request.since}"] if request.since else []
    words += [f"until:{request.until}"] if request.until else []
    return Filters(" ".join(words), request.author, field=request.field, code=request.code)


def known_paper_card(app: App, paper: Paper, guild_id: int | None = None) -> Card:
    """The card of a paper of the corpus, with what its sources disagree on; in a server with its votes."""
    citations = citations_here(app, paper.id)
    controls = [*paper_controls(paper), *CitationsButton.of(paper.id, citations)]
    if guild_id is not None:
        controls.append(VoteButton.of(paper.id, votes_of(app, guild_id, [paper]).get(paper.id, 0)))
    controls.append(SaveButton.of(paper.id))
    if guild_id is not None and has_clubs(app, guild_id):
        controls.append(ProposeButton.of(paper.id))
    return paper_card(
        paper,
        controls,
        disagreements(app, paper.id),
        days_read(app, paper),
        said_by(app, paper),
        citations,
    )


async def show_paper_publicly(interaction: Interaction, paper: Paper) -> None:
    """Show a paper; in a channel that the bot sees, the card is kept up to date with the server's votes."""
    card = await interaction.client.call(known_paper_card, paper, server_here(interaction))
    await show_kept(interaction, card, [paper.id])


async def show_kept(interaction: Interaction, card: Card, papers: Sequence[int]) -> None:
    """Show a card; in a channel that the bot sees, it is kept up to date with the votes for its papers."""
    bot, here = interaction.client, server_here(interaction)
    message = await show(interaction, card)
    if message is None or here is None or message.flags.ephemeral or interaction.channel_id is None:
        return
    if interaction.app_permissions.view_channel:
        body: dict[str, Any] = {"flags": COMPONENTS_V2, "components": [card.to_component_dict()]}
        await bot.call(record_answer, here, interaction.channel_id, message.id, papers, body)


def paper_controls(paper: Paper) -> list[Control]:
    """What stands beneath the card of a paper of the corpus."""
    return [
        *links(paper),
        *data_links(paper),
        BibtexButton.of(paper.id),
        *AuthorsButton.of(paper),
        SimilarButton.of(paper.id),
    ]


def nearest_papers_card(asked: str, papers: Sequence[Paper], asker_id: int) -> Card:
    """Where a title is not exact: the nearest papers to choose from, or that there is none."""
    if papers:
        return paper_choices(asked, papers, PaperMenu.of(papers, asker_id))
    return no_paper(asked, LookUpButton.of(asked))


def stored_search_card(stored: StoredPage, *, notify: bool = False, in_server: bool = False) -> Card:
    """A page of a stored search, the buttons that turn and sort, and the menu that opens a paper.

    `notify` adds the button that subscribes the channel, for a person who may.
    """
    page, answer = stored.page, stored.page.answer
    controls: list[Control] = []
    if not answer.total and answer.did_you_mean:
        controls.append(SpellingButton.of(stored, answer.did_you_mean))
    if page.pages > 1:
        controls += PageButton.back_and_forth(stored)
    if len(answer.paper_ids) > 1:
        controls += SortButton.orders(stored)
    if not answer.paper_ids:
        controls += LookUpButton.of(answer.request.query)
    names_paper = is_about_one_paper(answer.request.query) or read_link(answer.request.query) is not None
    if answer.reading and not names_paper:
        controls += [SubscribeSearchButton.of(stored)] if notify else []
        controls += [AlertButton.of(stored)] if answer.paper_ids else []
    menus = ChooseMenu.below([hit.paper for hit in page.hits], in_server=in_server)
    return search_card(page, controls, DetailsButton.of, menus)


async def show_search(interaction: Interaction, page: SearchPage) -> None:
    """Keep a search for its buttons, and show its first page."""
    bot, person, notify = interaction.client, interaction.user.id, await may_notify(interaction)
    here = server_here(interaction) is not None

    def first_page() -> Card:
        stored = StoredPage(keep(bot.app, page.answer, person), person, page)
        return stored_search_card(stored, notify=notify, in_server=here)

    await show(interaction, await bot.in_thread(first_page))


async def _stored_answer(interaction: Interaction, given: re.Match[str]) -> SearchAnswer | None:
    """Acknowledge, and find a stored search; where it is gone, that is said."""
    await acknowledge_for(interaction, int(given["asker"]))
    stored = await interaction.client.call(stored_page, given["search"], 1)
    if stored is None:
        await answer_privately(interaction, GONE_SEARCH)
        return None
    return stored.page.answer


async def _search_again(interaction: Interaction, request: SearchRequest) -> None:
    """Search with a changed request, for whoever pressed the button."""
    await show_search(interaction, await interaction.client.call(search_page, request))


async def _show_paper(interaction: Interaction, paper_id: int | None) -> None:
    bot = interaction.client
    paper = await bot.call(get_paper, paper_id) if paper_id is not None else None
    if paper is None:
        await answer_privately(interaction, GONE_PAPER)
    else:
        await show(interaction, await bot.call(known_paper_card, paper, server_here(interaction)))


def _paper_facts(paper: Paper) -> str:
    facts = [", ".join(paper.authors[:2]), date_words(paper)]
    return " · ".join(fact for fact in facts if fact)
