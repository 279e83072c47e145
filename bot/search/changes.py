"""What an index has to write to show the store's newest revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.search.fields import Fields, paper_fields
from bot.search.snapshot import StoreState
from bot.store.engine import Store
from bot.store.imports import latest_revision
from bot.store.papers import SearchedPaper, changed_since, papers_merged_since, people_attributed

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Some papers to be written, at a revision of the store."""

    revision: int
    gone: Sequence[int]
    """Papers that the index may have, and that are to be taken out first."""
    papers: Mapping[int, Fields]
    """Papers by their ids."""


class Changes:
    """The papers that changed since a state of the store, read in pages by their ids."""

    def __init__(self, store: Store, state: StoreState) -> None:
        self._store = store
        self.state = state
        """What the index shows once all batches so far are written."""

    def newest(self) -> StoreState | None:
        """What the index is to show; None where the store has nothing."""
        with self._store.reading() as session:
            newest = latest_revision(session)
        return StoreState(newest.number, newest.stamp) if newest is not None else None

    def batches(self, until: StoreState | None = None, after_id: int = 0) -> Iterator[Batch]:
        """What is to be written to show the newest revision, or an earlier one; perhaps from a paper on."""
        until = until or self.newest()
        if until is None:
            return
        if gone := self._gone(until.revision):
            yield Batch(until.revision, gone, {})
        highest_id = max(self.state.highest_id, after_id)
        while rows := self._page(after_id, until.revision):
            papers, after_id = rows
            known = [paper_id for paper_id in papers if paper_id <= self.state.highest_id]
            yield Batch(until.revision, known, papers)
            highest_id = max(highest_id, after_id)
        self.state = StoreState(until.revision, until.stamp, highest_id)

    def _gone(self, until: int) -> Sequence[int]:
        """Papers that were merged into another one, which has changed with it."""
        with self._store.reading() as session:
            return papers_merged_since(session, self.state.revision, until)

    def _page(self, after_id: int, until: int) -> tuple[dict[int, Fields], int] | None:
        with self._store.reading() as session:
            rows = changed_since(session, self.state.revision, after_id, _PAGE, until=until)
            attributed = _attributed(session, rows)
        papers = {row.id: paper_fields(row, attributed.get(row.id, ())) for row in rows}
        return (papers, rows[-1].id) if rows else None


def _attributed(session: Session, rows: Sequence[SearchedPaper]) -> Mapping[int, Sequence[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    if rows:
        for row in people_attributed(session, [row.id for row in rows]):
            names[row.paper_id].append(row.name)
    return names
