"""Whether the totals of words that have a frequent neighbour are those of a scan of the texts.

    python -m tests.benchmarks.totals

A neighbour differs by one letter and is in 50 times as many papers, as "using" is beside "ising". The scan
reads every title, abstract and name, and knows nothing of the index; it takes words and their stems
as `bot/text/folding.py` does. A word that may also be read as two is left out, for the scan reads
single words.
"""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import App
from bot.ingest.importer import import_files
from bot.papers.results import SearchAnswer, SearchRequest
from bot.papers.search import page_of, search
from bot.search.query import Sort
from bot.search.spelling import other_spellings
from bot.text.folding import is_stop_word, plain_words, stem
from tests.apps import close_app, open_app
from tests.benchmarks.made_papers import REAL, SEED, real_rows

COUNT = 500
TIMES = 50
SHORTEST = 4
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Scan:
    """Which papers, by number, have a word, a stem, or a word in a name."""

    words: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    stems: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    names: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Scan:
        """Read all papers."""
        scan = cls()
        for number, row in enumerate(rows):
            for word in {*plain_words(row["title"]), *plain_words(row.get("abstract") or "")}:
                scan.words[word].add(number)
                scan.stems[stem(word)].add(number)
            for word in {word for name in row.get("authors") or () for word in plain_words(name)}:
                scan.names[word].add(number)
        return scan

    def having(self, word: str) -> set[int]:
        """The papers that have a word, its ending left aside, in either spelling of English, or in a name."""
        found: set[int] = set()
        for each in (word, *(other for other in other_spellings(word) if other in self.words)):
            found |= self.stems.get(stem(each), set()) | self.names.get(each, set())
        return found

    def with_frequent_neighbours(self, times: int = TIMES) -> list[str]:
        """The words of which another one, a letter away, is in so many times as many papers."""
        least = min(map(len, map(self.having, self._plain())), default=0) * times
        found: set[str] = set()
        for frequent in self._plain():
            papers = len(self.words[frequent])
            if papers >= least:
                near = (word for word in _one_letter_away(frequent) if word in self.words)
                found |= {word for word in near if 0 < len(self.having(word)) * times <= papers}
        return sorted(word for word in found if len(word) >= SHORTEST and not is_stop_word(word))

    def _plain(self) -> Iterator[str]:
        return (word for word in self.words if len(word) >= SHORTEST and word.isascii() and word.isalpha())


def _one_letter_away(word: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in LETTERS:
            yield before + letter + after
            yield before + letter + after[1:]


def difference(app: App, scan: Scan, word: str) -> str | None:
    """How the answer to a word differs from the scan; None where it does not."""
    expected = len(scan.having(word))
    for sort in Sort:
        answer = search(app, SearchRequest(word, sort=sort))
        if answer.total != expected:
            return f"{word}: {answer.total:,} papers, and {expected:,} have it"
        first = page_of(app, answer, 1, min(expected, len(answer.paper_ids)) or 1)
        without = [hit.paper.title for hit in first.hits if not (hit.complete and _has(hit.paper, word))]
        if without:
            return f"{word}, {sort}: {without[0]!r} stands before papers that have it"
    return None


def is_split(answer: SearchAnswer) -> bool:
    """Whether the word was read as two as well."""
    return any(" " in form for form in answer.variants)


def _has(paper: Any, word: str) -> bool:
    stems = {stem(each) for each in (word, *other_spellings(word))}
    texts = {stem(each) for text in (paper.title, paper.abstract) for each in plain_words(text)}
    names = {each for name in (*paper.authors, *paper.attributed_to) for each in plain_words(name)}
    return bool(stems & texts) or bool({word, *other_spellings(word)} & names)


def main() -> None:
    """Print how many of the words agree, and the others."""
    scan = Scan.of(real_rows())
    words = scan.with_frequent_neighbours()
    with tempfile.TemporaryDirectory() as folder:
        app = open_app(Path(folder))
        import_files(app, [REAL])
        app.index.catch_up(app.store)
        asked: Sequence[str] = random.Random(SEED).sample(words, len(words))
        asked = [word for word in asked if not is_split(search(app, SearchRequest(word)))][:COUNT]
        differences = [found for word in asked if (found := difference(app, scan, word)) is not None]
        print(f"{len(words):,} words have a neighbour {TIMES} times as frequent; {len(asked)} were asked.")
        print(f"{len(asked) - len(differences)} totals and orders are those of the scan.")
        print("\n".join(differences))
        close_app(app)


if __name__ == "__main__":
    main()
