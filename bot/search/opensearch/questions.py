"""What is asked of the cluster: bodies of searches, and how their answers are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.search.engine import Query, Scored
from bot.search.fields import FIELDS, Kind
from bot.search.opensearch.queries import Dsl, dsl, flagged, is_of_terms, unscored

MOST_IN_ONE_ANSWER = 10_000
"""Papers; OpenSearch refuses more."""
_MOST_READ = 200_000
"""Papers of a shard by whose titles what is begun is completed; in a larger one these are a sample."""
_MOST_GAINS = 400
"""Papers whose gains are answered: `gains` of more shards may lack the least ones."""

Listed = list[tuple[str, int]]


def key_of(query: Query | Sequence[Query]) -> bytes:
    """What distinguishes queries."""
    return orjson.dumps(query)


def shape_of(query: Query) -> bytes:
    """What distinguishes a query from those that find other papers."""
    return orjson.dumps(unscored(query))


@dataclass(frozen=True)
class Question:
    """A search; two with one body are the same question."""

    body: Dsl
    key: bytes = field(init=False)
    """What distinguishes it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", key_of(self.body))

    limit = 0
    """How many papers it asks for."""
    is_scored = False

    @property
    def is_of_terms(self) -> bool:
        """Whether it is about words alone, on which other questions depend."""
        return False

    def read(self, found: Dsl) -> Any:
        """What the answer says."""
        raise NotImplementedError


class Count(Question):
    """How many papers a query finds."""

    @classmethod
    def of(cls, query: Query) -> Count:
        """Count the papers of a query."""
        return cls({"size": 0, "track_total_hits": True, "query": unscored(query)})

    @property
    def is_of_terms(self) -> bool:
        """Whether a word or a phrase is counted."""
        return is_of_terms(self.body["query"])

    def read(self, found: Dsl) -> int:
        """The number."""
        return total(found)


class Terms(Question):
    """The most frequent terms of a field that begin so."""

    @property
    def is_of_terms(self) -> bool:
        """Always."""
        return True

    @classmethod
    def of(cls, where: str, begun: str, limit: int) -> Terms:
        """Ask for so many terms."""
        terms: Dsl = {"field": listed_name(where), "size": limit, "shard_size": limit * 10}
        query: Dsl = {"match_all": {}}
        if begun:
            terms["include"] = f"{_escaped(begun)}.*"
            query = {"prefix": {where: {"value": begun}}}
        return cls(
            {
                "size": 0,
                "track_total_hits": False,
                "terminate_after": _MOST_READ,
                "query": query,
                "aggs": {"terms": {"terms": terms}},
            }
        )

    def read(self, found: Dsl) -> Listed:
        """The terms with their frequencies."""
        return buckets(found)


@dataclass(frozen=True)
class Hits(Question):
    """Papers in an order."""

    limit: int = 0
    is_scored: bool = True

    @classmethod
    def best(cls, query: Query, limit: int, *, count: bool) -> Hits:
        """Those with the best scores."""
        return cls(_body(limit, query, count=count), limit)

    @classmethod
    def sorted(cls, query: Query, limit: int, sort: list[Dsl], *, count: bool, after: Any = None) -> Hits:
        """Those that come first by their values; after some values, if given."""
        body = {**_body(limit, unscored(query), count=count), "sort": sort}
        if after is not None:
            body["search_after"] = after
        return cls(body, limit, is_scored=False)

    def read(self, found: Dsl) -> tuple[int, Scored]:
        """How many there are, and the papers; scored best first, else as the cluster sorted them."""
        hits = [(float(hit.get("_score") or 0.0), order_of(hit)) for hit in hits_of(found)]
        return total(found), sorted(hits, reverse=True) if self.is_scored else hits


class Flags(Hits):
    """Which queries find papers that are named."""

    @classmethod
    def of(cls, these: Query, limit: int, queries: Sequence[Query]) -> Flags:
        """Ask of so many papers."""
        return cls(_body(limit, flagged(these, queries), count=False), limit)

    def read(self, found: Dsl) -> Any:
        """For each paper the places of the queries that find it, in order."""
        return flags_of(found)


@dataclass
class Asides:
    """What is asked of the papers of an answer beside their scores."""

    flags: dict[bytes, Query] = field(default_factory=dict[bytes, Query])
    """Queries of which is asked which of the papers they find, by their shapes."""
    gains: dict[bytes, Sequence[Query]] = field(default_factory=dict[bytes, Sequence[Query]])
    """Lists of queries by whose sum the papers are scored again."""

    def add(self, others: Asides) -> None:
        """Ask all that others ask, too."""
        self.flags |= others.flags
        self.gains |= others.gains

    def bodies(self, question: Question, shards: int) -> list[Dsl]:
        """The searches that answer the question with these."""
        body, query = question.body, question.body["query"]
        flags = list(self.flags.values())
        found = [{**body, "query": flagged(query, flags)} if flags else body]
        for queries in self.gains.values():
            again = {"rescore_query": {"bool": {"should": list(map(dsl, queries))}}}
            found.append(
                {
                    **_body(min(question.limit * shards, _MOST_GAINS), query, count=False),
                    "rescore": {
                        "window_size": question.limit,
                        "query": {**again, "query_weight": 0, "rescore_query_weight": 1},
                    },
                }
            )
        return found


def _body(limit: int, query: Query, *, count: bool) -> Dsl:
    return {
        "size": limit,
        # Not even the id is looked up, which would take as long as everything else.
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["order"],
        "track_total_hits": count,
        "query": query,
    }


def listed_name(where: str) -> str:
    """The field that lists the terms of another."""
    return where if FIELDS[where] in {Kind.WORDS, Kind.KEY} else f"{where}_listed"


def _escaped(text: str) -> str:
    """A text in a pattern of Lucene."""
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in text)


def total(found: Dsl) -> int:
    """How many papers there are; 0 where that was not asked."""
    return found.get("hits", {}).get("total", {}).get("value", 0)


def hits_of(found: Dsl) -> list[Dsl]:
    """The papers of an answer."""
    return found.get("hits", {}).get("hits", [])


def order_of(hit: Dsl) -> int:
    """The paper's value of the field `order`."""
    return int(hit["fields"]["order"][0])


def flags_of(found: Dsl) -> dict[int, list[int]]:
    """The places of the queries that find each paper of an answer, in order."""
    return {order_of(hit): sorted(map(int, hit.get("matched_queries", ()))) for hit in hits_of(found)}


def buckets(found: Dsl) -> Listed:
    """Terms with their frequencies."""
    listed = found.get("aggregations", {}).get("terms", {}).get("buckets", [])
    return [(str(each["key"]), int(each["doc_count"])) for each in listed]
