"""Which shards this process serves, where several processes share one bot: claimed by a lease on each."""

from __future__ import annotations

import datetime as dt
import math
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from sqlmodel import Session

from bot.app import App
from bot.errors import ConfigurationError, PapercordError
from bot.store.leases import own_name
from bot.store.processes import (
    ProcessRow,
    forget_ended_processes,
    forget_process,
    living_processes,
    lock_processes,
    record_process,
)
from bot.store.settings import get_setting, put_setting

LASTS = dt.timedelta(seconds=60)
"""How long a process that says nothing more keeps its shards."""
SETTLING = 20.0
"""Seconds after the database changed over to another server, or was away for long, in which each process
says again what it has, and nobody claims anything else: the new server may not know of the last claims."""
STEADY = dt.timedelta(minutes=10)
"""So long a process lives before others give shards to it: one that crashes again and again gets none."""
MOST_SHARDS = 10_000
_COUNT = "shards"
"""The setting that says by how many shards all processes work."""
_RANGE = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?/(?P<count>\d{1,5})")


class ShardCountError(PapercordError):
    """The processes work by another number of shards than this one began with."""


class Share(Enum):
    """How many shards a process takes, where its command line names none."""

    WHOLE = "whole"
    """All of them, for it is the only process."""
    AUTO = "auto"
    """As many as each of the living processes."""


@dataclass(frozen=True, slots=True)
class ShardRange:
    """The shards of a process by its command line, and how many there are over all."""

    first: int
    last: int
    count: int

    @property
    def shards(self) -> range:
        """Their numbers."""
        return range(self.first, self.last + 1)

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.first}-{self.last}/{self.count}"

    @classmethod
    def read(cls, written: str) -> Self:
        """Read what a person typed.

        Raises:
            ConfigurationError: It is no range.

        """
        found = _RANGE.fullmatch(written.strip())
        if found is not None:
            first, count = int(found["first"]), int(found["count"])
            last = int(found["last"] or first)
            if first <= last < count <= MOST_SHARDS:
                return cls(first, last, count)
        raise ConfigurationError(
            f"--shards {written} names no shards: write auto, or the first, the last and the number of all "
            "shards, such as 0-3/8 and 4-7/8; the first of 8 is 0."
        )


Wanted = Share | ShardRange


def wanted_shards(written: str | None, *, is_sqlite: bool) -> Wanted:
    """Which shards the command line asks for.

    Raises:
        ConfigurationError: It names no shards, or other processes would need a database that they share.

    """
    if written is None or (written == Share.AUTO.value and is_sqlite):
        return Share.WHOLE
    if written == Share.AUTO.value:
        return Share.AUTO
    wanted = ShardRange.read(written)
    if is_sqlite:
        raise ConfigurationError(
            f"--shards {written} leaves the other shards to other processes, and SQLite is for one process "
            "only: name a PostgreSQL database in PAPERCORD_DATABASE_URL, or leave --shards out."
        )
    return wanted


def shard_of(guild_id: int, count: int) -> int:
    """The shard over which the events of a server come."""
    return (guild_id >> 22) % count


def in_words(shards: Iterable[int]) -> str:
    """Numbers of shards, such as "0-2, 5"; "none" where there are none."""
    runs: list[tuple[int, int]] = []
    for shard in sorted(shards):
        if runs and runs[-1][1] == shard - 1:
            runs[-1] = (runs[-1][0], shard)
        else:
            runs.append((shard, shard))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs) or "none"


class ShardLease:
    """The lease of this process on its shards; it is renewed by `claim`, every few seconds."""

    def __init__(self, app: App, wanted: Wanted, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.wanted = wanted
        self.name = own_name()
        self.count = 1
        self.processes = 1
        """How many live, as this one knows."""
        self.free: frozenset[int] = frozenset()
        """Shards that this process wants, and that nobody had when it claimed last."""
        self._app = app
        self._monotonic = monotonic
        self._started_at = app.clock()
        self._shards: frozenset[int] = frozenset()
        self._ends: tuple[dt.datetime, float] | None = None
        """When the lease ends unless it is renewed, by the wall clock and by the monotonic clock."""
        self._switches = app.store.switches
        self._settled_at = -math.inf
        self._one_at_a_time = threading.Lock()
        self._has_left = False

    def join(self, recommended: int) -> int:
        """Become one of the processes; returns by how many shards they all work.

        As long as one lives that is the number with which they began, and else what Discord recommends,
        or what the command line says.

        Raises:
            ConfigurationError: The others work by another number than this one's command line says.

        """
        now = self._app.clock()
        own = self.wanted.count if isinstance(self.wanted, ShardRange) else recommended
        with self._app.store.writing() as session:
            lock_processes(session)
            kept = get_setting(session, _COUNT)
            count = own
            if kept is not None and self.wanted is not Share.WHOLE and self._others(session, now):
                count = int(kept)
            if isinstance(self.wanted, ShardRange) and count != own:
                raise ConfigurationError(
                    f"--shards {self.wanted} counts {own} shards, and the processes that run work by "
                    f"{count}: give the same number to all."
                )
            put_setting(session, _COUNT, str(count))
            self.count = count
            record_process(session, self._row(now, (), None))
        return count

    @property
    def shards(self) -> frozenset[int]:
        """The shards that are this process's now, as far as it knows; none once it was not renewed."""
        if self.wanted is Share.WHOLE:
            return frozenset(range(self.count))
        return self._shards if self.is_current else frozenset()

    @property
    def is_current(self) -> bool:
        """Whether it was renewed in time; both clocks have to agree, as each may be wrong."""
        ends = self._ends
        return ends is not None and self._app.clock() < ends[0] and self._monotonic() < ends[1]

    def claim(self, most: int = 0, *, may_give: bool = True) -> frozenset[int]:
        """Renew the lease, and claim up to so many further shards; or give one to who has too few.

        Raises:
            ShardCountError: The processes work by another number of shards now.

        """
        with self._one_at_a_time:
            if not self._has_left:
                self._renew(most, may_give=may_give)
        return self.shards

    def leave(self) -> None:
        """Let go of all shards for good, so that others need not wait for the end of the lease."""
        with self._one_at_a_time:
            self._has_left, self._ends = True, None
            with self._app.store.writing() as session:
                forget_process(session, self.name)

    def _renew(self, most: int, *, may_give: bool) -> None:
        index = self._app.index.revision  # before others wait: it may be asked for over the network
        now, started = self._app.clock(), self._monotonic()
        with self._app.store.writing() as session:
            lock_processes(session)
            if self._switches != self._app.store.switches or (self._ends and not self.is_current):
                self._settled_at = started + SETTLING
            self._switches = self._app.store.switches
            count = get_setting(session, _COUNT)
            if self.wanted is not Share.WHOLE and count != str(self.count):
                raise ShardCountError(
                    f"The bot works by {count} shards now, and this process began with {self.count}: "
                    "start it anew."
                )
            others = self._others(session, now)
            shards = self._divided(others, most, now, may_give=may_give)
            record_process(session, self._row(now, shards, index))
            forget_ended_processes(session, now - LASTS)
        # Set only after the commit: before it, nobody else sees them as ours.
        self._shards, self._ends = shards, (now + LASTS, started + LASTS.total_seconds())
        self.processes = 1 + len(others)

    def _others(self, session: Session, now: dt.datetime) -> list[ProcessRow]:
        return [row for row in living_processes(session, now) if row.name != self.name]

    def _row(self, now: dt.datetime, shards: Collection[int], index: int | None) -> ProcessRow:
        reserved = self.wanted.shards if isinstance(self.wanted, ShardRange) else ()
        return ProcessRow(self.name, self._started_at, now + LASTS, sorted(shards), list(reserved), index)

    def _divided(
        self, others: Sequence[ProcessRow], most: int, now: dt.datetime, *, may_give: bool
    ) -> frozenset[int]:
        """The shards that are this process's from now on."""
        if self.wanted is Share.WHOLE:
            return frozenset(range(self.count))
        # Two have a shard only where the database forgot a claim: the process that started later yields.
        older = [row for row in others if (row.started_at, row.name) < (self._started_at, self.name)]
        mine = set(self._shards) - {shard for row in older for shard in row.shards}
        taken = {shard for row in others for shard in row.shards}
        if not self.is_current:  # what others took meanwhile is theirs
            mine -= taken
        wanted, limit = self._share(others)
        free = [shard for shard in sorted(wanted) if shard not in taken and shard not in mine]
        self.free = frozenset(free)
        if self._monotonic() >= self._settled_at:
            mine.update(free[: max(0, min(most, limit - len(mine)))])
        if self.wanted is Share.AUTO and may_give and not free:
            mine -= self._surplus(mine, wanted, others, now)
        return frozenset(mine)

    def _share(self, others: Sequence[ProcessRow]) -> tuple[Collection[int], int]:
        """Which shards it may claim, and how many of them are its share."""
        if isinstance(self.wanted, ShardRange):
            return self.wanted.shards, self.count
        reserved = {shard for row in others for shard in row.reserved}
        wanted = set(range(self.count)) - reserved
        return wanted, math.ceil(len(wanted) / (1 + sum(not row.reserved for row in others)))

    def _surplus(
        self, mine: Collection[int], wanted: Collection[int], others: Sequence[ProcessRow], now: dt.datetime
    ) -> set[int]:
        """A shard to give away: one at a time, so that the others go on meanwhile."""
        if foreign := set(mine) - set(wanted):
            return {max(foreign)}
        steady = [row for row in others if not row.reserved and now - row.started_at >= STEADY]
        fewest = min((len(row.shards) for row in steady), default=len(mine))
        return {max(mine)} if len(mine) - fewest >= 2 else set()


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """A process that serves the bot."""

    name: str
    """Its host, and its number there."""
    shards: tuple[int, ...]
    index_revision: int | None
    """Of the search index on its host."""


def running_processes(app: App) -> tuple[ProcessStatus, ...]:
    """The processes that serve the bot at present, the oldest first."""
    with app.store.reading() as session:
        rows = living_processes(session, app.clock())
    return tuple(
        ProcessStatus(row.name.rpartition(":")[0], tuple(row.shards), row.index_revision) for row in rows
    )
