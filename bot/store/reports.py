"""Figures that sources report of authors."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select
from sqlmodel import Session

from bot.corpus.paper import AuthorProfile
from bot.store.tables import author_report

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
