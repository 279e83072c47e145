"""How time, memory and size grow with the corpus: 10,000, 100,000 and a million papers.

    python -m tests.benchmarks.growth [--sizes 10000 100000 1000000] [--folder FOLDER]

The papers are the real ones and more that are made from them (see made_papers.py). Of each size, `papercord
import` makes a database and its index; then the bot starts on them, and answers a thousand mixed searches,
with what autocomplete asks on the way. Memory is the most that the bot had after any of them: its own, and
with the pages of files in it (as `ps` shows it).
With --folder, corpora stay there, and one that stands is not made again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from tests.benchmarks.made_papers import made_rows, real_rows
from tests.conftest import ROOT

SIZES = (10_000, 100_000, 1_000_000)
GOALS = "goals: a million at 0.7 of the smaller rates, bot below 400 MB and ready in less than 2 s"


def main() -> None:
    """Make the corpora, start the bot on each, and print the table."""
    from tests.benchmarks.search_speed import query_kinds

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    searches = json.dumps([text for kind in query_kinds(list(real_rows())).values() for text in kind])
    with tempfile.TemporaryDirectory() as temporary:
        print(
            f"{'papers':>10}{'seconds':>9}{'papers/s':>10}{'database MB':>13}{'index MB':>10}"
            f"{'start s':>9}{'bot MB':>8}{'with files':>12}{'search p50':>12}{'p99 ms':>8}"
        )
        for size in arguments.sizes:
            folder = (arguments.folder or Path(temporary)) / f"growth-{size}"
            seconds = imported(folder, size)
            database = sum(file.stat().st_size for file in folder.glob("papercord.db*"))
            index = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
            start, own, resident, middle, slow, _ = started(folder, searches)
            print(
                f"{size:10,}{seconds:9.1f}{size / seconds:10,.0f}{database / 1e6:13,.0f}{index / 1e6:10,.0f}"
                f"{start:9.2f}{own:8.0f}{resident:12.0f}{middle:12.1f}{slow:8.1f}",
                flush=True,
            )
    print(GOALS)


def environment_of(folder: Path) -> dict[str, str]:
    """The settings of a process over a corpus."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPERCORD_DATA_DIR": str(folder)}


def imported(folder: Path, size: int) -> float:
    """Import so many papers unless they stand; return the seconds that it took."""
    finished = folder / "import.json"
    if not finished.exists():
        folder.mkdir(parents=True)
        rows = folder / "rows.jsonl"
        with rows.open("wb") as file:
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in made_rows(size))
        command = [sys.executable, "-m", "bot", "import", str(rows), "--json"]
        run = subprocess.run(command, env=environment_of(folder), check=True, capture_output=True)
        rows.unlink()
        finished.write_bytes(run.stdout)
    return float(json.loads(finished.read_bytes())["seconds"])


def started(folder: Path, searches: str) -> list[float]:
    """Start the bot in a process of its own, let it search, and return what it measured.

    Seconds until it is ready, MB without and with files, ms of searches (p50, p99), and the seconds of the
    processor until it is ready.
    """
    environment = {**environment_of(folder), "STARTED_AT": repr(time.time())}
    command = [sys.executable, "-m", "tests.benchmarks.growth", "child"]
    run = subprocess.run(command, env=environment, input=searches, check=True, capture_output=True, text=True)
    return [float(figure) for figure in run.stdout.split()]


def child() -> None:
    """Start the bot and search; print what `started` returns."""
    import simcord

    from bot.app import open_app
    from bot.config import load_settings
    from bot.papers.results import SearchRequest
    from bot.papers.search import page_of, search, suggest_titles
    from cogs.families import create_bot

    async def run() -> None:
        with open_app(load_settings(dotenv=Path(os.devnull))) as app:
            async with simcord.run(create_bot(app)):
                seconds, processor = time.time() - float(os.environ["STARTED_AT"]), time.process_time()
                times: list[float] = []
                own = resident = 0.0
                for query in json.load(sys.stdin):
                    asked = time.perf_counter()
                    page_of(app, search(app, SearchRequest(query)), 1)
                    times.append((time.perf_counter() - asked) * 1_000)
                    suggest_titles(app, query[:6])
                    own, resident = max(own, memory("RssAnon")), max(resident, memory("VmRSS"))
                times.sort()
                middle, slow = times[len(times) // 2], times[int(len(times) * 0.99)]
                print(f"{seconds:.3f} {own:.1f} {resident:.1f} {middle:.2f} {slow:.2f} {processor:.3f}")

    asyncio.run(run())


def memory(figure: str) -> float:
    """One figure of this process's memory in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(figure)) / 1024


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
