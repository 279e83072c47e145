"""Whether the presenters of meetings are still members of their servers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.http import Route

from bot.announcements.meetings import MeetingPlanner, PresenterCheck
from bot.errors import one_line

NOT_A_MEMBER = frozenset({10007, 10013})
"""Discord's codes where a server has no such member, or there is no such person any more."""

_log = logging.getLogger(__name__)

Ask = Callable[[Route, dict[str, Any]], Awaitable[Any]]
"""Makes a request that changes nothing; given its route and query."""


class Members:
    """Looks members of servers up."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def has_left(self, guild_id: int, person_id: int) -> bool:
        """Whether a person is certainly no member of a server."""
        route = Route("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild_id, user_id=person_id)
        try:
            await self._ask(route, {})
        except discord.NotFound as error:
            return error.code in NOT_A_MEMBER
        except Exception as error:  # noqa: BLE001 - a meeting is announced all the same
            _log.info("The presenter of a meeting could not be looked up: %s", one_line(error))
        return False


async def announce_meetings(
    planner: MeetingPlanner,
    members: Members,
    in_thread: Callable[..., Awaitable[Any]],
    is_away: Callable[[int], bool],
) -> None:
    """Announce the meetings that are due; the first in turn who is still there presents."""
    checks: list[PresenterCheck] = await in_thread(planner.due_announcements)
    for check in checks:
        left: list[int] = []
        for person_id in () if is_away(check.guild_id) else check.people:
            if not await members.has_left(check.guild_id, person_id):
                break
            left.append(person_id)
        await in_thread(planner.announce, check, left)
