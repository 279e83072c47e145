"""The bot's process: login, registration of commands, tasks in the background, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import tasks
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import App, corpus_is_empty
from bot.discord_app.client import Families, Papercord
from bot.discord_app.dispatcher import Announcer
from bot.discord_app.gateway import keep_trying
from bot.discord_app.identify import Identifications
from bot.discord_app.logs import queued_logs
from bot.discord_app.registration import LOGIN_REFUSED, sync_commands
from bot.discord_app.replies import PapercordTree
from bot.discord_app.shards import Shards
from bot.errors import ConfigurationError, PapercordError, SchemaError
from bot.garbage import settle
from bot.ingest.journal import report_lost_imports
from bot.ingest.undo import forget_old_imports
from bot.lease import Lease
from bot.papers.saved_searches import purge_expired
from bot.shards import ShardLease, Share, Wanted, shard_of
from bot.store.compaction import compact_some
from bot.store.schema import replaced
from bot.text.counting import counted

if TYPE_CHECKING:
    from bot.discord_app.monitoring import Monitoring

CATCH_UP_SECONDS = 3.0
LOOK_SECONDS = 10.0
COMPACT_SECONDS = 1.0
"""Pauses in which other writers have their turn."""
SYNCING = "Telling Discord the commands"
LONGEST_SYNC_PAUSE = 3600.0
"""Seconds; what Discord allows for a day is not asked for every two minutes."""

_log = logging.getLogger(__name__)


class RunningBot(Papercord, discord.AutoShardedClient):
    """The client that runs: login, commands, shards, the tasks in the background, the end."""

    def __init__(self, app: App, families: Families, wanted: Wanted = Share.WHOLE) -> None:
        super().__init__(app, families, PapercordTree)
        # Until Discord is asked for the number, see `connect`.
        self.shard_count = self._connection.shard_count = 1
        identifications = Identifications(app, self._ask_about_gateway)
        self.shards_here = Shards(self, self._connection, ShardLease(app, wanted), identifications)
        self.announcer: Announcer | None = None
        self._monitoring: Monitoring | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._was_ready = False
        self._imports_compared: int | None = None
        """After how many switches of the database its imports were compared with the journal."""

    async def setup_hook(self) -> None:
        """Put the commands and buttons in place before the first event arrives."""
        if (port := self.app.settings.http_port) is not None:
            from bot.discord_app.monitoring import Monitoring

            self._monitoring = Monitoring(self)
            await self._monitoring.start(self.app.settings.http_address, port)
        for extension in self.families.extensions:
            await self.load_extension(extension)
        self.add_dynamic_items(*self.families.buttons)
        with self.app.outages.watching("Looking at the corpus", once=True):
            if await self.in_thread(corpus_is_empty, self.app):
                _log.warning("The corpus is empty. Import papers with: papercord import FILE")
        await self.in_thread(self.app.meaning.load)
        self.catch_up_index.start()
        self.purge_searches.start()
        self.compact_records.start()
        self.look_at_schema.start()
        self.announcer = Announcer(self)
        self.announcer.start()
        # Announcing goes on, and commands that Discord knows already work, while this is tried again.
        self._syncing = asyncio.create_task(self._register_commands())

    async def login(self, token: str) -> None:
        """Log in; where Discord does not answer, try again.

        Raises:
            discord.LoginFailure: Discord does not know the token.

        """
        await keep_trying("Logging in to Discord", lambda: self._log_in(token))

    async def _log_in(self, token: str) -> None:
        try:
            await super().login(token)
        except Exception as error:
            # The next try makes a session of its own.
            await self.http.close()
            self.http.connector = discord.utils.MISSING
            if isinstance(error, discord.HTTPException) and error.status == HTTPStatus.UNAUTHORIZED:
                raise discord.LoginFailure("Improper token has been passed.") from error
            raise

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 - it always is
        """Stay connected to the gateway by the shards of this process, until the bot is closed."""
        await self.shards_here.live()

    async def _ask_about_gateway(self) -> Mapping[str, Any]:
        return await self.http.request(Route("GET", "/gateway/bot"))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """A shard is about to identify itself: it has its turn, or begins anew."""
        await self.shards_here.identifications.begin(shard_id or 0)

    def _get_websocket(self, guild_id: int | None = None, *, shard_id: int | None = None) -> DiscordWebSocket:
        return self.shards_here.websocket(
            shard_id if shard_id is not None else shard_of(guild_id or 0, self.shard_count or 1)
        )

    @property
    def has_gateway(self) -> bool:
        """Whether all shards of this process are connected; it may have none, where others have all."""
        return self.shards_here.is_up and (self.is_ready() or not self.shards_here.gateways)

    @property
    def connections(self) -> int:
        """How many connections to the gateway it has."""
        return len(self.shards_here.gateways)

    def knows_server(self, guild_id: int) -> bool:
        """Whether a server that the bot is in would be among those that this process knows."""
        return self.shards_here.knows_server(guild_id)

    @property
    def latencies(self) -> list[tuple[int, float]]:
        """(shard, seconds from a heartbeat to its answer) of those that are connected."""
        return self.shards_here.latencies

    @property
    def latency(self) -> float:
        """The longest of the latencies."""
        return max((seconds for _, seconds in self.latencies), default=float("nan"))

    async def on_shard_connect(self, shard_id: int) -> None:
        """A session has begun."""
        self.shards_here.works(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A session goes on."""
        self.shards_here.works(shard_id)

    async def on_shard_ready(self, shard_id: int) -> None:
        """All servers of a shard are known."""
        self.shards_here.knows(shard_id)

    async def on_ready(self) -> None:
        """All servers are known; Discord may say so again after each new session."""
        if not self._was_ready:
            self._was_ready = True
            _log.info("Ready as %s, in %s.", self.user, counted(len(self.guilds), "server"))

    async def on_raw_app_command_permissions_update(
        self, event: discord.RawAppCommandPermissionsUpdateEvent
    ) -> None:
        """Somebody changed who may use the commands of the bot in a server."""
        self.grants.forget(event.guild.id)

    async def _register_commands(self) -> None:
        with self.app.outages.watching(SYNCING, once=True):
            await keep_trying(SYNCING, self._sync_commands, longest=LONGEST_SYNC_PAUSE)

    async def _sync_commands(self) -> None:
        """Register the commands, where Discord has others: of another version, or of another program.

        One process after the other: those after the first find nothing to do.
        """
        if self.application_id is None:
            return
        lease = Lease(self.app, "commands")
        try:
            while not await asyncio.to_thread(lease.take):  # noqa: ASYNC110 - of that there is no event
                await asyncio.sleep(CATCH_UP_SECONDS)
            await sync_commands(self, self.application_id)
        finally:
            await asyncio.to_thread(lease.release)

    @tasks.loop(seconds=CATCH_UP_SECONDS)
    async def catch_up_index(self) -> None:
        """Bring the search index up to what other processes imported, unless one of them does."""
        with self.app.outages.watching("Bringing the search index up to date"):
            if self._imports_compared != (switches := self.app.store.switches):
                await self.call(report_lost_imports)
                self._imports_compared = switches
            await self.in_thread(self.app.index.catch_up, self.app.store, wait=False)
        with self.app.outages.watching("Making vectors of papers"):
            await self.in_thread(self.app.meaning.keep_up)

    @tasks.loop(hours=24)
    async def purge_searches(self) -> None:
        """Delete the stored searches that have expired, and what is kept of imports for so long only."""
        with self.app.outages.watching("Deleting expired searches", once=True):
            await self.in_thread(purge_expired, self.app)
            await self.in_thread(forget_old_imports, self.app)

    @tasks.loop(seconds=LOOK_SECONDS)
    async def look_at_schema(self) -> None:
        """End where a newer Papercord has taken the database over."""
        with self.app.outages.watching("Looking at the database"):
            self.replaced = await self.in_thread(_replaced, self.app)
        if self.replaced is not None:
            _log.critical("%s", self.replaced)
            self.look_at_schema.stop()
            self.end()

    @tasks.loop(seconds=COMPACT_SECONDS)
    async def compact_records(self) -> None:
        """Make what earlier versions stored smaller, a little at a time, until all of it is."""
        with self.app.outages.watching("Making the database smaller", once=True):
            if not await self.in_thread(compact_some, self.app.store, self.app.clock()):
                self.compact_records.stop()

    async def close(self) -> None:
        """Leave Discord, and let the services that are running finish."""
        self.catch_up_index.cancel()
        self.purge_searches.cancel()
        self.compact_records.cancel()
        self.look_at_schema.cancel()
        if self._syncing is not None:
            self._syncing.cancel()
        if self.announcer is not None:
            await self.announcer.close()
        if self._monitoring is not None:
            await self._monitoring.close()
        await self.shards_here.close()
        await super().close()


def _replaced(app: App) -> str | None:
    with app.store.reading() as session:
        return replaced(session)


def run_bot(bot: Papercord, token: str) -> None:
    """Run a bot in Discord until SIGINT or SIGTERM; where Discord does not answer, it is tried again.

    Raises:
        ConfigurationError: Discord refuses the token.
        SchemaError: A newer Papercord took the database over.
        PapercordError: Discord's gateway refuses the bot for good.

    """
    # What is loaded now stays; the search for garbage would hold up others.
    settle()
    settings = bot.app.settings
    with queued_logs(settings.log_level, token, as_json=settings.log_format == "json"):
        try:
            asyncio.run(_live(bot, token))
        except discord.LoginFailure:
            raise ConfigurationError(LOGIN_REFUSED) from None
        except PapercordError:
            raise
        except Exception:
            _log.critical("The bot ends by an error that nobody foresaw.", exc_info=True)
            raise
    if bot.replaced is not None:
        raise SchemaError(bot.replaced)


async def _live(bot: Papercord, token: str) -> None:
    async with bot:
        loop = asyncio.get_running_loop()
        living = loop.create_task(bot.start(token))
        closing: set[asyncio.Task[None]] = set()

        async def close() -> None:
            try:
                await bot.close()
            finally:
                living.cancel()  # it may pause before another try to connect

        def stop() -> None:
            if not closing:  # a second Ctrl-C changes nothing
                closing.add(loop.create_task(close()))

        bot.end = stop
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop)
        await asyncio.wait([living])
        await asyncio.gather(*closing)
        if not closing:
            living.result()
        elif not living.cancelled():
            living.exception()  # what was under way when the connections were closed
