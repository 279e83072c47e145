"""Leases: what only one process over all may do at a time."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Executable, and_, delete, func, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import read_row
from bot.store.models import Lease


class Holder(NamedTuple):
    """Who holds a lease, and until when."""

    name: str
    """host:pid and a random word."""
    expires_at: dt.datetime


def own_name() -> str:
    """A new name for a holder in this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def is_dead(holder: str) -> bool:
    """Whether the process of a holder on this machine has ended; False for other machines."""
    host, process_id, _ = holder.rsplit(":", 2)
    if host != socket.gethostname() or os.name == "nt":  # there, signal 0 would end the process
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def server_time(session: Session) -> dt.datetime:
    """The present by the clock of the database's host, for what is timed over several hosts."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":  # its host is this one
        return dt.datetime.now(dt.UTC)
    return connection.execute(select(func.clock_timestamp())).scalar_one()


def lease_holder(session: Session, name: str) -> Holder | None:
    """Who holds a lease, or held it last; None where nobody ever took it."""
    statement = select(col(Lease.holder), col(Lease.expires_at)).where(col(Lease.name) == name)
    return read_row(session, Holder, statement)


def take_lease(
    session: Session,
    name: str,
    holder: str,
    now: dt.datetime,
    until: dt.datetime,
    *,
    instead_of: Holder | None = None,
) -> bool:
    """Take or renew a lease; False while another than `instead_of` holds it, or that one holds it anew."""
    connection = session.connection()
    may_go = [col(Lease.holder) == holder, col(Lease.expires_at) <= now]
    if instead_of is not None:
        is_same = (col(Lease.holder) == instead_of.name, col(Lease.expires_at) == instead_of.expires_at)
        may_go.append(and_(*is_same))
    taken = connection.execute(
        update(Lease).where(col(Lease.name) == name, or_(*may_go)).values(holder=holder, expires_at=until)
    )
    if taken.rowcount:
        return True
    if lease_holder(session, name) is not None:
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
    return insert(Lease).values(values).on_conflict_do_nothing().returning(col(Lease.name))


def holds_lease(session: Session, name: str, holder: str, now: dt.datetime) -> bool:
    """Whether the lease is held; within a writing transaction nobody takes it over before its end."""
    statement = (
        select(col(Lease.name))
        .where(col(Lease.name) == name, col(Lease.holder) == holder, col(Lease.expires_at) > now)
        .with_for_update(read=True)
    )
    return session.connection().execute(statement).first() is not None


def release_lease(session: Session, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    statement = delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder)
    session.connection().execute(statement)
