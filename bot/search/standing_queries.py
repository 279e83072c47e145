"""Standing queries: which of a few new papers match queries that were fixed when they were added.

A fixed query is what `/papers` asks for, with all its words: each word with its spelling variants,
decided once. So whether it matches a paper depends on that paper alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from pydantic import TypeAdapter
from tantivy import Index, Occur, Query

from bot.corpus.names import name_key
from bot.search.filters import AuthorFilter, CodeFilter, DateFilter, FieldFilter, ScoreFilter, filter_clauses
from bot.search.query import Clause, Term
from bot.search.query import ParsedQuery as TypedQuery
from bot.search.schema import build_schema, id_of, paper_document, register_analyzers
from bot.search.snapshot import Snapshot
from bot.search.spelling import other_spellings
from bot.store.papers import PaperRow
from bot.text.folding import is_stop_word, plain_words, stem

VERSION = 1
_MOST_PHRASES = 8
_MEMORY = 16_000_000

_FILTERS: dict[str, type[FieldFilter | CodeFilter | DateFilter | ScoreFilter]] = {
    "field": FieldFilter,
    "code": CodeFilter,
    "date": DateFilter,
    "score": ScoreFilter,
}
_NAMES = {kind: name for name, kind in _FILTERS.items()}

Fixed = dict[str, Any]
"""A fixed query, as JSON."""


def fix_query(query: TypedQuery, snapshot: Snapshot | None = None) -> Fixed:
    """The query in its fixed form; the snapshot tells whether papers have an author's exact name."""
    telling = [clause for clause in query.clauses if not _is_idle(clause)] or list(query.clauses)
    filters: list[list[Any]] = []
    authors: list[dict[str, Any]] = []
    for wanted in query.filters:
        if isinstance(wanted, AuthorFilter):
            authors.append(_fixed_author(wanted, snapshot))
        else:
            values = TypeAdapter(type(wanted)).dump_python(wanted)
            filters.append([_NAMES[type(wanted)], values])
    return {
        "version": VERSION,
        "all": [[_fixed_term(term) for term in clause.terms] for clause in telling],
        "none": [[_fixed_term(term) for term in clause.terms] for clause in query.excluded],
        "filters": filters,
        "authors": authors,
        "paper": query.paper_id,
    }


def variants_of(fixed: Fixed) -> tuple[str, ...]:
    """The spellings that count beside the typed ones."""
    return tuple(
        dict.fromkeys(
            spelling for clause in fixed["all"] for term in clause for spelling in term.get("variants", ())
        )
    )


def _is_idle(clause: Clause) -> bool:
    """Whether it consists of words such as "the"."""
    return all(len(term.words) == 1 and is_stop_word(term.words[0]) for term in clause.terms)


def _fixed_term(term: Term) -> dict[str, Any]:
    spellings = [(word, *other_spellings(word)) for word in term.words]
    ways = [[_stems(each) for each in spellings]]
    if len(term.words) == 2 and not term.quoted:
        # "large-scale" is "largescale" as well.
        joined = "".join(term.words)
        ways.append([_stems((joined, *other_spellings(joined)))])
    variants = [spelling for each in spellings for spelling in each[1:]]
    return {"ways": ways, "name": list(term.words), "variants": variants}


def _stems(spellings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(stem(spelling) for spelling in spellings))


def _fixed_author(wanted: AuthorFilter, snapshot: Snapshot | None) -> dict[str, Any]:
    key = name_key(wanted.name)
    exact = bool(key) and snapshot is not None and bool(snapshot.frequency("author_key", key))
    words = [] if exact else plain_words(wanted.name)
    return {"key": key if exact else None, "words": words, "negated": wanted.negated}


class StandingQueries:
    """A few papers in an index in memory, to be asked with many fixed queries."""

    def __init__(self, rows: Sequence[PaperRow], attributed: Mapping[int, Sequence[str]]) -> None:
        self._schema = build_schema()
        index = Index(self._schema)
        register_analyzers(index)
        writer = index.writer(_MEMORY, 1)
        for row in rows:
            writer.add_document(paper_document(row, attributed.get(row.id, ())))
        writer.commit()
        index.reload()
        self._searcher = index.searcher()
        self._snapshot = Snapshot(self._searcher, self._schema)
        self._count = max(1, len(rows))

    def matching(self, fixed: Fixed) -> list[int]:
        """The ids of the papers that match, newest first."""
        hits = self._searcher.search(
            self._query(fixed), limit=self._count, count=False, order_by_field="order"
        ).hits
        return [id_of(int(order)) for order, _ in hits]

    def _query(self, fixed: Fixed) -> Query:
        parts: list[tuple[Occur, Query]] = []
        for occur, clauses in ((Occur.Must, fixed["all"]), (Occur.MustNot, fixed["none"])):
            parts += [(occur, self._any_of(clause)) for clause in clauses]
        for author in fixed["authors"]:
            occur = Occur.MustNot if author["negated"] else Occur.Must
            parts.append((occur, self._author(author)))
        parts += filter_clauses(
            self._snapshot, [_FILTERS[name](**values) for name, values in fixed["filters"]]
        )
        if fixed["paper"] is not None:
            parts.append((Occur.Must, Query.term_query(self._schema, "id", fixed["paper"])))
        if all(occur is not Occur.Must for occur, _ in parts):
            parts.append((Occur.Must, Query.term_query(self._schema, "kind", "paper")))
        return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)

    def _any_of(self, terms: Sequence[dict[str, Any]]) -> Query:
        queries = [query for term in terms for query in self._containing(term)]
        if len(queries) == 1:
            return queries[0]
        return Query.boolean_query([(Occur.Should, query) for query in queries])

    def _containing(self, term: dict[str, Any]) -> list[Query]:
        found: list[Query] = []
        for way in term["ways"]:
            if len(way) == 1:
                found += [Query.term_query(self._schema, "text", stemmed) for stemmed in way[0]]
            else:
                phrases = zip(product(*way), range(_MOST_PHRASES), strict=False)
                found += [Query.phrase_query(self._schema, "text", list(phrase)) for phrase, _ in phrases]
        found.append(self._words("authors", term["name"]))
        return found

    def _author(self, author: dict[str, Any]) -> Query:
        if author["key"] is not None:
            return Query.term_query(self._schema, "author_key", author["key"])
        words = author["words"]
        if not words:
            return Query.empty_query()
        orders = [words] if len(words) == 1 else [words, words[::-1]]
        return Query.boolean_query([(Occur.Should, self._words("authors", order)) for order in orders])

    def _words(self, field: str, words: Sequence[str]) -> Query:
        if len(words) == 1:
            return Query.term_query(self._schema, field, words[0])
        return Query.phrase_query(self._schema, field, list(words))
