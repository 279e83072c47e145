"""Many rows at once: ids reserved, rows looked up by keys, added and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    any_,
    bindparam,
    delete,
    func,
    select,
    text,
)
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


_KEYS_AT_ONCE = 5_000
_PARAMETERS_AT_ONCE = 3_000


def rows_with(
    session: Session, statement: Select[*tuple[Any, ...]], column: Column[Any], keys: Iterable[Any]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of `statement` whose `column` is one of `keys`, however many these are.

    All keys are one parameter, so that the statement is the same for any number of them.
    """
    connection = session.connection()
    wanted: ColumnElement[bool]
    if connection.dialect.name == "sqlite":
        keys_given = func.json_each(bindparam("keys")).table_valued("value")
        wanted = column.in_(select(keys_given.c.value))
    else:
        wanted = column == any_(bindparam("keys", type_=ARRAY(column.type)))
    remaining = iter(keys)
    while some := list(islice(remaining, _KEYS_AT_ONCE)):
        given = orjson.dumps(some).decode() if connection.dialect.name == "sqlite" else some
        yield from connection.execute(statement.where(wanted), {"keys": given})


def write_rows(
    session: Session,
    columns: Sequence[Column[Any]],
    added: Iterable[tuple[Any, ...]],
    gone: Iterable[tuple[Any, ...]] = (),
) -> None:
    """Take away and add whole rows of the table of these columns."""
    table: Table = columns[0].table
    names = [column.name for column in columns]
    if lost := [{f"of_{name}": value for name, value in zip(names, row, strict=True)} for row in gone]:
        conditions = [column == bindparam(f"of_{column.name}") for column in columns]
        session.connection().execute(delete(table).where(*conditions), lost)
    add_rows(session, table, names, list(added))


def add_rows(session: Session, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values, JSON as text, many in one statement.

    Written by hand: SQLAlchemy's handling of so many parameters takes longer than the database.
    And SQLite lets other threads run once for each statement, not once for each row.
    """
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = f"({', '.join([mark] * len(names))})"
    into = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES "  # noqa: S608 - our own names
    at_once = _PARAMETERS_AT_ONCE // len(names)
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        statement = into + ", ".join([marks] * len(some))
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))
