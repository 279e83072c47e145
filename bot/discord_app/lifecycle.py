"""The bot's process: login, registration of commands, tasks in the background, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from http import HTTPStatus

import discord
from discord.ext import tasks

from bot.app import App, corpus_status
from bot.discord_app.client import Families, Papercord
from bot.discord_app.dispatcher import Announcer
from bot.discord_app.gateway import Gateway, keep_trying
from bot.discord_app.logs import queued_logs
from bot.discord_app.registration import LOGIN_REFUSED, sync_commands
from bot.discord_app.replies import PapercordTree
from bot.errors import ConfigurationError, PapercordError
from bot.papers.saved_searches import purge_expired

CATCH_UP_SECONDS = 3.0
SYNCING = "Telling Discord the commands"
LONGEST_SYNC_PAUSE = 3600.0
"""Seconds; what Discord allows for a day is not asked for every two minutes."""

_log = logging.getLogger(__name__)


class RunningBot(Papercord):
    """The client that runs: login, commands, the tasks in the background, the end."""

    def __init__(self, app: App, families: Families) -> None:
        super().__init__(app, families, PapercordTree)
        self.announcer: Announcer | None = None
        self._gateway = Gateway(self)
        self._syncing: asyncio.Task[None] | None = None
        self._was_ready = False

    async def setup_hook(self) -> None:
        """Put the commands and buttons in place before the first event arrives."""
        for extension in self.families.extensions:
            await self.load_extension(extension)
        self.add_dynamic_items(*self.families.buttons)
        with self.app.outages.watching("Looking at the corpus", once=True):
            if not (await self.in_thread(corpus_status, self.app)).papers:
                _log.warning("The corpus is empty. Import papers with: papercord import FILE")
        await self.in_thread(self.app.meaning.load)
        self.catch_up_index.start()
        self.purge_searches.start()
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
        """Stay connected to the gateway until the bot is closed."""
        await self._gateway.keep_connected()

    async def on_connect(self) -> None:
        """A session has begun."""
        self._gateway.works()

    async def on_resumed(self) -> None:
        """A session goes on."""
        self._gateway.works()

    async def on_ready(self) -> None:
        """All servers are known; Discord may say so again after each new session."""
        if not self._was_ready:
            self._was_ready = True
            _log.info("Ready as %s, in %d servers.", self.user, len(self.guilds))

    async def on_raw_app_command_permissions_update(
        self, event: discord.RawAppCommandPermissionsUpdateEvent
    ) -> None:
        """Somebody changed who may use the commands of the bot in a server."""
        self.grants.forget(event.guild.id)

    async def _register_commands(self) -> None:
        with self.app.outages.watching(SYNCING, once=True):
            await keep_trying(SYNCING, self._sync_commands, longest=LONGEST_SYNC_PAUSE)

    async def _sync_commands(self) -> None:
        """Register the commands, where Discord has others: of another version, or of another program."""
        if self.application_id is not None:
            await sync_commands(self, self.application_id)

    @tasks.loop(seconds=CATCH_UP_SECONDS)
    async def catch_up_index(self) -> None:
        """Bring the search index up to what other processes imported, unless one of them does."""
        with self.app.outages.watching("Bringing the search index up to date"):
            await self.in_thread(self.app.index.catch_up, self.app.store, wait=False)
        with self.app.outages.watching("Making vectors of papers"):
            await self.in_thread(self.app.meaning.keep_up)

    @tasks.loop(hours=24)
    async def purge_searches(self) -> None:
        """Delete the stored searches that have expired."""
        with self.app.outages.watching("Deleting expired searches", once=True):
            await self.in_thread(purge_expired, self.app)

    async def close(self) -> None:
        """Leave Discord, and let the services that are running finish."""
        self.catch_up_index.cancel()
        self.purge_searches.cancel()
        if self._syncing is not None:
            self._syncing.cancel()
        if self.announcer is not None:
            await self.announcer.close()
        await super().close()


def run_bot(bot: Papercord, token: str) -> None:
    """Run a bot in Discord until SIGINT or SIGTERM; where Discord does not answer, it is tried again.

    Raises:
        ConfigurationError: Discord refuses the token.
        PapercordError: Discord's gateway refuses the bot for good.

    """
    # Papercord speaks in no voice channel; discord.py need not warn that it could not.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # What is loaded now stays; the search for garbage need not go through it, for that would hold up others.
    gc.freeze()
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

        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop)
        await asyncio.wait([living])
        await asyncio.gather(*closing)
        if not closing:
            living.result()
        elif not living.cancelled():
            living.exception()  # what was under way when the connections were closed
