"""Makes the records of earlier versions smaller, a few in each transaction, while others work.

Rows are written anew at the end of their table: what they leave are whole free pages, which SQLite fills
with what comes next, and PostgreSQL too, once it has vacuumed them by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, exists, func, or_, select, tuple_
from sqlmodel import Session, col

from bot.corpus.merge import merge
from bot.store import records
from bot.store.bulk import add_rows
from bot.store.engine import Store
from bot.store.imports import lock_corpus
from bot.store.models import Paper, PaperSource, RecordDictionary
from bot.store.paper_sources import PaperSourceRow, stored_papers
from bot.store.papers import as_stored
from bot.store.settings import get_setting, put_setting

PAPERS_AT_ONCE = 250
"""A tenth of a second, for which other writers wait."""
_LOOKED_THROUGH = 20_000
"""Papers, at most, that one transaction looks through for them."""
SAMPLES, LEAST_SAMPLES = 4_000, 1_000
_ROWS_A_SAMPLE = 20
"""Rows that are looked at, at most, for one that is long enough to be a sample: of more rows, few are."""

_SETTING = "records written anew up to paper"
"""All records of papers up to this id are as this version keeps them, and all that were written since."""
_DONE = "all"

_MAY_BE_OLDER = or_(
    col(PaperSource.said).is_(None), func.length(col(PaperSource.said)) >= records.LEAST_COMPRESSED
)


class Compaction(NamedTuple):
    """How far it is, in ids of papers."""

    done: int
    total: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 1.0


def compaction(session: Session) -> Compaction:
    """How far the records are as this version keeps them."""
    place = get_setting(session, _SETTING)
    last = session.connection().execute(select(func.max(col(Paper.id)))).scalar() or 0
    return Compaction(last if place == _DONE else min(int(place or 0), last), last)


def compact_some(store: Store, now: dt.datetime) -> bool:
    """Write the records of the next papers anew; whether some are left. It may be killed at any moment."""
    ids: Sequence[int] = ()
    done = _DONE
    with store.reading() as session:
        place = get_setting(session, _SETTING)
        if place != _DONE:
            # Looked for before the transaction that writes: no other writer waits for it.
            ids, done = _next_papers(session, int(place or 0))
        elif not _dictionary_is_due(session):
            return False
    with store.writing() as session:
        lock_corpus(session)
        if place == _DONE:
            _make_dictionary(session, now)
            put_setting(session, _SETTING, "0")
            return True
        if ids:
            _write_anew(session, ids)
        put_setting(session, _SETTING, done)
    return True


def database_size(session: Session) -> int:
    """Bytes that the database takes on the disk."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()


def give_back(store: Store) -> None:
    """Give free pages of a SQLite database back to the disk; others wait meanwhile."""
    if store.is_sqlite:
        with store.engine.connect().execution_options(papercord_writes=None) as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _next_papers(session: Session, after: int) -> tuple[Sequence[int], str]:
    """The next papers with records that may be older, and what is done once these are written anew."""
    paper, until = col(PaperSource.paper_id), after + _LOOKED_THROUGH
    within = select(paper).where(paper > after, paper <= until, _MAY_BE_OLDER)
    statement = within.group_by(paper).order_by(paper).limit(PAPERS_AT_ONCE)
    ids = session.connection().execute(statement).scalars().all()
    if len(ids) == PAPERS_AT_ONCE:
        return ids, str(ids[-1])
    last = session.connection().execute(select(func.max(col(Paper.id)))).scalar() or 0
    return ids, str(until) if until < last else _DONE


def _write_anew(session: Session, ids: Sequence[int]) -> None:
    names = PaperSourceRow._fields
    rows = {
        (row.source, row.source_key): row
        for row in session.connection().execute(
            select(*(getattr(PaperSource, name) for name in names)).where(col(PaperSource.paper_id).in_(ids))
        )
    }
    codec = records.RecordCodec(session)
    anew: list[tuple[object, ...]] = []
    for known, facts in stored_papers(session, ids):
        paper = as_stored(merge(known.records), facts)
        for record in known.records:
            row = rows[record.source, record.source_key]
            if row.said is not None and codec.is_current(row.said):
                continue
            said = codec.encode(record, paper)
            if codec.decode(said, record.source, record.source_key, facts) == record:
                read_on = None if row.read_on is None else row.read_on.isoformat()
                anew.append((*row[:3], said, row.digest, read_on, row.import_id, "{}"))
    pairs = [row[:2] for row in anew]
    if pairs:
        same = tuple_(col(PaperSource.source), col(PaperSource.source_key)).in_(pairs)
        session.connection().execute(delete(PaperSource).where(same))
        add_rows(session, PaperSource, (*names, "record"), anew)


def _dictionary_is_due(session: Session) -> bool:
    """Whether there is no dictionary yet, and enough to make one of."""
    connection = session.connection()
    if connection.execute(select(exists().where(col(RecordDictionary.id) > 0))).scalar_one():
        return False
    return len(_samples(session, LEAST_SAMPLES)) >= LEAST_SAMPLES


def _make_dictionary(session: Session, now: dt.datetime) -> None:
    codec = records.RecordCodec(session)
    records.make_dictionary(session, [codec.text(said) for said in _samples(session, SAMPLES)], now)


def _samples(session: Session, limit: int) -> Sequence[bytes]:
    some = select(col(PaperSource.said)).limit(limit * _ROWS_A_SAMPLE).subquery()
    statement = select(some.c.said).where(func.length(some.c.said) >= records.LEAST_COMPRESSED).limit(limit)
    return [said for said in session.connection().execute(statement).scalars() if said is not None]
