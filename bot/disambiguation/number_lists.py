"""Lists of numbers, one after the other in one array."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class NumberLists:
    """Many lists of numbers below 2^32, of four bytes each."""

    def __init__(self, numbers: array[int] | None = None, ends: array[int] | None = None) -> None:
        """Take the numbers of all lists and where each list ends, after a 0; else there are none yet."""
        self._numbers = array("I") if numbers is None else numbers
        self._ends = array("Q", [0]) if ends is None else ends

    def append(self, numbers: Iterable[int]) -> None:
        """Add a list."""
        self._numbers.extend(numbers)
        self._ends.append(len(self._numbers))

    def __len__(self) -> int:
        """How many lists there are."""
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> array[int]:
        """A list, by its place."""
        return self._numbers[self._ends[place] : self._ends[place + 1]]

    def __iter__(self) -> Iterator[array[int]]:
        """Each list."""
        return (self[place] for place in range(len(self)))

    def size(self, place: int) -> int:
        """How many numbers a list has."""
        return self._ends[place + 1] - self._ends[place]
