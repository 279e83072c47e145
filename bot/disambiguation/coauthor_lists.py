"""Who is named beside whom on papers: the lists of a collection, kept as numbers of names."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Self

from bot.disambiguation.number_lists import NumberLists

MOST_BESIDE = 30
"""Co-authors of a paper up to which being named together says something."""


class NameNumbers:
    """Folded names and their numbers, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.keys: list[str] = []

    def number(self, key: str) -> int:
        """The number of a name, a new one where it comes first."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self.add(key)
        return number

    def add(self, key: str) -> int:
        """A new number for a name that is nobody else's, though others are written so."""
        self.keys.append(key)
        return len(self.keys) - 1

    def find(self, key: str) -> int | None:
        """The number of a name; None where it never came."""
        return self._numbers.get(key)


class CoauthorLists:
    """The lists of papers: for a name who else is named in the lists that have it.

    A name takes four bytes where it stands in a list, and four for the list where it is looked up.
    """

    def __init__(self, lists: Iterable[Sequence[str]], known: int | None = None) -> None:
        """Keep these lists of folded names.

        Args:
            lists: One for each paper.
            known: How many people have neighbours, where these lists are a part of more.

        """
        self._names = NameNumbers()
        self._lists = NumberLists()
        for one in lists:
            self._lists.append(map(self._names.number, one))
        self.known = max(len(self._names.keys) if known is None else known, 1)
        self._of_name = self._by_name()

    def _by_name(self) -> NumberLists:
        """For each name the numbers of its lists."""
        counts = array("Q", bytes(8 * len(self._names.keys)))
        for one in self._lists:
            for number in one:
                counts[number] += 1
        ends = array("Q", accumulate(counts, initial=0))
        free = ends[:]
        found = array("I", bytes(4 * ends[-1]))
        for place, one in enumerate(self._lists):
            for number in one:
                found[free[number]] = place
                free[number] += 1
        return NumberLists(found, ends)

    def beside(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Everybody in the lists that have one of these names, on whichever papers."""
        people: set[int] = set()
        for place in self._lists_of(keys):
            people.update(self._lists[place])
        return tuple(map(self._names.keys.__getitem__, people))

    def part(self, keys: Iterable[str]) -> Self:
        """All that shows who is beside these names."""
        names = self._names.keys
        lists = (self._lists[place] for place in sorted(self._lists_of(keys)))
        return type(self)(([names[number] for number in one] for one in lists), self.known)

    def _lists_of(self, keys: Iterable[str]) -> set[int]:
        found: set[int] = set()
        for key in keys:
            if (number := self._names.find(key)) is not None:
                found.update(self._of_name[number])
        return found
