"""Tables of sources that are followed, and of papers that people looked up."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.store.models.columns import EnumText, UtcDateTime


class FollowedSource(SQLModel, table=True):
    """A place where papers come from by themselves, and how it is going there."""

    __tablename__ = "followed_source"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("kind", "value"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    kind: str
    """Such as "arxiv category"; see sources/providers.py."""
    value: str = Field(sa_type=Text)
    """What is followed there: a category, a search, an author's id, a group's number."""
    added_by: int | None = Field(default=None, sa_type=BigInteger)
    added_at: dt.datetime = Field(sa_type=UtcDateTime)
    paused: bool = False
    progress: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """Where the check that is under way goes on; None between checks."""
    validators: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """Headers that ask whether anything changed since the last whole check."""
    checks: int = 0
    """How many whole checks ended; see `SeenEntry`."""
    depth: int | None = None
    """So many entries, from the newest on, were read; what is not known deeper is old. None: all."""
    sweep: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """Where the sweep through all of its entries goes on; None where none is under way."""
    sweep_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the sweep reads its next page; None where checks read all there is."""
    total: int | None = None
    """How many entries it promised at the last whole check."""
    baseline_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its first whole check ended; what came until then is known and no news."""
    checked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its last whole check ended."""
    first_arrival_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_arrival_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrival_times: int = 0
    """How often a check, or a page of a sweep, found something new: with the two times above, its habit."""
    arrived: int = 0
    """New papers since its baseline."""
    last_arrived: int = 0
    """New papers of its last check that found any."""
    error: str | None = Field(default=None, sa_type=Text)
    """Why the last try failed; None where it did not."""
    failures: int = 0
    """In a row; the pauses grow with them."""
    next_check_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    silence_told_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class SeenEntry(SQLModel, table=True):
    """An entry that a followed source has shown: whatever other sources know, it is new there only once."""

    __tablename__ = "seen_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    source_id: int = Field(primary_key=True, foreign_key="followed_source.id", ondelete="CASCADE")
    key: str = Field(primary_key=True)
    """Its id there."""
    at_check: int
    """How many checks had ended when it was first seen: to the check under way it is not known."""
    old: bool = False
    """It stood deeper than anything that was read before, so it counts as known, and was not imported."""


class ProposalState(StrEnum):
    """What became of a paper that somebody looked up."""

    SHOWN = "shown"
    PROPOSED = "proposed"
    ADDED = "added"
    DECLINED = "declined"


class PaperProposal(SQLModel, table=True):
    """A paper that somebody looked up and may be added; the button knows it by its id."""

    __tablename__ = "paper_proposal"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    asked_by: int = Field(sa_type=BigInteger, index=True)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """What its source says of it."""
    state: ProposalState = Field(default=ProposalState.SHOWN, sa_type=EnumText(ProposalState))
    decided_by: int | None = Field(default=None, sa_type=BigInteger)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
