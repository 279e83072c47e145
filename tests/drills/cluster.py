"""The cluster drill: several processes serve one bot, and are killed, cut off and parted from their database.

    python -m tests.drills.cluster --posts 2000 --interactions 1000

Three processes share eight shards, a PostgreSQL primary with its streaming standby, and a loopback Discord.
Papers are imported and announced in channels of all shards, and persons search and press buttons. All the
while one process or another is killed and started again, connections to the gateway are cut, and the primary
is killed and its standby promoted, at times without what it had not received. One of the three seems to be on
another host: whether it died is to be seen by nothing but its lease. What an import lost by a promotion is
imported again by the drill, as whoever runs the bot does. It ends with a line such as "2000 posts, 1000
interactions, ...: 0 lost, 0 doubled, 0 unanswered; ...".

- lost, doubled: a reader of a channel sees a paper not at all, or more than once; doubled is also an
  interaction that more than one process acknowledges, or tries to.
- unanswered: an interaction was sent to a process that lived on, and was not answered within 30 seconds; or
  a person never got an answer. Discord sends an interaction once: where the process that got it is killed
  before it answers, or none is connected, or the bot says to try again in a moment, the person asks again,
  as people do. How often they had to is counted, and is no fault.
- Sessions must never begin closer to each other than Discord allows, within a bucket.

With --without-gate or --without-leases a rule is broken on purpose, and the drill has to notice.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count, pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.app import utc_now
from bot.errors import DatabaseUnusableError
from bot.ingest.importer import import_files
from tests.announcements.announcer import papers, write_papers
from tests.apps import close_app, open_app
from tests.cluster import Cluster
from tests.discord_app.test_guild_events import RIGHTS, server
from tests.drills.cluster_process import Life, start
from tests.drills.persons import Persons
from tests.loopback_discord.reading import text_of
from tests.loopback_discord.server import LoopbackDiscord

WAVE = 5
"""Papers: as many as are posted one by one."""
PATIENCE = 300.0
"""Seconds for what has to come."""


@dataclass(frozen=True)
class Plan:
    """What the drill does."""

    posts: int
    interactions: int
    seed: int = 1
    processes: int = 3
    shards: int = 8
    at_once: int = 2
    channels: int = 10
    """Of each shard, in two servers."""
    every: float = 5.25
    """Seconds between sessions of a bucket, as the bot keeps them."""
    allowed: float = 5.0
    """As Discord allows them."""
    renewed: float = 5.0
    steady: float = 30.0
    pause: tuple[float, float] = (4.0, 15.0)
    """Seconds between what goes wrong."""
    troubles: tuple[str, ...] = ("kill", "kill", "kill", "cut", "cut", "promotion")
    elsewhere: int = 1
    """How many processes seem to be on another host."""
    without_gate: bool = False
    without_leases: bool = False


@dataclass
class Report:
    """What the drill found."""

    posts: int = 0
    lost: int = 0
    doubled: int = 0
    asked: int = 0
    pressed: int = 0
    again: int = 0
    unanswered: int = 0
    acknowledged_after: float = 0.0
    sessions: int = 0
    resumed: int = 0
    closest: float = float("inf")
    too_close: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    imported_again: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether there was no fault."""
        return self.lost == self.doubled == self.unanswered == self.too_close == 0

    def __str__(self) -> str:
        troubles = ", ".join(f"{number} {kind}s" for kind, number in sorted(self.troubles.items()))
        return (
            f"{troubles} ({self.imported_again} imports made again) in {self.seconds:.0f} s; "
            f"{self.sessions} sessions begun, {self.resumed} resumed, "
            f"the closest {self.closest:.2f} s apart, {self.too_close} too close; "
            f"persons asked again {self.again} times, "
            f"the slowest acknowledgement took {self.acknowledged_after:.1f} s\n"
            f"{self.posts} posts, {self.asked} interactions ({self.pressed} of buttons): "
            f"{self.lost} lost, {self.doubled} doubled, {self.unanswered} unanswered"
        )


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path, cluster: Cluster) -> None:
        self._plan = plan
        self._folder = folder
        self._cluster = cluster
        self._random = random.Random(plan.seed)
        name = f"papercord{time.time_ns()}"
        with cluster.primary.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        self._url = cluster.url(name)
        self._app = open_app(folder / "person", url=self._url)
        weather = random.Random(plan.seed)
        self._discord = LoopbackDiscord(
            lambda: utc_now().timestamp(), latency=lambda: weather.uniform(0, 0.02)
        )
        gateway = self._discord.gateway
        gateway.shards, gateway.at_once, gateway.reset_after = plan.shards, plan.at_once, 86_400.0
        gateway.servers = {shard: self._servers_of(shard) for shard in range(plan.shards)}
        self._channels = [
            (int(each["id"]), int(channel["id"]))
            for servers in gateway.servers.values()
            for each in servers
            for channel in each["channels"]
        ]
        self._lives = count(1)
        self._living: dict[str, tuple[int, BaseProcess]] = {}
        """By the name that each calls itself: its place among the processes."""
        self._waves: list[tuple[Path, list[str]]] = []
        self._is_done = False
        self.persons = Persons(self._discord, gateway.servers, plan.seed, self._living.__contains__)
        self.report = Report()

    def _servers_of(self, shard: int) -> list[dict[str, Any]]:
        servers: list[dict[str, Any]] = []
        for number in range(2):
            guild_id = ((number + 1) * self._plan.shards + shard << 22) | 7
            found = server(everyone=RIGHTS) | {"id": str(guild_id)}
            template = found["channels"][0]
            found["channels"] = [
                template | {"id": str(guild_id + 1 + one), "guild_id": str(guild_id), "position": one}
                for one in range(self._plan.channels // 2)
            ]
            found["roles"] = [found["roles"][0] | {"id": str(guild_id)}]
            servers.append(found)
        return servers

    async def run(self) -> Report:
        """Play it to its end."""
        began = time.monotonic()
        await self._discord.start()
        await asyncio.to_thread(self._settle_in)
        for place in range(self._plan.processes):
            self._start(place)
        try:
            sessions = self._plan.shards * (self._plan.processes if self._plan.without_leases else 1)
            await self._until(lambda: len(self._served()) >= sessions)
            if self._plan.posts:
                await asyncio.to_thread(self._bring)
                await self._until(lambda: any(seen for seen in self._seen()))
            working = asyncio.gather(self._bring_all(), self._ask_all())
            trouble = asyncio.create_task(self._make_trouble())
            await working
            self._is_done = True
            await trouble
            await self._mend()
            await self._until(lambda: not self._missing())
        finally:
            for _, process in self._living.values():
                process.kill()
            self._judge()
            await self._discord.close()
            close_app(self._app)
        self.report.seconds = time.monotonic() - began
        return self.report

    def _settle_in(self) -> None:
        for guild_id, channel_id in self._channels:
            self._discord.add_channel(channel_id)
            filters = Filters(query="decentralized")
            subscriptions.add(
                self._app, guild_id=guild_id, channel_id=channel_id, creator_id=1, filters=filters
            )

    def _start(self, place: int) -> None:
        plan = self._plan
        name = f"process-{next(self._lives)}"
        self._living[name] = (
            place,
            start(
                Life(
                    name=name,
                    host="elsewhere" if place < plan.elsewhere else "here",
                    folder=self._folder / f"place-{place}",
                    database=self._url,
                    discord=self._discord.url,
                    gateway=self._discord.gateway.url,
                    every=plan.every,
                    renewed=plan.renewed,
                    steady=plan.steady,
                    without_gate=plan.without_gate,
                    without_leases=plan.without_leases,
                )
            ),
        )

    def _served(self) -> list[int]:
        """The shards of living processes' sessions that are connected."""
        sessions = self._discord.gateway.sessions.values()
        return [one.shard for one in sessions if one.socket is not None and one.agent in self._living]

    async def _bring_all(self) -> None:
        while len(self._waves) * WAVE * len(self._channels) < self._plan.posts:
            await self._until(lambda: self._missing() < len(self._channels))
            await asyncio.to_thread(self._bring)
        await self._until(lambda: not self._missing())

    def _bring(self) -> None:
        """Import papers that are announced."""
        records = papers(WAVE)
        path = write_papers(self._app, records, f"wave-{len(self._waves)}.jsonl")
        self._waves.append((path, [record["title"] for record in records]))
        self._import(path)

    def _import(self, path: Path) -> None:
        for _ in range(30):
            try:
                import_files(self._app, [path])
            except DatabaseUnusableError:  # no server takes writes: whoever typed it types it again
                time.sleep(1.0)
            else:
                return
        raise RuntimeError(f"{path} cannot be imported")

    async def _ask_all(self) -> None:
        left = iter(range(self._plan.interactions))

        async def ask() -> None:
            for number in left:
                await self.persons.one(number)
                await asyncio.sleep(self._random.uniform(0, 0.5))

        await asyncio.gather(*(ask() for _ in range(4)))

    async def _make_trouble(self) -> None:
        for kind in self._plan.troubles:  # each of them once, whatever comes by chance
            await self._trouble(kind)
        while self._plan.troubles and not self._is_done:
            await self._trouble(self._random.choice(self._plan.troubles))

    async def _trouble(self, kind: str) -> None:
        await asyncio.sleep(self._random.uniform(*self._plan.pause))
        match kind:
            case "kill":
                await self._kill()
            case "cut":
                served = sorted(self._served())
                if served:
                    self._discord.gateway.cut(shard=self._random.choice(served))
            case _:
                await asyncio.to_thread(self._promote)
        self.report.troubles[kind] += 1
        print(f"{kind}: {self._missing()} posts to come, {self.persons.found.asked} asked", file=sys.stderr)

    async def _kill(self) -> None:
        name = self._random.choice(list(self._living))
        place, process = self._living.pop(name)
        process.kill()
        await asyncio.to_thread(process.join)
        await asyncio.sleep(self._random.uniform(0, self._plan.pause[0]))
        self._start(place)

    def _promote(self) -> None:
        cluster = self._cluster
        cluster.catch_up()
        if self._random.random() < 0.5:
            cluster.standby.stop_receiving()
            time.sleep(self._random.uniform(0, 2.0))
        cluster.kill_primary()
        time.sleep(self._random.uniform(0, 2.0))
        cluster.promote()
        self._import_again()
        cluster.add_standby()

    def _import_again(self) -> None:
        """Import what the standby had not received; the failover drill shows that the bot names it."""
        for path, titles in list(self._waves):
            with self._app.store.reading() as session:
                statement = text("select count(*) from paper where title = any(:titles)")
                kept = session.execute(statement, {"titles": titles}).scalar_one()
            if kept < len(titles):
                self.report.imported_again += 1
                self._import(path)

    async def _mend(self) -> None:
        """After the last trouble: no process is left dead, and no import lost."""
        places = {place for place, _ in self._living.values()}
        for place in set(range(self._plan.processes)) - places:
            self._start(place)
        if "promotion" in self._plan.troubles:
            await asyncio.to_thread(self._import_again)

    def _seen(self) -> list[Counter[str]]:
        """How often a reader of each channel sees each title."""
        seen: list[Counter[str]] = []
        for _, channel_id in self._channels:
            words = "\n".join(text_of(message) for message in self._discord.visible(channel_id))
            seen.append(Counter(re.findall(r"Decentralized learning of kind \d+", words)))
        return seen

    def _missing(self) -> int:
        seen, titles = self._seen(), [title for _, titles in self._waves for title in titles]
        return sum(not each[title] for each in seen for title in titles)

    def _judge(self) -> None:
        report, gateway = self.report, self._discord.gateway
        titles = [title for _, titles in self._waves for title in titles]
        for seen in self._seen():
            report.lost += sum(not seen[title] for title in titles)
            report.doubled += sum(seen[title] > 1 for title in titles)
        report.posts = len(titles) * len(self._channels)
        persons = self.persons.judge()
        report.doubled += persons.doubled
        report.asked, report.pressed, report.again = persons.asked, persons.pressed, persons.again
        report.unanswered, report.acknowledged_after = persons.unanswered, persons.longest
        report.sessions, report.resumed = gateway.seen["identify"], gateway.seen["resume"]
        buckets: defaultdict[int, list[float]] = defaultdict(list)
        for moment, shard in gateway.identified:
            buckets[shard % self._plan.at_once].append(moment)
        for moments in buckets.values():
            gaps = [later - earlier for earlier, later in pairwise(moments)]
            report.closest = min([report.closest, *gaps])
            report.too_close += sum(gap < self._plan.allowed for gap in gaps)

    async def _until(self, condition: Any) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():  # noqa: ASYNC110 - of what Discord shows there is no event
                    await asyncio.sleep(0.1)
        except TimeoutError:
            for log in self._folder.glob("place-*/log"):
                print(log.read_text(encoding="utf-8")[-4000:], file=sys.stderr)
            raise


def drill(plan: Plan, cluster: Cluster | None = None) -> Report:
    """Play a drill in a folder that is removed afterwards."""
    own = cluster or Cluster()
    try:
        with tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True) as folder:
            return asyncio.run(Drill(plan, Path(folder), own).run())
    finally:
        if cluster is None:
            own.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument("--interactions", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-gate", action="store_true", help="break a rule: the drill must notice")
    parser.add_argument("--without-leases", action="store_true", help="break another rule")
    arguments = parser.parse_args()
    report = drill(
        Plan(
            arguments.posts,
            arguments.interactions,
            arguments.seed,
            without_gate=arguments.without_gate,
            without_leases=arguments.without_leases,
        )
    )
    print(report)
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
