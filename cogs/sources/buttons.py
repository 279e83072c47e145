"""What happens when a looked-up paper is added, proposed or declined."""

from __future__ import annotations

import re

import discord

from bot.discord_app.limits import Card, fitted
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import NO_MENTIONS, Interaction, acknowledge, acknowledge_change, show
from bot.discord_app.wording import title_words
from bot.errors import RefusedError
from bot.sources.lookup import add_proposed, ask_about, decline_proposed, propose
from bot.sources.registry import source_statuses
from cogs.papers.buttons import ID, MARKER, on_press
from cogs.papers.paper_cards import paper_card
from cogs.sources.cards import proposal_card, said_card, sources_card

NO_CHANNEL = (
    "Nobody can be asked: PAPERCORD_ADMIN_CHANNEL names no channel that Papercord can write to. "
    "Tell an administrator of this paper."
)


@on_press(rf"proposal:add:(?P<proposal>{ID})")
async def added(interaction: Interaction, given: re.Match[str]) -> None:
    """The paper added to the corpus, by somebody who may."""
    await check_admin(interaction)
    bot = interaction.client
    changes_message = await _acknowledge(interaction)
    paper = await bot.in_thread(add_proposed, bot.app, int(given["proposal"]), decided_by=interaction.user.id)
    if changes_message:
        await show(interaction, paper_card(paper))
    else:
        await show(interaction, said_card("Added", f"**{title_words(paper)}** is in the corpus now."))


@on_press(rf"proposal:decline:(?P<proposal>{ID})")
async def declined(interaction: Interaction, given: re.Match[str]) -> None:
    """The paper declined."""
    await check_admin(interaction)
    bot = interaction.client
    await acknowledge_change(interaction)
    paper = await bot.in_thread(
        decline_proposed, bot.app, int(given["proposal"]), decided_by=interaction.user.id
    )
    await show(interaction, said_card("Declined", f"**{title_words(paper)}** is not added."))


@on_press(rf"proposal:ask:(?P<proposal>{ID})")
async def proposed(interaction: Interaction, given: re.Match[str]) -> None:
    """The administrators asked, in their channel."""
    bot = interaction.client
    await acknowledge(interaction, private=True)
    channel_id = bot.app.settings.admin_channel
    if channel_id is None:
        raise RefusedError(NO_CHANNEL)
    proposal_id = int(given["proposal"])
    paper, nonce = await bot.in_thread(ask_about, bot.app, proposal_id)
    card = proposal_card(paper, proposal_id, interaction.user.id)
    if not await _tell_administrators(bot, channel_id, card, nonce):
        raise RefusedError(NO_CHANNEL)
    await bot.in_thread(propose, bot.app, proposal_id)
    await show(
        interaction, said_card("Proposed", f"The administrators are asked about **{title_words(paper)}**.")
    )


@on_press(f"sources:0{MARKER}")
async def all_sources(interaction: Interaction, _given: re.Match[str]) -> None:
    """Every source, and how it is going there, privately."""
    bot = interaction.client
    await acknowledge(interaction, private=True)
    statuses = await bot.in_thread(source_statuses, bot.app)
    await show(interaction, sources_card(statuses, bot.app.clock()))


async def _tell_administrators(bot: discord.Client, channel_id: int, card: Card, nonce: str) -> bool:
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
