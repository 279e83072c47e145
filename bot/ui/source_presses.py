"""What happens when a looked-up paper is added, proposed or declined."""

from __future__ import annotations

import re

import discord

from bot.errors import RefusedError
from bot.services.adding import add_proposed, decline_proposed, propose
from bot.ui.admins import check_admin
from bot.ui.limits import Card, fitted
from bot.ui.paper_cards import paper_card
from bot.ui.presses import ID, on_press
from bot.ui.replies import NO_MENTIONS, Interaction, acknowledge, acknowledge_change, show
from bot.ui.source_cards import proposal_card, said_card
from bot.ui.words import title_words

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
    paper = await bot.in_thread(
        add_proposed, bot.desk, int(given["proposal"]), decided_by=interaction.user.id
    )
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
        decline_proposed, bot.desk, int(given["proposal"]), decided_by=interaction.user.id
    )
    await show(interaction, said_card("Declined", f"**{title_words(paper)}** is not added."))


@on_press(rf"proposal:ask:(?P<proposal>{ID})")
async def proposed(interaction: Interaction, given: re.Match[str]) -> None:
    """The administrators asked, in their channel."""
    bot = interaction.client
    await acknowledge(interaction, private=True)
    channel_id = bot.desk.settings.admin_channel
    if channel_id is None:
        raise RefusedError(NO_CHANNEL)
    proposal_id = int(given["proposal"])
    paper = await bot.in_thread(propose, bot.desk, proposal_id)
    if not await tell_administrators(
        interaction.client, proposal_card(paper, proposal_id, interaction.user.id)
    ):
        raise RefusedError(NO_CHANNEL)
    await show(
        interaction, said_card("Proposed", f"The administrators are asked about **{title_words(paper)}**.")
    )


async def tell_administrators(bot: discord.Client, card: Card) -> bool:
    """Post a card in the administrators' channel; False where that is not possible."""
    desk = getattr(bot, "desk", None)
    channel_id = desk.settings.admin_channel if desk is not None else None
    if channel_id is None:
        return False
    view = discord.ui.LayoutView(timeout=None).add_item(fitted(card))
    view.stop()  # the buttons answer by their custom_ids
    try:
        await bot.get_partial_messageable(channel_id).send(view=view, allowed_mentions=NO_MENTIONS)
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
