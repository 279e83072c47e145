"""Ctrl-C at many moments of an import: each ends in one line, and the same import again completes.

    python -m tests.drills.interrupting PAPERS.jsonl.xz --rows 8000 --moments 40 [--term]

The signal goes to the whole group of processes, as a terminal sends it. It ends with a line such as
"40 moments, 38 interrupted, 2 ended before: 0 wrong".
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from tests.conftest import ROOT

LINE = "papercord: stopped; import the same file again to go on\n"
PATIENCE = 120
"""Seconds for a command; one that takes longer hangs."""


@contextmanager
def started(data: Path, *arguments: str, **streams: int) -> Iterator[subprocess.Popen[str]]:
    """A command in a group of processes of its own, once it listens to signals."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        stdout=streams.get("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        cwd=data.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAPERCORD_DATA_DIR": str(data)},
        start_new_session=True,
    )
    try:
        while process.poll() is None and not _listens(process.pid):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.002)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _listens(process_id: int) -> bool:
    """Whether it catches SIGTERM, which Python by itself does not."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def interrupted(
    data: Path, corpus: Path, due: Callable[[int], bool], number: signal.Signals = signal.SIGINT
) -> str | None:
    """Interrupt an import once it is due, asked with its id; what was wrong, None where it ended before."""
    with started(data, "import", str(corpus)) as process:
        while process.poll() is None:
            if due(process.pid):
                os.killpg(process.pid, number)
                break
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.002)
        _, errors = process.communicate(timeout=PATIENCE)
    if process.returncode == 0 and not errors:
        return None
    if process.returncode != 128 + number:
        return f"exit code {process.returncode}: {errors}"
    return "" if errors == LINE else errors


class After:
    """Due so many seconds after it is first asked."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at: float | None = None

    def __call__(self, _process_id: int) -> bool:
        now = time.perf_counter()
        if self._at is None:
            self._at = now + self._seconds
        return now >= self._at

    @property
    def ago(self) -> float:
        """Seconds since it was due."""
        return time.perf_counter() - (self._at or 0)


def completed(data: Path, corpus: Path, papers: int) -> str:
    """Import again; what is wrong afterwards."""
    with started(data, "import", str(corpus), "--json") as process:
        output, errors = process.communicate(timeout=PATIENCE)
    if process.returncode or errors:
        return f"again: exit code {process.returncode}: {errors}"
    report = json.loads(output)
    if report["added"] + report["unchanged"] < papers:
        return f"again: {output}"
    with started(data, "status", "--json") as process:
        status = json.loads(process.communicate(timeout=PATIENCE)[0])
    if (
        status["papers"] != papers
        or status["unfinished_imports"]
        or status["index_revision"] != status["revision"]
    ):
        return f"afterwards: {status}"
    return ""


def main() -> int:
    """Play it; 0 where nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--moments", type=int, default=40)
    parser.add_argument("--term", action="store_true", help="send SIGTERM")
    given = parser.parse_args()
    number = signal.SIGTERM if given.term else signal.SIGINT
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        corpus = Path(folder) / "rows.jsonl"
        with lzma.open(given.corpus) as packed, corpus.open("wb") as rows:
            rows.writelines(islice(packed, given.rows))
        begun = time.perf_counter()
        with started(Path(folder) / "whole", "import", str(corpus)) as process:
            listening = time.perf_counter()
            process.communicate()
        length = time.perf_counter() - listening
        print(f"it listens after {(listening - begun) * 1000:.0f} ms, and takes {length:.1f} s", flush=True)
        ended = wrong = 0
        slowest = 0.0
        for index in range(given.moments):
            data = Path(folder) / f"data-{index}"
            moment = length * index / given.moments
            due = After(moment)
            trouble = interrupted(data, corpus, due, number)
            if trouble is None:
                ended += 1
            else:
                slowest = max(slowest, due.ago)
            trouble = trouble or completed(data, corpus, given.rows)
            if trouble:
                wrong += 1
                print(f"after {moment:.2f} s: {trouble}", flush=True)
        print(
            f"{given.moments} moments, {given.moments - ended} interrupted, {ended} ended before: "
            f"{wrong} wrong; the slowest ended {slowest:.1f} s after its signal"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
