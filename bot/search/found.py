"""What a query found: papers in groups, in the order in which an answer shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.search.schema import id_of
from bot.search.terms import Trust

MOST_PAPERS = 200
"""An answer holds no more; its count does."""

FAR = 1e6
"""Above all scores."""


class Ranking(StrEnum):
    """The order of an answer."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of papers in groups, which stand in this order whatever the ranking, each of them ranked by it.

    A paper with all words, some of them corrected, is likelier meant than one that lacks words altogether,
    so that it comes before those with most of the words. But a word that one or two papers have may be
    typed as it is meant: a paper that has it, and most of the other words, comes before the corrected ones.
    """

    total: int
    """Papers with everything that was asked."""
    complete: tuple[int, ...] = ()
    nearly: tuple[int, ...] = ()
    """Papers with most of it, and with a word as it was typed that the next ones have corrected."""
    corrected: tuple[int, ...] = ()
    """Papers with everything, where a word that no paper has, or one or two, may be misspelt."""
    partial: tuple[int, ...] = ()
    """Papers with most of it."""
    corrected_total: int = 0
    forgiven: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them in order."""
        return (*self.complete, *self.nearly, *self.corrected, *self.partial)


@dataclass(slots=True)
class Groups:
    """The groups of what is found, by values of the field `order`."""

    total: int
    complete: list[int]
    corrected_total: int = 0
    corrected: list[int] = field(default_factory=list[int])
    nearly: list[int] = field(default_factory=list[int])
    partial: list[int] = field(default_factory=list[int])

    def room(self, *groups: Sequence[int]) -> int:
        """How many papers an answer holds besides these."""
        return MOST_PAPERS - sum(map(len, groups))

    def put_first(self, first: int) -> None:
        """Let a paper be the first one; it counts as one with everything."""
        self.total += first not in self.complete
        self.corrected_total -= first in self.corrected
        for group in (self.complete, self.nearly, self.corrected, self.partial):
            group[:] = [order for order in group if order != first]
        self.complete.insert(0, first)

    def found(self, forgiven: Iterable[str]) -> Found:
        """The answer, with what was accepted beside what was typed."""
        return Found(
            total=self.total,
            complete=tuple(map(id_of, self.complete)),
            nearly=tuple(map(id_of, self.nearly)),
            corrected=tuple(map(id_of, self.corrected)),
            partial=tuple(map(id_of, self.partial)),
            corrected_total=self.corrected_total,
            forgiven=tuple(forgiven),
        )


def parted(scored: Iterable[tuple[float, int]]) -> tuple[list[int], list[int]]:
    """Ranked papers without corrected words, and those with them, which stand far below."""
    complete: list[int] = []
    corrected: list[int] = []
    for score, order in scored:
        (complete if score > (0.5 - Trust.GUESS) * FAR else corrected).append(order)
    return complete, corrected
