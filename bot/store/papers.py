"""Queries over papers: by id, for search, and of those that were merged into another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Dialect,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql import Select
from sqlmodel import Session

from bot.corpus.merge import MergedPaper
from bot.corpus.paper import FACTS
from bot.store.bulk import add_rows, rows_with
from bot.store.engine import Store, as_json
from bot.store.tables import (
    attribution,
    author,
    authorship,
    correction_paper,
    delivery,
    enquiry,
    paper,
    paper_key,
    paper_source,
    retired_paper,
    subscription_match,
)

# Made once, for they are asked for with every search.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BY_ID = select(paper).where(paper.c.id.in_(_IDS))
_SEARCHED = select(
    paper.c.id,
    paper.c.title,
    paper.c.authors,
    paper.c.field,
    paper.c.published,
    paper.c.abstract,
    paper.c.has_code,
    paper.c.score,
)
_ATTRIBUTED = (
    select(attribution.c.paper_id, author.c.name)
    .join(author, author.c.id == attribution.c.author_id)
    .where(attribution.c.paper_id.in_(_IDS))
    .distinct()
    .order_by(author.c.name)
)


def papers_by_id(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """All columns of these papers, in no particular order; an unknown id has no row."""
    return session.connection().execute(_BY_ID, {"ids": ids}).all()


def people_attributed(session: Session, paper_ids: Sequence[int]) -> Sequence[Row[int, str]]:
    """(paper id, name) of the people on whose pages these papers stand, by name."""
    return session.connection().execute(_ATTRIBUTED, {"ids": paper_ids}).all()


def changed_since(
    session: Session, revision: int, after_id: int, limit: int, *, until: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What a search needs of the papers changed after `revision`, by id, beginning after `after_id`.

    Papers changed after the revision `until` are left out: they come next time.
    """
    # A sum keeps the database from an index: where few papers have changed, their revision finds them,
    # else their id.
    if revision > 0:
        revised, after = paper.c.revision, paper.c.id + 0
    else:
        revised, after = paper.c.revision + 0, paper.c.id
    changed = select(paper.c.id).where(revised > revision, after > after_id).order_by(paper.c.id).limit(limit)
    if until is not None:
        changed = changed.where(revised <= until)
    statement = _SEARCHED.where(paper.c.id.in_(changed)).order_by(paper.c.id)
    return session.connection().execute(statement).all()


def count_papers(session: Session) -> int:
    """How many papers the corpus has."""
    return session.connection().execute(select(func.count()).select_from(paper)).scalar_one()


def count_authors(session: Session) -> int:
    """How many people the corpus knows."""
    return session.connection().execute(select(func.count()).select_from(author)).scalar_one()


def papers_by_field(session: Session) -> Sequence[Row[str | None, int]]:
    """(field, papers), the most frequent field first; None stands for papers without one."""
    count = func.count()
    statement = select(paper.c.field, count).group_by(paper.c.field).order_by(count.desc(), paper.c.field)
    return session.connection().execute(statement).all()


def write_papers(
    session: Session,
    added: Mapping[int, MergedPaper],
    changed: Mapping[int, MergedPaper],
    *,
    import_id: int,
    revision: int,
) -> None:
    """Write these papers by id; new ones belong to the import, all are of the revision."""
    if added:
        rows = [
            {"id": paper_id, "import_id": import_id, **_values(facts, revision)}
            for paper_id, facts in added.items()
        ]
        for row in rows:
            row["authors"], row["categories"] = as_json(row["authors"]), as_json(row["categories"])
        add_rows(session, paper, tuple(rows[0]), [tuple(row.values()) for row in rows])
    if changed:
        statement = update(paper).where(paper.c.id == bindparam("of_paper"))
        rows = [{"of_paper": paper_id, **_values(facts, revision)} for paper_id, facts in changed.items()]
        session.connection().execute(statement, rows)


def shown_publications(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Where and when these papers were published, as they show it: the fields of `MergedPaper`."""
    table = paper.c
    statement = select(table.id, table.venue, table.published, table.published_inferred)
    return {
        paper_id: {"venue": venue, "published": published, "published_inferred": inferred}
        for paper_id, venue, published, inferred in rows_with(session, statement, table.id, ids)
    }


def added_by(session: Session, ids: Collection[int], imports: Collection[int]) -> set[int]:
    """Those of these papers that one of these imports added."""
    added = select(paper.c.id).where(paper.c.import_id.in_(imports))
    return {row.id for row in rows_with(session, added, paper.c.id, ids)}


def adopt_papers(session: Session, ids: Collection[int], import_id: int) -> None:
    """Record that these papers were added by this import."""
    if ids:
        statement = update(paper).where(paper.c.id == bindparam("of_paper")).values(import_id=import_id)
        session.connection().execute(statement, [{"of_paper": paper_id} for paper_id in ids])


def _values(facts: MergedPaper, revision: int) -> dict[str, Any]:
    names = [mention.name for mention in facts.authors]
    return {**facts.facts(), "authors": names, "revision": revision}


Statement = Select[*tuple[Any, ...]]
_Reader = tuple[str, list[tuple[int, Callable[[Any], Any]]]]
"""A statement as the driver takes it, and how the values of columns are read."""

_SEARCHED_TEXTS: Statement = select(paper.c.id, paper.c.title, paper.c.abstract).where(paper.c.id.in_(_IDS))
_TITLES: Statement = select(paper.c.id, paper.c.title).where(paper.c.id.in_(_IDS))
_LISTED: Statement = (
    select(paper.c.id, author.c.name, *(paper.c[name] for name in FACTS))
    .select_from(paper)
    .outerjoin(attribution, attribution.c.paper_id == paper.c.id)
    .outerjoin(author, author.c.id == attribution.c.author_id)
    .where(paper.c.id.in_(_IDS))
    .order_by(author.c.name)
)


def texts_of(store: Store, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """(id, title, abstract) of these papers, in no particular order; an unknown id has no row."""
    return _rows(store, _SEARCHED_TEXTS, ids)


def titles_of(store: Store, ids: Sequence[int]) -> list[tuple[int, str]]:
    """(id, title) of these papers, in no particular order; an unknown id has no row."""
    return _rows(store, _TITLES, ids)


def facts_by_id(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The facts of these papers by name, with `id` and `attributed_to`; an unknown id is left out."""
    return _by_name(session.connection().execute(_LISTED, {"ids": ids}))


def listed(store: Store, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What `facts_by_id` gives, at the price that every search can afford."""
    return _by_name(_rows(store, _LISTED, ids))


def _by_name(rows: Iterable[Sequence[Any]]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    people: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for paper_id, person, *facts in rows:  # one row for each person on whose page it stands, by name
        if person is not None:
            people[paper_id][person] = None
        if paper_id not in found:
            found[paper_id] = dict(zip(FACTS, facts, strict=True))
    for paper_id, facts in found.items():
        facts["id"], facts["attributed_to"] = paper_id, tuple(people.get(paper_id, ()))
    return found


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


_MOVED: Mapping[Table, tuple[str, ...]] = {
    paper_source: (),
    delivery: ("channel_id", "kind"),
    subscription_match: ("subscription_id",),
    correction_paper: ("correction_id",),
    enquiry: ("question",),
}
"""What is said of a paper by its id; where the same is said of the other one already, that stands."""

_MADE_ANEW = (authorship, attribution, paper_key)
"""What follows from what its sources say, and is written with the paper that has them now."""


def merge_papers(session: Session, merged: Mapping[int, int], revision: int) -> None:
    """Move what refers to these papers to the papers that they are merged into: merged id -> id that stays.

    An id of which there is no row, since its paper was never written, needs nothing.
    """
    connection = session.connection()
    for paper_id, into_id in merged.items():
        for table, key in _MOVED.items():
            if key:
                other = table.alias()
                same = [other.c[name] == table.c[name] for name in key]
                stands = exists().where(other.c.paper_id == into_id, *same)
                connection.execute(delete(table).where(table.c.paper_id == paper_id, stands))
            connection.execute(update(table).where(table.c.paper_id == paper_id).values(paper_id=into_id))
        for table in _MADE_ANEW:
            connection.execute(delete(table).where(table.c.paper_id == paper_id))
        connection.execute(
            update(retired_paper).where(retired_paper.c.into_id == paper_id).values(into_id=into_id)
        )
        if connection.execute(delete(paper).where(paper.c.id == paper_id)).rowcount:
            values = {"id": paper_id, "into_id": into_id, "revision": revision}
            connection.execute(insert(retired_paper).values(values))


def living_papers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Those of these ids that belong to merged papers -> the papers that they were merged into."""
    statement = select(retired_paper.c.id, retired_paper.c.into_id).where(retired_paper.c.id.in_(ids))
    return {row.id: row.into_id for row in session.connection().execute(statement)}


def papers_merged_since(session: Session, revision: int, until: int) -> Sequence[int]:
    """The ids of papers that were merged into others after a revision, up to another."""
    statement = select(retired_paper.c.id).where(
        retired_paper.c.revision > revision, retired_paper.c.revision <= until
    )
    return session.connection().execute(statement).scalars().all()
