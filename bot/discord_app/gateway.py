"""The connection to Discord's gateway, and retries with growing pauses."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any, NoReturn, TypeVar

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.discord_app.client import Papercord
from bot.discord_app.identify import Identifications, TurnLostError
from bot.errors import DatabaseUnusableError, PapercordError, one_line
from bot.outages import Outage

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 120.0
"""Seconds; so seldom that the 1,000 times a day for which a bot may identify itself are not used up."""

PATIENCE = 60.0
"""Seconds that a connection may take."""
STABLE = 60.0
"""Seconds; after so long a connection was a good one, and the next is tried at once."""
UNKNOWN_TOKEN = 4004
OWN_CLOSE = 1000
"""Ends the session, too."""
PAUSE_CLOSE = 4900
"""Leaves the session to be resumed."""

UNANSWERED = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, TimeoutError, OSError)
"""How a request may end while Discord or the network is out of order."""

Session = dict[str, Any]
"""What resumes a session of the gateway; empty where there is none."""
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
    """For how many seconds Discord, or a proxy before it, asks to wait."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        wait = error.response.headers.get("Retry-After", "")
        return float(wait) if wait.isdecimal() else 0.0
    return 0.0


class ShardWebSocket(DiscordWebSocket):
    """A connection to the gateway that is closed where its session does not begin.

    discord.py forgets such a connection: its thread would go on to send heartbeats, even after the bot's end.
    """

    async def identify(self) -> None:
        """Ask Discord for a session."""
        async with self._closed_on_error():
            await super().identify()

    async def resume(self) -> None:
        """Ask Discord to go on with a session."""
        async with self._closed_on_error():
            await super().resume()

    @contextlib.asynccontextmanager
    async def _closed_on_error(self) -> AsyncGenerator[None]:
        try:
            yield
        except BaseException:
            await self.close()
            raise


class Gateway:
    """The connection of one shard: it connects, and connects again, until it is closed."""

    def __init__(
        self,
        bot: Papercord,
        shard_id: int,
        shards: int,
        identifications: Identifications,
        session: Session | None = None,
    ) -> None:
        """Make it; a session that was paused is resumed."""
        self._bot = bot
        self._shard_id = shard_id
        self._identifications = identifications
        self._first = session or {}
        self.ws: DiscordWebSocket | None = None
        what = "The connection to Discord's gateway" + (f" of shard {shard_id}" if shards > 1 else "")
        self._outage = Outage(what, bot.app.clock, logging.WARNING)
        self._pauses: Iterator[float] = growing_pauses()
        self._works_since: float | None = None
        self._is_leaving = False

    @property
    def is_up(self) -> bool:
        """Whether Discord has accepted its session, and nothing has ended it."""
        return self._works_since is not None

    async def close(self, *, pauses: bool = False) -> Session:
        """Leave the gateway; where it pauses only, returns the session to be resumed."""
        self._is_leaving = True
        session = self.session() or self._first if pauses else {}
        if self.ws is not None:
            await self.ws.close(code=PAUSE_CLOSE if pauses else OWN_CLOSE)
        return session

    def works(self) -> None:
        """Record that Discord has accepted the session."""
        self._works_since = asyncio.get_running_loop().time()
        self._outage.worked()

    async def keep_connected(self) -> None:
        """Follow the gateway's events; returns when the bot is closed.

        Raises:
            discord.LoginFailure: Discord does not know the token any more.
            PapercordError: Discord refuses the connection for good.

        """
        session = self._first
        while not self._bot.is_closed():
            try:
                await self._follow(session)
            except ReconnectWebSocket as error:
                # A session that Discord has declared invalid is begun anew, not resumed.
                session = self.session() if error.resume else {}
                reason = "Discord or the network ended it"
            except discord.ConnectionClosed as error:
                if error.code != OWN_CLOSE:
                    raise _refused(error) from None
                session = self.session()
                reason = "Discord closed it"
            except (
                *UNANSWERED,
                discord.GatewayNotFound,
                DatabaseUnusableError,
                TurnLostError,
            ) as error:
                session = self.session()
                # The address for resuming may be the one that is away.
                session.pop("gateway", None)
                reason = explained(error)
            if self._is_leaving or self._bot.is_closed():
                return
            self._bot.dispatch("disconnect")
            self._outage.failed(reason)
            await asyncio.sleep(self._pause())

    async def _follow(self, session: dict[str, Any]) -> NoReturn:
        async with contextlib.AsyncExitStack() as turn:
            if not session:
                await turn.enter_async_context(self._identifications.turn(self._shard_id))
            ws = await self._connected(session)
        while True:
            await ws.poll_event()

    async def _connected(self, session: Session) -> DiscordWebSocket:
        """A new connection; where it begins a session, Discord has answered that it does.

        Discord counts from when it gets the request for a session, which may be long after it was sent.
        """
        ws = None
        try:
            async with asyncio.timeout(PATIENCE):
                ws = await ShardWebSocket.from_client(self._bot, shard_id=self._shard_id, **session)
                self.ws = ws
                while ws.session_id is None:
                    await ws.poll_event()
        except BaseException:
            if ws is not None:
                await ws.close()
            raise
        return ws

    def session(self) -> Session:
        """The arguments that resume the session; empty where there is none."""
        if (ws := self.ws) is None or ws.session_id is None:
            return {}
        return {"resume": True, "session": ws.session_id, "sequence": ws.sequence, "gateway": ws.gateway}

    def _pause(self) -> float:
        """Seconds until the next try: none after a good connection, more after each that was none."""
        since, self._works_since = self._works_since, None
        if since is not None and asyncio.get_running_loop().time() - since >= STABLE:
            self._pauses = growing_pauses()
            return 0.0
        return next(self._pauses)


def _refused(error: discord.ConnectionClosed) -> Exception:
    if error.code == UNKNOWN_TOKEN:
        return discord.LoginFailure("Improper token has been passed.")
    return PapercordError(
        f"Discord's gateway refuses the bot (code {error.code}): see "
        "https://discord.com/developers/docs/topics/opcodes-and-status-codes, Gateway Close Event Codes."
    )
