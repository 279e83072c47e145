"""Cards of papers that answered commands: the outbox has them, so that they show new votes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.announcements.markers import database_tag, new_nonce
from bot.announcements.results import MessageSpec, stored_spec
from bot.app import App
from bot.store import outbox, outbox_edits
from bot.store.models import MessageKind, MessageState
from bot.store.outbox import NewMessage


def record_answer(
    app: App,
    guild_id: int,
    channel_id: int,
    discord_id: int,
    papers: Sequence[int],
    message: dict[str, Any],
) -> None:
    """Enter a card with votes for papers that everybody in a channel of a server sees."""
    if not papers:
        return
    now = app.clock()
    with app.store.writing() as session:
        answer = NewMessage(
            {
                "channel_id": channel_id,
                "guild_id": guild_id,
                "kind": MessageKind.ANSWER,
                "nonce": new_nonce(database_tag(session)),
                "spec": stored_spec(MessageSpec(MessageKind.ANSWER, papers=tuple(papers), total=len(papers))),
                "payload": message,
                "state": MessageState.SENT,
                "sent_at": now,
                "discord_id": discord_id,
            }
        )
        [message_id] = outbox.write_messages(session, [answer], now)
        for paper_id in papers:
            outbox_edits.record_answer(session, paper_id, channel_id, message_id)
