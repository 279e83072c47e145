"""One order of papers from two: by their words, and by how near they are in meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping

_COSINE_WEIGHT = 7.0
_PLACE_WEIGHT, _BEFORE_FIRST = 1.5, 2
_SCALE = 14.0
"""What is summed: exp((score - best score) / scale), 1.5 / (2 + place) and 7 · cosine.

Chosen on the first half of SciTLDR: nDCG@10 .833 there, .807 on the other half, and .895 on SciFact. By place
and cosine alone it is .829, .801 and .890; with the share of the best score in place of the exponential .832,
.806 and .892. Scales from 10 to 20 are within .002.
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
