"""All tables, on one page.

`paper` is what Papercord says of a paper: the merge of what each source says (`paper_source`).
`revision` counts the changes of the corpus; whatever follows the corpus (the search index,
announcements) follows these numbers and no clock.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Index, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware UTC time on every database, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Refuse a time without a zone, and keep the others as UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone reached the store")
        return value.astimezone(dt.UTC) if value is not None else None

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Give the zone back to a time."""
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


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
    """One import, from its first row to its end; papers it brought count as new once it has ended."""

    __tablename__ = "corpus_import"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
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


class Paper(SQLModel, table=True):
    """One paper. Ids are never used again."""

    __tablename__ = "paper"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    source_id: str = Field(sa_type=Text)
    """The id that its most trusted source writes."""
    title: str = Field(sa_type=Text)
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """The names as printed, in order; the people are in `authorship`."""
    authors_truncated: bool = False
    field: str | None = Field(default=None, index=True)
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    published: str | None = None
    """YYYY, YYYY-MM or YYYY-MM-DD."""
    published_inferred: bool = False
    abstract: str = Field(default="", sa_type=Text)
    url: str | None = None
    has_code: bool = False
    code_url: str | None = None
    venue: str | None = Field(default=None, sa_type=Text)
    citations: int | None = None
    score: float | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    import_id: int = Field(foreign_key="corpus_import.id", index=True)
    """The import that brought it, or that completed the cut-off one which did."""
    revision: int = Field(sa_type=BigInteger, index=True)
    """The revision of its last change."""


class RetiredPaper(SQLModel, table=True):
    """A paper that turned out to be another one, under whose id it lives on."""

    __tablename__ = "retired_paper"  # pyright: ignore[reportAssignmentType]

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The id that it had; never used again."""
    into_id: int = Field(foreign_key="paper.id", index=True)
    revision: int = Field(sa_type=BigInteger, index=True)
    """The revision at which it was retired."""


class PaperSource(SQLModel, table=True):
    """What one source says of a paper, whole, as it was read last."""

    __tablename__ = "paper_source"  # pyright: ignore[reportAssignmentType]

    source: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)
    digest: str
    """Of the record, to tell an unchanged one without comparing."""
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    read_on: dt.date | None = None
    """The day on which the source was read, where it is known."""


class PaperKey(SQLModel, table=True):
    """A key that several sources can share: an arXiv id, a DOI, a title with its lead author."""

    __tablename__ = "paper_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    scheme: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)


class Author(SQLModel, table=True):
    """One entry for a person: all mentions of one identifier, or of one name without identifiers."""

    __tablename__ = "author"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Text)
    name_key: str = Field(index=True)
    """The folded name, see corpus/names.py."""


class AuthorIdentifier(SQLModel, table=True):
    """An identifier of a person; different ones of one scheme are different people."""

    __tablename__ = "author_identifier"  # pyright: ignore[reportAssignmentType]

    scheme: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    author_id: int = Field(foreign_key="author.id", index=True)


class Authorship(SQLModel, table=True):
    """A person named in a paper's list of authors, at a place counted from 1."""

    __tablename__ = "authorship"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_authorship_author_id_paper_id", "author_id", "paper_id"),
        {"sqlite_with_rowid": False},
    )

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    position: int = Field(primary_key=True)
    author_id: int = Field(foreign_key="author.id")


class Attribution(SQLModel, table=True):
    """A person on whose page a paper stands, whether or not its list names them."""

    __tablename__ = "attribution"  # pyright: ignore[reportAssignmentType]

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    author_id: int = Field(primary_key=True, foreign_key="author.id", index=True)
    source: str = Field(primary_key=True)


class AuthorReport(SQLModel, table=True):
    """Figures that a source reports of an author, one row for each reading that differs."""

    __tablename__ = "author_report"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="author.id", index=True)
    source: str
    as_of: dt.date | None = None
    field: str | None = None
    h_index: int | None = None
    papers: int | None = None
    citations: int | None = None
    novelty: float | None = None
    """Per cent, 0 to 100."""
    ai_score: float | None = None
    imported_at: dt.datetime = Field(sa_type=UtcDateTime)


class StoredSearch(SQLModel, table=True):
    """A search with its answer frozen, so that pages do not shift and buttons outlive restarts."""

    __tablename__ = "stored_search"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    asker_id: int = Field(sa_type=BigInteger, index=True)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    request: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    answer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Totals, what was forgiven, and the first 200 paper ids in order."""


class Note(SQLModel, table=True):
    """A small fact of this database under a name, such as the digest of the synced commands."""

    __tablename__ = "note"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)
