"""A word of a query as the terms of the index that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import islice, product

from tantivy import Query

from bot.search.british import other_spellings
from bot.search.folding import is_stop_word, stem
from bot.search.query import Term
from bot.search.snapshot import Snapshot
from bot.search.spelling import guesses, papers_with

_MOST_WAYS = 8
_SHORTEST_HALF = 3
"""Letters of the shortest word that another may have been joined with."""


class Trust(IntEnum):
    """How surely a paper has what was typed, best first."""

    TYPED = 0
    """The words themselves, their endings left aside."""
    SPELLING = 1
    """The same words as others spell, join or split them."""
    GUESS = 2
    """Words that differ by a letter or two from ones that papers lack."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a term: words that stand side by side."""

    words: tuple[str, ...]
    trust: Trust = Trust.TYPED
    forgives: tuple[str, ...] = ()
    """The words of it that were not typed so."""
    weight: float = 1.0

    @property
    def stems(self) -> tuple[str, ...]:
        """Its words without their endings."""
        return tuple(map(stem, self.words))


class IndexedTerm:
    """A word or phrase of a query, with the ways to write it that papers have."""

    def __init__(self, snapshot: Snapshot, term: Term, beside: tuple[str, ...] = ()) -> None:
        """Look the term up; `beside` are words that stand for it together with its neighbour."""
        self._snapshot = snapshot
        self.term = term
        self.ways = self._ways(beside)

    def _ways(self, beside: tuple[str, ...]) -> list[Way]:
        words = self.term.words
        ways = {words: Way(words)}
        for other in (*self._respelt(), *self._joined(beside), *self._split(), *self._guessed()):
            ways.setdefault(other.words, other)
        return list(ways.values())

    def _respelt(self) -> list[Way]:
        words = self.term.words
        if all(word.isascii() and not word.isalpha() for word in words):
            return []
        spellings = [(word, *filter(self._is_word, other_spellings(word))) for word in words]
        return [
            Way(way, Trust.SPELLING, tuple(new for new, old in zip(way, words, strict=True) if new != old))
            for way in islice(product(*spellings), 1, _MOST_WAYS)
        ]

    def _is_word(self, word: str) -> bool:
        return self._snapshot.frequency("words", word) > 0

    def _joined(self, beside: tuple[str, ...]) -> list[Way]:
        """The words of "large-scale" written as one, and words that neighbours make."""
        words = self.term.words
        both = ("".join(words), *other_spellings("".join(words))) if len(words) == 2 else ()
        joined = () if self.term.quoted else (*both, *beside)
        return [Way((word,), Trust.SPELLING, (word,)) for word in joined if self._is_word(word)]

    def _split(self) -> list[Way]:
        """The two words of "largescale", where papers have them more often than the one."""
        words = self.term.words
        if len(words) != 1 or self.term.quoted or not words[0].isalpha():
            return []
        [word] = words
        there = self._snapshot.frequency("words", word)
        best, often = None, there
        for place in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1):
            halves = word[:place], word[place:]
            frequency = min(self._snapshot.frequency("words", half) for half in halves)
            if frequency > often and not any(map(is_stop_word, halves)):
                best, often = halves, frequency
        if best is None:
            return []
        way = Way(best, Trust.SPELLING, (" ".join(best),))
        together = self._snapshot.searcher.search(self._in_text(way), limit=1, count=True)
        return [way] if (getattr(together, "count", 0) or 0) > there else []

    def _guessed(self) -> list[Way]:
        if self.term.quoted:
            return []
        words = self.term.words
        better = [guesses(self._snapshot, word) for word in words]
        if len(words) == 1:
            return [
                Way((spelling,), Trust.GUESS, (spelling,), guess.share)
                for guess in better[0]
                for spelling in (guess.word, *filter(self._is_word, other_spellings(guess.word)))
            ]
        best = tuple(found[0].word if found else word for word, found in zip(words, better, strict=True))
        forgiven = tuple(new for new, old in zip(best, words, strict=True) if new != old)
        return [Way(best, Trust.GUESS, forgiven)] if forgiven else []

    @cached_property
    def frequency(self) -> int:
        """How many papers have it in one way or another, at most."""
        return sum(self._frequency(way) for way in self.ways)

    def _frequency(self, way: Way) -> int:
        return min(papers_with(self._snapshot, word) for word in way.words)

    @cached_property
    def weight(self) -> float:
        """How much it tells: the rarer, the more."""
        words = self.term.words
        if len(words) == 1:
            return self._snapshot.rarity(self.frequency)
        return sum(self._snapshot.rarity(papers_with(self._snapshot, word)) for word in words)

    def is_known(self) -> bool:
        """Whether papers have it as it was typed, or as others spell it."""
        return any(way.trust < Trust.GUESS and self._frequency(way) for way in self.ways)

    @property
    def likeliest(self) -> Way:
        """What was typed where papers have it, else what was most likely meant."""
        return next((way for way in self.ways if self._frequency(way)), self.ways[0])

    @property
    def forgiven(self) -> tuple[str, ...]:
        """What is accepted beside what was typed."""
        return tuple(dict.fromkeys(word for way in self.ways for word in way.forgives))

    def containing(self, trust: Trust = Trust.GUESS) -> list[Query]:
        """Queries of which each finds papers that contain it, in title, abstract or names."""
        return [query for way in self.ways if way.trust <= trust for query in self._containing(way)]

    def _containing(self, way: Way) -> list[Query]:
        found: list[Query] = []
        if all(self._snapshot.frequency("text", form) for form in way.stems):
            found.append(_weighted(self._in_text(way), self._factor(way)))
        if all(self._snapshot.frequency("authors", word) for word in way.words):
            found.append(_weighted(_side_by_side(self._snapshot, "authors", way.words), way.weight))
        return found

    def _in_text(self, way: Way) -> Query:
        return _side_by_side(self._snapshot, "text", way.stems)

    def _factor(self, way: Way) -> float:
        """What makes a rare way of writing weigh no more than the term as a whole."""
        own = self._frequency(way)
        if len(self.ways) == 1 or len(way.words) > 1 or not own:
            return way.weight
        return way.weight * self._snapshot.rarity(self.frequency) / self._snapshot.rarity(own)

    def scoring(self) -> list[tuple[str, str, float]]:
        """Each word of each way, with a factor for its weight, whether or not they stand side by side."""
        return [
            (form, word, self._factor(way))
            for way in self.ways
            for form, word in zip(way.stems, way.words, strict=True)
        ]


def _side_by_side(snapshot: Snapshot, field: str, words: tuple[str, ...]) -> Query:
    if len(words) == 1:
        return Query.term_query(snapshot.schema, field, words[0])
    return Query.phrase_query(snapshot.schema, field, list(words))


def _weighted(query: Query, weight: float) -> Query:
    return query if weight == 1 else Query.boost_query(query, weight)
