"""What changed in the store since a commit goes into the next commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session
from tantivy import Query

from bot.search.generation import Generation
from bot.search.schema import paper_document, state_document
from bot.search.snapshot import StoreState
from bot.store.engine import Store
from bot.store.papers import changed_since, people_attributed
from bot.store.revisions import latest_revision

_PAGE = 1_000
_THREADS = 2
_MEMORY = 100_000_000
"""Bytes, over all threads; with less there are more pieces to merge, which takes longer than making them."""


def write_changes(generation: Generation, store: Store) -> int:
    """Commit everything up to the store's newest revision; the number of papers written.

    The revision is part of the commit. What is written to the store meanwhile comes next time.
    """
    known = generation.snapshot.state
    with store.reading() as session:
        newest = latest_revision(session)
        revision, stamp = (newest.number, newest.stamp) if newest is not None else (0, 0)
    writer = generation.index.writer(_MEMORY, _THREADS)
    papers, highest_id = 0, known.highest_id
    after_id = 0
    while True:
        with store.reading() as session:
            rows = changed_since(session, known.revision, after_id, _PAGE, until=revision)
            attributed = _attributed(session, rows)
        if not rows:
            break
        # By query: deleting by the term of a number deletes nothing in tantivy 0.27.
        if known_ids := [row.id for row in rows if row.id <= known.highest_id]:
            writer.delete_documents_by_query(Query.term_set_query(generation.index.schema, "id", known_ids))
        for row in rows:
            writer.add_document(paper_document(row, attributed.get(row.id, ())))
        papers += len(rows)
        after_id = rows[-1].id
        highest_id = max(highest_id, after_id)
    writer.delete_documents_by_term("kind", "state")
    writer.add_document(state_document(StoreState(revision, stamp, highest_id).dump()))
    writer.commit()
    generation.seal()
    generation.reload()
    # Merges change the files of the commit once more; what is in it can be found before they end.
    writer.wait_merging_threads()
    generation.seal()
    generation.reload()
    return papers


def _attributed(session: Session, rows: Sequence[Any]) -> Mapping[int, Sequence[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    if rows:
        for paper_id, name in people_attributed(session, [row.id for row in rows]):
            names[paper_id].append(name)
    return names
