"""Circles: papers that share co-authors, directly or by way of other papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Person = TypeVar("Person", bound=Hashable)


class DisjointSets:
    """Numbers in sets that are joined step by step."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def of(self, number: int) -> int:
        """The number that stands for the set of this one."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make one set of two; the lower number stands for it."""
        low, high = self.of(one), self.of(other)
        if low != high:
            self._parents[max(low, high)] = min(low, high)


def coauthor_clusters(papers: Sequence[Iterable[Person]]) -> list[list[int]]:
    """Group papers, given by their co-authors, that share at least one; the largest circle first.

    A paper without co-authors is a circle of its own. Which papers have nothing in common is no
    proof that they are by different people.
    """
    sets = DisjointSets(len(papers))
    first: dict[Person, int] = {}
    for number, people in enumerate(papers):
        for person in people:
            sets.join(first.setdefault(person, number), number)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(papers)):
        found[sets.of(number)].append(number)
    return sorted(found.values(), key=lambda circle: (-len(circle), circle))
