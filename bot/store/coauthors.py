"""Queries over who is listed beside whom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    Select,
    Subquery,
    and_,
    bindparam,
    distinct,
    func,
    select,
    union,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.store.authors import MOST_OF_A_LIST, newest_papers_of
from bot.store.bulk import read_rows
from bot.store.models import Attribution, Authorship


class CoauthorRow(NamedTuple):
    """Somebody in the lists of a person's papers."""

    author_id: int
    papers: int


def frequent_coauthors(session: Session, author_id: int, limit: int) -> Sequence[CoauthorRow]:
    """Who is listed most often on this person's papers, and on how many."""
    return read_rows(session, CoauthorRow, _frequent(), {"author": author_id, "most": limit})


@cache
def _frequent() -> Select[int, int]:
    papers = _papers()
    number = func.count(distinct(col(Authorship.paper_id)))
    return (
        select(col(Authorship.author_id), number.label("papers"))
        .join_from(papers, Authorship, col(Authorship.paper_id) == papers.c.paper_id)
        .where(col(Authorship.author_id) != bindparam("author"))
        .group_by(col(Authorship.author_id))
        .order_by(number.desc(), col(Authorship.author_id))
        .limit(bindparam("most"))
    )


def _papers() -> Subquery:
    """The papers whose list names the person, or that stand on the person's page."""
    return union(
        *(
            select(col(people.paper_id)).where(col(people.author_id) == bindparam("author"))
            for people in (Authorship, Attribution)
        )
    ).subquery()


def sharing_coauthors(session: Session, author_id: int, ids: Sequence[int], papers: int) -> set[int]:
    """Those of these people who wrote with a co-author of this one's newest papers."""
    newest = [row.id for row in newest_papers_of(session, author_id, papers)]
    if not newest or not ids:
        return set()
    connection = session.connection()
    coauthors = connection.execute(_coauthors(), {"papers": newest, "author": author_id}).scalars().all()
    if not coauthors:
        return set()
    return set(connection.execute(_writing_with(), {"people": ids, "known": coauthors}).scalars())


def writing_together(session: Session, author_id: int, ids: Sequence[int]) -> set[int]:
    """Those of these people who stand on a paper beside this one."""
    if not ids:
        return set()
    statement, people = _beside(), {"people": ids, "author": author_id}
    return set(session.connection().execute(statement, people).scalars())


@cache
def _beside() -> Select[int]:
    own = aliased(Authorship)
    together = (col(own.paper_id) == col(Authorship.paper_id), col(own.author_id) == bindparam("author"))
    found = select(col(Authorship.author_id)).join(own, and_(*together)).distinct()
    return found.where(col(Authorship.author_id).in_(bindparam("people", expanding=True)))


@cache
def _coauthors() -> Select[int]:
    return (
        select(col(Authorship.author_id))
        .where(col(Authorship.paper_id).in_(bindparam("papers", expanding=True)))
        .where(col(Authorship.position) <= MOST_OF_A_LIST, col(Authorship.author_id) != bindparam("author"))
        .distinct()
    )


@cache
def _writing_with() -> Select[int]:
    beside = aliased(Authorship)
    return (
        select(col(Authorship.author_id))
        .join(beside, col(beside.paper_id) == col(Authorship.paper_id))
        .where(col(Authorship.author_id).in_(bindparam("people", expanding=True)))
        .where(col(beside.author_id).in_(bindparam("known", expanding=True)))
        .where(col(beside.author_id) != col(Authorship.author_id))
        .distinct()
    )
