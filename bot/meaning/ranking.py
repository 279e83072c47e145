"""One order of papers from two: by their words, and by how near they are in meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping

_COSINE_WEIGHT = 8.0
_PLACE_WEIGHT, _BEFORE_FIRST = 2.0, 2
_SCALE = 20.0
"""What is summed: exp((score - best score) / 20), 2 / (2 + place) and 8 · cosine.

nDCG@10 is .831 on the first half of SciTLDR, .807 on the other, and .896 on SciFact; by 3 / (2 + place) and
the cosine alone .829, .801 and .890. With 14, 1.5 and 7 it is .833, .807 and .895, but lay questions among
4,160 papers lose .02; with the share of the best score in place of the exponential .832, .806 and .892.
"""
FULL_WEIGHT_FROM = 8
"""Words of a question; of fewer the cosine weighs less, for a few words are remembered, not described.

At full weight three words of a title, one of them misspelt, lose .007 (tests/benchmarks/remembered.py).
"""


def by_both(
    by_words: Mapping[int, float], cosines: Mapping[int, float], most: int, words: int = FULL_WEIGHT_FROM
) -> list[int]:
    """The first papers by their score among words, below the best one, by their place, and by the cosine.

    What words did not find counts as much as the last one that they found. A paper without a vector yet
    counts as near as the nearest, so that it is where words put it.

    Args:
        by_words: The scores of papers that words found, best first.
        cosines: How near papers are in meaning, those among them that words did not find.
        most: How many papers are wanted.
        words: How many words the question has.

    """
    nearest = max(cosines.values(), default=0.0)
    weight = _COSINE_WEIGHT * min(1.0, words / FULL_WEIGHT_FROM)
    best, least = max(by_words.values(), default=0.0), min(by_words.values(), default=0.0)
    places = {paper: _PLACE_WEIGHT / (_BEFORE_FIRST + place) for place, paper in enumerate(by_words)}

    def value(paper: int) -> float:
        by_score = math.exp((by_words.get(paper, least) - best) / _SCALE)
        return by_score + places.get(paper, 0.0) + weight * cosines.get(paper, nearest)

    # Equal ones stay in the order of the words.
    return sorted(dict.fromkeys((*by_words, *cosines)), key=value, reverse=True)[:most]
