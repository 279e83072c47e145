"""What announcements are asked for and answer: frozen dataclasses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self

from pydantic import TypeAdapter

from bot.corpus.events import EventKind
from bot.papers.results import Paper
from bot.search.standing_queries import variants_of
from bot.store.models import NO_SERVER, DigestOrder, Frequency, MessageKind, MessageState, PlaceKind
from bot.store.outbox import MessageValues
from bot.store.subscriptions import StoredSubscription


@dataclass(frozen=True, slots=True)
class Filters:
    """Which papers are wanted; a paper has to match all that is given."""

    query: str = ""
    author: str | None = None
    author_id: int | None = None
    """The entry of that author, which is followed wherever it leads; None where the name alone is meant."""
    field: str | None = None
    code: bool | None = None
    min_score: float | None = None
    retractions: bool | None = None
    """Whether what becomes of such papers that are known is wanted, and no new ones; None: it is not."""
    published: bool | None = None
    """Whether it is wanted, too, that preprints of the author were published; None: it is not."""
    citing: str | None = None
    """The paper or author of whose new citations alone is to be heard, as people call it."""
    citing_paper_id: int | None = None
    citing_author_id: int | None = None
    """The entry of that author, which is followed wherever it leads."""

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
        parts.append("and when published" if self.published else None)
        words = " · ".join(part for part in parts if part) or "all papers"
        if self.citing is not None:
            return f"who cites {self.citing}"
        return f"retractions of {words}" if self.retractions else words

    @property
    def command(self) -> str:
        """The command that shows all that they find, newest first."""
        parts = [
            self.query.strip(),
            f'author:"{self.author}"' if self.author else "",
            f"field:{self.field}" if self.field else "",
            {True: "has:code", False: "-has:code", None: ""}[self.code],
            f"score:>={self.min_score:g}" if self.min_score is not None else "",
        ]
        return f"/papers query:{' '.join(part for part in parts if part) or 'year:>=1900'} sort:Newest"

    @classmethod
    def of(cls, stored: StoredSubscription) -> Self:
        """The filters of a subscription."""
        return cls(
            stored.query,
            stored.author,
            stored.author_id,
            stored.field,
            stored.code,
            stored.min_score,
            stored.retractions or None,
            stored.published or None,
            stored.citing,
            stored.citing_paper_id,
            stored.citing_author_id,
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a subscription's papers are posted."""

    frequency: Frequency = Frequency.INSTANT
    day: int | None = None
    """Of a weekly digest; 0 is Monday."""
    at: str | None = None
    """Local time of a digest, HH:MM."""
    timezone: str = "UTC"
    order: DigestOrder = DigestOrder.ARRIVED
    """Of the papers of a digest."""
    delay: int = 0
    """A digest has papers that came so many days before, or earlier."""

    @classmethod
    def of(cls, stored: StoredSubscription) -> Self:
        """The schedule of a subscription."""
        return cls(
            stored.frequency,
            stored.day,
            stored.at,
            stored.timezone,
            stored.digest_order,
            stored.delay_days,
        )

    def posts_as(self, other: Schedule) -> bool:
        """Whether both post at the same moments."""
        return self == other or self.frequency is other.frequency is Frequency.INSTANT


@dataclass(frozen=True, slots=True)
class Subscription:
    """The new papers that one place asked for."""

    id: int
    guild_id: int
    channel_id: int
    place: PlaceKind
    parent_id: int | None
    """The channel of a thread."""
    creator_id: int
    created_at: dt.datetime
    version: int
    """Grows with each change."""
    filters: Filters
    variants: tuple[str, ...]
    """Spellings that count as the typed ones, fixed when it was added."""
    schedule: Schedule
    role_id: int | None
    role_trouble: str | None
    """Why the role is not pinged at present."""
    thread: bool
    publish: bool
    """Whether its messages are published to the channels that follow its announcement channel."""
    paused: bool
    pause_reason: str | None
    baseline: int
    cursor: int
    next_digest_at: dt.datetime | None
    last_digest_at: dt.datetime | None
    last_digest_papers: int | None
    doubts: tuple[str, ...] = ()
    """Why it can match nothing at present, where that was looked up."""

    @property
    def hears_of_new(self) -> bool:
        """Whether it hears of new papers; else of what becomes of known ones, or what cites them."""
        return self.filters.citing is None and not self.filters.retractions

    @classmethod
    def of(cls, stored: StoredSubscription) -> Self:
        """A subscription without what only planning needs."""
        return cls(
            id=stored.id,
            guild_id=stored.guild_id,
            channel_id=stored.channel_id,
            place=stored.place,
            parent_id=stored.parent_id,
            creator_id=stored.creator_id,
            created_at=stored.created_at,
            version=stored.version,
            filters=Filters.of(stored),
            variants=variants_of(stored.compiled),
            schedule=Schedule.of(stored),
            role_id=stored.role_id,
            role_trouble=stored.role_trouble,
            thread=stored.thread,
            publish=stored.publish,
            paused=stored.paused,
            pause_reason=stored.pause_reason,
            baseline=stored.baseline,
            cursor=stored.cursor,
            next_digest_at=stored.next_digest_at,
            last_digest_at=stored.last_digest_at,
            last_digest_papers=stored.last_digest_papers,
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a paper, as a channel hears."""

    paper_id: int
    kind: EventKind
    shown_at: str | None
    """The address of the message that announced the paper there."""
    read_on: dt.date | None
    """The day on which the source was read that says so."""
    source: str | None = None
    """Who says so, where the paper's own facts do not name it."""


@dataclass(frozen=True, slots=True)
class ShownCitation:
    """A work that newly cites papers."""

    title: str
    url: str
    year: int | None
    authors: tuple[str, ...]
    """The first ones."""
    is_self: bool = False
    cites: tuple[int, ...] = ()
    """The papers."""
    sources: tuple[str, ...] = ()
    """Who says so."""
    read_on: dt.date | None = None
    """The day on which that was read."""


@dataclass(frozen=True, slots=True)
class Like:
    """A paper that members of a server like, as a digest names it beside one that is like it."""

    title: str
    votes: int
    saves: int
    """How many people put it on lists of the server."""


class MeetingMessage(StrEnum):
    """What a message says of a meeting of a journal club."""

    PAPER = "paper"
    """Which paper is read there."""
    CALL = "call"
    """That no paper is proposed."""
    REMINDER = "reminder"
    OFF = "off"
    """That somebody called it off."""
    EVENT = "event"
    """No message: its scheduled event."""


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """A meeting of a journal club as a message shows it."""

    what: MeetingMessage
    fingerprint: str
    """By which the message is known where the database lost it."""
    club_id: int
    name: str
    starts_at: dt.datetime
    minutes: int
    place: str
    presenter_id: int | None
    is_off: bool = False
    """Whether it does not take place."""
    card_url: str | None = None
    """Of the message with its paper."""
    event_url: str | None = None
    trouble: str | None = None
    """Why it has no event."""
    has_left: bool = False
    """Whether whose turn it was has left the server, so that somebody else presents, or nobody."""


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """What a message shows, without Discord's format; the message and its edits are rendered from it."""

    kind: MessageKind
    papers: tuple[int, ...]
    """Shown, in order."""
    total: int
    """Of all papers that it delivers, shown or only counted, over all parts."""
    matched: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """For each shown paper, the subscriptions that it matches, in words."""
    reasons: tuple[str, ...] = ()
    """All subscriptions whose papers the message delivers, in words."""
    command: str | None = None
    """What to type to see all of a flood."""
    roles: tuple[int, ...] = ()
    """The roles that it pings."""
    part: int = 1
    parts: int = 1
    same_as: str | None = None
    """The address of the message that delivers the same paper; empty where that one is not posted yet."""
    place: PlaceKind = PlaceKind.CHANNEL
    """Where it is posted."""
    late: bool = False
    """Whether its papers are known, and match since a fact of theirs changed."""
    outdated: bool = False
    """Whether a subscription was changed while it was being posted: if it was not, it is planned again."""
    votes: dict[int, int] = field(default_factory=dict[int, int])
    """Of shown papers the votes by which they were ranked."""
    by_taste: bool | None = None
    """Whether the server's taste ranked its papers; False: it was to, and the server likes nothing yet."""
    likes: dict[int, Like] = field(default_factory=dict[int, Like])
    """Of shown papers what they are like, where they are like anything that the server likes."""
    events: tuple[Happened, ...] = ()
    """What became of its papers, where that is what it reports."""
    citations: tuple[ShownCitation, ...] = ()
    """Works that newly cite its papers, where it reports these."""
    meeting: ShownMeeting | None = None
    """The meeting of a journal club of which it is."""


_SPEC = TypeAdapter(MessageSpec)


def read_spec(stored: Mapping[str, Any]) -> MessageSpec:
    """The spec of a stored message."""
    return _SPEC.validate_python(stored)


def stored_spec(spec: MessageSpec) -> dict[str, Any]:
    """A spec as it is stored; quicker than pydantic."""
    values = {name: getattr(spec, name) for name in MessageSpec.__slots__}
    return values | {
        "matched": {str(paper): words for paper, words in spec.matched.items()},
        "votes": {str(paper): number for paper, number in spec.votes.items()},
        "likes": {str(paper): asdict(one) for paper, one in spec.likes.items()},
    }


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as it is going to be posted."""

    payload: dict[str, Any]
    """The exact body of the request; of a post of a forum, its tags are named by the fields of its papers."""
    title: str
    """The name of a thread that may be opened from it."""

    @property
    def message(self) -> dict[str, Any]:
        """The message itself, without what makes it a post of a forum."""
        return message_in(self.payload)


def message_in(payload: dict[str, Any]) -> dict[str, Any]:
    """The message in the body of a request, which may be that of a post of a forum."""
    return payload.get("message", payload)


def message_values(
    spec: MessageSpec, rendered: RenderedMessage, nonce: str, *, channel_id: int, guild_id: int, publish: bool
) -> MessageValues:
    """A message of the outbox, as it is rendered for a channel."""
    return {
        "channel_id": channel_id,
        "guild_id": guild_id,
        "place": spec.place,
        "kind": spec.kind,
        "part": spec.part,
        "parts": spec.parts,
        "nonce": nonce,
        "spec": stored_spec(spec),
        "payload": rendered.payload,
        "publish": publish,
    }


class Compose(Protocol):
    """Renders a message; handed in by the user interface."""

    def __call__(
        self,
        spec: MessageSpec,
        papers: Mapping[int, Paper],
        nonce: str,
        votes: Mapping[int, int] = ...,
    ) -> RenderedMessage:
        """The message of a spec, its papers, and their votes in its server, where there are any."""
        ...


Relabel = Callable[[list[Any], int, int], list[Any]]
"""(components of a card, paper, its votes) -> the components that show these; handed in, too."""


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


ComposePause = Callable[[PausedChannel, str], Notice | None]
"""(channel, nonce) -> the notice to administrators, None where they have no channel; from the interface."""


@dataclass(frozen=True, slots=True)
class AddedSubscription:
    """A subscription that was added, and what is shown with it."""

    subscription: Subscription
    known_papers: int
    """Papers in the corpus when it was added: its baseline."""
    recent: Preview


@dataclass(frozen=True, slots=True)
class Preview:
    """What would have been posted in the last days."""

    days: int
    total: int
    papers: tuple[Paper, ...]
    """The first of them."""
    messages: int
    """How many messages that would have been, had they come at once."""
    order: DigestOrder = DigestOrder.ARRIVED
    """In which they stand; as they came, the newest stands first."""
    by_taste: bool | None = None
    likes: Mapping[int, Like] = field(default_factory=dict[int, Like])
    votes: Mapping[int, int] = field(default_factory=dict[int, int])
    """As in `MessageSpec`."""
    known: tuple[ShownCitation, ...] | None = None
    """Where new citations are asked for: the newest works that are known to cite it, of the total."""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that was refused, or of which it is unknown whether it was posted."""

    id: int
    channel_id: int
    papers: tuple[int, ...]
    state: MessageState
    error: str | None
    last_attempt_at: dt.datetime | None


def message_url(guild_id: int, channel_id: int, discord_id: int) -> str:
    """The address of a message."""
    server = "@me" if guild_id == NO_SERVER else guild_id
    return f"https://discord.com/channels/{server}/{channel_id}/{discord_id}"


def event_url(guild_id: int, event_id: int) -> str:
    """The address of a scheduled event."""
    return f"https://discord.com/events/{guild_id}/{event_id}"


@dataclass(frozen=True, slots=True)
class LastPost:
    """A posted message, as the newest one of a subscription."""

    guild_id: int
    channel_id: int
    discord_id: int
    sent_at: dt.datetime

    @property
    def url(self) -> str:
        """The address of the message."""
        return message_url(self.guild_id, self.channel_id, self.discord_id)


@dataclass(frozen=True, slots=True)
class DeliveredPage:
    """A page of the papers that one message delivers, whether it shows or only counts them."""

    nonce: str
    """Of the message."""
    spec: MessageSpec
    total: int
    page: int
    """From 1."""
    pages: int
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """What became of one subscription's papers, in numbers of papers."""

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
    """Why nothing is posted in its channel at present."""
    next_try_at: dt.datetime | None
    unfinished: Unfinished | None = None
    parted: Mapping[int, str] = field(default_factory=dict[int, str])
    """People who stood under the author whom it follows until now, by their entries; each is named once."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What messages of a channel lack that are posted, in numbers of messages of the last days."""

    without_thread: int
    to_publish: int
    """They are going to be."""
    unpublished: int
    """They are not going to be."""
    trouble: str | None
    """The newest reason."""


@dataclass(frozen=True, slots=True)
class AnnouncerStatus:
    """The state of the outbox over all servers, in numbers of messages."""

    lease: str | None
    """Who announces at present, as host:pid; None where nobody does."""
    last_run: dt.datetime | None
    """The end of the last round without an error."""
    planned: int
    sent: int
    held: int
    """Those of which it is unknown whether they were posted, and what waits for a channel that refuses it."""
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
    """The result of a file of subscriptions."""

    added: tuple[Subscription, ...]
    refused: tuple[str, ...]
    """One sentence for each entry that was not added."""
