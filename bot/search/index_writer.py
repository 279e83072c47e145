"""What changed in the store since a commit goes into the next commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session
from tantivy import Query

from bot.search.generation import Generation
from bot.search.schema import paper_document, state_document
from bot.search.snapshot import StoreState
from bot.store.engine import Store
from bot.store.imports import latest_revision
from bot.store.papers import SearchedPaper, changed_since, papers_merged_since, people_attributed

_PAGE = 1_000
_THREADS = 1
"""More are hardly faster on two cores, and leave more pieces to merge."""

_MEMORY = 64_000_000
"""Bytes, over all threads; with less there are more pieces to merge, which takes longer than making them."""


def write_changes(generation: Generation, store: Store, more: Callable[[], bool]) -> None:
    """Commit everything up to the store's newest revision, and what comes while `more` waits for it.

    The revision is part of the commit.
    """
    changes = _Changes(generation, store)
    changes.add()
    while more():
        changes.add()
    changes.commit()


class _Changes:
    """The next commit of an index, while it is written."""

    def __init__(self, generation: Generation, store: Store) -> None:
        self._generation = generation
        self._store = store
        self._state = generation.snapshot.state
        self._writer = generation.writer(_MEMORY, _THREADS)

    def add(self) -> None:
        """Write the papers that changed since what is written already."""
        with self._store.reading() as session:
            newest = latest_revision(session)
        if newest is None:
            return
        self._take_out_merged(newest.number)
        highest_id, after_id = self._state.highest_id, 0
        while rows := self._page(after_id, newest.number):
            after_id = rows[-1].id
            highest_id = max(highest_id, after_id)
        self._state = StoreState(newest.number, newest.stamp, highest_id)

    def commit(self) -> None:
        """Make what is written the index that is searched."""
        generation, writer = self._generation, self._writer
        writer.delete_documents_by_term("kind", "state")
        writer.add_document(state_document(self._state.dump()))
        writer.commit()
        generation.seal()
        generation.reload()
        # Merges change the files of the commit once more; what is in it can be found before they end.
        writer.wait_merging_threads()
        generation.seal()
        generation.reload()
        # Both at once would take more memory than anything else does.
        generation.snapshot.keep_vocabulary()

    def _page(self, after_id: int, until: int) -> Sequence[SearchedPaper]:
        with self._store.reading() as session:
            rows = changed_since(session, self._state.revision, after_id, _PAGE, until=until)
            attributed = _attributed(session, rows)
        self._take_out([row.id for row in rows if row.id <= self._state.highest_id])
        for row in rows:
            self._writer.add_document(paper_document(row, attributed.get(row.id, ())))
        return rows

    def _take_out_merged(self, until: int) -> None:
        """Take out papers that turned out to be another one; that one changed with it."""
        with self._store.reading() as session:
            self._take_out(papers_merged_since(session, self._state.revision, until))

    def _take_out(self, ids: Sequence[int]) -> None:
        # By query: deleting by the term of a number deletes nothing in tantivy 0.27.
        if ids:
            schema = self._generation.snapshot.schema
            self._writer.delete_documents_by_query(Query.term_set_query(schema, "id", list(ids)))


def _attributed(session: Session, rows: Sequence[SearchedPaper]) -> Mapping[int, Sequence[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    if rows:
        for row in people_attributed(session, [row.id for row in rows]):
            names[row.paper_id].append(row.name)
    return names
