"""The outbox: which message is next, what became of the last ones, and which channels refuse them."""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from sqlmodel import Session

from bot.announcements.lease import AnnouncerLease
from bot.announcements.notices import add_notice
from bot.announcements.results import PausedChannel, TellPause
from bot.app import App
from bot.errors import one_line
from bot.store import outbox, subscriptions
from bot.store.models import MessageState

CHANNEL_GONE = "The channel is gone."

_PAUSES = (60, 5 * 60, 15 * 60, 3600, 6 * 3600)
"""Seconds for which a channel that refuses messages is left alone; the last one again and again."""
_GONE_AFTER = dt.timedelta(days=1)
_GONE_AFTER_ANSWERS = 4
"""So many at least, as the bot may have been down for most of the day."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Discord answered to a message that certainly was not made."""

    channel_id: int
    guild_id: int
    reason: str
    is_unknown: bool
    """Whether it says that it knows no such channel, or no such server."""


def leave_alone(session: Session, refusal: Refusal, now: dt.datetime, tell_pause: TellPause) -> None:
    """Leave a channel alone for a while; pause its subscriptions where it has not been known for a day."""
    channel_id = refusal.channel_id
    before = outbox.blocked_channels(session, [channel_id]).get(channel_id)
    refusals = before.refusals if before is not None else 0
    until = now + dt.timedelta(seconds=_PAUSES[min(refusals, len(_PAUSES) - 1)])
    if before is None or not refusal.is_unknown:
        outbox.forget_unknown(session, channel_id)
    if refusal.is_unknown:
        counts_at = outbox.unknown_since(session, channel_id, now) + _GONE_AFTER
        if now >= counts_at and refusals + 1 >= _GONE_AFTER_ANSWERS:
            _pause(session, refusal, now, tell_pause)
            return
        if now < counts_at:
            until = min(until, counts_at)  # it is asked when the day is over
    outbox.block_channel(
        session,
        channel_id,
        refusal.guild_id,
        reason=refusal.reason,
        held_until=until,
        refusals=refusals + 1,
    )


def _pause(session: Session, refusal: Refusal, now: dt.datetime, tell_pause: TellPause) -> None:
    """Pause the subscriptions of a channel that is gone; its papers wait for them to be resumed."""
    channel_id, guild_id = refusal.channel_id, refusal.guild_id
    paused = subscriptions.pause_channel(session, channel_id, CHANNEL_GONE)
    outbox.close_channel(session, channel_id, CHANNEL_GONE)
    _log.warning(
        "Discord has not known channel %d of server %d for a day (%s): its subscriptions (%d) are paused.",
        channel_id,
        guild_id,
        refusal.reason,
        paused,
    )
    if not paused:  # as in the channel of administrators: nobody could resume anything
        outbox.free_channel(session, channel_id)
    else:
        outbox.block_channel(session, channel_id, guild_id, reason=CHANNEL_GONE, held_until=None, refusals=0)
        channel = PausedChannel(channel_id, guild_id, paused, refusal.reason)
        add_notice(session, partial(tell_pause, channel), now)


SAME_NONCE_FOR = dt.timedelta(minutes=2)
"""Discord remembers a nonce for "the past few minutes"; an older attempt is looked up first."""

_RETRIES = (1, 2, 4, 8, 15, 30)
"""Seconds between attempts whose end is not known."""
_HEADS_AT_ONCE = 1_000
"""Looked up together, as to look up one costs as much."""
_MOST_TRIES_OF_EXTRAS = 8
"""Of opening a thread, of an edit: the message itself stands already."""


class Task(StrEnum):
    """What is to be done next with a message."""

    POST = "post"
    LOOK_UP = "look up"
    EDIT = "edit"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Job:
    """One request that is to be made for a message of the ledger."""

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
    discord_id: int | None = None
    """The message to edit, or to open the thread from."""
    thread_name: str | None = None

    @property
    def lane(self) -> tuple[str, int]:
        """Jobs of one lane are done one after the other: a channel's posts keep their order."""
        if self.task in {Task.POST, Task.LOOK_UP}:
            return ("channel", self.channel_id)
        return ("message", self.message_id)


class ResultKind(StrEnum):
    """What became of a request."""

    DONE = "done"
    """Discord has it: posted, found, edited, the thread opened."""
    UNKNOWN = "unknown"
    """No answer that tells; it may have been made."""
    LATER = "later"
    """Certainly not made; to be tried again after `wait`."""
    FORBIDDEN = "forbidden"
    """Certainly not made: the bot may not post there."""
    UNKNOWN_CHANNEL = "unknown channel"
    """Certainly not made: Discord says that it knows no such channel, or no such server."""
    REFUSED = "refused"
    """Certainly not made, and never will be."""
    DELETED = "deleted"
    """It was there, and a person deleted it."""
    ABSENT = "absent"
    """Looked up: it is not there."""
    UNTELLABLE = "untellable"
    """Looked up: it cannot be told whether it is there."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What became of a job."""

    job: Job
    kind: ResultKind
    discord_id: int | None = None
    error: str | None = None
    wait: float = 0.0
    """Seconds."""


class Outbox:
    """The states of messages; each change is made within the lease."""

    def __init__(
        self, app: App, lease: AnnouncerLease, tell_pause: TellPause = lambda _channel, _nonce: None
    ) -> None:
        self._app = app
        self._lease = lease
        self._tell_pause = tell_pause
        self._heads: deque[int] = deque()
        """Messages that were the next of their channels when that was last looked up."""

    def advance(
        self, outcomes: Sequence[AttemptResult], busy: Collection[tuple[str, int]], room: int
    ) -> list[Job]:
        """Record what became of jobs, and begin the next ones, in one transaction.

        What begins is recorded before it is done, so that a crash leaves a trace of it.

        Args:
            outcomes: Of jobs that ended since the last call.
            busy: The lanes of jobs that still run.
            room: How many jobs may begin.

        """
        if not outcomes and not self._has_work(busy, room):
            return []
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            for outcome in outcomes:
                _record(session, outcome, now, self._tell_pause)
            return self._begin(session, busy, room, now)

    def _has_work(self, busy: Collection[tuple[str, int]], room: int) -> bool:
        now = self._app.clock()
        with self._app.store.reading() as session:
            channels, messages = _ids_of(busy)
            return room > 0 and bool(
                self._heads
                or outbox.channel_heads(session, now, channels, 1)
                or outbox.messages_to_finish(session, now, messages, 1)
            )

    def _begin(
        self, session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
    ) -> list[Job]:
        jobs: list[Job] = []
        for row in self._next_rows(session, busy, room, now):
            job = _job(row, now)
            # A person may have withdrawn it since it was read.
            if job.task is not Task.POST or _begin_post(session, row, now):
                jobs.append(job)
        return jobs

    def _next_rows(
        self, session: Session, busy: Collection[tuple[str, int]], room: int, now: dt.datetime
    ) -> Sequence[Any]:
        channels, messages = _ids_of(busy)
        rows: list[Any] = []
        is_fresh = False
        while len(rows) < room:
            if not self._heads:
                if is_fresh:
                    break
                taken = [*channels, *(row.channel_id for row in rows)]
                self._heads.extend(outbox.channel_heads(session, now, taken, _HEADS_AT_ONCE))
                is_fresh = True
            some = [self._heads.popleft() for _ in range(min(room - len(rows), len(self._heads)))]
            # A person, or a refusal, may have changed what may be posted since they were looked up.
            rows += outbox.messages_to_post(session, some, now, channels)
        if len(rows) < room:
            rows += outbox.messages_to_finish(session, now, messages, room - len(rows))
        return rows


def _begin_post(session: Session, row: Any, now: dt.datetime) -> bool:
    return outbox.change_message(
        session,
        row.id,
        only_in=(row.state,),
        state=MessageState.SENDING,
        attempts=row.attempts + 1,
        first_attempt_at=row.first_attempt_at or now,
        last_attempt_at=now,
        next_attempt_at=None,
    )


def _ids_of(busy: Collection[tuple[str, int]]) -> tuple[list[int], list[int]]:
    """Channels and messages of lanes."""
    channels = [number for kind, number in busy if kind == "channel"]
    return channels, [number for kind, number in busy if kind == "message"]


def _job(row: Any, now: dt.datetime) -> Job:
    task, discord_id = Task.POST, row.discord_id
    if row.state == MessageState.SENT:
        task = Task.THREAD
    elif row.kind == "edit":
        task, discord_id = Task.EDIT, row.target_discord_id
    elif row.first_attempt_at is not None and now - row.first_attempt_at >= SAME_NONCE_FOR:
        task = Task.LOOK_UP
    return Job(
        task=task,
        message_id=row.id,
        channel_id=row.channel_id,
        guild_id=row.guild_id,
        nonce=row.nonce,
        payload=row.payload,
        attempts=row.attempts,
        maybe_sent_since=row.first_attempt_at,
        discord_id=discord_id,
        thread_name=row.thread_name,
    )


def _record(session: Session, outcome: AttemptResult, now: dt.datetime, tell_pause: TellPause) -> None:
    job = outcome.job
    if job.task is Task.THREAD:
        _record_thread(session, outcome, now)
    elif job.task is Task.EDIT:
        _record_edit(session, outcome, now)
    else:
        _record_post(session, outcome, now)
        if outcome.kind in {ResultKind.FORBIDDEN, ResultKind.UNKNOWN_CHANNEL}:
            refusal = Refusal(
                job.channel_id,
                job.guild_id,
                outcome.error or outcome.kind,
                is_unknown=outcome.kind is ResultKind.UNKNOWN_CHANNEL,
            )
            leave_alone(session, refusal, now, tell_pause)


def _record_post(session: Session, outcome: AttemptResult, now: dt.datetime) -> None:
    job = outcome.job
    changes: dict[str, Any] = {"error": outcome.error}
    only_in: tuple[str, ...] = outbox.ON_ITS_WAY
    match outcome.kind:
        case ResultKind.DONE:
            changes |= {"state": "sent", "sent_at": now, "discord_id": outcome.discord_id}
            only_in = (*only_in, MessageState.HELD)  # a late answer to what was thought lost
            outbox.free_channel(session, job.channel_id)
        case ResultKind.DELETED:
            changes |= {"state": "dropped"}
        case ResultKind.UNKNOWN:
            wait = max(outcome.wait, _RETRIES[min(job.attempts, len(_RETRIES) - 1)])
            changes |= {"next_attempt_at": now + dt.timedelta(seconds=wait)}
        case ResultKind.ABSENT:
            changes |= {"state": "planned", "first_attempt_at": None, "next_attempt_at": None}
        case ResultKind.UNTELLABLE:
            changes |= {"state": "held", "next_attempt_at": None}
        case ResultKind.REFUSED:
            changes |= _not_made(job) | {"state": "held" if job.maybe_sent_since else "failed"}
        case ResultKind.LATER | ResultKind.FORBIDDEN | ResultKind.UNKNOWN_CHANNEL:
            changes |= _not_made(job) | {"next_attempt_at": now + dt.timedelta(seconds=outcome.wait)}
    changed = outbox.change_message(session, job.message_id, only_in=only_in, **changes)
    state = changes.get("state")
    if state == MessageState.PLANNED:
        _withdraw_outdated(session, job.message_id)
    if changed and state in {MessageState.HELD, MessageState.FAILED}:
        _tell(job, f"is {state}", outcome.error)


def _withdraw_outdated(session: Session, message_id: int) -> None:
    """Withdraw a message that was not posted, where its subscription was changed meanwhile."""
    row = outbox.message_by_id(session, message_id)
    if row is not None and row.spec.get("outdated"):
        outbox.withdraw(session, [message_id], "The subscription was changed.")


def _tell(job: Job, what: str, error: str | None) -> None:
    reason = one_line(error or "no reason given")
    _log.error(
        "Message %d (%s) for channel %d %s: %s", job.message_id, job.task, job.channel_id, what, reason
    )


def _not_made(job: Job) -> dict[str, Any]:
    """The attempt made no message; whether an earlier one did is not changed by that."""
    state = MessageState.SENDING if job.maybe_sent_since else MessageState.PLANNED
    return {"state": state, "first_attempt_at": job.maybe_sent_since}


def _again(outcome: AttemptResult, now: dt.datetime) -> dict[str, Any]:
    """How an edit or a thread is tried again; empty where it is not. To make one twice does no harm."""
    job = outcome.job
    tries = job.attempts + (outcome.kind is not ResultKind.LATER)  # that one was no try
    if outcome.kind not in {ResultKind.UNKNOWN, ResultKind.LATER} or tries > _MOST_TRIES_OF_EXTRAS:
        return {}
    wait = max(outcome.wait, _RETRIES[min(job.attempts, len(_RETRIES) - 1)])
    return {"attempts": tries, "next_attempt_at": now + dt.timedelta(seconds=wait)}


def _record_thread(session: Session, outcome: AttemptResult, now: dt.datetime) -> None:
    job = outcome.job
    changes: dict[str, Any] = {"error": outcome.error, "attempts": job.attempts + 1}
    if again := _again(outcome, now):
        changes |= again
    else:
        changes["thread_name"] = None
        if outcome.kind is not ResultKind.DONE:
            _tell(job, "is given up", outcome.error)
    outbox.change_message(session, job.message_id, only_in=(MessageState.SENT,), **changes)


def _record_edit(session: Session, outcome: AttemptResult, now: dt.datetime) -> None:
    job = outcome.job
    changes: dict[str, Any] = {"error": outcome.error, "attempts": job.attempts + 1, "last_attempt_at": now}
    if outcome.kind is ResultKind.DONE:
        changes |= {"state": "sent", "sent_at": now, "discord_id": outcome.discord_id}
    elif again := _again(outcome, now):
        changes |= again
    else:
        changes["state"] = "dropped"
        _tell(job, "is given up", outcome.error)
    outbox.change_message(session, job.message_id, only_in=outbox.ON_ITS_WAY, **changes)
