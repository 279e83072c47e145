"""The server: channels, messages, threads, nonces, permissions, rate limits, and faults."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from email.utils import formatdate
from typing import Any

from aiohttp import web

from tests.loopback_discord.answers import (
    NAMED_FAULTS,
    answer,
    error,
    missing_permissions,
    rate_limited,
    unauthorized,
    unknown_channel,
    unknown_message,
    unknown_server,
    upstream_error,
)
from tests.loopback_discord.channels import Channel
from tests.loopback_discord.events import LoopbackEvents
from tests.loopback_discord.faults import Fault, Moment, no_faults
from tests.loopback_discord.forums import active, archived, described, problem_of_post
from tests.loopback_discord.gateway import OWN_USER, PATH, LoopbackGateway
from tests.loopback_discord.interactions import LoopbackInteractions
from tests.loopback_discord.reading import papers_in, problem_of

NONCE_LIVES = 5 * 60.0
"""Seconds for which a nonce is remembered; Discord says "the past few minutes"."""
DISCORD_EPOCH = 1_420_070_400.0
OWN_ID = "9000"
_TURNS_TO_READ = 4
"""Of the loop, in which what has come over a connection is read and begun."""


class LoopbackDiscord:
    """Answers like Discord, counts what readers see, and breaks where it is told to."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        faults: Callable[[str], Fault | None] = no_faults,
        bucket: tuple[int, float] | None = None,
        latency: Callable[[], float] | None = None,
    ) -> None:
        """Make it.

        Args:
            clock: Seconds since 1970; a test may move it.
            faults: Answers a request, "POST" and its like, with what is to go wrong.
            bucket: How many posts to one channel in how many seconds; None: no rate-limit headers.
            latency: Answers how many seconds a request takes, before and after its work each.

        """
        self.clock = clock
        self.faults = faults
        self.bucket = bucket
        self.latency = latency
        self._at_work = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self.channels: dict[str, Channel] = {}
        self.threads: dict[str, str] = {}
        self.requests: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.post_times: deque[float] = deque(maxlen=100_000)
        self.first_post = asyncio.Event()
        self.on_made: Callable[[], None] | None = None
        """Called when a message stands in its channel and nothing was answered yet."""
        self.on_published: Callable[[], None] | None = None
        """Called when a message is published and nothing was answered yet."""
        self.left: set[int] = set()
        """People who left all servers."""
        self.shows_members = True
        self.token_known = True
        self.start_faults: Callable[[str], Fault | None] = no_faults
        """As `faults`, for a "login" and for telling the "commands"."""
        self.gateway = LoopbackGateway()
        self.interactions = LoopbackInteractions(self._breakable)
        self.events = LoopbackEvents(self._answer, clock, self._snowflake, OWN_ID)
        self._nonces: dict[str, tuple[float, str, str]] = {}
        self._sequence = itertools.count(1)
        self._last_id = 0
        self._runner: web.AppRunner | None = None
        self._waits: set[asyncio.Future[None]] = set()
        self.url = ""

    async def start(self, port: int = 0) -> str:
        """Listen, and return the address for `Route.BASE`."""
        app = web.Application()

        async def date(_request: web.Request, response: web.StreamResponse) -> None:
            response.headers["Date"] = formatdate(self.clock(), usegmt=True)

        app.on_response_prepare.append(date)
        base = "/api/v10"
        app.add_routes(
            [
                web.get(PATH, self.gateway.handle),
                web.get(f"{base}/gateway/bot", self.gateway.recommend),
                *self.interactions.routes(base),
                *self.events.routes(base),
                web.get(f"{base}/users/@me", self._me),
                web.get(f"{base}/oauth2/applications/@me", self._application),
                web.get(f"{base}/channels/{{channel}}", self._channel),
                web.get(f"{base}/channels/{{channel}}/messages", self._history),
                web.post(f"{base}/channels/{{channel}}/messages", self._post),
                web.patch(f"{base}/channels/{{channel}}/messages/{{message}}", self._edit),
                web.post(f"{base}/channels/{{channel}}/messages/{{message}}/threads", self._thread),
                web.post(f"{base}/channels/{{channel}}/messages/{{message}}/crosspost", self._crosspost),
                web.patch(f"{base}/channels/{{channel}}", self._archive),
                web.post(f"{base}/channels/{{channel}}/threads", self._forum_post),
                web.get(f"{base}/guilds/{{guild}}/threads/active", self._active_threads),
                web.get(f"{base}/channels/{{channel}}/threads/archived/public", self._archived_threads),
                web.get(f"{base}/guilds/{{guild}}/members/{{person}}", self._member),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.url = f"http://127.0.0.1:{port}{base}"
        self.gateway.url = f"ws://127.0.0.1:{port}{PATH}"
        return self.url

    def let_go(self) -> None:
        """End all that hangs, with an answer that tells nothing."""
        for wait in self._waits:
            if not wait.done():
                wait.set_result(None)

    async def close(self) -> None:
        """Stop listening; what hangs is let go."""
        self.let_go()
        if self._runner is not None:
            await self._runner.cleanup()

    def add_channel(self, channel_id: int, **permissions: bool) -> Channel:
        """Make a channel."""
        channel = Channel(str(channel_id), **permissions)
        self.channels[channel.id] = channel
        return channel

    def add_forum(self, forum_id: int, *tags: str, requires_tag: bool = False) -> Channel:
        """Make a forum; tags that begin with a star are for moderators only."""
        forum = self.add_channel(forum_id)
        forum.type, forum.requires_tag = 15, requires_tag
        forum.tags = [
            {"id": str(number), "name": name.lstrip("*"), "moderated": name.startswith("*")}
            for number, name in enumerate(tags, 1)
        ]
        return forum

    def posts(self, forum_id: int) -> list[Channel]:
        """The posts of a forum that a reader finds, oldest first."""
        posts = [each for each in self.channels.values() if each.parent == str(forum_id) and each.exists]
        return sorted(posts, key=lambda each: int(each.id))

    def visible(self, channel_id: int) -> list[dict[str, Any]]:
        """What a reader of the channel sees, oldest first."""
        return self.channels[str(channel_id)].visible()

    def delete(self, channel_id: int, message_id: str) -> None:
        """Delete a message, as a person does."""
        self.channels[str(channel_id)].deleted.add(message_id)

    def seen_papers(self, channel_id: int) -> Counter[int]:
        """How often a reader of the channel, and of the posts in it, sees each paper."""
        messages = [
            *self.visible(channel_id),
            *(message for post in self.posts(channel_id) for message in post.visible()),
        ]
        return Counter(paper for message in messages for paper in papers_in(message["components"]))

    # What Discord answers.

    async def _me(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            return answer(OWN_USER) if self.token_known else unauthorized()

        return await self._breakable(request, "login", work)

    async def _application(self, request: web.Request) -> web.StreamResponse:
        owner = OWN_USER | {"id": "1", "username": "owner"}
        public = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "key"}
        texts = {"name": "papercord", "description": "", "icon": None}
        return answer({"id": OWN_ID, "flags": 0, "owner": owner, **texts, **public})

    async def _breakable(
        self, request: web.Request, what: str, work: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        fault = self.start_faults(what)
        return await (work() if fault is None else self._fail(request, fault))

    async def _channel(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            channel = self._find(request)
            return answer(described(channel)) if channel else self._unknown(request)

        return await self._answer(request, work)

    async def _archive(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            thread = self._find(request)
            if thread is None:
                return self._unknown(request)
            if thread.locked or (body["archived"] and thread.owner != OWN_ID):
                return missing_permissions()
            thread.archived_at = self.clock() if body["archived"] else None
            return answer(described(thread))

        return await self._answer(request, work)

    async def _member(self, request: web.Request) -> web.StreamResponse:
        person = request.match_info["person"]
        if not self.shows_members:
            return error(403, 50001, "Missing Access")
        if int(person) in self.left:
            return error(404, 10007, "Unknown Member")
        return answer({"user": {"id": person}, "roles": []})

    async def _active_threads(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            return active([each for each in self.channels.values() if each.parent is not None])

        return await self._answer(request, work)

    async def _archived_threads(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            forum = self._find(request)
            if forum is None:
                return self._unknown(request)
            if not forum.may_read_history:
                return missing_permissions()
            threads = [each for each in self.channels.values() if each.parent == forum.id]
            return archived(threads, request.query)

        return await self._answer(request, work)

    async def _crosspost(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            channel = self._find(request)
            if channel is None:
                return self._unknown(request)
            if channel.type != 5:
                return error(400, 50024, "Cannot execute action on this channel type")
            if not channel.may_publish:
                return missing_permissions()
            message = channel.messages.get(request.match_info["message"])
            if message is None or message["id"] in channel.deleted:
                return unknown_message()
            if message.get("published"):
                return error(400, 40033, "This message has already been crossposted")
            recent = [moment for moment in channel.published if moment > self.clock() - 3600]
            if len(recent) >= 10:
                self.requests["refused to publish"] += 1
                return rate_limited(recent[-10] + 3600 - self.clock())
            channel.published.append(self.clock())
            message["published"] = True
            if self.on_published is not None:
                self.on_published()
            return answer(message)

        return await self._answer(request, work)

    async def _forum_post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            self.first_post.set()
            forum = self._find(request)
            if forum is None:
                return self._unknown(request)
            if not forum.may_send:
                return missing_permissions()
            if forum.refuses is not None:
                return NAMED_FAULTS[forum.refuses]()
            if problem := problem_of_post(forum, body):
                return problem
            post = self.add_channel(int(self._snowflake()))
            post.parent, post.owner, post.name = forum.id, OWN_ID, body["name"]
            post.applied_tags, post.may_read_history = body.get("applied_tags", []), forum.may_read_history
            message = self._message(post, body["message"], post.id)
            if self.on_made is not None:
                self.on_made()
            return answer(described(post) | {"message": message}, 201)

        return await self._answer(request, work)

    async def _history(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            channel = self._find(request)
            if channel is None:
                return self._unknown(request)
            query = request.query
            limit = int(query.get("limit", 50))
            return answer(channel.page(limit, after=query.get("after"), before=query.get("before")))

        return await self._answer(request, work)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            self.first_post.set()
            self.post_times.append(asyncio.get_running_loop().time())
            channel = self._find(request)
            if not self.token_known:
                return unauthorized()
            if channel is None:
                return self._unknown(request)
            if not channel.may_send:
                return missing_permissions()
            if channel.refuses is not None or channel.locked:
                return NAMED_FAULTS[channel.refuses or "locked"]()
            if channel.type == 15:
                return error(400, 40058, "Cannot send a message in a forum channel")
            if self.bucket is not None:
                wait = channel.take_place(self.bucket, asyncio.get_running_loop().time())
                if wait is not None:
                    return rate_limited(wait)
            if problem := problem_of(body):
                return error(400, 50035, problem)
            return self._create(channel, body)

        return await self._answer(request, work)

    def _create(self, channel: Channel, body: dict[str, Any]) -> web.StreamResponse:
        nonce = body.get("nonce") if body.get("enforce_nonce") else None
        if nonce is not None:
            known = self._nonces.get(nonce)
            if known is not None and self.clock() - known[0] < NONCE_LIVES:
                _, channel_id, message_id = known
                if message_id in self.channels[channel_id].deleted:
                    return unknown_message()
                return self._posted(self.channels[channel_id].messages[message_id], channel)
        message = self._message(channel, body, self._snowflake())
        if nonce is not None:
            self._nonces[nonce] = (self.clock(), channel.id, message["id"])
        if self.on_made is not None:
            self.on_made()
        return self._posted(message, channel)

    def _message(self, channel: Channel, body: dict[str, Any], message_id: str) -> dict[str, Any]:
        """Put a message into a channel; a thread that is archived is active again."""
        channel.archived_at = None
        message = {
            "id": message_id,
            "channel_id": channel.id,
            "author": {"id": OWN_ID, "username": "papercord", "bot": True},
            "components": body["components"],
            "flags": body["flags"],
            "allowed_mentions": body.get("allowed_mentions"),
            "edits": 0,
        }
        channel.messages[message_id] = message
        return message

    async def _edit(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            channel = self._find(request)
            if channel is None:
                return self._unknown(request)
            if channel.archived_at is not None:
                return error(400, 50083, "Tried to perform an operation on an archived thread")
            message_id = request.match_info["message"]
            if message_id not in channel.messages or message_id in channel.deleted:
                return unknown_message()
            message = channel.messages[message_id]
            message |= {"components": body["components"], "edits": message["edits"] + 1}
            return answer(message)

        return await self._answer(request, work)

    async def _thread(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            message_id = request.match_info["message"]
            if not 1 <= len(body["name"]) <= 100:
                return error(400, 50035, "name: Must be between 1 and 100 in length.")
            if message_id in self.threads:
                return error(400, 160004, "A thread has already been created for this message")
            self.threads[message_id] = body["name"]
            return answer({"id": message_id, "type": 11, "name": body["name"]})

        return await self._answer(request, work)

    # Faults, and the form of answers.

    async def _answer(self, request: web.Request, work: Callable[[], Any]) -> web.StreamResponse:
        self.requests[request.method] += 1
        with self._working():
            if self.latency:
                await asyncio.sleep(self.latency())
            fault = self.faults(request.method)
            is_done = fault is None or fault.moment is not Moment.BEFORE
            response = await work() if is_done else None
        if fault is not None:
            response = await self._fail(request, fault)
        if self.latency:
            await asyncio.sleep(self.latency())
        self.answers[response.status] += 1
        return response

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        self._settled.clear()
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._settled.set()

    async def settled(self) -> None:
        """Wait until what was asked for is done, also what a process asked that was killed since."""
        for _ in range(_TURNS_TO_READ):
            await asyncio.sleep(0)
        await self._settled.wait()

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case "reset":
                if request.transport is not None:
                    request.transport.abort()
                raise asyncio.CancelledError
            case "hang":
                wait = asyncio.get_running_loop().create_future()
                self._waits.add(wait)
                await wait
                return error(503, 0, "hung")
            case 429:
                return rate_limited(fault.retry_after)
            case kind if kind in NAMED_FAULTS:
                return NAMED_FAULTS[kind]()
            case int(status):
                return upstream_error(status)
            case _:
                raise ValueError(fault.kind)

    def _posted(self, message: dict[str, Any], channel: Channel) -> web.StreamResponse:
        if self.bucket is None:
            return answer(message)
        now = asyncio.get_running_loop().time()
        return answer(message, headers=channel.limit_headers(self.bucket, now, self.clock()))

    def _find(self, request: web.Request) -> Channel | None:
        channel = self.channels.get(request.match_info["channel"])
        return channel if channel is not None and channel.exists else None

    def _unknown(self, request: web.Request) -> web.StreamResponse:
        """What is answered of a channel that does not exist."""
        channel = self.channels.get(request.match_info["channel"])
        is_server = channel is not None and channel.unknown_as == "no server"
        return unknown_server() if is_server else unknown_channel()

    def _snowflake(self) -> str:
        stamp = int((self.clock() - DISCORD_EPOCH) * 1000) << 22
        self._last_id = max(stamp | (next(self._sequence) & 0xFFF), self._last_id + 1)
        return str(self._last_id)
