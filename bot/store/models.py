"""All tables, on one page.

Ids are numbers that the database gives: an object made in the program has None until it is written.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import create_model
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Index,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlmodel import AutoString, Field, SQLModel

from bot.corpus.paper import FACTS, PaperFacts


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


class EnumText(TypeDecorator[StrEnum]):
    """Members of an enumeration, kept as their values."""

    impl = AutoString
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Keep a member as its value."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """Give the member of a value."""
        return None if value is None else self.members(value)


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


_LISTS = {"authors", "categories"}
OBJECTS = ("notices", "other_titles")
"""Lists of objects; None where they are empty, as for nearly all papers."""
_LONG_TEXTS = {"source_id", "title", "abstract", "venue"}
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


class PaperKey(SQLModel, table=True):
    """A key that several sources can share: an arXiv id, a DOI, a title with its lead author."""

    __tablename__ = "paper_key"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    scheme: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)


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
    """See `CollectionCounts` in disambiguation/evidence.py."""


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


class Enquiry(SQLModel, table=True):
    """When a provider was asked about a paper last, whether or not it knew anything of it."""

    __tablename__ = "enquiry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    question: str = Field(primary_key=True)
    """Such as "Crossref by title"; see sources/enrichment.py."""
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    asked_on: dt.date


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


PAUSED_BY_HAND = "Paused by hand."
"""Why a subscription rests that a person paused; every other reason is the bot's own."""

_LACKS_THREAD = text("thread_name IS NOT NULL")
_IS_TO_PUBLISH = text("publish")
_WAS_PUBLISHED = text("published_at IS NOT NULL")


class MessageState(StrEnum):
    """Where a message stands on its way."""

    PLANNED = "planned"
    """Frozen, and certainly not in the channel."""
    SENDING = "sending"
    """Posted, or about to be; whether Discord has it is not known until it is `sent`."""
    SENT = "sent"
    HELD = "held"
    """Whether it was posted is unknown; a person decides."""
    FAILED = "failed"
    """Discord refused it for good."""
    DROPPED = "dropped"
    """Not to be posted: a person deleted it, nobody wants it any more, or its papers are planned again."""


class MessageKind(StrEnum):
    """What a message of the outbox is."""

    CARD = "card"
    """One paper."""
    GROUP = "group"
    """Up to ten of more than five that waited."""
    FLOOD = "flood"
    """The ten best of more than a hundred, and how many there are."""
    DIGEST = "digest"
    EDIT = "edit"
    """An earlier message, changed in place."""
    NOTICE = "notice"
    """A message to administrators; it delivers no paper."""
    RECOVERED = "recovered"
    """A posted message that a restored database had lost."""
    WAITING = "waiting"
    """No message: what waited when a subscription was paused."""
    LATE = "late"
    """No message: papers that were considered, and match since a fact of theirs changed."""


class DeliveryKind(StrEnum):
    """What a message delivers of a paper."""

    NEW = "new"
    CODE = "code"
    """Code that was added later; recorded by earlier versions only."""
    SCORE = "score"
    """A score that was added later; recorded by earlier versions only."""


class Frequency(StrEnum):
    """How soon a channel gets new papers."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class PlaceKind(StrEnum):
    """Where messages go; it says how they are posted there, and what the bot needs for that."""

    CHANNEL = "channel"
    """A text or announcement channel, or the chat of a voice or stage channel."""
    THREAD = "thread"
    """A thread of a channel, or a post of a forum."""
    FORUM = "forum"
    """A forum or media channel: each message is a post of its own."""
    DIRECT = "dm"
    """The direct messages of one person; its server is 0."""


NO_SERVER = 0
"""The server of direct messages."""


class Subscription(SQLModel, table=True):
    """What one place wants to hear of, and when."""

    __tablename__ = "subscription"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    channel_id: int = Field(sa_type=BigInteger, index=True)
    place: PlaceKind = Field(
        default=PlaceKind.CHANNEL,
        sa_type=EnumText(PlaceKind),
        sa_column_kwargs={"server_default": PlaceKind.CHANNEL},
    )
    parent_id: int | None = Field(default=None, sa_type=BigInteger)
    """The channel of a thread."""
    creator_id: int = Field(sa_type=BigInteger)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    version: int = 0
    """Rises with every change by a person, so that nothing is planned by an earlier version."""
    query: str = Field(default="", sa_type=Text)
    author: str | None = Field(default=None, sa_type=Text)
    author_id: int | None = None
    """The entry of the author that is meant, wherever it leads; None where a name alone is."""
    author_parts: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Entries of people who stood under that entry, and have been named or were known before."""
    field: str | None = None
    code: bool | None = None
    min_score: float | None = None
    compiled: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The query in its fixed form, see search/standing_queries.py."""
    frequency: Frequency = Field(default=Frequency.INSTANT, sa_type=EnumText(Frequency))
    day: int | None = None
    """Of a weekly digest; 0 is Monday."""
    at: str | None = None
    """Local time of a digest, HH:MM."""
    timezone: str = "UTC"
    """IANA name."""
    role_id: int | None = Field(default=None, sa_type=BigInteger)
    role_trouble: str | None = Field(default=None, sa_type=Text)
    """Why its role is not pinged at present; None where it is."""
    thread: bool = False
    publish: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its messages are published to the channels that follow its announcement channel."""
    paused: bool = False
    pause_reason: str | None = Field(default=None, sa_type=Text)
    missing_since: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when the bot has not been in the server; purged after 30 days."""
    baseline: int = Field(sa_type=BigInteger)
    """The revision of the corpus when it was added or resumed; nothing up to it is posted."""
    cursor: int = Field(sa_type=BigInteger)
    """The revision up to which new papers have been considered."""
    recheck_after: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Papers that came after this revision are considered again when a fact of theirs changes."""
    next_digest_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    last_digest_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the digest last ran, also without papers."""
    last_digest_papers: int | None = None


class AnnouncedChannel(SQLModel, table=True):
    """What stands in the way of a channel's messages; no row where nothing does."""

    __tablename__ = "announced_channel"  # pyright: ignore[reportAssignmentType]

    channel_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    guild_id: int = Field(sa_type=BigInteger, index=True)
    reason: str = Field(sa_type=Text)
    refusals: int = 0
    """In a row; the pauses grow with them."""
    held_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """None: until a person resumes a subscription."""


class Message(SQLModel, table=True):
    """One message of the outbox: written whole before it is posted, and never rendered anew."""

    __tablename__ = "message"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_message_state_channel_id_id", "state", "channel_id", "id"),
        # Few of them ever lack their thread.
        Index("ix_message_lacks_thread", "id", sqlite_where=_LACKS_THREAD, postgresql_where=_LACKS_THREAD),
        Index("ix_message_to_publish", "id", sqlite_where=_IS_TO_PUBLISH, postgresql_where=_IS_TO_PUBLISH),
        Index(
            "ix_message_published_at",
            "published_at",
            sqlite_where=_WAS_PUBLISHED,
            postgresql_where=_WAS_PUBLISHED,
        ),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    channel_id: int = Field(sa_type=BigInteger, index=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    place: PlaceKind = Field(
        default=PlaceKind.CHANNEL,
        sa_type=EnumText(PlaceKind),
        sa_column_kwargs={"server_default": PlaceKind.CHANNEL},
    )
    kind: MessageKind = Field(sa_type=EnumText(MessageKind))
    part: int = 1
    parts: int = 1
    nonce: str = Field(unique=True)
    """The same on every try; also the marker in the message's custom_ids, by which it is found again."""
    spec: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """What it shows: paper ids in order, the subscriptions that each matches, roles."""
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The exact body of the request."""
    target_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    """The message that an edit changes."""
    state: MessageState = Field(default=MessageState.PLANNED, sa_type=EnumText(MessageState))
    attempts: int = 0
    planned_at: dt.datetime = Field(sa_type=UtcDateTime)
    first_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of the attempts whose end is not known; None where certainly none of them made a message."""
    last_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, sa_type=Text)
    discord_id: int | None = Field(default=None, sa_type=BigInteger)
    posted_in: int | None = Field(default=None, sa_type=BigInteger)
    """The thread in which it stands, where that is a post of a forum."""
    thread_name: str | None = None
    """The thread to open from it; None where none is wanted or it is open."""
    publish: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it is still to be published to the channels that follow its channel."""
    published_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Delivery(SQLModel, table=True):
    """A paper delivered to a channel, once for each kind."""

    __tablename__ = "delivery"  # pyright: ignore[reportAssignmentType]

    channel_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    kind: DeliveryKind = Field(default=DeliveryKind.NEW, primary_key=True, sa_type=EnumText(DeliveryKind))
    message_id: int = Field(foreign_key="message.id", index=True)
    shown: bool = True
    """Whether the message shows it, or only counts it."""
    facts: str | None = None
    """A fingerprint of the paper's facts as the message shows them; None where that is not known."""


class SubscriptionMatch(SQLModel, table=True):
    """A subscription that a paper matched which a message delivers, or that waits to be planned again."""

    __tablename__ = "subscription_match"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id", ondelete="CASCADE")
    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    message_id: int = Field(foreign_key="message.id", index=True)


class Lease(SQLModel, table=True):
    """What only one process may do at a time, and who does it until when."""

    __tablename__ = "lease"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    holder: str
    """host:pid and a random word."""
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
