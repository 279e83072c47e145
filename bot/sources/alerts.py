"""Administrators are told of sources that have fallen silent, each time once: by a message of the ledger.

The message is written down in the transaction that marks the sources as told, see announcing/notices.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.announcements.notices import add_notice
from bot.announcements.results import Notice
from bot.app import Desk
from bot.sources.registry import untold_silences
from bot.sources.results import SourceStatus
from bot.store.sources import mark_silence_told

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
            add_notice(session, lambda nonce: Notice(channel_id, guild_id, compose(untold, nonce)), now)
    return len(untold)
