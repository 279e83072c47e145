"""Matching new papers with subscriptions: in the bot's memory, and by the percolator of a search cluster.

    python -m tests.benchmarks.standing_queries [--papers 1000] [--subscriptions 1000]

The papers are the first of the real ones; the subscriptions ask for words, phrases, authors and fields of
others. The bot indexes the papers in memory and asks them every query. A percolator holds the queries, which
were registered when the subscriptions were added, and is asked with the papers. Both have to match the same.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson

from bot.search.engine import Query
from bot.search.fields import Fields, paper_fields
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.index import document, mappings
from bot.search.opensearch.queries import Queries, dsl
from bot.search.query import parse_query
from bot.search.snapshot import Snapshot
from bot.search.standing_queries import Fixed, StandingQueries, fix_query
from bot.search.tantivy.engine import engine_holding
from tests.benchmarks.made_papers import real_rows
from tests.opensearch.nodes import Node, nodes

SEED = 20261127
AT_ONCE = (1_000, 100, 10)
"""Papers in a request to the percolator."""
NAME = "standing-queries"


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=1_000)
    parser.add_argument("--subscriptions", type=int, default=1_000)
    given = parser.parse_args()
    rows = [
        _row(number, row) for number, row in zip(range(1, given.papers + 6_001), real_rows(), strict=False)
    ]
    new, known = rows[: given.papers], rows[given.papers :]
    fixed = subscriptions(known, given.subscriptions)
    print(f"{len(new):,} papers, {len(fixed):,} subscriptions; seconds")
    print(f"{'':44}{'clock':>8}{'bot':>8}{'node':>8}")
    with tempfile.TemporaryDirectory() as folder:
        [node] = nodes(1, Path(folder))
        node.start()
        try:
            node.wait()
            compare(new, fixed, node)
        finally:
            node.kill()


def _row(number: int, row: dict[str, Any]) -> Any:
    return SimpleNamespace(
        id=number,
        title=row["title"],
        abstract=row["abstract"],
        authors=row["authors"],
        published=row["date"],
        field=row["categories"][0].rpartition(".")[2],
        score=None,
        has_code=False,
        other_titles=None,
    )


def subscriptions(rows: Sequence[Any], count: int) -> list[Fixed]:
    """Fixed queries out of what papers have, with the spellings that these show."""
    chance = random.Random(SEED)
    known = Snapshot(engine_holding(paper_fields(row, ()) for row in rows))
    codes = sorted({row.field for row in rows if row.field})

    def typed() -> str:
        row = chance.choice(rows)
        words = [word for word in row.title.split() if word.isalpha() and len(word) > 3] or ["learning"]
        match chance.randrange(6):
            case 0:
                return f'author:"{chance.choice(row.authors)}"'
            case 1:
                return f"{chance.choice(words)} field:{chance.choice(codes)}"
            case 2:
                return f'"{" ".join(row.title.split()[:2])}"'
            case 3:
                return f"{chance.choice(words)} -{chance.choice(words)}"
            case kind:
                return " ".join(chance.sample(words, min(len(words), kind - 3)))

    return [fix_query(parse_query(typed(), codes), known) for _ in range(count)]


@dataclass
class Percolator(Queries):
    """Stands where an engine over the new papers does; knows beforehand which of them each query finds."""

    found: dict[bytes, list[int]] = field(default_factory=dict[bytes, list[int]])
    asked: dict[bytes, Query] = field(default_factory=dict[bytes, Query])
    """Queries that were asked, to be registered."""

    def newest(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[int]]:
        """Those that the query finds."""
        key = orjson.dumps(query)
        self.asked[key] = query
        return 0, self.found.get(key, [])[:limit]

    def state(self) -> None:
        """None is needed."""


def compare(rows: Sequence[Any], fixed: Sequence[Fixed], node: Node) -> None:
    """Match in both ways, and print the times."""
    with measured("bot: index the papers and ask all queries", node):
        standing = StandingQueries(rows, {})
        in_bot = list(map(standing.matching, fixed))
    percolator = Percolator()
    by_percolator = StandingQueries(rows, {}, lambda _: percolator)  # type: ignore[arg-type] - it only matches
    for one in fixed:
        by_percolator.matching(one)
    keys = list(percolator.asked)
    papers = [paper_fields(row, ()) for row in rows]
    cluster = Cluster(node.url)
    with measured("percolator: register all queries", node):
        register(cluster, list(percolator.asked.values()))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for at_once in AT_ONCE:
        for what in ("first", "again"):
            with measured(f"percolator: {at_once:,} papers a request, {what}", node):
                found = percolated(cluster, papers, at_once)
    percolator.found = {key: found[place] for place, key in enumerate(keys)}
    matched = list(map(by_percolator.matching, fixed))
    differing = [place for place, pair in enumerate(zip(in_bot, matched, strict=True)) if pair[0] != pair[1]]
    print(f"{sum(map(len, in_bot)):,} matches; {len(differing)} subscriptions match otherwise")
    for place in differing[:5]:
        print(f"  {fixed[place]}: {in_bot[place]} in the bot, {matched[place]} by the percolator")
    cluster.close()


def register(cluster: Cluster, queries: Sequence[Query]) -> None:
    """Keep the queries in the cluster."""
    fields = mappings()["properties"]
    body = {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0},
        "mappings": {"dynamic": "strict", "properties": {**fields, "standing": {"type": "percolator"}}},
    }
    cluster.put(f"/{NAME}", body)
    lines = [
        line
        for place, query in enumerate(queries)
        for line in (orjson.dumps({"index": {"_id": f"{place}"}}), orjson.dumps({"standing": dsl(query)}))
    ]
    for start in range(0, len(lines), 2_000):
        cluster.write(NAME, lines[start : start + 2_000])
    cluster.post(f"/{NAME}/_refresh")


def percolated(cluster: Cluster, papers: Sequence[Fields], at_once: int) -> defaultdict[int, list[int]]:
    """For each query by its place the papers that it finds, newest first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for start in range(0, len(papers), at_once):
        some = papers[start : start + at_once]
        asked = {"field": "standing", "documents": list(map(document, some))}
        after: Any = None
        while True:
            body: dict[str, Any] = {
                "size": 10_000,
                "query": {"constant_score": {"filter": {"percolate": asked}}},
                "sort": ["_doc"],
            } | ({"search_after": after} if after else {})
            hits = cluster.post(f"/{NAME}/_search", body)["hits"]["hits"]
            for hit in hits:
                for slot in hit["fields"]["_percolator_document_slot"]:
                    found[int(hit["_id"])].append(int(some[slot]["order"][0]))
            if len(hits) < 10_000:
                break
            after = hits[-1]["sort"]
    for orders in found.values():
        orders.sort(reverse=True)
    return found


@contextmanager
def measured(what: str, node: Node) -> Generator[None]:
    """Print how long something took, by the clock and by both processors."""
    clock, own, of_node = time.perf_counter(), time.process_time(), node.processor_seconds()
    yield
    print(
        f"{what:44}{time.perf_counter() - clock:8.2f}{time.process_time() - own:8.2f}"
        f"{node.processor_seconds() - of_node:8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
