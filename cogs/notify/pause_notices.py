"""What administrators are told when the bot itself has paused a channel."""

from __future__ import annotations

from typing import Any

from bot.announcements.markers import notice_marker
from bot.announcements.results import PausedChannel
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage, fitted
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import counted
from cogs.notify.announcement_cards import COMPONENTS_V2

MAX_NAME = 100
MAX_REASON = 200


def pause_message(channel: PausedChannel, server: str, nonce: str) -> dict[str, Any]:
    """The body of the request; `server` is the name of the channel's server."""
    card = Card(
        Passage(
            f"### A channel is gone\n<#{channel.channel_id}> ({channel.channel_id}) in "
            f"{fit(safe(server), MAX_NAME)}: for a day Discord has answered "
            f"“{fit(safe(channel.reason), MAX_REASON)}”. Papercord has paused "
            f"{counted(channel.subscriptions, 'subscription')} of it. Nothing is lost: what comes "
            "meanwhile is posted once they are resumed with `/notify resume`; `/notify remove` deletes them."
        )
    )
    card.add_item(buttons.Row(buttons.delivery(notice_marker(nonce))))
    return {
        "flags": COMPONENTS_V2,
        "components": [fitted(card).to_component_dict()],
        "allowed_mentions": {"parse": []},
        "nonce": nonce,
        "enforce_nonce": True,
    }
