"""The words of a query as terms of the index, and the clauses that they make."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import accumulate, islice, pairwise, product

from bot.search.engine import Query
from bot.search.query import Clause, Role, Term
from bot.search.snapshot import Snapshot
from bot.search.spelling import MOST_OWN, corrections, is_in_texts, other_spellings, papers_with
from bot.text.folding import are_stop_words, is_stop_word, stem

_MOST_VARIANTS = 8
"""Combinations of spellings of a phrase that are searched: each one more is another phrase query.

Without any SciTLDR loses .002; 16 change nothing.
"""
_PHRASE_LIMIT = 20_000
"""Where so many papers have both halves of a word, phrases are counted in titles alone, which is faster.

With 0 misspelt authors lose .004; twice as much changes nothing at 75,000 papers.
"""
_TEXTS_PER_NAME = 10
"""A word may be a name where texts of fewer than so many times as many papers have it as names do.

With 0, so that none is a name, misspelt authors lose .147; with 20 nothing changes.
"""


class MatchKind(IntEnum):
    """How surely a paper has what was typed, best first."""

    EXACT = 0
    """The words themselves, their endings left aside."""
    SPELLING = 1
    """The same words in another spelling, joined or split."""
    CORRECTION = 2
    """Words that differ by a letter or two from ones that no paper has, or at most `MOST_OWN` papers."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a term: words that stand side by side."""

    words: tuple[str, ...]
    kind: MatchKind = MatchKind.EXACT
    changed: tuple[str, ...] = ()
    """Those of its words that were typed otherwise."""
    weight: float = 1.0
    stems: tuple[str, ...] = field(init=False)
    """Its words without their endings."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stems", tuple(map(stem, self.words)))


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
        self.is_uninformative = are_stop_words(words) and role is not Role.NAME
        """Whether no paper needs it, as "the"."""
        self.variants = tuple(_variants(snapshot, words, beside))
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
            if each.kind is MatchKind.SPELLING
        ]

    def in_names(self, kind: MatchKind = MatchKind.CORRECTION) -> list[Query]:
        """Those queries that find it in names."""
        return [query for each, query in self._in_names if each.kind <= kind]

    def or_found_by(self, query: Query) -> IndexedTerm:
        """The same term, which papers contain as well that a query finds."""
        found = copy(self)
        found.in_texts = [*self.in_texts, (self.variants[0], query)]
        found.is_surely_found = True
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
            if variant.kind is not MatchKind.CORRECTION
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


def _variants(
    snapshot: Snapshot, words: tuple[str, ...], beside: tuple[Variant, ...] | None
) -> list[Variant]:
    """The variants of these words; of quoted ones (`beside` is None) only spellings."""
    variants = {words: Variant(words)}
    others = _spelling_variants(snapshot, words)
    if beside is not None:
        parted = [*_split(snapshot, words), *_with_numbers(snapshot, words)]
        others += [*joined(snapshot, words), *beside, *parted]
        if not parted or is_in_texts(snapshot, "".join(words)):
            others += _corrected_variants(snapshot, words)
    for other in others:
        variants.setdefault(other.words, other)
    return list(variants.values())


def _spelling_variants(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    if not any(map(other_spellings, words)):
        return []
    spellings = [(word, *_known(snapshot, other_spellings(word))) for word in words]
    return [
        Variant(
            variant,
            MatchKind.SPELLING,
            tuple(new for new, old in zip(variant, words, strict=True) if new != old),
        )
        for variant in islice(product(*spellings), 1, _MOST_VARIANTS)
    ]


def _known(snapshot: Snapshot, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if snapshot.frequency("words", word)]


def joined(snapshot: Snapshot, words: tuple[str, ...], kind: MatchKind = MatchKind.SPELLING) -> list[Variant]:
    """The two words of "large-scale", or two neighbours, written as one."""
    if len(words) != 2:
        return []
    both = "".join(words)
    return [Variant((word,), kind, (word,)) for word in _known(snapshot, (both, *other_spellings(both)))]


def _split(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """The two words of "largescale", where papers have them more often than the one."""
    if len(words) != 1 or not words[0].isalpha():
        return []
    [word] = words
    own = snapshot.frequency("words", word)
    if not own and not snapshot.frequency("authors", word):
        names = _split_name(snapshot, word)
        if names:
            return names
    best, often = None, own
    for place in range(1, len(word) - 1):
        halves = word[:place], word[place:]
        # The second half is looked up only where the first one is a frequent word.
        are_words = all(snapshot.frequency("words", half) > often for half in halves)
        if are_words and halves[0] != "s" and not any(map(is_stop_word, halves)):
            best, often = halves, min(snapshot.frequency("words", half) for half in halves)
    if best is None:
        return []
    variant = Variant(best, MatchKind.SPELLING, (" ".join(best),))
    if often < _PHRASE_LIMIT:
        phrase = snapshot.engine.phrase("text", variant.stems)
    else:
        phrase = snapshot.engine.phrase("title_words", variant.words)
        own = snapshot.frequency("title_words", word)
    return [variant] if snapshot.engine.count(phrase) > own else []


_THOUSAND = "000"
_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")


def _with_numbers(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """Words with numbers as others part and join them: "gpt3" and "gpt 3", "38ca" and "ca 38"."""
    if not any(map(_has_digit, words)):
        return []
    forms: dict[tuple[str, ...], None] = {("".join(words),): None} if len(words) > 1 else {}
    for place, word in enumerate(words):
        before, after = words[:place], words[place + 1 :]
        if after and (_has_digit(word) or _has_digit(after[0])):
            forms[*before, word + after[0], *after[1:]] = None
        for parts in number_parts(word):
            forms[*before, *parts, *after] = None
    if len(words) == 2:
        forms |= dict.fromkeys(number_parts("".join(words)))
    return [
        Variant(form, MatchKind.SPELLING, (" ".join(form),))
        for form in forms
        if all(snapshot.frequency("words", word) for word in form) and _is_found(snapshot, form)
    ][:_MOST_VARIANTS]


def _is_found(snapshot: Snapshot, words: tuple[str, ...]) -> bool:
    """Whether a paper has the words side by side."""
    phrase = snapshot.engine.phrase("text", tuple(map(stem, words)))
    return len(words) == 1 or snapshot.engine.finds(phrase)


def _has_digit(word: str) -> bool:
    return not word.isalpha()


def number_parts(word: str) -> Iterator[tuple[str, ...]]:
    """The ways to part a word at its numbers; of letters of an element and a number also the other order."""
    parts = tuple(_LETTERS_OR_DIGITS.findall(word))
    if len(word) > len(_THOUSAND) and word.isdigit():
        yield tuple(f"{int(word):,}".split(","))
    if len(parts) < 2:
        return
    yield parts
    ends = list(accumulate(map(len, parts)))[:-1]
    # "yolov8" is "yolo v8" too.
    ends += [end - 1 for end in ends if word[end].isdigit() and end > 1]
    for end in ends:
        yield word[:end], word[end:]
    if len(parts) == 2 and min(map(len, parts)) <= 2 and max(map(len, parts)) <= 3:
        yield parts[::-1]
        yield (parts[1] + parts[0],)


def _split_name(snapshot: Snapshot, word: str) -> list[Variant]:
    """The two names of "guanbinli", where an author has both."""
    found: list[Variant] = []
    for place in range(1, len(word)):
        names = word[:place], word[place:]
        if all(snapshot.frequency("authors", name) for name in names):
            together = snapshot.engine.phrase("authors", names)
            if snapshot.engine.finds(together):
                found.append(Variant(names, MatchKind.SPELLING, (" ".join(names),)))
    return found


def _corrected_variants(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    corrected = [corrections(snapshot, word) for word in words]
    if len(words) == 1:
        return [
            Variant((spelling,), MatchKind.CORRECTION, (spelling,), one.share)
            for one in corrected[0]
            for spelling in (one.word, *_known(snapshot, other_spellings(one.word)))
        ]
    best = tuple(found[0].word if found else word for word, found in zip(words, corrected, strict=True))
    changed = tuple(new for new, old in zip(best, words, strict=True) if new != old)
    return (
        [Variant(best, MatchKind.CORRECTION, changed), *joined(snapshot, best, MatchKind.CORRECTION)]
        if changed
        else []
    )


def separate_unmatched(snapshot: Snapshot, clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses; where no paper has a variant of joined words ("Jui-Mnig"), each word is a clause."""
    return [
        each
        for clause in clauses
        for each in (separate_words(clause) if _is_unmatched(snapshot, clause) else (clause,))
    ]


def separate_words(clause: Clause) -> list[Clause]:
    """Each of its words as a clause of its own."""
    return [Clause((replace(term, words=(word,)),)) for term in clause.terms for word in term.words]


def _is_unmatched(snapshot: Snapshot, clause: Clause) -> bool:
    [term, *others] = clause.terms
    is_joined = not others and len(term.words) > 1 and not term.quoted
    return is_joined and not IndexedTerm.of(snapshot, term).is_found(snapshot)


def indexed(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[list[IndexedTerm]]:
    """Look the terms up; variants of neighbours may join them."""
    beside: list[list[Variant]] = [[] for _ in clauses]
    for place, (one, other) in enumerate(pairwise(map(_bare_term, clauses))):
        if one and other:
            variants = _beside(snapshot, one, other)
            beside[place] += variants
            beside[place + 1] += variants
    return [
        [IndexedTerm.of(snapshot, term, tuple(variants)) for term in clause.terms]
        for clause, variants in zip(clauses, beside, strict=True)
    ]


def _bare_term(clause: Clause) -> Term | None:
    """The term of a clause that may be joined with its neighbour: a word, or a number such as "2.5"."""
    [term, *others] = clause.terms
    is_bare = not others and not term.quoted and not is_stop_word(term.words[0])
    return term if is_bare and (len(term.words) == 1 or all(map(str.isdigit, term.words))) else None


def _beside(snapshot: Snapshot, one: Term, other: Term) -> list[Variant]:
    """Variants that join two neighbours into one word, also as they were likely meant."""
    words = *one.words, *other.words
    if len(words) > 2:
        number = (one.words[0] + other.words[0], *other.words[1:])
        is_known = len(one.words) == 1 and _is_found(snapshot, number)
        return [Variant(number, MatchKind.SPELLING, (" ".join(number),))] if is_known else []
    variants = joined(snapshot, words)
    if not all(snapshot.frequency("text", stem(word)) for word in words):
        meant = [IndexedTerm.of(snapshot, term).likeliest.words for term in (one, other)]
        variants += joined(snapshot, (*meant[0], *meant[1]), MatchKind.CORRECTION)
    return list(dict.fromkeys(variants))


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
        if all(term.is_uninformative for term in clause) and all(term.frequency <= most for term in clause)
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
