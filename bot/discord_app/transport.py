"""The outbox's requests to Discord: rate limit, deadline, and what their answers mean."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import orjson
from discord.http import HTTPClient, Route

from bot.announcements.markers import MessageMarker, read_marker
from bot.announcements.outbox import SAME_NONCE_FOR, AttemptResult, Job, ResultKind, Task
from bot.announcements.recovery import PostedMessage
from bot.announcements.results import message_in
from bot.app import Clock
from bot.discord_app.forums import ForumPosts
from bot.discord_app.members import Members
from bot.discord_app.scheduled_events import FINISHED_EVENT, UNKNOWN_EVENT, ScheduledEvents
from bot.errors import DatabaseUnusableError
from bot.store.models import PlaceKind
from bot.store.outbox_edits import DELETED_BY_PERSON

REQUESTS_PER_SECOND = 25.0
"""Of the one process that announces: half of what Discord allows the bot.

Answers to interactions do not count there; the other half is for the little else that all processes ask.
"""
MOST_INVALID = 1_000
INVALID_WITHIN = 10 * 60.0
"""Seconds; Discord bans an address at 10,000 invalid answers within this time."""
INVALID_STATUSES = {401, 403, 429}
BANNED_FOR = 60.0
"""Seconds of rest after Cloudflare refused a request without saying until when."""

UNKNOWN_MESSAGE = 10008
THREAD_EXISTS = 160004
THREAD_LOCKED, TOO_MANY_THREADS = 160005, 160006
TAG_REQUIRED = 40067
ARCHIVED = 50083
ALREADY_PUBLISHED = 40033
UNKNOWN_CHANNEL, UNKNOWN_SERVER = 10003, 10004
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
CANNOT_SEND, NO_COMMON_SERVER = 50007, 50278
"""A person blocks the bot or takes no direct messages from it, or shares no server with it any more."""
MEANINGS = {
    UNKNOWN_CHANNEL: ResultKind.UNKNOWN_CHANNEL,
    UNKNOWN_SERVER: ResultKind.UNKNOWN_CHANNEL,
    MISSING_ACCESS: ResultKind.FORBIDDEN,
    MISSING_PERMISSIONS: ResultKind.FORBIDDEN,
    THREAD_LOCKED: ResultKind.FORBIDDEN,
    TOO_MANY_THREADS: ResultKind.FORBIDDEN,
    TAG_REQUIRED: ResultKind.FORBIDDEN,
    CANNOT_SEND: ResultKind.CLOSED,
    NO_COMMON_SERVER: ResultKind.CLOSED,
}
"""What these codes mean, whatever the status."""
PAGE = 100
MOST_PAGES = 50
CLOCK_DOUBT = dt.timedelta(hours=2)
"""How far our clock may be from Discord's: so much earlier is looked for what may have been posted."""
POSTS_SETTLE = SAME_NONCE_FOR
"""After so long an attempt at a post of a forum has made it, or never will."""
LOOKED_FOR_EVERY = 30.0
"""Seconds between looks for a post that may still be made."""
WAIT_AFTER_TROUBLE = 5.0
MAX_ERROR = 300
HISTORY_UNREADABLE = (
    "The bot may not read this channel's history, so it cannot be told whether it was posted."
)
OLD_MESSAGE_EDITS = 30046
WAIT_FOR_EDITS = 600.0
"""Seconds in which a channel's messages are not edited after Discord took no more edits of older ones."""

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


MayRead = Callable[[int], bool | None]
"""Whether the bot may read a channel's history; None where that is not known."""

_log = logging.getLogger(__name__)


class EditsLimitError(Exception):
    """Discord takes no more edits of messages older than an hour at present."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("Discord takes no more edits of older messages at present.")
        self.retry_after = retry_after


class NotSentError(Exception):
    """The request, or another try of it, was not made."""


class UnclearAnswerError(Exception):
    """An answer to a request that is made once only: what was asked for may have been made."""

    def __init__(self, status: int, retry_after: float) -> None:
        super().__init__(f"Discord answered {status}; whether it was posted is looked up.")
        self.retry_after = retry_after


class Transport:
    """What all requests of the announcer share."""

    def __init__(
        self,
        http: HTTPClient,
        clock: Clock,
        *,
        may_send: Callable[[], bool],
        per_second: float = REQUESTS_PER_SECOND,
    ) -> None:
        self.clock = clock
        self.token_refused = False
        """Discord does not know the token; nothing is sent until the process is started anew."""
        self._http = http
        self._may_send = may_send
        self._per_second = per_second
        self._next_turn = 0.0
        self._banned_until = 0.0
        self._invalid: deque[float] = deque(maxlen=MOST_INVALID)
        self._unfinished: set[asyncio.Future[Any]] = set()

    def why_not(self) -> str | None:
        """Why nothing may be sent now; None where it may."""
        if self.token_refused:
            return "Discord refuses the bot's token."
        if not self._may_send():
            return "This process does not announce at present."
        now = asyncio.get_running_loop().time()
        if len(self._invalid) == MOST_INVALID and now - self._invalid[0] < INVALID_WITHIN:
            return f"Discord refused {MOST_INVALID:,} requests within ten minutes; waiting."
        if now < self._banned_until:
            return "Cloudflare refuses the bot's address at present; waiting."
        return None

    async def wait_for_turn(self) -> None:
        """Wait for the next free place among the requests of this second."""
        loop = asyncio.get_running_loop()
        at = max(loop.time(), self._next_turn)
        self._next_turn = at + 1 / self._per_second
        if at > loop.time():
            await asyncio.sleep(at - loop.time())

    def count_answer(self, status: int, headers: Mapping[str, str]) -> None:
        """Remember an answer that counts towards a ban, or shows one."""
        now = asyncio.get_running_loop().time()
        if status in INVALID_STATUSES:
            self._invalid.append(now)
        if status == 429 and not headers.get("Via"):
            # Discord's own have it. This one is meant for all requests, whatever their channel.
            wait = headers.get("Retry-After", "")
            self._banned_until = now + (float(wait) if wait.isdecimal() else BANNED_FOR)
        if status == 401:
            self.token_refused = True

    async def request(self, attempt: Attempt, route: Route, **kwargs: Any) -> Any:
        """Make a request; returns Discord's answer as soon as it is there.

        discord.py itself returns later where the bucket is empty: then it sleeps first.
        """
        if (reason := self.why_not()) is not None:
            raise NotSentError(reason)
        loop = asyncio.get_running_loop()
        attempt.answer = loop.create_future()
        send = asyncio.ensure_future(self._http.request(route, middlewares=(attempt,), **kwargs))
        self._unfinished.add(send)
        send.add_done_callback(self._forget)
        await asyncio.wait({send, attempt.answer}, return_when=asyncio.FIRST_COMPLETED)
        return attempt.answer.result() if attempt.answer.done() else await send

    def _forget(self, send: asyncio.Future[Any]) -> None:
        self._unfinished.discard(send)
        if not send.cancelled():
            send.exception()  # whoever waited for it has seen it; asyncio need not complain

    def abandon(self) -> None:
        """Cancel what still waits for a bucket; for the end of the process only."""
        for send in self._unfinished:
            send.cancel()


class Attempt:
    """One attempt at a request, over all tries that discord.py makes of it; or of one try only."""

    def __init__(
        self, transport: Transport, maybe_sent_since: dt.datetime | None = None, *, once: bool = False
    ) -> None:
        self._transport = transport
        self._once = once
        self.maybe_sent_since: dt.datetime | None = maybe_sent_since
        """Of the earliest try whose end is not known."""
        self.answer: asyncio.Future[Any] | None = None

    async def __call__(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        """Make one try."""
        await self._transport.wait_for_turn()
        if (reason := self._transport.why_not()) is not None:
            raise NotSentError(reason)
        now, before = self._transport.clock(), self.maybe_sent_since
        if before is not None and (self._once or now - before >= SAME_NONCE_FOR):
            raise NotSentError("Discord may have forgotten the earlier try.")
        self.maybe_sent_since = before or now
        try:
            response = await handler(request)
        except aiohttp.ClientConnectorError:
            self.maybe_sent_since = before  # there was no connection to send it over
            raise
        if response.status == 429 and (wait := _wait_for_edits(await response.read())) is not None:
            self.maybe_sent_since = before
            raise EditsLimitError(wait)
        self._transport.count_answer(response.status, response.headers)
        if 400 <= response.status < 500 and response.status != 429:
            # A 429 may come from a proxy, behind which the message was made all the same.
            self.maybe_sent_since = before
        elif self._once and response.status >= 400:
            # discord.py would make another try of it, and with that another post.
            raise UnclearAnswerError(response.status, _retry_after(await response.read()))
        elif response.status < 300 and self.answer is not None and not self.answer.done():
            body = await response.read()
            if not self.answer.done():
                self.answer.set_result(orjson.loads(body) if body else None)
        return response


def _retry_after(body: bytes) -> float:
    """How many seconds to wait, as an answer says; 0 where it does not."""
    with contextlib.suppress(ValueError, TypeError, KeyError):  # a page of a proxy
        return float(orjson.loads(body)["retry_after"])
    return 0.0


def _wait_for_edits(body: bytes) -> float | None:
    """For how long to edit no older messages, where a 429 is about that limit; else None."""
    with contextlib.suppress(ValueError, TypeError, KeyError):  # a proxy's page, or the general limit
        answer = orjson.loads(body)
        if answer["code"] == OLD_MESSAGE_EDITS:
            return max(WAIT_FOR_EDITS, float(answer.get("retry_after") or 0))
    return None


class Sender:
    """Posts, looks up, edits and opens threads; never raises for what Discord or the network does."""

    def __init__(self, transport: Transport, own_id: int, may_read: MayRead) -> None:
        self._transport = transport
        self._own_id = str(own_id)
        self._may_read = may_read
        self.forums = ForumPosts(self._ask, self.markers_of, own_id)
        self.events = ScheduledEvents(self._ask, own_id)
        self.members = Members(self._ask)

    @property
    def why_not(self) -> str | None:
        """Why nothing may be sent now; None where it may."""
        return self._transport.why_not()

    async def do(self, job: Job) -> AttemptResult:
        """Make the request of a job."""
        since = job.maybe_sent_since if job.task is Task.POST else None
        attempt = Attempt(self._transport, since, once=job.task is Task.POST and job.makes_post)
        try:
            if job.place is PlaceKind.EVENTS:
                return await self._do_event(job, attempt)
            match job.task:
                case Task.POST if job.makes_post:
                    return await self._post_in_forum(job, attempt)
                case Task.POST:
                    return await self._post(job, attempt)
                case Task.LOOK_UP if job.makes_post:
                    return await self._look_up_post(job)
                case Task.LOOK_UP:
                    return await self._look_up(job)
                case Task.EDIT:
                    return await self._edit(job, attempt)
                case Task.THREAD:
                    return await self._open_thread(job, attempt)
                case Task.PUBLISH:
                    return await self._publish(job, attempt)
        except Exception as error:  # noqa: BLE001 - no job may end the others; each error has a result
            return attempt_result(job, error, maybe_sent=attempt.maybe_sent_since is not None)

    async def _post(self, job: Job, attempt: Attempt) -> AttemptResult:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=job.stands_in)
        body = job.payload
        if job.place is PlaceKind.FORUM:  # a further part: a message in the post of the first
            body = message_in(body) | {"nonce": job.nonce, "enforce_nonce": True}
        message = await self._transport.request(attempt, route, json=body)
        return AttemptResult(job, ResultKind.DONE, int(message["id"]))

    async def _post_in_forum(self, job: Job, attempt: Attempt) -> AttemptResult:
        """Make a post of a forum; its first message has the same id."""
        tags = await self.forums.tags_for(job.channel_id, job.payload["applied_tags"])
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=job.channel_id)
        post = await self._transport.request(attempt, route, json=job.payload | {"applied_tags": tags})
        return AttemptResult(job, ResultKind.DONE, int(post["id"]), posted_in=int(post["id"]))

    async def _edit(self, job: Job, attempt: Attempt) -> AttemptResult:
        route = Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=job.stands_in,
            message_id=job.discord_id,
        )
        try:
            await self._transport.request(attempt, route, json=job.payload)
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            await self._archive(job.stands_in, archived=False)
            await self._transport.request(Attempt(self._transport), route, json=job.payload)
            # Only moderators, and whoever began a thread, may archive it: then it stays open for a while.
            with contextlib.suppress(discord.HTTPException):
                await self._archive(job.stands_in, archived=True)
        return AttemptResult(job, ResultKind.DONE, job.discord_id)

    async def _do_event(self, job: Job, attempt: Attempt) -> AttemptResult:
        """Make a scheduled event, look whether it was made, or change it."""
        if job.task is Task.EDIT:
            route = Route(
                "PATCH",
                "/guilds/{guild_id}/scheduled-events/{event_id}",
                guild_id=job.guild_id,
                event_id=job.discord_id,
            )
            await self._transport.request(attempt, route, json=job.payload)
            return AttemptResult(job, ResultKind.DONE, job.discord_id)
        # Also before the first request: an earlier state of the database may know nothing of the event.
        found = await self.events.find(job.guild_id, job.payload)
        if found is not None:
            return AttemptResult(job, ResultKind.DONE, found)
        if job.task is Task.LOOK_UP:
            return self._not_there(job)
        route = Route("POST", "/guilds/{guild_id}/scheduled-events", guild_id=job.guild_id)
        event = await self._transport.request(attempt, route, json=job.payload)
        return AttemptResult(job, ResultKind.DONE, int(event["id"]))

    def _not_there(self, job: Job) -> AttemptResult:
        """What was requested without a nonce, and is not there: it may still come for a while."""
        now = self._transport.clock()
        left = ((job.maybe_sent_since or now) + POSTS_SETTLE - now).total_seconds()
        if left > 0:
            words = "It is not there yet; it is looked for again."
            return AttemptResult(job, ResultKind.UNKNOWN, error=words, wait=min(left, LOOKED_FOR_EVERY))
        return AttemptResult(job, ResultKind.ABSENT)

    async def _archive(self, thread_id: int, *, archived: bool) -> None:
        route = Route("PATCH", "/channels/{channel_id}", channel_id=thread_id)
        await self._transport.request(Attempt(self._transport), route, json={"archived": archived})

    async def _open_thread(self, job: Job, attempt: Attempt) -> AttemptResult:
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=job.channel_id,
            message_id=job.discord_id,
        )
        await self._transport.request(attempt, route, json={"name": job.thread_name})
        return AttemptResult(job, ResultKind.DONE, job.discord_id)

    async def _publish(self, job: Job, attempt: Attempt) -> AttemptResult:
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/crosspost",
            channel_id=job.channel_id,
            message_id=job.discord_id,
        )
        await self._transport.request(attempt, route)
        return AttemptResult(job, ResultKind.DONE, job.discord_id)

    async def _look_up(self, job: Job) -> AttemptResult:
        """Look in the channel, since the attempt, for the message that has the row's nonce."""
        may_read = self._may_read(job.channel_id)
        unknowable = AttemptResult(job, ResultKind.UNTELLABLE, error=HISTORY_UNREADABLE)
        if may_read is False:
            return unknowable
        since = (job.maybe_sent_since or self._transport.clock()) - CLOCK_DOUBT
        after = discord.utils.time_snowflake(since)
        for _ in range(MOST_PAGES):
            page = await self.history(job.stands_in, limit=PAGE, after=after)
            for message in page:
                if any(marker.nonce == job.nonce for marker in self.markers_of(message)):
                    return AttemptResult(job, ResultKind.DONE, int(message["id"]))
            if len(page) < PAGE:
                break
            after = max(int(message["id"]) for message in page)
        else:
            return unknowable
        # Without the permission, Discord shows an empty channel: only a message in it proves that
        # the history can be read.
        if may_read is None and not page and not await self.history(job.stands_in, limit=1):
            return unknowable
        return AttemptResult(job, ResultKind.ABSENT)

    async def _look_up_post(self, job: Job) -> AttemptResult:
        """Look among the posts of the forum, since the attempt, for the one that has the row's nonce."""
        unknowable = AttemptResult(job, ResultKind.UNTELLABLE, error=HISTORY_UNREADABLE)
        if self._may_read(job.channel_id) is False:
            return unknowable
        since = job.maybe_sent_since or self._transport.clock()
        found, is_certain = await self.forums.find(
            job.guild_id, job.channel_id, job.nonce, job.payload["name"], since - CLOCK_DOUBT
        )
        if found is not None:
            return AttemptResult(job, ResultKind.DONE, found, posted_in=found)
        if not is_certain:
            return unknowable
        return self._not_there(job)

    async def posted(self, channel_id: int, before: int | None = None) -> list[PostedMessage]:
        """Our announcements among a page of a channel's newest messages, newest first."""
        query = {"limit": PAGE} | ({"before": before} if before is not None else {})
        return self._announcements(await self.history(channel_id, **query))

    async def posted_in(self, thread_id: int) -> list[PostedMessage]:
        """Our announcements among the first messages of a post of a forum."""
        found = self._announcements(await self.forums.first_messages(thread_id))
        return [replace(each, posted_in=thread_id) for each in found]

    def _announcements(self, messages: Sequence[dict[str, Any]]) -> list[PostedMessage]:
        found: list[PostedMessage] = []
        for message in messages:
            if markers := self.markers_of(message):
                first = markers[0]
                fingerprints = tuple(dict.fromkeys(marker.fingerprint for marker in markers))
                posted_at = discord.utils.snowflake_time(int(message["id"]))
                found.append(
                    PostedMessage(int(message["id"]), first.tag, first.nonce, fingerprints, posted_at)
                )
        return found

    async def _ask(self, route: Route, query: dict[str, Any]) -> Any:
        return await self._transport.request(Attempt(self._transport), route, params=query)

    async def history(self, channel_id: int, **query: int) -> list[dict[str, Any]]:
        """Messages of a channel, newest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
        return await self._ask(route, query)

    def markers_of(self, message: dict[str, Any]) -> list[MessageMarker]:
        """The markers in a message of our own."""
        if message["author"]["id"] != self._own_id:
            return []
        found = (read_marker(custom_id) for custom_id in custom_ids(message.get("components", [])))
        return [marker for marker in found if marker is not None]


def custom_ids(components: list[dict[str, Any]]) -> Iterator[str]:
    """All custom_ids in a message's components, at any depth."""
    for component in components:
        if isinstance(custom_id := component.get("custom_id"), str):
            yield custom_id
        yield from custom_ids(component.get("components", []))
        if accessory := component.get("accessory"):
            yield from custom_ids([accessory])


def attempt_result(job: Job, error: BaseException, *, maybe_sent: bool) -> AttemptResult:
    """What an error means for the message; `maybe_sent` where some try may have made it."""
    words = (str(error) or type(error).__name__)[:MAX_ERROR]
    unknown = AttemptResult(job, ResultKind.UNKNOWN, error=words)
    later = (
        unknown if maybe_sent else AttemptResult(job, ResultKind.LATER, error=words, wait=WAIT_AFTER_TROUBLE)
    )
    match error:
        case discord.HTTPException(status=status) if status >= 500:
            return later
        case UnclearAnswerError():
            return replace(unknown, wait=error.retry_after)
        case discord.HTTPException():
            return _answered(job, error, words, later)
        case EditsLimitError():
            return AttemptResult(job, ResultKind.LATER, error=words, wait=error.retry_after)
        case discord.RateLimited():
            return (
                unknown
                if maybe_sent and job.task is Task.POST  # to do the others twice does no harm
                else AttemptResult(job, ResultKind.LATER, error=words, wait=error.retry_after)
            )
        case NotSentError() | DatabaseUnusableError() | aiohttp.ClientError() | TimeoutError() | OSError():
            return later
        case _:
            _log.error("A request ended in an unforeseen way.", exc_info=error)
            return later


def _answered(job: Job, error: discord.HTTPException, words: str, later: AttemptResult) -> AttemptResult:
    """What an answer of 4xx means: this try made nothing."""
    if error.code in {THREAD_EXISTS, ALREADY_PUBLISHED, FINISHED_EVENT}:
        return AttemptResult(job, ResultKind.DONE, job.discord_id)
    if error.code in {UNKNOWN_MESSAGE, UNKNOWN_EVENT} or (
        error.code == UNKNOWN_CHANNEL and job.posted_in is not None
    ):
        return AttemptResult(job, ResultKind.DELETED, error=DELETED_BY_PERSON)
    if later.kind is ResultKind.UNKNOWN and job.maybe_sent_since is None:
        return later  # an earlier try of this very request may have made it
    if (meaning := MEANINGS.get(error.code)) is not None:
        return AttemptResult(job, meaning, error=words)
    match error.status:
        case 403:
            return AttemptResult(job, ResultKind.FORBIDDEN, error=words)
        case 404:
            return later  # a proxy's page, or an incident: it says nothing of the channel
        case 401:
            return AttemptResult(job, ResultKind.LATER, error=words, wait=60.0)
        case 429:
            return replace(later, wait=60.0)
        case _:
            return AttemptResult(job, ResultKind.REFUSED, error=words)
