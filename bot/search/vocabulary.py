"""The words of the corpus, to be searched for those that are spelt nearly like a given one."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from threading import Lock, Thread

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from tantivy import Searcher

SHORTEST, SHORTEST_NAME, LONGEST = 4, 3, 40
"""Letters of the words that are kept, and of names, which are often short."""

_EDGE, _SHORT_EDGE, _SHORT = 3, 2, 7
"""Letters at the beginning or the end that a misspelt word has right; fewer of words not longer than that."""
_MIDDLE_SWAPS = 4
"""Letters of a word of which a swap in the middle changes both edges."""
_PAPERS_A_MENTION = 50_000
"""In a large corpus, a word that fewer papers have than one in so many is a misspelling itself."""
_SECONDS_AT_ONCE = 0.1
"""A list that takes longer to make is made in the background, and until then the older one serves."""


class Vocabulary:
    """Words by their length with their first or their last letters, so that few have to be compared."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Take words with the number of papers that have them."""
        edges: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        for word in sorted(words, key=words.__getitem__, reverse=True):
            for edge in _edges(word, len(word)):
                edges[edge].append(word)
        # Tuples, for the garbage collector does not go through those again and again.
        self._edges = {edge: tuple(of_edge) for edge, of_edge in edges.items()}
        self._papers = words

    @classmethod
    def of(cls, searcher: Searcher) -> Vocabulary:
        """The words of a commit, names among them."""
        least = 1 + searcher.num_docs // _PAPERS_A_MENTION
        terms = searcher.terms_with_prefix
        names = {name: papers for name, papers in terms("authors", "") if len(name) >= SHORTEST_NAME}
        words = {
            word: papers for word, papers in terms("words", "") if papers >= least and len(word) >= SHORTEST
        }
        for name, papers in names.items():
            words[name] = words.get(name, 0) + papers
        return cls(
            {word: papers for word, papers in words.items() if len(word) <= LONGEST and word.isalpha()}
        )

    def near(self, word: str, errors: int, papers: int = 0) -> list[tuple[str, int]]:
        """Words that differ by at most so many letters, each with their number.

        A swap of neighbours is one. Of the words that differ in the first letters and in the last
        ones, some are missed. Only words that so many papers have are compared.
        """
        found: dict[str, int] = {}
        for length in range(len(word) - errors, len(word) + errors + 1):
            for edge in _edges(word, length):
                known = self._edges.get(edge, ())
                if papers:
                    known = known[: bisect_right(known, -papers, key=lambda each: -self._papers[each])]
                for near, distance, _ in extract(
                    word, known, scorer=OSA.distance, score_cutoff=errors, limit=None
                ):
                    found[near] = int(distance)
        if len(word) == _MIDDLE_SWAPS and (swapped := word[0] + word[2] + word[1] + word[3]) in self._papers:
            found[swapped] = 1
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
        self.made = 0
        """How many were made until now."""

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
        self.made += 1
        return made
