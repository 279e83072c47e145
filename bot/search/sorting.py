"""The first papers that a query of the index finds, by date or by score."""

from __future__ import annotations

from tantivy import FieldType, Occur, Order, Query

from bot.search.clauses import within
from bot.search.found import MOST_PAPERS
from bot.search.snapshot import Snapshot


def newest(snapshot: Snapshot, query: Query, *, count: bool = True) -> tuple[int, list[int]]:
    """The count, and the values of the field `order` of the newest papers."""
    searcher = snapshot.searcher
    result = searcher.search(query, limit=MOST_PAPERS, count=count, order_by_field="order")
    return getattr(result, "count", 0) or 0, [int(order) for order, _ in result.hits]


def by_score(snapshot: Snapshot, query: Query) -> list[int]:
    """Highest score first; equal scores by date; papers without one at the end."""
    searcher, schema = snapshot.searcher, snapshot.schema
    scored = within(query, (Occur.Must, Query.exists_query("score")))
    hits = searcher.search(
        scored, limit=MOST_PAPERS, count=False, order_by_field="score", order=Order.Desc
    ).hits
    ranked = snapshot.ranked(hits)
    if len(ranked) == MOST_PAPERS:
        # The limit may have cut a group of one score in any order.
        lowest = ranked[-1][0]
        group = Query.range_query(schema, "score", FieldType.Float, lowest, lowest)
        above = [pair for pair in ranked if pair[0] > lowest]
        _, orders = newest(snapshot, within(query, (Occur.Must, group)), count=False)
        ranked = above + [(lowest, order) for order in orders][: MOST_PAPERS - len(above)]
    orders = [order for _, order in ranked]
    if len(orders) < MOST_PAPERS:
        without = within(query, (Occur.MustNot, Query.exists_query("score")))
        orders += newest(snapshot, without, count=False)[1][: MOST_PAPERS - len(orders)]
    return orders
