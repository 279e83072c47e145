"""The words of the corpus, to be searched for those that are spelt nearly like a given one."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

import orjson
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from tantivy import Searcher

from bot.search.index_seal import write_whole

SHORTEST, SHORTEST_NAME, LONGEST = 4, 3, 40
"""Letters of the words that are kept, and of names, which are often short."""

_EDGE, _SHORT_EDGE, _SHORT = 3, 2, 7
"""Letters at the beginning or the end that a misspelt word has right; fewer of words not longer than that."""
_MIDDLE_SWAPS = 4
"""Letters of a word of which a swap in the middle changes both edges."""
_PAPERS_A_MENTION = 50_000
"""In a large corpus, a word that fewer papers have than one in so many is a misspelling itself."""
_FEW_PAPERS = 5_000
"""The words of so many are read from the index at once."""
_GROWTH = 20
"""A larger corpus that has changed by one paper in so many has its words written anew with the commit."""
_FILE = "words"


class Vocabulary:
    """Words by their length with their first or their last letters, so that few have to be compared."""

    def __init__(self, edges: Mapping[str, str]) -> None:
        """Take what `edges` of another one gave."""
        self.edges = edges
        """The words of an edge, most frequent first, and below them the numbers of papers that have them.

        Texts, for there are so many that each word as an object would take several times as much room.
        """

    @classmethod
    def of_words(cls, words: Mapping[str, int]) -> Vocabulary:
        """Words with the number of papers that have them."""
        edges: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(words, key=words.__getitem__, reverse=True):
            for edge in _edges(word, len(word)):
                edges[edge].append(word)
        return cls(
            {
                edge: f"{' '.join(of_edge)}\n{' '.join([str(words[word]) for word in of_edge])}"
                for edge, of_edge in edges.items()
            }
        )

    @classmethod
    def of(cls, searcher: Searcher) -> Vocabulary:
        """The words of a commit, names among them."""
        words: defaultdict[str, int] = defaultdict(int)
        least = 1 + searcher.num_docs // _PAPERS_A_MENTION
        for field, most_rare, shortest in (("words", least, SHORTEST), ("authors", 1, SHORTEST_NAME)):
            for word, papers in searcher.terms_with_prefix(field, ""):
                if papers >= most_rare and shortest <= len(word) <= LONGEST and word.isalpha():
                    words[word] += papers
        return cls.of_words(words)

    def near(self, word: str, errors: int, papers: int = 0) -> list[tuple[str, int]]:
        """Words that differ by at most so many letters, each with their number.

        A swap of neighbours is one. Of the words that differ in the first letters and in the last
        ones, some are missed. Only words that so many papers have are compared.
        """
        found: dict[str, int] = {}
        for length in range(len(word) - errors, len(word) + errors + 1):
            for edge in _edges(word, length):
                known, counts = self._of(edge)
                if papers:
                    known = known[: bisect_right(counts.split(), -papers, key=lambda count: -int(count))]
                for near, distance, _ in extract(
                    word, known, scorer=OSA.distance, score_cutoff=errors, limit=None
                ):
                    found[near] = int(distance)
        if len(word) == _MIDDLE_SWAPS:
            swapped = word[0] + word[2] + word[1] + word[3]
            if swapped in self._of(_edges(swapped, len(swapped))[0])[0]:
                found[swapped] = 1
        found.pop(word, None)
        return list(found.items())

    def _of(self, edge: str) -> tuple[list[str], str]:
        """The words of an edge, most frequent first, and the numbers of papers that have them."""
        words, _, counts = self.edges.get(edge, "").partition("\n")
        return words.split(), counts


def _edges(word: str, length: int) -> tuple[str, str]:
    """How words of a length are kept: by their beginning and, with a minus, by their end."""
    letters = _SHORT_EDGE if length <= _SHORT else _EDGE
    return f"{length}{word[:letters]}", f"-{length}{word[-letters:]}"


class Vocabularies:
    """The vocabulary of the newest commit, or in a large corpus perhaps of one before it.

    That of a large corpus is also kept in a file beside the index, so that nobody waits until it is made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder of the index; an index in memory has none."""
        self._file = folder / _FILE if folder is not None else None
        self._lock = Lock()
        self._vocabulary: Vocabulary | None = None
        self._commit = ""
        self._making: Thread | None = None
        self.made = 0
        """How many were made or read until now."""

    def of(self, searcher: Searcher, commit: str) -> Vocabulary:
        """The words to search for a misspelt one."""
        with self._lock:
            if self._vocabulary is None:
                self._read()
            if self._vocabulary is None or (commit != self._commit and searcher.num_docs <= _FEW_PAPERS):
                return self._make(searcher, commit)
            if commit != self._commit and (self._making is None or not self._making.is_alive()):
                self._making = Thread(target=self._make, args=(searcher, commit), name="words", daemon=True)
                self._making.start()
            return self._vocabulary

    def keep(self, searcher: Searcher, commit: str) -> None:
        """See that the file of a large corpus has nearly all words of a commit."""
        papers = searcher.num_docs
        if self._file is None or papers <= _FEW_PAPERS:
            return
        with self._lock:
            if abs(papers - _papers_of(self._file)) * _GROWTH > papers:
                self._make(searcher, commit)

    def _make(self, searcher: Searcher, commit: str) -> Vocabulary:
        made = Vocabulary.of(searcher)
        self._commit, self._vocabulary = commit, made
        self.made += 1
        if self._file is not None and searcher.num_docs > _FEW_PAPERS:
            # Whoever cannot write there has made it for himself.
            with suppress(OSError):
                _write(self._file, searcher.num_docs, commit, made)
        return made

    def _read(self) -> None:
        """Take what the file has, unless it is damaged; an older one serves until a newer is made."""
        if self._file is None:
            return
        with suppress(OSError, ValueError):
            head, edges = self._file.read_bytes().split(b"\n", 1)
            _, commit, digest = orjson.loads(head)
            if digest == zlib.crc32(edges):
                self._vocabulary, self._commit = Vocabulary(orjson.loads(edges)), str(commit)
                self.made += 1


def _write(file: Path, papers: int, commit: str, vocabulary: Vocabulary) -> None:
    edges = orjson.dumps(vocabulary.edges)
    write_whole(file, orjson.dumps([papers, commit, zlib.crc32(edges)]) + b"\n" + edges)


def _papers_of(file: Path) -> int:
    """Of how many papers a file has the words; 0 where it cannot be read."""
    try:
        with file.open("rb") as opened:
            return int(orjson.loads(opened.readline())[0])
    except (OSError, ValueError, TypeError, LookupError):
        return 0
