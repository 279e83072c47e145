"""The people of one paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, literal, select, union_all
from sqlmodel import Session

from bot.store.tables import attribution, author, authorship


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
