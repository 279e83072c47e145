"""The shards of this process: each is claimed, kept connected, and let go of where another takes it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.gateway import DiscordWebSocket

from bot.discord_app.client import Papercord
from bot.discord_app.gateway import Gateway, Session, keep_trying
from bot.discord_app.identify import Identifications
from bot.errors import PapercordError
from bot.shards import ShardCountError, ShardLease, ShardRange, Share, in_words, shard_of

if TYPE_CHECKING:
    from discord.state import AutoShardedConnectionState

EVERY_SECONDS = 5.0
"""Between renewals of the lease on shards."""

_ALL_WITH_AUTO = "start all of them with --shards auto"
_STOP_ONE = "SQLite is for one process only, so stop one of them"

_log = logging.getLogger(__name__)


class Shards:
    """The connections of this process to the gateway."""

    def __init__(
        self,
        bot: Papercord,
        connection: AutoShardedConnectionState[discord.Client],
        lease: ShardLease,
        identifications: Identifications,
    ) -> None:
        self.gateways: dict[int, Gateway] = {}
        self.identifications = identifications
        self._bot = bot
        self._connection = connection
        self._lease = lease
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._paused: dict[int, Session] = {}
        """Sessions of shards whose lease was not renewed in time; they are resumed where nobody took them."""
        self._known: set[int] = set()
        """Shards of which all servers are known."""
        self._changed = asyncio.Event()
        self._said: frozenset[int] | None = None
        """The shards of this process, as the log says last."""
        self._warned = False

    @property
    def is_up(self) -> bool:
        """Whether all that this process has are connected; none is enough where others have all."""
        has_some = bool(self.gateways) or (self._lease.is_current and not self._lease.free)
        return has_some and all(gateway.is_up for gateway in self.gateways.values())

    def knows_server(self, guild_id: int) -> bool:
        """Whether the events of a server come to this process, and it knows all servers of that shard."""
        return shard_of(guild_id, self._lease.count) in self._known

    @property
    def latencies(self) -> list[tuple[int, float]]:
        """(shard, seconds from a heartbeat to its answer) of those that are connected."""
        return [
            (shard, gateway.ws.latency)
            for shard, gateway in sorted(self.gateways.items())
            if gateway.ws is not None and gateway.is_up
        ]

    def websocket(self, shard: int) -> DiscordWebSocket:
        """The connection of a shard.

        Raises:
            PapercordError: This process has none.

        """
        gateway = self.gateways.get(shard)
        if gateway is None or gateway.ws is None:
            raise PapercordError(f"Shard {shard} is not connected.")
        return gateway.ws

    def works(self, shard_id: int) -> None:
        """Discord has accepted the session of a shard."""
        if (gateway := self.gateways.get(shard_id)) is not None:
            gateway.works()
            self._changed.set()

    def knows(self, shard_id: int) -> None:
        """All servers of a shard are known."""
        if shard_id in self.gateways or not self._tasks:  # a simulated Discord connects without them
            self._known.add(shard_id)

    async def live(self) -> None:
        """Claim shards and keep them connected, until the bot is closed.

        Raises:
            discord.LoginFailure: Discord does not know the token any more.
            PapercordError: Discord refuses a connection for good.

        """
        await keep_trying("Asking Discord for the number of shards", self._join)
        try:
            while not self._bot.is_closed():
                await self._renew()
                ended = [task for task in self._tasks.values() if task.done()]
                for task in ended:
                    task.result()
                if ended:
                    return
                await self._wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Leave the gateway, and let other processes take the shards."""
        for gateway in self.gateways.values():
            await gateway.close()
        with self._bot.app.outages.watching("Letting go of the shards", once=True):
            await asyncio.to_thread(self._lease.leave)

    async def _join(self) -> None:
        recommended = await self.identifications.recommended_shards()
        count = await asyncio.to_thread(self._lease.join, recommended)
        self._bot.shard_count = self._connection.shard_count = count
        if self._lease.wanted is Share.AUTO and count != recommended:
            _log.warning(
                "Discord recommends %d shards, and the processes that run work by %d: end all of them, and "
                "start them anew, to change it.",
                recommended,
                count,
            )

    async def _wait(self) -> None:
        changed = asyncio.ensure_future(self._changed.wait())
        await asyncio.wait(
            {changed, *self._tasks.values()}, timeout=EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        changed.cancel()
        self._changed.clear()

    async def _renew(self) -> None:
        """Renew the lease, and have the shards connected that are this process's now."""
        lease, outages = self._lease, self._bot.app.outages
        allowed = self.identifications.known
        try:
            await asyncio.to_thread(lease.claim, self._room(allowed.at_once), may_give=allowed.is_ample)
        except ShardCountError:
            raise
        except Exception as error:  # noqa: BLE001 - the lease ends by itself where it cannot be renewed
            outages.failed("Claiming shards", error)
        else:
            outages.worked("Claiming shards")
            self._bot.processes = lease.processes
        shards = lease.shards
        for shard in [shard for shard in self.gateways if shard not in shards]:
            await self._let_go(shard, pauses=not lease.is_current)
        for shard in [shard for shard in self._paused if lease.is_current and shard not in shards]:
            del self._paused[shard]
            self._forget_servers(shard)
        for shard in sorted(shards - self.gateways.keys()):
            self._begin(shard)
        self._connection.shard_ids = sorted(self.gateways)
        self._say(shards)

    def _room(self, at_once: int) -> int:
        """How many shards to claim at most: as many as can connect at once, so that others get theirs."""
        if isinstance(self._lease.wanted, ShardRange):
            return self._lease.count
        return at_once - sum(not gateway.is_up for gateway in self.gateways.values())

    def _begin(self, shard: int) -> None:
        session = self._paused.pop(shard, None)
        gateway = Gateway(self._bot, shard, self._lease.count, self.identifications, session)
        self.gateways[shard] = gateway
        self._tasks[shard] = asyncio.create_task(gateway.keep_connected())

    async def _let_go(self, shard: int, *, pauses: bool) -> None:
        """Leave the gateway as this shard; the session is kept where it may be taken up again."""
        gateway, task = self.gateways.pop(shard), self._tasks.pop(shard)
        session = await gateway.close(pauses=pauses)
        task.cancel()
        await asyncio.wait([task])
        if session:
            self._paused[shard] = session
        else:
            self._forget_servers(shard)

    def _forget_servers(self, shard: int) -> None:
        """Forget servers that another process knows from now on; the bot is in them as before."""
        self._known.discard(shard)
        for guild in [guild for guild in self._bot.guilds if guild.shard_id == shard]:
            self._connection._remove_guild(guild)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    def _say(self, shards: frozenset[int]) -> None:
        """Log which shards this process has, where that changed."""
        lease = self._lease
        if lease.wanted is Share.WHOLE:
            if self._said is None and lease.count > 1:
                _log.info("Connecting to Discord by %d shards.", lease.count)
            if lease.processes > 1 and not self._warned:
                self._warned = True
                advice = _STOP_ONE if self._bot.app.store.is_sqlite else _ALL_WITH_AUTO
                _log.warning("Another process serves this bot, too: %s.", advice)
        elif shards != self._said:
            _log.info("This process serves these of the %d shards now: %s.", lease.count, in_words(shards))
        self._said = shards
