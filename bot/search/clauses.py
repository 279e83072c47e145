"""The clauses of a query as terms of the index, and the queries that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tantivy import Occur, Query

from bot.search.folding import is_stop_word
from bot.search.query import Clause
from bot.search.snapshot import Snapshot
from bot.search.wording import IndexedTerm, Trust

Clauses = Sequence[Sequence[IndexedTerm]]


def indexed(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[list[IndexedTerm]]:
    """The terms looked up; neighbours may be written as one word."""
    beside: list[list[str]] = [[] for _ in clauses]
    for place, (one, other) in enumerate(pairwise(map(_lone_word, clauses))):
        if not one or not other or is_stop_word(one) or is_stop_word(other):
            continue
        if snapshot.frequency("words", one + other):
            beside[place].append(one + other)
            beside[place + 1].append(one + other)
    return [
        [IndexedTerm.of(snapshot, term, tuple(joined)) for term in clause.terms]
        for clause, joined in zip(clauses, beside, strict=True)
    ]


def _lone_word(clause: Clause) -> str | None:
    [term, *others] = clause.terms
    return term.words[0] if not others and len(term.words) == 1 and not term.quoted else None


def telling(clauses: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = {tuple(term.words for term in terms): terms for terms in reversed(clauses)}
    those = [terms for terms in distinct.values() if not all(map(_tells_nothing, terms))]
    return list(reversed(those or list(distinct.values())))


def _tells_nothing(term: IndexedTerm) -> bool:
    return len(term.words) == 1 and is_stop_word(term.words[0])


def are_words(terms: Sequence[IndexedTerm]) -> bool:
    """Whether every way to write a clause is a single word."""
    return all(len(way.words) == 1 for term in terms for way in term.ways)


def weight_of(terms: Sequence[IndexedTerm]) -> float:
    """How much a clause tells: as much as the least telling of its terms."""
    return min(term.weight for term in terms)


def words_in(
    snapshot: Snapshot, field: str, clauses: Clauses, trust: Trust = Trust.GUESS, weight: float = 1.0
) -> list[Query]:
    """A query for each word of the clauses in a field, with its weight."""
    factors: dict[str, float] = {}
    for scored in (scored for terms in clauses for term in terms for scored in term.scoring):
        text = scored.word if field == "words" else scored.form
        if scored.trust <= trust and scored.factor > factors.get(text, 0.0):
            factors[text] = scored.factor
    return [
        Query.boost_query(Query.term_query(snapshot.schema, field, text), weight * factor)
        for text, factor in factors.items()
        if snapshot.frequency(field, text)
    ]


def any_of(queries: Iterable[Query]) -> Query:
    """A query that finds what any of these finds; nothing where there are none."""
    found = list(queries)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, query) for query in found])
