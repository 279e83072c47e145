"""Filters, and words that a query excludes, as queries of the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.corpus.names import name_key
from bot.corpus.paper import first_day, last_day
from bot.search.engine import Engine, Query
from bot.search.query import (
    AuthorFilter,
    Clause,
    CodeFilter,
    DateFilter,
    FieldFilter,
    Filter,
    ParsedQuery,
    ScoreFilter,
)
from bot.search.snapshot import Snapshot
from bot.search.terms import IndexedTerm
from bot.search.variants import MatchKind
from bot.text.folding import plain_words


@dataclass(slots=True)
class Limits:
    """What a paper must be and must not be; it decides, and does not count for the order."""

    needed: list[Query] = field(default_factory=list[Query])
    without: list[Query] = field(default_factory=list[Query])

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.needed or self.without)

    def unscored(self, engine: Engine) -> Limits:
        """The same, adding nothing to scores."""
        return Limits([engine.constant(query, 0.0) for query in self.needed], self.without)

    def among_papers(self, engine: Engine) -> Limits:
        """The same; where they only exclude, all papers are what they exclude from."""
        return self if self.needed else Limits([engine.equal("kind", "paper")], self.without)


def limits_of(snapshot: Snapshot, query: ParsedQuery, *, needs_any: bool) -> Limits:
    """Filters and exclusions.

    Where they only exclude, and nothing else is asked (`needs_any`), all other papers are found.
    """
    engine = snapshot.engine
    limits = limits_by(snapshot, query.filters)
    if query.paper_id is not None:
        limits.needed.append(engine.equal("id", query.paper_id))
    limits.without += [engine.any_of(_excluded(snapshot, clause)) for clause in query.excluded]
    return (limits.among_papers(engine) if needs_any else limits).unscored(engine)


def _excluded(snapshot: Snapshot, clause: Clause) -> list[Query]:
    """What finds the papers that a clause keeps out; corrected words only where none has it as typed."""
    terms = [IndexedTerm.of(snapshot, term) for term in clause.terms]
    return [
        query
        for term in terms
        for query in term.containing(MatchKind.SPELLING) or term.containing(MatchKind.CORRECTION)
    ]


def limits_by(snapshot: Snapshot, filters: Iterable[Filter]) -> Limits:
    """What a paper must and must not be; of several fields it needs one."""
    limits = Limits()
    fields: list[Query] = []
    for wanted in filters:
        query = filter_query(snapshot, wanted)
        if wanted.negated:
            limits.without.append(query)
        elif isinstance(wanted, FieldFilter):
            fields.append(query)
        else:
            limits.needed.append(query)
    if fields:
        limits.needed.append(snapshot.engine.any_of(fields))
    return limits


def filter_query(snapshot: Snapshot, wanted: Filter) -> Query:
    """The query that finds what a filter names, its negation left aside."""
    engine = snapshot.engine
    match wanted:
        case AuthorFilter(name=name):
            return _author_query(snapshot, name)
        case FieldFilter(code=code):
            return engine.equal("field", code)
        case CodeFilter():
            return engine.equal("has_code", True)
        case DateFilter(since=since, until=until):
            # Overlap: the date ends after the span's begin, and begins before its end.
            spans = [
                engine.between("last_day", low=first_day(since).toordinal()) if since else None,
                engine.between("first_day", high=last_day(until).toordinal()) if until else None,
            ]
            return engine.all_of([span for span in spans if span is not None])
        case ScoreFilter(low=low, high=high, strict=strict):
            return engine.between("score", low, high, strict=strict)


def _author_query(snapshot: Snapshot, name: str) -> Query:
    """Exactly this name where papers have it, or its initials; else its words side by side in one name."""
    key = name_key(name)
    for where in ("author_key", "initials"):
        if key and snapshot.frequency(where, key):
            return snapshot.engine.equal(where, key)
    return authors_named(snapshot.engine, plain_words(name))


def authors_named(engine: Engine, words: Sequence[str]) -> Query:
    """The query for words that stand side by side in one name, in either order; no words find nothing."""
    orders = [words] if len(words) == 1 else [words, words[::-1]]
    return engine.any_of(engine.phrase("authors", order) for order in orders if order)
