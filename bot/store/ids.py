"""Ids, reserved for many rows at once and never used again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, func, select, text
from sqlmodel import Session


def reserve_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Reserve new ids of a table, in a writing transaction, before its rows are written."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # The write lock is held, so the sequence stands still; writing the rows moves it on.
        sequence = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        last = connection.execute(sequence, {"name": table.name}).scalar() or 0
        return range(last + 1, last + 1 + count)
    numbers = select(
        func.nextval(func.pg_get_serial_sequence(table.name, "id")),
    ).select_from(func.generate_series(1, count).table_valued("number"))
    return connection.execute(numbers).scalars().all()
