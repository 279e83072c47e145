"""Queries over the running bots that share the database: until when each lives, and its shards."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_rows, upsert
from bot.store.leases import is_dead
from bot.store.models import Process

# An arbitrary number that is the same in all processes of Papercord.
_LOCK = 0x9A9E4C05B


class ProcessRow(NamedTuple):
    """A running bot."""

    name: str
    """host:pid and a random word."""
    started_at: dt.datetime
    expires_at: dt.datetime
    shards: list[int]
    reserved: list[int]
    index_revision: int | None


def lock_processes(session: Session) -> None:
    """Make other processes wait with their claims for the end of this transaction; SQLite has one anyway."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def living_processes(session: Session, now: dt.datetime) -> list[ProcessRow]:
    """The processes that are taken to live, oldest first."""
    statement = (
        select(*columns_of(Process, ProcessRow))
        .where(col(Process.expires_at) > now)
        .order_by(col(Process.started_at), col(Process.name))
    )
    return [row for row in read_rows(session, ProcessRow, statement) if not is_dead(row.name)]


def record_process(session: Session, row: ProcessRow) -> None:
    """Record what a process has, and until when it lives unless it says so again."""
    values = row._asdict()
    upsert(session, Process, [values], changes=[name for name in values if name != "name"])


def forget_process(session: Session, name: str) -> None:
    """Let go of all that a process has."""
    session.connection().execute(delete(Process).where(col(Process.name) == name))


def forget_ended_processes(session: Session, before: dt.datetime) -> None:
    """Delete what is left of processes that ended before a moment without a word."""
    session.connection().execute(delete(Process).where(col(Process.expires_at) < before))
