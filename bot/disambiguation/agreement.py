"""How well groups agree with people who are known: pairwise and B-cubed figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and F1; 1.0 where nothing could be wrong."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def pairwise(groups: Sequence[Hashable], people: Sequence[Hashable]) -> Agreement:
    """Of the pairs put together, how many are one person's; of one person's pairs, how many are together."""
    together = _pairs(groups)
    true = _pairs(people)
    both = _pairs(list(zip(groups, people, strict=True)))
    return Agreement(both / together if together else 1.0, both / true if true else 1.0)


def b_cubed(groups: Sequence[Hashable], people: Sequence[Hashable]) -> Agreement:
    """The same for each mention, averaged over mentions.

    After A. Bagga and B. Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space
    Model", COLING-ACL (1998) 79.
    """
    if not groups:
        return Agreement(1.0, 1.0)
    in_group, of_person = Counter(groups), Counter(people)
    both = Counter(zip(groups, people, strict=True))
    right = sum(count * count / in_group[group] for (group, _), count in both.items())
    found = sum(count * count / of_person[person] for (_, person), count in both.items())
    return Agreement(right / len(groups), found / len(groups))


def _pairs(labels: Sequence[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())
