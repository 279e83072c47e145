"""What the answers of /notify have in common: whose subscription it is, and what has to be told at once."""

from __future__ import annotations

from functools import partial

from bot.announcements import subscriptions
from bot.announcements.results import Subscription
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import check_channel, home_of, may_manage
from bot.discord_app.replies import Interaction, show
from bot.discord_app.safe_text import fit, safe

MAX_TOLD = 5
MAX_REASON = 150


async def answer(interaction: Interaction, card: Card) -> None:
    """Show a card, and beneath it which subscriptions of the server were paused without a person's doing."""
    bot, guild = interaction.client, home_of(interaction)
    known = await bot.in_thread(subscriptions.list_all, bot.desk, guild.id)
    paused = [
        each
        for each in known
        if each.paused
        and each.pause_reason not in {None, subscriptions.PAUSED_BY_HAND}
        and may_manage(interaction, each.channel_id)
    ]
    if paused:
        lines = [
            f"⚠ Subscription {each.id} of <#{each.channel_id}> is paused: "
            f"{fit(safe(each.pause_reason or ''), MAX_REASON)}"
            for each in paused[:MAX_TOLD]
        ]
        if len(paused) > MAX_TOLD:
            lines.append(f"⚠ … and {len(paused) - MAX_TOLD:,} more")
        lines.append("-# `/notify remove` deletes one, `/notify resume` goes on once the channel is back.")
        card.add_item(Passage("", partial(fit, "\n".join(lines))))
    await show(interaction, card)


async def subscription_of(interaction: Interaction, subscription_id: int) -> Subscription:
    """A subscription of the server that the person may change.

    Raises:
        RefusedError: there is none, or they may not.

    """
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.in_thread(subscriptions.get, bot.desk, guild.id, subscription_id)
    check_channel(interaction, found.channel_id)
    return found
