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
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bot.services.announcing import subscribing
from bot.services.announcing.results import Filters
from bot.services.importing import import_files
from bot.store.schema import prepare
from tests.announcing.office import GUILD, MovableClock, open_desk, papers, test_settings
from tests.conftest import ROOT
from tests.loopback_discord.faults import Weather
from tests.loopback_discord.server import LoopbackDiscord

PAPERS = 5
"""In one wave: as many as are posted one by one."""
PAUSES = (0.0, 0.0, 2.0, 20.0, 90.0, 150.0, 400.0, 4_000.0)
"""Seconds between a kill and the next start, on the moved clock: within and beyond the nonce's life."""


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
    faults: float = 10.0
    """In a hundred requests."""
    kinds: tuple[int | str, ...] = (502, 503, 429, "reset")
    slowest: float = 0.02
    """Seconds, before and after the work of a request each."""
    pauses: tuple[float, ...] = PAUSES
    flags: tuple[str, ...] = ()


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._random = random.Random(plan.seed)
        self._clock = MovableClock()
        self._desk = open_desk(test_settings(folder), self._clock)
        self._discord = LoopbackDiscord(
            self._clock.timestamp,
            faults=Weather(plan.seed, percent=plan.faults, kinds=plan.kinds),
            latency=lambda: self._random.uniform(0.0, plan.slowest),
        )
        self._while_sending = 0

    async def run(self) -> Report:
        """Play it to its end."""
        prepare(self._desk.store)
        await self._discord.start()
        channels = -(-self._plan.posts // PAPERS)
        for number in range(channels):
            self._discord.add_channel(number + 1)
        await asyncio.to_thread(self._subscribe, channels)
        waves = sorted(self._random.sample(range(max(PAPERS, self._plan.kills // 2)), PAPERS))
        waves[0] = 0
        for life in range(self._plan.kills):
            if life in waves:
                await asyncio.to_thread(self._bring, waves.count(life))
            await self._live_and_die()
            self._clock.move(seconds=self._random.choice(self._plan.pauses))
        missing = PAPERS - sum(wave < self._plan.kills for wave in waves)
        if missing:
            await asyncio.to_thread(self._bring, missing)
        await self._finish()
        report = self._count(channels)
        await self._discord.close()
        self._desk.index.close()
        self._desk.store.close()
        return report

    def _subscribe(self, channels: int) -> None:
        for number in range(channels):
            subscribing.add(
                self._desk,
                guild_id=GUILD,
                channel_id=number + 1,
                creator_id=1,
                filters=Filters(query="decentralized"),
            )

    def _bring(self, count: int) -> None:
        import orjson

        path = self._folder / "wave.jsonl"
        path.write_bytes(b"".join(orjson.dumps(paper) + b"\n" for paper in papers(count)))
        import_files(self._desk, [path])

    async def _start(self, *more: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.drills.announcer_process",
            f"--folder={self._folder}",
            f"--url={self._discord.url}",
            f"--ahead={self._clock.ahead.total_seconds()}",
            "--per-second=100",
            *self._plan.flags,
            *more,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the announcer did not start")
        return process

    async def _live_and_die(self) -> None:
        process = await self._start()
        if self._random.random() < 0.7:
            # As a rule it is killed amid posting, however slow the machine is.
            self._discord.first_post.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._discord.first_post.wait(), timeout=3.0)
        await asyncio.sleep(self._random.uniform(0.02, self._plan.longest_life))
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()
        self._while_sending += self._sending() > 0

    async def _finish(self) -> None:
        """Let it come to its end; what cannot be retried yet is retried when the clock has moved."""
        for _ in range(20):
            process = await self._start("--until-done")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), timeout=60)
            if process.returncode is not None:
                return
            process.kill()
            await process.wait()
            self._clock.move(seconds=150)

    def _sending(self) -> int:
        with self._desk.store.reading() as session:
            return session.execute(text("select count(*) from message where state = 'sending'")).scalar_one()

    def _count(self, channels: int) -> Report:
        with self._desk.store.reading() as session:
            ids = list(session.execute(text("select id from paper")).scalars())
        lost = doubled = 0
        for number in range(channels):
            seen = self._discord.seen_papers(number + 1)
            lost += sum(seen[paper] == 0 for paper in ids)
            doubled += sum(max(0, seen[paper] - 1) for paper in ids)
        return Report(channels * PAPERS, self._plan.kills, self._while_sending, lost, doubled)


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
    flags = [
        f"--{name.replace('_', '-')}"
        for name in ("without_nonce", "record_after_post")
        if getattr(arguments, name)
    ]
    report = drill(Plan(arguments.posts, arguments.kills, arguments.seed, flags=tuple(flags)))
    print(report)
    return 0 if report.lost == report.doubled == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
