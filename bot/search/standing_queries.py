"""Standing queries: which of a few new papers match queries that were fixed when they were added.

A fixed query is what `/papers` asks for, with all its words: each word with its spelling variants,
decided once. So whether it matches a paper depends on that paper alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from pydantic import TypeAdapter
from tantivy import Index, Occur, Query

from bot.corpus.names import name_key
from bot.search.filters import among_papers, authors_named, filter_clauses
from bot.search.query import (
    AuthorFilter,
    Clause,
    CodeFilter,
    DateFilter,
    FieldFilter,
    ParsedQuery,
    ScoreFilter,
    Term,
)
from bot.search.schema import build_schema, id_of, paper_document, register_analyzers
from bot.search.snapshot import Snapshot
from bot.search.spelling import other_spellings
from bot.search.terms import any_of, number_parts
from bot.store.papers import SearchedPaper
from bot.text.folding import are_stop_words, plain_words, stem

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


def fix_query(query: ParsedQuery, snapshot: Snapshot | None = None) -> Fixed:
    """The query in its fixed form; the snapshot shows whether papers have an author's exact name."""
    informative = [clause for clause in query.clauses if not _is_uninformative(clause)] or list(query.clauses)
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
        "all": [[_fixed_term(term) for term in clause.terms] for clause in informative],
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


def _is_uninformative(clause: Clause) -> bool:
    """Whether it consists of words such as "the"."""
    return all(are_stop_words(term.words) for term in clause.terms)


def _fixed_term(term: Term) -> dict[str, Any]:
    spellings = [(word, *other_spellings(word)) for word in term.words]
    joins = [[_stems(each) for each in spellings]]
    if len(term.words) == 2 and not term.quoted:
        # "large-scale" is "largescale" as well.
        joined = "".join(term.words)
        joins.append([_stems((joined, *other_spellings(joined)))])
    if not term.quoted:
        # "GPT3", "GPT-3" and "GPT 3" are one.
        joins += [[[stem(part)] for part in parts] for parts in number_parts("".join(term.words))]
    variants = [spelling for each in spellings for spelling in each[1:]]
    return {"ways": joins, "name": list(term.words), "variants": variants}


def _stems(spellings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(stem(spelling) for spelling in spellings))


def _fixed_author(wanted: AuthorFilter, snapshot: Snapshot | None) -> dict[str, Any]:
    key = name_key(wanted.name)
    exact = bool(key) and snapshot is not None and bool(snapshot.frequency("author_key", key))
    words = [] if exact else plain_words(wanted.name)
    return {"key": key if exact else None, "words": words, "negated": wanted.negated}


class StandingQueries:
    """A few papers in an index in memory, to be asked with many fixed queries."""

    def __init__(self, rows: Sequence[SearchedPaper], attributed: Mapping[int, Sequence[str]]) -> None:
        self._schema = build_schema()
        index = Index(self._schema)
        register_analyzers(index)
        writer = index.writer(_MEMORY, 1)
        for row in rows:
            writer.add_document(paper_document(row, attributed.get(row.id, ())))
        writer.commit()
        index.reload()
        self._snapshot = Snapshot(index.searcher(), self._schema)
        self._count = max(1, len(rows))

    def matching(self, fixed: Fixed) -> list[int]:
        """The ids of the papers that match, newest first."""
        return list(map(id_of, self._snapshot.newest(self._query(fixed), self._count)[1]))

    def _query(self, fixed: Fixed) -> Query:
        parts: list[tuple[Occur, Query]] = []
        for occur, clauses in ((Occur.Must, fixed["all"]), (Occur.MustNot, fixed["none"])):
            parts += [(occur, any_of(self._queries(clause))) for clause in clauses]
        for author in fixed["authors"]:
            occur = Occur.MustNot if author["negated"] else Occur.Must
            parts.append((occur, self._author(author)))
        parts += filter_clauses(
            self._snapshot, [_FILTERS[name](**values) for name, values in fixed["filters"]]
        )
        if fixed["paper"] is not None:
            parts.append((Occur.Must, Query.term_query(self._schema, "id", fixed["paper"])))
        return Query.boolean_query(among_papers(self._snapshot, parts))

    def _queries(self, terms: Sequence[dict[str, Any]]) -> Iterator[Query]:
        """Queries of which each finds papers that have one of the terms."""
        phrase = self._snapshot.phrase
        for term in terms:
            for variant in term["ways"]:
                most = None if len(variant) == 1 else _MOST_PHRASES
                yield from (phrase("text", _as_indexed(each)) for each in islice(product(*variant), most))
            yield phrase("authors", _as_indexed(term["name"]))

    def _author(self, author: dict[str, Any]) -> Query:
        if author["key"] is not None:
            return Query.term_query(self._schema, "author_key", author["key"])
        return authors_named(self._snapshot, _as_indexed(author["words"]))


def _as_indexed(words: Iterable[str]) -> list[str]:
    """The words as the index has them; Korean may have been fixed before it was parted into syllables."""
    return [part for word in words for part in ((word,) if word.isascii() else plain_words(word))]
