"""How fast a large corpus is imported, its search index included, where the limit is, and what it takes.

python -m tests.benchmarks.importing [FILE] [--papers N] [--runs N] [--postgresql]

One table: the lines unpacked and parsed alone, read and validated, Tantivy alone, the database's rows alone,
and the whole import, each run a process of its own on an empty database, as `papercord import` is. Seconds
are by the clock, and of the processors, which other work on the machine changes less. Memory is that of the
importing process and of the one that indexes, added up ten times a second; looking slows them down, so that
it has a run of its own, which does not count for the rate.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import lzma
import os
import platform
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from bot.corpus.files import read_file
from bot.ingest.spool import Spool
from bot.search.fields import paper_fields
from bot.search.tantivy.engine import document
from bot.search.tantivy.index import Generation
from bot.store.bulk import Model, add_rows
from bot.store.engine import Store
from bot.store.models import Author, Authorship, CorpusImport, Paper, PaperKey, PaperSource, Revision
from bot.store.papers import changed_since
from bot.store.schema import prepare
from tests.conftest import ROOT
from tests.databases import PostgresServer

RUNS = 3
ALONE = 20_000
"""Papers of whose documents and rows Tantivy and the database are given as many as there are, in memory."""
AT_ONCE = 2_000
LEAST_RATE, MOST_MEGABYTES, MOST_TIMES = 5_000, 600, 10.7
CORPUS = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"
TABLES = (Revision, CorpusImport, Paper, PaperSource, PaperKey, Author, Authorship)
"""With all the rows that an import writes of such papers, in the order in which they refer to each other."""


@dataclass
class Stage:
    """A part of the work, or the whole: papers, and seconds by the clock and of the processors."""

    papers: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what passes within the block."""
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds += time.perf_counter() - clock
        self.processor += time.process_time() - processor

    def __str__(self) -> str:
        each = 1e6 / self.papers
        return (
            f"{self.papers:>9,}{self.seconds:>9.1f}{self.papers / self.seconds:>10,.0f}"
            f"{self.seconds * each:>8,.0f}{self.processor:>8.1f}{self.processor * each:>8,.0f}"
        )


@dataclass
class Place:
    """Where an import writes: a folder for the index, and a database in it or on a server."""

    folder: Path
    url: str
    environment: dict[str, str] = field(default_factory=dict[str, str])


def main() -> None:
    """Measure, and print the table."""
    gc.disable()  # as the import does
    arguments = _arguments()
    corpus: Path = arguments.file
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        server = PostgresServer(Path(tempfile.mkdtemp(prefix="pg"))) if arguments.postgresql else None
        try:
            if arguments.papers:
                corpus = _beginning(corpus, arguments.papers, folder / "papers.jsonl.xz")
            measure(corpus, arguments.runs, folder, server)
        finally:
            if server is not None:
                server.stop()


def measure(corpus: Path, runs: int, folder: Path, server: PostgresServer | None) -> None:
    """Measure every stage, and print the table."""
    name = "PostgreSQL" if server is not None else "SQLite"
    print(shlex.join(["python", "-m", "tests.benchmarks.importing", *sys.argv[1:]]))
    machine = f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {name}"
    print(f"{machine}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':<28}{'papers':>9}{'seconds':>9}{'papers/s':>10}{'µs each':>8}{'CPU s':>8}{'µs each':>8}")
    bare = lines_alone(corpus)
    _show("lines unpacked and parsed", bare)
    _show("read and validated", reading(corpus))
    whole: list[Stage] = []
    place = _empty(folder, server)
    for _ in range(runs):
        place = _empty(folder, server)
        whole.append(import_once(corpus, place))
    _show("Tantivy alone", tantivy_alone(place, folder))
    _show(f"{name}'s rows alone", rows_alone(place, _empty(folder, server)))
    for run in whole:
        _show("together", run)
    papers = whole[0].papers
    seconds = statistics.median(run.seconds for run in whole)
    times = seconds / bare.seconds
    print(f"together, median: {papers / seconds:,.0f} papers/s (goal: {LEAST_RATE:,})")
    print(f"together, median: {times:.1f} times the lines alone (goal: at most {MOST_TIMES})")
    of_database, of_index = _bytes_of(place), _size(place.folder / "index")
    print(f"KiB a paper: database {of_database / papers / 1024:.2f}, index {of_index / papers / 1024:.2f}")
    most = 0

    def look(process: int) -> None:
        nonlocal most
        most = max(most, memory_of_family(process))

    import_once(corpus, _empty(folder, server), look)
    print(f"memory: {most / 1024:,.0f} MB (goal: less than {MOST_MEGABYTES})")


def lines_alone(corpus: Path) -> Stage:
    """Unpack the file and parse its lines, without looking into them."""
    stage = Stage()
    with stage.running(), (lzma.open if corpus.suffix == ".xz" else open)(corpus, "rb") as lines:
        for line in lines:
            orjson.loads(line)
            stage.papers += 1
    return stage


def reading(corpus: Path) -> Stage:
    """Read and validate the file, as an import does before it writes."""
    stage = Stage()
    today = dt.datetime.now(dt.UTC).date()
    with Spool() as spool:
        with stage.running():
            spool.read(corpus, read_file(corpus, as_of=None, today=today), strict=False, progress=_ignore)
        stage.papers = spool.papers
    return stage


def tantivy_alone(place: Place, folder: Path) -> Stage:
    """Give Tantivy documents that are made already, and wait until it has merged them."""
    stage = Stage()
    store = Store(place.url)
    with store.reading() as session:
        rows = changed_since(session, 0, 0, ALONE)
    documents = [document(paper_fields(row, ())) for row in rows]
    store.close()
    generation = Generation.create(folder / "tantivy")
    with stage.running():
        writer = generation.writer(64_000_000, 1)
        for one in documents:
            writer.add_document(one)
        writer.commit()
        writer.wait_merging_threads()
    stage.papers = len(documents)
    return stage


def rows_alone(written: Place, empty: Place) -> Stage:
    """Write the rows of the first papers of an import into an empty database, a few in each transaction."""
    stage = Stage()
    old, new = Store(written.url), Store(empty.url)
    prepare(new)
    with old.reading() as session:
        papers = session.connection().execute(select(col(Paper.id)).order_by(col(Paper.id)).limit(ALONE))
        ids = papers.scalars().all()
    with new.for_many_writes() as store:
        for start in range(0, len(ids), AT_ONCE):
            first, last = ids[start], ids[min(start + AT_ONCE, len(ids)) - 1]
            rows = {table: _rows_of(old, table, first, last, is_first=start == 0) for table in TABLES}
            with stage.running(), store.writing() as session:
                for table, (names, values) in rows.items():
                    add_rows(session, table, names, values)
    stage.papers = len(ids)
    old.close()
    new.close()
    return stage


def import_once(corpus: Path, place: Place, look: Callable[[int], None] | None = None) -> Stage:
    """Import into an empty database; `look` is called with the process ten times a second."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PAPERCORD_DATA_DIR": str(place.folder),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.Popen(
        [sys.executable, "-m", "bot", "import", str(corpus), "--json"],
        env=environment | place.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    while look is not None and run.poll() is None:
        look(run.pid)
        time.sleep(0.1)
    report = json.loads(run.communicate()[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Stage(report["added"], report["seconds"], processor)


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


Rows = tuple[list[str], list[tuple[object, ...]]]
"""The names of columns, and values."""


def _rows_of(store: Store, table: Model, first: int, last: int, *, is_first: bool) -> Rows:
    """The rows of a table that were written with these papers, as the driver gives them."""
    name = table.__tablename__
    if table is Author:
        # Whom these papers name first.
        condition = (
            "id IN (SELECT author_id FROM authorship GROUP BY author_id"
            f" HAVING MIN(paper_id) BETWEEN {first} AND {last})"
        )
    elif table in {Revision, CorpusImport}:
        condition = "1 = 1" if is_first else "1 = 0"
    else:
        condition = f"{'id' if table is Paper else 'paper_id'} BETWEEN {first} AND {last}"
    with store.reading() as session:
        rows = session.connection().exec_driver_sql(f"SELECT * FROM {name} WHERE {condition}")
        return list(rows.keys()), [tuple(map(_plain, row)) for row in rows]


def _plain(value: object) -> object:
    return orjson.dumps(value).decode() if isinstance(value, (list, dict)) else value


def _empty(folder: Path, server: PostgresServer | None) -> Place:
    """An empty place to write to."""
    made = Path(tempfile.mkdtemp(dir=folder))
    if server is None:
        return Place(made, f"sqlite:///{made / 'papercord.db'}")
    url = server.new_database()
    return Place(made, url, {"PAPERCORD_DATABASE_URL": url})


def _bytes_of(place: Place) -> int:
    store = Store(place.url)
    if (file := store.file) is not None:
        store.close()
        return file.stat().st_size
    with store.reading() as session:
        size = session.connection().execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    store.close()
    return size


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _beginning(corpus: Path, papers: int, file: Path) -> Path:
    with lzma.open(corpus, "rb") as lines, lzma.open(file, "wb") as beginning:
        for _, line in zip(range(papers), lines, strict=False):
            beginning.write(line)
    return file


def _show(name: str, stage: Stage) -> None:
    print(f"{name:<28}{stage}", flush=True)


def _ignore(_papers: int) -> None:
    """Where no progress is shown."""


def _processor() -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast a large corpus is imported.")
    parser.add_argument("file", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--papers", type=int, help="the first so many papers alone")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--postgresql", action="store_true", help="into PostgreSQL instead of SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
