"""A whole announcer for tests: an app, a loopback Discord, discord.py's own HTTP client, a clock to move."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from discord.http import HTTPClient, Route
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.citations import CitationPlanner
from bot.announcements.events import EventPlanner
from bot.announcements.meetings import MeetingPlanner
from bot.announcements.outbox import LEASE, Outbox
from bot.announcements.planner import Planner
from bot.announcements.recovery import Recovery
from bot.announcements.results import ComposePause, Filters, Schedule, Subscription
from bot.app import App
from bot.discord_app.dispatcher import Dispatcher
from bot.discord_app.members import announce_meetings
from bot.discord_app.scheduled_events import remind
from bot.discord_app.transport import Sender, Transport
from bot.ingest.importer import import_files
from bot.lease import Lease
from cogs.notify.announcement_cards import compose
from tests.apps import Clock
from tests.loopback_discord.server import OWN_ID, LoopbackDiscord

GUILD = 77
EVERYTHING = Filters()
_numbers = itertools.count(1)


def papers(count: int, **fields: Any) -> list[dict[str, Any]]:
    """New papers in JSON lines, each unlike all before."""
    numbers = [next(_numbers) for _ in range(count)]
    return [
        {
            "id": f"t{number}",
            "title": f"Decentralized learning of kind {number}",
            "authors": [f"Ada Example{number}", "Pan Pan"],
            "date": "2026-03-01",
            "categories": ["cs.LG"],
            "abstract": f"We study case {number}. It converges.",
            **fields,
        }
        for number in numbers
    ]


def write_papers(app: App, records: list[dict[str, Any]], name: str = "incoming.jsonl") -> Path:
    path = app.settings.data_dir / name
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


class Office:
    """One process's announcer; several of them may share a database."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.discord: LoopbackDiscord
        self.lease = Lease(app, LEASE)
        self.planner = Planner(app, self.lease, compose)
        self.events = EventPlanner(app, self.lease, compose)
        self.citations = CitationPlanner(app, self.lease, compose)
        self.meetings = MeetingPlanner(app, self.lease, compose)
        self.may_read: bool | None = None
        self.accepting = True
        self.away: set[int] = set()
        """Servers that are unavailable at present."""
        self.tell_pause: ComposePause = lambda _channel, _nonce: None

    async def connect(self, discord_server: LoopbackDiscord, *, deadline: float = 20.0) -> Office:
        """Log in with discord.py's HTTP client, and take the lease."""
        self.discord = discord_server
        Route.BASE = discord_server.url
        self.http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=60)
        await self.http.static_login("token")
        self.restart(deadline=deadline)
        assert self.lease.take()
        return self

    def restart(self, *, deadline: float = 20.0, patience: float = 2.0, per_second: float = 1_000.0) -> None:
        """Forget everything that only the process knew, as after a crash."""
        transport = Transport(
            self.http,
            self.clock,
            may_send=lambda: self.accepting and self.lease.is_held,
            per_second=per_second,
        )
        sender = Sender(transport, int(OWN_ID), lambda _channel: self.may_read)
        self.transport, self.sender = transport, sender
        self.dispatcher = Dispatcher(
            Outbox(self.app, self.lease, self.tell_pause),
            Recovery(self.app, self.lease, compose),
            sender,
            asyncio.to_thread,
            is_away=lambda guild_id: guild_id in self.away,
            deadline=deadline,
            patience=patience,
        )

    async def close(self) -> None:
        self.transport.abandon()
        await self.http.close()
        self.lease.release()

    # What people and sources do.

    def subscribe(self, channel_id: int, filters: Filters = EVERYTHING, **options: Any) -> Subscription:
        if str(channel_id) not in self.discord.channels:
            self.discord.add_channel(channel_id)
        asked = {"guild_id": GUILD, "channel_id": channel_id, "creator_id": 5, "filters": filters}
        return subscriptions.add(self.app, **asked | options).subscription

    def digest(self, channel_id: int, schedule: Schedule, filters: Filters = EVERYTHING) -> Subscription:
        return self.subscribe(channel_id, filters, schedule=schedule)

    def bring(self, records: list[dict[str, Any]]) -> list[int]:
        """Import papers, and return the ids of those that were new."""
        before = self.scalar("select coalesce(max(id), 0) from paper")
        report = import_files(self.app, [write_papers(self.app, records)])
        assert not report.rejected, report.rejected[0]
        return self.column(f"select id from paper where id > {before} order by id")

    # What the announcer does.

    async def round(self) -> None:
        """Plan and post what is due, as the bot does every few seconds."""
        assert self.lease.take()
        self.events.plan()
        self.citations.plan()
        self.meetings.plan_meetings()
        await announce_meetings(self.meetings, self.sender.members, asyncio.to_thread, self.away.__contains__)
        await remind(self.meetings, self.sender.events, asyncio.to_thread, self.away.__contains__)
        self.planner.plan_due()
        await self.dispatcher.deliver()

    async def settle(self, rounds: int = 40, step: float = 5.0) -> None:
        """Go on for a while: rounds some seconds apart."""
        for _ in range(rounds):
            await self.round()
            if not self.scalar("select count(*) from message where state in ('planned', 'sending')"):
                return
            self.clock.move(seconds=step)

    # What can be seen.

    def scalar(self, statement: str) -> Any:
        with self.app.store.reading() as session:
            return session.execute(text(statement)).scalar()

    def column(self, statement: str) -> list[Any]:
        with self.app.store.reading() as session:
            return list(session.execute(text(statement)).scalars())

    def states(self) -> Counter[str]:
        return Counter(self.column("select state from message where kind <> 'edit'"))

    def seen(self, channel_id: int) -> Counter[int]:
        return self.discord.seen_papers(channel_id)
