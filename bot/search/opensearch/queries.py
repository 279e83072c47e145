"""Queries as OpenSearch reads them, in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from bot.search.engine import Query
from bot.search.fields import id_of

Dsl = dict[str, Any]
"""A query, or the body of a request, in JSON."""

NOTHING: Dsl = {"match_none": {}}
_NO_KIND: Dsl = {"term": {"kind": "-"}}
"""Finds nothing, which OpenSearch learns at the first look; unlike `match_none` it stays what it is in."""


class Queries:
    """Makes queries; see `bot/search/engine.py`. Words and stems were made before: they are only compared."""

    def term(self, field: str, term: str) -> Query:
        """Papers with a term in a text."""
        return {"term": {field: {"value": term}}}

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Papers with words side by side, or with the one word."""
        return self.term(field, words[0]) if len(words) == 1 else {"match_phrase": {field: " ".join(words)}}

    def equal(self, field: str, value: str | float) -> Query:
        """Papers with just this value."""
        return _constant({"term": {field: {"value": value}}}, 1.0)

    def between(
        self, field: str, low: float | None = None, high: float | None = None, *, strict: bool = False
    ) -> Query:
        """Papers whose number is in a span."""
        ends = {"gt" if strict else "gte": low, "lt" if strict else "lte": high}
        return _constant({"range": {field: {end: value for end, value in ends.items() if value is not None}}})

    def having(self, field: str) -> Query:
        """Papers that have a value in a sorted field."""
        return _constant({"exists": {"field": field}})

    def these(self, orders: Iterable[int]) -> Query:
        """The papers named."""
        return _constant({"ids": {"values": [str(id_of(order)) for order in orders]}}, 0.0)

    def any_of(self, queries: Iterable[Query]) -> Query:
        """Papers that any of these finds."""
        found = list(map(dsl, queries))
        if len(found) < 2:
            return found[0] if found else NOTHING
        return {"bool": {"should": found, "minimum_should_match": 1}}

    def all_of(
        self, needed: Iterable[Query], scoring: Iterable[Query] = (), without: Iterable[Query] = ()
    ) -> Query:
        """Papers that all `needed` find and none of `without`."""
        parts = {
            "must": list(map(dsl, needed)),
            "should": list(map(dsl, scoring)),
            "must_not": list(map(unscored, without)),
        }
        return {"bool": {part: found for part, found in parts.items() if found}} if parts["must"] else NOTHING

    def weighted(self, query: Query, weight: float) -> Query:
        """The same papers with their scores multiplied."""
        return query if weight == 1 else {"bool": {"must": [query], "boost": weight}}

    def constant(self, query: Query, score: float) -> Query:
        """The same papers, all with this score."""
        return _constant(unscored(query), score)


def dsl(query: Query) -> Dsl:
    """A query that this engine made."""
    return cast("Dsl", query)


def _constant(query: Dsl, score: float = 1.0) -> Dsl:
    return {"constant_score": {"filter": query, "boost": score}}


def unscored(query: Query) -> Dsl:
    """A query that finds the same, without what its papers are scored by.

    So two queries that differ in weights alone are one, and the cluster's caches know them.
    """
    [(kind, inner)] = dsl(query).items()
    if kind == "constant_score":
        return unscored(inner["filter"])
    if kind != "bool" or "filter" in inner:  # then it is unscored already
        return {kind: inner}
    if "must" not in inner:
        return {"bool": {**inner, "should": list(map(unscored, inner["should"]))}}
    needed = list(map(unscored, inner["must"]))
    without = inner.get("must_not", [])
    if len(needed) == 1 and not without:
        return needed[0]
    return {"bool": {"filter": needed, **({"must_not": without} if without else {})}}


def is_of_terms(query: Dsl) -> bool:
    """Whether an unscored query is of one word or phrase."""
    return "term" in query or "match_phrase" in query


def flagged(query: Query, flags: Sequence[Query]) -> Dsl:
    """The same query, whose answer says for each paper which of `flags` find it, by their places.

    These are looked at for the papers of the answer alone: they stand below what finds nothing.
    """
    named = [{"bool": {"filter": [unscored(each)], "_name": f"{place}"}} for place, each in enumerate(flags)]
    return {"bool": {"must": [query], "must_not": [{"bool": {"filter": [_NO_KIND], "should": named}}]}}
