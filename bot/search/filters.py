"""Filters, and words that a query excludes, as queries of the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tantivy import FieldType, Occur, Query

from bot.corpus.names import name_key
from bot.corpus.paper import first_day, last_day
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
from bot.search.terms import IndexedTerm, MatchKind, any_of
from bot.text.folding import plain_words


def limits(snapshot: Snapshot, query: ParsedQuery, *, needs_any: bool) -> list[tuple[Occur, Query]]:
    """Filters and exclusions; they decide, and do not count for the order.

    Where they only exclude, and nothing else is asked (`needs_any`), all other papers are found.
    """
    parts = filter_clauses(snapshot, query.filters)
    if query.paper_id is not None:
        parts.append((Occur.Must, Query.term_query(snapshot.schema, "id", query.paper_id)))
    for clause in query.excluded:
        parts.append((Occur.MustNot, any_of(_excluded(snapshot, clause))))
    return unscored(among_papers(snapshot, parts) if needs_any else parts)


def unscored(parts: Iterable[tuple[Occur, Query]]) -> list[tuple[Occur, Query]]:
    """Parts of a query that decide which papers match, and add nothing to their scores."""
    return [
        (occur, Query.const_score_query(part, 0.0) if occur is Occur.Must else part) for occur, part in parts
    ]


def among_papers(snapshot: Snapshot, parts: list[tuple[Occur, Query]]) -> list[tuple[Occur, Query]]:
    """Parts of a query; where they only exclude, all papers are what they exclude from."""
    if any(occur is Occur.Must for occur, _ in parts):
        return parts
    return [*parts, (Occur.Must, Query.term_query(snapshot.schema, "kind", "paper"))]


def _excluded(snapshot: Snapshot, clause: Clause) -> list[Query]:
    """What finds the papers that a clause keeps out; corrected words only where none has it as typed."""
    terms = [IndexedTerm.of(snapshot, term) for term in clause.terms]
    return [
        query
        for term in terms
        for query in term.containing(MatchKind.SPELLING) or term.containing(MatchKind.CORRECTION)
    ]


def filter_clauses(snapshot: Snapshot, filters: Iterable[Filter]) -> list[tuple[Occur, Query]]:
    """What a paper must and must not be; of several fields it needs one."""
    parts: list[tuple[Occur, Query]] = []
    fields: list[tuple[Occur, Query]] = []
    for wanted in filters:
        query = filter_query(snapshot, wanted)
        if wanted.negated:
            parts.append((Occur.MustNot, query))
        elif isinstance(wanted, FieldFilter):
            fields.append((Occur.Should, query))
        else:
            parts.append((Occur.Must, query))
    if fields:
        parts.append((Occur.Must, Query.boolean_query(fields)))
    return parts


def filter_query(snapshot: Snapshot, wanted: Filter) -> Query:
    """The query that finds what a filter names, its negation left aside."""
    schema = snapshot.schema
    match wanted:
        case AuthorFilter(name=name):
            return _author_query(snapshot, name)
        case FieldFilter(code=code):
            return Query.term_query(schema, "field", code)
        case CodeFilter():
            return Query.term_query(schema, "has_code", True)
        case DateFilter(since=since, until=until):
            # Overlap: the date ends after the span's begin, and begins before its end.
            spans = [
                _span(snapshot, "last_day", low=first_day(since).toordinal()) if since else None,
                _span(snapshot, "first_day", high=last_day(until).toordinal()) if until else None,
            ]
            return Query.boolean_query([(Occur.Must, span) for span in spans if span is not None])
        case ScoreFilter(low=low, high=high, strict=strict):
            # A side without a bound must be inclusive.
            return Query.range_query(
                schema,
                "score",
                FieldType.Float,
                low,
                high,
                include_lower=not strict or low is None,
                include_upper=not strict or high is None,
            )


def _span(snapshot: Snapshot, field: str, low: int | None = None, high: int | None = None) -> Query:
    return Query.range_query(snapshot.schema, field, FieldType.Unsigned, low, high)


def _author_query(snapshot: Snapshot, name: str) -> Query:
    """Exactly this name where papers have it; else its words side by side in one name, in either order."""
    schema = snapshot.schema
    key = name_key(name)
    if key and snapshot.frequency("author_key", key):
        return Query.term_query(schema, "author_key", key)
    return authors_named(snapshot, plain_words(name))


def authors_named(snapshot: Snapshot, words: Sequence[str]) -> Query:
    """The query for words that stand side by side in one name, in either order; no words find nothing."""
    orders = [words] if len(words) == 1 else [words, words[::-1]]
    return any_of(snapshot.phrase("authors", order) for order in orders if order)
