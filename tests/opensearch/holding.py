"""Indexes of a few papers in the node that the tests of a run share."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bot.search.changes import Batch
from bot.search.fields import Fields, id_of
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.engine import OpenSearchEngine
from bot.search.opensearch.index import bulk_lines, mappings
from tests.opensearch.nodes import node_of_run

SHARDS = 2


@contextmanager
def cluster_engine(documents: Iterable[Fields]) -> Iterator[OpenSearchEngine]:
    """An engine over some papers, and perhaps the document that says their state."""
    cluster, name = Cluster(node_of_run()), f"papercord-{secrets.token_hex(4)}"
    given = list(documents)
    papers = {id_of(int(fields["order"][0])): fields for fields in given if "order" in fields}
    state = next((str(fields["state"][0]) for fields in given if "state" in fields), None)
    settings = {"number_of_shards": SHARDS, "number_of_replicas": 0}
    cluster.put(f"/{name}", {"settings": settings, "mappings": mappings()})
    try:
        cluster.write(name, bulk_lines(Batch(1, [], papers)))
        cluster.post(f"/{name}/_refresh")
        yield OpenSearchEngine(cluster, name, SHARDS, state)
    finally:
        cluster.delete(f"/{name}")
        cluster.close()
