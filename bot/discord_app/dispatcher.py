"""Carries what is planned to Discord: many channels at once, each in its order, none lost or doubled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from bot.announcements.outbox import Job, Ledger, Outcome, Task, Verdict
from bot.announcements.recovery import Posted, Restorer
from bot.discord_app.sender import MOST_PAGES, Sender, outcome_of
from bot.lease import LeaseLostError

AT_ONCE = 32
"""Jobs; a channel whose bucket is empty keeps its place for some seconds."""
DEADLINE = 20.0
"""Seconds for which an answer is waited for; the request itself is never cancelled."""
DRAIN = 10.0
"""Seconds for which the end of the process waits for requests that were made."""
AWAY = 5.0
"""Seconds until a server that is unavailable is looked at again."""

IsAway = Callable[[int], bool]
"""Whether a server is unavailable at present, by an outage of Discord's."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class InThread(Protocol):
    """Runs a service in a thread."""

    def __call__(self, service: Callable[..., T], /, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, T]:
        """Wait for its answer."""
        ...


class _Run:
    """A job that is being done."""

    def __init__(self, job: Job, task: asyncio.Task[Outcome], until: float) -> None:
        self.job = job
        self.task = task
        self.until = until
        self.is_late = False


class Courier:
    """Does the ledger's jobs until none can be begun."""

    def __init__(
        self,
        ledger: Ledger,
        restorer: Restorer,
        sender: Sender,
        in_thread: InThread,
        *,
        is_away: IsAway = lambda _guild_id: False,
        deadline: float = DEADLINE,
    ) -> None:
        self._ledger = ledger
        self._restorer = restorer
        self._sender = sender
        self._looked_at: set[int] = set()
        """Channels in which nothing stands that the ledger does not know."""
        self._in_thread = in_thread
        self._is_away = is_away
        self._deadline = deadline
        self._runs: list[_Run] = []
        self._outcomes: list[Outcome] = []
        """Of jobs that ended and are not yet recorded."""
        self._closing = False

    async def deliver(self) -> None:
        """Do what the ledger has to do now; jobs that are late go on when this returns."""
        while not self._closing:
            self._collect()
            jobs = await self._advance()
            if self._closing:
                # Begun in the ledger, and certainly not made.
                self._outcomes += [Outcome(job, Verdict.LATER) for job in jobs]
                return
            for job in jobs:
                task = asyncio.create_task(self._do(job))
                self._runs.append(_Run(job, task, asyncio.get_running_loop().time() + self._deadline))
            waiting = [run for run in self._runs if not run.is_late]
            if not waiting:
                return
            patience = min(run.until for run in waiting) - asyncio.get_running_loop().time()
            await asyncio.wait(
                [run.task for run in self._runs],
                timeout=max(0.0, patience),
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def _do(self, job: Job) -> Outcome:
        if self._is_away(job.guild_id):
            # What Discord answers during an outage, such as that a channel is unknown, tells nothing.
            return Outcome(job, Verdict.LATER, error="The server is unavailable at present.", wait=AWAY)
        if job.task is Task.POST and job.channel_id not in self._looked_at:
            try:
                lost = await self._look_around(job)
            except Exception as error:  # noqa: BLE001 - it has an outcome, as every error of a job
                return outcome_of(job, error, maybe_sent=False)
            self._looked_at.add(job.channel_id)
            if lost:
                return Outcome(job, Verdict.LATER)
        return await self._sender.do(job)

    async def _look_around(self, job: Job) -> int:
        """Take back what stands in the channel and the database has lost; how many messages."""
        lost: list[Posted] = []
        before: int | None = None
        for _ in range(MOST_PAGES):
            page = await self._sender.posted(job.channel_id, before)
            strangers = await self._in_thread(self._restorer.strangers, page)
            lost += strangers
            if not strangers:
                break
            before = min(each.discord_id for each in page)
        if lost:
            _log.warning("The database has lost %d posted messages of a channel: taken back.", len(lost))
            await self._in_thread(self._restorer.take_back, job.channel_id, job.guild_id, lost)
        return len(lost)

    async def close(self) -> None:
        """Begin nothing more, and let what is under way finish for some seconds."""
        self._closing = True
        if self._runs:
            await asyncio.wait([run.task for run in self._runs], timeout=DRAIN)
        self._collect()
        with contextlib.suppress(LeaseLostError):
            await self._advance()
        for run in self._runs:
            # What Discord makes of it is looked up by the next process.
            run.task.cancel()

    async def _advance(self) -> list[Job]:
        idle = self._closing or self._sender.why_not is not None
        room = 0 if idle else AT_ONCE - len(self._runs)
        outcomes = list(self._outcomes)
        if not outcomes and room <= 0:
            return []
        try:
            # A lane stays busy while its request lives, however late: nobody looks for a message, or
            # sends it again, that may still be on its way.
            busy = {run.job.lane for run in self._runs}
            jobs = await self._in_thread(self._ledger.advance, outcomes, busy, room)
        except LeaseLostError:
            # Another process looks after these messages now: it finds them as they were begun.
            self._outcomes.clear()
            raise
        # Kept until they are recorded, so that a database that is away for a while loses none.
        del self._outcomes[: len(outcomes)]
        return jobs

    def _collect(self) -> None:
        """Take the outcomes of jobs that ended, and stop waiting for those that are late."""
        now = asyncio.get_running_loop().time()
        for run in self._runs:
            if run.task.done():
                self._outcomes.append(run.task.result())
            elif not run.is_late and now >= run.until:
                run.is_late = True
                error = f"No answer from Discord for {self._deadline:g} seconds; its end is awaited."
                self._outcomes.append(Outcome(run.job, Verdict.UNKNOWN, error=error))
        self._runs = [run for run in self._runs if not run.task.done()]
