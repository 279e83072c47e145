"""What each constant of search trades: nDCG@10 and processor time with it dropped and doubled.

    python -m tests.benchmarks.constants --folder FOLDER [--only NAME ...]

The folder is one in which tests.benchmarks.relevance keeps its indexes. Asked are some of the first half of
SciTLDR and, over the large corpus, some that tests.benchmarks.remembered makes. A constant with which nothing
changes beyond noise (.001 of SciTLDR, .003 of what is remembered), and which saves no time, can go.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean
from types import ModuleType

from sqlalchemy import text as sql

from bot.app import App
from bot.search import reranking, retrieval, snapshot, spelling, terms, variants
from bot.search.query import Sort, parse_query
from bot.search.retrieval import Retriever
from bot.search.snapshot import Snapshot
from bot.store.papers import texts_of
from tests.benchmarks import remembered
from tests.benchmarks.relevance import TUNED, app_of, gain, questions, scitldr

MODULES = (retrieval, reranking, terms, variants, spelling, snapshot)
FIXED = {"MOST_PAPERS", "KIND_STEP", "_K1", "_B", "SHORTEST", "SHORTEST_NAME", "LONGEST", "_FEW_PAPERS"}
FIXED |= {"_GROWTH", "_EDGE", "_SHORT_EDGE", "_SHORT", "_MOST_DIFFERENT", "_SHORTEST_REST"}
"""Not to be changed here: what an answer is, BM25's own, those of lists and vocabularies, made once."""
PART, EVERY = 3, 8
"""One in so many of SciTLDR's and of the remembered questions: enough to see what matters."""

Asked = Sequence[tuple[str, frozenset[str]]]


class Corpus:
    """An app with questions to it."""

    def __init__(self, app: App, groups: dict[str, Asked]) -> None:
        self.groups = groups
        self._store = app.store
        held = app.index.snapshot()
        assert held is not None
        self._engine, self._vocabularies = held.engine, held._vocabularies
        with app.store.reading() as session:
            rows = session.connection().execute(sql("SELECT id, source_id FROM paper"))
            self._names = dict(map(tuple, rows))

    def figures(self) -> Iterator[float]:
        """For each group nDCG@10 and the milliseconds of a question; nothing is cached from before."""
        for asked in self.groups.values():
            asks = Snapshot(self._engine, self._vocabularies)
            started = time.thread_time()
            found = [self._rank(asks, text) for text, _ in asked]
            each = (time.thread_time() - started) / len(asked) * 1_000
            yield fmean(gain(ids, wanted) for ids, (_, wanted) in zip(found, asked, strict=True))
            yield each

    def _rank(self, asks: Snapshot, text: str) -> list[str]:
        found = Retriever(asks, parse_query(text), self._texts).find(Sort.RELEVANCE)
        return [self._names[number] for number in found.all[:10]]

    def _texts(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {row.id: (row.title, row.abstract) for row in texts_of(self._store, ids)}


def main() -> None:
    """Print a line for each constant and value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--only", nargs="*", help="constants to look at")
    given = parser.parse_args()
    corpora = [*_corpora(given.folder)]
    heads = [name for corpus in corpora for name in corpus.groups]
    print(f"{'':44}" + "".join(f"{name:>22}" for name in heads))
    first = [figure for corpus in corpora for figure in corpus.figures()]
    print(f"{'as it is':44}" + "".join(f"{ndcg:14.4f}{each:8.2f}" for ndcg, each in _pairs(first)))
    for module, name in _constants():
        if given.only and name not in given.only:
            continue
        value = getattr(module, name)
        for change in (0, 2):
            other = type(value)(value * change)
            restore = _set(name, value, other)
            try:
                found = [figure for corpus in corpora for figure in corpus.figures()]
                shown = "".join(
                    f"{ndcg - before:+14.4f}{each / usual:8.2f}"
                    for (ndcg, each), (before, usual) in zip(_pairs(found), _pairs(first), strict=True)
                )
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                shown = f"  cannot be: {str(error).splitlines()[0]}"
            restore()
            print(f"{f'{name} = {value} -> {other:g}':44}{shown}", flush=True)


def _corpora(folder: Path) -> Iterator[Corpus]:
    collection = scitldr()
    asked = [question for group in collection.groups.values() for question in group][:TUNED:PART]
    yield Corpus(app_of(collection, folder), {"SciTLDR": [(each.text, each.wanted) for each in asked]})
    large = questions()
    kinds = remembered.asked(large.papers)
    groups = {
        kind: [(text, frozenset(wanted)) for text, wanted in islice(questions, 0, None, EVERY)]
        for kind, questions in kinds
        if kind in REMEMBERED
    }
    yield Corpus(app_of(large, folder), {REMEMBERED[kind]: asked for kind, asked in groups.items()})


REMEMBERED = {
    "an author, misspelt": "author, misspelt",
    "three words of a title": "three words",
    "the same, one misspelt": "one misspelt",
    "a title with a wrong word": "wrong word",
    "an author and a word of the title": "author and word",
    "half the words of that sentence": "half a sentence",
}


def _constants() -> Iterator[tuple[ModuleType, str]]:
    for module in MODULES:
        for name, value in vars(module).items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if name.isupper() and type(value) in {int, float} and is_number and name not in FIXED:
                yield module, name


def _set(name: str, value: float, other: float) -> Callable[[], None]:
    """Set a constant wherever it was imported; answer what sets it back."""
    holders = [module for module in MODULES if vars(module).get(name) == value]

    def put(number: float) -> None:
        for module in holders:
            setattr(module, name, number)

    put(other)
    return lambda: put(value)


def _pairs(figures: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(figures[::2], figures[1::2], strict=True))


if __name__ == "__main__":
    main()
