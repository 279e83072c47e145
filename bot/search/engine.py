"""What search needs of an engine: queries are made, papers are found by them, and terms are counted.

Spelling, ranking, snippets and suggestions are above it, and know no engine. They ask many small things, of
which some depend on others; that an engine far away is not asked one by one is the matter of its snapshot
(`Snapshot.answered` in `bot/search/snapshot.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

Scored = list[tuple[float, int]]
"""Papers as (score, value of the field `order`), best first; of equal ones the newest, then by id."""


class Query(Protocol):
    """A query in the form of the engine that made it; it has a meaning for that engine alone."""


class Engine(Protocol):
    """One state of an index of papers, which does not change.

    Fields are those of `bot/search/fields.py`; terms are words or stems as `bot/text/folding.py` makes
    them. Papers are named by their values of the field `order`.
    """

    # Queries. Only `term`, `phrase` and what is made of them add to the score of a paper.

    def term(self, field: str, term: str) -> Query:
        """Papers with a term in a text, scored by BM25."""
        ...

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Papers with words side by side in a text, or with the one word, scored by BM25."""
        ...

    def equal(self, field: str, value: str | float) -> Query:
        """Papers with just this value."""
        ...

    def between(
        self, field: str, low: float | None = None, high: float | None = None, *, strict: bool = False
    ) -> Query:
        """Papers whose number is in a span; `strict` leaves out its ends."""
        ...

    def having(self, field: str) -> Query:
        """Papers that have a value in a field."""
        ...

    def these(self, orders: Iterable[int]) -> Query:
        """The papers named; they are scored 0."""
        ...

    def any_of(self, queries: Iterable[Query]) -> Query:
        """Papers that any of these finds, scored by the sum; none where there are no queries."""
        ...

    def all_of(
        self, needed: Iterable[Query], scoring: Iterable[Query] = (), without: Iterable[Query] = ()
    ) -> Query:
        """Papers that all `needed` find and none of `without`, scored by all that find them."""
        ...

    def weighted(self, query: Query, weight: float) -> Query:
        """The same papers with their scores multiplied."""
        ...

    def constant(self, query: Query, score: float) -> Query:
        """The same papers, all with this score."""
        ...

    # Papers.

    def best(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, Scored]:
        """How many there are if asked for, else 0; and the best ones."""
        ...

    def newest(self, query: Query, limit: int, *, count: bool = False) -> tuple[int, list[int]]:
        """How many there are if asked for, else 0; and the newest ones."""
        ...

    def highest(self, query: Query, limit: int) -> list[int]:
        """Those with the highest score of their own, of equal ones the newest; then those without one."""
        ...

    def count(self, query: Query) -> int:
        """How many there are."""
        ...

    def finds(self, query: Query, likely: Sequence[int] = ()) -> bool:
        """Whether there is one; perhaps sooner known by papers that are likely found."""
        ...

    def scores(self, orders: Sequence[int], queries: Iterable[Query]) -> dict[int, float]:
        """For each of these papers the sum of what the queries score it."""
        ...

    def found_by(self, orders: Sequence[int], queries: Sequence[Query]) -> Mapping[int, Sequence[int]]:
        """For each of these papers the places of the queries that find it, in order."""
        ...

    @property
    def is_incomplete(self) -> bool:
        """Whether a part of the papers was away at any time when it was asked."""
        ...

    # Terms.

    @property
    def papers(self) -> int:
        """How many papers there are; the document that says the state may be counted with them."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether frequencies are exact; else they may count papers that were deleted or changed, too."""
        ...

    def frequency(self, field: str, term: str) -> int:
        """How many papers have a term."""
        ...

    def terms(
        self, field: str, begun: str = "", limit: int | None = None, least: int = 1
    ) -> Iterable[tuple[str, int]]:
        """The terms of a field that begin so and that so many papers have, with their frequencies.

        With a limit the most frequent. Asked for the fields `LISTED` of `bot/search/fields.py` alone.
        """
        ...

    def state(self) -> str | None:
        """What was written with the papers to tell which state of the store they are."""
        ...
