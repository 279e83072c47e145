"""Searching in a cluster of OpenSearch beside Tantivy: what both find, how long it takes, and how good it is.

    python -m tests.benchmarks.search_cluster --folder FOLDER [--papers 74728] [--shards 1] [--quality]

The corpus is made in the folder on the first run, and kept, as by `search_speed`. A node of 512 MB is started
on the loopback interface, and its index filled from the database: that is the import rate. Then the same
queries are put to both engines in turn, and their counts compared. Milliseconds are of the clock, and of the
processor: of Papercord's thread, and of the node on average. With --quality, nDCG@10 on the development sets
is compared instead, each in an index of its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import search, search_page, suggest_titles
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.index import ClusterIndex, Layout
from tests.apps import close_app
from tests.benchmarks.made_papers import REAL_PAPERS, made_app, made_rows
from tests.benchmarks.relevance import app_of, gain, papercord, questions, scifact, scitldr
from tests.benchmarks.search_speed import query_kinds
from tests.opensearch.nodes import Node, nodes

TOTALS = 500
MOST_REQUESTS = 2
MOST_DIFFERENT = 0.005
"""Of nDCG@10 between the engines."""


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=REAL_PAPERS)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--quality", action="store_true", help="compare nDCG@10 on the development sets")
    given = parser.parse_args()
    app = made_app(given.folder, given.papers)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        [node] = nodes(1, Path(folder))
        node.start()
        try:
            node.wait()
            if not given.quality:
                with in_cluster(app, node.url, Path(folder) / "index", given.shards) as (other, seconds):
                    print_size(other, given.papers, seconds)
                    compare(app, other, node)
            else:
                for collection in (scitldr(), scifact(), questions()):
                    of_words = app_of(collection, given.folder)
                    place = Path(folder) / collection.name
                    with in_cluster(of_words, node.url, place, given.shards) as (other, _):
                        print_quality(collection, of_words, other)
                    close_app(of_words)
        finally:
            node.kill()
    close_app(app)


@contextmanager
def in_cluster(app: App, url: str, folder: Path, shards: int) -> Iterator[tuple[App, float]]:
    """The same app with its index in the cluster, and how many seconds that took to fill."""
    layout = Layout(f"papercord-{folder.name.lower()}", shards, 0)
    index = ClusterIndex(folder, Cluster(url), layout)
    started = time.perf_counter()
    index.catch_up_papers(app.store)
    seconds = time.perf_counter() - started
    yield dataclasses.replace(app, index=index), seconds
    index.cluster.delete(f"/{layout.alias}-*")
    index.close()


def print_size(app: App, papers: int, seconds: float) -> None:
    """How fast the index was filled, and how large it is."""
    cluster = index_of(app).cluster
    alias = index_of(app)._layout.alias
    cluster.post(f"/{alias}/_forcemerge?max_num_segments=5")
    size = (cluster.get(f"/{alias}/_stats/store") or {})["_all"]["primaries"]["store"]["size_in_bytes"]
    heap = (cluster.get("/_nodes/stats/jvm") or {})["nodes"].values()
    used = max(node["jvm"]["mem"]["heap_used_percent"] for node in heap)
    print(
        f"{papers:,} papers: {papers / seconds:,.0f} papers/s, {size / papers:,.0f} bytes each, heap {used} %"
    )


def compare(app: App, other: App, node: Node) -> None:
    """Put the same queries to both in turn."""
    rows = [row for _, row in zip(range(REAL_PAPERS), made_rows(REAL_PAPERS), strict=False)]
    kinds = query_kinds(rows)
    gc.collect()
    gc.freeze()  # as the bot does at its start
    for one in (app, other):
        search(one, SearchRequest("misspeltt worrd"))
    print(
        f"\n{'ms':24}{'Tantivy':>14}{'processor':>14}{'OpenSearch':>14}{'processor':>14}{'node':>7}", end=""
    )
    print(f"{'requests':>10}{'most':>5}\n{'':24}" + f"{'p50':>7}{'p99':>7}" * 4)
    everything: list[list[Measured]] = []
    for kind, queries in kinds.items():
        everything.append([both(app, other, node, text) for text in queries])
        print_times(kind, everything[-1])
    of_all = [each for of_kind in everything for each in of_kind]
    print_times("all of them", of_all)
    print(f"{sum(each[-1] > MOST_REQUESTS for each in of_all)} of {len(of_all)} took more than two requests")
    typed = [row["title"][:length] for row in rows[::1_500] for length in (1, 2, 3, 5, 8, 13, 25)]
    print_times("autocomplete", [both(app, other, node, text, suggest=True) for text in typed])
    every = [text for queries in kinds.values() for text in queries]
    chosen = every[:: max(1, len(every) // TOTALS)][:TOTALS]
    found = [(text, *(search(one, SearchRequest(text)) for one in (app, other))) for text in chosen]
    differing = [(text, one.total, two.total) for text, one, two in found if one.total != two.total]
    print(f"\n{len(chosen)} queries: {len(chosen) - len(differing)} with the same total")
    for text, one, two in differing[:10]:
        print(f"  {text[:60]!r}: {one:,} in Tantivy, {two:,} in OpenSearch")
    same = statistics.fmean(
        len({*one.paper_ids[:10]} & {*two.paper_ids[:10]}) / max(1, len(one.paper_ids[:10]))
        for _, one, two in found
        if one.paper_ids
    )
    print(f"of the first ten papers {same:.1%} are the same")


Measured = tuple[float, float, float, float, float, int]
"""Milliseconds of the clock and of the processor in each, those of the node, and the requests to it."""


def both(app: App, other: App, node: Node, text: str, *, suggest: bool = False) -> Measured:
    """Put a query to both."""
    times: list[float] = []
    cluster = index_of(other).cluster
    for one in (app, other):
        index_of(other).snapshot()  # who looks for a new revision, once a second, is no query
        before, of_node = cluster.requests, node.processor_seconds()
        started, thread = time.perf_counter(), time.thread_time()
        if suggest:
            suggest_titles(one, text)
        else:
            search_page(one, SearchRequest(text))
        times += [(time.perf_counter() - started) * 1_000, (time.thread_time() - thread) * 1_000]
    [clock, thread, other_clock, other_thread] = times
    in_node = (node.processor_seconds() - of_node) * 1_000
    return clock, thread, other_clock, other_thread, in_node, cluster.requests - before


def print_times(kind: str, measured: Sequence[Measured]) -> None:
    """A line of percentiles."""
    *columns, in_node, requests = (sorted(column) for column in zip(*measured, strict=True))
    times = "".join(f"{at(column, share):7.1f}" for column in columns for share in (0.5, 0.99))
    print(
        f"{kind:24}{times}{statistics.fmean(in_node):7.1f}{statistics.fmean(requests):10.2f}{requests[-1]:5}"
    )


def at(values: Sequence[float], share: float) -> float:
    """The percentile of sorted values."""
    return values[min(len(values) - 1, int(share * len(values)))]


def print_quality(collection, app: App, other: App) -> None:
    """nDCG@10 of both."""
    for group, asked in collection.groups.items():
        gains = [
            statistics.fmean(gain(rank(question.text), question.wanted) for question in asked)
            for rank in (papercord(app), papercord(other))
        ]
        verdict = "" if abs(gains[0] - gains[1]) <= MOST_DIFFERENT else "  DIFFERS"
        print(f"{f'{group} ({len(asked)})':34}{gains[0]:9.4f}{gains[1]:9.4f}{verdict}")


def index_of(app: App) -> ClusterIndex:
    """The index in the cluster."""
    assert isinstance(app.index, ClusterIndex)
    return app.index


if __name__ == "__main__":
    main()
