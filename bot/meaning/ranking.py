"""One order of papers from two: by their words, and by how near they are in meaning."""

from __future__ import annotations

from collections.abc import Mapping

_COSINE_WEIGHT = 7.0
_PLACE_WEIGHT, _BEFORE_FIRST = 1.5, 2
"""Of the cosine, and of 1 / (2 + place), beside the share of the best score by words.

Chosen on the first half of SciTLDR among 56 pairs: nDCG@10 .832 there and .806 on the other half. With twice
the weight of the place, and without the score, they are .829 and .801; with the score and the cosine alone
.829 and .804. Logarithms or exponentials of the score are within .001.
"""
FULL_WEIGHT_FROM = 8
"""Words of a question; of fewer the cosine weighs less, for a few words are remembered, not described.

At full weight three words of a title, one of them misspelt, lose .007 (tests/benchmarks/remembered.py).
"""


def by_both(
    by_words: Mapping[int, float], cosines: Mapping[int, float], most: int, words: int = FULL_WEIGHT_FROM
) -> list[int]:
    """The first papers by their score among words, as a share of the best, their place, and the cosine.

    What words did not find counts as much as the last one that they found. A paper without a vector yet
    counts as near as the nearest, so that it is where words put it.

    Args:
        by_words: The scores of papers that words found, best first; above zero.
        cosines: How near papers are in meaning, those among them that words did not find.
        most: How many papers are wanted.
        words: How many words the question has.

    """
    nearest = max(cosines.values(), default=0.0)
    weight = _COSINE_WEIGHT * min(1.0, words / FULL_WEIGHT_FROM)
    best, least = max(by_words.values(), default=0.0) or 1.0, min(by_words.values(), default=0.0)
    places = {paper: _PLACE_WEIGHT / (_BEFORE_FIRST + place) for place, paper in enumerate(by_words)}

    def value(paper: int) -> float:
        by_score = by_words.get(paper, least) / best
        return by_score + places.get(paper, 0.0) + weight * cosines.get(paper, nearest)

    # Equal ones stay in the order of the words.
    return sorted(dict.fromkeys((*by_words, *cosines)), key=value, reverse=True)[:most]
