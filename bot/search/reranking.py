"""Reranking of the first candidates: which clauses they have, and which words stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.search.engine import Query
from bot.search.fields import id_of
from bot.search.snapshot import Snapshot
from bot.search.snippets import WordForm, fold_words
from bot.search.terms import IndexedTerm
from bot.search.variants import MatchKind

_PAIR_WEIGHT = 0.3
"""Weight of neighbours in a text, times the sum of their inverse document frequencies.

At .2 and at .45 the first half of SciTLDR loses .003 of nDCG@10.
"""
_NAME_WEIGHT = 2.0
"""The same for neighbours in one name, which hardly stand side by side by chance.

Without it misspelt authors lose .107; twice as much gives them .008 in 38, which is noise.
"""
_MOST_PAIRS = 16
"""Pairs of neighbours that are looked for, the heaviest: each costs a pass over each text.

With 32 a sample of some hundred queries does not change.
"""

_K1, _B = 1.2, 0.75
"""BM25's k1 (saturation by repetition) and b (normalisation by length), as in Robertson and Zaragoza 2009."""

_END = "."
"""Stands between title and abstract; no word."""

Texts = Callable[[Sequence[int]], Mapping[int, tuple[str, str]]]
"""Answers the titles and abstracts of papers by their ids."""


def remembered(texts: Texts) -> Texts:
    """The same; texts that were read once are not read again."""
    known: dict[int, tuple[str, str]] = {}

    def read(ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
        if missing := [paper_id for paper_id in ids if paper_id not in known]:
            known.update(texts(missing))
        return known

    return read


IndexedClauses = Sequence[Sequence[IndexedTerm]]
NamePairs = list[tuple[Query, float]]
"""Queries for two words side by side in a name, each with its weight."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two neighbouring words: the rarer one is looked for, and the other one beside it."""

    rarer: WordForm
    other: WordForm
    is_first: bool
    """Whether the rarer one comes first."""
    gain: float


class Reranker:
    """Reranks the first candidates by pairs of words in their texts and names."""

    def __init__(self, snapshot: Snapshot, typed: IndexedClauses, names: NamePairs) -> None:
        """`typed` are clauses in the order of the query."""
        self._snapshot = snapshot
        self._pairs = _pairs(snapshot, typed)
        self._name_pairs = names

    def gains(self, orders: Sequence[int], texts: Texts) -> dict[int, float]:
        """What is added to the score of each of these papers, by their values of the field `order`."""
        gains = dict.fromkeys(orders, 0.0)
        if orders and self._pairs:
            found = texts([id_of(order) for order in orders])
            folded = {order: _folded(*found.get(id_of(order), ("", ""))) for order in orders}
            usual = sum(map(len, folded.values())) / len(folded)
            gains = {order: self._gain(text, len(text) / usual) for order, text in folded.items()}
        flagged = self._snapshot.engine.found_by(orders, [query for query, _ in self._name_pairs])
        for order, flags in flagged.items():
            gains[order] += sum(self._name_pairs[flag][1] for flag in flags)
        return gains

    def _gain(self, folded: str, length: float) -> float:
        """The gain of a text whose length is given relative to the average."""
        gain = 0.0
        flat = _K1 * (1 - _B + _B * length)
        for pair in self._pairs:
            if pair.rarer.begun in folded and (count := _times(folded, pair)):
                gain += pair.gain * (_K1 + 1) * count / (flat + count)
        return gain


def clauses_present(
    snapshot: Snapshot, orders: Sequence[int], clauses: IndexedClauses
) -> dict[int, dict[int, MatchKind]]:
    """The clauses that each of these papers has, with the best match kind; by values of the field `order`."""
    if not orders:
        return {}
    queries = [
        (place, kind, query)
        for kind in MatchKind
        for place, terms in enumerate(clauses)
        for term in terms
        for query in term.containing_by(kind)
    ]
    flagged = snapshot.engine.found_by(orders, [query for *_, query in queries])
    found: dict[int, dict[int, MatchKind]] = {}
    for order, flags in flagged.items():
        present = found[order] = {}
        for flag in flags:
            place, kind, _ = queries[flag]
            present.setdefault(place, kind)
    return found


def _times(folded: str, pair: _Pair) -> int:
    """How often the two words stand side by side."""
    rarer, other = pair.rarer, pair.other
    count = 0
    start = folded.find(rarer.begun)
    while start >= 0:
        end = folded.find(" ", start + 1)
        beside = end if pair.is_first else folded.rfind(" ", 0, start)
        if folded.startswith(other.begun, beside) and rarer.fits(folded[start + 1 : end]):
            count += other.fits(folded[beside + 1 : folded.find(" ", beside + 1)])
        start = folded.find(rarer.begun, end)
    return count


def _folded(title: str, abstract: str) -> str:
    """All words with one space before, between and after them."""
    return f" {' '.join(f'{fold_words(title)} {_END} {fold_words(abstract)}'.split())} "


def _lone_words(typed: IndexedClauses) -> list[IndexedTerm | None]:
    return [terms[0] if len(terms) == 1 and len(terms[0].words) == 1 else None for terms in typed]


def _pairs(snapshot: Snapshot, typed: IndexedClauses) -> list[_Pair]:
    """The heaviest pairs of neighbouring words of which at least one is informative."""
    rarities: dict[tuple[str, str], tuple[float, float]] = {}
    for one, other in pairwise(_lone_words(typed)):
        if not (one and other) or (one.is_name and other.is_name):
            continue
        if one.is_uninformative and other.is_uninformative:
            continue
        forms = one.likeliest.stems[-1], other.likeliest.stems[0]
        rarities[forms] = _rarity(snapshot, "text", forms[0]), _rarity(snapshot, "text", forms[1])
    heaviest = sorted(rarities, key=lambda forms: -sum(rarities[forms]))[:_MOST_PAIRS]
    return [_pair(forms, *rarities[forms]) for forms in heaviest]


def _pair(forms: tuple[str, str], first: float, second: float) -> _Pair:
    rarer, beside = forms if first >= second else forms[::-1]
    return _Pair(WordForm.of(rarer), WordForm.of(beside), first >= second, _PAIR_WEIGHT * (first + second))


def _rarity(snapshot: Snapshot, field: str, term: str) -> float:
    return snapshot.rarity(snapshot.frequency(field, term))


def name_pairs(snapshot: Snapshot, typed: IndexedClauses) -> NamePairs:
    """Queries for neighbours that may stand in one name, with their weights."""
    found: NamePairs = []
    for one, other in pairwise(_lone_words(typed)):
        if one and other and (one.is_name or other.is_name):
            words = [*one.likeliest.words, *other.likeliest.words]
            if all(snapshot.frequency("authors", word) for word in words):
                gain = _NAME_WEIGHT * sum(_rarity(snapshot, "authors", word) for word in words)
                found.append((snapshot.engine.phrase("authors", words), gain))
    return found[:_MOST_PAIRS]


def letter_pairs(snapshot: Snapshot, typed: IndexedClauses) -> list[Query]:
    """Scoring queries for neighbours of which one is a letter or a number, as "t test" and "Llama 2".

    Alone it says little of a paper; without them most of the first papers have the two far apart.
    """
    found: list[Query] = []
    for one, other in pairwise(_lone_words(typed)):
        if one and other and not (one.is_uninformative or other.is_uninformative):
            words = one.words[0], other.words[0]
            if any(len(word) == 1 or word.isdigit() for word in words):
                found.append(
                    snapshot.engine.phrase("text", (*one.variants[0].stems, *other.variants[0].stems))
                )
    return found[:_MOST_PAIRS]
