"""One order of papers from two: by their words, and by how near they are in meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_PLACE_WEIGHT, _BEFORE_FIRST = 3.0, 2
_COSINE_WEIGHT = 8.0
"""Of the cosine beside 3 / (2 + place).

On the first half of SciTLDR nDCG@10 is .824 with 5, .825 with 6, .827 with 8 and .819 with 11; .793 by words
alone. Scaled by how many words were found, or by how rare they are, it is .826 at most.
"""
FULL_WEIGHT_FROM = 8
"""Words of a question; of fewer the cosine weighs less, for a few words are remembered, not described.

At full weight three words of a title, one of them misspelt, lose .007 (tests/benchmarks/remembered.py).
"""


def by_both(
    by_words: Sequence[int], cosines: Mapping[int, float], most: int, words: int = FULL_WEIGHT_FROM
) -> list[int]:
    """The first papers in the order of 3 / (2 + place by words) + weight · cosine.

    What words did not find has no place. A paper without a vector yet counts as near as the nearest, so
    that it is where words put it.
    """
    nearest = max(cosines.values(), default=0.0)
    weight = _COSINE_WEIGHT * min(1.0, words / FULL_WEIGHT_FROM)
    places = {paper: _PLACE_WEIGHT / (_BEFORE_FIRST + place) for place, paper in enumerate(by_words)}

    def value(paper: int) -> float:
        return places.get(paper, 0.0) + weight * cosines.get(paper, nearest)

    # Equal ones stay in the order of the words.
    return sorted(dict.fromkeys((*by_words, *cosines)), key=value, reverse=True)[:most]
