"""Records of imports, and the numbered revisions of the corpus."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import socket
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Row, delete, exists, func, insert, select, update
from sqlmodel import Session

from bot.store.models import Revision
from bot.store.tables import corpus_import, paper, revision

# An arbitrary number that is the same in all processes of Papercord.
_CORPUS_LOCK = 0x9A9E4C04D


def latest_revision(session: Session) -> Revision | None:
    """The state of the corpus; None where nothing was ever imported."""
    statement = select(revision).order_by(revision.c.number.desc()).limit(1)
    row = session.connection().execute(statement).first()
    return None if row is None else Revision(number=row.number, stamp=row.stamp, made_at=row.made_at)


def revision_stamp(session: Session, number: int) -> int | None:
    """The random stamp of that revision; None where this store never had it."""
    statement = select(revision.c.stamp).where(revision.c.number == number)
    return session.connection().execute(statement).scalar()


def take_revision(session: Session, now: dt.datetime) -> int:
    """Begin the next revision in this writing transaction, and return its number."""
    lock_corpus(session)
    connection = session.connection()
    number = (connection.execute(select(func.max(revision.c.number))).scalar() or 0) + 1
    connection.execute(insert(revision).values(number=number, stamp=secrets.randbits(63), made_at=now))
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

State = Literal["finished", "running", "cut off"]


def begin_import(session: Session, files: Sequence[str], now: dt.datetime) -> int:
    """Record that this process begins an import, and return its id."""
    statement = insert(corpus_import).values(
        files=list(files),
        process=f"{socket.gethostname()}:{os.getpid()}",
        started_at=now,
        touched_at=now,
        added=0,
        updated=0,
        unchanged=0,
        rejected=0,
    )
    return session.connection().execute(statement.returning(corpus_import.c.id)).scalar_one()


def change_import(session: Session, import_id: int, **values: Any) -> None:
    """Write these columns of an import."""
    session.connection().execute(
        update(corpus_import).where(corpus_import.c.id == import_id).values(**values)
    )


def abandon_import(session: Session, import_id: int) -> None:
    """Record that no process works on this import any more: it is cut off."""
    change_import(session, import_id, process=_NO_PROCESS)


def last_import(session: Session) -> Row[Any] | None:
    """The import that began last."""
    statement = select(corpus_import).order_by(corpus_import.c.id.desc()).limit(1)
    return session.connection().execute(statement).first()


def cut_off_imports(session: Session, now: dt.datetime) -> Sequence[Row[Any]]:
    """Cut-off imports whose papers wait to be imported again, oldest first."""
    unfinished = (
        select(corpus_import)
        .where(corpus_import.c.finished_at.is_(None), exists().where(paper.c.import_id == corpus_import.c.id))
        .order_by(corpus_import.c.id)
    )
    rows = session.connection().execute(unfinished)
    return [row for row in rows if state_of(row, now) == "cut off"]


def state_of(row: Row[Any], now: dt.datetime) -> State:
    """Whether an import came to its end, still runs, or was cut off."""
    if row.finished_at is not None:
        return "finished"
    if row.process == _NO_PROCESS or now - row.touched_at > CUT_OFF_AFTER:
        return "cut off"
    host, _, process_id = row.process.rpartition(":")
    if host == socket.gethostname() and not _is_alive(int(process_id)):
        return "cut off"
    return "running"


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
    session.connection().execute(delete(corpus_import).where(corpus_import.c.id == import_id))
