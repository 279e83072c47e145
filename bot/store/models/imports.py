"""Tables of imports: what each did, the revisions of the corpus, and what taking one back needs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from bot.store.models.columns import UtcDateTime


class Revision(SQLModel, table=True):
    """One change of the corpus; the highest number is the state of the store.

    `stamp` is random, so that whoever follows can tell a store that was restored to an earlier
    state and went another way from one that simply went on.
    """

    __tablename__ = "revision"  # pyright: ignore[reportAssignmentType]

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    stamp: int = Field(sa_type=BigInteger)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)


class CorpusImport(SQLModel, table=True):
    """One import, from its first row to its end; papers that it added count as new once it has ended."""

    __tablename__ = "corpus_import"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    files: list[str] = Field(sa_column=Column(JSON, nullable=False))
    process: str
    """host:pid of the process that imports, to tell a running import from one that was cut off."""
    started_at: dt.datetime = Field(sa_type=UtcDateTime)
    touched_at: dt.datetime = Field(sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_revision: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """The revision at which its papers became "newly added"; None while it has not ended."""
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    undo_began_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When somebody began to take it back."""
    undone_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Papers that went when it was taken back."""
    reverted: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Papers that stayed then, without what it said."""


class ReplacedRecord(SQLModel, table=True):
    """What a source said before an import said otherwise; kept so that the import can be taken back."""

    __tablename__ = "replaced_record"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    import_id: int = Field(primary_key=True)
    """The import that replaced it."""
    source: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    record: bytes
    """The whole of it, compressed."""
    digest: str
    read_on: dt.date | None = None
    said_by: int | None = None
    """The import that had said it."""


class RepeatedRecords(SQLModel, table=True):
    """What an import said as it was known already: of that its own undoing and others' take nothing away."""

    __tablename__ = "repeated_records"  # pyright: ignore[reportAssignmentType]

    import_id: int = Field(primary_key=True)
    part: int = Field(primary_key=True)
    hashes: bytes
    """See store/imports_undone.py."""


class RemovedPaper(SQLModel, table=True):
    """A paper that was taken back, by what described it: what waits for it to come again."""

    __tablename__ = "removed_paper"  # pyright: ignore[reportAssignmentType]

    source: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    paper_id: int
    """The id that it had."""
    kept: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Rows of other tables by the names of these: where it was announced, and corrections."""
