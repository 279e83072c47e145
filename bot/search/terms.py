"""The words of a query as terms of the index, and the clauses that they make."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.search.abbreviations import add_abbreviations
from bot.search.engine import Query
from bot.search.query import Clause, Role, Term, full_year
from bot.search.snapshot import Snapshot
from bot.search.spelling import MOST_OWN, is_in_texts, papers_with
from bot.search.variants import (
    MatchKind,
    Variant,
    is_found,
    joined,
    variants_of_words,
    with_letters,
    with_numbers,
    with_numerals,
)
from bot.text.folding import are_stop_words, is_stop_word, plain_words, stem

_TEXTS_PER_NAME = 10
"""A word may be a name where texts of fewer than so many times as many papers have it as names do.

With 0, so that none is a name, misspelt authors lose .147; with 20 nothing changes.
"""


@dataclass(frozen=True, slots=True)
class ScoringWord:
    """A word that counts for the ranking of papers."""

    stem: str
    word: str
    factor: float
    """By how much its BM25 score is multiplied."""
    kind: MatchKind
    is_half: bool
    """Whether it is only a part of what was typed as one word; alone it finds no paper."""


class IndexedTerm:
    """A word or phrase of a query with its variants, looked up in the index."""

    def __init__(
        self,
        snapshot: Snapshot,
        words: tuple[str, ...],
        beside: tuple[Variant, ...] | None,
        role: Role = Role.WORD,
    ) -> None:
        self.words = words
        self.role = role
        self.is_uninformative = (are_stop_words(words) and role is not Role.NAME) or (
            role in {Role.STOP_WORD, Role.ASKING}
        )
        """Whether no paper needs it, as "the"."""
        self.variants = tuple(variants_of_words(snapshot, words, beside))
        frequencies = [min(papers_with(snapshot, word) for word in each.words) for each in self.variants]
        self.is_corrected = any(each.kind is MatchKind.CORRECTION for each in self.variants)
        """Whether corrections of it are searched too."""
        own = self._own_frequency(snapshot, frequencies)
        self.is_rare = self.is_corrected and 0 < own <= MOST_OWN
        """Whether one or two papers have it, and corrections of it are searched all the same."""
        self.frequency = own or sum(frequencies)
        """An upper bound of the papers that have it; where none has, of those that have a correction."""
        self.weight = _weight(snapshot, words, self.frequency)
        """Its inverse document frequency; of a phrase, the sum over its words."""
        self._corrected_weight = min(self.weight, snapshot.rarity(sum(frequencies)))
        known = (each for each, frequency in zip(self.variants, frequencies, strict=True) if frequency)
        self.likeliest = next(known, self.variants[0])
        """The first variant that papers have: what was typed, else what was most likely meant."""
        self.corrected_words = tuple(
            dict.fromkeys(
                word for each in self.variants if each.kind is MatchKind.CORRECTION for word in each.changed
            )
        )
        """The words of its corrections that were typed otherwise."""
        self.venues: tuple[str, ...] = ()
        """Names of the venue that it is meant as, as the index has them."""
        self.is_word = all(len(each.words) == 1 for each in self.variants)
        """Whether every variant is a single word."""
        factors = [
            each.weight
            if own and each.kind is MatchKind.CORRECTION
            else self._factor(snapshot, each, frequency)
            for each, frequency in zip(self.variants, frequencies, strict=True)
        ]
        self.scoring = tuple(
            ScoringWord(stemmed, word, factor, each.kind, len(each.words) > len(words))
            for each, factor in zip(self.variants, factors, strict=True)
            for stemmed, word in zip(each.stems, each.words, strict=True)
        )
        """Each word of each variant, whether or not they stand side by side."""
        self._look_up(snapshot, factors)

    def _look_up(self, snapshot: Snapshot, factors: Sequence[float]) -> None:
        """Make the queries for the variants that texts and names may have."""
        self.in_texts: list[tuple[Variant, Query]] = []
        self._in_names: list[tuple[Variant, Query]] = []
        self.is_surely_found = False
        engine = snapshot.engine
        texts = names = 0
        # "He et al." is about people whose name is He.
        is_name_alone = self.role is Role.NAME and are_stop_words(self.words)
        for each, factor in zip(self.variants, factors, strict=True):
            in_texts = min([snapshot.frequency("text", stemmed) for stemmed in each.stems])
            in_names = min([snapshot.frequency("authors", word) for word in each.words])
            in_names = 0 if each.is_abbreviation else in_names
            if in_texts and not is_name_alone:
                self.in_texts.append((each, engine.weighted(engine.phrase("text", each.stems), factor)))
            if in_names:
                query = engine.weighted(engine.phrase("authors", each.words), each.weight)
                self._in_names.append((each, query))
            self.is_surely_found |= len(each.words) == 1 and in_texts > 0
            texts, names = texts + in_texts, names + in_names
        self.is_name = names * _TEXTS_PER_NAME > texts or is_name_alone
        """Whether it may be meant as a name."""

    @classmethod
    def of(cls, snapshot: Snapshot, term: Term, beside: tuple[Variant, ...] = ()) -> IndexedTerm:
        """Look a term up; `beside` are variants that join it with its neighbour."""
        wanted = term.words, None if term.quoted else beside, term.role
        return snapshot.cached(("term", *wanted), lambda: cls(snapshot, *wanted))

    def containing(self, kind: MatchKind = MatchKind.CORRECTION) -> list[Query]:
        """Queries of which each finds papers that contain it, in title, abstract or names."""
        return [query for each, query in (*self.in_texts, *self._in_names) if each.kind <= kind]

    def containing_by(self, kind: MatchKind) -> list[Query]:
        """Those queries that find variants of just this kind."""
        return [query for each, query in (*self.in_texts, *self._in_names) if each.kind is kind]

    def respelt(self) -> list[tuple[Variant, Query]]:
        """Its other spellings that papers have, and what finds each."""
        return [
            (each, query)
            for each, query in (*self.in_texts, *self._in_names)
            if each.kind is MatchKind.SPELLING or each.is_abbreviation
        ]

    def abbreviated(self) -> list[Query]:
        """Queries that find what it abbreviates, written out."""
        return [query for each, query in self.in_texts if each.is_abbreviation and len(each.words) > 1]

    def in_names(self, kind: MatchKind = MatchKind.CORRECTION) -> list[Query]:
        """Those queries that find it in names."""
        return [query for each, query in self._in_names if each.kind <= kind]

    def or_found_by(self, query: Query) -> IndexedTerm:
        """The same term, which papers contain as well that a query finds."""
        found = copy(self)
        found.in_texts = [*self.in_texts, (self.variants[0], query)]
        found.is_surely_found = True
        return found

    def or_of_venue(self, query: Query, names: Sequence[str]) -> IndexedTerm:
        """The same term, which papers have as well that are of a venue; then it is spelt as meant."""
        found = self.or_found_by(query)
        found.venues, found.is_word, found.is_corrected, found.is_rare = tuple(names), False, False, False
        found.corrected_words = ()
        correction = MatchKind.CORRECTION
        found.variants = tuple(each for each in found.variants if each.kind is not correction)
        found.in_texts = [(each, query) for each, query in found.in_texts if each.kind is not correction]
        found._in_names = [(each, query) for each, query in found._in_names if each.kind is not correction]  # noqa: SLF001
        found.scoring = tuple(each for each in found.scoring if each.kind is not correction)
        return found

    def found_only_by(self, query: Query) -> IndexedTerm:
        """The same term, which papers contain only where a query finds them."""
        found = copy(self)
        found.in_texts, found._in_names, found.scoring = [(self.variants[0], query)], [], ()  # noqa: SLF001
        found.is_uninformative, found.is_surely_found = False, True
        return found

    def as_uninformative(self) -> IndexedTerm:
        """The same term, which no paper needs."""
        found = copy(self)
        found.is_uninformative = True
        return found

    def weight_by(self, kind: MatchKind) -> float:
        """Its weight in a paper that has a variant of this kind."""
        return self._corrected_weight if kind is MatchKind.CORRECTION else self.weight

    def is_found(self, snapshot: Snapshot) -> bool:
        """Whether any paper contains it."""
        return self.is_surely_found or snapshot.cached(
            ("found", self.variants),
            lambda: any(map(snapshot.engine.finds, self.containing())),
        )

    def _own_frequency(self, snapshot: Snapshot, frequencies: Sequence[int]) -> int:
        """An upper bound of the papers that have variants of it that are no corrections."""
        if self.is_corrected and not any(is_in_texts(snapshot, word) for word in self.words):
            # That papers have its stem may be chance.
            return 0
        return sum(
            own
            for variant, own in zip(self.variants, frequencies, strict=True)
            if variant.kind is not MatchKind.CORRECTION and not variant.is_abbreviation
        )

    def _factor(self, snapshot: Snapshot, variant: Variant, own: int) -> float:
        """A factor by which a rare variant scores no more than the term as a whole."""
        if len(self.variants) == 1 or len(variant.words) > 1 or not own:
            return variant.weight
        return variant.weight * snapshot.rarity(self.frequency) / snapshot.rarity(own)


def _weight(snapshot: Snapshot, words: tuple[str, ...], frequency: int) -> float:
    if len(words) == 1:
        return snapshot.rarity(frequency)
    return sum(snapshot.rarity(papers_with(snapshot, word)) for word in words)


def separate_unmatched(snapshot: Snapshot, clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses; where no paper has a variant of joined words ("Jui-Mnig"), each word is a clause.

    A key such as "vaswani2017" is a name and a year.
    """
    return [
        each
        for clause in clauses
        for each in (
            cited_by_key(snapshot, clause)
            or (separate_words(clause) if _is_unmatched(snapshot, clause) else (clause,))
        )
    ]


_CITATION_KEY = re.compile(r"([^\W\d]{2,})((?:19|20)\d\d|\d\d)(?:[a-f]|([^\W\d]{3,}))?")
"""As in "vaswani2017attention" and "vaswani17b"."""


def cited_by_key(snapshot: Snapshot, clause: Clause) -> list[Clause]:
    """The name, the year and perhaps a word of the title that a key of a citation is made of."""
    [term, *others] = clause.terms
    key = _CITATION_KEY.fullmatch(term.words[0])
    if key is None or others or term.quoted or len(term.words) > 1:
        return []
    name, year, word = key.groups()
    is_name = snapshot.frequency("authors", name) or snapshot.venues.named((name,))
    if not is_name or IndexedTerm.of(snapshot, term).is_found(snapshot):
        return []
    words = [(name, Role.NAME), (full_year(year), Role.WORD), *([(word, Role.WORD)] if word else [])]
    return [Clause((replace(term, words=(each,), role=role),)) for each, role in words]


_BETWEEN_NOUNS = re.compile(
    r"(?<=[\u30a0-\u30ff\u4e00-\u9fff])"
    r"(?:について|における|に対する|に関する|に基づく|による|を用いた|を使った|のための|とは|での|への|からの|[のはがをにでともへ]|的)"
    r"|^(?:基于|关于|關於|用于|针对|面向)"
)
"""What stands between the nouns of a phrase in Japanese and Chinese, which have no blanks."""


def separate_words(clause: Clause) -> list[Clause]:
    """Each of its words as a clause of its own; in Chinese and Japanese its nouns."""
    return [
        Clause((replace(term, words=words),))
        for term in clause.terms
        for words in (_nouns(term.typed) or [(word,) for word in term.words])
    ]


def _nouns(text: str) -> list[tuple[str, ...]]:
    parts = _BETWEEN_NOUNS.sub(" ", text) if not text.isascii() else text
    return [tuple(plain_words(noun)) for noun in parts.split()] if parts != text else []


def _is_unmatched(snapshot: Snapshot, clause: Clause) -> bool:
    [term, *others] = clause.terms
    is_joined = not others and len(term.words) > 1 and not term.quoted
    return is_joined and not IndexedTerm.of(snapshot, term).is_found(snapshot)


def indexed(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[list[IndexedTerm]]:
    """Look the terms up; variants of neighbours may join them."""
    beside: list[list[Variant]] = [[] for _ in clauses]
    bare = list(map(_bare_term, clauses))
    for place, (one, other) in enumerate(pairwise(bare)):
        if one and other:
            variants = _beside(snapshot, one, other)
            beside[place] += variants
            beside[place + 1] += variants
            if (
                place
                and (first := bare[place - 1])
                and (variant := _about_number(snapshot, first, one, other))
            ):
                for of_clause in beside[place - 1 : place + 2]:
                    of_clause.append(variant)
    add_abbreviations(snapshot, list(map(_lone_term, clauses)), beside)
    return [
        [IndexedTerm.of(snapshot, term, tuple(variants)) for term in clause.terms]
        for clause, variants in zip(clauses, beside, strict=True)
    ]


def _lone_term(clause: Clause) -> Term | None:
    """The term of a clause that may be abbreviated, or a part of what is: no phrase, name or alternative."""
    [term, *others] = clause.terms
    return term if not others and not term.quoted and term.role in {Role.WORD, Role.STOP_WORD} else None


def _bare_term(clause: Clause) -> Term | None:
    """The term of a clause that may be joined with its neighbour: a word, or one with a number, as "5-HT"."""
    [term, *others] = clause.terms
    is_bare = not others and not term.quoted and not is_stop_word(term.words[0])
    return term if is_bare and (len(term.words) == 1 or any(map(str.isdigit, term.words))) else None


def _about_number(snapshot: Snapshot, first: Term, number: Term, last: Term) -> Variant | None:
    """The variant that joins a number with the words before and behind it, as in "word 2 vec"."""
    words = [*first.words, *number.words, *last.words]
    if len(words) > 3 or not number.words[0].isdigit() or not snapshot.frequency("words", "".join(words)):
        return None
    return Variant(("".join(words),), MatchKind.SPELLING, ("".join(words),))


def _beside(snapshot: Snapshot, one: Term, other: Term) -> list[Variant]:
    """Variants that join or part two neighbours otherwise, also as they were likely meant."""
    words = *one.words, *other.words
    if len(words) > 2:
        whole = (*one.words[:-1], one.words[-1] + other.words[0], *other.words[1:])
        is_known = not whole[len(one.words) - 1].isalpha() and is_found(snapshot, whole)
        return [Variant(whole, MatchKind.SPELLING, (" ".join(whole),))] if is_known else []
    variants = joined(snapshot, words)
    if not all(snapshot.frequency("text", stem(word)) for word in words):
        meant = [IndexedTerm.of(snapshot, term).likeliest.words for term in (one, other)]
        variants += joined(snapshot, (*meant[0], *meant[1]), MatchKind.CORRECTION)
    variants += [*with_numbers(snapshot, words), *with_numerals(snapshot, words)]
    return list(dict.fromkeys((*variants, *with_letters(snapshot, words))))


class IndexedClause(list[IndexedTerm]):
    """The terms of a clause, of which a paper needs one."""

    emphasis: float = 1.0
    """By how much its score is multiplied: the root of how often it was typed, whatever its endings."""


def informative_terms(clauses: Sequence[Sequence[IndexedTerm]]) -> list[IndexedClause]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = _distinct(clauses)
    return [clause for clause in distinct if not all(term.is_uninformative for term in clause)] or distinct


def stop_words_of(snapshot: Snapshot, clauses: Sequence[Sequence[IndexedTerm]]) -> list[IndexedClause]:
    """Each stop word once, but for those that most papers have: no paper needs them, but they can rank."""
    most = snapshot.engine.papers // 2
    return [
        clause
        for clause in _distinct(clauses)
        if all(term.is_uninformative and term.role is not Role.ASKING for term in clause)
        and all(term.frequency <= most for term in clause)
    ]


def _distinct(clauses: Sequence[Sequence[IndexedTerm]]) -> list[IndexedClause]:
    """Each clause once, whatever the endings of its words; one that was typed again is emphasised."""
    alike: defaultdict[tuple[tuple[str, ...], ...], list[Sequence[IndexedTerm]]] = defaultdict(list)
    for terms in clauses:
        alike[tuple(term.variants[0].stems for term in terms)].append(terms)
    distinct: list[IndexedClause] = []
    for typed in alike.values():
        clause = IndexedClause(typed[0])
        clause.emphasis = math.sqrt(len(typed))
        distinct.append(clause)
    return distinct


Clauses = Sequence[IndexedClause]


def are_words(terms: Sequence[IndexedTerm]) -> bool:
    """Whether all variants of a clause are single words."""
    return all(term.is_word for term in terms)


def weight_of(terms: Sequence[IndexedTerm], kind: MatchKind = MatchKind.EXACT) -> float:
    """The weight of a clause in a paper that has it by variants of this kind: the least of its terms."""
    return min(term.weight_by(kind) for term in terms)


def words_in(
    snapshot: Snapshot,
    field: str,
    clauses: Clauses,
    kind: MatchKind = MatchKind.CORRECTION,
    weight: float = 1.0,
) -> list[Query]:
    """A scoring query for each word of the variants, up to this kind, that papers have in a field."""
    engine = snapshot.engine
    is_exact = field == "words"
    factors: dict[str, float] = {}
    for terms in clauses:
        emphasis = terms.emphasis
        for term in terms:
            for scored in term.scoring:
                if scored.kind > kind or (scored.is_half and not is_exact):
                    continue
                text = scored.word if is_exact else scored.stem
                factor = scored.factor * emphasis
                if factor > factors.get(text, 0.0):
                    factors[text] = factor
    return [
        engine.weighted(engine.term(field, text), weight * factor)
        for text, factor in factors.items()
        if snapshot.frequency(field, text)
    ]
