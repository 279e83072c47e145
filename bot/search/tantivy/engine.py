"""One commit of a Tantivy index of papers, as ranking asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import tantivy
from tantivy import DocAddress, FieldType, Index, Occur, Order, Schema, SchemaBuilder, Searcher

from bot.search.engine import Query, Scored
from bot.search.fields import FIELDS, Fields, Kind, id_of
from bot.text.folding import plain_analyzer, stem_analyzer

_TEXTS = {
    Kind.STEMS: ("stem", "freq"),
    Kind.PLACED_STEMS: ("stem", "position"),
    Kind.WORDS: ("plain", "basic"),
    Kind.PLACED_WORDS: ("plain", "position"),
    Kind.KEY: ("raw", "basic"),
    Kind.STATE: ("raw", "basic"),
}
_BITS = 20
"""A score is a 32-bit float: it holds so many flags exactly."""
_FEW_BYTES = 16_000_000
"""For writing a few papers in memory."""


def build_schema() -> Schema:
    """All fields of papers."""
    builder = SchemaBuilder()
    for name, kind in FIELDS.items():
        match kind:
            case Kind.NUMBER:
                builder.add_unsigned_field(name, indexed=True)
            case Kind.ORDERED_NUMBER:
                builder.add_unsigned_field(name, fast=True)
            case Kind.ORDERED_FRACTION:
                builder.add_float_field(name, fast=True)
            case Kind.FLAG:
                builder.add_boolean_field(name, indexed=True)
            case _:
                tokenizer, option = _TEXTS[kind]
                builder.add_text_field(
                    name, stored=kind is Kind.STATE, tokenizer_name=tokenizer, index_option=option
                )
    return builder.build()


def register_analyzers(index: Index) -> None:
    """Give an opened index the analyzers that its schema names."""
    index.register_tokenizer("plain", plain_analyzer())
    index.register_tokenizer("stem", stem_analyzer())


def document(fields: Fields) -> tantivy.Document:
    """A document as a writer takes it."""
    made = tantivy.Document()
    for name, values in fields.items():
        add = _ADDERS[name]
        for value in values:
            add(made, name, value)
    return made


_Adder = Callable[[tantivy.Document, str, Any], None]
_OF_NUMBERS: Mapping[Kind, _Adder] = {
    Kind.NUMBER: tantivy.Document.add_unsigned,
    Kind.ORDERED_NUMBER: tantivy.Document.add_unsigned,
    Kind.ORDERED_FRACTION: tantivy.Document.add_float,
    Kind.FLAG: tantivy.Document.add_boolean,
}
_ADDERS: Mapping[str, _Adder] = {
    name: _OF_NUMBERS.get(kind, tantivy.Document.add_text) for name, kind in FIELDS.items()
}
"""What adds a value of a field."""


def engine_holding(papers: Iterable[Fields]) -> TantivyEngine:
    """An engine that holds a few papers in memory; new papers are asked standing queries in it."""
    schema = build_schema()
    index = Index(schema)
    register_analyzers(index)
    writer = index.writer(_FEW_BYTES, 1)
    for fields in papers:
        writer.add_document(document(fields))
    writer.commit()
    index.reload()
    return TantivyEngine(index.searcher(), schema)


class TantivyEngine:
    """A searcher over one commit."""

    is_incomplete = False

    def __init__(self, searcher: Searcher, schema: Schema) -> None:
        self._searcher = searcher
        self._schema = schema
        self.papers = searcher.num_docs

    def term(self, field: str, term: str) -> Query:
        """Papers with a term; unlike what Tantivy makes by itself, it reads no places in texts."""
        return tantivy.Query.term_query(self._schema, field, term, "freq")

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Papers with words side by side, or with the one word."""
        if len(words) == 1:
            return self.term(field, words[0])
        return tantivy.Query.phrase_query(self._schema, field, list(words))

    def equal(self, field: str, value: str | float) -> Query:
        """Papers with just this value."""
        return tantivy.Query.term_query(self._schema, field, value)

    def between(
        self, field: str, low: float | None = None, high: float | None = None, *, strict: bool = False
    ) -> Query:
        """Papers whose number is in a span."""
        is_fraction = FIELDS[field] is Kind.ORDERED_FRACTION
        # A side without a bound must be inclusive.
        return tantivy.Query.range_query(
            self._schema,
            field,
            FieldType.Float if is_fraction else FieldType.Unsigned,
            low,
            high,
            include_lower=not strict or low is None,
            include_upper=not strict or high is None,
        )

    def having(self, field: str) -> Query:
        """Papers that have a value in a sorted field."""
        return tantivy.Query.exists_query(field)

    def these(self, orders: Iterable[int]) -> Query:
        """The papers named."""
        # Many queries for one id are ten times as fast as one for a set of ids.
        ids = (tantivy.Query.term_query(self._schema, "id", id_of(order)) for order in orders)
        return self.constant(tantivy.Query.boolean_query([(Occur.Should, each) for each in ids]), 0.0)

    def any_of(self, queries: Iterable[Query]) -> Query:
        """Papers that any of these finds."""
        found = [(Occur.Should, query) for query in _all_own(queries)]
        if not found:
            return tantivy.Query.empty_query()
        return found[0][1] if len(found) == 1 else tantivy.Query.boolean_query(found)

    def all_of(
        self, needed: Iterable[Query], scoring: Iterable[Query] = (), without: Iterable[Query] = ()
    ) -> Query:
        """Papers that all `needed` find and none of `without`."""
        parts = [(Occur.Must, query) for query in _all_own(needed)]
        parts += [(Occur.Should, query) for query in _all_own(scoring)]
        parts += [(Occur.MustNot, query) for query in _all_own(without)]
        return tantivy.Query.boolean_query(parts)

    def weighted(self, query: Query, weight: float) -> Query:
        """The same papers with their scores multiplied."""
        return query if weight == 1 else tantivy.Query.boost_query(_own(query), weight)

    def constant(self, query: Query, score: float) -> Query:
        """The same papers, all with this score."""
        return tantivy.Query.const_score_query(_own(query), score)

    def best(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, Scored]:
        """How many there are if asked for, and the best ones."""
        result = self._searcher.search(_own(query), limit=limit, count=count)
        return getattr(result, "count", 0) or 0, self._ranked(result.hits)

    def newest(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[int]]:
        """How many there are if asked for, and the newest ones."""
        result = self._searcher.search(_own(query), limit=limit, count=count, order_by_field="order")
        return getattr(result, "count", 0) or 0, [int(order) for order, _ in result.hits]

    def highest(self, query: Query, limit: int) -> list[int]:
        """Those with the highest score of their own, then those without one."""
        scored = self.all_of([query, self.having("score")])
        result = self._searcher.search(
            _own(scored), limit=limit, count=False, order_by_field="score", order=Order.Desc
        )
        ranked = self._ranked(result.hits)
        if len(ranked) == limit:
            # The limit may have cut a group of one score in any order.
            lowest = ranked[-1][0]
            above = [pair for pair in ranked if pair[0] > lowest]
            _, group = self.newest(self.all_of([query, self.between("score", lowest, lowest)]), limit)
            ranked = above + [(lowest, order) for order in group][: limit - len(above)]
        orders = [order for _, order in ranked]
        if len(orders) < limit:
            without = self.all_of([query], without=[self.having("score")])
            orders += self.newest(without, limit - len(orders))[1]
        return orders

    def count(self, query: Query) -> int:
        """How many there are."""
        result = self._searcher.search(_own(self.constant(query, 0.0)), limit=1, count=True)
        return getattr(result, "count", 0) or 0

    def finds(self, query: Query, likely: Sequence[int] = ()) -> bool:
        """Whether there is one; all that it finds are read, unless it finds one of the likely papers."""
        if likely:
            among = self.all_of([self.these(likely), self.constant(query, 0.0)])
            if self._searcher.search(_own(among), limit=1, count=False).hits:
                return True
        return bool(self._searcher.search(_own(query), limit=1, count=False).hits)

    def scores(self, orders: Sequence[int], queries: Iterable[Query]) -> dict[int, float]:
        """For each of these papers the sum of what the queries score it."""
        return {order: score for score, order in self._scored_among(orders, queries)}

    def found_by(self, orders: Sequence[int], queries: Sequence[Query]) -> dict[int, list[int]]:
        """For each of these papers the places of the queries that find it, in order."""
        found: dict[int, list[int]] = {order: [] for order in orders}
        for start in range(0, len(queries) if orders else 0, _BITS):
            flags = (
                self.constant(query, float(1 << bit))
                for bit, query in enumerate(queries[start : start + _BITS])
            )
            for score, order in self._scored_among(orders, flags):
                bits = int(score)
                found[order] += [start + bit for bit in range(_BITS) if bits >> bit & 1]
        return found

    def _scored_among(self, orders: Sequence[int], queries: Iterable[Query]) -> Scored:
        """Papers scored by queries.

        Each of these is asked of these papers alone: as alternatives of one query all would be read
        wherever one of the papers is near.
        """
        if not orders:
            return []
        every = self.constant(tantivy.Query.all_query(), 0.0)
        asked = (self.all_of([every], [query]) for query in queries)
        query = self.all_of([self.these(orders), *asked])
        return self._ranked(self._searcher.search(_own(query), limit=len(orders), count=False).hits)

    def _ranked(self, hits: Sequence[tuple[Any, DocAddress]]) -> Scored:
        if not hits:
            return []
        scores, addresses = zip(*hits, strict=True)
        orders = [int(order or 0) for order in self._searcher.fast_field_values("order", list(addresses))]
        return sorted(zip(map(float, scores), orders, strict=True), reverse=True)

    @property
    def is_whole(self) -> bool:
        """Whether frequencies are exact: they count deleted and changed papers until a merge drops them."""
        states = min(1, self.frequency("kind", "state"))
        return self.frequency("kind", "paper") + states == self.papers

    def frequency(self, field: str, term: str) -> int:
        """How many papers have a term."""
        return self._searcher.doc_freq(field, term)

    def terms(
        self, field: str, begun: str = "", limit: int | None = None, least: int = 1
    ) -> list[tuple[str, int]]:
        """The terms of a field that begin so and that so many papers have, with their frequencies."""
        terms = self._searcher.terms_with_prefix(field, begun, limit=limit)
        return terms if least <= 1 else [each for each in terms if each[1] >= least]

    def state(self) -> str | None:
        """What was written with the papers."""
        hits = self._searcher.search(_own(self.equal("kind", "state")), limit=1, count=False).hits
        return str(self._searcher.doc(hits[0][1]).get_first("state")) if hits else None


def _own(query: Query) -> tantivy.Query:
    return cast("tantivy.Query", query)


def _all_own(queries: Iterable[Query]) -> Iterable[tantivy.Query]:
    return cast("Iterable[tantivy.Query]", queries)
