"""kill -9 at many moments of an import that is taken back, and of an inbox that is read.

    python -m tests.drills.killing PAPERS.jsonl.xz [--rows 4000] [--moments 20]

What was killed is done again, and must then leave what it leaves where nobody kills it. It ends with lines
such as "taken back: 20 moments, 17 killed, 3 ended before: 0 wrong".
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.app import App, utc_now
from bot.corpus.names import name_key
from bot.ingest.importer import import_files
from bot.ingest.inbox import DONE, FOLDER, REFUSED, Inbox
from bot.ingest.undo import imports_made
from bot.papers.results import SearchRequest
from bot.papers.search import search_page
from tests.apps import close_app, open_app
from tests.conftest import ROOT
from tests.corpora import contents, write_rows
from tests.drills.interrupting import PATIENCE

COMMON_WORD = "zzyzx"
"""A word that the drill gives to all papers."""


class Killing:
    """A drill over some rows, in a folder of its own."""

    def __init__(self, folder: Path, rows: Sequence[dict[str, Any]], moments: int) -> None:
        self.folder = folder
        self.rows = [row | {"title": f"{row['title']} {COMMON_WORD}"} for row in rows]
        self.moments = moments
        self.killed = self.wrong = 0

    def taking_back(self) -> None:
        """Kill `papercord imports undo` at each moment, call it again, and compare."""
        prepared = self.folder / "prepared"
        app = open_app(prepared)
        part = len(self.rows) // 6
        import_files(app, [write_rows(self.folder / "first.jsonl", self.rows[: 3 * part])])
        before = _state(app)
        # Of the second import's rows some are known otherwise, some are known as they are, and most are new.
        changed = [row | {"abstract": "It says otherwise."} for row in self.rows[part : 2 * part]]
        import_files(app, [write_rows(self.folder / "second.jsonl", changed + self.rows[2 * part :])])
        number = imports_made(app, 1)[0][0].id
        close_app(app)
        command = [sys.executable, "-m", "bot", "imports", "undo", str(number)]
        self._at_each_moment("taken back", prepared, command, before)

    def reading_the_inbox(self) -> None:
        """Kill a process that reads an inbox of many files at each moment, start it again, and compare."""
        prepared = self.folder / "inbox"
        app = open_app(prepared)
        waiting = prepared / FOLDER
        waiting.mkdir()
        for place in range(0, len(self.rows), 10):
            write_rows(waiting / f"{place:06}.jsonl", self.rows[place : place + 10])
        (waiting / "broken.jsonl").write_text("{\n", encoding="utf-8")
        close_app(app)
        command = [sys.executable, "-m", "tests.drills.killing", "inbox", str(self.folder / "copy")]
        self._at_each_moment("inbox", prepared, command)

    def _at_each_moment(self, name: str, prepared: Path, command: list[str], expected: object = None) -> None:
        """Compare with what is expected, or with what it leaves where nobody kills it."""
        begun = perf_counter()
        copy = self.folder / "copy"
        self._run(command, self._fresh(prepared, copy))
        length = perf_counter() - begun
        expected = expected or self._seen(copy)
        print(f"{name}: {length:.1f} s where nobody kills it", flush=True)
        killed, wrong = 0, 0
        for moment in range(self.moments):
            self._fresh(prepared, copy)
            seconds = length * (0.3 + 0.7 * moment / self.moments)
            killed += self._killed(command, copy, seconds)
            again = self._run(command, copy)
            seen = self._seen(copy)
            if seen != expected:
                wrong += 1
                difference = _difference(expected, seen)
                print(f"{name}, killed after {seconds:.2f} s: {difference} {again[:200]}", flush=True)
        self.killed += killed
        self.wrong += wrong
        print(
            f"{name}: {self.moments} moments, {killed} killed, {self.moments - killed} ended before: "
            f"{wrong} wrong",
            flush=True,
        )

    @staticmethod
    def _fresh(prepared: Path, copy: Path) -> Path:
        shutil.rmtree(copy, ignore_errors=True)
        return shutil.copytree(prepared, copy)

    def _killed(self, command: list[str], data: Path, seconds: float) -> bool:
        with subprocess.Popen(command, **_surroundings(data)) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
            process.communicate()
        return process.returncode < 0

    def _run(self, command: list[str], data: Path) -> str:
        run = subprocess.run(command, **_surroundings(data), text=True, timeout=PATIENCE, check=False)
        return run.stderr

    @staticmethod
    def _seen(data: Path) -> object:
        app = open_app(data)
        state = _state(app)
        close_app(app)
        inbox = data / FOLDER
        # A file that a killed process had read whole may be there without what was not kept of it.
        files = {
            folder: sorted(path.name for path in (inbox / folder).glob("*.jsonl"))
            for folder in (".", DONE, REFUSED)
        }
        return (*state, files) if inbox.exists() else state


def _surroundings(data: Path) -> dict[str, Any]:
    return {
        "cwd": ROOT,
        "env": {"PATH": "/usr/bin:/bin", "PAPERCORD_DATA_DIR": str(data)},
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.PIPE,
    }


def _state(app: App) -> tuple[object, int]:
    """What the corpus says, and how many papers the index finds."""
    app.index.catch_up(app.store)
    found = contents(app.store)
    # Until people are grouped, an entry bears the spelling that was read first, wherever it was killed.
    found["authors"] = sorted((key,) for _, key in found["authors"])
    found["authorship"] = sorted(
        (paper, position, name_key(name)) for paper, position, name in found["authorship"]
    )
    return found, search_page(app, SearchRequest(query=COMMON_WORD), 1, 1).answer.total


def _only(one: list[Any], other: list[Any]) -> tuple[list[Any], list[Any]]:
    """What each of two lists has and the other has not."""
    return sorted(set(one) - set(other), key=repr), sorted(set(other) - set(one), key=repr)


def _difference(expected: Any, seen: Any) -> str:
    """Some rows that only one of the two has, and the papers that the index finds."""
    tables, found, *files = zip(expected, seen, strict=True)
    rows = [
        f"{name}: {len(missing)} missing, {len(added)} added, {[*missing[:2], *added[:2]]}"
        for name in tables[0]
        for missing, added in [_only(tables[0][name], tables[1][name])]
        if missing or added
    ]
    moved = [before == after for before, after in files]
    return f"{rows}; {found[0]} and {found[1]} found; files where they belong: {moved}"


def read_inbox(data: Path) -> None:
    """Read the inbox of a folder until nothing waits there."""
    app = open_app(data, lambda: utc_now() + timedelta(hours=1))
    inbox = Inbox(app)
    while any((data / FOLDER).glob("*.jsonl")):
        inbox.import_ready_files()
    close_app(app)


def main() -> int:
    """Play both; 0 where nothing was wrong."""
    if sys.argv[1:2] == ["inbox"]:
        read_inbox(Path(sys.argv[2]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--moments", type=int, default=20)
    given = parser.parse_args()
    with lzma.open(given.corpus) as packed:
        rows = [json.loads(line) for line in islice(packed, given.rows)]
    random.Random(1).shuffle(rows)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        drill = Killing(Path(folder), rows, given.moments)
        drill.taking_back()
        drill.reading_the_inbox()
    return 1 if drill.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
