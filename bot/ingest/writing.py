"""Papers that were read become papers of the corpus, some hundred at a time.

Each batch is one short transaction, and a revision of its own where it changed a paper. What does
not differ from what its source said before is recognised by its digest and costs no transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace

from bot.app import Clock
from bot.corpus.deciding import RecordKeys
from bot.corpus.paper import PaperRecord
from bot.ingest.batch import Batch
from bot.ingest.results import Rejected
from bot.ingest.spool import MAX_BAD_ROWS, Entry, shortened
from bot.store.authorship import People
from bot.store.engine import Store
from bot.store.imports import change_import
from bot.store.paper_sources import Pair, mark_read, read_before, stored_digests
from bot.store.revisions import lock_corpus


@dataclass(slots=True)
class Counts:
    """What became of the rows of an import."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class PaperWriter:
    """Writes the papers of one import."""

    store: Store
    clock: Clock
    import_id: int
    cut_off: Collection[int]
    """Cut-off imports, whose papers this import takes over when it sees them again."""
    keep_inferred: bool
    """The day of reading is unknown: a year that was inferred earlier stays."""
    read_on: dt.date | None = None
    """The day on which the sources said all this; None where it is unknown."""
    counts: Counts = field(default_factory=Counts)
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    """Of very many rows the first."""
    rejected_more: int = 0
    _people: People = field(default_factory=People)

    def write(self, entries: Sequence[Entry]) -> bool:
        """Write a batch, and tell whether it changed any paper.

        Of one source and source key it has at most one entry.
        """
        keys = [(entry.source, entry.source_key) for entry in entries]
        with self.store.reading() as session:
            stored = stored_digests(session, keys)
        fresh: list[Entry] = []
        seen: dict[Pair, int] = {}
        for key, entry in zip(keys, entries, strict=True):
            paper_id, digest = stored.get(key, (0, ""))
            if digest == entry.digest:
                seen[key] = paper_id
            else:
                fresh.append(entry)
        self.counts.unchanged += len(entries) - len(fresh)
        stale = self._said_again(seen)
        if not fresh and not (self.cut_off and seen) and not stale:
            return False
        records = [PaperRecord.model_validate_json(entry.json) for entry in fresh]
        keyed = [RecordKeys.of(record) for record in records]
        before = replace(self.counts)
        with self.store.writing() as session:
            lock_corpus(session)
            batch = Batch(self, session, keyed)
            for entry, record, record_keys in zip(fresh, records, keyed, strict=True):
                batch.take(entry, record, record_keys)
            if self.cut_off:
                batch.adopt(set(seen.values()))
            batch.write(self._people)
            mark_read(session, stale, self.read_on)
            change_import(session, self.import_id, touched_at=self.clock(), **self.counts_row())
        return (before.added, before.updated) != (self.counts.added, self.counts.updated)

    def reject(self, entry: Entry, reason: str) -> None:
        """Leave a row out."""
        self.counts.rejected += 1
        if len(self.rejected) < MAX_BAD_ROWS:
            self.rejected.append(Rejected(entry.file, entry.line, shortened(reason)))
        else:
            self.rejected_more += 1

    def touch(self) -> None:
        """Say that the import still runs."""
        with self.store.writing() as session:
            change_import(session, self.import_id, touched_at=self.clock(), **self.counts_row())

    def counts_row(self) -> dict[str, int]:
        """The counts as the import's row keeps them."""
        return asdict(self.counts)

    def _said_again(self, seen: Collection[Pair]) -> list[Pair]:
        """What of these the sources said on an earlier day last."""
        with self.store.reading() as session:
            return read_before(session, seen, self.read_on) if self.read_on is not None else []
