"""The gateway of the loopback Discord: sessions, events, and connections that break."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from typing import Any

from aiohttp import WSMsgType, web

from tests.loopback_discord.answers import answer

PATH = "/gateway"
OWN_USER = {"id": "9000", "username": "papercord", "discriminator": "0", "avatar": None, "bot": True}
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


class LoopbackGateway:
    """Speaks the gateway's protocol with one bot, which may have several shards."""

    def __init__(self) -> None:
        self.url = ""
        self.refusals: deque[int] = deque()
        """Statuses that the next attempts to connect are answered with; 0 cuts the connection."""
        self.close_codes: deque[int] = deque()
        """With which the next connections are closed instead of a session."""
        self.forgets_sessions = False
        self.seen: Counter[str] = Counter()
        """How often the bot connected, identified and resumed."""
        self.shards, self.at_once = 1, 1
        """How many shards are recommended, and how many may identify themselves at once."""
        self.identified: list[tuple[float, int]] = []
        """When which shard identified itself, by the loop's clock."""
        self._sockets: dict[int, tuple[web.WebSocketResponse, asyncio.Transport | None]] = {}
        self._sessions: dict[str, int] = {}
        self._sequence = 0

    async def recommend(self, _request: web.Request) -> web.StreamResponse:
        """What Discord recommends to the bot."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": self.at_once}
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
        await self._say(socket, HELLO, {"heartbeat_interval": 41_250})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(socket, request, json.loads(message.data))
        return socket

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
                self._sockets[shard] = socket, request.transport
                await self.send("READY", self._ready(said["d"]["shard"]), shard=shard)
            case 6 if self.forgets_sessions:
                self.forgets_sessions = False
                await self._say(socket, INVALID_SESSION, False)
            case 6:
                self.seen["resume"] += 1
                shard = self._sessions[said["d"]["session_id"]]
                self._sockets[shard] = socket, request.transport
                await self.send("RESUMED", {}, shard=shard)

    def _ready(self, shard: list[int]) -> dict[str, Any]:
        self._sessions[f"session{self.seen['identify']}"] = shard[0]
        return {
            "shard": shard,
            "v": 10,
            "user": OWN_USER,
            "guilds": [],
            "session_id": f"session{self.seen['identify']}",
            "resume_gateway_url": self.url,
            "application": {"id": OWN_USER["id"], "flags": 0},
        }

    async def send(self, event: str, data: Any, *, shard: int = 0) -> None:
        """Let something happen in Discord."""
        self._sequence += 1
        await self._sockets[shard][0].send_json({"op": DISPATCH, "t": event, "s": self._sequence, "d": data})

    async def ask_to_reconnect(self) -> None:
        """As Discord does every few hours."""
        await self._say(self._sockets[0][0], RECONNECT, None)

    async def close(self, code: int) -> None:
        """Close the connection."""
        await self._sockets[0][0].close(code=code)

    def cut(self, *, shard: int = 0) -> None:
        """Break the connection without a word."""
        transport = self._sockets[shard][1]
        assert transport is not None
        transport.abort()

    async def _say(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        await socket.send_json({"op": op, "t": None, "s": None, "d": data})
