"""The drill of the search cluster: one of three nodes is killed while people search; then all are away.

    python -m tests.drills.search_cluster [--papers 4000] [--searches 1000] [--away 60]

Three nodes of OpenSearch with 512 MB each on the loopback interface, three shards, one copy of each. While
papers are imported and people search, the node that leads the cluster is killed: each search has to answer,
or to say what it lacks. Then all nodes are killed for a minute: searches have to say so, papers are imported
and announced all the same, and found once the nodes are back. It ends with a line such as "4,020 papers:
0 lost, 0 doubled, 0 unanswered".
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from bot.app import App
from bot.errors import PapercordError, SearchUnusableError
from bot.ingest.importer import import_files
from bot.papers.results import SearchRequest
from bot.papers.search import search_page
from bot.search.fields import id_of
from bot.search.opensearch.index import ClusterIndex
from tests.announcements.announcer import Office
from tests.apps import Clock, close_app, open_app
from tests.benchmarks.made_papers import real_rows
from tests.loopback_discord.server import LoopbackDiscord
from tests.opensearch.nodes import Node, nodes

CHANNEL = 5
SEARCHERS = 3
WAVES = 10
"""Imports while people search."""
KILLED_AFTER = 0.3
"""Of the searches."""
PATIENCE = 180
"""Seconds for what has to come."""


@dataclass
class Report:
    """What the drill found."""

    papers: int = 0
    whole: int = 0
    incomplete: int = 0
    """Searches that said that papers may be lacking."""
    unanswered: list[str] = field(default_factory=list)
    slowest: float = 0.0
    lost: int = 0
    doubled: int = 0
    said: int = 0
    """Searches that said that the cluster is away."""
    announced: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.lost or self.doubled or self.unanswered)

    def last_line(self) -> str:
        """The findings in a line."""
        return (
            f"{self.papers:,} papers: {self.lost} lost, {self.doubled} doubled, "
            f"{len(self.unanswered)} unanswered"
        )


def main() -> None:
    """Run the drill, and say what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=4_000)
    parser.add_argument("--searches", type=int, default=1_000)
    parser.add_argument("--away", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(drill(Path(folder), given.papers, given.searches, given.away))
    print(report.last_line())
    sys.exit(not report.is_good)


async def drill(folder: Path, papers: int, searches: int, away: float) -> Report:
    """Do both parts over one corpus."""
    report, clock = Report(), Clock()
    cluster = nodes(3, folder)
    start(cluster)
    search = {
        "PAPERCORD_SEARCH_URL": SecretStr(",".join(node.url for node in cluster)),
        "PAPERCORD_SEARCH_SHARDS": 3,
        "PAPERCORD_SEARCH_REPLICAS": 1,
    }
    app = open_app(folder / "data", clock, search=search)
    rows = [row for _, row in zip(range(papers), real_rows(), strict=False)]
    try:
        bring(app, rows[: papers // 2])
        wait_for(lambda: health(app)["status"] == "green", "all copies")
        print(f"{papers // 2:,} papers in three shards on three nodes, each with a copy.")
        await asyncio.to_thread(one_dies, app, cluster, rows[papers // 2 :], searches, report)
        check(app, report)
        start(cluster)
        wait_for(lambda: health(app)["status"] == "green", "all copies again")
        discord = LoopbackDiscord(clock.timestamp)
        await discord.start()
        office = await Office(app, clock).connect(discord)
        await all_are_away(office, cluster, away, report)
        await office.close()
        await discord.close()
        check(app, report)
    finally:
        close_app(app)
        for node in cluster:
            node.kill()
    return report


def one_dies(
    app: App, cluster: Sequence[Node], rows: Sequence[dict[str, Any]], searches: int, report: Report
) -> None:
    """Kill the node that leads while people search and papers are imported."""
    queries = [" ".join(row["title"].split()[:4]) for row in rows]
    asked, lock = iter(range(searches)), threading.Lock()

    def people() -> None:
        while True:
            with lock:
                number = next(asked, None)
            if number is None:
                return
            if number == int(searches * KILLED_AFTER):
                kill_leader(app, cluster)
            ask(app, queries[number % len(queries)], report, lock)

    threads = [threading.Thread(target=people) for _ in range(SEARCHERS)]
    for thread in threads:
        thread.start()
    for wave in range(WAVES):
        bring(app, rows[wave::WAVES])
    for thread in threads:
        thread.join()
    print(
        f"{searches:,} searches while {len(rows):,} papers came and the leading node was killed: "
        f"{report.whole:,} whole, {report.incomplete} said that papers may be lacking, "
        f"{len(report.unanswered)} unanswered; the slowest took {report.slowest:.1f} s."
    )
    for said in dict.fromkeys(report.unanswered):
        print(f"  {said}")


def ask(app: App, query: str, report: Report, lock: threading.Lock) -> None:
    """Search as a person does."""
    started = time.perf_counter()
    try:
        answer = search_page(app, SearchRequest(query)).answer
    except PapercordError as error:
        with lock:
            report.unanswered.append(str(error))
        return
    with lock:
        report.slowest = max(report.slowest, time.perf_counter() - started)
        if answer.incomplete:
            report.incomplete += 1
        else:
            report.whole += 1


async def all_are_away(office: Office, cluster: Sequence[Node], away: float, report: Report) -> None:
    """Kill all nodes; search, import and announce meanwhile; start them again."""
    office.subscribe(CHANNEL)
    for node in cluster:
        node.kill()
    until = time.monotonic() + away
    brought: list[int] = []
    wave = 0
    while time.monotonic() < until:
        try:
            await asyncio.to_thread(search_page, office.app, SearchRequest("learning"))
            report.unanswered.append("a search found something in a cluster that is away")
        except SearchUnusableError:
            report.said += 1
        if wave < 4:
            records = [
                {"id": f"away-{wave}-{number}", "title": f"Learning quokka {wave} {number}"}
                for number in range(5)
            ]
            brought += await asyncio.to_thread(office.bring, records)
            wave += 1
        await office.settle(rounds=3)
        await asyncio.sleep(1)
    start(cluster)
    wait_for(lambda: caught_up(office.app), "the index to catch up")
    await office.settle()
    seen = office.seen(CHANNEL)
    report.announced = sum(seen[paper] == 1 for paper in brought)
    report.lost += sum(not seen[paper] for paper in brought)
    report.doubled += sum(times > 1 for times in seen.values())
    found = search_page(office.app, SearchRequest("learning quokka")).answer.total
    report.lost += abs(found - len(brought))
    print(
        f"All nodes away for {away:.0f} s: {report.said} searches said so, {report.announced} of "
        f"{len(brought)} papers that came were announced once, {found} are found now."
    )


def check(app: App, report: Report) -> None:
    """Compare the papers of the index with those of the database."""
    wait_for(lambda: caught_up(app), "the index to catch up")
    with app.store.reading() as session:
        stored = set(session.connection().exec_driver_sql("select id from paper").scalars())
    index = app.index
    assert isinstance(index, ClusterIndex)
    snapshot = index.snapshot()
    assert snapshot is not None
    engine = snapshot.engine
    count, orders = engine.newest(engine.equal("kind", "paper"), len(stored) + 1_000, count=True)
    found = list(map(id_of, orders))
    report.papers = len(stored)
    report.lost += len(stored - set(found))
    report.doubled += len(found) - len(set(found)) + len(set(found) - stored) + abs(count - len(found))


def bring(app: App, rows: Sequence[dict[str, Any]]) -> None:
    """Import papers, as people do while others search."""
    path = app.settings.data_dir / f"rows-{rows[0]['id'].replace('/', '-')}.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    import_files(app, [path])
    path.unlink()


def caught_up(app: App) -> bool:
    """Whether the index shows the newest revision; it does as the bot does every few seconds."""
    try:
        app.index.catch_up(app.store, wait=False)
    except SearchUnusableError:
        return False
    with app.store.reading() as session:
        newest = session.connection().exec_driver_sql("select max(number) from revision").scalar()
    return app.index.revision == newest


def health(app: App) -> dict[str, Any]:
    """How the cluster is."""
    assert isinstance(app.index, ClusterIndex)
    return app.index.cluster.get("/_cluster/health?level=cluster") or {}


def kill_leader(app: App, cluster: Sequence[Node]) -> None:
    """Kill the node that leads the cluster."""
    assert isinstance(app.index, ClusterIndex)
    state = app.index.cluster.get("/_cluster/state/cluster_manager_node,nodes") or {}
    name = state["nodes"][state["cluster_manager_node"]]["name"]
    next(node for node in cluster if node.name == name).kill()


def start(cluster: Sequence[Node]) -> None:
    """Start the nodes that do not run, and wait for all."""
    for node in cluster:
        if node.process is None or node.process.poll() is not None:
            node.start()
    for node in cluster:
        node.wait()


def wait_for(is_there: Any, what: str) -> None:
    """Wait for something that has to come."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if is_there():
                return
        except SearchUnusableError as error:
            last = error
        else:
            last = None
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE} s for {what}: {last or 'it does not come'}")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
