"""When a new session may begin, over all processes: Discord allows some at once, and so many in a day."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.app import App
from bot.errors import DatabaseUnusableError
from bot.permits import SharedRateLimit
from bot.store.leases import server_time

IDENTIFY_EVERY = 5.25
"""Seconds; Discord counts in five."""
LONGEST_CONNECT = dt.timedelta(seconds=75)
"""How long the turn of a process is kept of which nothing is known any more; a connection takes less."""
LIMIT_KEPT = 60.0
"""Seconds for which Discord's limit of a day is not asked for again."""
LONGEST_LOOK = 30.0
"""Seconds between looks whether it is our turn."""

_log = logging.getLogger(__name__)


class TurnLostError(Exception):
    """The turn passed, or the database forgot it, before the session was begun; it is waited for anew."""


@dataclass(frozen=True, slots=True)
class StartLimit:
    """How many sessions Discord lets the bot begin."""

    total: int
    remaining: int
    reset_after: float
    """Seconds until `remaining` is `total` again."""
    at_once: int
    """How many may begin within five seconds: one in each bucket."""

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Read what Discord says of it."""
        at_once = max(1, answer.get("max_concurrency", 1))
        return cls(answer["total"], answer["remaining"], answer["reset_after"] / 1000, at_once)

    @property
    def spacing(self) -> float:
        """Seconds from one session of a bucket to the next.

        The second half of the day's sessions is spread over what is left of the day: a process that
        crashes and starts again and again comes slower and slower, and never uses them up.
        """
        if self.remaining * 2 >= self.total:
            return IDENTIFY_EVERY
        return max(IDENTIFY_EVERY, self.reset_after / max(1, self.remaining) * self.at_once)

    @property
    def is_ample(self) -> bool:
        """Whether sessions may be begun without need, such as to share shards out anew."""
        return self.remaining * 2 >= self.total


class Identifications:
    """The turns of the shards of this process, among those of all processes."""

    def __init__(self, app: App, ask: Callable[[], Awaitable[Mapping[str, Any]]]) -> None:
        """Make it; `ask` fetches what Discord says of the gateway and of its limits."""
        self._app = app
        self._ask = ask
        # The hosts of the processes need not have the same time.
        self._permits = SharedRateLimit(app, longest=LONGEST_CONNECT, now=server_time)
        self._switches = None if app.store.may_switch else app.store.switches
        """Of the database: another server may not know which sessions began last; None: it may be another."""
        self.known = StartLimit(total=1000, remaining=1000, reset_after=0.0, at_once=1)
        """What Discord said last."""
        self._asked_at = -math.inf
        """When, by the loop's clock."""
        self._locks: dict[str, asyncio.Lock] = {}
        self._begun: set[str] = set()
        """The buckets whose turn was used."""

    async def recommended_shards(self) -> int:
        """By how many shards Discord recommends to connect."""
        found = await self._ask()
        self.known = StartLimit.read(found["session_start_limit"])
        self._asked_at = asyncio.get_running_loop().time()
        return max(1, found["shards"])

    async def limit(self) -> StartLimit:
        """What Discord allows at present."""
        if asyncio.get_running_loop().time() - self._asked_at >= LIMIT_KEPT:
            await self.recommended_shards()
        return self.known

    @contextlib.asynccontextmanager
    async def turn(self, shard_id: int) -> AsyncGenerator[None]:
        """Wait until this shard may identify itself, and let no other of its bucket do so meanwhile."""
        name = _bucket(shard_id, await self.limit())
        async with self._locks.setdefault(name, asyncio.Lock()):
            limit = await self._take(name, shard_id)
            self._begun.discard(name)
            try:
                yield
            finally:
                spacing = limit.spacing if name in self._begun else 0.0
                with contextlib.suppress(DatabaseUnusableError):  # then it ends by itself
                    await asyncio.to_thread(self._permits.release, name, spacing)

    async def begin(self, shard_id: int) -> None:
        """Make sure that it is this shard's turn, right before it identifies itself.

        Raises:
            TurnLostError: It is not.

        """
        name = _bucket(shard_id, self.known)
        if not await asyncio.to_thread(self._permits.renew, name):
            raise TurnLostError("its turn to begin a session has passed")
        self._begun.add(name)

    async def _take(self, name: str, shard_id: int) -> StartLimit:
        is_said = False
        while True:
            limit = await self.limit()
            if limit.remaining > 0:
                waiting = await asyncio.to_thread(self._permits.acquire, name, limit.spacing)
            else:
                waiting = limit.reset_after
            if (switches := self._app.store.switches) != self._switches:
                # This server may not know of a session that began just before it took over.
                self._switches = switches
                await asyncio.to_thread(self._permits.release, name, limit.spacing)
                continue
            if waiting <= 0:
                return limit
            if waiting > LONGEST_LOOK and not limit.is_ample and not is_said:
                _log.warning(
                    "Discord lets the bot begin %d more sessions within %.1f hours: they are spread over it, "
                    "and shard %d waits for %.0f s.",
                    limit.remaining,
                    limit.reset_after / 3600,
                    shard_id,
                    waiting,
                )
                is_said = True
            await asyncio.sleep(min(waiting, LONGEST_LOOK))


def _bucket(shard_id: int, limit: StartLimit) -> str:
    return f"identify {shard_id % limit.at_once}"
