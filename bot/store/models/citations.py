"""Tables of citations: works that papers of the corpus cite, and works that cite them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class Work(SQLModel, table=True):
    """A work as a citation names it, whether or not it is a paper of the corpus."""

    __tablename__ = "work"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("scheme", "value"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    scheme: str
    """Of its id: "doi", "arxiv", "openalex" or "s2"."""
    value: str
    title: str | None = Field(default=None, sa_type=Text)
    year: int | None = None
    authors: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """The first ones, where they are known."""


class Citation(SQLModel, table=True):
    """That a paper cites a work, or that a work cites a paper, as a source says."""

    __tablename__ = "citation"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    work_id: int = Field(primary_key=True, foreign_key="work.id", index=True)
    is_citing: bool = Field(primary_key=True)
    """Whether the work cites the paper; else the paper cites the work."""
    source: str = Field(primary_key=True)


class CitationCount(SQLModel, table=True):
    """How often a paper was cited, as a source said on a day; kept where it is another number than before."""

    __tablename__ = "citation_count"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    source: str = Field(primary_key=True)
    read_on: dt.date = Field(primary_key=True)
    citations: int
