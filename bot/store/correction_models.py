"""The tables of corrections: what people said of who is who, kept as rules that every import obeys."""

import datetime as dt

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from bot.store.models import UtcDateTime


class Correction(SQLModel, table=True):
    """A rule on identities: one entry is another person, or some of its papers are another person's.

    A merge holds for all papers of `author_id`, whenever they come in; a split for those in
    `correction_paper`. A correction that was undone stays as a record and has no effect.
    """

    __tablename__ = "correction"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    """"merge" or "split"."""
    author_id: int = Field(index=True)
    """Neither entry is a foreign key: a person whom a split made goes when it is undone."""
    into_id: int = Field(index=True)
    """The person whose papers they are."""
    author_name: str = Field(sa_type=Text)
    into_name: str = Field(sa_type=Text)
    made_person: bool = False
    """The other person had no entry; the split made one."""
    reason: str = Field(sa_type=Text)
    made_by: int = Field(sa_type=BigInteger)
    """The Discord id of who made it."""
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    undone_by: int | None = Field(default=None, sa_type=BigInteger)
    undone_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class CorrectionPaper(SQLModel, table=True):
    """A paper that a split moves."""

    __tablename__ = "correction_paper"  # pyright: ignore[reportAssignmentType]

    correction_id: int = Field(primary_key=True, foreign_key="correction.id")
    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
