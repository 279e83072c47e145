"""Queries over papers: by id, for search, and of those that were merged into another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Dialect,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from bot.corpus.merge import MergedPaper
from bot.corpus.paper import FACTS
from bot.store.bulk import Model, Statement, add_rows, columns_of, read_rows, rows_with
from bot.store.engine import Store, as_json
from bot.store.models import (
    OBJECTS,
    AnsweredCard,
    Attribution,
    Author,
    Authorship,
    Citation,
    CitationCount,
    CitingWork,
    ClubMeeting,
    ClubProposal,
    CorrectionPaper,
    Delivery,
    Enquiry,
    GroupedMention,
    ListEntry,
    Paper,
    PaperEvent,
    PaperKey,
    PaperMerge,
    PaperNote,
    PaperSource,
    StoredAffiliation,
    SubscriptionMatch,
    Vote,
    VoteChange,
    WaitingEvent,
)


class SearchedPaper(NamedTuple):
    """A paper as the search index keeps it; see `Paper`."""

    id: int
    title: str
    authors: list[str]
    field: str | None
    published: str | None
    abstract: str
    has_code: bool
    score: float | None
    other_titles: list[dict[str, Any]] | None
    """None where it has one title."""
    venue: str | None = None


class PaperText(NamedTuple):
    """The text of a paper; see `Paper`."""

    id: int
    title: str
    abstract: str


class PaperTitle(NamedTuple):
    """The title of a paper; see `Paper`."""

    id: int
    title: str


class AttributedPerson(NamedTuple):
    """A person on whose page a paper stands."""

    paper_id: int
    name: str


class FieldCount(NamedTuple):
    """How many papers a field has; None stands for papers without a field."""

    field: str | None
    papers: int


# Made once, for they are asked for with every search.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_WITH_IDS = col(Paper.id).in_(_IDS)
_TEXTS: Statement = select(*columns_of(Paper, PaperText)).where(_WITH_IDS)
_TITLES: Statement = select(*columns_of(Paper, PaperTitle)).where(_WITH_IDS)
_SEARCHED: Statement = select(*columns_of(Paper, SearchedPaper))
_BY_ID = _SEARCHED.where(_WITH_IDS)
_FACTS_AT_ONCE = 1_000
_FACTS: Statement = select(col(Paper.id), *(getattr(Paper, name) for name in FACTS)).where(_WITH_IDS)
_PAGE = func.coalesce(col(Attribution.entry_id), col(Attribution.author_id))
"""The entry whose page it is: what is written of papers does not change with the grouping of people."""
_LISTED: Statement = (
    select(col(Paper.id), col(Author.name), *(getattr(Paper, name) for name in FACTS))
    .select_from(Paper)
    .outerjoin(Attribution, col(Attribution.paper_id) == col(Paper.id))
    .outerjoin(Author, col(Author.id) == _PAGE)
    .where(_WITH_IDS)
    .order_by(col(Author.name))
)
_ATTRIBUTED = (
    select(col(Attribution.paper_id), col(Author.name))
    .join(Author, col(Author.id) == _PAGE)
    .where(col(Attribution.paper_id).in_(_IDS))
    .distinct()
    .order_by(col(Author.name))
)


def papers_by_id(session: Session, ids: Sequence[int]) -> Sequence[SearchedPaper]:
    """What a search needs of these papers, in no particular order; an unknown id has no row."""
    return read_rows(session, SearchedPaper, _BY_ID, {"ids": ids})


def ids_after(session: Session, after_id: int, limit: int) -> Sequence[int]:
    """The ids of the papers that follow an id, in their order."""
    statement = select(col(Paper.id)).where(col(Paper.id) > after_id).order_by(col(Paper.id)).limit(limit)
    return session.connection().execute(statement).scalars().all()


def people_attributed(session: Session, paper_ids: Sequence[int]) -> Sequence[AttributedPerson]:
    """The people on whose pages these papers stand, by name."""
    return read_rows(session, AttributedPerson, _ATTRIBUTED, {"ids": paper_ids})


def changed_since(
    session: Session, revision: int, after_id: int, limit: int, *, until: int | None = None
) -> Sequence[SearchedPaper]:
    """What a search needs of the papers changed after `revision`, by id, beginning after `after_id`.

    Papers changed after the revision `until` are left out: they come next time.
    """
    # A sum keeps the database from an index: where few papers have changed, their revision finds them,
    # else their id.
    if revision > 0:
        revised, after = col(Paper.revision), col(Paper.id) + 0
    else:
        revised, after = col(Paper.revision) + 0, col(Paper.id)
    changed = select(col(Paper.id)).where(revised > revision, after > after_id)
    changed = changed.order_by(col(Paper.id)).limit(limit)
    if until is not None:
        changed = changed.where(revised <= until)
    statement = _SEARCHED.where(col(Paper.id).in_(changed)).order_by(col(Paper.id))
    return read_rows(session, SearchedPaper, statement)


def count_papers(session: Session, until: int | None = None) -> int:
    """How many papers the corpus has; without those changed after the revision `until`."""
    statement = select(func.count()).select_from(Paper)
    if until is not None:
        statement = statement.where(col(Paper.revision) <= until)
    return session.connection().execute(statement).scalar_one()


def has_papers(session: Session) -> bool:
    """Tell whether there is one, without counting them."""
    return session.connection().execute(select(exists().select_from(Paper))).scalar_one()


def count_authors(session: Session) -> int:
    """How many people the corpus knows."""
    return session.connection().execute(select(func.count()).select_from(Author)).scalar_one()


def papers_by_field(session: Session) -> Sequence[FieldCount]:
    """How many papers each field has, the most frequent field first."""
    count = func.count()
    statement = select(col(Paper.field), count).group_by(col(Paper.field))
    return read_rows(session, FieldCount, statement.order_by(count.desc(), col(Paper.field)))


def write_papers(
    session: Session,
    added: Mapping[int, MergedPaper],
    changed: Mapping[int, MergedPaper],
    *,
    imports: Mapping[int, int],
    revision: int,
) -> None:
    """Write these papers by id; new ones belong to their imports, all are of the revision."""
    if added:
        names = ("id", "import_id", *FACTS, "revision")
        rows: list[tuple[Any, ...]] = []
        for paper_id, facts in added.items():
            values = _values(facts)
            for name in ("authors", "categories"):
                values[name] = as_json(values[name])
            for name in OBJECTS:
                values[name] = as_json(values[name]) if values[name] else None
            rows.append((paper_id, imports[paper_id], *values.values(), revision))
        add_rows(session, Paper, names, rows)
    if changed:
        statement = update(Paper).where(col(Paper.id) == bindparam("of_paper"))
        new = [
            {"of_paper": paper_id, **_values(facts), "revision": revision}
            for paper_id, facts in changed.items()
        ]
        session.connection().execute(statement, new)


def paper_facts(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The facts of these papers by name, without `attributed_to`; an unknown id is left out."""
    remaining = iter(ids)
    found: dict[int, dict[str, Any]] = {}
    while some := list(islice(remaining, _FACTS_AT_ONCE)):
        for paper_id, *facts in session.connection().execute(_FACTS, {"ids": some}):
            found[paper_id] = dict(zip(FACTS, facts, strict=True))
    return found


def imports_of(session: Session, ids: Collection[int]) -> dict[int, int]:
    """The imports that added these papers, by id."""
    statement = select(col(Paper.id), col(Paper.import_id))
    return {row[0]: row[1] for row in rows_with(session, statement, col(Paper.id), ids)}


def added_by(session: Session, ids: Collection[int], imports: Collection[int]) -> set[int]:
    """Those of these papers that one of these imports added."""
    added = select(col(Paper.id)).where(col(Paper.import_id).in_(imports))
    return {row.id for row in rows_with(session, added, col(Paper.id), ids)}


def papers_of(session: Session, imports: Collection[int]) -> Sequence[int]:
    """The ids of the papers that these imports added."""
    added = select(col(Paper.id)).where(col(Paper.import_id).in_(imports))
    return session.connection().execute(added).scalars().all()


def adopt_papers(session: Session, ids: Collection[int], import_id: int) -> None:
    """Record that these papers were added by this import."""
    if ids:
        statement = update(Paper).where(col(Paper.id) == bindparam("of_paper")).values(import_id=import_id)
        session.connection().execute(statement, [{"of_paper": paper_id} for paper_id in ids])


def as_stored(facts: MergedPaper, stored: Mapping[str, Any]) -> MergedPaper:
    """The facts with what is stored otherwise; identifiers of people are not, and stay."""
    merged = _values(facts)
    merged["categories"] = list(merged["categories"])
    other = {name: stored[name] for name in FACTS if stored[name] != merged[name]}
    if not other:
        return facts
    if "authors" in other:
        other["authors"] = [{"name": name} for name in other["authors"]]
    given = {name: value for name, value in other.items() if value is not None or name not in OBJECTS}
    read = MergedPaper.model_validate({**_REQUIRED, **given})
    return facts.model_copy(update={name: getattr(read, name) for name in other})


_REQUIRED = {"source_id": "0", "title": "-", "attributed_to": ()}


def _values(facts: MergedPaper) -> dict[str, Any]:
    values = facts.facts()
    values["authors"] = [mention.name for mention in facts.authors]
    for name in OBJECTS:
        values[name] = [one.model_dump(exclude_none=True) for one in values[name]] if values[name] else None
    return values


_Reader = tuple[str, list[tuple[int, Callable[[Any], Any]]]]
"""A statement as the driver takes it, and how the values of columns are read."""


def texts_of(store: Store, ids: Sequence[int]) -> list[PaperText]:
    """The texts of these papers, in no particular order; an unknown id has no row."""
    return list(map(PaperText._make, _rows(store, _TEXTS, ids)))


def titles_of(store: Store, ids: Sequence[int]) -> list[PaperTitle]:
    """The titles of these papers, in no particular order; an unknown id has no row."""
    return list(map(PaperTitle._make, _rows(store, _TITLES, ids)))


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
        for name in OBJECTS:
            facts[name] = facts[name] or ()
    return found


def _rows(store: Store, statement: Statement, ids: Sequence[int]) -> Sequence[Sequence[Any]]:
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
    return [_read(row, readers) for row in rows] if readers else rows


def _in_a_transaction(store: Store, statement: Statement, ids: Sequence[int]) -> Sequence[Sequence[Any]]:
    with store.reading() as session:
        return session.connection().execute(statement, {"ids": ids}).all()


def _read(row: Sequence[Any], readers: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for place, reader in readers:
        values[place] = reader(values[place])
    return values


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


READING: Mapping[Model, tuple[str, ...]] = {
    Vote: ("guild_id", "person_id"),
    VoteChange: ("guild_id",),
    ListEntry: ("list_id",),
    PaperNote: ("guild_id", "person_id"),
    AnsweredCard: ("channel_id",),
    ClubProposal: ("club_id",),
    ClubMeeting: (),
}
"""What people made of a paper; it waits for a paper that was removed to come back."""

_MOVED: Mapping[Model, tuple[str, ...]] = {
    **READING,
    PaperSource: (),
    Delivery: ("channel_id", "kind"),
    SubscriptionMatch: ("subscription_id",),
    CorrectionPaper: ("correction_id",),
    Enquiry: ("question",),
    GroupedMention: ("entry_id",),
    PaperEvent: ("kind",),
    WaitingEvent: ("subscription_id", "kind"),
    Citation: ("work_id", "is_citing", "source"),
    CitationCount: ("source", "read_on"),
    CitingWork: ("subscription_id", "work_id"),
}
"""What is said of a paper by its id; where the same is said of the other one already, that stands."""

_WRITTEN_ANEW = (Authorship, StoredAffiliation, Attribution, PaperKey)
"""What follows from what its sources say, and is written with the paper that has them now."""


def merge_papers(session: Session, merged: Mapping[int, int], revision: int) -> None:
    """Move what refers to these papers to the papers that they are merged into: merged id -> id that stays.

    An id of which there is no row, since its paper was never written, needs nothing.
    """
    connection = session.connection()
    for paper_id, into_id in merged.items():
        move_rows(session, _MOVED, paper_id, into_id)
        for model in _WRITTEN_ANEW:
            connection.execute(delete(model).where(_paper_id(model) == paper_id))
        connection.execute(
            update(PaperMerge).where(col(PaperMerge.into_id) == paper_id).values(into_id=into_id)
        )
        if connection.execute(delete(Paper).where(col(Paper.id) == paper_id)).rowcount:
            values = {"id": paper_id, "into_id": into_id, "revision": revision}
            connection.execute(insert(PaperMerge).values(values))


def move_rows(session: Session, models: Mapping[Model, tuple[str, ...]], paper_id: int, into_id: int) -> None:
    """Let these tables say of another paper what they say of one, where they do not say it already."""
    connection = session.connection()
    for model, key in models.items():
        of_paper = _paper_id(model) == paper_id
        if key:
            other = aliased(model)
            same = [getattr(other, name) == getattr(model, name) for name in key]
            stands = exists().where(_paper_id(other) == into_id, *same)
            connection.execute(delete(model).where(of_paper, stands))
        connection.execute(update(model).where(of_paper).values(paper_id=into_id))


def copy_deliveries(session: Session, origins: Mapping[int, int]) -> None:
    """Count these papers as delivered where those were from which they came: they are no news there."""
    names = [name for name in Delivery.model_fields if name not in {"paper_id", "shown"}]
    for paper_id, origin in origins.items():
        columns = [literal(paper_id), literal(value=False), *(col(getattr(Delivery, name)) for name in names)]
        of_origin = select(*columns).where(col(Delivery.paper_id) == origin)
        session.connection().execute(insert(Delivery).from_select(["paper_id", "shown", *names], of_origin))


def _paper_id(model: Any) -> Mapped[int]:
    return col(model.paper_id)


def living_papers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Those of these ids that belong to merged papers -> the papers that they were merged into."""
    into = col(PaperMerge.into_id)
    statement = select(col(PaperMerge.id), into).where(col(PaperMerge.id).in_(ids), into.is_not(None))
    return {paper_id: living for paper_id, living in session.connection().execute(statement) if living}


def living_id(session: Session, paper_id: int) -> int | None:
    """The id itself, or that of the paper into which it was merged; None where there is no such paper."""
    known = session.connection().execute(select(col(Paper.id)).where(col(Paper.id) == paper_id)).scalar()
    return known or living_papers(session, [paper_id]).get(paper_id)


def is_free(session: Session, paper_id: int) -> bool:
    """Whether no paper has this id at present."""
    return session.get(Paper, paper_id) is None


def forget_merge(session: Session, paper_id: int) -> None:
    """A paper that was merged into another one is a paper again, if there is one with its id."""
    is_back = exists().where(col(Paper.id) == paper_id)
    session.connection().execute(delete(PaperMerge).where(col(PaperMerge.id) == paper_id, is_back))


def papers_merged_since(session: Session, revision: int, until: int) -> Sequence[int]:
    """The ids of papers that were merged into others, or taken back, after a revision, up to another."""
    statement = select(col(PaperMerge.id)).where(
        col(PaperMerge.revision) > revision, col(PaperMerge.revision) <= until
    )
    return session.connection().execute(statement).scalars().all()
