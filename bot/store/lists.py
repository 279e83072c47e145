"""Queries over lists of papers: what is on them, and how far its reading is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_row, read_rows, upsert
from bot.store.models import NO_SERVER, ListEntry, Paper, ReadingList, ReadingState, Vote
from bot.store.reading_servers import record_server

_id, _guild, _owner = col(ReadingList.id), col(ReadingList.guild_id), col(ReadingList.owner_id)
_list, _paper = col(ListEntry.list_id), col(ListEntry.paper_id)


class ListOrder(StrEnum):
    """The orders of a list."""

    ADDED = "added"
    NEWEST = "newest"
    SCORE = "score"
    VOTES = "votes"


class ListRow(NamedTuple):
    """A list; see `ReadingList`."""

    id: int
    guild_id: int
    owner_id: int | None
    name: str


class EntryRow(NamedTuple):
    """A paper on a list; see `ListEntry`."""

    paper_id: int
    added_by: int | None
    added_at: dt.datetime
    state: ReadingState
    state_at: dt.datetime


def _of(guild_id: int | None, person_id: int | None) -> ColumnElement[bool]:
    """A person's own lists, and those of a server."""
    own = and_(_guild == NO_SERVER, _owner == person_id)
    return own if guild_id is None else or_(own, _guild == guild_id)


def lists_of(
    session: Session, guild_id: int | None, person_id: int | None, *, ids: Collection[int] | None = None
) -> list[ListRow]:
    """The lists that a person may see in a server, or elsewhere; their own ones first, by age."""
    statement = select(*columns_of(ReadingList, ListRow)).where(_of(guild_id, person_id))
    if ids is not None:
        statement = statement.where(_id.in_(ids))
    return read_rows(session, ListRow, statement.order_by(_guild != NO_SERVER, _id))


def add_list(session: Session, guild_id: int, owner_id: int | None, name: str, now: dt.datetime) -> ListRow:
    """Make a list of a person, or of a server."""
    if guild_id != NO_SERVER:
        record_server(session, guild_id)
    values = {"guild_id": guild_id, "owner_id": owner_id, "name": name, "created_at": now}
    list_id = session.connection().execute(insert(ReadingList).values(values).returning(_id)).scalar_one()
    return ListRow(list_id, guild_id, owner_id, name)


def rename_list(session: Session, list_id: int, name: str) -> None:
    """Give a list another name."""
    session.connection().execute(update(ReadingList).where(_id == list_id).values(name=name))


def delete_list(session: Session, list_id: int) -> None:
    """Delete a list."""
    session.connection().execute(delete(ReadingList).where(_id == list_id))


def size_of(session: Session, list_id: int) -> int:
    """How many papers are on a list."""
    statement = select(func.count()).select_from(ListEntry).where(_list == list_id)
    return session.connection().execute(statement).scalar_one()


def add_entries(
    session: Session, list_id: int, papers: Sequence[int], person_id: int, now: dt.datetime
) -> None:
    """Put papers on a list; those that are on it stay as they are."""
    values = {"list_id": list_id, "added_by": person_id, "added_at": now, "state_at": now}
    state = ReadingState.TO_READ
    upsert(session, ListEntry, [{**values, "paper_id": one, "state": state} for one in papers], changes=())


def entry_of(session: Session, list_id: int, paper_id: int) -> EntryRow | None:
    """A paper on a list; None where it is not on it."""
    statement = select(*columns_of(ListEntry, EntryRow)).where(_list == list_id, _paper == paper_id)
    return read_row(session, EntryRow, statement)


def set_state(session: Session, list_id: int, paper_id: int, state: ReadingState, now: dt.datetime) -> bool:
    """Record how far the reading of a paper is; whether it is on the list."""
    entry = update(ListEntry).where(_list == list_id, _paper == paper_id)
    return bool(session.connection().execute(entry.values(state=state, state_at=now)).rowcount)


def remove_entry(session: Session, list_id: int, paper_id: int) -> bool:
    """Take a paper off a list; whether it was on it."""
    entry = delete(ListEntry).where(_list == list_id, _paper == paper_id)
    return bool(session.connection().execute(entry).rowcount)


def papers_on(
    session: Session, row: ListRow, order: ListOrder, state: ReadingState | None = None
) -> Sequence[int]:
    """The papers on a list that the corpus has, of one state or all, in an order."""
    statement = select(_paper).join(Paper, col(Paper.id) == _paper).where(_list == row.id)
    if state is not None:
        statement = statement.where(col(ListEntry.state) == state)
    published, score = func.coalesce(col(Paper.published), ""), func.coalesce(col(Paper.score), -1)
    match order:
        case ListOrder.ADDED:
            keys = [col(ListEntry.added_at).desc()]
        case ListOrder.NEWEST:
            keys = [published.desc()]
        case ListOrder.SCORE:
            keys = [score.desc(), published.desc()]
        case ListOrder.VOTES:
            given = and_(col(Vote.paper_id) == _paper, col(Vote.guild_id) == row.guild_id)
            votes = select(func.count()).select_from(Vote).where(given).scalar_subquery()
            keys = [votes.desc(), score.desc()]
    return session.connection().execute(statement.order_by(*keys, _paper.desc())).scalars().all()


def entries_of(session: Session, list_id: int, papers: Collection[int]) -> dict[int, EntryRow]:
    """These papers as they are on a list."""
    statement = select(*columns_of(ListEntry, EntryRow)).where(_list == list_id, _paper.in_(papers))
    return {row.paper_id: row for row in read_rows(session, EntryRow, statement)}


# Of persons and servers.


def count_lists_of(session: Session, person_id: int) -> int:
    """How many lists a person has."""
    statement = select(func.count()).select_from(ReadingList).where(_owner == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_lists_of(session: Session, person_id: int) -> None:
    """Delete a person's lists, and who put what on those of servers."""
    connection = session.connection()
    connection.execute(delete(ReadingList).where(_owner == person_id))
    by_person = update(ListEntry).where(col(ListEntry.added_by) == person_id)
    connection.execute(by_person.values(added_by=None))


def remove_lists(session: Session, guild_id: int) -> None:
    """Delete all lists of a server."""
    session.connection().execute(delete(ReadingList).where(_guild == guild_id))
