"""The desk: the parts that every service works with, put together once at the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from bot.config import Settings
from bot.search.index import SearchIndex
from bot.store.engine import Store

Clock = Callable[[], dt.datetime]
"""Answers the present as an aware UTC time."""


def utc_now() -> dt.datetime:
    """The present."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Desk:
    """What services are given: settings, the truth, the index, the clock."""

    settings: Settings
    store: Store
    index: SearchIndex
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        """Give the clock to the index of names too: it tells whether an import still runs."""
        self.index.people.clock = self.clock
