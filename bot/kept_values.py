"""Small facts that the database keeps under a name, such as which commands Discord has."""

from __future__ import annotations

from bot.app import Desk
from bot.store.models import Note


def read_note(desk: Desk, name: str) -> str | None:
    """The fact under that name; None where there is none."""
    with desk.store.reading() as session:
        note = session.get(Note, name)
        return note.value if note is not None else None


def write_note(desk: Desk, name: str, value: str) -> None:
    """Keep a fact under a name, in place of the one before."""
    with desk.store.writing() as session:
        session.merge(Note(name=name, value=value))
