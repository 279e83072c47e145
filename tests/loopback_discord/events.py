"""Scheduled events of the loopback Discord: made, listed, looked at and called off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.loopback_discord.answers import answer, error, missing_permissions

SCHEDULED, ACTIVE, COMPLETED, CANCELED = 1, 2, 3, 4
EXTERNAL = 3

Work = Callable[[], Awaitable[web.StreamResponse]]


class LoopbackEvents:
    """The scheduled events of all servers."""

    def __init__(
        self,
        answering: Callable[[web.Request, Work], Awaitable[web.StreamResponse]],
        clock: Callable[[], float],
        new_id: Callable[[], str],
        own_id: str,
    ) -> None:
        self._answering, self._clock, self._new_id, self._own_id = answering, clock, new_id, own_id
        self.of_guilds: dict[str, dict[str, dict[str, Any]]] = {}
        self.may_create = True
        self.on_made: Callable[[], None] | None = None
        """Called when an event is there and nothing was answered yet."""
        self.made: list[tuple[str, dict[str, Any]]] = []
        """Every event with its server, also such as were deleted."""

    def routes(self, base: str) -> list[web.RouteDef]:
        here, one = f"{base}/guilds/{{guild}}/scheduled-events", "{event}"
        return [
            web.get(here, self._list),
            web.post(here, self._create),
            web.get(f"{here}/{one}", self._get),
            web.patch(f"{here}/{one}", self._change),
        ]

    @property
    def ever_made(self) -> int:
        """How many events were made."""
        return len(self.made)

    def of(self, guild_id: int) -> list[dict[str, Any]]:
        """The events that members of a server see."""
        events = self.of_guilds.get(str(guild_id), {}).values()
        return [event for event in events if event["status"] in {SCHEDULED, ACTIVE}]

    def delete(self, guild_id: int, event_id: str) -> None:
        """Delete an event, as a person does."""
        del self.of_guilds[str(guild_id)][event_id]

    def _find(self, request: web.Request) -> dict[str, Any] | None:
        return self.of_guilds.get(request.match_info["guild"], {}).get(request.match_info["event"])

    async def _list(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            return answer(self.of(int(request.match_info["guild"])))

        return await self._answering(request, work)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            if not self.may_create:
                return missing_permissions()
            if problem := self._problem(body):
                return error(400, 50035, problem)
            event = body | {"id": self._new_id(), "creator_id": self._own_id, "status": SCHEDULED}
            self.of_guilds.setdefault(request.match_info["guild"], {})[event["id"]] = event
            self.made.append((request.match_info["guild"], event))
            if self.on_made is not None:
                self.on_made()
            return answer(event)

        return await self._answering(request, work)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            event = self._find(request)
            return answer(event) if event else error(404, 10070, "Unknown Guild Scheduled Event")

        return await self._answering(request, work)

    async def _change(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()

        async def work() -> web.StreamResponse:
            event = self._find(request)
            if event is None:
                return error(404, 10070, "Unknown Guild Scheduled Event")
            if event["status"] in {COMPLETED, CANCELED}:
                return error(400, 180000, "Cannot update a finished event")
            event |= body
            return answer(event)

        return await self._answering(request, work)

    def _problem(self, body: dict[str, Any]) -> str | None:
        """Why Discord would answer 400."""
        if body["entity_type"] != EXTERNAL or body["privacy_level"] != 2:
            return "entity_type, privacy_level"
        if not 1 <= len(body["name"]) <= 100 or not len(body["description"]) <= 1000:
            return "name, description"
        if not 1 <= len(body["entity_metadata"]["location"]) <= 100:
            return "entity_metadata.location"
        start, end = (dt.datetime.fromisoformat(body[f"scheduled_{one}_time"]) for one in ("start", "end"))
        if start.timestamp() <= self._clock():
            return "scheduled_start_time: Cannot schedule event in the past."
        return "scheduled_end_time" if end <= start else None
