"""The outbox: which message is next, results of attempts, channels that refuse messages, and notices."""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from sqlmodel import Session

from bot.announcements.markers import database_tag, new_nonce
from bot.announcements.results import ComposePause, MessageSpec, Notice, PausedChannel, stored_spec
from bot.app import App
from bot.errors import one_line
from bot.lease import Lease
from bot.store import blocked_channels, outbox, outbox_edits, subscriptions, withdrawal
from bot.store.models import NO_SERVER, MessageKind, MessageState, PlaceKind
from bot.store.outbox import NewMessage, OutboxMessage

LEASE = "announcer"
"""The name of the lease without which nothing is planned or posted."""
CHANNEL_GONE = "The channel is gone."
DIRECT_MESSAGES_CLOSED = "The person takes no direct messages from Papercord."
SAME_NONCE_FOR = dt.timedelta(minutes=2)
"""Discord remembers a nonce for "the past few minutes"; an older attempt is looked up first."""

_RETRIES = (1, 2, 4, 8, 15, 30)
"""Seconds between attempts whose end is not known."""
_HEADS_AT_ONCE = 1_000
"""Looked up together, as to look up one costs as much."""
_MOST_TRIES_OF_EXTRAS = 8
"""Of opening a thread, of an edit: the message itself is posted already."""

_PAUSES = (60, 5 * 60, 15 * 60, 3600, 6 * 3600)
"""Seconds for which a channel that refuses messages is left alone; the last one again and again."""
_GONE_AFTER = dt.timedelta(days=1)
_GONE_AFTER_ANSWERS = 4
"""So many at least, as the bot may have been down for most of the day."""

_OLD = dt.timedelta(hours=1)
_OLD_EDIT_EVERY = dt.timedelta(seconds=10)
"""In one channel. Discord limits edits of messages older than an hour, and does not say to how many."""
_EDITS_AT_ONCE = 8
"""So that they hold up no posts."""
_PUBLISHED_PER_HOUR = 10
"""In one channel, as Discord allows."""
_EXTRAS_FOR = dt.timedelta(days=1)
"""How long a thread, or publishing, is tried again."""
_EXTRAS_LONGEST = dt.timedelta(hours=6)
NO_THREAD, NOT_PUBLISHED = "No thread was opened: ", "It was not published: "
"""How what is recorded of a message begins, where that is so."""
_WITHOUT_NONCE = frozenset({PlaceKind.FORUM, PlaceKind.EVENTS})
_CHANNEL, _EDITS, _MESSAGE, _PUBLISH = "channel", "edits", "message", "publish"
"""Kinds of lanes."""

_log = logging.getLogger(__name__)


class Task(StrEnum):
    """What an attempt does with a message."""

    POST = "post"
    LOOK_UP = "look up"
    EDIT = "edit"
    THREAD = "thread"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Job:
    """One request that is to be made for a message of the outbox."""

    task: Task
    message_id: int
    channel_id: int
    guild_id: int
    nonce: str
    payload: dict[str, Any]
    attempts: int
    """Before this one."""
    maybe_sent_since: dt.datetime | None
    """Of the earliest attempt before this one whose end is not known."""
    place: PlaceKind = PlaceKind.CHANNEL
    posted_in: int | None = None
    """The post of a forum in which the message stands, or is to be posted; None: it makes one."""
    discord_id: int | None = None
    """The message to edit, to open the thread from, or to publish."""
    posted_at: dt.datetime | None = None
    """When that message was posted."""
    trouble: str | None = None
    """What is recorded of an earlier attempt, or of the thread of a message to publish."""
    thread_name: str | None = None

    @property
    def makes_post(self) -> bool:
        """Whether it makes a post of a forum or a scheduled event, for which there is no nonce."""
        return self.place in _WITHOUT_NONCE and self.posted_in is None

    @property
    def stands_in(self) -> int:
        """The channel or thread to which its requests go."""
        return self.posted_in or self.channel_id

    @property
    def lane(self) -> tuple[str, int]:
        """Jobs of one lane are done one after the other: a channel's posts keep their order."""
        match self.task:
            case Task.POST | Task.LOOK_UP:
                return (_CHANNEL, self.channel_id)
            case Task.EDIT:
                return (_EDITS, self.channel_id)
            case Task.THREAD:
                return (_MESSAGE, self.message_id)
            case Task.PUBLISH:
                return (_PUBLISH, self.channel_id)


class ResultKind(StrEnum):
    """The kinds of results of an attempt."""

    DONE = "done"
    """Discord has it: it was posted, found or edited, or its thread was opened."""
    UNKNOWN = "unknown"
    """No clear answer; it may have been made."""
    LATER = "later"
    """Certainly not made; to be tried again after `wait`."""
    FORBIDDEN = "forbidden"
    """Certainly not made: the bot may not post there."""
    UNKNOWN_CHANNEL = "unknown channel"
    """Certainly not made: Discord says that it knows no such channel, or no such server."""
    CLOSED = "closed"
    """Certainly not made: the person takes no direct messages from the bot."""
    REFUSED = "refused"
    """Certainly not made, and never will be."""
    DELETED = "deleted"
    """It was there, and a person deleted it."""
    ABSENT = "absent"
    """Looked up: it is not there."""
    UNTELLABLE = "untellable"
    """Looked up: it cannot be found out whether it is there."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of a job."""

    job: Job
    kind: ResultKind
    discord_id: int | None = None
    posted_in: int | None = None
    error: str | None = None
    wait: float = 0.0
    """Seconds."""


class Outbox:
    """The states of messages; each change is made within the lease."""

    def __init__(
        self, app: App, lease: Lease, compose_pause: ComposePause = lambda _channel, _nonce: None
    ) -> None:
        self._app = app
        self._lease = lease
        self._compose_pause = compose_pause
        self._heads: deque[int] = deque()
        """Messages that were the next of their channels when that was last looked up."""
        self._edits_rest: dict[int, dt.datetime] = {}
        """Channels in which a message was edited, or Discord took no more edits, and until when they rest."""

    def advance(
        self, results: Sequence[AttemptResult], busy: Collection[tuple[str, int]], room: int
    ) -> list[Job]:
        """Record the results of jobs, and begin the next ones, in one transaction.

        What begins is recorded before it is done, so that a crash leaves a trace of it.

        Args:
            results: Of jobs that ended since the last call.
            busy: The lanes of jobs that still run.
            room: How many jobs may begin.

        """
        if not results and not self._has_work(busy, room):
            return []
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            for result in results:
                self._record(session, result, now)
            return self._begin(session, busy, room, now)

    def _has_work(self, busy: Collection[tuple[str, int]], room: int) -> bool:
        now = self._app.clock()
        with self._app.store.reading() as session:
            return room > 0 and bool(
                self._heads
                or outbox.channel_heads(session, now, _ids_of(busy, _CHANNEL), 1)
                or outbox.messages_without_thread(session, now, _ids_of(busy, _MESSAGE), 1)
                or _next_to_publish(session, busy, 1, now)
                or self._next_edits(session, busy, 1, now)
            )

    def _begin(
        self, session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
    ) -> list[Job]:
        jobs: list[Job] = []
        for message in self._next_messages(session, busy, room, now):
            job = _job(message, outbox.first_part(session, message), now)
            if job.task is Task.POST and (until := _in_doubt_until(message)) is not None:
                outbox.change_message(session, message.id, only_in=(message.state,), next_attempt_at=until)
                continue
            # A person may have withdrawn it since it was read.
            if job.task is not Task.POST or _begin_post(session, message, now):
                jobs.append(job)
        return jobs

    def _next_messages(
        self, session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
    ) -> Sequence[OutboxMessage]:
        channels = _ids_of(busy, _CHANNEL)
        found: list[OutboxMessage] = []
        is_fresh = False
        while len(found) < room and (self._heads or not is_fresh):
            if not self._heads:
                taken = [*channels, *(message.channel_id for message in found)]
                self._heads.extend(outbox.channel_heads(session, now, taken, _HEADS_AT_ONCE))
                is_fresh = True
            some = [self._heads.popleft() for _ in range(min(room - len(found), len(self._heads)))]
            # A person, or a refusal, may have changed what may be posted since they were looked up.
            found += outbox.messages_to_post(session, some, now, channels)
        if len(found) < room:
            messages = _ids_of(busy, _MESSAGE)
            found += outbox.messages_without_thread(session, now, messages, room - len(found))
        if len(found) < room:
            found += _next_to_publish(session, busy, room - len(found), now)
        return found + self._next_edits(session, busy, room - len(found), now)

    def _next_edits(
        self, session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
    ) -> list[OutboxMessage]:
        under_way = _ids_of(busy, _EDITS)
        room = min(room, _EDITS_AT_ONCE - len(under_way))
        self._edits_rest = {channel: until for channel, until in self._edits_rest.items() if until > now}
        return (
            outbox_edits.next_edits(session, now, [*under_way, *self._edits_rest], room) if room > 0 else []
        )

    def _record(self, session: Session, result: AttemptResult, now: dt.datetime) -> None:
        match result.job.task:
            case Task.THREAD | Task.PUBLISH:
                _record_extra(session, result, now)
            case Task.EDIT:
                _record_edit(session, result, now)
                self._let_edits_rest(result, now)
            case Task.POST | Task.LOOK_UP:
                _record_post(session, result, now)
                if result.kind in {ResultKind.FORBIDDEN, ResultKind.UNKNOWN_CHANNEL}:
                    self._record_refusal(session, result, now)
                elif result.kind is ResultKind.CLOSED:
                    _end_direct_messages(session, result.job)

    def _let_edits_rest(self, result: AttemptResult, now: dt.datetime) -> None:
        rest = dt.timedelta(seconds=result.wait)
        if result.job.posted_at is None or now - result.job.posted_at >= _OLD:
            rest = max(_OLD_EDIT_EVERY, rest)
        self._edits_rest[result.job.channel_id] = now + rest

    def _record_refusal(self, session: Session, result: AttemptResult, now: dt.datetime) -> None:
        """Leave a channel alone for a while; pause its subscriptions once it has been unknown for a day."""
        channel_id, reason = result.job.channel_id, result.error or result.kind
        is_unknown = result.kind is ResultKind.UNKNOWN_CHANNEL
        before = blocked_channels.blocked_channels(session, [channel_id]).get(channel_id)
        refusals = before.refusals if before is not None else 0
        until = now + dt.timedelta(seconds=_PAUSES[min(refusals, len(_PAUSES) - 1)])
        if before is None or not is_unknown:
            blocked_channels.forget_unknown(session, channel_id)
        if is_unknown:
            counts_at = blocked_channels.unknown_since(session, channel_id, now) + _GONE_AFTER
            if now >= counts_at and refusals + 1 >= _GONE_AFTER_ANSWERS:
                self._pause_channel(session, channel_id, result.job.guild_id, reason, now)
                return
            if now < counts_at:
                until = min(until, counts_at)  # it is asked when the day is over
        blocked_channels.block_channel(
            session,
            channel_id,
            result.job.guild_id,
            reason=reason,
            held_until=until,
            refusals=refusals + 1,
        )

    def _pause_channel(
        self, session: Session, channel_id: int, guild_id: int, reason: str, now: dt.datetime
    ) -> None:
        """Pause the subscriptions of a channel that is gone; its papers wait for them to be resumed."""
        paused = subscriptions.pause_channel(session, channel_id, CHANNEL_GONE)
        withdrawal.close_channel(session, channel_id, CHANNEL_GONE)
        _log.warning(
            "Discord has not known channel %d of server %d for a day (%s): "
            "its subscriptions (%d) are paused.",
            channel_id,
            guild_id,
            reason,
            paused,
        )
        if not paused:  # as in the channel of administrators: nobody could resume anything
            blocked_channels.free_channel(session, channel_id)
            return
        blocked_channels.block_channel(
            session, channel_id, guild_id, reason=CHANNEL_GONE, held_until=None, refusals=0
        )
        if guild_id == NO_SERVER:
            return
        channel = PausedChannel(channel_id, guild_id, paused, reason)
        add_notice(session, partial(self._compose_pause, channel), now)


def _end_direct_messages(session: Session, job: Job) -> None:
    """Pause what a person asked for who has closed their direct messages, until they resume it."""
    paused = subscriptions.pause_channel(session, job.channel_id, DIRECT_MESSAGES_CLOSED)
    withdrawal.close_channel(session, job.channel_id, DIRECT_MESSAGES_CLOSED)
    _log.info("Direct messages %d are closed: its subscriptions (%d) are paused.", job.channel_id, paused)


def _in_doubt_until(message: OutboxMessage) -> dt.datetime | None:
    """When to look for a message that may be posted and was changed since: it is not sent again as it is."""
    if message.spec.get("outdated") and message.first_attempt_at is not None:
        return message.first_attempt_at + SAME_NONCE_FOR
    return None


def _begin_post(session: Session, message: OutboxMessage, now: dt.datetime) -> bool:
    return outbox.change_message(
        session,
        message.id,
        only_in=(message.state,),
        state=MessageState.SENDING,
        attempts=message.attempts + 1,
        first_attempt_at=message.first_attempt_at or now,
        last_attempt_at=now,
        next_attempt_at=None,
    )


def _ids_of(busy: Collection[tuple[str, int]], kind: str) -> list[int]:
    """The channels or messages of the lanes of a kind."""
    return [number for each, number in busy if each == kind]


def _next_to_publish(
    session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
) -> list[OutboxMessage]:
    return outbox.messages_to_publish(
        session,
        now,
        _ids_of(busy, _PUBLISH),
        room,
        most=_PUBLISHED_PER_HOUR,
        within=dt.timedelta(hours=1),
    )


def _job(message: OutboxMessage, first_part: OutboxMessage | None, now: dt.datetime) -> Job:
    task, discord_id, first_attempt = Task.POST, message.discord_id, message.first_attempt_at
    posted_in = message.posted_in or (first_part.posted_in if first_part is not None else None)
    if message.state is MessageState.SENT:
        task = Task.THREAD if message.thread_name is not None else Task.PUBLISH
    elif message.kind is MessageKind.EDIT:
        task, discord_id = Task.EDIT, message.target_discord_id
        posted_in = message.target_posted_in
    elif first_attempt is not None and (
        now - first_attempt >= SAME_NONCE_FOR
        or (message.place in _WITHOUT_NONCE and posted_in is None)  # no second request is the same
    ):
        task = Task.LOOK_UP
    return Job(
        task=task,
        message_id=message.id,
        channel_id=message.channel_id,
        guild_id=message.guild_id,
        nonce=message.nonce,
        payload=message.payload,
        attempts=message.attempts,
        maybe_sent_since=first_attempt,
        place=message.place,
        posted_in=posted_in,
        discord_id=discord_id,
        posted_at=message.target_sent_at or message.sent_at,
        trouble=message.error,
        thread_name=message.thread_name,
    )


def _record_post(session: Session, result: AttemptResult, now: dt.datetime) -> None:
    job = result.job
    changes: dict[str, Any] = {"error": result.error}
    only_in: tuple[MessageState, ...] = outbox.ON_ITS_WAY
    match result.kind:
        case ResultKind.DONE:
            changes |= {"state": MessageState.SENT, "sent_at": now, "discord_id": result.discord_id}
            changes["posted_in"] = result.posted_in or job.posted_in
            only_in = (*only_in, MessageState.HELD)  # a late answer to what was thought lost
            blocked_channels.free_channel(session, job.channel_id)
        case ResultKind.DELETED:
            changes |= {"state": MessageState.DROPPED}
        case ResultKind.UNKNOWN:
            wait = max(result.wait, _RETRIES[min(job.attempts, len(_RETRIES) - 1)])
            changes |= {"next_attempt_at": now + dt.timedelta(seconds=wait)}
        case ResultKind.ABSENT:
            changes |= {"state": MessageState.PLANNED, "first_attempt_at": None, "next_attempt_at": None}
        case ResultKind.UNTELLABLE:
            changes |= {"state": MessageState.HELD, "next_attempt_at": None}
        case ResultKind.REFUSED:
            state = MessageState.HELD if job.maybe_sent_since else MessageState.FAILED
            changes |= _not_made(job) | {"state": state}
        case ResultKind.LATER | ResultKind.FORBIDDEN | ResultKind.UNKNOWN_CHANNEL | ResultKind.CLOSED:
            changes |= _not_made(job) | {"next_attempt_at": now + dt.timedelta(seconds=result.wait)}
    changed = outbox.change_message(session, job.message_id, only_in=only_in, only_with=job.nonce, **changes)
    state = changes.get("state")
    if state is MessageState.PLANNED:
        _withdraw_outdated(session, job.message_id)
    if changed and state in {MessageState.HELD, MessageState.FAILED}:
        _log_failure(job, f"is {state}", result.error)


def _withdraw_outdated(session: Session, message_id: int) -> None:
    """Withdraw a message that was not posted, where its subscription was changed meanwhile."""
    message = outbox.message_by_id(session, message_id)
    if message is not None and message.spec.get("outdated"):
        withdrawal.withdraw(session, [message_id], "The subscription was changed.")


def _log_failure(job: Job, what: str, error: str | None) -> None:
    reason = one_line(error or "no reason given")
    _log.error(
        "Message %d (%s) for channel %d %s: %s", job.message_id, job.task, job.channel_id, what, reason
    )


def _not_made(job: Job) -> dict[str, Any]:
    """The attempt made no message; whether an earlier one did is not changed by that."""
    state = MessageState.SENDING if job.maybe_sent_since else MessageState.PLANNED
    return {"state": state, "first_attempt_at": job.maybe_sent_since}


def _again(result: AttemptResult, now: dt.datetime) -> dict[str, Any]:
    """How an edit is tried again; empty where it is not. To make one twice does no harm."""
    job = result.job
    tries = job.attempts + (result.kind is not ResultKind.LATER)  # that one was no try
    if result.kind not in {ResultKind.UNKNOWN, ResultKind.LATER} or tries > _MOST_TRIES_OF_EXTRAS:
        return {}
    wait = max(result.wait, _RETRIES[min(job.attempts, len(_RETRIES) - 1)])
    return {"attempts": tries, "next_attempt_at": now + dt.timedelta(seconds=wait)}


def _record_extra(session: Session, result: AttemptResult, now: dt.datetime) -> None:
    """Record what became of opening a thread, or of publishing. To do one twice does no harm."""
    job, is_thread = result.job, result.job.task is Task.THREAD
    trouble = f"{NO_THREAD if is_thread else NOT_PUBLISHED}{result.error or result.kind}"
    # What is recorded of the thread stays while the message is published.
    before = f"{job.trouble} " if not is_thread and (job.trouble or "").startswith(NO_THREAD) else ""
    before = before.partition(NOT_PUBLISHED)[0]
    changes: dict[str, Any] = {"attempts": job.attempts + 1, "next_attempt_at": None}
    if result.kind in {ResultKind.DONE, ResultKind.DELETED}:
        changes["error"] = before.strip() or None
    else:
        changes["error"] = before + trouble
    if (next_attempt_at := _extra_tried_at(result, now)) is not None:
        changes["next_attempt_at"] = next_attempt_at
        if not is_thread and result.kind is ResultKind.LATER:
            outbox.put_off_publishing(session, job.channel_id, next_attempt_at)
    else:
        changes |= {"thread_name": None} if is_thread else {"publish": False}
        if result.kind not in {ResultKind.DONE, ResultKind.DELETED}:
            _log_failure(job, "is given up", result.error)
    if result.kind is ResultKind.DONE and not is_thread:
        changes["published_at"] = now
    if result.kind is ResultKind.DELETED:
        changes |= {"thread_name": None, "publish": False}
    outbox.change_message(
        session, job.message_id, only_in=(MessageState.SENT,), only_with=job.nonce, **changes
    )


def _extra_tried_at(result: AttemptResult, now: dt.datetime) -> dt.datetime | None:
    """When opening a thread, or publishing, is tried again; None: never."""
    since = now - (result.job.posted_at or now)
    match result.kind:
        case ResultKind.LATER:
            return now + dt.timedelta(seconds=max(result.wait, _RETRIES[0]))
        case ResultKind.FORBIDDEN | ResultKind.UNKNOWN_CHANNEL if result.job.task is Task.THREAD:
            return None
        case ResultKind.UNKNOWN | ResultKind.FORBIDDEN | ResultKind.UNKNOWN_CHANNEL if since < _EXTRAS_FOR:
            wait = max(dt.timedelta(seconds=max(result.wait, _RETRIES[0])), 3 * since)
            return now + min(wait, _EXTRAS_LONGEST)
        case _:
            return None


def _record_edit(session: Session, result: AttemptResult, now: dt.datetime) -> None:
    job = result.job
    changes: dict[str, Any] = {"error": result.error, "attempts": job.attempts + 1, "last_attempt_at": now}
    if result.kind is ResultKind.DONE:
        changes |= {"state": MessageState.SENT, "sent_at": now, "discord_id": result.discord_id}
    elif again := _again(result, now):
        changes |= again
    else:
        changes["state"] = MessageState.DROPPED
        if result.kind is not ResultKind.DELETED:
            _log_failure(job, "is given up", result.error)
        elif job.discord_id is not None:
            outbox_edits.record_deleted(session, job.channel_id, job.discord_id)
    outbox.change_message(session, job.message_id, only_in=outbox.ON_ITS_WAY, only_with=job.nonce, **changes)


_NO_PAPERS = stored_spec(MessageSpec(MessageKind.NOTICE, papers=(), total=0))


def add_notice(session: Session, compose: Callable[[str], Notice | None], now: dt.datetime) -> None:
    """Plan a message to administrators, in the writing transaction of what it reports.

    So it is lost with nothing, and posted as announcements are: once, however often it has to be tried.
    `compose` is given the message's nonce; it answers None where nobody is to get it.
    """
    nonce = new_nonce(database_tag(session))
    notice = compose(nonce)
    if notice is None:
        return
    message = NewMessage(
        {
            "channel_id": notice.channel_id,
            "guild_id": notice.guild_id,
            "kind": MessageKind.NOTICE,
            "nonce": nonce,
            "spec": _NO_PAPERS,
            "payload": notice.payload,
        }
    )
    outbox.write_messages(session, [message], now)
