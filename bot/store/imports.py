"""Queries over imports: begun, touched, finished, cut off."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Row, delete, exists, insert, select, update
from sqlmodel import Session

from bot.store.tables import corpus_import, paper

PATIENCE = dt.timedelta(seconds=60)
"""An import that was not touched for so long is cut off, also where its process cannot be asked."""

_NOBODY = ""

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
    change_import(session, import_id, process=_NOBODY)


def last_import(session: Session) -> Row[Any] | None:
    """The import that began last."""
    statement = select(corpus_import).order_by(corpus_import.c.id.desc()).limit(1)
    return session.connection().execute(statement).first()


def cut_off_imports(session: Session, now: dt.datetime) -> Sequence[Row[Any]]:
    """Imports that were cut off and whose papers wait to be imported again, oldest first."""
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
    if row.process == _NOBODY or now - row.touched_at > PATIENCE:
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
    """Forget an import that changed no paper."""
    session.connection().execute(delete(corpus_import).where(corpus_import.c.id == import_id))
