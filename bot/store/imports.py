"""Records of imports, and the numbered revisions of the corpus."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import socket
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_row, read_rows, rows_with
from bot.store.models import AuthorReport, CorpusImport, Paper, PaperSource, ReplacedRecord, Revision

# An arbitrary number that is the same in all processes of Papercord.
_CORPUS_LOCK = 0x9A9E4C04D


class RevisionRow(NamedTuple):
    """A revision of the corpus; see `Revision`."""

    number: int
    stamp: int
    made_at: dt.datetime


class ImportRow(NamedTuple):
    """An import; see `CorpusImport`."""

    id: int
    files: list[str]
    process: str
    started_at: dt.datetime
    touched_at: dt.datetime
    finished_at: dt.datetime | None
    finished_revision: int | None
    added: int
    updated: int
    unchanged: int
    rejected: int
    undo_began_at: dt.datetime | None
    undone_at: dt.datetime | None
    removed: int
    reverted: int


class ImportState(StrEnum):
    """Whether an import came to its end."""

    FINISHED = "finished"
    RUNNING = "running"
    CUT_OFF = "cut off"


_NAMED_FILES = 3


def in_few_words(files: Sequence[str]) -> str:
    """The files of an import by name; of many the first."""
    more = len(files) - _NAMED_FILES
    return ", ".join(files[:_NAMED_FILES]) + (f" and {more:,} more" if more > 0 else "")


_REVISIONS = select(*columns_of(Revision, RevisionRow)).order_by(col(Revision.number).desc()).limit(1)
_IMPORTS = select(*columns_of(CorpusImport, ImportRow))


def latest_revision(session: Session) -> RevisionRow | None:
    """The state of the corpus; None where nothing was ever imported."""
    return read_row(session, RevisionRow, _REVISIONS)


def revision_stamp(session: Session, number: int) -> int | None:
    """The random stamp of that revision; None where this store never had it."""
    statement = select(col(Revision.stamp)).where(col(Revision.number) == number)
    return session.connection().execute(statement).scalar()


def revision_made_after(session: Session, number: int) -> dt.datetime | None:
    """When the first revision after that one was made; None where there is none."""
    later = select(func.min(col(Revision.number))).where(col(Revision.number) > number).scalar_subquery()
    return (
        session.connection()
        .execute(select(col(Revision.made_at)).where(col(Revision.number) == later))
        .scalar()
    )


def take_revision(session: Session, now: dt.datetime) -> int:
    """Begin the next revision in this writing transaction, and return its number."""
    lock_corpus(session)
    connection = session.connection()
    number = (connection.execute(select(func.max(col(Revision.number)))).scalar() or 0) + 1
    connection.execute(insert(Revision).values(number=number, stamp=secrets.randbits(63), made_at=now))
    return number


def lock_corpus(session: Session) -> None:
    """Make the corpus's other writers wait for the end of this transaction.

    So no two decide at once what a paper is, and revisions become visible in order. SQLite has
    one writer at a time anyway.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CORPUS_LOCK)))


CUT_OFF_AFTER = dt.timedelta(seconds=60)
"""An import whose record was not touched for so long is cut off, whatever process it is of."""

_NO_PROCESS = ""


def begin_import(session: Session, files: Sequence[str], now: dt.datetime) -> int:
    """Record that this process begins an import, and return its id."""
    statement = insert(CorpusImport).values(
        files=list(files),
        process=f"{socket.gethostname()}:{os.getpid()}",
        started_at=now,
        touched_at=now,
    )
    return session.connection().execute(statement.returning(col(CorpusImport.id))).scalar_one()


def change_import(session: Session, import_id: int, **values: Any) -> None:
    """Write these columns of an import."""
    session.connection().execute(
        update(CorpusImport).where(col(CorpusImport.id) == import_id).values(**values)
    )


def abandon_import(session: Session, import_id: int) -> None:
    """Record that no process works on this import any more: it is cut off."""
    change_import(session, import_id, process=_NO_PROCESS)


def last_import(session: Session) -> ImportRow | None:
    """The import that began last."""
    return read_row(session, ImportRow, _IMPORTS.order_by(col(CorpusImport.id).desc()).limit(1))


def cut_off_imports(session: Session, now: dt.datetime) -> Sequence[ImportRow]:
    """Cut-off imports whose papers wait to be imported again, oldest first."""
    has_papers = exists().where(col(Paper.import_id) == col(CorpusImport.id))
    unfinished = _IMPORTS.where(
        col(CorpusImport.finished_at).is_(None), col(CorpusImport.undo_began_at).is_(None), has_papers
    )
    rows = read_rows(session, ImportRow, unfinished.order_by(col(CorpusImport.id)))
    return [row for row in rows if state_of(row, now) is ImportState.CUT_OFF]


def is_finished(session: Session, import_id: int) -> bool:
    """Whether an import is recorded as one that came to its end."""
    statement = select(col(CorpusImport.finished_at)).where(col(CorpusImport.id) == import_id)
    return session.connection().execute(statement).scalar() is not None


def finished_revision(session: Session, import_id: int) -> tuple[int, int] | None:
    """The number and stamp of the revision at which an import ended; None where it is not recorded."""
    statement = (
        select(col(Revision.number), col(Revision.stamp))
        .join(CorpusImport, col(CorpusImport.finished_revision) == col(Revision.number))
        .where(col(CorpusImport.id) == import_id)
    )
    row = session.connection().execute(statement).first()
    return (row[0], row[1]) if row is not None else None


def count_papers_of(session: Session, import_id: int) -> int:
    """How many papers are there that an import added."""
    statement = select(func.count()).select_from(Paper).where(col(Paper.import_id) == import_id)
    return session.connection().execute(statement).scalar_one()


def titles_added_by(session: Session, import_id: int, limit: int) -> list[tuple[int, str]]:
    """The ids and titles of the first papers that an import added and that are there."""
    paper, added_by = col(Paper.id), col(Paper.import_id) == import_id
    statement = select(paper, col(Paper.title)).where(added_by).order_by(paper).limit(limit)
    return [(row[0], row[1]) for row in session.connection().execute(statement)]


def newest_imports(session: Session, limit: int) -> list[ImportRow]:
    """The imports that began last, the newest first."""
    return read_rows(session, ImportRow, _IMPORTS.order_by(col(CorpusImport.id).desc()).limit(limit))


def import_by_id(session: Session, import_id: int) -> ImportRow | None:
    """One import."""
    return read_row(session, ImportRow, _IMPORTS.where(col(CorpusImport.id) == import_id))


def days_of_imports(session: Session, ids: Collection[int]) -> dict[int, dt.date]:
    """On which days these imports began."""
    statement = select(col(CorpusImport.id), col(CorpusImport.started_at))
    return {row[0]: row[1].date() for row in rows_with(session, statement, col(CorpusImport.id), ids)}


def begin_undo(session: Session, import_id: int, now: dt.datetime) -> ImportRow:
    """Record that somebody begins to take an import back, or goes on; the import."""
    began = func.coalesce(col(CorpusImport.undo_began_at), now)
    change_import(session, import_id, undo_began_at=began)
    row = import_by_id(session, import_id)
    if row is None:
        raise LookupError(import_id)
    return row


def is_recorded(session: Session, import_id: int) -> bool:
    """Whether it is recorded what an import said."""
    said = exists().where(col(PaperSource.import_id) == import_id)
    beneath = exists().where(col(ReplacedRecord.said_by) == import_id)
    figures = exists().where(col(AuthorReport.import_id) == import_id)
    return session.connection().execute(select(or_(said, beneath, figures))).scalar_one()


def running_imports(session: Session, now: dt.datetime) -> list[ImportRow]:
    """The imports that other processes, or this one, are writing."""
    unfinished = _IMPORTS.where(col(CorpusImport.finished_at).is_(None))
    rows = read_rows(session, ImportRow, unfinished)
    return [row for row in rows if state_of(row, now) is ImportState.RUNNING]


def last_paper(session: Session) -> int:
    """The highest id of a paper; 0 where there is none."""
    return session.connection().execute(select(func.max(col(Paper.id)))).scalar() or 0


def state_of(row: ImportRow, now: dt.datetime) -> ImportState:
    """Whether an import came to its end, still runs, or was cut off."""
    if row.finished_at is not None:
        return ImportState.FINISHED
    if row.process == _NO_PROCESS or now - row.touched_at > CUT_OFF_AFTER:
        return ImportState.CUT_OFF
    host, _, process_id = row.process.rpartition(":")
    if host == socket.gethostname() and not _is_alive(int(process_id)):
        return ImportState.CUT_OFF
    return ImportState.RUNNING


def _is_alive(process_id: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end the process; the time since its last touch decides
        return True
    with contextlib.suppress(PermissionError):
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return False
    return True


def forget_import(session: Session, import_id: int) -> None:
    """Delete the record of an import that changed no paper."""
    session.connection().execute(delete(CorpusImport).where(col(CorpusImport.id) == import_id))
