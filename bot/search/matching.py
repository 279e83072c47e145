"""Which papers match a query, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tantivy import FieldType, Occur, Order, Query

from bot.search.filtering import filter_clauses
from bot.search.folding import is_stop_word
from bot.search.query import Clause
from bot.search.query import Query as TypedQuery
from bot.search.schema import id_of
from bot.search.snapshot import Snapshot
from bot.search.wording import IndexedTerm

MOST_PAPERS = 200
"""An answer holds no more; its count does."""

_TITLE_WEIGHT = 0.5
_EXACT_WEIGHT = 0.1
_SHARE_OF_MOST = 0.5
"""A paper has most of the words where it has at least this share of their weight."""
_BITS = 20
"""A score is a 32-bit float: it holds so many flags exactly."""


class Ranking(StrEnum):
    """The order of an answer."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Found:
    """Ids in order: papers with everything that was asked, then papers with most of it."""

    total: int
    complete: tuple[int, ...] = ()
    partial: tuple[int, ...] = ()
    forgiven: tuple[str, ...] = ()


Clauses = list[tuple[Occur, Query]]


class Matcher:
    """A typed query against one commit of the index."""

    def __init__(self, snapshot: Snapshot, query: TypedQuery) -> None:
        self._snapshot = snapshot
        self._query = query
        self.clauses = [
            [IndexedTerm(snapshot, term) for term in clause.terms] for clause in _telling(query.clauses)
        ]
        self._limits = self._limiting()

    def find(self, ranking: Ranking) -> Found:
        """The first papers in order, and how many have everything."""
        if self._query.is_empty:
            return Found(0)
        total, complete = self._complete(ranking)
        partial: Sequence[int] = ()
        if len(complete) < MOST_PAPERS and len(self.clauses) > 1:
            partial = self._partial(ranking)[: MOST_PAPERS - len(complete)]
        forgiven = (spelling for terms in self.clauses for term in terms for spelling in term.forgiven)
        return Found(total, tuple(complete), tuple(partial), tuple(dict.fromkeys(forgiven)))

    def count(self) -> int:
        """How many papers have everything."""
        return self._search(self._everything(), limit=1)[0]

    def _complete(self, ranking: Ranking) -> tuple[int, list[int]]:
        query = self._everything()
        if ranking is Ranking.SCORE:
            return self._by_score(query)
        if ranking is Ranking.NEWEST or not self.clauses:
            total, orders = self._search(query, by_order=True)
        else:
            total, orders = self._search(query)
        return total, [id_of(order) for order in orders]

    def _everything(self) -> Query:
        parts: Clauses = list(self._limits)
        for terms in self.clauses:
            parts.append((Occur.Must, any_of([query for term in terms for query in term.containing()])))
            for term in terms:
                parts += [(Occur.Should, query) for query in self._bonus(term)]
        return Query.boolean_query(parts)

    def _bonus(self, term: IndexedTerm) -> list[Query]:
        """What lifts papers that have a term in the title, or exactly as it was typed."""
        queries = [Query.boost_query(query, _TITLE_WEIGHT) for query in term.scoring("title")]
        for word in term.words:
            exact = Query.term_query(self._snapshot.schema, "words", word.word)
            queries.append(Query.boost_query(exact, _EXACT_WEIGHT))
        return queries

    def _partial(self, ranking: Ranking) -> list[int]:
        """Papers that lack some clause and have most of the weight, the best of them."""
        parts: Clauses = []
        for terms in self.clauses:
            for term in terms:
                parts += [(Occur.Should, query) for query in (*term.scoring("text"), *self._bonus(term))]
                parts += [(Occur.Should, query) for query in term.containing() if len(term.words) == 1]
        query = Query.boolean_query(parts)
        if self._limits:
            query = Query.boolean_query([(Occur.Must, query), *self._limits])
        _, orders = self._search(query, count=False)
        weights = [min(term.weight for term in terms) for terms in self.clauses]
        enough = _SHARE_OF_MOST * sum(weights)
        present = self._present(orders)
        kept = [
            order
            for order in orders
            if len(present[order]) < len(weights)
            and sum(weights[place] for place in present[order]) >= enough
        ]
        if ranking is Ranking.NEWEST:
            kept.sort(reverse=True)
        return [id_of(order) for order in kept]

    def _present(self, orders: Sequence[int]) -> dict[int, set[int]]:
        """Which clauses each of these papers has."""
        present: dict[int, set[int]] = {order: set() for order in orders}
        schema = self._snapshot.schema
        these = Query.term_set_query(schema, "id", [id_of(order) for order in orders])
        for start in range(0, len(self.clauses), _BITS):
            parts: Clauses = [(Occur.Must, Query.const_score_query(these, 0.0))]
            for bit, terms in enumerate(self.clauses[start : start + _BITS]):
                found = any_of([query for term in terms for query in term.containing()])
                parts.append((Occur.Should, Query.const_score_query(found, float(1 << bit))))
            hits = self._snapshot.searcher.search(
                Query.boolean_query(parts), limit=len(orders) or 1, count=False
            ).hits
            for score, order in self._snapshot.ranked(hits):
                flags = int(score)
                present[order] |= {start + bit for bit in range(_BITS) if flags >> bit & 1}
        return present

    def _search(
        self, query: Query, *, limit: int = MOST_PAPERS, by_order: bool = False, count: bool = True
    ) -> tuple[int, list[int]]:
        """The count, and the values of the field `order` of the first papers: best or newest first."""
        searcher = self._snapshot.searcher
        if by_order:
            result = searcher.search(query, limit=limit, count=count, order_by_field="order")
            return getattr(result, "count", 0) or 0, [int(order) for order, _ in result.hits]
        result = searcher.search(query, limit=limit, count=count)
        keys = searcher.fast_field_values("order", [address for _, address in result.hits])
        ranked = sorted(
            ((score, int(order or 0)) for (score, _), order in zip(result.hits, keys, strict=True)),
            reverse=True,
        )
        return getattr(result, "count", 0) or 0, [order for _, order in ranked]

    def _by_score(self, query: Query) -> tuple[int, list[int]]:
        """Highest score first; equal scores by date; papers without one at the end."""
        searcher, schema = self._snapshot.searcher, self._snapshot.schema
        scored = _within(query, (Occur.Must, Query.exists_query("score")))
        hits = searcher.search(
            scored, limit=MOST_PAPERS, count=False, order_by_field="score", order=Order.Desc
        ).hits
        ranked = self._snapshot.ranked(hits)
        if len(ranked) == MOST_PAPERS:
            # The limit may have cut a group of one score in any order.
            lowest = ranked[-1][0]
            group = Query.range_query(schema, "score", FieldType.Float, lowest, lowest)
            above = [pair for pair in ranked if pair[0] > lowest]
            _, orders = self._search(_within(query, (Occur.Must, group)), by_order=True, count=False)
            ranked = above + [(lowest, order) for order in orders][: MOST_PAPERS - len(above)]
        orders = [order for _, order in ranked]
        total = self.count()
        if len(orders) < MOST_PAPERS:
            without = _within(query, (Occur.MustNot, Query.exists_query("score")))
            _, more = self._search(without, by_order=True, count=False)
            orders += more[: MOST_PAPERS - len(orders)]
        return total, [id_of(order) for order in orders]

    def _limiting(self) -> Clauses:
        """Filters and exclusions; they decide, and do not count for the order."""
        snapshot = self._snapshot
        parts = filter_clauses(snapshot, self._query.filters)
        if self._query.paper_id is not None:
            parts.append((Occur.Must, Query.term_query(snapshot.schema, "id", self._query.paper_id)))
        for clause in self._query.excluded:
            queries = [query for term in clause.terms for query in IndexedTerm(snapshot, term).containing()]
            parts.append((Occur.MustNot, any_of(queries)))
        if not self.clauses and all(occur is not Occur.Must for occur, _ in parts):
            parts.append((Occur.Must, Query.term_query(snapshot.schema, "kind", "paper")))
        return [
            (occur, Query.const_score_query(query, 0.0) if occur is Occur.Must else query)
            for occur, query in parts
        ]


def _telling(clauses: Sequence[Clause]) -> list[Clause]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = {tuple(term.words for term in clause.terms): clause for clause in reversed(clauses)}
    telling = [clause for words, clause in distinct.items() if not all(map(_tells_nothing, words))]
    return list(reversed(telling or list(distinct.values())))


def _tells_nothing(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and is_stop_word(words[0])


def _within(query: Query, *parts: tuple[Occur, Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query), *parts])


def any_of(queries: Iterable[Query]) -> Query:
    """A query that finds what any of these finds; nothing where there are none."""
    found = list(queries)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, query) for query in found])
