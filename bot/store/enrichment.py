"""Papers of which sources have not spoken yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, exists, func, or_, select
from sqlmodel import Session

from bot.store.tables import paper, paper_source


def papers_without(
    session: Session, sources: Sequence[str], after: int, limit: int, *, with_ids: bool
) -> Sequence[Row[Any]]:
    """Papers of which none of these sources has spoken; with an arXiv id or a DOI, or without."""
    columns = (paper.c.id, paper.c.title, paper.c.authors, paper.c.doi, paper.c.arxiv_id)
    statement = _without(select(*columns), sources, after, with_ids=with_ids)
    return session.connection().execute(statement.order_by(paper.c.id).limit(limit)).all()


def count_without(session: Session, sources: Sequence[str], after: int, *, with_ids: bool) -> int:
    """How many there are."""
    statement = _without(select(func.count()).select_from(paper), sources, after, with_ids=with_ids)
    return session.connection().execute(statement).scalar_one()


def _without(statement: Any, sources: Sequence[str], after: int, *, with_ids: bool) -> Any:
    said = exists().where(paper_source.c.paper_id == paper.c.id, paper_source.c.source.in_(sources))
    has_id = or_(paper.c.doi.is_not(None), paper.c.arxiv_id.is_not(None))
    return statement.where(paper.c.id > after, ~said, has_id if with_ids else ~has_id)
