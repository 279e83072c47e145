"""How fast a large corpus is imported, its search index included, and how much memory that takes.

python -m tests.benchmarks.importing [FILE]

Each run is a process of its own on an empty database, as `papercord import` is. The memory is that of the
importing process and of the one that indexes, at their highest, added up.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT

RUNS = 3
LEAST_RATE = 4_000
MOST_MEGABYTES = 600
CORPUS = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"


def main() -> None:
    """Import the file several times, and print the table."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    print(f"{'papers':>10}{'seconds':>10}{'papers/s':>10}{'CPU s':>10}{'memory MB':>12}")
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPERCORD_DATA_DIR": folder}
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            started = time.perf_counter()
            run = subprocess.Popen(
                [sys.executable, "-m", "bot", "import", str(corpus), "--json"],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            memory = 0
            while run.poll() is None:
                memory = max(memory, memory_of_family(run.pid))
                time.sleep(0.1)
            seconds = time.perf_counter() - started
            assert run.stdout is not None
            report = json.loads(run.stdout.read())
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rate = report["added"] / report["seconds"]
        print(f"{report['added']:10,}{seconds:10.1f}{rate:10,.0f}{processor:10.1f}{memory / 1024:12,.0f}")
    print(f"goal: at least {LEAST_RATE:,} papers/s and less than {MOST_MEGABYTES} MB")


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
