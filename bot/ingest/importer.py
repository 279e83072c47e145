"""Imports: files of papers, and records that were fetched, become papers of the corpus."""

from __future__ import annotations

import datetime as dt
import gc
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from bot.app import App
from bot.corpus.files import read_file
from bot.corpus.formats.opening import Bounds
from bot.corpus.merge import version_of
from bot.corpus.paper import PaperRecord
from bot.errors import path_text
from bot.ingest.import_run import ImportRun
from bot.ingest.indexer import Indexer
from bot.ingest.spool import Entry, ImportReport, Rejected, Spool
from bot.store.authors import add_report
from bot.store.authorship import People
from bot.store.engine import Store
from bot.store.imports import (
    abandon_import,
    begin_import,
    change_import,
    cut_off_imports,
    forget_import,
    latest_revision,
    lock_corpus,
    take_revision,
)
from bot.store.paper_sources import mark_read, read_before, stored_digests

BATCH_SECONDS = 0.4
"""How long one transaction should last: others wait for it, and each writes whole pages of indexes anew."""

FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 500, 50, 20_000
"""Sizes of a batch, in rows and bytes as `_weight` counts them."""

TOUCH_SECONDS = 10
"""How often an import that finds nothing to write says that it still runs."""


ATTACHED = Bounds(megabytes=512, lines=1_000_000)
"""Of a file that somebody attaches in Discord."""

LAID_DOWN = Bounds(megabytes=16 * 1024, lines=8_000_000)
"""Of a file in the inbox: more than all papers of arXiv."""


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is."""

    stage: str
    """"reading" or "writing"."""
    done: int
    """Papers."""
    total: int | None
    """None while it is not known."""


def import_files(
    app: App,
    paths: Sequence[Path],
    *,
    as_of: dt.date | None = None,
    skip_bad: bool = False,
    source_name: str | None = None,
    bounds: Bounds | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Import files of papers; importing the same files again changes nothing.

    All files are read and validated whole before the first row is written. A row or a file that
    cannot be read leaves everything as it was, unless `skip_bad`. A row whose keys contradict each
    other is found only while writing: it is left out, and the others are imported. Both are listed
    in `rejected`, of very many only the first.

    Papers of a cut-off import that are seen again are taken over and counted as added: with the end
    of this import they become "newly added". An import that is interrupted is cut off.

    Args:
        app: The parts to work with.
        paths: Author pages saved as text, or JSON lines; plain, .gz or .xz.
        as_of: The day on which the sources said this, such as that of an author page; None where it
            is unknown, then a year that an earlier import inferred stays.
        skip_bad: Leave out what cannot be read, and import the rest.
        source_name: The id space of JSON lines that number their papers on their own.
        bounds: How much of a file is read that is not of whoever runs Papercord.
        progress: Is told how far the import is, a few times a second.

    """
    started = time.perf_counter()
    say = progress or _say_nothing
    with Spool() as spool, closing(Indexer(app)) as following:
        today = app.clock().date()

        def read(done: int) -> None:
            say(ImportProgress("reading", done, None))
            following.expect(done)

        for path in paths:
            items = read_file(path, as_of=as_of, today=today, source_name=source_name, bounds=bounds)
            spool.read(path, items, skip_bad=skip_bad, progress=read)
        refused = bool(spool.rejected) and not skip_bad
        if refused or not (spool.papers or spool.profiles):
            return ImportReport(
                added=0,
                updated=0,
                unchanged=0,
                rejected=tuple(spool.rejected),
                rejected_more=spool.rejected_more,
                notices=spool.notices,
                seconds=time.perf_counter() - started,
            )
        names = [path_text(path.name) for path in paths]
        writer = _write(app, names, spool, following, as_of=as_of, say=say)
        counts = writer.counts
        return ImportReport(
            added=counts.added,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=(*spool.rejected, *writer.rejected),
            rejected_more=spool.rejected_more + writer.rejected_more,
            notices=spool.notices,
            seconds=time.perf_counter() - started,
        )


def _write(
    app: App,
    names: Sequence[str],
    spool: Spool,
    following: Indexer,
    *,
    as_of: dt.date | None,
    say: Callable[[ImportProgress], None],
) -> ImportRun:
    with app.store.for_many_writes() as store:
        return _write_to(store, app, names, spool, following, as_of=as_of, say=say)


def _write_to(
    store: Store,
    app: App,
    names: Sequence[str],
    spool: Spool,
    following: Indexer,
    *,
    as_of: dt.date | None,
    say: Callable[[ImportProgress], None],
) -> ImportRun:
    with store.writing() as session:
        cut_off = [row.id for row in cut_off_imports(session, app.clock())]
        import_id = begin_import(session, names, app.clock())
    writer = ImportRun(store, app.clock, import_id, cut_off, keep_inferred=as_of is None, read_on=as_of)
    writer.counts.rejected = len(spool.rejected) + spool.rejected_more
    try:
        _write_papers(
            writer, spool, following, lambda done: say(ImportProgress("writing", done, spool.papers))
        )
        _finish(app.store, writer, spool)
        following.catch_up()
    except BaseException:
        # Also at the person's interruption. Where even this cannot be written, time tells.
        with suppress(Exception), store.writing() as session:
            abandon_import(session, import_id)
        raise
    return writer


def _write_papers(writer: ImportRun, spool: Spool, following: Indexer, say: Callable[[int], None]) -> None:
    pace = _Pace()
    touched = time.monotonic()
    done = 0
    with _little_garbage_collection() as collect:
        for batch in _batches(_that_count(spool.entries(), writer), pace):
            started = time.perf_counter()
            changed = writer.write(batch)
            pace.adapt(time.perf_counter() - started)
            collect()
            done += len(batch)
            say(done)
            if changed:
                following.written(len(batch))
                touched = time.monotonic()
            elif time.monotonic() - touched > TOUCH_SECONDS:
                writer.touch()
                touched = time.monotonic()


def _finish(store: Store, writer: ImportRun, spool: Spool) -> None:
    """End the import in one durable transaction: from its revision on, its papers are newly added."""
    with store.writing() as session:
        lock_corpus(session)
        now = writer.clock()
        people = People()
        people.resolve(session, [profile.author for profile in spool.profiles])
        for profile in spool.profiles:
            add_report(session, people.entry(profile.author), profile, now)
        if writer.counts.added or writer.counts.updated:
            revision = take_revision(session, now)
        else:
            latest = latest_revision(session)
            revision = latest.number if latest is not None else 0
        change_import(
            session,
            writer.import_id,
            touched_at=now,
            finished_at=now,
            finished_revision=revision,
            **writer.counts_row(),
        )


def _that_count(entries: Iterator[tuple[Entry, bool]], writer: ImportRun) -> Iterator[Entry]:
    """The entries to write; of several rows of one paper the others change nothing."""
    for entry, counts in entries:
        if counts:
            yield entry
        else:
            writer.counts.unchanged += 1


class _Pace:
    """The size of a batch, so that a transaction lasts as long as it should, on this disk."""

    def __init__(self) -> None:
        self.size = FIRST_BATCH

    def adapt(self, seconds: float) -> None:
        """Learn from how long a batch took; grow by half at most."""
        wanted = self.size * BATCH_SECONDS / max(seconds, 0.001)
        self.size = int(min(max(wanted, SMALLEST_BATCH), self.size * 1.5, LARGEST_BATCH))


def _batches(entries: Iterable[Entry], pace: _Pace) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    weight = 0
    for entry in entries:
        batch.append(entry)
        weight += _weight(entry)
        if weight >= pace.size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _weight(entry: Entry) -> int:
    """What a row costs: a paper of 3,000 authors is as much work as hundreds of others."""
    return 1 + len(entry.json) // 2_000


@contextmanager
def _little_garbage_collection() -> Generator[Callable[[], object]]:
    """Spare the collector the many objects of a batch, which all go with it; call for what is left of one."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(1)
    finally:
        if enabled:
            gc.enable()


def _say_nothing(_progress: ImportProgress) -> None:
    """Nobody watches."""


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
    writer = ImportRun(app.store, app.clock, import_id, cut_off, keep_inferred=False, read_on=today)
    try:
        for start in range(0, len(entries), ENTRIES_AT_ONCE):
            writer.write(entries[start : start + ENTRIES_AT_ONCE])
        return _finish_records(app, writer, then, as_news=as_news)
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
        (known := stored.get((entry.source, entry.source_key))) is not None and known[1] == entry.digest
        for entry in entries
    )


def _finish_records(
    app: App, writer: ImportRun, then: Callable[[Session, ImportedRecords], None], *, as_news: bool
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
