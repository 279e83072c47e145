"""An announcer as a process of its own, without a gateway: to be killed."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from discord.http import HTTPClient, Route

from bot.announcements.citations import CitationPlanner
from bot.announcements.edits import Editor
from bot.announcements.events import EventPlanner
from bot.announcements.meetings import MeetingPlanner
from bot.announcements.outbox import LEASE, AttemptResult, Job, Outbox
from bot.announcements.planner import Planner
from bot.announcements.recovery import PostedMessage, Recovery
from bot.discord_app.dispatcher import Dispatcher
from bot.discord_app.members import announce_meetings
from bot.discord_app.scheduled_events import remind
from bot.discord_app.transport import Sender, Transport
from bot.lease import Lease
from bot.store import outbox
from bot.store.models import MessageState
from cogs.notify.announcement_cards import compose
from tests.apps import open_app
from tests.loopback_discord.server import OWN_ID

PER_SECOND = 100.0
ROUNDS = 3
"""Until it is idle: the event of a meeting follows its card."""


@dataclass(frozen=True)
class Life:
    """What a process has to know."""

    folder: Path
    url: str
    ahead: dt.timedelta
    """How far its clock is moved."""
    until_idle: bool = False
    """It ends where nothing can be posted at present; otherwise it lives until it is killed."""
    without_nonce: bool = False
    record_after_post: bool = False


class WithoutNonce(Sender):
    """Breaks a rule, so that the drill can be seen to notice."""

    async def do(self, job: Job) -> AttemptResult:
        payload = {key: value for key, value in job.payload.items() if "nonce" not in key}
        return await super().do(replace(job, payload=payload))


class WithoutLook(Recovery):
    """Finds nothing in the channels: what it finds there hides that another rule is broken."""

    def unknown_messages(self, posted: Sequence[PostedMessage]) -> list[PostedMessage]:
        return []


def record_after_post() -> None:
    """Break another rule: the outbox says "sending" of no message, it is first written after the post.

    After a crash the message counts as certainly not posted, and nobody looks for it.
    """
    write = outbox.change_message

    def only_afterwards(*args: Any, **values: Any) -> bool:
        return values.get("state") == MessageState.SENDING or write(*args, **values)

    outbox.change_message = only_afterwards


async def announce(life: Life) -> None:
    """Plan and post; a kill ends it."""
    app = open_app(life.folder, lambda: dt.datetime.now(dt.UTC) + life.ahead)
    Route.BASE = life.url
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=60)
    await http.static_login("token")
    lease = Lease(app, LEASE)
    planners = [kind(app, lease, compose) for kind in (EventPlanner, CitationPlanner)]
    planner = Planner(app, lease, compose)
    editor = Editor(app, lease, compose)
    meetings = MeetingPlanner(app, lease, compose)
    transport = Transport(http, app.clock, may_send=lambda: lease.is_held, per_second=PER_SECOND)
    kind = WithoutNonce if life.without_nonce else Sender
    sender = kind(transport, int(OWN_ID), lambda _channel: True)
    recovery = (WithoutLook if life.without_nonce or life.record_after_post else Recovery)(
        app, lease, compose
    )
    dispatcher = Dispatcher(Outbox(app, lease), recovery, sender, asyncio.to_thread)
    rounds = 0
    while True:
        if lease.take():
            for one in planners:
                await asyncio.to_thread(one.plan)
            await asyncio.to_thread(planner.plan_due)
            await asyncio.to_thread(meetings.plan_meetings)
            await announce_meetings(meetings, sender.members, asyncio.to_thread, lambda _guild: False)
            await remind(meetings, sender.events, asyncio.to_thread, lambda _guild: False)
            await asyncio.to_thread(editor.plan_edits)
            await dispatcher.deliver()
            rounds += 1
            if life.until_idle and rounds == ROUNDS:
                break
        await asyncio.sleep(0.05)
    await dispatcher.close()
    await http.close()
    lease.release()


def _live(life: Life) -> None:
    logging.getLogger().addHandler(logging.NullHandler())  # faults are what it is here for
    if life.record_after_post:
        record_after_post()
    asyncio.run(announce(life))


def start(life: Life) -> BaseProcess:
    """Bring a process to life, forked from one that has loaded everything and done nothing yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_live, args=(life,), daemon=True)
    process.start()
    return process
