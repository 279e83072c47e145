"""Typed rows of statements, and many rows at once: looked up by keys, added and removed; ids reserved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from typing import Any, NamedTuple, TypeAlias, TypeVar, TypeVarTuple

import orjson
from sqlalchemy import (
    ARRAY,
    Row,
    Select,
    SQLColumnExpression,
    any_,
    bindparam,
    delete,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, col

Model: TypeAlias = type[SQLModel]
R = TypeVar("R", bound=NamedTuple)
Columns = TypeVarTuple("Columns")

Statement = Select[*tuple[Any, ...]]


def columns_of(model: Model, row: type[NamedTuple]) -> list[Mapped[Any]]:
    """The columns of a table that have the names of a row's fields, in their order."""
    return [col(getattr(model, name)) for name in row._fields]


def read_rows(
    session: Session, row: type[R], statement: Statement, parameters: Mapping[str, Any] | None = None
) -> list[R]:
    """The rows of a statement whose columns are the fields of `row`, in their order."""
    return [row._make(each) for each in session.connection().execute(statement, parameters)]


def read_row(session: Session, row: type[R], statement: Statement) -> R | None:
    """The first row of such a statement; None where it has none."""
    found = session.connection().execute(statement).first()
    return None if found is None else row._make(found)


def new_ids(session: Session, model: Model, expected: int) -> Iterator[int]:
    """New ids of a table, in a writing transaction; about so many will be taken."""
    if session.connection().dialect.name == "sqlite":
        yield from count(reserve_ids(session, model, 1)[0])
    while True:
        yield from reserve_ids(session, model, expected)


def reserve_ids(session: Session, model: Model, number: int) -> Sequence[int]:
    """Reserve new ids of a table, in a writing transaction, before its rows are written."""
    connection = session.connection()
    name = _table_name(model)
    if connection.dialect.name == "sqlite":
        # The write lock is held, so the sequence stands still; writing the rows moves it on.
        sequence = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        last = connection.execute(sequence, {"name": name}).scalar() or 0
        return range(last + 1, last + 1 + number)
    numbers = select(
        func.nextval(func.pg_get_serial_sequence(name, "id")),
    ).select_from(func.generate_series(1, number).table_valued("number"))
    return connection.execute(numbers).scalars().all()


_KEYS_AT_ONCE = 5_000
_PARAMETERS_AT_ONCE = 3_000


def rows_with(
    session: Session, statement: Select[*Columns], column: SQLColumnExpression[Any], keys: Iterable[Any]
) -> Iterator[Row[*Columns]]:
    """The rows of `statement` whose `column` is one of `keys`, however many these are.

    All keys are one parameter, so that the statement is the same for any number of them.
    """
    remaining = iter(keys)
    some = list(islice(remaining, _KEYS_AT_ONCE))
    if not some:
        return
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        keys_given = func.json_each(bindparam("keys")).table_valued("value")
        wanted = column.in_(select(keys_given.c.value))
    else:
        attribute: Any = column  # typed without what it knows of its column
        wanted = column == any_(bindparam("keys", type_=ARRAY(attribute.type)))
    whole = statement.where(wanted)
    while some:
        yield from connection.execute(whole, {"keys": orjson.dumps(some).decode() if is_sqlite else some})
        some = list(islice(remaining, _KEYS_AT_ONCE))


def write_rows(
    session: Session,
    model: Model,
    names: Sequence[str],
    added: Iterable[tuple[Any, ...]],
    gone: Iterable[tuple[Any, ...]] = (),
) -> None:
    """Remove and add whole rows of a table, given as the values of these columns."""
    if lost := [{f"of_{name}": value for name, value in zip(names, row, strict=True)} for row in gone]:
        conditions = [col(getattr(model, name)) == bindparam(f"of_{name}") for name in names]
        session.connection().execute(delete(model).where(*conditions), lost)
    add_rows(session, model, names, list(added))


def upsert(
    session: Session, model: Model, rows: Sequence[Mapping[str, Any]], *, changes: Sequence[str]
) -> None:
    """Insert rows; of one whose key is there already these columns are written, none of them: it stands."""
    if not rows:
        return
    connection = session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(model)
    if changes:
        key = [column.name for column in inspect(model).primary_key]
        values = {name: statement.excluded[name] for name in changes}
        statement = statement.on_conflict_do_update(index_elements=key, set_=values)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement, list(rows))


def add_rows(session: Session, model: Model, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values, JSON as text, many in one statement.

    The statement is written here: SQLAlchemy's handling of so many parameters takes longer than the
    database. And SQLite lets other threads run once for each statement, not once for each row.
    """
    connection = session.connection()
    placeholder = "?" if connection.dialect.name == "sqlite" else "%s"
    placeholders = f"({', '.join([placeholder] * len(names))})"
    into = f"INSERT INTO {_table_name(model)} ({', '.join(names)}) VALUES "  # noqa: S608 - our own names
    at_once = _PARAMETERS_AT_ONCE // len(names)
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        statement = into + ", ".join([placeholders] * len(some))
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))


def _table_name(model: Model) -> str:
    return inspect(model).local_table.description
