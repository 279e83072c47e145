"""A second look at the first papers of an answer: which clauses they have, and which words side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query

from bot.search.schema import id_of
from bot.search.snapshot import Snapshot
from bot.search.wording import IndexedTerm

_BITS = 20
"""A score is a 32-bit float: it holds so many flags exactly."""
_PAIR_WEIGHT = 0.2
_NAME_WEIGHT = 1.0
_MOST_PAIRS = 12

Pair = tuple[IndexedTerm, IndexedTerm]
"""Neighbours in a query, a word each."""


def present(
    snapshot: Snapshot, orders: Sequence[int], clauses: Sequence[Sequence[IndexedTerm]]
) -> dict[int, set[int]]:
    """Which of the clauses each of these papers has, by their values of the field `order`."""
    found: dict[int, set[int]] = {order: set() for order in orders}
    queries = [
        (place, query) for place, terms in enumerate(clauses) for term in terms for query in term.containing()
    ]
    these = _these(snapshot, orders)
    for start in range(0, len(queries), _BITS):
        flags = queries[start : start + _BITS]
        marked = these
        for bit, (_, query) in enumerate(flags):
            # One in the other, so that each is asked of these papers alone.
            marked = _and_perhaps(marked, Query.const_score_query(query, float(1 << bit)))
        for score, order in _scored(snapshot, marked, len(orders)):
            bits = int(score)
            found[order].update(place for bit, (place, _) in enumerate(flags) if bits >> bit & 1)
    return found


def closeness(snapshot: Snapshot, orders: Sequence[int], pairs: Iterable[Pair]) -> dict[int, float]:
    """What papers gain by words that stand side by side in the text, or in one name, as they were typed."""
    telling = sorted(pairs, key=lambda pair: -sum(term.weight for term in pair))[:_MOST_PAIRS]
    if not orders or not telling:
        return {}
    these = _these(snapshot, orders)
    parts = [(Occur.Should, these)]
    for first, second in telling:
        words = [*first.likeliest.words, *second.likeliest.words]
        stems = [*first.likeliest.stems, *second.likeliest.stems]
        for field, forms, weight in (("text", stems, _PAIR_WEIGHT), ("authors", words, _NAME_WEIGHT)):
            if all(snapshot.frequency(field, form) for form in forms):
                phrase = Query.boost_query(Query.phrase_query(snapshot.schema, field, [*forms]), weight)
                parts.append((Occur.Should, Query.boolean_query([(Occur.Must, these), (Occur.Must, phrase)])))
    if len(parts) == 1:
        return {}
    return {order: score for score, order in _scored(snapshot, Query.boolean_query(parts), len(orders))}


def _these(snapshot: Snapshot, orders: Sequence[int]) -> Query:
    # Many queries for one id are ten times as fast as one for a set of ids.
    ids = (Query.term_query(snapshot.schema, "id", id_of(order)) for order in orders)
    return Query.const_score_query(Query.boolean_query([(Occur.Should, each) for each in ids]), 0.0)


def _and_perhaps(query: Query, other: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.Should, other)])


def _scored(snapshot: Snapshot, query: Query, most: int) -> list[tuple[float, int]]:
    return snapshot.ranked(snapshot.searcher.search(query, limit=max(most, 1), count=False).hits)
