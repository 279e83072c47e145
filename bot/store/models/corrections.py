"""Tables of corrections: which entries are one person, and which papers are one."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from bot.store.models.columns import EnumText, UtcDateTime


class CorrectionKind(StrEnum):
    """Whether two entries become one, or some papers of an entry move to another."""

    MERGE = "merge"
    SPLIT = "split"
    APART = "apart"
    """Two papers stay two, though they may seem one."""


class Correction(SQLModel, table=True):
    """A rule on identities: one entry is another person, or some of its papers are another person's.

    A merge holds for all papers of `author_id`, whenever they come in; a split for those in
    `correction_paper`. A correction that was undone stays as a record and has no effect.
    """

    __tablename__ = "correction"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    kind: CorrectionKind = Field(sa_type=EnumText(CorrectionKind))
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


class PaperCorrection(SQLModel, table=True):
    """A rule on papers: what describes one of them describes the other one too, or does not.

    It holds for the records in `paper_correction_record`, wherever these are.
    """

    __tablename__ = "paper_correction"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    kind: CorrectionKind = Field(sa_type=EnumText(CorrectionKind))
    paper_id: int
    """Neither paper is a foreign key: papers that are one now go."""
    into_id: int
    """The paper that stays, or that a split made."""
    title: str = Field(sa_type=Text)
    into_title: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    made_by: int | None = Field(default=None, sa_type=BigInteger)
    """The Discord id of who made it; None on the command line."""
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    undone_by: int | None = Field(default=None, sa_type=BigInteger)
    undone_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperCorrectionRecord(SQLModel, table=True):
    """A record that a correction of papers names, on one of its two sides."""

    __tablename__ = "paper_correction_record"  # pyright: ignore[reportAssignmentType]

    correction_id: int = Field(primary_key=True, foreign_key="paper_correction.id")
    source: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    is_of_other: bool = False
    """Whether it is of `into_id`."""
