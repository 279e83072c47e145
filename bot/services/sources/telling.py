"""Administrators are told of sources that have fallen silent, each time once: by a message of the ledger.

The message is written down in the transaction that marks the sources as told. So it is lost with nothing, and
posted as announcements are: not twice, however often it has to be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.services.announcing.markers import new_nonce
from bot.services.announcing.recording import SPEC, database_tag
from bot.services.announcing.results import Kind, MessageSpec
from bot.services.desk import Desk
from bot.services.sources.following import untold_silences
from bot.services.sources.results import SourceStatus
from bot.store.deliveries import add_messages
from bot.store.followed_sources import mark_silence_told

_NO_PAPERS = SPEC.dump_python(MessageSpec(Kind.NOTICE, papers=(), total=0), mode="json")

ComposeSilence = Callable[[Sequence[SourceStatus], str], dict[str, Any]]
"""(silent sources, nonce) -> the whole body of the request; handed in by the user interface."""


def tell_silences(desk: Desk, channel_id: int, guild_id: int, compose: ComposeSilence) -> int:
    """Plan what is to be told in the administrators' channel; of how many sources that is."""
    silent = untold_silences(desk)
    if not silent:
        return 0
    now = desk.clock()
    with desk.store.writing() as session:
        untold = [one for one in silent if mark_silence_told(session, one.id, now)]
        if untold:
            nonce = new_nonce(database_tag(session))
            row = {
                "channel_id": channel_id,
                "guild_id": guild_id,
                "kind": Kind.NOTICE,
                "part": 1,
                "parts": 1,
                "nonce": nonce,
                "spec": _NO_PAPERS,
                "payload": compose(untold, nonce),
                "state": "planned",
                "attempts": 0,
                "planned_at": now,
                "thread_name": None,
            }
            add_messages(session, [row])
    return len(untold)
