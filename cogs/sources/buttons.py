"""The buttons of sources and looked-up papers, and the cards with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.announcements.markers import notice_marker
from bot.announcements.matcher import ChannelMatches
from bot.discord_app.buttons import (
    ID,
    MARKER,
    PERSON,
    SEARCH,
    Button,
    Control,
    Row,
    acknowledge_for,
    marked,
)
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage, fitted, notice
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import NO_MENTIONS, acknowledge, acknowledge_change, answer_privately, show
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import author_words, fact_words, title_words
from bot.errors import PapercordError, RefusedError
from bot.ingest.importer import ImportPreview
from bot.papers.results import Paper
from bot.sources.lookup import (
    LookedUpPaper,
    PaperLink,
    add_proposed,
    ask_about,
    decline_proposed,
    keep_links,
    kept_links,
    look_up,
    look_up_link,
    propose,
)
from bot.sources.registry import SourceStatus, source_statuses
from bot.text.counting import counted
from cogs.papers.buttons import DetailsButton, paper_controls
from cogs.papers.cards import links, paper_card
from cogs.sources.cards import (
    MAX_ERROR,
    MOST_SOURCES,
    import_card,
    label_words,
    preview_words,
    said_card,
    sources_card,
)
from cogs.sources.uploads import TOKEN, import_upload

LINKS_PAGE = 10
"""Papers of a message on one page, as many as a card holds."""
NO_LINKS = "This message names no paper: no arXiv id, no DOI, and no address that Papercord knows to read."
GONE_LINKS = "These links are no longer kept. Choose “Papers here” at the message again."
NO_CHANNEL = (
    "Nobody can be asked: PAPERCORD_ADMIN_CHANNEL names no channel that Papercord can write to. "
    "Tell an administrator of this paper."
)


class AddButton(Button, pattern=rf"proposal:add:(?P<proposal>{ID})"):
    """Adds a paper that was looked up to the corpus, for an administrator."""

    @classmethod
    def of(cls, proposal_id: int) -> Control:
        """The button of a looked-up paper."""
        return cls.button("Add", f"proposal:add:{proposal_id}", style=discord.ButtonStyle.success)

    async def respond(self, interaction: Interaction) -> None:
        """Add the paper."""
        await check_admin(interaction)
        bot, proposal_id = interaction.client, int(self.given["proposal"])
        changes_message = await _acknowledge(interaction)
        paper = await bot.call(add_proposed, proposal_id, decided_by=interaction.user.id)
        if changes_message:
            await show(interaction, paper_card(paper, paper_controls(paper)))
        else:
            await show(interaction, said_card("Added", f"**{title_words(paper)}** is in the corpus now."))


class DeclineButton(Button, pattern=rf"proposal:decline:(?P<proposal>{ID})"):
    """Declines a proposed paper, for an administrator."""

    @classmethod
    def of(cls, proposal_id: int) -> Control:
        """The button of a proposed paper."""
        return cls.button("Decline", f"proposal:decline:{proposal_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Decline the paper."""
        await check_admin(interaction)
        bot, proposal_id = interaction.client, int(self.given["proposal"])
        await acknowledge_change(interaction)
        paper = await bot.call(decline_proposed, proposal_id, decided_by=interaction.user.id)
        await show(interaction, said_card("Declined", f"**{title_words(paper)}** is not added."))


class ProposeButton(Button, pattern=rf"proposal:ask:(?P<proposal>{ID})"):
    """Asks the administrators, in their channel, to add a paper that was looked up."""

    @classmethod
    def of(cls, proposal_id: int) -> Control:
        """The button of a looked-up paper."""
        return cls.button("Propose", f"proposal:ask:{proposal_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Ask the administrators."""
        bot, proposal_id = interaction.client, int(self.given["proposal"])
        await acknowledge(interaction, private=True)
        channel_id = bot.app.settings.admin_channel
        if channel_id is None:
            raise RefusedError(NO_CHANNEL)
        paper, nonce = await bot.call(ask_about, proposal_id)
        card = proposal_card(paper, proposal_id, interaction.user.id)
        if not await _post_to_administrators(bot, channel_id, card, nonce):
            raise RefusedError(NO_CHANNEL)
        await bot.call(propose, proposal_id)
        sentence = f"The administrators are asked about **{title_words(paper)}**."
        await show(interaction, said_card("Proposed", sentence))


class SourcesButton(Button, pattern=f"sources:0{MARKER}"):
    """Shows every source, and how it is going there, privately."""

    @classmethod
    def of(cls, marker: str) -> Control:
        """The button of a message."""
        return cls.button("All sources", marked("sources:0", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Show the sources."""
        bot = interaction.client
        await acknowledge(interaction, private=True)
        statuses = await bot.call(source_statuses)
        await show(interaction, sources_card(statuses, bot.app.clock()))


class ImportButton(Button, pattern=rf"import:(?P<token>{TOKEN})"):
    """Imports an attached file whose preview was shown, for the administrator who attached it."""

    @classmethod
    def of(cls, token: str) -> Control:
        """The button of a kept file."""
        return cls.button("Import", f"import:{token}", style=discord.ButtonStyle.success)

    async def respond(self, interaction: Interaction) -> None:
        """Import the file."""
        await check_admin(interaction)
        await acknowledge_change(interaction)
        report = await interaction.client.call(import_upload, self.given["token"], interaction.user.id)
        await show(interaction, import_card(report))


class LinksPageButton(
    Button, pattern=rf"links:(?P<search>{SEARCH}):(?P<asker>{PERSON}):(?P<page>[0-9]{{1,3}})"
):
    """Shows another page of the papers that a message names."""

    @classmethod
    def back_and_forth(cls, kept_id: str, asker_id: int, page: int, pages: int) -> Row:
        """The buttons under the papers of a message."""
        return Row(*cls.turns(lambda to: f"links:{kept_id}:{asker_id}:{to}", page, pages))

    async def respond(self, interaction: Interaction) -> None:
        """Look up and show the papers of the page."""
        await acknowledge_for(interaction, int(self.given["asker"]))
        kept_id = self.given["search"]
        named = await interaction.client.call(kept_links, kept_id)
        if named is None:
            await answer_privately(interaction, GONE_LINKS)
            return
        await show_links(interaction, named, kept_id, int(self.given["page"]))


BUTTONS = (AddButton, DeclineButton, ProposeButton, SourcesButton, ImportButton, LinksPageButton)


async def show_links(
    interaction: Interaction, named: Sequence[PaperLink], kept_id: str | None = None, page: int = 1
) -> None:
    """Look up the papers of one page of links, and show what was found and what was not."""
    bot, person = interaction.client, interaction.user.id
    pages = max(1, -(-len(named) // LINKS_PAGE))
    page = min(max(1, page), pages)
    if pages > 1 and kept_id is None:
        kept_id = await bot.call(keep_links, named, person)
    found: dict[int | str, LookedUpPaper] = {}
    failed: list[str] = []
    for link in named[(page - 1) * LINKS_PAGE : page * LINKS_PAGE]:
        try:
            one = await bot.in_look_up_thread(look_up_link, bot.app, bot.library, link, person)
        except PapercordError as error:
            failed.append(f"{link.label}: {error}")
        else:
            # One paper may be named by its preprint and by its DOI.
            found.setdefault(one.paper.id or one.paper.doi or one.paper.arxiv_id or link.label, one)
    card = await bot.in_thread(
        papers_here_card, tuple(found.values()), failed, len(named), may_add=await may_add(interaction)
    )
    if kept_id is not None:
        card.add_item(Passage(f"-# Page {page} of {pages}"))
        card.add_item(LinksPageButton.back_and_forth(kept_id, person, page, pages))
    await show(interaction, card)


async def look_up_here(interaction: Interaction, asked: str | PaperLink) -> None:
    """Look a paper up by what a person typed or by its link, and answer with its card."""
    bot, person = interaction.client, interaction.user.id
    if isinstance(asked, str):
        found = await bot.in_look_up_thread(look_up, bot.app, bot.library, asked, person)
    else:
        found = await bot.in_look_up_thread(look_up_link, bot.app, bot.library, asked, person)
    await show(interaction, await bot.in_thread(found_card, found, may_add=await may_add(interaction)))


async def may_add(interaction: Interaction) -> bool:
    """Whether the person may add papers to the corpus."""
    try:
        await check_admin(interaction)
    except RefusedError:
        return False
    return True


def silence_message(silent: Sequence[SourceStatus], nonce: str) -> dict[str, Any]:
    """The notice to administrators of sources that have fallen silent: the body of the request."""
    lines = [
        f"{label_words(one)}: nothing for {counted(one.silent_for.days, 'day')}"
        for one in silent[:MOST_SOURCES]
        if one.silent_for is not None
    ]
    if len(silent) > MOST_SOURCES:
        lines.append(f"-# and {len(silent) - MOST_SOURCES:,} more")
    card = Card(Passage("### Silent for much longer than usual\n" + "\n".join(lines)))
    card.add_item(Row(SourcesButton.of(notice_marker(nonce))))
    return notice(card, nonce)


def preview_card(
    preview: ImportPreview,
    channels: Sequence[ChannelMatches],
    guild_id: int | None,
    token: str | None,
    *,
    strict: bool,
) -> Card:
    """What an import would do, with a button where it can be done."""
    card = Card(Passage(preview_words(preview, channels, guild_id, strict=strict)))
    if token is not None:
        card.add_item(Row(ImportButton.of(token)))
        card.add_item(Passage("-# Nothing is written yet. The file is kept for 15 minutes."))
    return card


def found_card(found: LookedUpPaper, *, may_add: bool) -> Card:
    """A paper that was looked up: with its own card where the corpus has it, else with a button."""
    if found.proposal_id is None:
        return paper_card(found.paper, paper_controls(found.paper), found.disagreeing)
    return paper_card(found.paper, [*links(found.paper), _action(found, may_add=may_add)])


def proposal_card(paper: Paper, proposal_id: int, proposer_id: int) -> Card:
    """The question to administrators whether to add a paper."""
    card = paper_card(paper, [*links(paper), AddButton.of(proposal_id), DeclineButton.of(proposal_id)])
    card.add_item(Passage(f"-# Proposed by <@{proposer_id}>."))
    return card


def papers_here_card(
    found: Sequence[LookedUpPaper], failed: Sequence[str], named: int, *, may_add: bool
) -> Card:
    """The papers of one page of those that a message names, each with what can be done."""
    if not named:
        return said_card("No papers here", NO_LINKS)
    if len(found) == named == 1:
        return found_card(found[0], may_add=may_add)
    count = named if named > LINKS_PAGE else len(found)
    card = Card(Passage(f"### {counted(count, 'paper')} in this message"))
    for one in found:
        words = (
            f"**{title_words(one.paper)}**\n{author_words(one.paper, first=3)}\n-# {fact_words(one.paper)}"
            + (" · in the corpus" if one.proposal_id is None else "")
        )
        section: discord.ui.Section[discord.ui.LayoutView] = discord.ui.Section(
            Passage(words), accessory=_action(one, may_add=may_add)
        )
        card.add_item(section)
    for sentence in failed:
        card.add_item(Passage(f"-# {fit(safe(sentence), MAX_ERROR)}"))
    return card


def _action(found: LookedUpPaper, *, may_add: bool) -> Control:
    if found.proposal_id is None:
        return DetailsButton.of(found.paper.id)
    return AddButton.of(found.proposal_id) if may_add else ProposeButton.of(found.proposal_id)


async def _post_to_administrators(bot: discord.Client, channel_id: int, card: Card, nonce: str) -> bool:
    """Post a card in their channel, once however often it is tried; False where that is not possible."""
    view = discord.ui.LayoutView(timeout=None).add_item(fitted(card))
    view.stop()  # the buttons answer by their custom_ids
    channel = bot.get_partial_messageable(channel_id)
    try:
        # discord.py asks Discord to enforce a nonce: a second try within minutes makes no second message.
        await channel.send(view=view, allowed_mentions=NO_MENTIONS, nonce=nonce)
    except (discord.Forbidden, discord.NotFound):
        return False
    return True


async def _acknowledge(interaction: Interaction) -> bool:
    """Change the message where it shows this one paper; answer privately under a list of several."""
    message = interaction.message
    several = message is not None and any(
        isinstance(child, discord.SectionComponent)
        for component in message.components
        if isinstance(component, discord.Container)
        for child in component.children
    )
    if several:
        await acknowledge(interaction, private=True)
    else:
        await acknowledge_change(interaction)
    return not several
