"""How long searches take while 75,000 papers are imported, and how soon a paper is found after its import.

    python -m tests.benchmarks.search_while_importing [--papers 74728]

The import is a process of its own, as `papercord import` beside a running bot is. Also printed: the size of
the index.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from bot.papers.results import SearchRequest
from bot.papers.search import page_of, search
from tests.apps import close_app, open_app
from tests.benchmarks.made_papers import REAL_PAPERS, SEED, made_rows
from tests.conftest import ROOT

LAST = "zyzzyva unmistakable closing paper"
FILLED = 5_000
"""Papers that are there before, to be searched."""
PAUSE = 0.02


def main() -> None:
    """Import in one process, search in this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=REAL_PAPERS)
    count = parser.parse_args().papers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = list(made_rows(count))
        first, rest = folder / "first.jsonl", folder / "rest.jsonl"
        first.write_bytes(b"\n".join(map(orjson.dumps, rows[:FILLED])))
        closing = {"id": "closing", "title": LAST, "abstract": ""}
        rest.write_bytes(b"\n".join(map(orjson.dumps, [*rows[FILLED:], closing])))
        environment = {**os.environ, "PAPERCORD_DATA_DIR": name, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bot", "import"]
        subprocess.run([*command, str(first)], env=environment, check=True, stdout=subprocess.DEVNULL)
        queries = [
            " ".join(random.Random(SEED + place).sample(row["title"].split(), 2))
            for place, row in enumerate(rows[::50])
            if len(row["title"].split()) > 1
        ]
        app = open_app(folder)
        times: list[float] = []
        started = time.perf_counter()
        importing = subprocess.Popen([*command, str(rest)], env=environment, stdout=subprocess.DEVNULL)
        while importing.poll() is None:
            asked = time.perf_counter()
            page_of(app, search(app, SearchRequest(queries[len(times) % len(queries)])), 1)
            times.append((time.perf_counter() - asked) * 1_000)
            time.sleep(PAUSE)
        seconds = time.perf_counter() - started
        while not search(app, SearchRequest(LAST)).total:
            time.sleep(PAUSE)
        found = time.perf_counter() - started - seconds
        ranked = sorted(times)
        rate = (count - FILLED) / seconds
        print(f"{count - FILLED:,} papers imported in {seconds:.1f} s ({rate:,.0f} papers/s)")
        print(
            f"{len(ranked):,} searches meanwhile, ms: p50 {ranked[len(ranked) // 2]:.1f}, "
            f"p99 {ranked[int(len(ranked) * 0.99)]:.1f}, slowest {ranked[-1]:.1f}"
        )
        print(f"the last paper is found {found:.2f} s after the import's end")
        size = sum(file.stat().st_size for file in app.settings.index_dir.rglob("*") if file.is_file())
        print(f"index: {size / 1e6:,.0f} MB, {size / count / 1e3:.2f} kB a paper")
        close_app(app)


if __name__ == "__main__":
    main()
