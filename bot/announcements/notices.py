"""What administrators are told: a message of the ledger, written down with that of which it tells.

So it is lost with nothing, and posted as announcements are: not twice, however often it has to be tried.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from bot.announcements.markers import new_nonce
from bot.announcements.planner import SPEC, database_tag
from bot.announcements.results import MessageKind, MessageSpec, Notice
from bot.store.models import MessageState
from bot.store.outbox import add_messages

_NO_PAPERS = SPEC.dump_python(MessageSpec(MessageKind.NOTICE, papers=(), total=0), mode="json")


def add_notice(session: Session, compose: Callable[[str], Notice | None], now: dt.datetime) -> None:
    """Plan a message to administrators in this writing transaction.

    `compose` is given the message's nonce; it answers None where nobody is to be told.
    """
    nonce = new_nonce(database_tag(session))
    notice = compose(nonce)
    if notice is None:
        return
    row: dict[str, Any] = {
        "channel_id": notice.channel_id,
        "guild_id": notice.guild_id,
        "kind": MessageKind.NOTICE,
        "part": 1,
        "parts": 1,
        "nonce": nonce,
        "spec": _NO_PAPERS,
        "payload": notice.payload,
        "state": MessageState.PLANNED,
        "attempts": 0,
        "planned_at": now,
        "thread_name": None,
    }
    add_messages(session, [row])
