"""The words of a query as terms of the index, and the clauses that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import islice, pairwise, product

from tantivy import Occur, Query

from bot.search.query import Clause, Term
from bot.search.snapshot import Snapshot
from bot.search.spelling import MOST_OWN, guesses, is_written, other_spellings, papers_with
from bot.text.folding import is_stop_word, stem

_MOST_WAYS = 8
_SHORTEST_HALF = 3
"""Letters of the shortest word that another may have been joined with."""
_SHORTEST_NAME = 2
"""And of the shortest name."""
_FREQUENT, _FREQUENT_SHARE = 1_000, 50
"""A word that so many papers have, at least one in so many, is written as one."""
_CERTAIN = 100
"""Words of which each is in one of so many papers stand side by side somewhere."""
_OFTEN = 20_000
"""Where so many papers have both halves of a word, titles alone tell how often they stand side by side."""
_TEXTS_A_NAME = 10
"""A word is more than a name by chance where at most so many times as many papers have it in their texts."""


class MatchKind(IntEnum):
    """How surely a paper has what was typed, best first."""

    TYPED = 0
    """The words themselves, their endings left aside."""
    SPELLING = 1
    """The same words as others spell, join or split them."""
    GUESS = 2
    """Corrections: words that differ by a letter or two from ones that no paper has, or one or two."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a term: words that stand side by side."""

    words: tuple[str, ...]
    kind: MatchKind = MatchKind.TYPED
    forgives: tuple[str, ...] = ()
    """The words of it that were not typed so."""
    weight: float = 1.0
    stems: tuple[str, ...] = field(init=False)
    """Its words without their endings."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stems", tuple(map(stem, self.words)))


@dataclass(frozen=True, slots=True)
class Scored:
    """A word that counts for the order of papers."""

    form: str
    """Without its ending."""
    word: str
    factor: float
    """How much it counts beside the word that was typed."""
    kind: MatchKind


class IndexedTerm:
    """A word or phrase of a query, with the ways to write it that papers have."""

    def __init__(
        self, snapshot: Snapshot, words: tuple[str, ...], beside: tuple[Variant, ...] | None
    ) -> None:
        self.words = words
        self.ways = tuple(_variants(snapshot, words, beside))
        frequencies = [_frequency(snapshot, way) for way in self.ways]
        self.is_corrected = any(way.kind is MatchKind.GUESS for way in self.ways)
        """Whether what it may be a misspelling of is accepted too."""
        own = self._own_frequency(snapshot, frequencies)
        self.is_rare = self.is_corrected and 0 < own <= MOST_OWN
        """Whether it is, though one or two papers have it."""
        self.frequency = own or sum(frequencies)
        """How many papers have it, at most; where none has, how many have what was likely meant."""
        self.weight = _weight(snapshot, words, self.frequency)
        """How much it tells: the rarer, the more."""
        self._corrected_weight = min(self.weight, snapshot.rarity(sum(frequencies)))
        known = (way for way, frequency in zip(self.ways, frequencies, strict=True) if frequency)
        self.likeliest = next(known, self.ways[0])
        """What was typed where papers have it, else what was most likely meant."""
        self.forgiven = tuple(dict.fromkeys(word for way in self.ways for word in way.forgives))
        """What is accepted beside what was typed."""
        factors = [
            way.weight if own and way.kind is MatchKind.GUESS else self._factor(snapshot, way, frequency)
            for way, frequency in zip(self.ways, frequencies, strict=True)
        ]
        self.scoring = tuple(
            Scored(form, word, factor, way.kind)
            for way, factor in zip(self.ways, factors, strict=True)
            for form, word in zip(way.stems, way.words, strict=True)
        )
        """Each word of each way, whether or not they stand side by side."""
        texts = [min([snapshot.frequency("text", form) for form in way.stems]) for way in self.ways]
        names = [min([snapshot.frequency("authors", word) for word in way.words]) for way in self.ways]
        self._in_text = [
            (way.kind, weighted(_side_by_side(snapshot, "text", way.stems), factor))
            for way, factor, there in zip(self.ways, factors, texts, strict=True)
            if there
        ]
        self._in_names = [
            (way.kind, weighted(_side_by_side(snapshot, "authors", way.words), way.weight))
            for way, there in zip(self.ways, names, strict=True)
            if there
        ]
        least = snapshot.searcher.num_docs // _CERTAIN
        self._is_surely_found = any(
            there > (0 if len(way.words) == 1 else least) for way, there in zip(self.ways, texts, strict=True)
        )
        self.is_name = sum(names) * _TEXTS_A_NAME > sum(texts)
        """Whether it may well be meant as a name."""
        self.is_word = all(len(way.words) == 1 for way in self.ways)
        """Whether every way to write it is a single word."""

    @classmethod
    def of(cls, snapshot: Snapshot, term: Term, beside: tuple[Variant, ...] = ()) -> IndexedTerm:
        """Look a term up; `beside` are ways to write it together with its neighbour."""
        wanted = term.words, None if term.quoted else beside
        return snapshot.remembered(("term", *wanted), lambda: cls(snapshot, *wanted))

    def containing(self, trust: MatchKind = MatchKind.GUESS) -> list[Query]:
        """Queries of which each finds papers that contain it, in title, abstract or names."""
        return [query for of_way, query in (*self._in_text, *self._in_names) if of_way <= trust]

    def containing_by(self, trust: MatchKind) -> list[Query]:
        """Those queries that find it written in ways of just this trust."""
        return [query for of_way, query in (*self._in_text, *self._in_names) if of_way is trust]

    def in_names(self, trust: MatchKind = MatchKind.GUESS) -> list[Query]:
        """Those queries that find it in names."""
        return [query for of_way, query in self._in_names if of_way <= trust]

    def weight_by(self, trust: MatchKind) -> float:
        """How much it tells of a paper that has it in a way of this trust."""
        return self._corrected_weight if trust is MatchKind.GUESS else self.weight

    def is_found(self, snapshot: Snapshot) -> bool:
        """Whether any paper contains it."""
        return self._is_surely_found or snapshot.remembered(
            ("found", self.ways),
            lambda: any(
                snapshot.searcher.search(query, limit=1, count=False).hits for query in self.containing()
            ),
        )

    def _own_frequency(self, snapshot: Snapshot, frequencies: Sequence[int]) -> int:
        """How many papers have it in ways that are no corrections, at most."""
        if self.is_corrected and not any(is_written(snapshot, word) for word in self.words):
            # That papers have its stem may be chance.
            return 0
        return sum(
            own for way, own in zip(self.ways, frequencies, strict=True) if way.kind is not MatchKind.GUESS
        )

    def _factor(self, snapshot: Snapshot, way: Variant, own: int) -> float:
        """What makes a rare way of writing weigh no more than the term as a whole."""
        if len(self.ways) == 1 or len(way.words) > 1 or not own:
            return way.weight
        return way.weight * snapshot.rarity(self.frequency) / snapshot.rarity(own)


def _frequency(snapshot: Snapshot, way: Variant) -> int:
    return min(papers_with(snapshot, word) for word in way.words)


def _weight(snapshot: Snapshot, words: tuple[str, ...], frequency: int) -> float:
    if len(words) == 1:
        return snapshot.rarity(frequency)
    return sum(snapshot.rarity(papers_with(snapshot, word)) for word in words)


def _variants(
    snapshot: Snapshot, words: tuple[str, ...], beside: tuple[Variant, ...] | None
) -> list[Variant]:
    """The ways to write these words; of quoted ones (`beside` is None) only spellings."""
    ways = {words: Variant(words)}
    others = _respelt(snapshot, words)
    if beside is not None:
        others += [
            *joined(snapshot, words),
            *beside,
            *_split(snapshot, words),
            *_guessed(snapshot, words),
        ]
    for other in others:
        ways.setdefault(other.words, other)
    return list(ways.values())


def _respelt(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    if all(word.isascii() and not word.isalpha() for word in words):
        return []
    spellings = [(word, *_known(snapshot, other_spellings(word))) for word in words]
    return [
        Variant(
            way, MatchKind.SPELLING, tuple(new for new, old in zip(way, words, strict=True) if new != old)
        )
        for way in islice(product(*spellings), 1, _MOST_WAYS)
    ]


def _known(snapshot: Snapshot, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if snapshot.frequency("words", word)]


def joined(
    snapshot: Snapshot, words: tuple[str, ...], trust: MatchKind = MatchKind.SPELLING
) -> list[Variant]:
    """The two words of "large-scale", or two neighbours, written as one."""
    if len(words) != 2:
        return []
    both = "".join(words)
    return [Variant((word,), trust, (word,)) for word in _known(snapshot, (both, *other_spellings(both)))]


def _split(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """The two words of "largescale", where papers have them more often than the one."""
    if len(words) != 1 or not words[0].isalpha():
        return []
    [word] = words
    there = snapshot.frequency("words", word)
    if not there and not snapshot.frequency("authors", word):
        names = _split_name(snapshot, word)
        if names:
            return names
    if there >= max(_FREQUENT, snapshot.searcher.num_docs // _FREQUENT_SHARE):
        return []
    best, often = None, there
    for place in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
        halves = word[:place], word[place:]
        # The second half is looked up only where the first one is a frequent word.
        are_words = all(snapshot.frequency("words", half) > often for half in halves)
        if are_words and not any(map(is_stop_word, halves)):
            best, often = halves, min(snapshot.frequency("words", half) for half in halves)
    if best is None:
        return []
    way = Variant(best, MatchKind.SPELLING, (" ".join(best),))
    if often < _OFTEN:
        phrase = _side_by_side(snapshot, "text", way.stems)
    else:
        phrase = _side_by_side(snapshot, "title_words", way.words)
        there = snapshot.frequency("title_words", word)
    together = snapshot.searcher.search(phrase, limit=1, count=True)
    return [way] if (getattr(together, "count", 0) or 0) > there else []


def _split_name(snapshot: Snapshot, word: str) -> list[Variant]:
    """The names of "guanbinli", where somebody bears both."""
    found: list[Variant] = []
    for place in range(_SHORTEST_NAME, len(word) - _SHORTEST_NAME + 1):
        names = word[:place], word[place:]
        if all(snapshot.frequency("authors", name) for name in names):
            together = _side_by_side(snapshot, "authors", names)
            if snapshot.searcher.search(together, limit=1, count=False).hits:
                found.append(Variant(names, MatchKind.SPELLING, (" ".join(names),)))
    return found


def _guessed(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    better = [guesses(snapshot, word) for word in words]
    if len(words) == 1:
        return [
            Variant((spelling,), MatchKind.GUESS, (spelling,), guess.share)
            for guess in better[0]
            for spelling in (guess.word, *_known(snapshot, other_spellings(guess.word)))
        ]
    best = tuple(found[0].word if found else word for word, found in zip(words, better, strict=True))
    forgiven = tuple(new for new, old in zip(best, words, strict=True) if new != old)
    return (
        [Variant(best, MatchKind.GUESS, forgiven), *joined(snapshot, best, MatchKind.GUESS)]
        if forgiven
        else []
    )


def _side_by_side(snapshot: Snapshot, field: str, words: tuple[str, ...]) -> Query:
    if len(words) == 1:
        return snapshot.term(field, words[0])
    return Query.phrase_query(snapshot.schema, field, list(words))


def weighted(query: Query, weight: float) -> Query:
    """The query, counting so many times as much."""
    return query if weight == 1 else Query.boost_query(query, weight)


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
    beside: list[list[Variant]] = [[] for _ in clauses]
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


def _beside(snapshot: Snapshot, one: Term, other: Term) -> list[Variant]:
    """Neighbours as one word, also as they were likely meant."""
    words = *one.words, *other.words
    ways = joined(snapshot, words)
    if not all(snapshot.frequency("text", stem(word)) for word in words):
        meant = [IndexedTerm.of(snapshot, term).likeliest.words for term in (one, other)]
        ways += joined(snapshot, (*meant[0], *meant[1]), MatchKind.GUESS)
    return list(dict.fromkeys(ways))


def informative_terms(clauses: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """Each clause once, without words such as "the" unless there are no others."""
    distinct = {tuple(term.words for term in terms): terms for terms in reversed(clauses)}
    those = [terms for terms in distinct.values() if not all(map(_is_uninformative, terms))]
    return list(reversed(those or list(distinct.values())))


def _is_uninformative(term: IndexedTerm) -> bool:
    return len(term.words) == 1 and is_stop_word(term.words[0])


def are_words(terms: Sequence[IndexedTerm]) -> bool:
    """Whether every way to write a clause is a single word."""
    return all(term.is_word for term in terms)


def weight_of(terms: Sequence[IndexedTerm], trust: MatchKind = MatchKind.TYPED) -> float:
    """How much a clause tells of a paper that has it so: as much as the least telling of its terms."""
    return min(term.weight_by(trust) for term in terms)


def words_in(
    snapshot: Snapshot, field: str, clauses: Clauses, trust: MatchKind = MatchKind.GUESS, weight: float = 1.0
) -> list[Query]:
    """A query for each word of the clauses in a field, with its weight."""
    factors: dict[str, float] = {}
    for terms in clauses:
        for term in terms:
            for scored in term.scoring:
                text = scored.word if field == "words" else scored.form
                if scored.kind <= trust and scored.factor > factors.get(text, 0.0):
                    factors[text] = scored.factor
    return [
        weighted(snapshot.term(field, text), weight * factor)
        for text, factor in factors.items()
        if snapshot.frequency(field, text)
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
