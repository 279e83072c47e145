"""The count of changes of the corpus: the cursor of whatever follows it."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import func, insert, select
from sqlmodel import Session

from bot.store.models import Revision
from bot.store.tables import revision

# Any number serves, as long as all processes of Papercord take the same one.
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
