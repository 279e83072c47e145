"""How fast a large corpus is imported, its search index included, and how much memory that takes.

python -m tests.benchmarks.importing [FILE]

Each run is a process of its own on an empty database, as `papercord import` is. Memory is that of the
importing process and of the one that indexes, added up ten times a second; looking slows them down, so
that it has a run of its own, which does not count for the rate.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

RUNS = 3
LEAST_RATE = 4_000
MOST_MEGABYTES = 600
CORPUS = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"


@dataclass(frozen=True)
class Run:
    """One import: its papers, its time by the clock and its processors' time, both in seconds."""

    papers: int
    seconds: float
    processor: float


def main() -> None:
    """Import the file several times, and print the table."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    print(f"{'papers':>10}{'seconds':>10}{'papers/s':>10}{'CPU s':>10}")
    for _ in range(RUNS):
        run = import_once(corpus)
        rate = run.papers / run.seconds
        print(f"{run.papers:10,}{run.seconds:10.1f}{rate:10,.0f}{run.processor:10.1f}")
    most = 0

    def look(process: int) -> None:
        nonlocal most
        most = max(most, memory_of_family(process))

    import_once(corpus, look)
    print(f"memory: {most / 1024:,.0f} MB")
    print(f"goal: at least {LEAST_RATE:,} papers/s and less than {MOST_MEGABYTES} MB")


def import_once(corpus: Path, look: Callable[[int], None] | None = None) -> Run:
    """Import into an empty database; `look` is called with the process ten times a second."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPERCORD_DATA_DIR": folder}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.Popen(
            [sys.executable, "-m", "bot", "import", str(corpus), "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        while look is not None and run.poll() is None:
            look(run.pid)
            time.sleep(0.1)
        report = json.loads(run.communicate()[0])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(report["added"], report["seconds"], processor)


def memory_of_family(process: int) -> int:
    """Memory in kB of a process and its children; pages that they share are counted once."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
            if process in {int(fields["Pid"]), int(fields["PPid"])}:
                sums = status.with_name("smaps_rollup").read_text(encoding="utf-8").splitlines()
                total += sum(int(line.split()[1]) for line in sums if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue  # it ended meanwhile
    return total


if __name__ == "__main__":
    main()
