"""Tables of announcements: subscriptions, and the outbox of messages and deliveries."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, false, text
from sqlmodel import Field, SQLModel

from bot.corpus.events import EventKind
from bot.store.models.columns import EnumText, UtcDateTime

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
    ANSWER = "answer"
    """The card of a paper that answered a command: Discord has it, and only its votes are edited."""
    EVENT = "event"
    """What became of papers that are known, such as that one was retracted."""
    CITATION = "citation"
    """Works that newly cite papers."""
    CLUB = "club"
    """What the channel of a journal club hears of a meeting: its paper, that none is proposed, a reminder."""
    MEETING = "meeting"
    """No message: the scheduled event of a meeting."""


class DeliveryKind(StrEnum):
    """What a message delivers of a paper."""

    NEW = "new"
    CODE = "code"
    """Code that was added later; recorded by earlier versions only."""
    SCORE = "score"
    """A score that was added later; recorded by earlier versions only."""
    RETRACTED = EventKind.RETRACTED.value
    WITHDRAWN = EventKind.WITHDRAWN.value
    CONCERN = EventKind.CONCERN.value
    CORRECTED = EventKind.CORRECTED.value
    PUBLISHED = EventKind.PUBLISHED.value
    CLUB = "club"
    """The paper of a meeting of a journal club."""


class Frequency(StrEnum):
    """How soon a channel gets new papers."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class DigestOrder(StrEnum):
    """The order of the papers of a digest."""

    ARRIVED = "arrived"
    VOTES = "votes"
    """By the votes of the server, then by score."""
    TASTE = "taste"
    """By likeness to what members of the server voted for and saved."""


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
    EVENTS = "events"
    """The scheduled events of a server; see `events_of`."""


NO_SERVER = 0
"""The server of direct messages."""


def events_of(guild_id: int) -> int:
    """What stands for the scheduled events of a server where channels do: negative, as no channel's id is."""
    return -guild_id


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
    retractions: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it hears of retractions and corrections of such papers, and of no new ones."""
    published: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it hears also that preprints of its author were published."""
    citing: str | None = Field(default=None, sa_type=Text)
    """The title or name of what is cited, where it hears of new citations alone."""
    citing_paper_id: int | None = None
    """The paper that is cited, wherever it leads."""
    citing_author_id: int | None = None
    """The entry of the author whose papers are cited, wherever it leads."""
    compiled: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The query in its fixed form, see search/standing_queries.py."""
    frequency: Frequency = Field(default=Frequency.INSTANT, sa_type=EnumText(Frequency))
    day: int | None = None
    """Of a weekly digest; 0 is Monday."""
    at: str | None = None
    """Local time of a digest, HH:MM."""
    timezone: str = "UTC"
    """IANA name."""
    digest_order: DigestOrder = Field(
        default=DigestOrder.ARRIVED,
        sa_type=EnumText(DigestOrder),
        sa_column_kwargs={"server_default": DigestOrder.ARRIVED},
    )
    delay_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """A digest has papers that came so many days before, or earlier."""
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


class WaitingEvent(SQLModel, table=True):
    """An event of a paper that a subscription hears of."""

    __tablename__ = "waiting_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id", ondelete="CASCADE")
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    kind: EventKind = Field(primary_key=True, sa_type=EnumText(EventKind))
    found_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    """None where an earlier version found it."""
    message_id: int | None = None
    """By which the channel hears of it; 0 where it had heard before, None as long as it waits."""


class CitingWork(SQLModel, table=True):
    """That a work newly cites a paper, for a subscription that hears of it."""

    __tablename__ = "citing_work"  # pyright: ignore[reportAssignmentType]
    __table_args__ = {"sqlite_with_rowid": False}

    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id", ondelete="CASCADE")
    work_id: int = Field(primary_key=True, foreign_key="work.id", index=True)
    paper_id: int = Field(primary_key=True, foreign_key="paper.id", index=True)
    found_at: dt.datetime = Field(sa_type=UtcDateTime)
    is_self: bool
    """Whether somebody wrote both."""
    message_id: int | None = None
    """By which the channel hears of the work; 0 where it had heard before, None as long as it waits."""


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
