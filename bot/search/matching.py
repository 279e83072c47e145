"""Which papers match a query, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from tantivy import FieldType, Occur, Order, Query

from bot.search.filtering import filter_clauses
from bot.search.folding import is_stop_word
from bot.search.ordering import Pair, closeness, present
from bot.search.query import Clause
from bot.search.query import Query as TypedQuery
from bot.search.schema import id_of
from bot.search.snapshot import Snapshot
from bot.search.wording import IndexedTerm, Trust

MOST_PAPERS = 200
"""An answer holds no more; its count does."""

_MOST_COMPARED = 50
"""Papers at the top of an answer that are ranked once more."""
_MOST_PARTIAL = 100

_TITLE_WEIGHT = 0.5
_EXACT_WEIGHT = 0.4
_MOST_SCORED = 32
"""Clauses, the rarest, by which papers are ranked that have not all of them."""
_MOST_WORDS, _LEAST_SHARE = 1.5, 0.25
"""A paper has most of the words where it has the weight of so many, or of a long query this share of it.

The weight of a query is what the best paper has of it.
"""


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
        self._typed = _indexed(snapshot, query.clauses)
        self.clauses = _telling(self._typed)
        self._limits = self._limiting()

    def find(self, ranking: Ranking) -> Found:
        """The first papers in order, and how many have everything."""
        if self._query.is_empty:
            return Found(0)
        if ranking is Ranking.RELEVANCE and self.clauses:
            total, complete = self._most_relevant()
        else:
            total, complete = self._complete(ranking)
        partial: Sequence[int] = ()
        if len(complete) < MOST_PAPERS and len(self.clauses) > 1:
            partial = self._partial(ranking, set(complete))[: MOST_PAPERS - len(complete)]
        forgiven = (word for terms in self.clauses for term in terms for word in term.forgiven)
        return Found(
            total,
            tuple(map(id_of, complete)),
            tuple(map(id_of, partial)),
            tuple(dict.fromkeys(forgiven)),
        )

    def count(self) -> int:
        """How many papers have everything."""
        return self._search(self._everything(), limit=1)[0]

    def _complete(self, ranking: Ranking) -> tuple[int, list[int]]:
        query = self._everything()
        return self._by_score(query) if ranking is Ranking.SCORE else self._search(query, by_order=True)

    def _most_relevant(self) -> tuple[int, list[int]]:
        """Papers with everything as it was typed, then with other spellings, then with guesses."""
        total, orders = 0, list[int]()
        before: Query | None = None
        for trust in sorted({way.trust for terms in self.clauses for term in terms for way in term.ways}):
            query = self._everything(trust)
            parts = [(Occur.Must, query)] + ([(Occur.MustNot, before)] if before is not None else [])
            found, scored = self._scored(Query.boolean_query(parts) if before is not None else query)
            total += found
            orders += self._closest_first(scored)
            before = query
        return total, orders[:MOST_PAPERS]

    def _closest_first(self, scored: Sequence[tuple[float, int]]) -> list[int]:
        """Ranked once more, by words that stand side by side as they were typed, too."""
        if len(scored) < 2:
            return [order for _, order in scored]
        first, rest = scored[:_MOST_COMPARED], scored[_MOST_COMPARED:]
        more = closeness(self._snapshot, [order for _, order in first], self._pairs())
        ranked = sorted(((score + more.get(order, 0.0), order) for score, order in first), reverse=True)
        return [order for _, order in (*ranked, *rest)]

    def _pairs(self) -> list[Pair]:
        """Neighbours of a word each, of which one at least tells something."""
        words = [
            terms[0] if len(terms) == 1 and len(terms[0].term.words) == 1 else None for terms in self._typed
        ]
        return [
            (one, other)
            for one, other in pairwise(words)
            if one is not None and other is not None and not (_tells_nothing(one) and _tells_nothing(other))
        ]

    def _everything(self, trust: Trust = Trust.GUESS) -> Query:
        parts: Clauses = list(self._limits)
        for terms in self.clauses:
            parts.append((Occur.Must, any_of([query for term in terms for query in term.containing(trust)])))
        parts += [(Occur.Should, query) for query in self._scoring(self.clauses, ("title", "words"))]
        return Query.boolean_query(parts)

    def _scoring(self, clauses: Sequence[Sequence[IndexedTerm]], fields: Collection[str]) -> list[Query]:
        """A query for each word in each field, with its weight."""
        weights: dict[tuple[str, str], float] = {}
        for terms in clauses:
            for form, word, factor in (scored for term in terms for scored in term.scoring()):
                for field, text, weight in (
                    ("text", form, factor),
                    ("title", form, factor * _TITLE_WEIGHT),
                    ("words", word, factor * _EXACT_WEIGHT),
                    ("authors", word, factor),
                ):
                    if field in fields and weight > weights.get((field, text), 0):
                        weights[field, text] = weight
        return [
            Query.boost_query(Query.term_query(self._snapshot.schema, field, text), weight)
            for (field, text), weight in weights.items()
            if self._snapshot.frequency(field, text)
        ]

    def _partial(self, ranking: Ranking, complete: Collection[int]) -> list[int]:
        """Papers that lack some clause and have most of the weight, the best of them."""
        clauses = sorted(self.clauses, key=_weight, reverse=True)[:_MOST_SCORED]
        query = any_of(self._scoring(clauses, ("text", "title", "words", "authors")))
        if self._limits:
            query = Query.boolean_query([(Occur.Must, query), *self._limits])
        _, scored = self._scored(query, limit=_MOST_PARTIAL + len(complete), count=False)
        scored = [(score, order) for score, order in scored if order not in complete][:_MOST_PARTIAL]
        there = present(self._snapshot, [order for _, order in scored], clauses)
        weights = [_weight(terms) for terms in clauses]
        has = {order: sum(weights[place] for place in places) for order, places in there.items()}
        enough = max(_LEAST_SHARE, min(0.5, _MOST_WORDS / len(clauses))) * (
            sum(weights) if complete else max(has.values(), default=0)
        )
        kept = [
            (score, order)
            for score, order in scored
            if len(there[order]) < len(self.clauses) and has[order] >= enough > 0
        ]
        if ranking is Ranking.NEWEST:
            return sorted((order for _, order in kept), reverse=True)
        return self._closest_first(kept)

    def _scored(
        self, query: Query, *, limit: int = MOST_PAPERS, count: bool = True
    ) -> tuple[int, list[tuple[float, int]]]:
        """The count, and the first papers, best first, with their scores."""
        result = self._snapshot.searcher.search(query, limit=limit, count=count)
        return getattr(result, "count", 0) or 0, self._snapshot.ranked(result.hits)

    def _search(
        self, query: Query, *, limit: int = MOST_PAPERS, by_order: bool = False, count: bool = True
    ) -> tuple[int, list[int]]:
        """The count, and the values of the field `order` of the first papers: best or newest first."""
        if not by_order:
            total, scored = self._scored(query, limit=limit, count=count)
            return total, [order for _, order in scored]
        result = self._snapshot.searcher.search(query, limit=limit, count=count, order_by_field="order")
        return getattr(result, "count", 0) or 0, [int(order) for order, _ in result.hits]

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
        return total, orders

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


def _indexed(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[list[IndexedTerm]]:
    """The terms looked up; neighbours may be written as one word."""
    beside: list[list[str]] = [[] for _ in clauses]
    for place, (one, other) in enumerate(pairwise(map(_lone_word, clauses))):
        if one and other and not (is_stop_word(one) or is_stop_word(other)):
            beside[place].append(one + other)
            beside[place + 1].append(one + other)
    return [
        [IndexedTerm(snapshot, term, tuple(joined)) for term in clause.terms]
        for clause, joined in zip(clauses, beside, strict=True)
    ]


def _lone_word(clause: Clause) -> str | None:
    [term, *others] = clause.terms
    return term.words[0] if not others and len(term.words) == 1 and not term.quoted else None


def _telling(clauses: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = {tuple(term.term.words for term in terms): terms for terms in reversed(clauses)}
    telling = [terms for terms in distinct.values() if not all(map(_tells_nothing, terms))]
    return list(reversed(telling or list(distinct.values())))


def _tells_nothing(term: IndexedTerm) -> bool:
    return len(term.term.words) == 1 and is_stop_word(term.term.words[0])


def _weight(terms: Sequence[IndexedTerm]) -> float:
    return min(term.weight for term in terms)


def _within(query: Query, *parts: tuple[Occur, Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query), *parts])


def any_of(queries: Iterable[Query]) -> Query:
    """A query that finds what any of these finds; nothing where there are none."""
    found = list(queries)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, query) for query in found])
