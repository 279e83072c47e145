"""Queries over authors: their entries, papers, co-authors, and what sources report of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    Table,
    bindparam,
    distinct,
    exists,
    func,
    insert,
    literal,
    select,
    union,
    union_all,
)
from sqlmodel import Session

from bot.corpus.paper import AuthorProfile
from bot.store.bulk import rows_with
from bot.store.corrections import Corrections, load_corrections
from bot.store.tables import attribution, author, author_identifier, author_report, authorship, paper


def authors_by_id(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """All columns of these entries, in no particular order; an unknown id has no row."""
    return session.connection().execute(select(author).where(author.c.id.in_(ids))).all()


def authors_by_key(session: Session, corrections: Corrections, name_key: str, limit: int) -> Sequence[int]:
    """The ids of the entries with this folded name, oldest first; of merged ones the person's."""
    statement = select(author.c.id).where(author.c.name_key == name_key).order_by(author.c.id).limit(limit)
    found = session.connection().execute(statement)
    return list(dict.fromkeys(corrections.entry(row[0]) for row in found))


def author_of_identifier(session: Session, corrections: Corrections, scheme: str, value: str) -> int | None:
    """The id of the entry with this identifier, of a merged one the person's."""
    identifier = author_identifier.c
    statement = select(identifier.author_id).where(identifier.scheme == scheme, identifier.value == value)
    found = session.connection().execute(statement).scalar()
    return corrections.entry(found) if found is not None else None


def identifiers_of(
    session: Session, corrections: Corrections, ids: Sequence[int]
) -> list[tuple[int, str, str]]:
    """(author id, scheme, value) of all identifiers of these people."""
    entries = corrections.merged_into(ids)
    identifier = author_identifier.c
    statement = (
        select(identifier.author_id, identifier.scheme, identifier.value)
        .where(identifier.author_id.in_(entries))
        .order_by(identifier.author_id, identifier.scheme, identifier.value)
    )
    return [
        (entries[entry], scheme, value) for entry, scheme, value in session.connection().execute(statement)
    ]


def reports_of(session: Session, corrections: Corrections, author_id: int) -> Sequence[Row[Any]]:
    """Every reading of figures that sources report of this person, in the order of their import."""
    entries = corrections.merged_into([author_id])
    statement = (
        select(author_report).where(author_report.c.author_id.in_(entries)).order_by(author_report.c.id)
    )
    return session.connection().execute(statement).all()


def papers_of(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """The papers of these people, each person's newest first, those without a date last.

    Returns:
        author_id, paper_id, listed (1 where the list names the person), attributed (1 where the paper
        stands on the person's page), has_code, authors_truncated, field, published, citations.

    """
    papers = _papers_of(ids)
    statement = (
        select(papers, paper.c.has_code, paper.c.authors_truncated, paper.c.field, paper.c.published)
        .add_columns(paper.c.citations)
        .join_from(papers, paper, paper.c.id == papers.c.paper_id)
        .order_by(papers.c.author_id, paper.c.published.desc().nulls_last(), paper.c.id.desc())
    )
    return session.connection().execute(statement).all()


def newest_papers_of(session: Session, author_id: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """(paper id, title, field, published) of the papers that came in last, from the end of the index."""
    asked = {"author": author_id, "most": limit}
    return session.connection().execute(_newest_papers(), asked).all()


@cache
def _newest_papers() -> Select[*tuple[Any, ...]]:
    """Written once: it is asked for each entry of a pick list, and writing it took longer than asking."""
    recent = union(
        *(
            select(table.c.paper_id)
            .where(table.c.author_id == bindparam("author"))
            .order_by(table.c.paper_id.desc())
            .limit(bindparam("most"))
            .subquery()
            .select()
            for table in (authorship, attribution)
        )
    ).subquery()
    return (
        select(paper.c.id, paper.c.title, paper.c.field, paper.c.published)
        .join_from(recent, paper, paper.c.id == recent.c.paper_id)
        .order_by(paper.c.published.desc().nulls_last(), paper.c.id.desc())
    )


def names_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of these entries."""
    statement = select(author.c.id, author.c.name)
    return {row[0]: row[1] for row in rows_with(session, statement, author.c.id, ids)}


def papers_of_each(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many papers each of these people has; who has none is left out."""
    papers = _number_of_papers()
    statement = select(author.c.id, papers).where(author.c.id.in_(ids), papers > 0)
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def attributing_sources(session: Session, author_id: int) -> Sequence[str]:
    """The sources that attribute papers to this person, by name."""
    statement = (
        select(attribution.c.source)
        .where(attribution.c.author_id == author_id)
        .distinct()
        .order_by(attribution.c.source)
    )
    return session.connection().execute(statement).scalars().all()


def named_authors(session: Session, changed_after: int | None) -> Iterator[tuple[int, str, int]]:
    """(id, name_key, papers) of everybody, or of the people of papers changed after that revision.

    Last come the names of entries that were merged into one of these people.
    """
    papers = _number_of_papers()
    statement = select(author.c.id, author.c.name_key, papers)
    if changed_after is not None:
        changed = union(
            _people_of_changed_papers(authorship, changed_after),
            _people_of_changed_papers(attribution, changed_after),
        ).subquery()
        statement = statement.where(author.c.id.in_(select(changed.c.author_id)))
    corrections = load_corrections(session)
    changed_people: set[int] = set()
    for row in session.connection().execute(statement, execution_options={"yield_per": 5_000}):
        if corrections.entry(row[0]) == row[0]:
            changed_people.add(row[0])
            yield row[0], row[1], row[2]
    aliases = corrections.merged_into(changed_people) if corrections else {}
    merged = {entry: person for entry, person in aliases.items() if entry != person}
    known = papers_of_each(session, sorted(set(merged.values())))
    for row in authors_by_id(session, sorted(merged)):
        yield merged[row.id], row.name_key, known.get(merged[row.id], 0)


@cache
def _number_of_papers() -> ColumnElement[int]:
    """How many papers an entry has, counted from indexes alone."""
    listed = select(func.count(distinct(authorship.c.paper_id))).where(authorship.c.author_id == author.c.id)
    named_too = exists().where(
        authorship.c.author_id == attribution.c.author_id, authorship.c.paper_id == attribution.c.paper_id
    )
    unlisted = select(func.count(distinct(attribution.c.paper_id))).where(
        attribution.c.author_id == author.c.id, ~named_too
    )
    return listed.scalar_subquery() + unlisted.scalar_subquery()


def _people_of_changed_papers(people: Table, changed_after: int) -> Select[Any]:
    return (
        select(people.c.author_id)
        .join_from(paper, people, people.c.paper_id == paper.c.id)
        .where(paper.c.revision > changed_after)
    )


def _papers_of(ids: Sequence[int]) -> Subquery:
    """(author id, paper id, listed, attributed): one row for each paper of each of these people."""
    listed = select(
        authorship.c.author_id,
        authorship.c.paper_id,
        literal(1).label("listed"),
        literal(0).label("attributed"),
    ).where(authorship.c.author_id.in_(ids))
    attributed = select(attribution.c.author_id, attribution.c.paper_id, literal(0), literal(1)).where(
        attribution.c.author_id.in_(ids)
    )
    both = union_all(listed, attributed).subquery()
    return (
        select(
            both.c.author_id,
            both.c.paper_id,
            func.max(both.c.listed).label("listed"),
            func.max(both.c.attributed).label("attributed"),
        )
        .group_by(both.c.author_id, both.c.paper_id)
        .subquery()
    )


Links = dict[tuple[int, int], bool]
"""(paper id, author id) -> whether the list names the person; else the paper stands on their page."""


def links_of_people(session: Session, ids: Collection[int]) -> Links:
    """The papers of these people."""
    pages = select(attribution.c.paper_id, attribution.c.author_id)
    lists = select(authorship.c.paper_id, authorship.c.author_id)
    links: Links = {
        (row[0], row[1]): False for row in rows_with(session, pages, attribution.c.author_id, ids)
    }
    links.update({(row[0], row[1]): True for row in rows_with(session, lists, authorship.c.author_id, ids)})
    return links


def links_of_papers(session: Session, ids: Collection[int]) -> Links:
    """The people of these papers."""
    pages = select(attribution.c.paper_id, attribution.c.author_id)
    lists = select(authorship.c.paper_id, authorship.c.author_id)
    links: Links = {(row[0], row[1]): False for row in rows_with(session, pages, attribution.c.paper_id, ids)}
    links.update({(row[0], row[1]): True for row in rows_with(session, lists, authorship.c.paper_id, ids)})
    return links


def people_of_paper(session: Session, paper_id: int, limit: int) -> Sequence[Row[Any, Any]]:
    """(id, name) of those on whose page the paper stands, then of those its list names, in order."""
    attributed = select(attribution.c.author_id, literal(0).label("place")).where(
        attribution.c.paper_id == paper_id
    )
    listed = select(authorship.c.author_id, authorship.c.position).where(authorship.c.paper_id == paper_id)
    people = union_all(attributed, listed).subquery()
    statement = (
        select(author.c.id, author.c.name)
        .join_from(people, author, author.c.id == people.c.author_id)
        .group_by(author.c.id, author.c.name)
        .order_by(func.min(people.c.place), author.c.id)
        .limit(limit)
    )
    return session.connection().execute(statement).all()


_FIGURES = ("field", "h_index", "papers", "citations", "novelty", "ai_score")


def add_report(session: Session, author_id: int, profile: AuthorProfile, now: dt.datetime) -> bool:
    """Keep a reading of figures beside the earlier ones, where figures or day differ from them.

    A reading of an unknown day that repeats the latest figures says nothing new.
    """
    table = author_report.c
    earlier = (
        session.connection()
        .execute(
            select(author_report)
            .where(table.author_id == author_id, table.source == profile.source)
            .order_by(table.id.desc())
        )
        .all()
    )
    figures = {name: getattr(profile, name) for name in _FIGURES}
    same = [row for row in earlier if all(getattr(row, name) == figures[name] for name in _FIGURES)]
    if profile.as_of is None:
        known = earlier[:1] == same[:1] != []
    else:
        known = any(row.as_of == profile.as_of for row in same)
    if known:
        return False
    values = {"author_id": author_id, "source": profile.source, "as_of": profile.as_of, "imported_at": now}
    session.connection().execute(insert(author_report).values(**values, **figures))
    return True
