"""Tables of the application itself: its settings, leases, processes, and stored searches."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from bot.store.models.columns import UtcDateTime


class StoredSearch(SQLModel, table=True):
    """A search with its answer frozen, so that pages do not shift and buttons outlive restarts."""

    __tablename__ = "stored_search"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    asker_id: int = Field(sa_type=BigInteger, index=True)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    request: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    answer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Totals, accepted variants, and the first 200 paper ids in order."""


class KeptSetting(SQLModel, table=True):
    """A setting kept in the database under a name, such as the digest of the synced commands."""

    __tablename__ = "note"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


class Lease(SQLModel, table=True):
    """What only one process may do at a time, and who does it until when."""

    __tablename__ = "lease"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    holder: str
    """host:pid and a random word."""
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)


class Process(SQLModel, table=True):
    """A running bot, the shards that it has claimed, and until when it is taken to live."""

    __tablename__ = "process"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    """host:pid and a random word."""
    started_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    shards: list[int] = Field(sa_column=Column(JSON, nullable=False))
    reserved: list[int] = Field(sa_column=Column(JSON, nullable=False))
    """Shards that are this process's by its command line; others leave them alone while it lives."""
    index_revision: int | None = None
    """Of the search index on its host."""
