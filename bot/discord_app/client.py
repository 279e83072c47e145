"""The client as commands, buttons and the announcer see it, and a limit on how often one person may ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.announcements.results import Compose, Filters, PausedChannel, Relabel
from bot.app import App
from bot.corpus.links import PaperLink
from bot.discord_app.grants import CommandGrants
from bot.discord_app.host_clock import ClockComparison
from bot.discord_app.metrics import Metrics
from bot.sources.library import open_library

THREADS = 4
LOOK_UP_THREADS = 4
USES, SECONDS = 8, 10.0
"""How often one person may ask."""
ARRIVED = "arrived"
"""The key of an interaction's extras under which the loop's time of its arrival stands."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Families:
    """What the families of commands hand to the client at the start, so that nothing below imports them."""

    extensions: tuple[str, ...]
    """The modules whose `setup` adds commands."""
    buttons: tuple[type[discord.ui.DynamicItem[discord.ui.Item[Any]]], ...]
    """All buttons and menus."""
    compose: Compose
    """Renders an announcement."""
    relabel: Relabel
    """Shows the votes of a paper on a card as it stands."""
    pause_message: Callable[[PausedChannel, str, str], dict[str, Any]]
    """(channel, the name of its server, nonce) -> the body of the notice of a pause."""
    show_authors: Callable[[Interaction, int], Awaitable[None]]
    """Answers with the author of a paper, or with its authors to choose from; given the paper's id."""
    subscribe_here: Callable[[Interaction, Callable[[App], Filters | None], str], Awaitable[None]]
    """Subscribes the channel to the filters found; given the sentence for when they are gone."""
    alert_me: Callable[[Interaction, Callable[[App], Filters | None], str], Awaitable[None]]
    """Makes an alert of the filters found for the person; given the sentence for when they are gone."""
    save_paper: Callable[[Interaction, int], Awaitable[None]]
    """Puts a paper on the person's first list, and shows it there, privately; given the paper's id."""
    propose_here: Callable[[Interaction, int], Awaitable[None]]
    """Proposes a paper to a journal club of the server; given the paper's id."""
    look_up: Callable[[Interaction, PaperLink], Awaitable[None]]
    """Looks a paper up at its source, and answers with its card."""


class FairUse:
    """Lets each person ask so often in so many seconds, and notes when each question arrived."""

    def __init__(self) -> None:
        self._uses = commands.CooldownMapping[discord.Interaction].from_cooldown(USES, SECONDS, _person)

    def check(self, interaction: discord.Interaction) -> None:
        """Count a use, or refuse it.

        Raises:
            app_commands.CommandOnCooldown: with the seconds to wait.

        """
        interaction.extras[ARRIVED] = asyncio.get_running_loop().time()
        moment = interaction.created_at.timestamp()
        bucket = self._uses.get_bucket(interaction, moment)
        wait = bucket.update_rate_limit(moment) if bucket is not None else None
        if bucket is not None and wait:
            raise app_commands.CommandOnCooldown(app_commands.Cooldown(bucket.rate, bucket.per), wait)


def _person(interaction: discord.Interaction) -> int:
    return interaction.user.id


class Papercord(commands.Bot):
    """The client: services run in its threads, never in its loop."""

    def __init__(
        self, app: App, families: Families, tree_cls: type[app_commands.CommandTree[Papercord]]
    ) -> None:
        metrics = Metrics()
        # Papercord speaks in no voice channel; a client need not warn that it could not.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=tree_cls,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=60.0,
            http_trace=metrics.count_answers(ClockComparison(app.clock).trace),
        )
        self.metrics = metrics
        self.app = app
        self.families = families
        self.library = open_library(app)
        self.fair_use = FairUse()
        self.grants = CommandGrants(self, "notify")
        self.processes = 1
        """How many processes serve the bot, as far as this one knows."""
        self.replaced: str | None = None
        """Why it has to end, where a newer Papercord took the database over."""
        self.end: Callable[[], None] = lambda: None
        """Begins the end of the process; nothing where whoever runs the client ends it."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="service")
        # Look-ups wait for sources; in threads of their own they hold up no other command.
        self._look_up_threads = ThreadPoolExecutor(LOOK_UP_THREADS, thread_name_prefix="look-up")

    @property
    def has_gateway(self) -> bool:
        """Whether it is connected to Discord's gateway."""
        return self.is_ready()

    @property
    def connections(self) -> int:
        """How many connections to the gateway it has."""
        return int(self.is_ready())

    def knows_server(self, guild_id: int) -> bool:  # noqa: ARG002 - one process knows those of its shards
        """Whether a server that the bot is in would be among those that this process knows."""
        return self.is_ready()

    async def in_thread(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service in one of the client's threads, and wait for its answer."""

        def timed() -> T:
            with self.metrics.timing(getattr(service, "__name__", "service")):
                return service(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, timed)

    async def call(self, service: Callable[Concatenate[App, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service over the app in a thread, and wait for its answer."""
        return await self.in_thread(service, self.app, *args, **kwargs)

    async def in_look_up_thread(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what may wait long, such as for a source, and wait for its answer."""
        return await asyncio.get_running_loop().run_in_executor(
            self._look_up_threads, lambda: service(*args, **kwargs)
        )

    async def close(self) -> None:
        """Leave Discord, and let the services that are running finish."""
        self._look_up_threads.shutdown(wait=False, cancel_futures=True)
        self.library.close()
        await super().close()
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)


Interaction = discord.Interaction[Papercord]


class Cog(commands.Cog):
    """Base of all cogs: the commands of a family."""

    def __init__(self, bot: Papercord) -> None:
        self.bot = bot
