"""An engine over a few papers in plain Python: the meaning of the protocol, with nothing made fast."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.search.fields import FIELDS, Fields, Kind
from bot.text.folding import plain_words, stem

K1, B = 1.2, 0.75
TEXTS = {Kind.STEMS, Kind.PLACED_STEMS, Kind.WORDS, Kind.PLACED_WORDS}
COUNTED = TEXTS - {Kind.WORDS}


@dataclass(frozen=True, eq=False)
class Paper:
    """The values of each field; of texts the terms of each value."""

    values: dict[str, list]
    counts: dict[str, Counter]

    @property
    def order(self) -> int:
        return self.values["order"][0] if "order" in self.values else 0


Query = Callable[[Paper], float | None]
"""The score of a paper; None where it is not found."""


def reference_engine(papers: Iterable[Fields]) -> ReferenceEngine:
    return ReferenceEngine([_paper(fields) for fields in papers])


def _paper(fields: Fields) -> Paper:
    values = {name: [_terms(name, value) for value in given] for name, given in fields.items()}
    texts = {
        name: Counter(term for value in values[name] for term in value) for name in fields if _is_text(name)
    }
    keys = {name: Counter(set(values[name])) for name in fields if not _is_text(name)}
    return Paper(values, texts | keys)


def _is_text(name: str) -> bool:
    return FIELDS[name] in TEXTS


def _terms(name: str, value):
    if not _is_text(name):
        return value
    words = plain_words(value)
    return [*map(stem, words)] if FIELDS[name] in {Kind.STEMS, Kind.PLACED_STEMS} else words


class ReferenceEngine:
    """Looks through all papers for each query."""

    is_whole = True
    is_incomplete = False

    def __init__(self, papers: list[Paper]) -> None:
        self._papers = papers
        self.papers = len(papers)
        lengths: Counter[str] = Counter()
        self._frequencies: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for paper in papers:
            for field, counts in paper.counts.items():
                lengths[field] += counts.total()
                self._frequencies[field].update(counts.keys())
        self._average = {field: length / len(papers) for field, length in lengths.items()}

    def term(self, field: str, term: str) -> Query:
        return self._bm25(field, [term])

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        return self._bm25(field, list(words))

    def _bm25(self, field: str, words: list[str]) -> Query:
        rarity = sum(math.log1p((self.papers - n + 0.5) / (n + 0.5)) for n in self._numbers(field, words))

        def score(paper: Paper) -> float | None:
            times = _times(paper, field, words)
            if not times:
                return None
            times = times if FIELDS[field] in COUNTED else 1
            length = paper.counts[field].total() / self._average[field]
            return rarity * times * (K1 + 1) / (times + K1 * (1 - B + B * length))

        return score

    def _numbers(self, field: str, words: Iterable[str]) -> list[int]:
        return [self.frequency(field, word) for word in words]

    def equal(self, field: str, value: str | float) -> Query:
        return lambda paper: 1.0 if value in paper.values.get(field, ()) else None

    def between(
        self, field: str, low: float | None = None, high: float | None = None, *, strict: bool = False
    ):
        def holds(value: float) -> bool:
            if strict:
                return (low is None or low < value) and (high is None or value < high)
            return (low is None or low <= value) and (high is None or value <= high)

        return lambda paper: 1.0 if any(map(holds, paper.values.get(field, ()))) else None

    def having(self, field: str) -> Query:
        return lambda paper: 1.0 if paper.values.get(field) else None

    def these(self, orders: Iterable[int]) -> Query:
        wanted = set(orders)
        return lambda paper: 0.0 if paper.order in wanted else None

    def any_of(self, queries: Iterable[Query]) -> Query:
        several = list(queries)

        def score(paper: Paper) -> float | None:
            scores = [found for query in several if (found := query(paper)) is not None]
            return sum(scores) if scores else None

        return score

    def all_of(self, needed: Iterable[Query], scoring: Iterable[Query] = (), without: Iterable[Query] = ()):
        must, may, never = list(needed), list(scoring), list(without)

        def score(paper: Paper) -> float | None:
            scores = [query(paper) for query in must]
            if not must or None in scores or any(query(paper) is not None for query in never):
                return None
            return sum(scores) + sum(query(paper) or 0.0 for query in may)

        return score

    def weighted(self, query: Query, weight: float) -> Query:
        return lambda paper: None if (score := query(paper)) is None else score * weight

    def constant(self, query: Query, score: float) -> Query:
        return lambda paper: None if query(paper) is None else score

    def best(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[tuple[float, int]]]:
        found = sorted(self._found(query), reverse=True)
        return len(found) if count else 0, found[:limit]

    def _found(self, query: Query) -> list[tuple[float, int]]:
        return [(score, paper.order) for paper in self._papers if (score := query(paper)) is not None]

    def newest(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[int]]:
        orders = sorted((order for _, order in self._found(query)), reverse=True)
        return len(orders) if count else 0, orders[:limit]

    def highest(self, query: Query, limit: int) -> list[int]:
        own = {paper.order: paper.values.get("score", [-math.inf])[0] for paper in self._papers}
        return sorted(
            self.newest(query, self.papers)[1], key=lambda order: (own[order], order), reverse=True
        )[:limit]

    def count(self, query: Query) -> int:
        return len(self._found(query))

    def finds(self, query: Query) -> bool:
        return bool(self._found(query))

    def scores(self, orders: Sequence[int], queries: Iterable[Query]) -> dict[int, float]:
        return {order: score for score, order in self._found(self.all_of([self.these(orders)], queries))}

    def found_by(self, orders: Sequence[int], queries: Sequence[Query]) -> dict[int, list[int]]:
        papers = {paper.order: paper for paper in self._papers}
        return {
            order: [place for place, query in enumerate(queries) if query(papers[order]) is not None]
            for order in orders
        }

    def frequency(self, field: str, term: str) -> int:
        return self._frequencies[field][term]

    def terms(self, field: str, begun: str = "", limit: int | None = None, least: int = 1):
        found = [
            (term, often)
            for term, often in self._frequencies[field].items()
            if term.startswith(begun) and often >= least
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def state(self) -> str | None:
        return next((paper.values["state"][0] for paper in self._papers if "state" in paper.values), None)


def _times(paper: Paper, field: str, words: list[str]) -> int:
    """How often words stand side by side in one value."""
    if len(words) == 1 and field in paper.counts:
        return paper.counts[field][words[0]]
    return sum(
        value[place : place + len(words)] == words
        for value in paper.values.get(field, ())
        for place in range(len(value))
    )
