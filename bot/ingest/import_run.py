"""One run of an import: its record in the database, from its beginning to its end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlmodel import Session

from bot.app import Clock
from bot.corpus.identity import NOTICE_OF, OLDER_TITLE
from bot.errors import DatabaseSwitchedError, SchemaError
from bot.ingest.spool import MAX_BAD_ROWS, Entry, Rejected, shortened
from bot.store.authorship import People
from bot.store.engine import Store
from bot.store.imports import (
    abandon_import,
    begin_import,
    change_import,
    forget_import,
    latest_revision,
    lock_corpus,
    take_revision,
)
from bot.store.imports_undone import write_repeated
from bot.store.paper_sources import (
    has_keys_of,
)
from bot.store.schema import replaced

TOUCH_SECONDS = 10
"""How often an import that finds nothing to write records that it still runs."""

KNOWN_FROM_THE_BEGINNING = 0
"""The revision of papers that are announced nowhere: every subscription began after it."""


@dataclass(slots=True)
class Counts:
    """How many rows of an import were added, updated, unchanged and rejected."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    joined: int = 0
    """Of the updated ones those that are new themselves, and described a paper that was known already."""


class ImportRun:
    """One import: its record in the database, and the short transactions that write its papers."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        import_id: int,
        cut_off: Collection[int],
        *,
        read_on: dt.date | None,
        keep_inferred: bool,
        switches: int = 0,
    ) -> None:
        self._switches = switches
        """Of the database at the beginning."""
        self.import_id = import_id
        self.clock = clock
        self.cut_off = cut_off
        """Ids of cut-off imports, whose papers this import takes over when it sees them again."""
        self.read_on = read_on
        """The day on which the sources said all this; None where it is unknown."""
        self.keep_inferred = keep_inferred
        """Whether a year that was inferred earlier stays, since the day of reading is unknown."""
        self.counts = Counts()
        self.repeated: list[bytes] = []
        """Hashes of what it said as it was known already."""
        self.rejected: list[Rejected] = []
        """Of very many rows the first."""
        self.rejected_more = 0
        self.store = store
        self._has_older_keys: bool | None = None
        self._has_notices: bool | None = None
        self.people = People()
        """The entries of people that it has met."""
        self._touched = time.monotonic()

    @classmethod
    @contextmanager
    def begin(
        cls,
        store: Store,
        clock: Clock,
        files: Sequence[str],
        cut_off: Collection[int],
        *,
        read_on: dt.date | None,
        keep_inferred: bool,
    ) -> Generator[Self]:
        """Record that an import begins; an error within the block records that it is cut off."""
        with store.writing() as session:
            switches = store.switches
            import_id = begin_import(session, files, clock())
        try:
            yield cls(
                store,
                clock,
                import_id,
                cut_off,
                read_on=read_on,
                keep_inferred=keep_inferred,
                switches=switches,
            )
        except BaseException:
            # Also at Ctrl-C. Where not even this can be written, the time of the last touch decides.
            with suppress(Exception), store.writing() as session:
                abandon_import(session, import_id)
            raise

    def finish(self, write_last: Callable[[Session], None]) -> None:
        """End the import in one transaction: it and what `write_last` writes are stored, or neither."""
        with self.writing() as session:
            self.end(session)
            write_last(session)

    def end(self, session: Session, *, newly_added: bool = True, forget_unchanged: bool = False) -> None:
        """End the import in this transaction of it.

        Args:
            session: Writes.
            newly_added: Whether its new papers are "newly added" from its revision on; else they are
                known from the beginning.
            forget_unchanged: Whether an import that changed no paper leaves no record.

        """
        lock_corpus(session)
        is_changed = bool(self.counts.added or self.counts.updated)
        if not is_changed and forget_unchanged:
            forget_import(session, self.import_id)
            return
        now = self.clock()
        if is_changed:
            revision = take_revision(session, now) if newly_added else KNOWN_FROM_THE_BEGINNING
        else:
            latest = latest_revision(session)
            revision = latest.number if latest is not None else 0
        self.touch(session, finished_at=now, finished_revision=revision)
        write_repeated(session, self.import_id, self.repeated)

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Open a transaction of the import.

        Raises:
            DatabaseSwitchedError: Another server answers, which may lack what the import wrote before.

        """
        with self.store.writing() as session:
            if self.store.switches != self._switches:
                raise DatabaseSwitchedError(
                    "The database changed over to another server during the import: import the same again."
                )
            yield session

    def has_older_keys(self, session: Session) -> bool:
        """Whether papers have keys that earlier versions made of their titles; none is made any more."""
        if self._has_older_keys is None:
            self._has_older_keys = has_keys_of(session, OLDER_TITLE)
        return self._has_older_keys

    def has_notices(self, session: Session) -> bool:
        """Whether papers are notices of others' retraction or correction; `knows_notices` once one comes."""
        if self._has_notices is None:
            self._has_notices = has_keys_of(session, f"{NOTICE_OF}doi") or has_keys_of(
                session, f"{NOTICE_OF}pmid"
            )
        return self._has_notices

    def knows_notices(self) -> None:
        """Remember that there are such papers now."""
        self._has_notices = True

    def reject(self, entry: Entry, reason: str) -> None:
        """Leave a row out."""
        self.counts.rejected += 1
        if len(self.rejected) < MAX_BAD_ROWS:
            self.rejected.append(Rejected(entry.file, entry.line or None, shortened(reason)))
        else:
            self.rejected_more += 1

    def touch_if_due(self) -> None:
        """Record from time to time that the import still runs, though it writes nothing."""
        if time.monotonic() - self._touched > TOUCH_SECONDS:
            with self.writing() as session:
                self.touch(session)

    def touch(self, session: Session, **values: Any) -> None:
        """Write the counts into the record of the import; they also show that it runs.

        Raises:
            SchemaError: A newer Papercord has taken the database over; nothing of the transaction is kept.

        """
        if (reason := replaced(session)) is not None:
            raise SchemaError(reason)
        counts = asdict(self.counts)
        del counts["joined"]
        change_import(session, self.import_id, touched_at=self.clock(), **counts, **values)
        self._touched = time.monotonic()
