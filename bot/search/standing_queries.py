"""Standing queries: which of a few new papers match queries that were fixed when they were added.

A fixed query is what `/papers` asks for, with all its words: each word with its spelling variants,
decided once. So whether it matches a paper depends on that paper alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from pydantic import TypeAdapter

from bot.corpus.names import name_key
from bot.search.engine import Engine, Query
from bot.search.fields import Fields, id_of, paper_fields
from bot.search.filters import Limits, authors_named, limits_by
from bot.search.query import (
    AuthorFilter,
    Clause,
    CodeFilter,
    DateFilter,
    FieldFilter,
    ParsedQuery,
    Role,
    ScoreFilter,
    Term,
    words_alone,
    year_of,
)
from bot.search.snapshot import Snapshot
from bot.search.spelling import other_spellings
from bot.search.tantivy.engine import engine_holding
from bot.search.terms import IndexedTerm, cited_by_key, indexed
from bot.search.variants import MatchKind, number_parts
from bot.search.venues import VenueSaid, venues_said
from bot.store.papers import SearchedPaper
from bot.text.folding import are_stop_words, plain_words, stem

VERSION = 1
_MOST_PHRASES = 8
"""Combinations of spellings of a phrase that are sought, as many as `/papers` seeks."""

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
    """The query in its fixed form; the snapshot shows the spellings and names that papers have."""
    clauses = list(query.clauses)
    venues: dict[int, VenueSaid] = {}
    if snapshot is not None:
        clauses = [each for clause in clauses for each in cited_by_key(snapshot, clause) or (clause,)]
        said = venues_said(snapshot, clauses)
        venues = {id(clauses[place]): venue for venue in said for place in range(venue.start, venue.end)}
        beside = {place for venue in said for place in venue.beside}
        clauses = [clause for place, clause in enumerate(clauses) if place not in beside] or clauses
    informative = [clause for clause in clauses if not _is_uninformative(clause)] or clauses
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
        "all": _fixed_clauses(informative, snapshot, venues),
        "none": [[_fixed_term(term) for term in clause.terms] for clause in query.excluded],
        "filters": filters,
        "authors": authors,
        "paper": query.paper_id,
    }


def _fixed_clauses(
    clauses: Sequence[Clause], snapshot: Snapshot | None, venues: Mapping[int, VenueSaid]
) -> list[list[dict[str, Any]]]:
    """The clauses with the spellings of papers; beside other words, a year is also the date of papers.

    A venue is known by the names that papers have by now.
    """
    if snapshot is None:
        return [[_fixed_term(term) for term in clause.terms] for clause in clauses]
    found = indexed(snapshot, clauses)
    alone = words_alone(clauses)
    fixed: list[list[dict[str, Any]]] = []
    for clause, terms in zip(clauses, found, strict=True):
        fixed.append([])
        for term, looked_up in zip(clause.terms, terms, strict=True):
            year = None if looked_up.words in alone else year_of(looked_up.words)
            more: dict[str, Any] = {"year": year} if year else {}
            if (venue := venues.get(id(clause))) is not None:
                more["venues"] = list(venue.terms)
            fixed[-1].append(_with_spellings(_fixed_term(term), looked_up) | more)
    return fixed


def _with_spellings(fixed: dict[str, Any], term: IndexedTerm) -> dict[str, Any]:
    """A fixed term, as papers write it, too: with a joined or parted word, or an umlaut."""
    others = [
        each
        for each in term.variants
        if each.kind is not MatchKind.CORRECTION
        and not any(_is_among(each.stems, known) for known in fixed["ways"])
    ]
    if not others:
        return fixed
    spelt = [*fixed["ways"], *([[stemmed] for stemmed in each.stems] for each in others)]
    changed = (word for each in others for word in each.changed)
    variants = list(dict.fromkeys((*fixed["variants"], *changed)))
    names = [list(each.words) for each in others if not each.is_abbreviation]
    return fixed | {"ways": spelt, "variants": variants, "names": names}


def _is_among(stems: Sequence[str], known: Sequence[Sequence[str]]) -> bool:
    return len(stems) == len(known) and all(one in forms for one, forms in zip(stems, known, strict=True))


def variants_of(fixed: Fixed) -> tuple[str, ...]:
    """The spellings that count beside the typed ones."""
    return tuple(
        dict.fromkeys(
            spelling for clause in fixed["all"] for term in clause for spelling in term.get("variants", ())
        )
    )


def _is_uninformative(clause: Clause) -> bool:
    """Whether it consists of words such as "the", or of initials."""
    return all(
        term.role in {Role.INITIAL, Role.STOP_WORD, Role.ASKING}
        or (are_stop_words(term.words) and term.role is not Role.NAME)
        for term in clause.terms
    )


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
    if term.role is Role.NAME and are_stop_words(term.words):
        # "He et al." is about people whose name is He.
        joins = []
    variants = [spelling for each in spellings for spelling in each[1:]]
    return {"ways": joins, "name": list(term.words), "variants": variants}


def _stems(spellings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(stem(spelling) for spelling in spellings))


def _fixed_author(wanted: AuthorFilter, snapshot: Snapshot | None) -> dict[str, Any]:
    key = name_key(wanted.name)
    known = [
        field
        for field in ("author_key", "initials")
        if key and snapshot is not None and snapshot.frequency(field, key)
    ]
    exact = key if "author_key" in known else None
    words = [] if exact else plain_words(wanted.name)
    fixed = {"key": exact, "words": words, "negated": wanted.negated}
    return fixed | {"initials": key} if known == ["initials"] else fixed


class StandingQueries:
    """A few papers in an index in memory, to be asked with many fixed queries."""

    def __init__(
        self,
        rows: Sequence[SearchedPaper],
        attributed: Mapping[int, Sequence[str]],
        holding: Callable[[Iterable[Fields]], Engine] = engine_holding,
    ) -> None:
        """Take papers, the people on whose pages each stands, and what makes the engine."""
        self._engine = holding(paper_fields(row, attributed.get(row.id, ())) for row in rows)
        self._snapshot = Snapshot(self._engine)
        self._count = max(1, len(rows))

    def matching(self, fixed: Fixed) -> list[int]:
        """The ids of the papers that match, newest first."""
        return list(map(id_of, self._engine.newest(self._query(fixed), self._count)[1]))

    def _query(self, fixed: Fixed) -> Query:
        engine = self._engine
        filters = limits_by(self._snapshot, [_FILTERS[name](**values) for name, values in fixed["filters"]])
        needed, without = (
            [engine.any_of(self._queries(clause)) for clause in fixed[kind]] for kind in ("all", "none")
        )
        for author in fixed["authors"]:
            (without if author["negated"] else needed).append(self._author(author))
        if fixed["paper"] is not None:
            needed.append(engine.equal("id", fixed["paper"]))
        limits = Limits([*needed, *filters.needed], [*without, *filters.without]).among_papers(engine)
        return engine.all_of(limits.needed, without=limits.without)

    def _queries(self, terms: Sequence[dict[str, Any]]) -> Iterator[Query]:
        """Queries of which each finds papers that have one of the terms."""
        phrase = self._engine.phrase
        for term in terms:
            for variant in term["ways"]:
                most = None if len(variant) == 1 else _MOST_PHRASES
                yield from (phrase("text", _as_indexed(each)) for each in islice(product(*variant), most))
            for name in (term["name"], *term.get("names", ())):
                yield phrase("authors", _as_indexed(name))
            yield from (self._engine.equal("venue", name) for name in term.get("venues", ()))
            if "year" in term:
                dates = DateFilter(term["year"], term["year"])
                yield self._engine.all_of(limits_by(self._snapshot, [dates]).needed)

    def _author(self, author: dict[str, Any]) -> Query:
        if author["key"] is not None:
            return self._engine.equal("author_key", author["key"])
        if "initials" in author:
            return self._engine.equal("initials", author["initials"])
        return authors_named(self._engine, _as_indexed(author["words"]))


def _as_indexed(words: Iterable[str]) -> list[str]:
    """The words as the index has them; Korean may have been fixed before it was parted into syllables."""
    return [part for word in words for part in ((word,) if word.isascii() else plain_words(word))]
