"""Tables of people: their entries, names and groupings, and where papers name them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.store.models.columns import UtcDateTime

_LEADS, _GROUPED = text("leads_to IS NOT NULL"), text('"grouping" IS NOT NULL')


class Author(SQLModel, table=True):
    """One entry: of all mentions of one identifier, or of one name without identifiers.

    Grouping makes people of them: one person keeps the entry, and others get entries of their own.
    """

    __tablename__ = "author"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        # Imports write entries that are not grouped yet: they are in neither index.
        Index("ix_author_leads_to", "leads_to", sqlite_where=_LEADS, postgresql_where=_LEADS),
        Index("ix_author_grouping", "grouping", sqlite_where=_GROUPED, postgresql_where=_GROUPED),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Text)
    name_key: str = Field(index=True)
    """The folded name, see corpus/names.py."""
    called: str | None = Field(default=None, sa_type=Text)
    """The fullest frequent name of the person; None where the entry is not grouped yet."""
    leads_to: int | None = None
    """The person whose all its papers are, where no person keeps it."""
    part_of: int | None = None
    """The entry under which this person stood until they were grouped; None for entries of sources."""
    grouping: int | None = Field(default=None, sa_type=BigInteger)
    """The number of the grouping that changed it last."""


class AuthorName(SQLModel, table=True):
    """A name under which a person was printed; of all that are grouped."""

    __tablename__ = "author_name"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    author_id: int = Field(primary_key=True, foreign_key="author.id")
    name_key: str = Field(primary_key=True, index=True)
    """The folded name, without the number that a source adds."""
    name: str = Field(sa_type=Text)
    papers: int
    block: str = Field(index=True)
    """What most names share that may be one person's, see disambiguation/name_forms.py."""


class GroupedMention(SQLModel, table=True):
    """A mention that is another person's than the one for whom its entry stands, or to whom it leads."""

    __tablename__ = "grouped_mention"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    entry_id: int = Field(primary_key=True)
    author_id: int
    """The person, before corrections."""


class GroupingSnapshot(SQLModel, table=True):
    """How frequent names and words were on a day: by the same snapshot people are grouped alike."""

    __tablename__ = "grouping_snapshot"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    content: bytes
    """See `CollectionCounts` in disambiguation/collection_counts.py."""


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
    entry_id: int | None = None
    """The entry that the source means, where that is not the person's."""


class Institution(SQLModel, table=True):
    """An institution at which people work."""

    __tablename__ = "institution"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """See corpus/institutions.py."""
    name: str = Field(sa_type=Text)
    """As it was written first."""


class StoredAffiliation(SQLModel, table=True):
    """Where the person at a place of a paper's list works, as a source says."""

    __tablename__ = "affiliation"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    position: int = Field(primary_key=True)
    source: str = Field(primary_key=True)
    institution_id: int = Field(primary_key=True, foreign_key="institution.id")


class Attribution(SQLModel, table=True):
    """A person on whose page a paper stands, whether or not its list names them."""

    __tablename__ = "attribution"  # pyright: ignore[reportAssignmentType]

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    author_id: int = Field(primary_key=True, foreign_key="author.id", index=True)
    source: str = Field(primary_key=True)
    entry_id: int | None = None
    """The entry that the source means, where that is not the person's."""


class AuthorReport(SQLModel, table=True):
    """Figures that a source reports of an author, one row for each reading that differs."""

    __tablename__ = "author_report"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
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
    import_id: int | None = None
    """The import that added it; None where an earlier version did."""
