"""Tables of what people make of papers: votes, lists to read, notes, and journal clubs."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from bot.store.models.columns import EnumText, UtcDateTime


class ReadingServer(SQLModel, table=True):
    """A server that has votes, lists, notes or clubs."""

    __tablename__ = "reading_server"  # pyright: ignore[reportAssignmentType]

    guild_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    missing_since: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when the bot has not been in the server; purged after 30 days."""


class Vote(SQLModel, table=True):
    """A vote of a person for a paper in a server; where the paper is removed, it stays until that is back."""

    __tablename__ = "vote"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_vote_guild_id_voted_at", "guild_id", "voted_at"),
        {"sqlite_with_rowid": False},
    )

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    person_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    voted_at: dt.datetime = Field(sa_type=UtcDateTime)


class VoteChange(SQLModel, table=True):
    """A paper whose posted cards in a server may show another number of votes than it has."""

    __tablename__ = "vote_change"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    since: dt.datetime = Field(sa_type=UtcDateTime)


class ReadingState(StrEnum):
    """How far the reading of a paper is."""

    TO_READ = "to read"
    READING = "reading"
    READ = "read"


class ReadingList(SQLModel, table=True):
    """A list of papers: of one person, seen by that person alone, or of a server."""

    __tablename__ = "reading_list"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    """0: of a person."""
    owner_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """None: of a server."""
    name: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class ListEntry(SQLModel, table=True):
    """A paper on a list; where the paper is removed, it stays until that is back."""

    __tablename__ = "list_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    list_id: int = Field(primary_key=True, foreign_key="reading_list.id", ondelete="CASCADE")
    paper_id: int = Field(primary_key=True, index=True)
    added_by: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """None: a person who had what is stored of them deleted."""
    added_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: ReadingState = Field(default=ReadingState.TO_READ, sa_type=EnumText(ReadingState))
    state_at: dt.datetime = Field(sa_type=UtcDateTime)


class PaperNote(SQLModel, table=True):
    """A person's note on a paper: for that person alone, or for a server."""

    __tablename__ = "paper_note"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    guild_id: int = Field(primary_key=True, sa_type=BigInteger)
    """0: for that person alone."""
    person_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    text: str = Field(sa_type=Text)
    written_at: dt.datetime = Field(sa_type=UtcDateTime)


class AnsweredCard(SQLModel, table=True):
    """The newest card of a paper that answered a command in a channel of a server."""

    __tablename__ = "answered_card"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    paper_id: int = Field(primary_key=True)
    channel_id: int = Field(primary_key=True, sa_type=BigInteger)
    message_id: int = Field(foreign_key="message.id", index=True, ondelete="CASCADE")


class MeetingState(StrEnum):
    """Where a meeting of a club stands."""

    WAITING = "waiting"
    """It is less than a day ahead, and nobody has proposed a paper."""
    CHOSEN = "chosen"
    """Its paper is chosen."""
    HELD = "held"
    """It has begun."""
    EMPTY = "empty"
    """Its time came, and it had no paper."""
    SKIPPED = "skipped"
    """Managers let it be left out."""
    CALLED_OFF = "called off"
    """Somebody deleted or ended its scheduled event before."""


class Club(SQLModel, table=True):
    """A journal club of a server: it meets each week, at a local time of a zone."""

    __tablename__ = "club"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    channel_id: int = Field(sa_type=BigInteger)
    name: str
    day: int
    """0 is Monday."""
    at: str
    """Local time, HH:MM."""
    timezone: str
    """IANA name."""
    minutes: int
    """How long a meeting lasts."""
    place: str = Field(default="", sa_type=Text)
    """Where it meets; empty: in its channel."""
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    next_at: dt.datetime = Field(sa_type=UtcDateTime, index=True)
    """The first meeting that has no row yet; it gets one a day before."""
    is_ended: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether managers ended it; it is deleted as soon as its meeting is called off in Discord."""


class ClubPresenter(SQLModel, table=True):
    """A person who presents at a club when it is their turn."""

    __tablename__ = "club_presenter"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    club_id: int = Field(primary_key=True, foreign_key="club.id", ondelete="CASCADE")
    person_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    turn: int
    """The smallest presents next; whoever presents goes to the end."""


class ClubProposal(SQLModel, table=True):
    """A paper that is proposed to a club; where the paper is removed, it stays until that is back."""

    __tablename__ = "club_proposal"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    club_id: int = Field(primary_key=True, foreign_key="club.id", ondelete="CASCADE")
    paper_id: int = Field(primary_key=True, index=True)
    person_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    """None: a person who had what is stored of them deleted."""
    proposed_at: dt.datetime = Field(sa_type=UtcDateTime)


class ClubMeeting(SQLModel, table=True):
    """A meeting of a club, from a day before it on."""

    __tablename__ = "club_meeting"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("club_id", "starts_at", name="uq_club_meeting_club_id_starts_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    club_id: int = Field(foreign_key="club.id", ondelete="CASCADE")
    starts_at: dt.datetime = Field(sa_type=UtcDateTime)
    minutes: int
    state: MeetingState = Field(sa_type=EnumText(MeetingState), index=True)
    paper_id: int | None = Field(default=None, index=True)
    proposed_by: int | None = Field(default=None, sa_type=BigInteger, index=True)
    proposed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    presenter_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    is_changed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether what was posted of it says something else than it is now."""
    card_id: int | None = None
    """The message of the outbox with its paper."""
    call_id: int | None = None
    """The message that says that no paper was proposed."""
    event_id: int | None = None
    """The scheduled event in the outbox."""
    reminder_id: int | None = None
