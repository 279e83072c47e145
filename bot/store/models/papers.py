"""Tables of papers: their facts, what each source says of them, and their keys."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import create_model
from sqlalchemy import JSON, BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from bot.corpus.events import EventKind
from bot.corpus.paper import FACTS, PaperFacts
from bot.store.models.columns import EnumText, UtcDateTime

_LISTS = {"authors", "categories"}
OBJECTS = ("notices", "other_titles")
"""Lists of objects; None where they are empty, as for nearly all papers."""
_LONG_TEXTS = {"source_id", "title", "abstract", "venue", "summary"}
_INDEXED = {"field"}


def _fact_column(name: str) -> Any:
    """Type and settings of the column of a fact."""
    fact = PaperFacts.model_fields[name]
    if name in _LISTS:
        return list[str], Field(sa_column=Column(JSON, nullable=False))
    if name in OBJECTS:
        return list[dict[str, Any]] | None, Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    options: dict[str, Any] = {} if fact.is_required() else {"default": fact.default}
    if name in _LONG_TEXTS:
        options["sa_type"] = Text
    return fact.annotation, Field(index=name in _INDEXED, **options)


if TYPE_CHECKING:  # made below from the facts themselves, which have these names and types

    class _FactColumns(PaperFacts[str, None], SQLModel): ...

else:
    _FactColumns = create_model(
        "_FactColumns", __base__=SQLModel, **{name: _fact_column(name) for name in FACTS}
    )


class Paper(_FactColumns, table=True):
    """One paper: its facts, as `PaperFacts` lists them. Ids are never used again.

    `authors` has the names as the paper gives them, in order; the people are in `authorship`.
    """

    __tablename__ = "paper"  # pyright: ignore[reportAssignmentType]
    __table_args__: ClassVar[dict[str, bool]] = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="corpus_import.id", index=True)
    """The import that added it, or that completed the cut-off one which did."""
    revision: int = Field(sa_type=BigInteger, index=True)
    """The revision of its last change."""


class PaperMerge(SQLModel, table=True):
    """A paper that turned out to be another one, under whose id it lives on, or that was taken back."""

    __tablename__ = "retired_paper"  # pyright: ignore[reportAssignmentType]

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The id that it had; it has it again where the merge is undone."""
    into_id: int | None = Field(default=None, foreign_key="paper.id", index=True)
    """None for a paper that was taken back with its import."""
    revision: int = Field(sa_type=BigInteger, index=True)
    """The revision at which it was merged."""


class PaperSource(SQLModel, table=True):
    """What one source says of a paper, as it was read last.

    It is kept as what it says otherwise than the paper: where the paper changes, it is written anew.
    """

    __tablename__ = "paper_source"  # pyright: ignore[reportAssignmentType]

    source: str = Field(primary_key=True)
    source_key: str = Field(primary_key=True)
    paper_id: int = Field(foreign_key="paper.id", index=True)
    digest: str
    """Of the record, to tell an unchanged one without comparing."""
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The whole of it, as earlier versions kept it; empty where `said` is given."""
    read_on: dt.date | None = None
    """The day on which the source was read, where it is known."""
    said: bytes | None = None
    """What it says otherwise than the paper, see store/records.py; None as long as `record` is whole."""
    import_id: int | None = None
    """The import that said so first; None where an earlier version wrote it, or a person's correction."""


class RecordDictionary(SQLModel, table=True):
    """A dictionary with which records are compressed; the newest serves for new ones, and all are kept."""

    __tablename__ = "record_dictionary"  # pyright: ignore[reportAssignmentType]

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """As the compressed records name it."""
    content: bytes
    made_at: dt.datetime = Field(sa_type=UtcDateTime)


class PaperKey(SQLModel, table=True):
    """A key that several sources can share: an arXiv id, a DOI, a title with its lead author."""

    __tablename__ = "paper_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    scheme: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)


class PaperEvent(SQLModel, table=True):
    """What became of a known paper, such as that it was retracted; each once, for channels to hear of."""

    __tablename__ = "paper_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    kind: EventKind = Field(primary_key=True, sa_type=EnumText(EventKind))
    revision: int = Field(sa_type=BigInteger, index=True)
    """The revision at which it became known."""


class Enquiry(SQLModel, table=True):
    """When a provider was asked about a paper last, whether or not it knew anything of it."""

    __tablename__ = "enquiry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    question: str = Field(primary_key=True)
    """Such as "Crossref by title"; see sources/enrichment.py."""
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    asked_on: dt.date
