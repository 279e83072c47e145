"""The bot's announcer: every few seconds it takes in, plans, posts and edits; it never ends by an error."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import tasks

from bot.announcements.edits import Editor
from bot.announcements.lease import AnnouncerLease
from bot.announcements.outbox import Ledger
from bot.announcements.planner import Planner
from bot.announcements.recovery import Restorer
from bot.announcements.results import Notice, PausedChannel
from bot.announcements.status import record_run
from bot.announcements.upkeep import look_after_guilds, purge_guild
from bot.discord_app.dispatcher import Courier
from bot.discord_app.sender import Sender
from bot.discord_app.transport import Wire
from bot.ingest.inbox import Inbox
from bot.lease import LeaseLostError
from cogs.notify.announcement_cards import compose
from cogs.notify.pause_notices import pause_message

if TYPE_CHECKING:
    from bot.discord_app.client import Papercord

EVERY_SECONDS = 2.0
RUN_RECORDED_EVERY = dt.timedelta(seconds=20)
ANOTHER_DOES = "another one does"
UPKEEP_EVERY = dt.timedelta(hours=1)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)

_log = logging.getLogger(__name__)


class Announcer:
    """Tells channels of new papers, in one process over all that share the database."""

    def __init__(self, bot: Papercord) -> None:
        if bot.user is None:
            raise RuntimeError("the announcer starts after the bot has logged in")
        desk = bot.desk
        self.lease = AnnouncerLease(desk)
        self._bot = bot
        self._closing = False
        self._wire = Wire(bot.http, desk.clock, may_send=lambda: self.lease.is_held)
        sender = Sender(self._wire, bot.user.id, self._may_read)
        self._courier = Courier(
            Ledger(desk, self.lease, self._tell_pause),
            Restorer(desk, self.lease, compose),
            sender,
            bot.in_thread,
            is_away=self._is_away,
        )
        self._planner = Planner(desk, self.lease, compose)
        self._editor = Editor(desk, self.lease, compose)
        self._inbox = Inbox(desk)
        self._recorded_at = self._looked_after_at = _LONG_AGO
        self._announces: bool | None = None
        """Whether this process announces, as the log was told last."""

    def start(self) -> None:
        """Begin the rounds."""
        self._bot.add_listener(self._on_guild_remove, "on_guild_remove")
        self._rounds.start()
        self._taking_in.start()

    async def close(self) -> None:
        """Post nothing more, let what is under way finish for some seconds, and give the lease back."""
        self._closing = True
        self._rounds.stop()
        self._taking_in.stop()
        await self._courier.close()
        self._wire.abandon()
        for loop in (self._rounds, self._taking_in):
            if (running := loop.get_task()) is not None:
                loop.cancel()
                await asyncio.wait([running])
        if self._announces:
            self._tell_role("it ends")
        # Where the database is away, the lease ends by itself.
        with self._bot.desk.outages.watching("Giving back the lease of announcing", once=True):
            await self._bot.in_thread(self.lease.release)

    @tasks.loop(seconds=EVERY_SECONDS)
    async def _rounds(self) -> None:
        # tasks.loop ends by an error, and by some without a word.
        with self._bot.desk.outages.watching("Announcing"):
            await self.round()

    @tasks.loop(seconds=EVERY_SECONDS)
    async def _taking_in(self) -> None:
        """Import what lies in the inbox; a large file holds up nothing else."""
        with self._bot.desk.outages.watching("Reading the inbox"):
            await self.take_in()

    async def take_in(self) -> None:
        """Import the files of the inbox that are complete."""
        if self.lease.is_held and not self._closing:
            await self._bot.in_thread(self._inbox.take_in)

    async def round(self) -> None:
        """Do once all that is due; what one step meets does not keep the others from theirs."""
        in_thread = self._bot.in_thread
        if self._closing:
            return
        why_not = "the database is away"
        try:
            may_announce = await in_thread(self.lease.ensure)
            why_not = ANOTHER_DOES
        finally:
            self._tell_role(why_not)
        if not may_announce:
            return
        steps: tuple[tuple[str, Callable[[], Awaitable[Any]]], ...] = (
            ("Planning news", lambda: in_thread(self._planner.plan_due)),
            ("Planning edits of news", lambda: in_thread(self._editor.plan_edits)),
            ("Posting news", self._courier.deliver),
            ("Looking after servers", self._look_after_guilds),
        )
        went_well = True
        for name, step in steps:
            if self._closing:
                return
            try:
                await step()
            except LeaseLostError:
                self._tell_role(ANOTHER_DOES)
                return
            except Exception as error:  # noqa: BLE001 - each step goes on the next time
                went_well = False
                self._bot.desk.outages.failed(name, error)
            else:
                self._bot.desk.outages.worked(name)
        if went_well:
            await self._record_run()

    def _tell_role(self, why_not: str) -> None:
        """Log when this process becomes or stops being the one that announces."""
        announces = self.lease.is_held and not self._closing
        if announces and not self._announces:
            _log.info("This process announces now.")
        elif not announces and self._announces:
            level = logging.INFO if self._closing else logging.WARNING
            _log.log(level, "This process announces no longer: %s.", why_not)
        elif not announces and self._announces is None:
            _log.info("This process does not announce: %s.", why_not)
        self._announces = announces

    async def _record_run(self) -> None:
        now = self._bot.desk.clock()
        if now - self._recorded_at >= RUN_RECORDED_EVERY:
            await self._bot.in_thread(record_run, self._bot.desk, self.lease)
            self._recorded_at = now

    async def _look_after_guilds(self) -> None:
        now = self._bot.desk.clock()
        if self._bot.is_ready() and now - self._looked_after_at >= UPKEEP_EVERY:
            present = {guild.id for guild in self._bot.guilds}
            await self._bot.in_thread(look_after_guilds, self._bot.desk, present)
            self._looked_after_at = now

    async def _on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; an outage of the server is another event."""
        # Where the database is away, the server is found missing later.
        with self._bot.desk.outages.watching("Purging a server", once=True):
            await self._bot.in_thread(purge_guild, self._bot.desk, guild.id)

    def _tell_pause(self, channel: PausedChannel, nonce: str) -> Notice | None:
        """What administrators are told of a channel that is paused; nothing of their own."""
        told_in = self._bot.desk.settings.admin_channel
        if told_in is None or told_in == channel.channel_id:
            return None
        server = self._bot.get_guild(channel.guild_id)
        name = server.name if server is not None else f"server {channel.guild_id}"
        place = self._bot.get_channel(told_in)
        guild_id = place.guild.id if isinstance(place, discord.abc.GuildChannel | discord.Thread) else 0
        return Notice(told_in, guild_id, pause_message(channel, name, nonce))

    def _is_away(self, guild_id: int) -> bool:
        guild = self._bot.get_guild(guild_id)
        return guild is not None and guild.unavailable

    def _may_read(self, channel_id: int) -> bool | None:
        channel = self._bot.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel):
            return None
        return channel.permissions_for(channel.guild.me).read_message_history
