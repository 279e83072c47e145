"""The desk: the parts that every service works with, put together once at the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.config import Settings
from bot.outages import Outages
from bot.search.index import SearchIndex
from bot.store.engine import Store

Clock = Callable[[], dt.datetime]
"""Answers the present as an aware UTC time."""


def utc_now() -> dt.datetime:
    """The present."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Desk:
    """What services are given: settings, the truth, the index, the clock, and who tells of outages."""

    settings: Settings
    store: Store
    index: SearchIndex
    clock: Clock = utc_now
    outages: Outages = field(init=False)

    def __post_init__(self) -> None:
        """Give the clock to what is told by it: the outages, and whether an import still runs."""
        object.__setattr__(self, "outages", Outages(self.clock))
        self.index.people.clock = self.clock
