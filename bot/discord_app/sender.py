"""One request for one message of the ledger, and what its answer means."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.announcements.markers import Mark, read_mark
from bot.announcements.outbox import Job, Outcome, Task, Verdict
from bot.announcements.recovery import Posted
from bot.discord_app.transport import Crossing, NotSentError, Wire
from bot.errors import DatabaseUnusableError

UNKNOWN_MESSAGE = 10008
THREAD_EXISTS = 160004
UNKNOWN_CHANNEL, UNKNOWN_SERVER = 10003, 10004
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
PAGE = 100
MOST_PAGES = 50
CLOCK_DOUBT = dt.timedelta(minutes=5)
"""How far our clock may be from Discord's."""
WAIT_AFTER_TROUBLE = 5.0
MAX_ERROR = 300

MayRead = Callable[[int], bool | None]
"""Whether the bot may read a channel's history; None where that is not known."""

_log = logging.getLogger(__name__)


class Sender:
    """Posts, looks up, edits and opens threads; never raises for what Discord or the network does."""

    def __init__(self, wire: Wire, own_id: int, may_read: MayRead) -> None:
        self._wire = wire
        self._own_id = str(own_id)
        self._may_read = may_read

    @property
    def why_not(self) -> str | None:
        """Why nothing may be sent now; None where it may."""
        return self._wire.why_not()

    async def do(self, job: Job) -> Outcome:
        """Make the request of a job."""
        since = job.maybe_sent_since if job.task is Task.POST else None
        crossing = Crossing(self._wire, since)
        try:
            match job.task:
                case Task.POST:
                    return await self._post(job, crossing)
                case Task.LOOK_UP:
                    return await self._look_up(job)
                case Task.EDIT:
                    return await self._edit(job, crossing)
                case Task.THREAD:
                    return await self._open_thread(job, crossing)
        except Exception as error:  # noqa: BLE001 - no job may end the others; each error has an outcome
            return outcome_of(job, error, maybe_sent=crossing.maybe_sent_since is not None)

    async def _post(self, job: Job, crossing: Crossing) -> Outcome:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=job.channel_id)
        message = await self._wire.request(crossing, route, json=job.payload)
        return Outcome(job, Verdict.DONE, int(message["id"]))

    async def _edit(self, job: Job, crossing: Crossing) -> Outcome:
        route = Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=job.channel_id,
            message_id=job.discord_id,
        )
        await self._wire.request(crossing, route, json=job.payload)
        return Outcome(job, Verdict.DONE, job.discord_id)

    async def _open_thread(self, job: Job, crossing: Crossing) -> Outcome:
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=job.channel_id,
            message_id=job.discord_id,
        )
        await self._wire.request(crossing, route, json={"name": job.thread_name})
        return Outcome(job, Verdict.DONE, job.discord_id)

    async def _look_up(self, job: Job) -> Outcome:
        """Look in the channel, since the attempt, for the message that carries the row's nonce."""
        may_read = self._may_read(job.channel_id)
        untellable = Outcome(
            job,
            Verdict.UNTELLABLE,
            error="The bot may not read this channel's history, so it cannot be told whether it was posted.",
        )
        if may_read is False:
            return untellable
        since = (job.maybe_sent_since or self._wire.clock()) - CLOCK_DOUBT
        after = discord.utils.time_snowflake(since)
        for _ in range(MOST_PAGES):
            page = await self.history(job.channel_id, limit=PAGE, after=after)
            for message in page:
                if any(mark.nonce == job.nonce for mark in self.marks_of(message)):
                    return Outcome(job, Verdict.DONE, int(message["id"]))
            if len(page) < PAGE:
                break
            after = max(int(message["id"]) for message in page)
        else:
            return untellable
        # Without the permission, Discord shows an empty channel: only a message in it proves that
        # the history can be read.
        if may_read is None and not page and not await self.history(job.channel_id, limit=1):
            return untellable
        return Outcome(job, Verdict.ABSENT)

    async def posted(self, channel_id: int, before: int | None = None) -> list[Posted]:
        """Our announcements among a page of a channel's newest messages, newest first."""
        query = {"limit": PAGE} | ({"before": before} if before is not None else {})
        found: list[Posted] = []
        for message in await self.history(channel_id, **query):
            if marks := self.marks_of(message):
                prints = tuple(dict.fromkeys(mark.print for mark in marks))
                posted_at = discord.utils.snowflake_time(int(message["id"]))
                found.append(Posted(int(message["id"]), marks[0].tag, marks[0].nonce, prints, posted_at))
        return found

    async def history(self, channel_id: int, **query: int) -> list[dict[str, Any]]:
        """Messages of a channel, newest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        return await self._wire.request(Crossing(self._wire), route, params=query)

    def marks_of(self, message: dict[str, Any]) -> list[Mark]:
        """The marks in a message of our own."""
        if message["author"]["id"] != self._own_id:
            return []
        found = (read_mark(custom_id) for custom_id in custom_ids(message.get("components", [])))
        return [mark for mark in found if mark is not None]


def custom_ids(components: list[dict[str, Any]]) -> Iterator[str]:
    """All custom_ids in a message's components, at any depth."""
    for component in components:
        if isinstance(custom_id := component.get("custom_id"), str):
            yield custom_id
        yield from custom_ids(component.get("components", []))
        if accessory := component.get("accessory"):
            yield from custom_ids([accessory])


def outcome_of(job: Job, error: BaseException, *, maybe_sent: bool) -> Outcome:
    """What an error means for the message; `maybe_sent` where some try may have made it."""
    words = (str(error) or type(error).__name__)[:MAX_ERROR]
    unknown = Outcome(job, Verdict.UNKNOWN, error=words)
    later = unknown if maybe_sent else Outcome(job, Verdict.LATER, error=words, wait=WAIT_AFTER_TROUBLE)
    match error:
        case discord.HTTPException(status=status) if status >= 500:
            return later
        case discord.HTTPException():
            return _answered(job, error, words, later)
        case discord.RateLimited():
            return unknown if maybe_sent else Outcome(job, Verdict.LATER, error=words, wait=error.retry_after)
        case NotSentError() | DatabaseUnusableError() | aiohttp.ClientError() | TimeoutError() | OSError():
            return later
        case _:
            _log.error("A request ended in an unforeseen way.", exc_info=error)
            return later


def _answered(job: Job, error: discord.HTTPException, words: str, later: Outcome) -> Outcome:
    """What an answer of 4xx means: this try made nothing."""
    if error.code == THREAD_EXISTS:
        return Outcome(job, Verdict.DONE, job.discord_id)
    if error.code == UNKNOWN_MESSAGE:
        return Outcome(job, Verdict.DELETED, error="A person deleted the message.")
    if later.verdict is Verdict.UNKNOWN and job.maybe_sent_since is None:
        return later  # an earlier try of this very request may have made it
    if error.code in {UNKNOWN_CHANNEL, UNKNOWN_SERVER}:
        return Outcome(job, Verdict.UNKNOWN_CHANNEL, error=words)
    match error.status:
        case 400 if error.code in {MISSING_ACCESS, MISSING_PERMISSIONS}:
            return Outcome(job, Verdict.FORBIDDEN, error=words)
        case 403:
            return Outcome(job, Verdict.FORBIDDEN, error=words)
        case 404:
            return later  # a proxy's page, or an incident: it tells nothing of the channel
        case 401:
            return Outcome(job, Verdict.LATER, error=words, wait=60.0)
        case 429:
            return replace(later, wait=60.0)
        case _:
            return Outcome(job, Verdict.REFUSED, error=words)
