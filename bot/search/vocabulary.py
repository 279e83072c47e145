"""The words of the corpus, to be searched for those that are spelt nearly like a given one."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from threading import Lock, Thread

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from tantivy import Searcher

SHORTEST, LONGEST = 4, 40
"""Letters of the words that are kept."""

_EDGE, _SHORT_EDGE, _SHORT = 3, 2, 7
"""Letters at the beginning or the end that a misspelt word has right; fewer of words not longer than that."""
_PAPERS_A_MENTION = 50_000
"""In a large corpus, a word that fewer papers have than one in so many is a misspelling itself."""
_SECONDS_AT_ONCE = 0.1
"""A list that takes longer to make is made in the background, and until then the older one serves."""


class Vocabulary:
    """Words by their length with their first or their last letters, so that few have to be compared."""

    def __init__(self, words: Iterable[str]) -> None:
        edges: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        for word in words:
            for edge in _edges(word, len(word)):
                edges[edge].append(word)
        self._edges = dict(edges)

    @classmethod
    def of(cls, searcher: Searcher) -> Vocabulary:
        """The words of a commit, names among them."""
        least = 1 + searcher.num_docs // _PAPERS_A_MENTION
        terms = searcher.terms_with_prefix
        words = {word for word, frequency in terms("words", "") if frequency >= least}
        words.update(word for word, _ in terms("authors", ""))
        return cls(word for word in words if SHORTEST <= len(word) <= LONGEST and word.isalpha())

    def near(self, word: str, errors: int) -> list[tuple[str, int]]:
        """Words that differ by at most so many letters, each with their number.

        A swap of neighbours is one. Of the words that differ in the first letters and in the last
        ones, some are missed.
        """
        found: dict[str, int] = {}
        for length in range(len(word) - errors, len(word) + errors + 1):
            for edge in _edges(word, length):
                for known, distance, _ in extract(
                    word, self._edges.get(edge, ()), scorer=OSA.distance, score_cutoff=errors, limit=None
                ):
                    found[known] = int(distance)
        found.pop(word, None)
        return list(found.items())


def _edges(word: str, length: int) -> tuple[tuple[int, str], tuple[int, str]]:
    """How words of a length are kept: by their beginning and, with a minus, by their end."""
    letters = _SHORT_EDGE if length <= _SHORT else _EDGE
    return (length, word[:letters]), (-length, word[-letters:])


class Vocabularies:
    """The vocabulary of the newest commit, or where that takes long to make, of one before it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._searcher: Searcher | None = None
        self._vocabulary: Vocabulary | None = None
        self._seconds = 0.0
        self._making: Thread | None = None

    def of(self, searcher: Searcher) -> Vocabulary:
        """The words to search for a misspelt one."""
        with self._lock:
            if self._vocabulary is None or (searcher is not self._searcher and self._is_quick()):
                return self._make(searcher)
            if searcher is not self._searcher and (self._making is None or not self._making.is_alive()):
                self._making = Thread(target=self._make, args=(searcher,), daemon=True)
                self._making.start()
            return self._vocabulary

    def _is_quick(self) -> bool:
        return self._seconds < _SECONDS_AT_ONCE

    def _make(self, searcher: Searcher) -> Vocabulary:
        started = time.perf_counter()
        made = Vocabulary.of(searcher)
        self._seconds = time.perf_counter() - started
        self._searcher, self._vocabulary = searcher, made
        return made
