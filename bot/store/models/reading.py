"""Tables of what groups make of papers: votes, and which cards are to show them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from bot.store.models.columns import UtcDateTime


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
