"""The announcer's requests on their way to Discord: paced, watched, and stopped in time.

discord.py tries some requests again by itself. Each of its tries passes through here, so that none
is made too late for Discord to know its nonce, after the lease was lost, or faster than we may.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import orjson
from discord.http import HTTPClient, Route

from bot.announcements.outbox import SAME_NONCE_FOR
from bot.app import Clock

REQUESTS_PER_SECOND = 25.0
MOST_INVALID = 1_000
INVALID_WITHIN = 10 * 60.0
"""Seconds; Discord bans an address at 10,000 invalid answers within this time."""
INVALID_STATUSES = {401, 403, 429}
BANNED_FOR = 60.0
"""Seconds of rest after Cloudflare refused a request without saying until when."""

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


class NotSentError(Exception):
    """The request, or another try of it, was not made: it is not the time for it."""


class Wire:
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
        self._interval = 1 / per_second
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

    async def turn(self) -> None:
        """Wait for the next free place among the requests of this second."""
        loop = asyncio.get_running_loop()
        at = max(loop.time(), self._next_turn)
        self._next_turn = at + self._interval
        if at > loop.time():
            await asyncio.sleep(at - loop.time())

    def count_answer(self, status: int, headers: Mapping[str, str]) -> None:
        """Remember an answer that counts towards a ban, or tells of one."""
        now = asyncio.get_running_loop().time()
        if status in INVALID_STATUSES:
            self._invalid.append(now)
        if status == 429 and not headers.get("Via"):
            # Discord's own have it. This one is meant for all requests, whatever their channel.
            wait = headers.get("Retry-After", "")
            self._banned_until = now + (float(wait) if wait.isdecimal() else BANNED_FOR)
        if status == 401:
            self.token_refused = True

    async def request(self, crossing: Crossing, route: Route, **kwargs: Any) -> Any:
        """Make a request; returns Discord's answer as soon as it is there.

        discord.py itself returns later where the bucket is empty: then it sleeps first.
        """
        if (reason := self.why_not()) is not None:
            raise NotSentError(reason)
        loop = asyncio.get_running_loop()
        crossing.answer = loop.create_future()
        send = asyncio.ensure_future(self._http.request(route, middlewares=(crossing,), **kwargs))
        self._unfinished.add(send)
        send.add_done_callback(self._forget)
        await asyncio.wait({send, crossing.answer}, return_when=asyncio.FIRST_COMPLETED)
        return crossing.answer.result() if crossing.answer.done() else await send

    def _forget(self, send: asyncio.Future[Any]) -> None:
        self._unfinished.discard(send)
        if not send.cancelled():
            send.exception()  # whoever waited for it has seen it; asyncio need not complain

    def abandon(self) -> None:
        """Let go of what still waits for a bucket; for the end of the process only."""
        for send in self._unfinished:
            send.cancel()


class Crossing:
    """One request of ours, over all tries that discord.py makes of it."""

    def __init__(self, wire: Wire, maybe_sent_since: dt.datetime | None = None) -> None:
        self._wire = wire
        self.maybe_sent_since: dt.datetime | None = maybe_sent_since
        """Of the earliest try whose end is not known."""
        self.answer: asyncio.Future[Any] | None = None

    async def __call__(self, request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        """Make one try."""
        await self._wire.turn()
        if (reason := self._wire.why_not()) is not None:
            raise NotSentError(reason)
        now, before = self._wire.clock(), self.maybe_sent_since
        if before is not None and now - before >= SAME_NONCE_FOR:
            raise NotSentError("Discord may have forgotten the earlier try.")
        self.maybe_sent_since = before or now
        try:
            response = await handler(request)
        except aiohttp.ClientConnectorError:
            self.maybe_sent_since = before  # there was no connection to send it over
            raise
        self._wire.count_answer(response.status, response.headers)
        if 400 <= response.status < 500 and response.status != 429:
            # A 429 may come from a proxy, behind which the message was made all the same.
            self.maybe_sent_since = before
        elif response.status < 300 and self.answer is not None and not self.answer.done():
            body = await response.read()
            if not self.answer.done():
                self.answer.set_result(orjson.loads(body) if body else None)
        return response
