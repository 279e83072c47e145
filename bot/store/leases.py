"""Leases: what only one process over all may do at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, delete, or_, select, update
from sqlmodel import Session

from bot.store.tables import lease


def take_lease(
    session: Session,
    name: str,
    holder: str,
    now: dt.datetime,
    until: dt.datetime,
    *,
    dead: str | None = None,
) -> bool:
    """Take or renew a lease; False while somebody else holds it, other than a holder known to be dead."""
    connection = session.connection()
    taken = connection.execute(
        update(lease)
        .where(
            lease.c.name == name, or_(lease.c.holder.in_((holder, dead or holder)), lease.c.expires_at <= now)
        )
        .values(holder=holder, expires_at=until)
    )
    if taken.rowcount:
        return True
    if connection.execute(select(lease.c.name).where(lease.c.name == name)).first() is not None:
        return False
    values = {"name": name, "holder": holder, "expires_at": until}
    # Two may find no row at once: one of them makes it, the other waits and then finds it made.
    return connection.execute(_insert_if_absent(connection.dialect.name, values)).first() is not None


def _insert_if_absent(dialect: str, values: Mapping[str, Any]) -> Executable:
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    # The count of rows is unknown after an insert on PostgreSQL; the row that comes back is certain.
    return insert(lease).values(values).on_conflict_do_nothing().returning(lease.c.name)


def holds_lease(session: Session, name: str, holder: str, now: dt.datetime) -> bool:
    """Whether the lease is held; within a writing transaction nobody takes it over before its end."""
    statement = (
        select(lease.c.name)
        .where(lease.c.name == name, lease.c.holder == holder, lease.c.expires_at > now)
        .with_for_update(read=True)
    )
    return session.connection().execute(statement).first() is not None


def lease_row(session: Session, name: str) -> tuple[str, dt.datetime] | None:
    """(holder, expires at) of a lease; None where nobody ever took it."""
    row = (
        session.connection()
        .execute(select(lease.c.holder, lease.c.expires_at).where(lease.c.name == name))
        .first()
    )
    return None if row is None else (row.holder, row.expires_at)


def release_lease(session: Session, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    session.connection().execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))
