"""The application: settings, store, index and clock, put together once at the start; and its state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from sqlmodel import Session

from bot.config import Settings
from bot.meaning.finder import Meaning, VectorsStatus
from bot.outages import Outages
from bot.search.opening import PaperIndex, open_index
from bot.store import schema
from bot.store.asking_again import FailedRound, failed_round
from bot.store.compaction import Compaction, compaction
from bot.store.engine import Store
from bot.store.imports import ImportRow, ImportState, cut_off_imports, last_import, latest_revision, state_of
from bot.store.papers import count_authors, has_papers, papers_by_field

Clock = Callable[[], dt.datetime]
"""Answers the present as an aware UTC time."""


def utc_now() -> dt.datetime:
    """The present."""
    return dt.datetime.now(dt.UTC)


class FieldCounts:
    """How many papers have each field, counted once a revision: for ten million it takes a second."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._counted: tuple[object, dict[str | None, int]] = (None, {})

    def of(self, session: Session) -> dict[str | None, int]:
        """By the field's code, the most frequent first; None for those without a field."""
        latest = latest_revision(session)
        with self._counting:
            if self._counted[0] != latest:
                self._counted = latest, {row.field: row.papers for row in papers_by_field(session)}
            return self._counted[1]


@dataclass(frozen=True)
class App:
    """What services are given: settings, the store, the index, the clock, and the log of outages."""

    settings: Settings
    store: Store
    index: PaperIndex
    clock: Clock = utc_now
    outages: Outages = field(init=False)
    meaning: Meaning = field(init=False)
    field_counts: FieldCounts = field(init=False)

    def __post_init__(self) -> None:
        """Put together what follows from these; and give the clock to what depends on it."""
        object.__setattr__(self, "outages", Outages(self.clock, self.store.answers))
        folder, is_on = self.settings.index_dir / "meaning", self.settings.finds_by_meaning
        object.__setattr__(self, "meaning", Meaning(self.store, folder, is_on=is_on))
        object.__setattr__(self, "field_counts", FieldCounts())
        self.index.names.clock = self.clock


@contextmanager
def open_app(settings: Settings) -> Generator[App]:
    """Open the database and the search index; both are closed at the end."""
    store = Store(settings.database_url)
    index = open_index(settings)
    try:
        schema.prepare(store, index=settings.index_dir, indexed=index.revision)
        app = App(settings=settings, store=store, index=index)
        try:
            yield app
        finally:
            app.meaning.close()
    finally:
        index.close()
        store.close()


@dataclass(frozen=True, slots=True)
class LastImport:
    """The newest import, and whether it came to its end."""

    files: tuple[str, ...]
    started_at: dt.datetime
    finished_at: dt.datetime | None
    state: ImportState
    added: int
    updated: int
    unchanged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class CorpusStatus:
    """The state of the corpus, the index and the database."""

    papers: int
    authors: int
    fields: dict[str, int]
    """Papers by field code, most frequent first."""
    revision: int
    index_revision: int | None
    cluster: str | None
    """The addresses of the cluster that holds the index; None where it is in the data folder."""
    trouble: str | None
    """What hinders searches, or papers from being written, at present."""
    vectors: VectorsStatus | None
    """None where finding by meaning is off."""
    database: str
    """The address, its password hidden."""
    last_import: LastImport | None
    unfinished_imports: tuple[LastImport, ...] = field(default=())
    """Imports that were cut off and not yet completed by importing the same file again."""
    compaction: Compaction = field(default=Compaction(0, 0))
    """How far the records of earlier versions are made smaller."""
    failed_round: FailedRound | None = None
    """Errors of the last round in which providers were asked again about papers."""


def papers_of_fields(app: App) -> dict[str, int]:
    """How many papers have each field code, the most frequent first."""
    with app.store.reading() as session:
        return _of_codes(app.field_counts.of(session))


def _of_codes(counts: Mapping[str | None, int]) -> dict[str, int]:
    return {code: papers for code, papers in counts.items() if code is not None}


def corpus_status(app: App) -> CorpusStatus:
    """Tell how large the corpus is, how far the index is, and how the last import ended."""
    now = app.clock()
    # Asked first: it may be far away, and no transaction waits for it.
    trouble, index_revision = app.index.trouble(), app.index.revision
    with app.store.reading() as session:
        counts = app.field_counts.of(session)
        revision = latest_revision(session)
        newest = last_import(session)
        return CorpusStatus(
            papers=sum(counts.values()),
            authors=count_authors(session),
            fields=_of_codes(counts),
            revision=revision.number if revision is not None else 0,
            index_revision=index_revision,
            cluster=app.index.cluster_address,
            trouble=trouble,
            vectors=app.meaning.status(),
            database=app.store.display_url,
            last_import=None if newest is None else _import(newest, now),
            unfinished_imports=tuple(_import(row, now) for row in cut_off_imports(session, now)),
            compaction=compaction(session),
            failed_round=failed_round(session),
        )


def vectors_words(vectors: VectorsStatus | None, papers: int) -> str:
    """How far the vectors are, of so many papers."""
    if vectors is None:
        return "finding by meaning is off"
    if vectors.is_current:
        return "all papers can be found by meaning"
    return f"{vectors.made:,} of {papers:,} papers can be found by meaning; the running bot adds the others"


def corpus_is_empty(app: App) -> bool:
    """Tell whether there is no paper."""
    with app.store.reading() as session:
        return not has_papers(session)


def _import(row: ImportRow, now: dt.datetime) -> LastImport:
    return LastImport(
        files=tuple(row.files),
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=state_of(row, now),
        added=row.added,
        updated=row.updated,
        unchanged=row.unchanged,
        rejected=row.rejected,
    )
