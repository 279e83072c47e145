"""Queries over authors: their entries, papers, co-authors, and what sources report of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    distinct,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.corpus.names import name_key
from bot.corpus.paper import AuthorProfile
from bot.store.bulk import columns_of, read_rows, rows_with
from bot.store.corrections import OWN_SCHEME, Corrections, load_corrections
from bot.store.models import (
    Attribution,
    Author,
    AuthorIdentifier,
    AuthorName,
    AuthorReport,
    Authorship,
    Paper,
)


class AuthorRow(NamedTuple):
    """An entry for a person; see `Author`."""

    id: int
    name: str
    name_key: str


class IdentifierRow(NamedTuple):
    """An identifier of a person; see `AuthorIdentifier`."""

    author_id: int
    scheme: str
    value: str


class ReportRow(NamedTuple):
    """Figures that a source reports of a person; see `AuthorReport`."""

    id: int
    author_id: int
    source: str
    as_of: dt.date | None
    field: str | None
    h_index: int | None
    papers: int | None
    citations: int | None
    novelty: float | None
    ai_score: float | None
    imported_at: dt.datetime


class PaperOfAuthor(NamedTuple):
    """A paper of a person, with the facts from which figures follow."""

    author_id: int
    paper_id: int
    attributed: int
    """1 where the paper stands on the person's page, else 0."""
    place: int | None
    """In the paper's list, counted from 1; None where it does not name the person."""
    is_last: bool
    """Whether nobody comes after the person in a list of two or more."""
    has_list: bool
    has_code: bool
    authors_truncated: bool
    field: str | None
    published: str | None
    citations: int | None


class NewestPaper(NamedTuple):
    """One of a person's newest papers; see `Paper`."""

    id: int
    title: str
    field: str | None
    published: str | None


class NamedAuthor(NamedTuple):
    """A name of a person, folded, with the number of the person's papers."""

    id: int
    name_key: str
    """Empty for an entry that nobody keeps, or that no paper names any more."""
    papers: int
    name: str
    """As it is printed."""


class PersonName(NamedTuple):
    """A person, by name; see `Author`."""

    id: int
    name: str


_NAME = func.coalesce(col(Author.called), col(Author.name))
_AUTHORS = select(col(Author.id), _NAME, col(Author.name_key))
_REPORTS = select(*columns_of(AuthorReport, ReportRow))

MOST_OF_A_LIST = 30
"""Names of a list that count as co-authors who know each other."""
NEWEST_FIRST = (col(Paper.published).desc().nulls_last(), col(Paper.id).desc())
"""The order of a person's papers: the newest first, those without a date last."""


def authors_by_id(session: Session, ids: Sequence[int]) -> Sequence[AuthorRow]:
    """These entries, in no particular order; an unknown id has no row."""
    rows = read_rows(session, AuthorRow, _AUTHORS.where(col(Author.id).in_(ids)))
    return [row._replace(name_key=name_key(row.name) or row.name_key) for row in rows]


def living_entry(session: Session, corrections: Corrections, author_id: int) -> int:
    """The entry of the person for whom this one stands, after grouping and all merges."""
    statement = select(col(Author.leads_to)).where(col(Author.id) == author_id)
    into = session.connection().execute(statement).scalar()
    return corrections.entry(author_id if into is None else into)


def authors_by_key(session: Session, corrections: Corrections, key: str, limit: int) -> Sequence[int]:
    """The ids of the people who were printed under this folded name, most often first."""
    found = (
        session.connection()
        .execute(_by_key(), {"key": key, "most": limit, "merged": corrections.merged})
        .scalars()
    )
    return list(dict.fromkeys(map(corrections.entry, found)))


@cache
def _by_key() -> Select[int]:
    """Written once: writing it takes longer than asking."""
    # An entry that no list and no page names any more is nobody's, but for one that was merged into another.
    has_papers = or_(
        exists().where(col(Authorship.author_id) == col(Author.id)),
        exists().where(col(Attribution.author_id) == col(Author.id)),
        col(Author.id).in_(bindparam("merged", expanding=True)),
    )
    ungrouped = (col(Author.grouping).is_(None), col(Author.leads_to).is_(None), has_papers)
    entries = select(col(Author.id), literal(0).label("papers")).where(
        col(Author.name_key) == bindparam("key"), *ungrouped
    )
    named = select(col(AuthorName.author_id), col(AuthorName.papers)).where(
        col(AuthorName.name_key) == bindparam("key")
    )
    both = union_all(named, entries).subquery()
    return select(both.c[0]).order_by(both.c.papers.desc(), both.c[0]).limit(bindparam("most"))


def author_of_identifier(session: Session, corrections: Corrections, scheme: str, value: str) -> int | None:
    """The id of the entry with this identifier, of one that leads elsewhere the person's."""
    statement = select(col(AuthorIdentifier.author_id)).where(
        col(AuthorIdentifier.scheme) == scheme, col(AuthorIdentifier.value) == value
    )
    found = session.connection().execute(statement).scalar()
    return living_entry(session, corrections, found) if found is not None else None


def entries_of(session: Session, corrections: Corrections, ids: Iterable[int]) -> dict[int, int]:
    """These entries, and all that lead to them or were merged into them: entry -> the one of `ids`."""
    entries = corrections.merged_into(ids)
    statement = select(col(Author.id), col(Author.leads_to))
    leading = rows_with(session, statement, col(Author.leads_to), sorted(entries))
    return {one: entries[into] for one, into in leading if into is not None} | entries


def identifiers_of(session: Session, corrections: Corrections, ids: Sequence[int]) -> Sequence[IdentifierRow]:
    """All identifiers of these people."""
    entries = entries_of(session, corrections, ids)
    columns = columns_of(AuthorIdentifier, IdentifierRow)
    statement = select(*columns).where(col(AuthorIdentifier.author_id).in_(entries)).order_by(*columns)
    rows = read_rows(session, IdentifierRow, statement)
    return [row._replace(author_id=entries[row.author_id]) for row in rows]


def identified_papers(session: Session, author_id: int) -> int:
    """On how many papers of this person a source gives an identifier, theirs or of an entry that is them."""
    papers = union(
        *(
            select(col(people.paper_id)).where(
                col(people.author_id) == author_id,
                exists().where(
                    col(AuthorIdentifier.author_id)
                    == func.coalesce(col(people.entry_id), col(people.author_id)),
                    col(AuthorIdentifier.scheme) != OWN_SCHEME,
                ),
            )
            for people in (Authorship, Attribution)
        )
    ).subquery()
    return session.connection().execute(select(func.count()).select_from(papers)).scalar_one()


def reports_of(session: Session, corrections: Corrections, author_id: int) -> Sequence[ReportRow]:
    """Every reading of figures that sources report of this person, in the order of their import."""
    entries = entries_of(session, corrections, [author_id])
    statement = _REPORTS.where(col(AuthorReport.author_id).in_(entries)).order_by(col(AuthorReport.id))
    return read_rows(session, ReportRow, statement)


def printed_names(session: Session, author_id: int) -> Sequence[tuple[str, int]]:
    """The names under which a grouped person was printed, with their papers, the most frequent first."""
    statement = select(col(AuthorName.name), col(AuthorName.papers)).where(
        col(AuthorName.author_id) == author_id
    )
    ordered = statement.order_by(col(AuthorName.papers).desc(), col(AuthorName.name_key))
    return [(name, papers) for name, papers in session.connection().execute(ordered)]


def papers_of(session: Session, ids: Sequence[int]) -> Sequence[PaperOfAuthor]:
    """The papers of these people, by person, in the order `NEWEST_FIRST`."""
    papers = _papers_of(ids)
    of_paper = col(Authorship.paper_id) == papers.c.paper_id
    later = exists().where(of_paper, col(Authorship.position) > papers.c.last_place)
    statement = (
        select(papers.c.author_id, papers.c.paper_id, papers.c.attributed, papers.c.place)
        .add_columns(func.coalesce(and_(papers.c.last_place > 1, ~later), false()))
        .add_columns(or_(papers.c.place.is_not(None), exists().where(of_paper)))
        .add_columns(col(Paper.has_code), col(Paper.authors_truncated))
        .add_columns(col(Paper.field), col(Paper.published), col(Paper.citations))
        .join_from(papers, Paper, col(Paper.id) == papers.c.paper_id)
        .order_by(papers.c.author_id, *NEWEST_FIRST)
    )
    return read_rows(session, PaperOfAuthor, statement)


def newest_papers_of(session: Session, author_id: int, limit: int) -> Sequence[NewestPaper]:
    """The papers that came in last, from the end of the index, in the order `NEWEST_FIRST`."""
    return read_rows(session, NewestPaper, _newest_papers(), {"author": author_id, "most": limit})


@cache
def _newest_papers() -> Select[*tuple[Any, ...]]:
    """Written once: it is asked for each entry of a pick list, and writing it took longer than asking."""
    recent = union(
        *(
            select(col(people.paper_id))
            .where(col(people.author_id) == bindparam("author"))
            .order_by(col(people.paper_id).desc())
            .limit(bindparam("most"))
            .subquery()
            .select()
            for people in (Authorship, Attribution)
        )
    ).subquery()
    return (
        select(*columns_of(Paper, NewestPaper))
        .join_from(recent, Paper, col(Paper.id) == recent.c.paper_id)
        .order_by(*NEWEST_FIRST)
    )


def names_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of these entries."""
    return dict(rows_with(session, select(col(Author.id), _NAME), col(Author.id), ids))


def papers_of_each(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many papers each of these people has; who has none is left out."""
    return dict(session.connection().execute(_papers_of_each(), {"ids": ids}).all())


@cache
def _papers_of_each() -> Select[int, int]:
    papers = _number_of_papers()
    wanted = col(Author.id).in_(bindparam("ids", expanding=True))
    return select(col(Author.id), papers).where(wanted, papers > 0)


def attributing_sources(session: Session, author_id: int) -> Sequence[str]:
    """The sources that attribute papers to this person, by name."""
    statement = (
        select(col(Attribution.source))
        .where(col(Attribution.author_id) == author_id)
        .distinct()
        .order_by(col(Attribution.source))
    )
    return session.connection().execute(statement).scalars().all()


def named_authors(
    session: Session, changed_after: int | None, grouped_after: int = 0
) -> Iterator[NamedAuthor]:
    """All names of everybody, or of the people of papers changed after that revision or grouped since.

    Last come the names of entries that were merged into one of these people.
    """
    papers = _number_of_papers()
    statement = select(
        col(Author.id),
        col(Author.name),
        col(Author.name_key),
        papers,
        col(Author.grouping),
        col(Author.leads_to),
    )
    if changed_after is not None:
        changed = union(
            _people_of_changed_papers(Authorship, changed_after),
            _people_of_changed_papers(Attribution, changed_after),
            select(col(Author.id)).where(col(Author.grouping) > grouped_after),
        ).subquery()
        statement = statement.where(col(Author.id).in_(select(changed.c.author_id)))
    corrections = load_corrections(session)
    are_corrected = bool(corrections)
    changed_people: set[int] = set()
    grouped: dict[int, int] = {}
    for author_id, name, key, count, grouping, leads_to in session.connection().execute(
        statement, execution_options={"yield_per": 5_000}
    ):
        if leads_to is not None:
            yield NamedAuthor(author_id, "", 0, "")
        elif not are_corrected or corrections.entry(author_id) == author_id:
            changed_people.add(author_id)
            if grouping is None:
                yield NamedAuthor(author_id, key if count else "", count, name)
            else:
                grouped[author_id] = count
    yield from _printed_names(session, grouped, {one: one for one in grouped})
    aliases = corrections.merged_into(changed_people) if are_corrected else {}
    merged = {entry: person for entry, person in aliases.items() if entry != person}
    known = papers_of_each(session, sorted(set(merged.values())))
    for row in authors_by_id(session, sorted(merged)):
        yield NamedAuthor(merged[row.id], row.name_key, known.get(merged[row.id], 0), row.name)
    yield from _printed_names(session, known, merged)


def _printed_names(
    session: Session, papers: Mapping[int, int], people: Mapping[int, int]
) -> Iterator[NamedAuthor]:
    """The names of these entries for the people for whom they stand."""
    statement = select(col(AuthorName.author_id), col(AuthorName.name_key), col(AuthorName.name))
    for entry, key, name in rows_with(session, statement, col(AuthorName.author_id), people):
        yield NamedAuthor(people[entry], key, papers.get(people[entry], 0), name)


@cache
def _number_of_papers() -> ColumnElement[int]:
    """How many papers an entry has, counted from indexes alone."""
    listed = select(func.count(distinct(col(Authorship.paper_id)))).where(
        col(Authorship.author_id) == col(Author.id)
    )
    named_too = exists().where(
        col(Authorship.author_id) == col(Attribution.author_id),
        col(Authorship.paper_id) == col(Attribution.paper_id),
    )
    unlisted = select(func.count(distinct(col(Attribution.paper_id)))).where(
        col(Attribution.author_id) == col(Author.id), ~named_too
    )
    return listed.scalar_subquery() + unlisted.scalar_subquery()


def _people_of_changed_papers(people: type[Authorship | Attribution], changed_after: int) -> Select[int]:
    return (
        select(col(people.author_id))
        .join_from(Paper, people, col(people.paper_id) == col(Paper.id))
        .where(col(Paper.revision) > changed_after)
    )


def _papers_of(ids: Sequence[int]) -> Subquery:
    """(author id, paper id, first and last place, attributed): one row for each paper of each of these."""
    listed = select(
        col(Authorship.author_id),
        col(Authorship.paper_id),
        col(Authorship.position),
        literal(0).label("attributed"),
    ).where(col(Authorship.author_id).in_(ids))
    attributed = select(col(Attribution.author_id), col(Attribution.paper_id), null(), literal(1)).where(
        col(Attribution.author_id).in_(ids)
    )
    both = union_all(listed, attributed).subquery()
    return (
        select(
            both.c.author_id,
            both.c.paper_id,
            func.min(both.c.position).label("place"),
            func.max(both.c.position).label("last_place"),
            func.max(both.c.attributed).label("attributed"),
        )
        .group_by(both.c.author_id, both.c.paper_id)
        .subquery()
    )


Links = dict[tuple[int, int], bool]
"""(paper id, author id) -> whether the list names the person; else the paper stands on their page."""


_LISTED = select(col(Authorship.paper_id), col(Authorship.author_id))
_ATTRIBUTED = select(col(Attribution.paper_id), col(Attribution.author_id))


def links_of_people(session: Session, ids: Collection[int]) -> Links:
    """The papers of these people."""
    return _links(session, col(Attribution.author_id), col(Authorship.author_id), ids)


def links_of_papers(session: Session, ids: Collection[int]) -> Links:
    """The people of these papers."""
    return _links(session, col(Attribution.paper_id), col(Authorship.paper_id), ids)


def _links(session: Session, attributed: Mapped[int], listed: Mapped[int], ids: Collection[int]) -> Links:
    """The links with one of these ids in the given column of each table."""
    links: Links = {}
    for paper_id, author_id in rows_with(session, _ATTRIBUTED, attributed, ids):
        links[paper_id, author_id] = False
    for paper_id, author_id in rows_with(session, _LISTED, listed, ids):
        links[paper_id, author_id] = True
    return links


def people_of_paper(session: Session, paper_id: int, limit: int) -> Sequence[PersonName]:
    """Those on whose page the paper stands, then those its list names, in order."""
    attributed = select(col(Attribution.author_id), literal(0).label("place"))
    listed = select(col(Authorship.author_id), col(Authorship.position))
    people = union_all(
        attributed.where(col(Attribution.paper_id) == paper_id),
        listed.where(col(Authorship.paper_id) == paper_id),
    ).subquery()
    statement = (
        select(col(Author.id), _NAME)
        .join_from(people, Author, col(Author.id) == people.c.author_id)
        .group_by(col(Author.id), _NAME)
        .order_by(func.min(people.c.place), col(Author.id))
        .limit(limit)
    )
    return read_rows(session, PersonName, statement)


_FIGURES = ("field", "h_index", "papers", "citations", "novelty", "ai_score")


def add_report(
    session: Session, author_id: int, profile: AuthorProfile, now: dt.datetime, import_id: int
) -> bool:
    """Keep a reading of figures beside the earlier ones, where figures or day differ from them.

    A reading of an unknown day that repeats the latest figures says nothing new.
    """
    of_source = (col(AuthorReport.author_id) == author_id, col(AuthorReport.source) == profile.source)
    statement = _REPORTS.where(*of_source).order_by(col(AuthorReport.id).desc())
    earlier = read_rows(session, ReportRow, statement)
    figures = {name: getattr(profile, name) for name in _FIGURES}
    same = [row for row in earlier if all(getattr(row, name) == figures[name] for name in _FIGURES)]
    if profile.as_of is None:
        known = earlier[:1] == same[:1] != []
    else:
        known = any(row.as_of == profile.as_of for row in same)
    if known:
        return False
    values = {"author_id": author_id, "source": profile.source, "as_of": profile.as_of, "imported_at": now}
    values["import_id"] = import_id
    session.connection().execute(insert(AuthorReport).values(**values, **figures))
    return True
