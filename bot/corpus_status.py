"""The state of the corpus, the index and the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from bot.app import Desk
from bot.store.imports import cut_off_imports, last_import, state_of
from bot.store.papers import count_authors, count_papers, papers_by_field
from bot.store.revisions import latest_revision


@dataclass(frozen=True, slots=True)
class LastImport:
    """The newest import, and whether it came to its end."""

    files: tuple[str, ...]
    started_at: dt.datetime
    finished_at: dt.datetime | None
    state: str
    """"finished", "running" or "cut off"."""
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
    database: str
    """The address, its password hidden."""
    last_import: LastImport | None
    unfinished_imports: tuple[LastImport, ...] = field(default=())
    """Imports that were cut off and not yet completed by importing the same file again."""


def corpus_status(desk: Desk) -> CorpusStatus:
    """Tell how large the corpus is, how far the index is, and how the last import ended."""
    now = desk.clock()
    with desk.store.reading() as session:
        revision = latest_revision(session)
        newest = last_import(session)
        return CorpusStatus(
            papers=count_papers(session),
            authors=count_authors(session),
            fields={field: papers for field, papers in papers_by_field(session) if field is not None},
            revision=revision.number if revision is not None else 0,
            index_revision=desk.index.revision,
            database=desk.store.display_url,
            last_import=None if newest is None else _import(newest, now),
            unfinished_imports=tuple(_import(row, now) for row in cut_off_imports(session, now)),
        )


def corpus_is_empty(desk: Desk) -> bool:
    """Tell whether nothing was ever imported."""
    with desk.store.reading() as session:
        return latest_revision(session) is None


def _import(row: Row[Any], now: dt.datetime) -> LastImport:
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
