"""Queries over people's notes on papers."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import and_, delete, func, or_, select
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_rows, upsert
from bot.store.models import NO_SERVER, PaperNote
from bot.store.reading_servers import record_server

_paper, _guild, _person = col(PaperNote.paper_id), col(PaperNote.guild_id), col(PaperNote.person_id)


class NoteRow(NamedTuple):
    """A note; see `PaperNote`."""

    guild_id: int
    person_id: int
    text: str
    written_at: dt.datetime


def write_note(
    session: Session, paper_id: int, guild_id: int, person_id: int, text: str, now: dt.datetime
) -> None:
    """Write a person's note on a paper in place of an earlier one; without text it is deleted."""
    key = (_paper == paper_id, _guild == guild_id, _person == person_id)
    if not text:
        session.connection().execute(delete(PaperNote).where(*key))
        return
    if guild_id != NO_SERVER:
        record_server(session, guild_id)
    row = {"paper_id": paper_id, "guild_id": guild_id, "person_id": person_id}
    upsert(session, PaperNote, [{**row, "text": text, "written_at": now}], changes=("text", "written_at"))


def notes_on(session: Session, paper_id: int, guild_id: int | None, person_id: int) -> list[NoteRow]:
    """The notes on a paper that a person may see: their own, and those for the server."""
    own = and_(_guild == NO_SERVER, _person == person_id)
    visible = own if guild_id is None else or_(own, _guild == guild_id)
    statement = select(*columns_of(PaperNote, NoteRow)).where(_paper == paper_id, visible)
    return read_rows(session, NoteRow, statement.order_by(_guild != NO_SERVER, col(PaperNote.written_at)))


def count_notes_of(session: Session, person_id: int) -> int:
    """How many notes of a person are stored."""
    statement = select(func.count()).select_from(PaperNote).where(_person == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_notes_of(session: Session, person_id: int) -> None:
    """Delete a person's notes."""
    session.connection().execute(delete(PaperNote).where(_person == person_id))


def remove_notes(session: Session, guild_id: int) -> None:
    """Delete all notes for a server."""
    session.connection().execute(delete(PaperNote).where(_guild == guild_id))
