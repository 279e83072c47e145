"""Finding by meaning: what searches, the status and the running bot use of the vectors."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bot.meaning.encoder import encode, load, model_name
from bot.meaning.maker import Report, Wait, make_vectors
from bot.meaning.process import VectorProcess
from bot.meaning.ranking import FULL_WEIGHT_FROM, by_both
from bot.meaning.state import VectorsState, newest_revision, read_state
from bot.store.engine import Store
from bot.store.imports import revision_made_after

if TYPE_CHECKING:
    from bot.meaning.encoder import Vector
    from bot.meaning.vectors import KeptVectors

_NEIGHBOURS = 100
"""Papers nearest to a question that join those with its words."""
_LEAST = 0.25
"""The cosine below which a paper that words did not find has nothing to do with a question."""
_LOOKED_AT_EVERY = 5.0
"""Seconds; vectors that were made since then are not yet searched."""
_QUESTIONS = 256
"""Questions whose vectors are remembered, for their next pages."""

_log = logging.getLogger(__name__)

Limits = Callable[[Sequence[int]], Collection[int]]
"""Answers which of these papers are within the limits of a query."""


@dataclass(frozen=True, slots=True)
class VectorsStatus:
    """How far the vectors are."""

    made: int
    """Papers that have one."""
    is_current: bool
    """Whether all papers of the newest revision have theirs."""
    waits_since: dt.datetime | None = None
    """When the last one was made while papers lacked theirs; None where none lacks its own."""


@dataclass(slots=True)
class Ranked:
    """Papers by words and meaning."""

    papers: list[int]
    by_meaning: list[int] = field(default_factory=list[int])
    """Those that words did not find."""


class Meaning:
    """Finds papers by meaning; where it is off, it finds none. Safe for many threads."""

    def __init__(self, store: Store, folder: Path, *, is_on: bool) -> None:
        """Read nothing yet."""
        self.is_on = is_on
        self._store = store
        self._folder = folder
        self._process = VectorProcess()
        self._vector_of = lru_cache(_QUESTIONS)(encode)
        self._opening = Lock()
        self._vectors: KeptVectors | None = None
        self._looked_at: float | None = None
        self._is_checked = False

    def ranked(
        self,
        question: str,
        by_words: Mapping[int, float],
        within: Limits,
        most: int,
        words: int = FULL_WEIGHT_FROM,
    ) -> Ranked:
        """Papers that words found, with their scores, and those near in meaning, in one order."""
        vectors = self._opened()
        if vectors is None or not question:
            return Ranked(list(by_words))
        return _ranked(vectors, self._vector_of(question), by_words, within, most, words)

    def similar(self, paper: int, by_words: Mapping[int, float], within: Limits, most: int) -> list[int]:
        """The papers that share words with a paper, and those near to it in meaning, in one order."""
        vectors = self._opened()
        vector = vectors.vector(paper) if vectors is not None else None
        if vectors is None or vector is None:
            return list(by_words)

        def others(papers: Sequence[int]) -> Collection[int]:
            return within([each for each in papers if each != paper])

        return _ranked(vectors, vector, by_words, others, most).papers

    def vectors(self, papers: Sequence[int]) -> Mapping[int, Vector]:
        """The vectors of these papers; without those that have none, and none where it is off."""
        vectors = self._opened()
        return vectors.vectors(papers) if vectors is not None else {}

    def status(self) -> VectorsStatus | None:
        """How far the vectors are, from a small file; None where finding by meaning is off."""
        if not self.is_on:
            return None
        state = self._state()
        if state is None:
            return VectorsStatus(0, is_current=False, waits_since=self._changed_after(0))
        newest = newest_revision(self._store)
        if (state.revision, state.stamp) == (newest.revision, newest.stamp):
            return VectorsStatus(state.made, is_current=True)
        changed, last = self._changed_after(state.revision), dt.datetime.fromtimestamp(state.made_at, dt.UTC)
        return VectorsStatus(state.made, is_current=False, waits_since=changed and max(changed, last))

    def keep_up(self) -> None:
        """Start the process that makes vectors where some are missing or damaged.

        Raises:
            ConfigurationError: the process cannot do its work; says why.

        """
        if self._process.is_running:
            return
        status = self.status()
        if status is not None and (not status.is_current or self._is_damaged()):
            self._process.start(self._store.url, self._folder)

    def make(self, wait: Wait, report: Report, clock: Callable[[], dt.datetime]) -> bool:
        """Make the vectors that are missing in this process; see `make_vectors`."""
        return make_vectors(self._store, self._folder, wait, report, clock)

    def load(self) -> None:
        """Load the model and the vectors, so that the first question need not wait for it."""
        if self.is_on:
            load()
            self._opened()

    def close(self) -> None:
        """End the process that makes vectors, and release the file."""
        self._process.close()
        with self._opening:
            self._vectors = None

    def _changed_after(self, revision: int) -> dt.datetime | None:
        with self._store.reading() as session:
            return revision_made_after(session, revision)

    def _is_damaged(self) -> bool:
        vectors = self._opened()
        if vectors is not None and not self._is_checked:
            self._is_checked = True
            vectors.check()
        if vectors is None or not vectors.damaged:
            return False
        with self._opening:
            # They are read again once they are mended.
            self._vectors, self._is_checked = None, False
        return True

    def _state(self) -> VectorsState | None:
        """The state of the vectors; None where they are of another model or database."""
        state = read_state(self._folder)
        return state if state and state.model == model_name() and state.is_of(self._store) else None

    def _opened(self) -> KeptVectors | None:
        """The newest vectors of this model; None where there are none."""
        if not self.is_on:
            return None
        with self._opening:
            now = time.monotonic()
            if self._looked_at is None or now - self._looked_at >= _LOOKED_AT_EVERY:
                self._looked_at = now
                self._open()
            return self._vectors

    def _open(self) -> None:
        from bot.meaning.vectors import KeptVectors

        state = self._state()
        if state is None:
            self._vectors = None
            return
        before = self._vectors
        path = self._folder / state.file
        try:
            if before is None or before.path != path:
                self._vectors = KeptVectors(path)
            elif before.has_grown():
                self._vectors = KeptVectors(path, before)
        except (OSError, ValueError) as error:
            self._vectors = None
            _log.warning("The vectors in %s cannot be read: %s.", self._folder, error)


def _ranked(
    vectors: KeptVectors,
    asked: Vector,
    by_words: Mapping[int, float],
    within: Limits,
    most: int,
    words: int = FULL_WEIGHT_FROM,
) -> Ranked:
    cosines = vectors.cosines(asked, list(by_words))
    near = vectors.nearest(asked, _NEIGHBOURS)
    others = [paper for paper, cosine in near.items() if cosine >= _LEAST and paper not in by_words]
    allowed = set(within(others)) if others else set[int]()
    cosines |= {paper: near[paper] for paper in others if paper in allowed}
    papers = by_both(by_words, cosines, most, words)
    return Ranked(papers, [paper for paper in papers if paper not in by_words])
