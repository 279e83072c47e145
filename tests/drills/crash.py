"""The crash drill: an announcer is killed again and again, and no reader misses or sees a paper twice.

    python -m tests.drills.crash --posts 2000 --kills 200

It ends with a line such as "2000 posts, 200 kills (37 while sending): 0 lost, 0 doubled". With
--without-nonce or --record-after-post a rule is broken on purpose, and the drill has to notice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.ingest.importer import import_files
from bot.store.models import PlaceKind
from bot.store.outbox import waiting_papers
from bot.store.schema import prepare
from tests.announcements.announcer import GUILD, papers, write_papers
from tests.apps import Clock, open_app
from tests.drills.announcer_process import Life, start
from tests.loopback_discord.faults import Weather
from tests.loopback_discord.server import LoopbackDiscord

PAPERS = 5
"""In one wave: as many as are posted one by one."""
PAUSES = (0.0, 0.0, 2.0, 20.0, 90.0, 150.0, 400.0, 4_000.0)
"""Seconds between a kill and the next start, on the moved clock: within and beyond the nonce's life."""
AT_A_POST = 0.7
"""The share of kills that come between a post and its record; the others come at any moment."""
FORUM_EVERY = 4
"""Of so many places one is a forum."""
MOST_LIVES = 40
"""To come to the end after the last kill."""


@dataclass(frozen=True)
class Report:
    """What the drill found."""

    posts: int
    kills: int
    while_sending: int
    lost: int
    doubled: int

    def __str__(self) -> str:
        return (
            f"{self.posts} posts, {self.kills} kills ({self.while_sending} while sending): "
            f"{self.lost} lost, {self.doubled} doubled"
        )


@dataclass(frozen=True)
class Plan:
    """What the drill does."""

    posts: int
    kills: int
    seed: int = 1
    longest_life: float = 0.6
    """Seconds of a life that does not end at a post."""
    faults: float = 10.0
    """In a hundred requests."""
    kinds: tuple[int | str, ...] = (502, 503, 429, "reset", "page")
    slowest: float = 0.02
    """Seconds, before and after the work of a request each."""
    pauses: tuple[float, ...] = PAUSES
    edits: int = 3
    """By people in each life: what waits is planned again."""
    without_nonce: bool = False
    record_after_post: bool = False


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._random = random.Random(plan.seed)
        self._people = random.Random(plan.seed)
        self._clock = Clock()
        self._app = open_app(folder, self._clock)
        weather = random.Random(plan.seed)
        self._discord = LoopbackDiscord(
            self._clock.timestamp,
            faults=Weather(plan.seed, percent=plan.faults, kinds=plan.kinds),
            latency=lambda: weather.uniform(0.0, plan.slowest),
        )
        self._while_sending = 0

    async def run(self) -> Report:
        """Play it to its end."""
        prepare(self._app.store)
        await self._discord.start()
        channels = -(-self._plan.posts // PAPERS)
        for number in range(channels):
            if place_of(number) is PlaceKind.FORUM:
                self._discord.add_forum(number + 1, "LG", requires_tag=True)
            else:
                self._discord.add_channel(number + 1)
        await asyncio.to_thread(self._subscribe, channels)
        waves = [0, *sorted(self._random.choices(range(max(1, self._plan.kills // 2)), k=PAPERS - 1))]
        for life in range(self._plan.kills):
            if life in waves:
                await asyncio.to_thread(self._bring, waves.count(life))
            await self._live_and_die()
            self._clock.move(seconds=self._random.choice(self._plan.pauses))
        await self._finish()
        report = self._count(channels)
        await self._discord.close()
        self._app.index.close()
        self._app.store.close()
        return report

    def _subscribe(self, channels: int) -> None:
        for number in range(channels):
            subscriptions.add(
                self._app,
                guild_id=GUILD,
                channel_id=number + 1,
                place=place_of(number),
                creator_id=1,
                filters=Filters(query="decentralized"),
            )

    def _edit(self) -> None:
        """Change subscriptions, as people do while the announcer works."""
        for _ in range(self._plan.edits):
            one = self._people.choice(subscriptions.list_all(self._app, GUILD))
            subscriptions.edit(
                self._app,
                GUILD,
                one.id,
                filters=one.filters,
                schedule=one.schedule,
                role_id=self._people.choice([role for role in range(1, 10) if role != one.role_id]),
                thread=False,
            )

    def _bring(self, count: int) -> None:
        import_files(self._app, [write_papers(self._app, papers(count))])

    def _start(self, *, until_idle: bool = False) -> BaseProcess:
        return start(
            Life(
                folder=self._folder,
                url=self._discord.url,
                ahead=self._clock.ahead,
                until_idle=until_idle,
                without_nonce=self._plan.without_nonce,
                record_after_post=self._plan.record_after_post,
            )
        )

    async def _live_and_die(self) -> None:
        process, died = self._start(), asyncio.Event()
        editing = asyncio.create_task(asyncio.to_thread(self._edit))
        left = self._random.randint(1, max(1, self._plan.posts // self._plan.kills))

        def kill_at_post() -> None:
            """Kill between a post and its record: Discord has the message, and has not answered."""
            nonlocal left
            left -= 1
            if left == 0:
                process.kill()
                died.set()

        if self._random.random() < AT_A_POST:
            self._discord.on_made, patience = kill_at_post, 3.0
        else:
            patience = self._random.uniform(0.0, self._plan.longest_life)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(died.wait(), timeout=patience)
        self._discord.on_made = None
        process.kill()
        await self._end_of(process)
        await editing
        self._while_sending += self._on_their_way("sending") > 0

    async def _finish(self) -> None:
        """Let it come to its end; what cannot be tried again yet is tried when the clock has moved."""
        for _ in range(MOST_LIVES):
            process = self._start(until_idle=True)
            await self._end_of(process)
            if process.exitcode:
                raise RuntimeError("the announcer failed")
            if not self._on_their_way("planned") + self._on_their_way("sending") + self._waiting():
                return
            self._clock.move(seconds=150)

    async def _end_of(self, process: BaseProcess) -> None:
        await asyncio.to_thread(process.join)

    def _on_their_way(self, state: str) -> int:
        with self._app.store.reading() as session:
            statement = text("select count(*) from message where state = :state")
            return session.execute(statement, {"state": state}).scalar_one()

    def _waiting(self) -> int:
        """How many papers wait to be planned again."""
        with self._app.store.reading() as session:
            return sum(len(papers) for papers in waiting_papers(session).values())

    def _count(self, channels: int) -> Report:
        with self._app.store.reading() as session:
            ids = list(session.execute(text("select id from paper")).scalars())
        lost = doubled = 0
        for number in range(channels):
            seen = self._discord.seen_papers(number + 1)
            lost += sum(seen[paper] == 0 for paper in ids)
            doubled += sum(max(0, seen[paper] - 1) for paper in ids)
        return Report(channels * PAPERS, self._plan.kills, self._while_sending, lost, doubled)


def place_of(number: int) -> PlaceKind:
    """The kind of a place, by its number."""
    return PlaceKind.FORUM if number % FORUM_EVERY == FORUM_EVERY - 1 else PlaceKind.CHANNEL


def drill(plan: Plan) -> Report:
    """Play a drill in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(Drill(plan, Path(folder)).run())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-nonce", action="store_true", help="break a rule: the drill must notice")
    parser.add_argument("--record-after-post", action="store_true", help="break another rule")
    arguments = parser.parse_args()
    report = drill(
        Plan(
            arguments.posts,
            arguments.kills,
            arguments.seed,
            without_nonce=arguments.without_nonce,
            record_after_post=arguments.record_after_post,
        )
    )
    print(report)
    return 0 if report.lost == report.doubled == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
