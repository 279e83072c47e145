"""The gateway of the loopback Discord: sessions, events, and connections that break."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.loopback_discord.answers import answer

PATH = "/gateway"
OWN_USER = {"id": "9000", "username": "papercord", "discriminator": "0", "avatar": None, "bot": True}
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Connected:
    """A session of a shard, connected or waiting to be resumed."""

    shard: int
    agent: str
    """What the program that began it calls itself."""
    socket: web.WebSocketResponse | None
    transport: asyncio.Transport | None
    missed: list[tuple[str, Any]] = field(default_factory=list)
    """Events of the time in which it is not connected; they come when it is resumed."""


class LoopbackGateway:
    """Speaks the gateway's protocol with one bot, which may have several shards and several processes.

    As in Discord, an event goes to each session of its shard, and a session that is not connected gets it
    when it is resumed.
    """

    def __init__(self) -> None:
        self.url = ""
        self.refusals: deque[int] = deque()
        """Statuses that the next attempts to connect are answered with; 0 cuts the connection."""
        self.close_codes: deque[int] = deque()
        """With which the next connections are closed instead of a session."""
        self.forgets_sessions = False
        self.may_begin = asyncio.Event()
        """Until it is set, requests for a session are not answered."""
        self.may_begin.set()
        self.unanswered = 0
        """So many requests for a session are not answered."""
        self.seen: Counter[str] = Counter()
        """How often the bot connected, identified and resumed."""
        self.shards, self.at_once = 1, 1
        """How many shards are recommended, and how many may identify themselves at once."""
        self.together: asyncio.Barrier | None = None
        """Lets so many processes that ask what is recommended go on at once, however late one starts."""
        self.total, self.reset_after = 1000, 0.0
        """How many sessions may be begun in a day, and the seconds that are left of it."""
        self.identified: list[tuple[float, int]] = []
        """When which shard identified itself, by the loop's clock."""
        self.sessions: dict[str, Connected] = {}
        self.servers: dict[int, list[dict[str, Any]]] = {}
        """What a new session of a shard is told of the servers that the bot is in."""
        self._closed_here: web.WebSocketResponse | None = None
        self._sequence = 0

    async def recommend(self, _request: web.Request) -> web.StreamResponse:
        """What Discord recommends to the bot."""
        if (together := self.together) is not None:
            await together.wait()
            self.together = None
        limit = {
            "total": self.total,
            "remaining": max(0, self.total - self.seen["identify"]),
            "reset_after": int(1000 * self.reset_after),
            "max_concurrency": self.at_once,
        }
        return answer({"url": self.url, "shards": self.shards, "session_start_limit": limit})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection."""
        self.seen["connect"] += 1
        if self.refusals:
            if status := self.refusals.popleft():
                return web.Response(status=status, text="upstream error")
            assert request.transport is not None
            request.transport.abort()
            raise asyncio.CancelledError
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            await self._say(socket, HELLO, {"heartbeat_interval": 41_250})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(socket, request, json.loads(message.data))
        finally:
            self._ended(socket)
        return socket

    def _ended(self, socket: web.WebSocketResponse) -> None:
        for name, session in list(self.sessions.items()):
            if session.socket is socket:
                session.socket = session.transport = None
                if socket.close_code in {1000, 1001} and socket is not self._closed_here:
                    del self.sessions[name]

    async def _hear(self, socket: web.WebSocketResponse, request: web.Request, said: dict[str, Any]) -> None:
        match said["op"]:
            case 1:
                await self._say(socket, ACK, None)
            case 2 | 6 if self.close_codes:
                await socket.close(code=self.close_codes.popleft())
            case 2:
                self.seen["identify"] += 1
                shard = said["d"]["shard"][0]
                self.identified.append((asyncio.get_running_loop().time(), shard))
                await self.may_begin.wait()
                if self.unanswered:
                    self.unanswered -= 1
                    return
                agent = request.headers.get("User-Agent", "")
                session = Connected(shard, agent, socket, request.transport)
                self.sessions[f"session{self.seen['identify']}"] = session
                await self._tell(session, "READY", self._ready(said["d"]["shard"]))
                for server in self.servers.get(shard, []):
                    await self._tell(session, "GUILD_CREATE", server)
            case 6 if self.forgets_sessions or said["d"]["session_id"] not in self.sessions:
                self.forgets_sessions = False
                await self._say(socket, INVALID_SESSION, False)
            case 6:
                self.seen["resume"] += 1
                session = self.sessions[said["d"]["session_id"]]
                session.socket, session.transport = socket, request.transport
                while session.missed:
                    await self._tell(session, *session.missed.pop(0))
                await self._tell(session, "RESUMED", {})

    def _ready(self, shard: list[int]) -> dict[str, Any]:
        return {
            "shard": shard,
            "v": 10,
            "user": OWN_USER,
            "guilds": [
                {"id": server["id"], "unavailable": True} for server in self.servers.get(shard[0], [])
            ],
            "session_id": f"session{self.seen['identify']}",
            "resume_gateway_url": self.url,
            "application": {"id": OWN_USER["id"], "flags": 0},
        }

    async def send(self, event: str, data: Any, *, shard: int = 0) -> list[str]:
        """Let something happen in Discord; the programs that were told at once."""
        told: list[str] = []
        for session in [one for one in self.sessions.values() if one.shard == shard]:
            if await self._tell(session, event, data):
                told.append(session.agent)
            else:
                session.missed.append((event, data))
        return told

    async def _tell(self, session: Connected, event: str, data: Any) -> bool:
        if session.socket is None or session.socket.closed:
            return False
        self._sequence += 1
        try:
            await session.socket.send_json({"op": DISPATCH, "t": event, "s": self._sequence, "d": data})
        except ConnectionError:
            return False
        return True

    async def ask_to_reconnect(self) -> None:
        """As Discord does every few hours."""
        await self._say(self._socket(0), RECONNECT, None)

    async def close(self, code: int) -> None:
        """Close the connection."""
        self._closed_here = self._socket(0)
        await self._closed_here.close(code=code)

    def cut(self, *, shard: int = 0) -> None:
        """Break the connection without a word."""
        transport = self._newest(shard).transport
        assert transport is not None
        transport.abort()

    def _newest(self, shard: int) -> Connected:
        return [one for one in self.sessions.values() if one.shard == shard and one.socket is not None][-1]

    def _socket(self, shard: int) -> web.WebSocketResponse:
        socket = self._newest(shard).socket
        assert socket is not None
        return socket

    async def _say(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        await socket.send_json({"op": op, "t": None, "s": None, "d": data})
