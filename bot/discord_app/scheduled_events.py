"""Scheduled events of servers: found again, and looked at before a reminder.

Discord takes no nonce for them, so that a second request makes a second event. Whether there is one already
is looked up by the last line of its description among the events of the server.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.http import Route

from bot.announcements.meetings import EventCheck, EventState, FoundEvent, MeetingPlanner
from bot.errors import one_line

UNKNOWN_EVENT = 10070
FINISHED_EVENT = 180000
"""An event that is over, or called off, is changed no more."""

_log = logging.getLogger(__name__)

Ask = Callable[[Route, dict[str, Any]], Awaitable[Any]]
"""Makes a request that changes nothing; given its route and query."""


class ScheduledEvents:
    """Looks at the scheduled events of servers."""

    def __init__(self, ask: Ask, own_id: int) -> None:
        self._ask = ask
        self._own_id = str(own_id)

    async def find(self, guild_id: int, body: dict[str, Any]) -> int | None:
        """The event that such a request made; None where there is none."""
        marker = str(body["description"]).splitlines()[-1]
        route = Route("GET", "/guilds/{guild_id}/scheduled-events", guild_id=guild_id)
        for event in await self._ask(route, {}):
            lines = str(event.get("description") or "").splitlines()
            if event.get("creator_id") == self._own_id and marker in lines:
                return int(event["id"])
        return None

    async def look_at(self, guild_id: int, event_id: int) -> FoundEvent:
        """An event as it is now."""
        route = Route(
            "GET",
            "/guilds/{guild_id}/scheduled-events/{event_id}",
            guild_id=guild_id,
            event_id=event_id,
        )
        try:
            event = await self._ask(route, {})
        except discord.HTTPException as error:
            if error.code != UNKNOWN_EVENT:
                raise
            return FoundEvent(EventState.GONE)
        match discord.EventStatus(event["status"]):
            case discord.EventStatus.scheduled:
                starts_at = dt.datetime.fromisoformat(event["scheduled_start_time"])
                return FoundEvent(EventState.AHEAD, starts_at)
            case discord.EventStatus.active:
                return FoundEvent(EventState.BEGUN)
            case _:
                return FoundEvent(EventState.GONE)


async def remind(
    planner: MeetingPlanner,
    events: ScheduledEvents,
    in_thread: Callable[..., Awaitable[Any]],
    is_away: Callable[[int], bool],
) -> None:
    """Look at the events of meetings that are to be reminded of, and record what became of them."""
    checks: list[EventCheck] = await in_thread(planner.due_checks)
    for check in checks:
        if is_away(check.guild_id):
            continue
        found = None
        if check.event_id is not None:
            try:
                found = await events.look_at(check.guild_id, check.event_id)
            except Exception as error:  # noqa: BLE001 - it is looked at again in the next round
                _log.info("The event of a meeting could not be looked at: %s", one_line(error))
                continue
        await in_thread(planner.record_check, check, found)
