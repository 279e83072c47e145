"""Tables of what people make of papers: votes, lists to read, and notes."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from bot.store.models.columns import EnumText, UtcDateTime


class ReadingServer(SQLModel, table=True):
    """A server that has votes or lists."""

    __tablename__ = "reading_server"  # pyright: ignore[reportAssignmentType]

    guild_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    missing_since: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when the bot has not been in the server; purged after 30 days."""


class Vote(SQLModel, table=True):
    """A vote of a person for a paper in a server; where the paper is removed, it stays until that is back."""

    __tablename__ = "vote"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_vote_guild_id_voted_at", "guild_id", "voted_at"),
        {"sqlite_with_rowid": False},
    )

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    person_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    voted_at: dt.datetime = Field(sa_type=UtcDateTime)


class VoteChange(SQLModel, table=True):
    """A paper whose posted cards in a server may show another number of votes than it has."""

    __tablename__ = "vote_change"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    since: dt.datetime = Field(sa_type=UtcDateTime)


class ReadingState(StrEnum):
    """How far the reading of a paper is."""

    TO_READ = "to read"
    READING = "reading"
    READ = "read"


class ReadingList(SQLModel, table=True):
    """A list of papers: of one person, seen by that person alone, or of a server."""

    __tablename__ = "reading_list"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    """0: of a person."""
    owner_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """None: of a server."""
    name: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class ListEntry(SQLModel, table=True):
    """A paper on a list; where the paper is removed, it stays until that is back."""

    __tablename__ = "list_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    list_id: int = Field(primary_key=True, foreign_key="reading_list.id", ondelete="CASCADE")
    paper_id: int = Field(primary_key=True, index=True)
    added_by: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """None: a person who had what is stored of them deleted."""
    added_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: ReadingState = Field(default=ReadingState.TO_READ, sa_type=EnumText(ReadingState))
    state_at: dt.datetime = Field(sa_type=UtcDateTime)


class PaperNote(SQLModel, table=True):
    """A person's note on a paper: for that person alone, or for a server."""

    __tablename__ = "paper_note"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    """0: for that person alone."""
    person_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    text: str = Field(sa_type=Text)
    written_at: dt.datetime = Field(sa_type=UtcDateTime)


class AnsweredCard(SQLModel, table=True):
    """The newest card of a paper that answered a command in a channel of a server."""

    __tablename__ = "answered_card"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    channel_id: int = Field(primary_key=True, sa_type=BigInteger)
    message_id: int = Field(foreign_key="message.id", index=True, ondelete="CASCADE")
