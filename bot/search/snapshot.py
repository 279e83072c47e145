"""One commit of the index to search in, and its vocabulary: the words that may have been meant."""

from __future__ import annotations

import math
import zlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import orjson
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.search import patience
from bot.search.derived_index import ShownRevision, write_whole
from bot.search.engine import Engine
from bot.search.making import Making
from bot.search.venue_names import Venues

SHORTEST, SHORTEST_NAME, LONGEST = 4, 3, 40
"""Letters of the words that are kept, and of names, which are often short."""

_EDGE, _SHORT_EDGE, _SHORT = 3, 2, 7
"""Letters at the beginning or the end that a misspelt word has right; fewer of words not longer than that.

With three words of 150 titles, one misspelt, 4 and 2 lose .005 of nDCG@10, 3 and 3 .003, and 5 as the length
.007; 2 and 2, 3 and 1, and 10 as the length change nothing but how many words have to be compared.
"""
_MIDDLE_SWAPS = 4
"""Letters of a word of which a swap in the middle changes both edges."""
_PAPERS_A_MENTION = 100_000
"""In a large corpus, a word that fewer papers have than one in so many is a misspelling itself.

At 75,000 papers every word counts so; with 50,000, where two have to have it, a misspelt word of three loses
.022 of nDCG@10, misspelt authors nothing, and the words take 2.7 MB in place of 4.1.
"""
_FEW_PAPERS = 5_000
"""The words of so many are read from the index at once."""
_GROWTH = 20
"""A larger corpus that has changed by one paper in so many has its words written anew with the commit."""
_FILE = "words"


def fewest_papers(engine: Engine) -> int:
    """How many papers have to have a word that misspelt ones are corrected to."""
    return 1 + engine.papers // _PAPERS_A_MENTION


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
    def of(cls, engine: Engine) -> Vocabulary:
        """The words of a commit, names among them."""
        words: defaultdict[str, int] = defaultdict(int)
        least = fewest_papers(engine)
        for field, most_rare, shortest in (("words", least, SHORTEST), ("authors", 1, SHORTEST_NAME)):
            for word, papers in engine.terms(field, least=most_rare):
                if shortest <= len(word) <= LONGEST and word.isalpha():
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

    That of a large corpus is also kept in a file beside the index: no search waits for it after a start.
    """

    def __init__(self, folder: Path | None = None, *, each_commit: bool = True) -> None:
        """Take the folder of the index; an index in memory has none.

        Without `each_commit` no search waits for a new one, and that of a large corpus is made again only
        where it has grown by so many papers that it is also written to the file.
        """
        self._each_commit = each_commit
        self._file = folder / _FILE if folder is not None else None
        self._lock = Lock()
        self._vocabulary: Vocabulary | None = None
        self._commit = ""
        self._making = Making("words")
        self.made = 0
        """How many were made or read so far; a change of it makes cached terms out of date."""

    def of(self, engine: Engine, commit: str) -> Vocabulary:
        """The words to search for a misspelt one."""
        with patience.held(self._lock):
            if self._vocabulary is None:
                self._read()
            is_new = commit != self._commit and engine.papers <= _FEW_PAPERS
            if self._vocabulary is None or (is_new and self._each_commit):
                return self._make(engine, commit)
            # While a part of the papers is away, so are its words: those before are better.
            may_make = self._making.is_idle and not engine.is_incomplete
            if commit != self._commit and may_make and (self._each_commit or self._has_grown(engine.papers)):
                self._making.begin(partial(self._make, engine, commit))
            return self._vocabulary

    def keep(self, engine: Engine, commit: str) -> None:
        """Write the words of a large corpus again where it has grown by more than one paper in `_GROWTH`."""
        papers = engine.papers
        if self._file is None or papers <= _FEW_PAPERS or engine.is_incomplete:
            return
        with self._lock:
            if self._has_grown(papers):
                self._make(engine, commit)

    def _has_grown(self, papers: int) -> bool:
        return self._file is None or abs(papers - _papers_of(self._file)) * _GROWTH > papers

    def _make(self, engine: Engine, commit: str) -> Vocabulary:
        made = Vocabulary.of(engine)
        # Words of a part of the papers are used until the others can be asked.
        self._commit, self._vocabulary = "" if engine.is_incomplete else commit, made
        self.made += 1
        if self._file is not None and engine.papers > _FEW_PAPERS and not engine.is_incomplete:
            # A process that cannot write there keeps it in memory alone.
            with suppress(OSError):
                _write(self._file, engine.papers, commit, made)
        return made

    def _read(self) -> None:
        """Read the file unless it is damaged; that of an older commit is used until a newer one is made."""
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


Made = TypeVar("Made")

_MOST_COMPLETIONS = 40
"""Completions of a begun word.

Of 600 begun titles of the large corpus 10 suggest 76.8 % and 20 or more 77.0 %: a little room is left.
"""
_MOST_FREQUENCIES = 50_000
"""Document frequencies that are cached: memory for fewer look-ups in the index."""
_MOST_CACHED = 2_000
"""Indexed terms and completions that are cached; all are dropped where there would be more."""


@dataclass(frozen=True)
class StoreState(ShownRevision):
    """The state of the store that a commit shows."""

    highest_id: int = 0
    """No paper of the commit has a higher id."""

    def dump(self) -> str:
        """As the index stores it."""
        return orjson.dumps([self.revision, self.stamp, self.highest_id]).decode()

    @classmethod
    def load(cls, text: str) -> StoreState:
        """From what `dump` wrote."""
        return cls(*orjson.loads(text))


class Snapshot:
    """One state of the index, and what is derived from its terms on first use."""

    def __init__(self, engine: Engine, vocabularies: Vocabularies | None = None) -> None:
        self.engine = engine
        self._vocabularies = vocabularies or Vocabularies()
        state = engine.state()
        self.state = StoreState.load(state) if state is not None else StoreState()
        self._frequencies: dict[tuple[str, str], int] = {}
        self._cached: dict[Hashable, Any] = {}
        self._vocabularies_made = self._vocabularies.made

    @property
    def vocabulary(self) -> Vocabulary:
        """Its words; in a large corpus perhaps those of a commit shortly before."""
        return self._vocabularies.of(self.engine, self.state.dump())

    def keep_vocabulary(self) -> None:
        """Write the words of a large corpus to a file, for the next start."""
        self._vocabularies.keep(self.engine, self.state.dump())

    def moved_to(self, engine: Engine) -> Snapshot:
        """The same commit with what is derived from it, in files that were opened anew."""
        moved = copy(self)
        moved.engine = engine
        return moved

    def answered(self, work: Callable[[Snapshot], Made]) -> Made:
        """What a function makes of this snapshot; it is given the one to ask, and may be called again.

        For whole queries: an engine far away then answers in few requests what the function asks one by one.
        The function changes nothing, and makes the same of the same answers.
        """
        return work(self)

    def frequency(self, field: str, term: str) -> int:
        """How many papers have the term."""
        known = self._frequencies.get((field, term))
        if known is None:
            if len(self._frequencies) >= _MOST_FREQUENCIES:
                self._frequencies.clear()
            known = self._frequencies[field, term] = self.engine.frequency(field, term)
        return known

    @cached_property
    def is_whole(self) -> bool:
        """Whether no paper was deleted or changed, so that frequencies are exact."""
        return self.engine.is_whole

    def rarity(self, frequency: int) -> float:
        """The inverse document frequency as BM25 has it: what a term of that frequency weighs."""
        papers = self.engine.papers
        return math.log1p((papers - min(frequency, papers) + 0.5) / (frequency + 0.5))

    def completions(self, begun: str) -> tuple[str, ...]:
        """The most frequent words of titles that begin so."""
        return self.cached(("completions", begun), lambda: self._completions(begun))

    def _completions(self, begun: str) -> tuple[str, ...]:
        return tuple(term for term, _ in self.engine.terms("title_words", begun, _MOST_COMPLETIONS))

    def cached(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """A value that depends on the commit and its vocabulary alone; made once, and cached."""
        if self._vocabularies_made != self._vocabularies.made or len(self._cached) >= _MOST_CACHED:
            self._vocabularies_made = self._vocabularies.made
            self._cached.clear()
        found = self._cached.get(key)
        if found is None:
            found = self._cached[key] = make()
        return found

    @cached_property
    def field_codes(self) -> tuple[str, ...]:
        """The codes of the fields that papers have, most frequent first."""
        return tuple(code for code, _ in self.engine.terms("field"))

    @cached_property
    def venues(self) -> Venues:
        """The names of the venues that papers have."""
        return Venues(self.engine.terms("venue"))
