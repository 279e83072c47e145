"""The papers of a cluster as ranking asks for them, each question by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from bot.search.engine import Query, Scored
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.queries import Dsl, Queries
from bot.search.opensearch.questions import (
    MOST_IN_ONE_ANSWER,
    Asides,
    Count,
    Flags,
    Hits,
    Listed,
    Question,
    Terms,
    buckets,
    flags_of,
    hits_of,
    order_of,
)

_NEWEST: list[Dsl] = [{"order": "desc"}]
_HIGHEST: list[Dsl] = [{"score": {"order": "desc", "missing": "_last"}}, {"order": "desc"}]
_MOST_SEARCHES = 1_000
"""In one request: of more its answer could be late."""
_LISTING = 600.0
"""Seconds for a list of terms, for which all papers are looked through; nobody waits for it."""
_MOST_LISTED = 20_000
"""Terms that are listed at once."""


class OpenSearchEngine(Queries):
    """The papers under one name, at the revision that was seen; papers written since may be found early."""

    is_whole = True
    """Papers that were deleted or changed are never counted."""

    def __init__(self, cluster: Cluster, index: str, shards: int, state: str | None) -> None:
        self._cluster = cluster
        self._index = index
        self._shards = shards
        self._state = state
        self._frequencies: dict[tuple[str, str], int] = {}
        self.is_incomplete = False
        self.papers = self._answer(Count.of({"match_all": {}}))

    def best(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, Scored]:
        """How many there are if asked for, and the best ones."""
        return self._answer(Hits.best(query, limit, count=count))

    def newest(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[int]]:
        """How many there are if asked for, and the newest ones."""
        return self._sorted(query, limit, _NEWEST, count=count)

    def highest(self, query: Query, limit: int) -> list[int]:
        """Those with the highest score of their own, then those without one."""
        return self._sorted(query, limit, _HIGHEST)[1]

    def _sorted(
        self, query: Query, limit: int, sort: list[Dsl], *, count: bool = False
    ) -> tuple[int, list[int]]:
        if limit <= MOST_IN_ONE_ANSWER:
            counted, hits = self._answer(Hits.sorted(query, limit, sort, count=count))
            return counted, [order for _, order in hits]
        found: list[int] = []
        after = None
        while len(found) < limit:
            most = min(limit - len(found), MOST_IN_ONE_ANSWER)
            hits = hits_of(self.search(Hits.sorted(query, most, sort, count=False, after=after).body))
            if not hits:
                break
            found += map(order_of, hits)
            after = hits[-1]["sort"]
        return self.count(query) if count else 0, found

    def count(self, query: Query) -> int:
        """How many there are."""
        return self._answer(Count.of(query))

    def finds(self, query: Query, likely: Sequence[int] = ()) -> bool:  # noqa: ARG002 - another request
        """Whether there is one."""
        return self.count(query) > 0

    def scores(self, orders: Sequence[int], queries: Iterable[Query]) -> dict[int, float]:
        """For each of these papers the sum of what the queries score it."""
        wanted = list(queries)
        if not (orders and wanted):
            return dict.fromkeys(orders, 0.0)
        asked = self.all_of([self.these(orders)], wanted)
        _, scored = self._answer(Hits.best(asked, len(orders), count=False))
        return {order: score for score, order in scored}

    def found_by(self, orders: Sequence[int], queries: Sequence[Query]) -> dict[int, list[int]]:
        """For each of these papers the places of the queries that find it, in order."""
        if not (orders and queries):
            return {order: [] for order in orders}
        found = self._answer(Flags.of(self.these(orders), len(orders), queries))
        return {order: found.get(order, []) for order in orders}

    def frequency(self, field: str, term: str) -> int:
        """How many papers have a term."""
        known = self._frequencies.get((field, term))
        if known is None:
            known = self._frequencies[field, term] = self.count(self.term(field, term))
        return known

    def terms(self, field: str, begun: str = "", limit: int | None = None, least: int = 1) -> Listed:
        """The terms of a field that begin so and that so many papers have, with their frequencies."""
        if limit is not None:
            return self._answer(Terms.of(field, begun, limit))
        parts = 1
        while True:
            found = self._part(field, begun, least, parts, 0)
            if len(found) < _MOST_LISTED:
                break
            parts *= 4
        for part in range(1, parts):
            found += self._part(field, begun, least, parts, part)
        return found

    def _part(self, field: str, begun: str, least: int, parts: int, part: int) -> Listed:
        asked = Terms.of(field, begun, _MOST_LISTED).body
        terms = {**asked["aggs"]["terms"]["terms"], "min_doc_count": least}
        if parts > 1:
            # An address of a part, or a pattern: with many terms there is no pattern.
            terms = {**terms, "include": {"partition": part, "num_partitions": parts}}
        body = {**asked, "aggs": {"terms": {"terms": terms}}}
        del body["terminate_after"]
        [found] = self._cluster.search(self._index, [body], _LISTING)
        self.is_incomplete |= is_incomplete(found)
        return [each for each in buckets(found) if each[0].startswith(begun)]

    def state(self) -> str | None:
        """What was written with the papers."""
        return self._state

    def _answer(self, question: Question) -> Any:
        return question.read(self.search(question.body))

    def search(self, body: Dsl) -> Dsl:
        """The answer to one search."""
        [found] = self._cluster.search(self._index, [body])
        self.is_incomplete |= is_incomplete(found)
        return found

    def ask(self, questions: Iterable[tuple[Question, Asides]]) -> Answers:
        """Ask many questions in one request, or in a few where they are thousands."""
        asked = [(question, asides, asides.bodies(question, self._shards)) for question, asides in questions]
        every = [body for *_, bodies in asked for body in bodies]
        parts = (every[start : start + _MOST_SEARCHES] for start in range(0, len(every), _MOST_SEARCHES))
        found = chain.from_iterable(self._cluster.search(self._index, part) for part in parts)
        answers = Answers()
        for question, asides, _ in asked:
            answers.take(question, asides, found)
        return answers


class Answers:
    """What the cluster answered."""

    def __init__(self) -> None:
        self.known: dict[bytes, Any] = {}
        """To each question by its key."""
        self.gains: dict[bytes, dict[int, float]] = {}
        """By the key of a list of queries, for each paper what these score it."""
        self.flags: dict[bytes, dict[int, bool]] = {}
        """By the shape of a query, for each paper whether it finds it."""
        self.is_incomplete = False

    def add(self, others: Answers) -> None:
        """Take over what others know."""
        self.known |= others.known
        for key, gains in others.gains.items():
            self.gains[key] = self.gains.get(key, {}) | gains
        for key, flags in others.flags.items():
            self.flags[key] = self.flags.get(key, {}) | flags
        self.is_incomplete |= others.is_incomplete

    def take(self, question: Question, asides: Asides, found: Iterable[Dsl]) -> None:
        """Read the answers to a question and to what was asked beside it, which come in this order."""
        answers = iter(found)
        answer = next(answers)
        self.is_incomplete |= is_incomplete(answer)
        self.known[question.key] = question.read(answer)
        orders = list(map(order_of, hits_of(answer)))
        by_paper = flags_of(answer) if asides.flags else {}
        for place, key in enumerate(asides.flags):
            of_query = self.flags.setdefault(key, {})
            of_query.update({order: place in places for order, places in by_paper.items()})
        for key in asides.gains:
            gained = next(answers)
            of_queries = self.gains.setdefault(key, {})
            of_queries.update(dict.fromkeys(orders, 0.0))
            of_queries.update({order_of(hit): float(hit["_score"]) for hit in hits_of(gained)})


def is_incomplete(found: Dsl) -> bool:
    """Whether a part of the papers was not asked, because no node that has it was there."""
    # One that no node has at present is not among those that failed.
    return found["_shards"]["successful"] < found["_shards"]["total"]
