"""How long new papers take from the corpus to the ledger, and from there into the channels.

    python -m tests.benchmarks.planning [--largest 100000]

Each subscription has a channel of its own and asks for two words that occur together in some title.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import tempfile
import time
from pathlib import Path

from bot.announcements.markers import database_tag
from bot.app import App, utc_now
from bot.discord_app.transport import REQUESTS_PER_SECOND
from bot.ingest.importer import import_files
from bot.search.query import parse_query
from bot.search.standing_queries import fix_query
from bot.store import subscriptions
from bot.store.schema import prepare
from tests.announcements.announcer import GUILD, Office, papers, write_papers
from tests.apps import Clock, open_app
from tests.loopback_discord.server import LoopbackDiscord

PAPERS = 1_000
FAST = 1_000.0
"""Requests a second, to see what the announcer itself could do."""
POSTING_SECONDS = 8.0


def topics(seed: int = 1) -> list[str]:
    """A thousand titles out of words as unevenly frequent as those of a language."""
    chance = random.Random(seed)
    words = [f"{start}{middle}{end}" for start in STARTS for middle in MIDDLES for end in ENDS]
    chance.shuffle(words)
    weights = [1 / (place + 3) for place in range(len(words))]
    return [" ".join(chance.choices(words, weights, k=9)) for _ in range(PAPERS)]


STARTS = (
    "bal",
    "cor",
    "den",
    "fer",
    "gol",
    "har",
    "kim",
    "lor",
    "mar",
    "nel",
    "por",
    "ran",
    "sol",
    "tur",
    "ver",
)
MIDDLES = ("a", "ede", "ima", "ono", "uru", "ali", "ero", "isu")
ENDS = (
    "bix",
    "cron",
    "dax",
    "fom",
    "gral",
    "hex",
    "kant",
    "lum",
    "morn",
    "nox",
    "plex",
    "rin",
    "stel",
    "tron",
)


def subscribe(app: App, titles: list[str], count: int) -> None:
    """Add subscriptions, each in a channel of its own."""
    chance = random.Random(2)
    with app.store.writing() as session:
        database_tag(session)
        for number in range(count):
            query = " ".join(chance.sample(chance.choice(titles).split(), 2))
            subscriptions.add_subscription(
                session,
                guild_id=GUILD,
                channel_id=number + 1,
                creator_id=1,
                created_at=utc_now(),
                version=0,
                query=query,
                compiled=fix_query(parse_query(query)),
                frequency="instant",
                timezone="UTC",
                thread=False,
                paused=False,
                baseline=0,
                cursor=0,
            )


async def measure(count: int) -> None:
    """Plan for so many subscriptions, post some of it, and print both."""
    titles = topics()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clock = Clock()
        app = open_app(Path(folder), clock)
        prepare(app.store)
        records = [{**record, "title": title} for record, title in zip(papers(PAPERS), titles, strict=True)]
        subscribe(app, titles, count)
        import_files(app, [write_papers(app, records)])
        server = LoopbackDiscord(clock.timestamp)
        await server.start()
        office = await Office(app, clock).connect(server)
        started, computed = time.perf_counter(), time.process_time()
        messages = office.planner.plan_due()
        seconds, computed = time.perf_counter() - started, time.process_time() - computed
        told = office.scalar("select count(*) from delivery")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{PAPERS:,} papers, {count:,} subscriptions: planned in {seconds:.1f} s "
            f"({computed:.1f} s of one core), "
            f"{messages:,} messages, {told:,} deliveries, at most {peak:.0f} MiB",
            flush=True,
        )
        await _post(office)
        await office.close()
        await server.close()
        app.index.close()
        app.store.close()


async def _post(office: Office) -> None:
    """Post for some seconds at two paces, while all the rest waits in the ledger."""
    for channel in office.column("select distinct channel_id from message"):
        office.discord.add_channel(channel)
    for pace in (REQUESTS_PER_SECOND, FAST):
        office.restart(per_second=pace)
        before = office.discord.requests.copy()
        started, computed = time.perf_counter(), time.process_time()
        delivering = asyncio.create_task(office.dispatcher.deliver())
        await asyncio.sleep(POSTING_SECONDS)
        seconds, computed = time.perf_counter() - started, time.process_time() - computed
        made = office.discord.requests - before
        await office.dispatcher.close()
        await delivering
        print(
            f"  allowed {pace:g} requests/s: {made.total() / seconds:.1f}/s ({made['POST']:,} posts and "
            f"{made['GET']:,} first looks into channels in {seconds:.1f} s, {computed:.1f} s of one core, "
            "the loopback server's share included)",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=100_000)
    largest = parser.parse_args().largest
    for count in (1_000, 10_000, 100_000):
        if count <= largest:
            asyncio.run(measure(count))


if __name__ == "__main__":
    main()
