"""One commit of the index, to search in: it does not change while newer commits are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import orjson
from tantivy import DocAddress, Query, Schema, Searcher

from bot.search.vocabulary import Vocabularies, Vocabulary

Made = TypeVar("Made")

_MOST_COMPLETIONS = 40
_MOST_FREQUENCIES = 50_000
"""How many are kept, for they are asked for again and again."""
_MOST_REMEMBERED = 2_000


@dataclass(frozen=True)
class StoreState:
    """The state of the store that a commit shows."""

    revision: int = 0
    stamp: int = 0
    highest_id: int = 0
    """No paper of the commit has a higher id."""

    def dump(self) -> str:
        """As the index stores it."""
        return orjson.dumps([self.revision, self.stamp, self.highest_id]).decode()

    @classmethod
    def load(cls, text: str) -> StoreState:
        """From what `dump` wrote."""
        return cls(*orjson.loads(text))


class Snapshot:
    """A searcher over one commit, and what is derived from its terms on first use."""

    def __init__(self, searcher: Searcher, schema: Schema, vocabularies: Vocabularies | None = None) -> None:
        self.searcher = searcher
        self.schema = schema
        self._vocabularies = vocabularies or Vocabularies()
        self.state = self._state()
        self._frequencies: dict[tuple[str, str], int] = {}
        self._remembered: dict[Hashable, Any] = {}
        self._vocabularies_made = self._vocabularies.made

    def _state(self) -> StoreState:
        query = Query.term_query(self.schema, "kind", "state")
        hits = self.searcher.search(query, limit=1, count=False).hits
        if not hits:
            return StoreState()
        return StoreState.load(str(self.searcher.doc(hits[0][1]).get_first("state")))

    @property
    def vocabulary(self) -> Vocabulary:
        """Its words; in a large corpus perhaps those of a commit shortly before."""
        return self._vocabularies.of(self.searcher, self.state.dump())

    def keep_vocabulary(self) -> None:
        """See that the words of a large corpus are at hand after the next start."""
        self._vocabularies.keep(self.searcher, self.state.dump())

    def moved_to(self, searcher: Searcher) -> Snapshot:
        """The same commit with what is derived from it, in files that were opened anew."""
        moved = copy(self)
        moved.searcher = searcher
        return moved

    def term(self, field: str, term: str) -> Query:
        """The query for one term; unlike what Tantivy makes by itself, it reads no places in texts."""
        return Query.term_query(self.schema, field, term, "freq")

    def frequency(self, field: str, term: str) -> int:
        """How many papers have the term."""
        known = self._frequencies.get((field, term))
        if known is None:
            if len(self._frequencies) >= _MOST_FREQUENCIES:
                self._frequencies.clear()
            known = self._frequencies[field, term] = self.searcher.doc_freq(field, term)
        return known

    @cached_property
    def is_whole(self) -> bool:
        """Whether no paper was taken out or changed; until they are merged away, frequencies count those."""
        states = min(1, self.searcher.doc_freq("kind", "state"))
        return self.searcher.doc_freq("kind", "paper") + states == self.searcher.num_docs

    def rarity(self, frequency: int) -> float:
        """The inverse document frequency as BM25 has it: what a term of that frequency weighs."""
        papers = self.searcher.num_docs
        return math.log1p((papers - min(frequency, papers) + 0.5) / (frequency + 0.5))

    def ranked(self, hits: Sequence[tuple[Any, DocAddress]]) -> list[tuple[float, int]]:
        """Hits as (score, value of the field `order`), best first; of equal ones the newest, then by id."""
        if not hits:
            return []
        scores, addresses = zip(*hits, strict=True)
        orders = [int(order or 0) for order in self.searcher.fast_field_values("order", list(addresses))]
        return sorted(zip(map(float, scores), orders, strict=True), reverse=True)

    def completions(self, begun: str) -> tuple[str, ...]:
        """The most frequent words of titles that begin so."""
        return self.remembered(("completions", begun), lambda: self._completions(begun))

    def _completions(self, begun: str) -> tuple[str, ...]:
        terms = self.searcher.terms_with_prefix("title_words", begun, limit=_MOST_COMPLETIONS)
        return tuple(term for term, _ in terms)

    def remembered(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What follows from the commit and its vocabulary; made once, and kept as long as there is room."""
        if self._vocabularies_made != self._vocabularies.made or len(self._remembered) >= _MOST_REMEMBERED:
            self._vocabularies_made = self._vocabularies.made
            self._remembered.clear()
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered[key] = make()
        return found

    @cached_property
    def field_codes(self) -> tuple[str, ...]:
        """The codes of the fields that papers have, most frequent first."""
        return tuple(code for code, _ in self.searcher.terms_with_prefix("field", ""))
