"""How long the bot takes from its start until it is ready, and how much memory it then holds.

    python -m tests.benchmarks.start

Each run is a process of its own: it opens the database with the shipped corpus and its index, makes the bot
and connects it to a simulated Discord (SimCord, whose own share of time and memory is included).
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import AUTHOR_PAGE, ROOT

RUNS = 7
MOST_SECONDS = 1.5
MOST_MEGABYTES = 120


def main() -> None:
    """Run the child several times and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPERCORD_DATA_DIR": folder}
        command = [sys.executable, "-m", "bot", "import", str(AUTHOR_PAGE)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        measured: list[tuple[float, float]] = []
        for _ in range(RUNS):
            environment["STARTED_AT"] = repr(time.time())
            child = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.start", "child"],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            seconds, megabytes = child.stdout.split()
            measured.append((float(seconds), float(megabytes)))
    print(f"{'':20}{'median':>10}{'worst':>10}{'goal':>10}")
    for label, goal, values in (
        ("start to ready, s", MOST_SECONDS, [seconds for seconds, _ in measured]),
        ("memory, MB", MOST_MEGABYTES, [megabytes for _, megabytes in measured]),
    ):
        print(f"{label:20}{statistics.median(values):10.2f}{max(values):10.2f}{goal:10.1f}")


def child() -> None:
    """Start the bot, and print seconds since STARTED_AT and the resident memory in MB."""
    import simcord

    from bot.app import open_app
    from bot.config import load_settings
    from cogs.families import create_bot

    async def until_ready() -> None:
        with open_app(load_settings(dotenv=Path(os.devnull))) as app:
            async with simcord.run(create_bot(app)):
                seconds = time.time() - float(os.environ["STARTED_AT"])
                print(f"{seconds:.3f} {resident_kilobytes() / 1024:.1f}")

    asyncio.run(until_ready())


def resident_kilobytes() -> int:
    """The memory that this process holds."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
