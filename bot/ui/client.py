"""The bot and its life."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import aiohttp
import discord
import orjson
from discord import app_commands
from discord.ext import commands, tasks

from bot.errors import ConfigurationError, PapercordError
from bot.services.desk import Desk
from bot.services.notes import read_note, write_note
from bot.services.sources.providers import open_library
from bot.services.status import corpus_status
from bot.services.stored_searches import purge_expired
from bot.ui.announcer import Announcer
from bot.ui.logs import queued_logs
from bot.ui.presses import PRESSES
from bot.ui.replies import NO_MENTIONS
from bot.ui.tree import PapercordTree

COGS = (
    "cogs.papers",
    "cogs.authors",
    "cogs.people",
    "cogs.sources",
    "cogs.adding",
    "cogs.notify",
    "cogs.about",
)
THREADS = 4
FOLLOW_SECONDS = 3.0

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Papercord(commands.Bot):
    """The bot: services run in its threads, never in its loop."""

    tree: PapercordTree  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=PapercordTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=NO_MENTIONS,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=60.0,
        )
        self.desk = desk
        self.library = open_library(desk)
        self.announcer: Announcer | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="service")

    async def in_thread(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service in one of the bot's threads, and wait for its answer."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: service(*args, **kwargs)
        )

    async def setup_hook(self) -> None:
        """Put the commands and buttons in place before the first event arrives."""
        for cog in COGS:
            await self.load_extension(cog)
        self.add_dynamic_items(*PRESSES)
        await self._sync_commands()
        if not (await self.in_thread(corpus_status, self.desk)).papers:
            _log.warning("The corpus is empty. Import papers with: papercord import FILE")
        self.follow_corpus.start()
        self.purge_searches.start()
        self.announcer = Announcer(self)
        self.announcer.start()

    async def _sync_commands(self) -> None:
        """Tell Discord the commands, where they differ from those that it was told last."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()
        name = f"commands of application {self.application_id}"
        if await self.in_thread(read_note, self.desk, name) == digest:
            return
        await self.tree.sync()
        await self.in_thread(write_note, self.desk, name, digest)
        _log.info("Discord was told %d commands.", len(payload))

    @tasks.loop(seconds=FOLLOW_SECONDS)
    async def follow_corpus(self) -> None:
        """Bring the search index up to what other processes imported, unless one of them does."""
        try:
            await self.in_thread(self.desk.index.follow, self.desk.store, wait=False)
        except Exception:  # noqa: BLE001 - nothing may end this loop
            _log.exception("The search index could not follow the corpus; it is tried again.")

    @tasks.loop(hours=24)
    async def purge_searches(self) -> None:
        """Delete the stored searches that have expired."""
        try:
            await self.in_thread(purge_expired, self.desk)
        except Exception:  # noqa: BLE001 - nothing may end this loop
            _log.exception("Expired searches could not be deleted; it is tried again tomorrow.")

    async def close(self) -> None:
        """Leave Discord, and let the services that are running finish."""
        self.follow_corpus.cancel()
        self.purge_searches.cancel()
        if self.announcer is not None:
            await self.announcer.close()
        self.library.fetcher.close()
        await super().close()
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)


def create_bot(desk: Desk) -> Papercord:
    """The bot over a desk, not yet connected."""
    return Papercord(desk)


def run_bot(desk: Desk, token: str) -> None:
    """Run the bot in Discord until SIGINT or SIGTERM.

    Raises:
        ConfigurationError: Discord refuses the token.
        PapercordError: Discord cannot be reached at the start; later it is tried again.

    """
    # Papercord speaks in no voice channel; discord.py need not warn that it could not.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # What is loaded now stays; the search for garbage need not go through it, for that would hold up others.
    gc.freeze()
    with queued_logs(desk.settings.log_level, token):
        try:
            asyncio.run(_live(create_bot(desk), token))
        except discord.LoginFailure:
            raise ConfigurationError(
                "Discord refuses DISCORD_TOKEN: copy the bot's token anew from "
                "https://discord.com/developers/applications (Bot, Reset Token)."
            ) from None
        except aiohttp.ClientConnectionError as error:
            raise PapercordError(f"Discord cannot be reached ({error}); check the network.") from None


async def _live(bot: Papercord, token: str) -> None:
    async with bot:
        loop = asyncio.get_running_loop()
        closing: set[asyncio.Task[Any]] = set()

        def stop() -> None:
            closing.add(loop.create_task(bot.close()))

        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop)
        await bot.start(token)
        await asyncio.gather(*closing)
