"""Trying again what Discord does not answer: with growing pauses, and one line in the log for each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import aiohttp
import discord

from bot.errors import DatabaseUnusableError, one_line

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 120.0
"""Seconds; so seldom that the 1,000 times a day for which a bot may identify itself are not used up."""

UNANSWERED = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError, OSError)
"""What a request to Discord may end in while Discord or the network has a trouble."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


def growing_pauses(longest: float = LONGEST_PAUSE) -> Iterator[float]:
    """Seconds to wait before each further try, without end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, longest)


async def keep_trying(what: str, attempt: Callable[[], Awaitable[T]], *, longest: float = LONGEST_PAUSE) -> T:
    """Make an attempt until Discord answers it.

    Raises:
        discord.LoginFailure: Discord does not know the token; no further attempt would help.

    """
    for pause in growing_pauses(longest):
        try:
            return await attempt()
        except discord.LoginFailure:
            raise
        except (*UNANSWERED, DatabaseUnusableError) as error:
            wait = max(pause, _asked_to_wait(error))
            _log.warning("%s failed (%s); it is tried again in %.0f s.", what, explained(error), wait)
        await asyncio.sleep(wait)
    raise AssertionError("the pauses have no end")


def explained(error: BaseException) -> str:
    """An error in a few words, on one line."""
    if isinstance(error, aiohttp.ClientConnectionError):
        return f"Discord cannot be reached: {one_line(error)}; check the network"
    return one_line(error)


def _asked_to_wait(error: BaseException) -> float:
    """For how many seconds Discord, or what stands before it, wants to be left alone."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        wait = error.response.headers.get("Retry-After", "")
        return float(wait) if wait.isdecimal() else 0.0
    return 0.0
