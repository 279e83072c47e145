"""Imports taken back: what they said goes, and what they replaced holds again; nothing is announced.

An import is taken back in short transactions, and may be killed between any two: the next call goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.app import App
from bot.corpus.identity import Pair
from bot.errors import RefusedError
from bot.ingest.batch import Batch
from bot.ingest.import_run import ImportRun
from bot.ingest.importer import Progress
from bot.ingest.writer import write_drafts
from bot.store import imports, withdrawal
from bot.store import imports_undone as store
from bot.store.authorship import People
from bot.store.bulk import new_ids
from bot.store.citations import forget_references, take_counts
from bot.store.imports import ImportRow, ImportState
from bot.store.models import Paper

PAPERS_AT_ONCE = 100
"""So many are taken back in one transaction, for which other writers wait."""
REASON = "The import of one of its papers was taken back."

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did, or would do."""

    import_id: int
    removed: int
    """Papers that nobody else knows."""
    reverted: int
    """Papers that others know too: what this import said of them is gone."""
    kept: int
    """Of its rows those that other imports had as well."""
    announced: int
    """Of the removed papers those that were announced; their messages stay as they are."""


def imports_made(app: App, limit: int = 20) -> list[tuple[ImportRow, ImportState]]:
    """The newest imports, and whether each came to its end."""
    with app.store.reading() as session:
        return [(row, imports.state_of(row, app.clock())) for row in imports.newest_imports(session, limit)]


def import_made(app: App, import_id: int) -> tuple[ImportRow, ImportState]:
    """One import, and whether it came to its end.

    Raises:
        RefusedError: There is none of this number.

    """
    with app.store.reading() as session:
        row = _import(session, import_id)
        return row, imports.state_of(row, app.clock())


def papers_added(app: App, import_id: int, limit: int) -> list[tuple[int, str]]:
    """The ids and titles of the first papers that an import added, without those that are gone."""
    with app.store.reading() as session:
        return imports.titles_added_by(session, import_id, limit)


def preview_undo(app: App, import_id: int, report: Report | None = None) -> Undone:
    """Work out what taking an import back would do, and write nothing.

    Raises:
        RefusedError: There is no such import, or it cannot be taken back.

    """
    with app.store.reading() as session:
        _undoable(app, session, import_id)
        found = Undone(import_id, 0, 0, 0, 0)
        repeated = store.repeated_by_others(session, import_id)
        after, last = 0, imports.last_paper(session)
        while ids := store.papers_said_by(session, import_id, after, PAPERS_AT_ONCE):
            after = ids[-1]
            found = _counted(found, _plan(session, import_id, ids, repeated), session)
            if report is not None:
                report(Progress("looked at", after, last))
    return found


def undo_import(app: App, import_id: int, report: Report | None = None) -> Undone:
    """Take an import back; goes on where it was cut off.

    Raises:
        RefusedError: There is no such import, or it cannot be taken back.

    """
    with app.store.writing() as session:
        imports.lock_corpus(session)
        _undoable(app, session, import_id)
        row = imports.begin_undo(session, import_id, app.clock())
        repeated = store.repeated_by_others(session, import_id)
        last = imports.last_paper(session)
        _remove_idle(app, session, store.take_figures(session, import_id))
    found = Undone(import_id, row.removed, row.reverted, 0, 0)
    after = 0
    while True:
        with app.store.reading() as session:
            ids = store.papers_said_by(session, import_id, after, PAPERS_AT_ONCE)
        if not ids:
            break
        with app.store.writing() as session:
            imports.lock_corpus(session)
            plan = _plan(session, import_id, ids, repeated)
            found = _counted(found, plan, session)
            _take_back(app, session, plan)
            imports.change_import(session, import_id, removed=found.removed, reverted=found.reverted)
        after = ids[-1]
        if report is not None:
            report(Progress("taken back", after, last))
    with app.store.writing() as session:
        imports.lock_corpus(session)
        store.close_gaps(session, import_id)
        now = app.clock()
        imports.change_import(session, import_id, undone_at=now, finished_at=row.finished_at or now)
    app.index.catch_up(app.store)
    return found


def forget_old_imports(app: App) -> None:
    """Delete what is kept of imports that cannot be taken back any more."""
    with app.store.writing() as session:
        store.forget_old(session, app.clock())


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of some papers."""

    papers: dict[int, set[Pair]]
    """All under which they are known."""
    gone: set[Pair]
    restored: dict[Pair, store.ReplacedRow]
    given: dict[Pair, int]
    """What other imports said too, and which."""

    @property
    def removed(self) -> dict[int, set[Pair]]:
        """Papers of which nothing is left."""
        return {paper_id: pairs for paper_id, pairs in self.papers.items() if pairs <= self.gone}

    @property
    def changed(self) -> set[int]:
        """Papers of which the import's word goes, also those that are removed."""
        taken = self.gone | self.restored.keys()
        return {paper_id for paper_id, pairs in self.papers.items() if not pairs.isdisjoint(taken)}


def _plan(session: Session, import_id: int, ids: Sequence[int], repeated: dict[bytes, int]) -> _Plan:
    rows = store.rows_of_papers(session, ids)
    papers: dict[int, set[Pair]] = {paper_id: set() for paper_id in ids}
    own: set[Pair] = set()
    given: dict[Pair, int] = {}
    for row in rows:
        pair = row.source, row.source_key
        papers[row.paper_id].add(pair)
        if row.import_id == import_id:
            own.add(pair)
            if (other := repeated.get(store.hash_of(*pair, row.digest))) is not None:
                given[pair] = other
    own -= given.keys()
    restored = store.replaced_by(session, import_id, own)
    return _Plan(papers, own - restored.keys(), restored, given)


def _counted(found: Undone, plan: _Plan, session: Session) -> Undone:
    removed = plan.removed
    return replace(
        found,
        removed=found.removed + len(removed),
        reverted=found.reverted + len(plan.changed - removed.keys()),
        kept=found.kept + len(plan.given),
        announced=found.announced + store.announced(session, removed),
    )


def _take_back(app: App, session: Session, plan: _Plan) -> None:
    """Write what a plan says, in a writing transaction."""
    store.give_to(session, plan.given)
    removed = plan.removed
    people = store.people_of(session, plan.papers)
    if removed:
        withdrawal.withdraw(session, store.messages_on_their_way_with(session, removed.keys()), REASON)
    run = ImportRun(app.store, app.clock, 0, (), read_on=None, keep_inferred=False)
    batch = Batch(run, session, new_ids(session, Paper, 2))
    batch.take_back(plan.changed, plan.gone, plan.restored)
    write_drafts(batch, People())
    store.delete_records(session, plan.gone)
    of_pair = {pair: paper_id for paper_id, pairs in plan.papers.items() for pair in pairs}
    began = imports.days_of_imports(session, {row.said_by for row in plan.restored.values() if row.said_by})
    after: dict[tuple[int, str], dt.date | None] = {(of_pair[pair], pair[0]): None for pair in plan.gone}
    for pair, row in plan.restored.items():
        after[of_pair[pair], pair[0]] = row.read_on or began.get(row.said_by or 0)
    take_counts(session, after)
    forget_references(session, _silent(plan))
    if removed:
        store.remove_papers(session, removed, imports.take_revision(session, app.clock()))
    _remove_idle(app, session, people)


def _silent(plan: _Plan) -> set[tuple[int, str]]:
    """Papers with sources that say nothing more of them."""
    gone: set[tuple[int, str]] = set()
    left: set[tuple[int, str]] = set()
    for paper_id, pairs in plan.papers.items():
        for source, key in pairs:
            (gone if (source, key) in plan.gone else left).add((paper_id, source))
    return gone - left


def _remove_idle(app: App, session: Session, people: set[int]) -> None:
    """Delete entries of people of whom nothing is left, unless an import runs: it may remember them."""
    if not imports.running_imports(session, app.clock()):
        store.remove_idle_people(session, people)


def _import(session: Session, import_id: int) -> ImportRow:
    row = imports.import_by_id(session, import_id)
    if row is None:
        raise RefusedError(f"There is no import {import_id}: `papercord imports list` shows those there are.")
    return row


def _undoable(app: App, session: Session, import_id: int) -> None:
    row = _import(session, import_id)
    now = app.clock()
    if row.undone_at is not None:
        raise RefusedError(f"Import {import_id} is taken back already.")
    if imports.state_of(row, now) is ImportState.RUNNING:
        raise RefusedError(f"Import {import_id} is running: stop it, or wait for its end.")
    if now - (row.finished_at or row.started_at) > store.KEPT:
        raise RefusedError(
            f"Import {import_id} was made more than {store.KEPT.days} days ago: "
            "what it replaced is not kept any longer."
        )
    if row.undo_began_at is None and not imports.is_recorded(session, import_id):
        raise RefusedError(
            f"Of import {import_id} it is not recorded what it said: an earlier version made it, or all of "
            "it is replaced by later imports by now. There is nothing to take back."
        )
