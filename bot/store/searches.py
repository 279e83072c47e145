"""Stored searches: the queries on their table."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import Session, col, select

from bot.store.models import StoredSearch


def add_search(session: Session, search: StoredSearch) -> None:
    """Store a search under its id."""
    session.add(search)


def search_by_id(session: Session, search_id: str, *, asked_since: dt.datetime) -> StoredSearch | None:
    """The search, unless it was deleted or asked before `asked_since`."""
    return session.exec(
        select(StoredSearch).where(StoredSearch.id == search_id, StoredSearch.asked_at >= asked_since)
    ).first()


def count_searches_of(session: Session, person_id: int) -> int:
    """How many searches are stored of a person."""
    return session.exec(
        select(func.count()).select_from(StoredSearch).where(StoredSearch.asker_id == person_id)
    ).one()


def delete_searches_of(session: Session, person_id: int) -> int:
    """Delete every search of a person, and say how many there were."""
    return _delete(session, col(StoredSearch.asker_id) == person_id)


def delete_searches_before(session: Session, moment: dt.datetime) -> int:
    """Delete the searches asked before that moment, and say how many there were."""
    return _delete(session, col(StoredSearch.asked_at) < moment)


def _delete(session: Session, which: ColumnElement[bool]) -> int:
    deleted = session.connection().execute(delete(StoredSearch).where(which).returning(col(StoredSearch.id)))
    return len(deleted.all())
