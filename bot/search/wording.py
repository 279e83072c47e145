"""A word of a query as the terms of the index that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from tantivy import Query

from bot.search.british import other_spellings
from bot.search.folding import stem
from bot.search.query import Term
from bot.search.snapshot import Snapshot

_MOST_PHRASES = 8


@dataclass(frozen=True, slots=True)
class Wording:
    """One word: its stems, with the British and American spellings that papers have."""

    word: str
    stems: tuple[tuple[str, float], ...]
    """With a factor that makes a rare spelling weigh no more than the word as a whole."""
    in_names: int
    """How many papers have it in an author's name."""
    frequency: int
    """How many papers have it at all, at most."""
    forgiven: tuple[str, ...]
    """Spellings beside the typed one that papers have."""


def word_as_indexed(snapshot: Snapshot, word: str) -> Wording:
    """Look a folded word up in the index."""
    spellings = [word, *(other for other in other_spellings(word) if snapshot.frequency("words", other))]
    frequencies: dict[str, int] = {}
    for spelling in spellings:
        stemmed = stem(spelling)
        if stemmed not in frequencies and (frequency := snapshot.frequency("text", stemmed)):
            frequencies[stemmed] = frequency
    in_text = sum(frequencies.values())
    together = snapshot.rarity(in_text)
    stems = tuple((name, together / snapshot.rarity(count)) for name, count in frequencies.items())
    in_names = snapshot.frequency("authors", word)
    return Wording(word, stems, in_names, in_text + in_names, tuple(spellings[1:]))


class IndexedTerm:
    """A word or phrase of a query, with the queries that find it."""

    def __init__(self, snapshot: Snapshot, term: Term) -> None:
        self._snapshot = snapshot
        self.term = term
        self.words = [word_as_indexed(snapshot, word) for word in term.words]
        self.joined = self._joined()

    @property
    def is_known(self) -> bool:
        """Whether papers have it, or at least each of its words."""
        return self.joined is not None or all(word.frequency for word in self.words)

    @property
    def weight(self) -> float:
        """How much it tells: the rarer, the more."""
        weight = sum(self._snapshot.rarity(word.frequency) for word in self.words)
        return min(weight, self._snapshot.rarity(self.joined.frequency)) if self.joined else weight

    @property
    def forgiven(self) -> tuple[str, ...]:
        """Spellings that are accepted beside the typed one."""
        return tuple(spelling for word in self.words for spelling in word.forgiven)

    @property
    def stems(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """For each way to write it, the stems side by side, each with its alternatives."""
        ways = [tuple(tuple(name for name, _ in word.stems) or (stem(word.word),) for word in self.words)]
        if self.joined:
            ways.append((tuple(name for name, _ in self.joined.stems),))
        return tuple(ways)

    def _joined(self) -> Wording | None:
        """The words of "large-scale" written as one, where papers have it."""
        if len(self.words) != 2 or self.term.quoted:
            return None
        wording = word_as_indexed(self._snapshot, "".join(self.term.words))
        return wording if wording.frequency else None

    def containing(self) -> list[Query]:
        """Queries of which each finds papers that contain it, in title, abstract or names."""
        schema = self._snapshot.schema
        queries = self.scoring("text") if len(self.words) == 1 else self._phrases()
        if self.joined:
            queries += _boosted(self._snapshot, "text", self.joined)
        if all(word.in_names for word in self.words):
            words = list(self.term.words)
            if len(words) == 1:
                queries.append(Query.term_query(schema, "authors", words[0]))
            else:
                queries.append(Query.phrase_query(schema, "authors", list(words)))
        return queries

    def scoring(self, field: str) -> list[Query]:
        """A query for each stem in a stemmed field, whether or not the words stand side by side."""
        return [query for word in self.words for query in _boosted(self._snapshot, field, word)]

    def _phrases(self) -> list[Query]:
        schema = self._snapshot.schema
        if not all(word.stems for word in self.words):
            return []
        ways = product(*([name for name, _ in word.stems] for word in self.words))
        return [
            Query.phrase_query(schema, "text", list(way))
            for way, _ in zip(ways, range(_MOST_PHRASES), strict=False)
        ]


def _boosted(snapshot: Snapshot, field: str, word: Wording) -> list[Query]:
    return [
        Query.boost_query(query, factor) if factor != 1 else query
        for name, factor in word.stems
        for query in [Query.term_query(snapshot.schema, field, name)]
    ]
