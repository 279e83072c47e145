"""The tables of announcements: what channels asked to hear, and the ledger of what they are told."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.store.models import UtcDateTime

PAUSED_BY_HAND = "Paused by hand."
"""Why a subscription rests that a person paused; every other reason is the bot's own."""

_LACKS_THREAD = text("thread_name IS NOT NULL")


class MessageState(StrEnum):
    """Where a message stands on its way."""

    PLANNED = "planned"
    """Frozen, and certainly not in the channel."""
    SENDING = "sending"
    """Posted, or about to be; whether Discord has it is not known until it is `sent`."""
    SENT = "sent"
    HELD = "held"
    """Whether it was posted cannot be told; a person decides."""
    FAILED = "failed"
    """Discord refused it for good."""
    DROPPED = "dropped"
    """Not to be posted: a person deleted it, nobody wants it any more, or its papers are planned again."""


class Subscription(SQLModel, table=True):
    """What one channel wants to hear of, and when."""

    __tablename__ = "subscription"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    channel_id: int = Field(sa_type=BigInteger, index=True)
    creator_id: int = Field(sa_type=BigInteger)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    version: int = 0
    """Rises with every change by a person, so that nothing is planned by an older wish."""
    query: str = Field(default="", sa_type=Text)
    author: str | None = Field(default=None, sa_type=Text)
    field: str | None = None
    code: bool | None = None
    min_score: float | None = None
    compiled: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The query in its fixed form, see search/percolate.py."""
    frequency: str = "instant"
    """instant, daily or weekly."""
    day: int | None = None
    """Of a weekly digest; 0 is Monday."""
    at: str | None = None
    """Local time of a digest, HH:MM."""
    timezone: str = "UTC"
    """IANA name."""
    role_id: int | None = Field(default=None, sa_type=BigInteger)
    thread: bool = False
    paused: bool = False
    pause_reason: str | None = Field(default=None, sa_type=Text)
    missing_since: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when the bot has not been in the server; purged after 30 days."""
    baseline: int = Field(sa_type=BigInteger)
    """The revision of the corpus when it was added or resumed; nothing up to it is posted."""
    cursor: int = Field(sa_type=BigInteger)
    """The revision up to which new papers have been considered."""
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
    """One message of the ledger: planned whole and frozen before it is posted, never composed anew."""

    __tablename__ = "message"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_message_state_channel_id_id", "state", "channel_id", "id"),
        # Few of them ever lack their thread.
        Index("ix_message_lacks_thread", "id", sqlite_where=_LACKS_THREAD, postgresql_where=_LACKS_THREAD),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    channel_id: int = Field(sa_type=BigInteger, index=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    kind: str
    """card, group, flood, digest; edit changes an earlier one in place; notice tells administrators.

    And what is no message: recovered, see restoring.py; waiting, see withdrawing.py.
    """
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
    state: str = MessageState.PLANNED
    attempts: int = 0
    planned_at: dt.datetime = Field(sa_type=UtcDateTime)
    first_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of the attempts whose end is not known; None where certainly none of them made a message."""
    last_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, sa_type=Text)
    discord_id: int | None = Field(default=None, sa_type=BigInteger)
    thread_name: str | None = None
    """The thread to open from it; None where none is wanted or it is open."""


class Delivery(SQLModel, table=True):
    """A paper told to a channel, once for each kind: new, code, score."""

    __tablename__ = "delivery"  # pyright: ignore[reportAssignmentType]

    channel_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    kind: str = Field(default="new", primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    shown: bool = True
    """Whether the message shows it, or only counts it."""
    code_shown: bool = False
    score_shown: bool = False


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
