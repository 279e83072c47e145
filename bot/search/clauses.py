"""The clauses of a query as terms of the index, and the queries that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from tantivy import Occur, Query

from bot.search.filtering import filter_clauses
from bot.search.query import Clause, Term
from bot.search.query import Query as TypedQuery
from bot.search.snapshot import Snapshot
from bot.search.terms import IndexedTerm, Trust, Way, joined, weighted
from bot.text.folding import is_stop_word, stem

Clauses = Sequence[Sequence[IndexedTerm]]


def taken_apart(snapshot: Snapshot, clauses: Iterable[Clause]) -> list[Clause]:
    """Where no paper has such as "Jui-Mnig" side by side, however it is written, each word for itself."""
    return [
        each for clause in clauses for each in (apart(clause) if _in_vain(snapshot, clause) else (clause,))
    ]


def apart(clause: Clause) -> list[Clause]:
    """Each of its words as a clause of its own."""
    return [Clause((replace(term, words=(word,)),)) for term in clause.terms for word in term.words]


def _in_vain(snapshot: Snapshot, clause: Clause) -> bool:
    [term, *others] = clause.terms
    is_joined = not others and len(term.words) > 1 and not term.quoted
    return is_joined and not IndexedTerm.of(snapshot, term).is_found(snapshot)


def indexed(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[list[IndexedTerm]]:
    """The terms looked up; neighbours may be written as one word."""
    beside: list[list[Way]] = [[] for _ in clauses]
    for place, (one, other) in enumerate(pairwise(map(_lone_term, clauses))):
        if one and other:
            ways = _beside(snapshot, one, other)
            beside[place] += ways
            beside[place + 1] += ways
    return [
        [IndexedTerm.of(snapshot, term, tuple(ways)) for term in clause.terms]
        for clause, ways in zip(clauses, beside, strict=True)
    ]


def _lone_term(clause: Clause) -> Term | None:
    [term, *others] = clause.terms
    is_lone = not others and len(term.words) == 1 and not term.quoted
    return term if is_lone and not is_stop_word(term.words[0]) else None


def _beside(snapshot: Snapshot, one: Term, other: Term) -> list[Way]:
    """Neighbours as one word, also as they were likely meant."""
    words = *one.words, *other.words
    ways = joined(snapshot, words)
    if not all(snapshot.frequency("text", stem(word)) for word in words):
        meant = [IndexedTerm.of(snapshot, term).likeliest.words for term in (one, other)]
        ways += joined(snapshot, (*meant[0], *meant[1]), Trust.GUESS)
    return list(dict.fromkeys(ways))


def telling(clauses: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = {tuple(term.words for term in terms): terms for terms in reversed(clauses)}
    those = [terms for terms in distinct.values() if not all(map(_tells_nothing, terms))]
    return list(reversed(those or list(distinct.values())))


def _tells_nothing(term: IndexedTerm) -> bool:
    return len(term.words) == 1 and is_stop_word(term.words[0])


def are_words(terms: Sequence[IndexedTerm]) -> bool:
    """Whether every way to write a clause is a single word."""
    return all(term.is_word for term in terms)


def weight_of(terms: Sequence[IndexedTerm], trust: Trust = Trust.TYPED) -> float:
    """How much a clause tells of a paper that has it so: as much as the least telling of its terms."""
    return min(term.weight_by(trust) for term in terms)


def words_in(
    snapshot: Snapshot, field: str, clauses: Clauses, trust: Trust = Trust.GUESS, weight: float = 1.0
) -> list[Query]:
    """A query for each word of the clauses in a field, with its weight."""
    factors: dict[str, float] = {}
    for terms in clauses:
        for term in terms:
            for scored in term.scoring:
                text = scored.word if field == "words" else scored.form
                if scored.trust <= trust and scored.factor > factors.get(text, 0.0):
                    factors[text] = scored.factor
    return [
        weighted(snapshot.term(field, text), weight * factor)
        for text, factor in factors.items()
        if snapshot.frequency(field, text)
    ]


def limits(snapshot: Snapshot, query: TypedQuery, *, needs_any: bool) -> list[tuple[Occur, Query]]:
    """Filters and exclusions; they decide, and do not count for the order.

    Where they only exclude, and nothing else is asked (`needs_any`), all other papers are found.
    """
    parts = filter_clauses(snapshot, query.filters)
    if query.paper_id is not None:
        parts.append((Occur.Must, Query.term_query(snapshot.schema, "id", query.paper_id)))
    for clause in query.excluded:
        parts.append((Occur.MustNot, any_of(_excluded(snapshot, clause))))
    if needs_any and all(occur is not Occur.Must for occur, _ in parts):
        parts.append((Occur.Must, Query.term_query(snapshot.schema, "kind", "paper")))
    return [
        (occur, Query.const_score_query(part, 0.0) if occur is Occur.Must else part) for occur, part in parts
    ]


def _excluded(snapshot: Snapshot, clause: Clause) -> list[Query]:
    """What finds the papers that a clause keeps out; corrected words only where none has it as typed."""
    terms = [IndexedTerm.of(snapshot, term) for term in clause.terms]
    return [
        query for term in terms for query in term.containing(Trust.SPELLING) or term.containing(Trust.GUESS)
    ]


def any_of(queries: Iterable[Query]) -> Query:
    """A query that finds what any of these finds; nothing where there are none."""
    found = list(queries)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, query) for query in found])


def within(query: Query, *parts: tuple[Occur, Query]) -> Query:
    """A query that finds what another one finds, as far as these parts let it."""
    return Query.boolean_query([(Occur.Must, query), *parts])
