"""Records that were fetched become papers of the corpus, under an import record of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlmodel import Session

from bot.app import App
from bot.corpus.merge import version_of
from bot.corpus.paper import PaperRecord
from bot.ingest.batch import PaperWriter
from bot.ingest.results import Rejected
from bot.ingest.spool import Entry
from bot.store.imports import (
    abandon_import,
    begin_import,
    change_import,
    cut_off_imports,
    forget_import,
    lock_corpus,
    take_revision,
)
from bot.store.paper_sources import mark_read, read_before, stored_digests

ENTRIES_AT_ONCE = 100
"""One short transaction: others wait for it."""

KNOWN_FROM_THE_BEGINNING = 0
"""The revision of papers that are no news: every subscription began after it."""


@dataclass(frozen=True, slots=True)
class ImportedRecords:
    """What became of records."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: tuple[Rejected, ...] = ()


def _nothing_else(_session: Session, _brought: ImportedRecords) -> None:
    """The records are all."""


def import_records(
    app: App,
    origin: str,
    records: Sequence[PaperRecord],
    *,
    as_news: bool,
    then: Callable[[Session, ImportedRecords], None] = _nothing_else,
) -> ImportedRecords:
    """Write records; the same again changes nothing and leaves no trace.

    Args:
        app: The parts to work with.
        origin: Who brings them, such as "arxiv category cs.LG".
        records: In any order; of several with one id the newest version counts.
        as_news: Whether papers that are new become "newly added"; else they are known from the
            beginning.
        then: Writes what belongs to it, in its last transaction: both stand or neither does.

    """
    entries = _entries(origin, records)
    with app.store.reading() as session:
        cut_off = [row.id for row in cut_off_imports(session, app.clock()) if row.files == [origin]]
        known = not cut_off and _all_known(session, entries)
        today = app.clock().date()
        again = (
            read_before(session, [(one.source, one.source_key) for one in entries], today) if known else []
        )
    if known:
        brought = ImportedRecords(unchanged=len(records))
        with app.store.writing() as session:
            mark_read(session, again, today)
            then(session, brought)
        return brought
    with app.store.writing() as session:
        import_id = begin_import(session, [origin], app.clock())
    writer = PaperWriter(app.store, app.clock, import_id, cut_off, keep_inferred=False, read_on=today)
    try:
        for start in range(0, len(entries), ENTRIES_AT_ONCE):
            writer.write(entries[start : start + ENTRIES_AT_ONCE])
        return _finish(app, writer, then, as_news=as_news)
    except BaseException:
        with suppress(Exception), app.store.writing() as session:
            abandon_import(session, import_id)
        raise


def _entries(origin: str, records: Sequence[PaperRecord]) -> list[Entry]:
    best: dict[tuple[str, str], PaperRecord] = {}
    for record in records:
        known = best.get((record.source, record.source_key))
        if known is None or version_of(record) >= version_of(known):
            best[record.source, record.source_key] = record
    return [Entry.of(origin, number, record) for number, record in enumerate(best.values(), start=1)]


def _all_known(session: Session, entries: Sequence[Entry]) -> bool:
    stored = stored_digests(session, [(entry.source, entry.source_key) for entry in entries])
    return all(
        (known := stored.get((entry.source, entry.source_key))) is not None and known.digest == entry.digest
        for entry in entries
    )


def _finish(
    app: App, writer: PaperWriter, then: Callable[[Session, ImportedRecords], None], *, as_news: bool
) -> ImportedRecords:
    """End the import: from its revision on, its papers are newly added, where they are news at all."""
    counts = writer.counts
    brought = ImportedRecords(counts.added, counts.updated, counts.unchanged, tuple(writer.rejected))
    with app.store.writing() as session:
        lock_corpus(session)
        if counts.added or counts.updated:
            now = app.clock()
            change_import(
                session,
                writer.import_id,
                touched_at=now,
                finished_at=now,
                finished_revision=take_revision(session, now) if as_news else KNOWN_FROM_THE_BEGINNING,
                **writer.counts_row(),
            )
        else:
            forget_import(session, writer.import_id)
        then(session, brought)
    return brought
