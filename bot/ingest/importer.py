"""Imports: files of papers, and records that were fetched, become papers of the corpus."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from sqlmodel import Session

from bot.app import App
from bot.corpus.files import read_file
from bot.corpus.formats.jsonl import forget_people
from bot.corpus.formats.opening import Bounds
from bot.corpus.identity import RecordKeys
from bot.corpus.merge import MergedPaper, version_of
from bot.corpus.paper import PaperRecord
from bot.errors import DatabaseUnusableError, path_text
from bot.garbage import collect_young, no_collection
from bot.ingest.batch import Batch, Joined
from bot.ingest.import_run import ImportRun
from bot.ingest.indexer import Indexer
from bot.ingest.journal import JournalEntry, enter
from bot.ingest.spool import Entry, FileRead, Rejected, Spool
from bot.ingest.writer import adopt_rest, compare, write_batch, write_cited
from bot.store.authors import add_report
from bot.store.authorship import People
from bot.store.imports import abandon_import, count_papers_of, cut_off_imports, finished_revision, is_finished
from bot.store.paper_sources import mark_read

BATCH_SECONDS = 0.4
"""How long one transaction should last: others wait for it, and each writes whole pages of indexes anew."""

FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 500, 50, 20_000
"""Sizes of a batch, in rows and bytes as `_weight` counts them."""

ENTRIES_AT_ONCE = 100
"""Fetched records that are written in one transaction, which others wait for."""

BEING_WRITTEN = {".part", ".tmp"}
"""Endings of files that a program still writes."""
REASON = ".reason.txt"
"""The ending of a file that says why the inbox refused another one, or rows of it."""

EXAMPLES = 3
"""Papers of each kind that a preview names."""

_FIRST_PREVIEWED_ID = 1 << 39
"""Above all ids of the database, for papers that are new in a preview: the oldest of several is kept."""

ATTACHMENT_BOUNDS = Bounds(megabytes=512, lines=1_000_000)
"""Of a file that somebody attaches in Discord."""

INBOX_BOUNDS = Bounds(megabytes=16 * 1024, lines=8_000_000)
"""Of a file in the inbox: more than all papers of arXiv."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long run is, such as an import."""

    stage: str
    """Such as "reading" or "writing"."""
    done: int
    """Papers."""
    total: int | None
    """None while it is not known."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of files did."""

    added: int
    updated: int
    unchanged: int
    rejected: tuple[Rejected, ...]
    """Of very many rows the first."""
    notices: tuple[str, ...]
    """What was read with a reservation, such as a header whose paper count differs."""
    seconds: float
    rejected_more: int = 0
    """Rows that were not imported beside those in `rejected`."""
    files: tuple[FileRead, ...] = ()
    """What was read of each file, in their order."""
    joined: int = 0
    """Of the updated ones those that add to a paper which another entry, also of the same file, describes."""

    @property
    def papers(self) -> int:
        """Rows that are papers of the corpus now."""
        return self.added + self.updated + self.unchanged

    @property
    def refused(self) -> int:
        """Rows and files that were not imported."""
        return len(self.rejected) + self.rejected_more

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Files of which nothing could be read."""
        return tuple(one.file for one in self.files if one.is_unreadable)

    @property
    def is_complete(self) -> bool:
        """Whether something of every file is in the corpus now."""
        return not self.unreadable and (self.papers > 0 or not self.rejected)


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import of files would do; nothing was written."""

    report: ImportReport
    """As the import would end."""
    joined: int = 0
    """Records that would become part of a paper which is known from another source."""
    joins: tuple[Joined, ...] = ()
    """The first of them."""
    new_papers: Mapping[int, MergedPaper] = field(default_factory=dict[int, MergedPaper])
    """Papers that would be added, by ids that mean nothing elsewhere."""
    updates: tuple[str, ...] = ()
    """Titles of the first papers that would be changed."""
    adopted: frozenset[int] = frozenset()
    """Papers of imports that were cut off; they would become new."""

    @property
    def additions(self) -> tuple[str, ...]:
        """Titles of the first papers that would be added."""
        return tuple(paper.title for paper in islice(self.new_papers.values(), EXAMPLES))


Report = Callable[[Progress], None]


def import_files(
    app: App,
    paths: Sequence[Path],
    *,
    as_of: dt.date | None = None,
    strict: bool = False,
    source_name: str | None = None,
    bounds: Bounds | None = None,
    progress: Report | None = None,
) -> ImportReport:
    """Import files of papers; importing the same files again changes nothing.

    All files are read and validated whole before the first row is written. A row or a file that
    cannot be read, and a row whose keys contradict each other, are left out and listed in `rejected`,
    of very many only the first; the others are imported. With `strict`, nothing is imported then.

    Papers of a cut-off import that are seen again are taken over and counted as added: with the end
    of this import they become "newly added". An import that is interrupted is cut off.

    Args:
        app: The parts to work with.
        paths: Files of papers, see `read_file`, or folders of them; folders within these are left out.
        as_of: The day on which the sources said this, such as that of an author page; None where it
            is unknown, then a year that an earlier import inferred stays.
        strict: Import all or nothing.
        source_name: The id space of JSON lines that number their papers on their own.
        bounds: How much of a file is read that is not of whoever runs Papercord.
        progress: Called with how far the import is, a few times a second.

    """
    started = time.perf_counter()
    with _little_garbage_collection(progress) as report, Spool() as spool, closing(Indexer(app)) as indexer:
        names = _read_all(app, paths, spool, indexer, as_of, source_name, bounds, report, strict=strict)
        run = None
        rejected, rejected_more = tuple(spool.rejected), spool.rejected_more
        if strict and not rejected:
            previewed = _evaluate(app, spool, as_of).report
            rejected, rejected_more = previewed.rejected, previewed.rejected_more
        if not (strict and rejected) and (spool.papers or spool.profiles):
            run = _write(app, names, spool, indexer, as_of, report)
        if run is not None:
            return _report(spool, run, started)
        return ImportReport(
            0,
            0,
            0,
            rejected=rejected,
            rejected_more=rejected_more,
            notices=tuple(spool.notices),
            files=tuple(spool.files),
            seconds=time.perf_counter() - started,
        )


def preview_files(
    app: App,
    paths: Sequence[Path],
    *,
    as_of: dt.date | None = None,
    source_name: str | None = None,
    bounds: Bounds | None = None,
    progress: Report | None = None,
) -> ImportPreview:
    """Decide what `import_files` would do with the same arguments, and write nothing.

    All papers of the files are kept in memory meanwhile.
    """
    with _little_garbage_collection(progress) as report, Spool() as spool:
        _read_all(app, paths, spool, None, as_of, source_name, bounds, report, strict=False)
        return _evaluate(app, spool, as_of)


def complete_files(folder: Path) -> list[Path]:
    """The entries of a folder by name; one with a leading dot or such an ending is still being written."""
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.suffix not in BEING_WRITTEN
    ]


def _read_all(
    app: App,
    paths: Sequence[Path],
    spool: Spool,
    indexer: Indexer | None,
    as_of: dt.date | None,
    source_name: str | None,
    bounds: Bounds | None,
    report: Report,
    *,
    strict: bool,
) -> list[str]:
    """Read all files; returns their names."""
    today = app.clock().date()

    def count_read(papers: int) -> None:
        report(Progress("reading", papers, None))
        if indexer is not None:
            indexer.expect(papers)

    names: list[str] = []
    for path in _files_of(paths, spool):
        items = read_file(
            path, as_of=as_of, today=today, source_name=source_name, bounds=bounds, helper=indexer
        )
        spool.read(path, items, strict=strict, progress=count_read)
        names.append(path_text(path.name))
    spool.note_replaced()
    forget_people()
    return names


def _files_of(paths: Iterable[Path], spool: Spool) -> Iterator[Path]:
    """These files, and the files of these folders."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        try:
            files = [one for one in complete_files(path) if one.is_file() and not one.name.endswith(REASON)]
        except OSError as error:
            spool.refuse_file(path, None, f"the folder cannot be read: {error.strerror}")
            continue
        if not files:
            spool.refuse_file(path, None, "the folder has no file in it (folders within it are not read)")
        yield from files


def _evaluate(app: App, spool: Spool, as_of: dt.date | None) -> ImportPreview:
    """Decide what would be written of what was read."""
    started = time.perf_counter()
    with app.store.reading() as session:
        cut_off = [row.id for row in cut_off_imports(session, app.clock())]
        run = ImportRun(app.store, app.clock, 0, cut_off, read_on=as_of, keep_inferred=as_of is None)
        batch = Batch(run, session, count(_FIRST_PREVIEWED_ID))
        entries = _last_of_each(spool.entries(), run)
        same: set[int] = set()
        joins: list[Joined] = []
        joined = 0
        while some := list(islice(entries, FIRST_BATCH)):
            compared = compare(session, some, None)
            same.update(compared.same.values())
            run.counts.unchanged += len(compared.same)
            records = [PaperRecord.model_validate_json(entry.json) for entry in compared.fresh]
            keyed = [RecordKeys.of(record) for record in records]
            batch.load(keyed)
            for entry, record, keys in zip(compared.fresh, records, keyed, strict=True):
                one = batch.take(entry, record, keys)
                joined += one is not None
                if one is not None and len(joins) < EXAMPLES:
                    joins.append(one)
        adopted = batch.adopt(same) if cut_off else set[int]()
        return ImportPreview(
            report=_report(spool, run, started),
            joined=joined,
            joins=tuple(joins),
            new_papers=batch.new_papers(),
            updates=tuple(paper.title for paper in islice(batch.changed_papers().values(), EXAMPLES)),
            adopted=frozenset(adopted),
        )


def _report(spool: Spool, run: ImportRun, started: float) -> ImportReport:
    return ImportReport(
        added=run.counts.added,
        updated=run.counts.updated,
        joined=run.counts.joined,
        unchanged=run.counts.unchanged,
        rejected=(*spool.rejected, *run.rejected),
        rejected_more=spool.rejected_more + run.rejected_more,
        notices=tuple(spool.notices),
        files=tuple(spool.files),
        seconds=time.perf_counter() - started,
    )


def _write(
    app: App, names: Sequence[str], spool: Spool, indexer: Indexer, as_of: dt.date | None, report: Report
) -> ImportRun:
    """Write what was read, with the search index up to date at the end.

    Where another server takes over as the database meanwhile, it is written again from its beginning:
    what that server has of it is adopted, and what it lacks is added.
    """
    switches = app.store.switches
    while True:
        runs: list[ImportRun] = []
        try:
            run = _write_once(app, names, spool, indexer, as_of, report, runs)
            with app.store.reading() as session:
                is_kept = app.store.switches == switches or is_finished(session, run.import_id)
                revision = finished_revision(session, run.import_id)
            if is_kept:
                if revision is not None and (run.counts.added or run.counts.updated):
                    counts = run.counts.added, run.counts.updated
                    enter(app, JournalEntry(tuple(names), app.clock(), *revision, *counts))
                return run
        except DatabaseUnusableError:
            with app.store.reading():
                if app.store.switches == switches:
                    raise
        switches = app.store.switches
        spool.notices.append(_switched(app, runs))


def _switched(app: App, runs: Sequence[ImportRun]) -> str:
    """What became of an import whose database changed over to another server, in a sentence."""
    written = sum(run.counts.added for run in runs)
    with app.store.writing() as session:
        kept = 0
        for run in runs:
            abandon_import(session, run.import_id)
            kept += count_papers_of(session, run.import_id)
    lost = f"{written - kept:,} of {written:,}" if written > kept else "none"
    return (
        "The database changed over to another server during the import. Of its new papers that were "
        f"written by then, {lost} were lost; all are written again."
    )


def _write_once(
    app: App,
    names: Sequence[str],
    spool: Spool,
    indexer: Indexer,
    as_of: dt.date | None,
    report: Report,
    runs: list[ImportRun],
) -> ImportRun:
    with app.store.reading() as session:
        cut_off = [row.id for row in cut_off_imports(session, app.clock())]
    with (
        app.store.for_many_writes() as store,
        ImportRun.begin(store, app.clock, names, cut_off, read_on=as_of, keep_inferred=as_of is None) as run,
    ):
        runs.append(run)
        run.counts.rejected = len(spool.rejected) + spool.rejected_more
        _write_papers(run, spool, indexer, report)

        def write_profiles(session: Session) -> None:
            people = People()
            people.resolve(session, [profile.author for profile in spool.profiles])
            for profile in spool.profiles:
                add_report(session, people.entry(profile.author), profile, app.clock(), run.import_id)

        run.finish(write_profiles)
        indexer.catch_up()
    return run


def _write_papers(run: ImportRun, spool: Spool, indexer: Indexer, report: Report) -> None:
    size = _BatchSize()
    done = 0
    for batch in _batches(_last_of_each(spool.entries(), run), size):
        started = time.perf_counter()
        is_changed = write_batch(run, batch)
        size.adapt(time.perf_counter() - started)
        done += len(batch)
        report(Progress("writing", done, spool.papers))
        if is_changed:
            indexer.written(len(batch))


def _last_of_each(entries: Iterator[tuple[Entry, bool]], run: ImportRun) -> Iterator[Entry]:
    """The entries to write; of several rows with one source key the others count as unchanged."""
    for entry, counts in entries:
        if counts:
            yield entry
        else:
            run.counts.unchanged += 1


class _BatchSize:
    """The size of a batch, adapted to the disk so that a transaction lasts `BATCH_SECONDS`."""

    def __init__(self) -> None:
        self.size = FIRST_BATCH

    def adapt(self, seconds: float) -> None:
        """Take over how long a batch took; the size grows by half at most."""
        wanted = self.size * BATCH_SECONDS / max(seconds, 0.001)
        self.size = int(min(max(wanted, SMALLEST_BATCH), self.size * 1.5, LARGEST_BATCH))


def _batches(entries: Iterable[Entry], size: _BatchSize) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    weight = 0
    for entry in entries:
        batch.append(entry)
        weight += _weight(entry)
        if weight >= size.size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _weight(entry: Entry) -> int:
    """The cost of a row: a paper of 3,000 authors is as much work as hundreds of others."""
    return 1 + (len(entry.json) + len(entry.cited)) // 2_000


@contextmanager
def _little_garbage_collection(progress: Report | None) -> Generator[Report]:
    """Collect garbage with reports alone: nearly all of the many objects are freed without it."""

    def report(state: Progress) -> None:
        collect_young()
        if progress is not None:
            progress(state)

    with no_collection():
        yield report


@dataclass(frozen=True, slots=True)
class ImportedRecords:
    """What an import of fetched records did."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: tuple[Rejected, ...] = ()


def _write_nothing(_session: Session, _imported: ImportedRecords) -> None:
    """Where nothing is written with the records."""


def import_records(
    app: App,
    origin: str,
    records: Sequence[PaperRecord],
    *,
    newly_added: bool,
    write_last: Callable[[Session, ImportedRecords], None] = _write_nothing,
) -> ImportedRecords:
    """Import records; where all are stored as they are, no import is recorded.

    Args:
        app: The parts to work with.
        origin: Where they come from, such as "arxiv category cs.LG".
        records: In any order; of several with one id the newest version counts.
        newly_added: Whether papers that are new become "newly added"; else they are known from the
            beginning.
        write_last: Writes what belongs to the records, in the last transaction: both are stored or neither.

    """
    entries = _entries(origin, records)
    today = app.clock().date()
    with app.store.reading() as session:
        cut_off = [row.id for row in cut_off_imports(session, app.clock()) if row.files == [origin]]
        compared = compare(session, entries, today)
    if not cut_off and not compared.fresh:
        imported = ImportedRecords(unchanged=len(records))
        with app.store.writing() as session:
            mark_read(session, compared.stale, today)
            write_cited(session, entries)
            write_last(session, imported)
        return imported
    imported = ImportedRecords()

    def end(session: Session) -> None:
        nonlocal imported
        if run.cut_off:
            # A feed may not show them any more: nobody else would announce them.
            adopt_rest(run, session)
        counts = run.counts
        imported = ImportedRecords(counts.added, counts.updated, counts.unchanged, tuple(run.rejected))
        run.end(session, newly_added=newly_added, forget_unchanged=True)
        write_last(session, imported)

    with ImportRun.begin(app.store, app.clock, [origin], cut_off, read_on=today, keep_inferred=False) as run:
        last = max(len(entries) - 1, 0) // ENTRIES_AT_ONCE * ENTRIES_AT_ONCE
        for start in range(0, last, ENTRIES_AT_ONCE):
            write_batch(run, entries[start : start + ENTRIES_AT_ONCE])
        write_batch(run, entries[last:], end, compared=compared if last == 0 else None)
    return imported


def _entries(origin: str, records: Sequence[PaperRecord]) -> list[Entry]:
    best: dict[tuple[str, str], PaperRecord] = {}
    for record in records:
        known = best.get((record.source, record.source_key))
        if known is None or version_of(record) >= version_of(known):
            best[record.source, record.source_key] = record
    return [Entry.of(origin, number, record) for number, record in enumerate(best.values(), start=1)]
