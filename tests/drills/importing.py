"""Posting while another process imports many papers: the lease is kept, and nothing is locked out.

    python -m tests.drills.importing PAPERS.jsonl.xz

prints how long the import took, how many posts were made meanwhile, and the longest pause between two.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

from bot.store.schema import prepare
from tests.announcements.announcer import Office, papers
from tests.apps import Clock, open_app
from tests.conftest import ROOT
from tests.loopback_discord.server import LoopbackDiscord

CHANNELS = 2_000


async def play(corpus: Path) -> int:
    """Play it; 0 where every channel has its paper once and the lease was never lost."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clock = Clock()
        app = open_app(Path(folder), clock)
        prepare(app.store)
        server = LoopbackDiscord(clock.timestamp)
        await server.start()
        office = await Office(app, clock).connect(server)
        office.restart(per_second=25.0)
        for channel in range(1, CHANNELS + 1):
            office.subscribe(channel)
        (paper,) = office.bring(papers(1))
        office.planner.plan_due()
        started = time.perf_counter()
        importing = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "import", str(corpus)),
            cwd=ROOT,
            env=os.environ | {"PAPERCORD_DATA_DIR": folder},
        )
        posting = asyncio.create_task(office.courier.deliver())
        code = await importing.wait()
        seconds = time.perf_counter() - started
        times = list(server.post_times)
        held = office.lease.is_held
        await office.courier.close()
        await posting
        seen = [server.seen_papers(channel)[paper] for channel in range(1, CHANNELS + 1)]
        pause = max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)
        print(
            f"imported in {seconds:.0f} s; meanwhile {len(times):,} posts, at most {pause:.1f} s apart; "
            f"lease {'kept' if held else 'lost'}, {sum(count > 1 for count in seen)} doubled"
        )
        await office.close()
        await server.close()
        app.index.close()
        app.store.close()
    return 0 if held and code == 0 and max(seen) == 1 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    sys.exit(asyncio.run(play(parser.parse_args().corpus)))
