"""The announcer: every few seconds it plans what is due, and the dispatcher delivers the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import discord
from discord.ext import tasks

from bot.announcements.citations import CitationPlanner
from bot.announcements.edits import Editor
from bot.announcements.events import EventPlanner
from bot.announcements.guilds import (
    free_channels,
    look_after_guilds,
    record_deletion,
    record_lock,
    restore_guild,
    suspend_guild,
)
from bot.announcements.meetings import MeetingPlanner
from bot.announcements.outbox import LEASE, AttemptResult, Job, Outbox, ResultKind, Task
from bot.announcements.planner import Planner
from bot.announcements.recovery import PostedMessage, Recovery
from bot.announcements.results import Notice, PausedChannel
from bot.announcements.status import record_run
from bot.announcements.subscriptions import PingedRole, pinged_roles, record_roles
from bot.discord_app.client import Papercord
from bot.discord_app.members import announce_meetings
from bot.discord_app.permissions import (
    bot_can_post,
    bot_can_post_in_threads,
    may_make_events,
    permissions_in,
    why_not_pinged,
)
from bot.discord_app.scheduled_events import remind
from bot.discord_app.transport import MOST_PAGES, Sender, Transport, attempt_result
from bot.ingest.inbox import Inbox
from bot.lease import Lease, LeaseLostError
from bot.reading.servers import look_after_reading, set_missing
from bot.store.models import PlaceKind, events_of

AT_ONCE = 32
"""Jobs; a channel whose bucket is empty keeps its place for some seconds."""
DEADLINE = 20.0
"""Seconds for which an answer is waited for; the request itself is never cancelled."""
PATIENCE = 2.0
"""Seconds without any answer after which other work, such as planning, goes on before these come."""
DRAIN = 10.0
"""Seconds for which the end of the process waits for requests that were made."""
AWAY = 5.0
"""Seconds until a job for a server that is away is tried again."""

EVERY_SECONDS = 2.0
RUN_RECORDED_EVERY = dt.timedelta(seconds=20)
ANOTHER_DOES = "another one does"
UPKEEP_EVERY = dt.timedelta(hours=1)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)

IsAway = Callable[[int], bool]
"""Whether a server is away at present: by an outage of Discord's, or as it removed the bot."""

Step = tuple[str, Callable[[], Awaitable[Any]]]
"""What a round does, and what it is called in the log."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class InThread(Protocol):
    """Runs a service in a thread."""

    def __call__(self, service: Callable[..., T], /, *args: Any, **kwargs: Any) -> Coroutine[Any, Any, T]:
        """Wait for its answer."""
        ...


class _Run:
    """A job that is being done."""

    def __init__(self, job: Job, task: asyncio.Task[AttemptResult], until: float) -> None:
        self.job = job
        self.task = task
        self.until = until
        self.is_late = False


class Dispatcher:
    """Does the outbox's jobs until none can be begun."""

    def __init__(
        self,
        outbox: Outbox,
        recovery: Recovery,
        sender: Sender,
        in_thread: InThread,
        *,
        is_away: IsAway = lambda _guild_id: False,
        deadline: float = DEADLINE,
        patience: float = PATIENCE,
    ) -> None:
        self._outbox = outbox
        self._recovery = recovery
        self._sender = sender
        self._looked_at: set[tuple[int, int]] = set()
        """(switches of the database, channel): there the outbox knows all messages."""
        self._in_thread = in_thread
        self._is_away = is_away
        self._deadline = deadline
        self._patience = patience
        self._runs: list[_Run] = []
        self._results: list[AttemptResult] = []
        """Of jobs that ended and are not yet recorded."""
        self._closing = False

    async def deliver(self) -> None:
        """Do what the outbox has to do now; jobs that Discord does not answer go on when this returns."""
        while not self._closing:
            self._collect()
            jobs = await self._advance()
            if self._closing:
                # Begun in the outbox, and certainly not made.
                self._results += [AttemptResult(job, ResultKind.LATER) for job in jobs]
                return
            for job in jobs:
                task = asyncio.create_task(self._do(job))
                self._runs.append(_Run(job, task, asyncio.get_running_loop().time() + self._deadline))
            waiting = [run for run in self._runs if not run.is_late]
            if not waiting:
                return
            left = min(run.until for run in waiting) - asyncio.get_running_loop().time()
            answered, _ = await asyncio.wait(
                [run.task for run in self._runs],
                timeout=max(0.0, min(left, self._patience)),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not answered and left > self._patience:
                return

    async def _do(self, job: Job) -> AttemptResult:
        if self._is_away(job.guild_id):
            # What Discord answers meanwhile, such as that a channel is unknown, says nothing.
            return AttemptResult(
                job, ResultKind.LATER, error="The server is unavailable at present.", wait=AWAY
            )
        looked_at = self._recovery.switches, job.channel_id
        is_message = job.task is Task.POST and job.place is not PlaceKind.EVENTS
        if is_message and looked_at not in self._looked_at:
            try:
                lost = await self._recover_lost(job)
            except Exception as error:  # noqa: BLE001 - it has a result, as every error of a job
                return attempt_result(job, error, maybe_sent=False)
            self._looked_at.add(looked_at)
            if lost:
                return AttemptResult(job, ResultKind.LATER)
        return await self._sender.do(job)

    async def _recover_lost(self, job: Job) -> int:
        """Record messages of the channel that the database has lost; returns how many."""
        lost: list[PostedMessage] = []
        pages = self._forum_pages(job) if job.place is PlaceKind.FORUM else self._pages(job)
        async for page in pages:
            unknown = await self._in_thread(self._recovery.unknown_messages, page)
            lost += unknown
            if not unknown:
                break
        if lost:
            _log.warning("The database has lost %d posted messages of a channel: taken back.", len(lost))
            await self._in_thread(self._recovery.take_back, job.channel_id, job.guild_id, lost)
        return len(lost)

    async def _pages(self, job: Job) -> AsyncIterator[list[PostedMessage]]:
        """Our announcements in a channel, newest first."""
        before: int | None = None
        for _ in range(MOST_PAGES):
            page = await self._sender.posted(job.channel_id, before)
            yield page
            if not page:
                return
            before = min(each.discord_id for each in page)

    async def _forum_pages(self, job: Job) -> AsyncIterator[list[PostedMessage]]:
        """Our announcements in those posts of a forum that the outbox does not know, newest first."""
        page: list[PostedMessage] = []
        is_active = True
        async for threads in self._sender.forums.own_threads(job.guild_id, job.channel_id):
            ids = [int(thread["id"]) for thread in threads]
            for thread_id in await self._in_thread(self._recovery.unknown_posts, job.channel_id, ids):
                page += await self._sender.posted_in(thread_id)
            if not is_active:  # the active ones are looked at together with those archived last
                yield page
                page = []
            is_active = False

    async def close(self) -> None:
        """Begin nothing more, and let what is under way finish for some seconds."""
        self._closing = True
        if self._runs:
            await asyncio.wait([run.task for run in self._runs], timeout=DRAIN)
        self._collect()
        with contextlib.suppress(LeaseLostError):
            await self._advance()
        for run in self._runs:
            # What Discord makes of it is looked up by the next process.
            run.task.cancel()

    async def _advance(self) -> list[Job]:
        idle = self._closing or self._sender.why_not is not None
        room = 0 if idle else AT_ONCE - len(self._runs)
        results = list(self._results)
        if not results and room <= 0:
            return []
        try:
            # A lane stays busy while its request lives, however late: nobody looks for a message, or
            # sends it again, that may still be on its way.
            busy = {run.job.lane for run in self._runs}
            jobs = await self._in_thread(self._outbox.advance, results, busy, room)
        except LeaseLostError:
            # Another process looks after these messages now: it finds them as they were begun.
            self._results.clear()
            raise
        # Kept until they are recorded, so that a database that is away for a while loses none.
        del self._results[: len(results)]
        return jobs

    def _collect(self) -> None:
        """Take the results of jobs that ended, and stop waiting for those that are late."""
        now = asyncio.get_running_loop().time()
        for run in self._runs:
            if run.task.done():
                self._results.append(run.task.result())
            elif not run.is_late and now >= run.until:
                run.is_late = True
                error = f"No answer from Discord for {self._deadline:g} seconds; its end is awaited."
                self._results.append(AttemptResult(run.job, ResultKind.UNKNOWN, error=error))
        self._runs = [run for run in self._runs if not run.task.done()]


class Announcer:
    """Announces new papers in channels, from one process over all that share the database."""

    def __init__(self, bot: Papercord) -> None:
        if bot.user is None:
            raise RuntimeError("the announcer starts after the bot has logged in")
        app, compose = bot.app, bot.families.compose
        self.lease = Lease(app, LEASE)
        self._bot = bot
        self._closing = False
        self._transport = Transport(bot.http, app.clock, may_send=lambda: self.lease.is_held)
        sender = self._sender = Sender(self._transport, bot.user.id, self._may_read)
        self._dispatcher = Dispatcher(
            Outbox(app, self.lease, self._pause_notice),
            Recovery(app, self.lease, compose),
            sender,
            bot.in_thread,
            is_away=self._is_away,
        )
        self._planner = Planner(app, self.lease, compose)
        self._events = EventPlanner(app, self.lease, compose)
        self._citations = CitationPlanner(app, self.lease, compose)
        self._editor = Editor(app, self.lease, compose, bot.families.relabel)
        self._meetings = MeetingPlanner(app, self.lease, compose)
        self._inbox = Inbox(app)
        self._recorded_at = self._looked_after_at = _LONG_AGO
        self._announces: bool | None = None
        """Whether this process announces, as the log says last."""

    def start(self) -> None:
        """Begin the rounds."""
        for listener in (
            self._on_guild_remove,
            self._on_guild_join,
            self._on_guild_channel_update,
            self._on_guild_role_update,
            self._on_guild_role_delete,
            self._on_member_update,
            self._on_guild_channel_delete,
            self._on_raw_thread_delete,
            self._on_thread_update,
            self._on_thread_join,
        ):
            self._bot.add_listener(listener, listener.__name__.removeprefix("_"))
        self._rounds.start()
        self._taking_in.start()

    async def close(self) -> None:
        """Post nothing more, let what is under way finish for some seconds, and give the lease back."""
        self._closing = True
        self._rounds.stop()
        self._taking_in.stop()
        await self._dispatcher.close()
        self._transport.abandon()
        for loop in (self._rounds, self._taking_in):
            if (running := loop.get_task()) is not None:
                loop.cancel()
                await asyncio.wait([running])
        if self._announces:
            self._log_role("it ends")
        # Where the database is away, the lease ends by itself.
        with self._bot.app.outages.watching("Giving back the lease of announcing", once=True):
            await self._bot.in_thread(self.lease.release)

    @tasks.loop(seconds=EVERY_SECONDS)
    async def _rounds(self) -> None:
        # tasks.loop ends by an error, and by some without a word.
        with self._bot.app.outages.watching("Announcing"):
            await self.round()

    @tasks.loop(seconds=EVERY_SECONDS)
    async def _taking_in(self) -> None:
        """Import what lies in the inbox; a large file holds up nothing else."""
        with self._bot.app.outages.watching("Reading the inbox"):
            await self.take_in()

    async def take_in(self) -> None:
        """Import the files of the inbox that are complete."""
        if self.lease.is_held and not self._closing:
            await self._bot.in_thread(self._inbox.import_ready_files)

    async def round(self) -> None:
        """Do once all that is due; an error in one step does not keep the others from theirs."""
        in_thread = self._bot.in_thread
        if self._closing:
            return
        why_not = "the database is away"
        try:
            may_announce = await in_thread(self.lease.ensure)
            why_not = ANOTHER_DOES
        finally:
            self._log_role(why_not)
        looking: tuple[Step, ...] = (("Looking after servers", self._look_after_guilds),)
        steps: tuple[Step, ...] = (
            # Before the digests, which move on to their next date.
            ("Planning news of known papers", lambda: in_thread(self._events.plan)),
            ("Planning citations", lambda: in_thread(self._citations.plan)),
            ("Planning news", lambda: in_thread(self._planner.plan_due)),
            ("Planning meetings of clubs", lambda: in_thread(self._meetings.plan_meetings)),
            ("Announcing meetings of clubs", self._announce_meetings),
            ("Reminding of meetings of clubs", self._remind),
            ("Planning edits of news", lambda: in_thread(self._editor.plan_edits)),
            ("Posting news", self._dispatcher.deliver),
        )
        went_well = True
        # Each process knows the servers of its own shards only.
        for name, step in (*steps, *looking) if may_announce else looking:
            if self._closing:
                return
            try:
                await step()
            except LeaseLostError:
                self._log_role(ANOTHER_DOES)
                return
            except Exception as error:  # noqa: BLE001 - each step goes on the next time
                went_well = False
                self._bot.app.outages.failed(name, error)
            else:
                self._bot.app.outages.worked(name)
        if went_well and may_announce:
            try:
                await self._record_run()
            except LeaseLostError:
                self._log_role(ANOTHER_DOES)

    async def _announce_meetings(self) -> None:
        await announce_meetings(self._meetings, self._sender.members, self._bot.in_thread, self._is_away)

    async def _remind(self) -> None:
        await remind(self._meetings, self._sender.events, self._bot.in_thread, self._is_away)

    def _log_role(self, why_not: str) -> None:
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
        now = self._bot.app.clock()
        if abs(now - self._recorded_at) >= RUN_RECORDED_EVERY:  # a clock may be set back
            await self._bot.call(record_run, self.lease)
            self._recorded_at = now

    async def _look_after_guilds(self) -> None:
        now = self._bot.app.clock()
        if self._bot.is_ready() and abs(now - self._looked_after_at) >= UPKEEP_EVERY:
            present = None
            # A server that comes or goes meanwhile would be recorded as it was before.
            while present != (present_now := {guild.id for guild in self._bot.guilds}):
                present = present_now
                await self._bot.call(look_after_guilds, present, self._bot.knows_server)
                await self._bot.call(look_after_reading, present, self._bot.knows_server)
            await self._look_at_roles()
            self._looked_after_at = now

    async def _on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; an outage of the server is another event."""
        # Where the database is away, the server is found missing later.
        with self._bot.app.outages.watching("Suspending a server", once=True):
            await self._bot.call(suspend_guild, guild.id)
            await self._bot.call(set_missing, guild.id, is_missing=True)

    async def _on_guild_join(self, guild: discord.Guild) -> None:
        # Where the database is away, the server is found present later.
        with self._bot.app.outages.watching("Restoring a server", once=True):
            await self._bot.call(restore_guild, guild.id)
            await self._bot.call(set_missing, guild.id, is_missing=False)

    async def _on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        if before.overwrites != after.overwrites:
            await self._rights_changed([after])

    async def _on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        if before.permissions != after.permissions:
            await self._rights_changed(after.guild.channels)
        elif before.mentionable != after.mentionable:
            await self._look_at_roles(after.guild)

    async def _on_guild_role_delete(self, role: discord.Role) -> None:
        await self._look_at_roles(role.guild)

    async def _on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        if after == after.guild.me and (
            before.roles != after.roles or before.timed_out_until != after.timed_out_until
        ):
            await self._rights_changed(after.guild.channels)

    async def _rights_changed(self, channels: Sequence[discord.abc.GuildChannel]) -> None:
        """Try the channels again in which the bot may post now, and their threads."""
        allowed = [channel.id for channel in channels if bot_can_post(channel)]
        parents = [channel.id for channel in channels if bot_can_post_in_threads(channel)]
        allowed += {events_of(one.guild.id): None for one in channels if may_make_events(one.guild)}
        with self._bot.app.outages.watching("Looking at changed permissions", once=True):
            await self._bot.call(free_channels, allowed, parents)
        if channels:
            await self._look_at_roles(channels[0].guild)

    async def _look_at_roles(self, guild: discord.Guild | None = None) -> None:
        """Record which roles can be pinged, of the subscriptions of a server or of all that are there."""
        with self._bot.app.outages.watching("Looking at roles", once=True):
            troubles: dict[PingedRole, str | None] = {}
            for role in await self._bot.call(pinged_roles, guild.id if guild is not None else None):
                here = self._bot.get_guild(role.guild_id)
                if here is not None and not here.unavailable:
                    troubles[role] = why_not_pinged(here, role.channel_id, role.role_id)
            await self._bot.call(record_roles, troubles)

    async def _on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._deleted(channel.guild.id, channel.id)

    async def _on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        await self._deleted(event.guild_id, event.thread_id)

    async def _deleted(self, guild_id: int, channel_id: int) -> None:
        # Where the database is away, Discord says at each post that it is unknown.
        with self._bot.app.outages.watching("Looking at a deleted channel", once=True):
            await self._bot.call(record_deletion, guild_id, channel_id)

    async def _on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        if before.locked != after.locked:
            await self._on_thread_join(after)

    async def _on_thread_join(self, thread: discord.Thread) -> None:
        """The bot sees a thread anew: it was added to it, or somebody changed one that was archived."""
        may = permissions_in(thread, thread.guild.me)
        with self._bot.app.outages.watching("Looking at a thread", once=True):
            if thread.locked and not (may.manage_threads or may.administrator):
                await self._bot.call(record_lock, thread.guild.id, thread.id)
            elif bot_can_post(thread):
                await self._bot.call(free_channels, [thread.id])

    def _pause_notice(self, channel: PausedChannel, nonce: str) -> Notice | None:
        """The notice to administrators of a channel that is paused; none of a pause of their own channel."""
        admin_channel = self._bot.app.settings.admin_channel
        if admin_channel is None or admin_channel == channel.channel_id:
            return None
        server = self._bot.get_guild(channel.guild_id)
        name = server.name if server is not None else f"server {channel.guild_id}"
        shown = self._bot.get_channel(admin_channel)
        guild_id = shown.guild.id if isinstance(shown, discord.abc.GuildChannel | discord.Thread) else 0
        return Notice(admin_channel, guild_id, self._bot.families.pause_message(channel, name, nonce))

    def _is_away(self, guild_id: int) -> bool:
        guild = self._bot.get_guild(guild_id)
        if guild is None:
            # Of the channel of administrators the server may be unknown: 0.
            return guild_id != 0 and self._bot.knows_server(guild_id)
        return guild.unavailable

    def _may_read(self, channel_id: int) -> bool | None:
        channel = self._bot.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return None
        return permissions_in(channel, channel.guild.me).read_message_history
