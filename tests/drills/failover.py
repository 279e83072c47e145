"""The failover drill: PostgreSQL's primary is killed and its standby promoted while the bot works.

    python -m tests.drills.failover --times 20

The whole bot runs against a loopback Discord, on a primary and a streaming standby. In each turn papers are
imported and announced, a long import runs in a process of its own, a person searches; then the standby falls
behind, the primary is killed, and the standby takes over without what it had not received. Whoever runs the
bot imports again what it says was lost. It ends with a line such as "20 failovers, 820 papers: 0 lost, 0
doubled, 0 not said; 20 of 20 commands answered; announcing went on after 3.1 s at most".
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.app import utc_now
from bot.ingest.importer import import_files
from bot.store.models import PlaceKind
from cogs.families import create_bot
from tests.announcements.announcer import GUILD, papers, write_papers
from tests.apps import close_app, open_app
from tests.cluster import Cluster
from tests.conftest import ROOT
from tests.discord_app.test_guild_events import RIGHTS, server
from tests.loopback_discord.interactions import interaction
from tests.loopback_discord.reading import text_of
from tests.loopback_discord.server import LoopbackDiscord

CHANNELS, FORUM = (5, 50), 6
"""Which hear of everything decentralized."""
WAVE = 5
"""Papers: as many as are posted one by one."""
MOST_TRIES = 20
"""Of an import that is refused because no server takes writes, a second or two apart."""
PATIENCE = 60.0
"""Seconds for what has to come."""
TOKEN = "MTA0.G4xY.a-secret_token"


@dataclass
class Report:
    """What the drill found."""

    failovers: int = 0
    papers: int = 0
    lost: int = 0
    doubled: int = 0
    unsaid: int = 0
    """Imports that came to their end and were lost, and of which nothing was said."""
    said: int = 0
    """Imports that were lost, begun again or refused, and said so."""
    forgotten_posts: int = 0
    """Posts that the database had forgotten, and that were found in their channels."""
    commands: int = 0
    answered: int = 0
    in_a_moment: int = 0
    """Commands that said so before their answer."""
    pauses: list[float] = field(default_factory=list)
    """Seconds from each kill to the next new post."""

    def __str__(self) -> str:
        return (
            f"{self.failovers} failovers, {self.papers} papers: {self.lost} lost, {self.doubled} doubled, "
            f"{self.unsaid} not said ({self.said} said); {self.answered} of {self.commands} commands "
            f"answered ({self.in_a_moment} with “in a moment” before); announcing went on after "
            f"{max(self.pauses, default=0):.1f} s at most"
        )


class Said(logging.Handler):
    """What the log of the bot says."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, folder: Path, cluster: Cluster, seed: int, rows: int) -> None:
        self._cluster = cluster
        self._random = random.Random(seed)
        self._rows = rows
        with cluster.primary.connect() as connection:
            connection.execute("CREATE DATABASE papercord")
        self._url = cluster.url("papercord")
        self._app = open_app(folder, url=self._url)
        weather = random.Random(seed)
        self._discord = LoopbackDiscord(
            lambda: utc_now().timestamp(), latency=lambda: weather.uniform(0, 0.03)
        )
        self._waves: list[tuple[Path, list[str]]] = []
        """The files of papers that are announced, and their titles."""
        self._said = Said()
        self._log_read = 0
        self.report = Report()

    async def run(self, times: int) -> Report:
        """Play it to its end."""
        Route.BASE = await self._discord.start()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._discord.gateway.url)
        logging.getLogger("bot").addHandler(self._said)
        await asyncio.to_thread(self._settle_in)
        bot = create_bot(self._app)
        async with bot:
            life = asyncio.create_task(bot.start(TOKEN))
            await self._until(bot.is_ready)
            await self._discord.gateway.send("GUILD_CREATE", server(everyone=RIGHTS))
            for turn in range(times):
                await self._turn(bot, turn)
            await self._until(lambda: not self._missing(), wait=30)
            await bot.close()
            await asyncio.wait([life])
        self._judge()
        await self._discord.close()
        close_app(self._app)
        return self.report

    def _settle_in(self) -> None:
        for channel_id in CHANNELS:
            self._discord.add_channel(channel_id)
        self._discord.add_forum(FORUM)
        for channel_id in (*CHANNELS, FORUM):
            subscriptions.add(
                self._app,
                guild_id=GUILD,
                channel_id=channel_id,
                place=PlaceKind.FORUM if channel_id == FORUM else PlaceKind.CHANNEL,
                creator_id=1,
                filters=Filters(query="decentralized"),
            )

    async def _turn(self, bot: Any, turn: int) -> None:
        await asyncio.to_thread(self._bring)
        await self._until(lambda: not self._missing())
        await asyncio.to_thread(self._cluster.catch_up)
        long_import = asyncio.create_task(self._import_long(turn))
        await asyncio.sleep(self._random.uniform(0.5, 4.0))
        if self._random.random() < 0.8:
            await asyncio.to_thread(self._cluster.standby.stop_receiving)
        enough = len(self._discord.post_times) + self._random.randint(0, WAVE * len(CHANNELS))
        await asyncio.to_thread(self._bring)
        await self._until(lambda: len(self._discord.post_times) >= enough)
        killed = time.monotonic()
        self._cluster.kill_primary()
        command = asyncio.create_task(self._search(turn))
        promoting = asyncio.create_task(asyncio.to_thread(self._promote, self._random.uniform(0, 4)))
        new = await asyncio.to_thread(self._bring)
        await self._until(lambda: any(seen[new[0]] for seen in self._seen()))
        self.report.pauses.append(time.monotonic() - killed)
        await promoting
        await command
        await long_import
        await self._until(lambda: bot._imports_compared == self._app.store.switches)
        await asyncio.to_thread(self._import_again)
        await asyncio.to_thread(self._cluster.add_standby)
        await self._until(lambda: not self._missing())
        self.report.failovers += 1
        print(f"{turn + 1}: {self.report}", file=sys.stderr, flush=True)

    def _promote(self, after: float) -> None:
        time.sleep(after)
        self._cluster.promote()

    def _bring(self) -> list[str]:
        """Import papers that are announced; their titles."""
        records = papers(WAVE)
        path = write_papers(self._app, records, f"wave-{len(self._waves)}.jsonl")
        self._waves.append((path, [record["title"] for record in records]))
        report = import_files(self._app, [path])
        self.report.said += sum("changed over" in notice for notice in report.notices)
        self.report.papers += WAVE
        return self._waves[-1][1]

    async def _import_long(self, turn: int) -> None:
        """Import other papers by the command line; all of them have to be there afterwards."""
        path = self._app.settings.data_dir / f"long-{turn}.jsonl"
        rows = [
            {"id": f"long{turn}-{number}", "title": f"Gossip {turn} number {number} of many"}
            for number in range(self._rows)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        self.report.papers += self._rows
        for _ in range(MOST_TRIES):
            output, refused = await self._import_by_command(path)
            if not refused:
                break
            # No server took writes when it began, and it says so: whoever typed it types it again.
            self.report.said += 1
        else:
            print(f"the long import: {refused}", file=sys.stderr)
            self.report.lost += self._rows
            return
        self.report.said += sum("changed over" in notice for notice in json.loads(output)["notices"])
        kept = await asyncio.to_thread(self._count, f"Gossip {turn} %")
        if kept < self._rows:
            print(f"the long import: {kept} of {self._rows} papers are there", file=sys.stderr)
        self.report.lost += max(0, self._rows - kept)
        self.report.doubled += max(0, kept - self._rows)

    async def _import_by_command(self, path: Path) -> tuple[str, str]:
        """What the command prints, and why it was refused, where it was."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "import", "--json", str(path)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PAPERCORD_DATA_DIR": str(self._app.settings.data_dir),
                "PAPERCORD_DATABASE_URL": self._url,
            },
        )
        output, errors = await process.communicate()
        return output.decode(), errors.decode() if process.returncode else ""

    def _count(self, title: str) -> int:
        with self._app.store.reading() as session:
            statement = text("select count(*) from paper where title like :title")
            return session.execute(statement, {"title": title}).scalar_one()

    async def _search(self, turn: int) -> None:
        """What a person is answered who searches during the switch."""
        token = f"token{turn}"
        await self._discord.gateway.send("INTERACTION_CREATE", interaction("papers", token, query="kind"))
        self.report.commands += 1
        answers: list[str] = []

        def is_answered() -> bool:
            answers[:] = [json.dumps(one) for one in self._discord.interactions.answers]
            return any("Decentralized learning" in one for one in answers)

        try:
            await self._until(is_answered, wait=20)
        except TimeoutError:
            print(f"the command was answered: {answers}", file=sys.stderr)
        else:
            self.report.answered += 1
        self.report.in_a_moment += any("moment" in one.lower() for one in answers)
        self._discord.interactions.answers.clear()

    def _import_again(self) -> None:
        """Import again what the log says was lost; and notice what was lost without a word."""
        said = " ".join(self._said.lines[self._log_read :])
        self._log_read = len(self._said.lines)
        self.report.forgotten_posts += said.count("taken back")
        for path, titles in self._waves:
            gone = any(not self._count(title) for title in titles)
            is_said = path.name in said
            self.report.unsaid += gone and not is_said
            self.report.said += gone and is_said
            if gone:
                import_files(self._app, [path])

    def _seen(self) -> list[Counter[str]]:
        """How often a reader of each channel sees each title."""
        seen: list[Counter[str]] = []
        for channel_id in (*CHANNELS, FORUM):
            messages = [*self._discord.visible(channel_id)]
            messages += [one for post in self._discord.posts(channel_id) for one in post.visible()]
            words = "\n".join(text_of(message) for message in messages)
            seen.append(Counter(re.findall(r"Decentralized learning of kind \d+", words)))
        return seen

    def _titles(self) -> list[str]:
        return [title for _, titles in self._waves for title in titles]

    def _missing(self) -> int:
        return sum(not seen[title] for seen in self._seen() for title in self._titles())

    def _judge(self) -> None:
        once = [(seen[title], title) for seen in self._seen() for title in self._titles()]
        self.report.lost += sum(count == 0 for count, _ in once)
        self.report.doubled += sum(count > 1 for count, _ in once)
        self.report.doubled += sum(self._count(title) > 1 for title in self._titles())

    async def _until(self, condition: Any, wait: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(wait):
                while not condition():  # noqa: ASYNC110 - of what Discord shows there is no event
                    await asyncio.sleep(0.02)
        except TimeoutError:
            print("\n".join(self._said.lines[-20:]), file=sys.stderr)
            raise


def drill(times: int, *, seed: int = 1, rows: int = 6_000) -> Report:
    """Play a drill in a folder that is removed afterwards."""
    cluster = Cluster()
    try:
        with tempfile.TemporaryDirectory(prefix="failover-", ignore_cleanup_errors=True) as folder:
            return asyncio.run(Drill(Path(folder), cluster, seed, rows).run(times))
    finally:
        cluster.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=6_000, help="of the long import of each turn")
    arguments = parser.parse_args()
    report = drill(arguments.times, seed=arguments.seed, rows=arguments.rows)
    print(report)
    return 0 if report.lost == report.doubled == report.unsaid == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
