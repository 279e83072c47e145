"""Papers by their ids as every search reads them: one statement each, and no transaction around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, bindparam, select
from sqlalchemy.sql import Select

from bot.store.engine import Store
from bot.store.tables import attribution, author, paper

PAPER_COLUMNS = (
    "id",
    "source_id",
    "title",
    "authors",
    "authors_truncated",
    "field",
    "categories",
    "published",
    "published_inferred",
    "abstract",
    "url",
    "has_code",
    "code_url",
    "venue",
    "citations",
    "score",
    "doi",
    "arxiv_id",
)
"""The columns of a listed paper, in order."""

Statement = Select[*tuple[Any, ...]]
_Reader = tuple[str, list[tuple[int, Callable[[Any], Any]]]]
"""A statement as the driver takes it, and how the values of columns are read."""

_IDS = paper.c.id.in_(bindparam("ids", expanding=True))
_TEXTS: Statement = select(paper.c.id, paper.c.title, paper.c.abstract).where(_IDS)
_TITLES: Statement = select(paper.c.id, paper.c.title).where(_IDS)
_LISTED: Statement = (
    select(*(paper.c[name] for name in PAPER_COLUMNS), author.c.name)
    .select_from(paper)
    .outerjoin(attribution, attribution.c.paper_id == paper.c.id)
    .outerjoin(author, author.c.id == attribution.c.author_id)
    .where(_IDS)
    .order_by(author.c.name)
)


def texts_of(store: Store, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """(id, title, abstract) of these papers, in no particular order; an unknown id has no row."""
    return _rows(store, _TEXTS, ids)


def titles_of(store: Store, ids: Sequence[int]) -> list[tuple[int, str]]:
    """(id, title) of these papers, in no particular order; an unknown id has no row."""
    return _rows(store, _TITLES, ids)


def listed(store: Store, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The columns of these papers, and the name of a person on whose page each stands.

    A paper has a row for each of these people, by name, or one row with None.
    """
    return _rows(store, _LISTED, ids)


def _rows(store: Store, statement: Statement, ids: Sequence[int]) -> list[Any]:
    """The rows; of SQLite's driver itself, for a transaction around one statement costs as much again."""
    if not ids:
        return []
    if not store.is_sqlite:
        return _in_a_transaction(store, statement, ids)
    dialect = store.engine.dialect
    text, readers = _reader(statement, dialect, len(ids))
    try:
        connection = store.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(text, tuple(ids))
            rows = cursor.fetchall()
        finally:
            connection.close()
    except dialect.loaded_dbapi.Error:
        # Whatever it is, the usual way says it in words for people.
        return _in_a_transaction(store, statement, ids)
    return [_read(row, readers) for row in rows] if readers else list(rows)


def _in_a_transaction(store: Store, statement: Statement, ids: Sequence[int]) -> list[Any]:
    with store.reading() as session:
        return [tuple(row) for row in session.connection().execute(statement, {"ids": ids})]


def _read(row: Sequence[Any], readers: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for place, reader in readers:
        values[place] = reader(values[place])
    return tuple(values)


@lru_cache(maxsize=512)
def _reader(statement: Statement, dialect: Dialect, count: int) -> _Reader:
    whole = statement.params(ids=list(range(count)))
    compiled = whole.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    readers = [
        (place, reader)
        for place, column in enumerate(statement.selected_columns)
        if (reader := column.type.dialect_impl(dialect).result_processor(dialect, None))
    ]
    return str(compiled), readers
