"""What the services of announcements take and answer: frozen dataclasses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.papers.results import Paper


class Frequency(StrEnum):
    """How soon a channel hears of new papers."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class MessageKind(StrEnum):
    """What a message of the ledger is."""

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
    """What administrators are told; it delivers no paper."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which papers are wanted; a paper has to satisfy all that is given."""

    query: str = ""
    author: str | None = None
    field: str | None = None
    code: bool | None = None
    min_score: float | None = None

    @property
    def words(self) -> str:
        """The filters in one line, such as "decentralized · field LG"."""
        parts = [
            self.query.strip() or None,
            f"author {self.author}" if self.author else None,
            f"field {self.field}" if self.field else None,
            {True: "with code", False: "without code", None: None}[self.code],
            f"score {self.min_score:g} or more" if self.min_score is not None else None,
        ]
        return " · ".join(part for part in parts if part) or "all papers"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a subscription is told."""

    frequency: Frequency = Frequency.INSTANT
    day: int | None = None
    """Of a weekly digest; 0 is Monday."""
    at: str | None = None
    """Local time of a digest, HH:MM."""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one channel wants to hear of."""

    id: int
    guild_id: int
    channel_id: int
    creator_id: int
    created_at: dt.datetime
    filters: Filters
    variants: tuple[str, ...]
    """Spellings that count as the typed ones, fixed when it was added."""
    schedule: Schedule
    role_id: int | None
    thread: bool
    paused: bool
    pause_reason: str | None
    baseline: int
    cursor: int
    next_digest_at: dt.datetime | None
    last_digest_at: dt.datetime | None
    last_digest_papers: int | None


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """What a message shows, free of Discord; from it a message is composed once, and its edits."""

    kind: MessageKind
    papers: tuple[int, ...]
    """Shown, in order."""
    total: int
    """Of all papers that it tells of, shown or only counted, over all parts."""
    matched: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """For each shown paper, the subscriptions that it matches, in words."""
    reasons: tuple[str, ...] = ()
    """All subscriptions that the message serves, in words."""
    command: str | None = None
    """What to type to see all of a flood."""
    roles: tuple[int, ...] = ()
    """The roles that it pings."""
    part: int = 1
    parts: int = 1
    same_as: str | None = None
    """The address of the message that tells of the same paper; empty where that one is not posted yet."""
    outdated: bool = False
    """Whether a subscription was changed while it was being posted: if it was not, it is planned again."""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as it is going to be posted."""

    payload: dict[str, Any]
    """The exact body of the request."""
    title: str
    """The name of a thread that may be opened from it."""


Compose = Callable[[MessageSpec, Mapping[int, Paper], str], RenderedMessage]
"""(spec, its papers, nonce) -> the message; handed in by the user interface."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to administrators as it is going to be posted."""

    channel_id: int
    guild_id: int
    payload: dict[str, Any]
    """The exact body of the request."""


@dataclass(frozen=True, slots=True)
class PausedChannel:
    """A channel whose subscriptions the bot itself has paused."""

    channel_id: int
    guild_id: int
    subscriptions: int
    """How many were paused."""
    reason: str


TellPause = Callable[[PausedChannel, str], Notice | None]
"""(channel, nonce) -> what administrators are told, None where they have no channel; from the interface."""


@dataclass(frozen=True, slots=True)
class AddedSubscription:
    """A subscription that was added, and what is to be said of it."""

    subscription: Subscription
    known_papers: int
    """Papers that stand in the corpus: its baseline."""
    recent: Preview


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have been posted in the last days, newest first."""

    days: int
    total: int
    papers: tuple[Paper, ...]
    """The first of them."""
    messages: int
    """How many messages that would have been, had they come at once."""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message of which cannot be told whether it was posted, or that was refused."""

    id: int
    channel_id: int
    papers: tuple[int, ...]
    state: str
    error: str | None
    last_attempt_at: dt.datetime | None


def message_url(guild_id: int, channel_id: int, discord_id: int) -> str:
    """The address of a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{discord_id}"


@dataclass(frozen=True, slots=True)
class LastPost:
    """The newest message that a subscription was told by."""

    guild_id: int
    channel_id: int
    discord_id: int
    sent_at: dt.datetime

    @property
    def url(self) -> str:
        """The address of the message."""
        return message_url(self.guild_id, self.channel_id, self.discord_id)


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """Proof of delivery for one subscription, counted in papers."""

    subscription: Subscription
    new: int
    """Papers that matched since it was added."""
    waiting: int
    """Of these, planned or on their way."""
    sent: int
    held: int
    failed: int
    last_post: LastPost | None
    channel_trouble: str | None
    """Why its channel gets nothing at present."""
    next_try_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AnnouncerStatus:
    """The state of announcing over all servers, counted in messages."""

    lease: str | None
    """Who announces at present, as host:pid; None where nobody does."""
    last_run: dt.datetime | None
    """The end of the last round without an error."""
    planned: int
    sent: int
    held: int
    """Of which cannot be told whether they were posted, and what waits for a channel that refuses it."""
    failed: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper was or was not posted by one subscription."""

    subscription: Subscription
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper was or was not posted in a channel."""

    paper: Paper
    sentence: str
    """The answer in one sentence."""
    post: LastPost | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ImportedSubscriptions:
    """What became of a file of subscriptions."""

    added: tuple[Subscription, ...]
    refused: tuple[str, ...]
    """One sentence for each entry that was not added."""
