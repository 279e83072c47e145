"""How much two papers are alike by their words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from bot.search.snapshot import Snapshot
from bot.text.folding import is_stop_word, plain_words, stem

_TITLE_COUNTS = 3
"""A word of the title counts as often as so many in the abstract; at 0 similar papers lose .015 of recall."""

Weights = Mapping[str, float]
"""Of the words of a paper, how much each weighs."""


def stem_counts(title: str, abstract: str) -> Counter[str]:
    """The stems of a paper's words but stop words, with how often they count."""
    counts = Counter(plain_words(abstract))
    for word in plain_words(title):
        counts[word] += _TITLE_COUNTS
    stems: Counter[str] = Counter()
    for word, count in counts.items():
        if len(word) > 1 and not is_stop_word(word):
            stems[stem(word)] += count
    return stems


def word_weights(snapshot: Snapshot, stems: Mapping[str, int]) -> dict[str, float]:
    """What each stem of a paper weighs; without those that no other paper has, or most have."""
    most = snapshot.engine.papers // 2 + 1
    return {
        form: snapshot.rarity(frequency) * count / (count + 1)
        for form, count in stems.items()
        if 1 < (frequency := snapshot.frequency("text", form)) <= most
    }


def unit(weights: Weights) -> dict[str, float]:
    """The same weights as a vector of length one."""
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {form: weight / length for form, weight in weights.items()}
