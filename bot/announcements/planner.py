"""From the plan to the ledger: what is due is decided, composed and frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from bot.announcements.lease import AnnouncerLease
from bot.announcements.markers import fingerprint_of, new_nonce, new_tag
from bot.announcements.matcher import Candidate, NewPapers, PlannedMessage, candidate_of_row, plan_messages
from bot.announcements.results import Compose, Frequency, MessageSpec, RenderedMessage, Schedule
from bot.announcements.schedule import next_digest
from bot.app import App
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import outbox, subscriptions
from bot.store.imports import latest_revision, lock_corpus
from bot.store.papers import living_papers, papers_merged_since
from bot.store.settings import get_setting, put_setting

SPEC = TypeAdapter(MessageSpec)
MAX_THREAD_NAME = 100

_CHANNELS_AT_ONCE = 500
_PAPERS_AT_ONCE = 5_000
_ROWS_PER_TRANSACTION = 20_000
"""So that other writers wait for less than a second."""
_TAG_SETTING = "announcer tag"


def database_tag(session: Session) -> str:
    """The random name of this database, in a writing transaction; made when it is first needed."""
    tag = get_setting(session, _TAG_SETTING)
    if tag is None:
        tag = new_tag()
        put_setting(session, _TAG_SETTING, tag)
    return tag


@dataclass
class _ChannelPlan:
    """What is going to be written for one channel, all or nothing."""

    channel_id: int
    guild_id: int
    due: Sequence[Any]
    again: Sequence[tuple[int, int]]
    """(subscription, paper) that waited to be planned again, and are considered with it."""
    messages: list[tuple[PlannedMessage, str, RenderedMessage]] = field(
        default_factory=list[tuple[PlannedMessage, str, RenderedMessage]]
    )

    @property
    def rows(self) -> int:
        """How much it is to write, roughly."""
        return (
            len(self.due)
            + len(self.again)
            + sum(len(planned.delivers) + len(planned.matches) for planned, _, _ in self.messages)
        )

    def tells_of(self, papers: Collection[int]) -> bool:
        """Whether one of its messages delivers one of these papers."""
        return any(paper in papers for planned, _, _ in self.messages for paper in planned.delivers)


class Planner:
    """Plans what is due into the ledger; each channel's messages in one transaction with its cursors."""

    def __init__(self, app: App, lease: AnnouncerLease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose
        self._tag: str | None = None
        self._papers: dict[int, Paper] = {}
        """Shown by the messages of this round, as they are composed."""

    def plan_due(self) -> int:
        """Plan everything that is due now, and say how many messages that is."""
        now = self._app.clock()
        with self._app.store.reading() as session:
            finished = subscriptions.newest_finished(session)
            waiting = outbox.waiting_papers(session)
            channels, lowest = subscriptions.due_channels(session, finished, now, waiting)
            if not channels:
                return 0
            latest = latest_revision(session)
            upto = latest.number if latest is not None else 0
            again = set[int]().union(*waiting.values())
            rows = [
                *subscriptions.added_before(session, again, min(lowest, upto)),
                *subscriptions.newly_added(session, lowest, upto),
            ]
            arrivals = NewPapers(session, rows)
        planned = size = 0
        plans: list[_ChannelPlan] = []
        for one in self._channel_plans(channels, arrivals, waiting, finished, now):
            plans.append(one)
            planned += len(one.messages)
            size += one.rows
            if size >= _ROWS_PER_TRANSACTION:
                self._write(plans, upto, now)
                plans, size = [], 0
        self._write(plans, upto, now)
        return planned

    def _channel_plans(
        self,
        channels: Sequence[int],
        arrivals: NewPapers,
        waiting: Mapping[int, Collection[int]],
        finished: int,
        now: dt.datetime,
    ) -> Iterator[_ChannelPlan]:
        papers = self._papers = {}
        for start in range(0, len(channels), _CHANNELS_AT_ONCE):
            some = channels[start : start + _CHANNELS_AT_ONCE]
            with self._app.store.reading() as session:
                rows = subscriptions.due_subscriptions(session, some, finished, now, waiting)
                told = outbox.delivered_papers(session, some, arrivals.place.keys())
                lost = outbox.recovered_specs(session, some)
            by_channel: dict[int, list[Any]] = {}
            for row in rows:
                by_channel.setdefault(row.channel_id, []).append(row)
            plans: list[tuple[_ChannelPlan, list[PlannedMessage]]] = []
            for channel_id, due in by_channel.items():
                wishes = [candidate_of_row(row, arrivals, waiting.get(row.id, ())) for row in due]
                again = [(row.id, paper) for row in due for paper in waiting.get(row.id, ())]
                prints = {each for lost_in, spec in lost if lost_in == channel_id for each in spec["prints"]}
                if prints:
                    told[channel_id] |= self._with_prints(wishes, prints)
                messages = plan_messages(wishes, told.get(channel_id, ()), arrivals.place, arrivals.rank)
                plans.append((_ChannelPlan(channel_id, due[0].guild_id, due, again), messages))
            self._load(papers, [planned for _, messages in plans for planned in messages])
            for one, messages in plans:
                for planned in messages:
                    nonce = new_nonce(self._own_tag())
                    one.messages.append((planned, nonce, self._compose(planned.spec, papers, nonce)))
                yield one

    def _with_prints(self, wishes: Sequence[Candidate], prints: Collection[str]) -> set[int]:
        """Papers that the channel was told of in a time that the database lost, see restoring."""
        wanted = list({paper for wish in wishes for paper in wish.matched})
        with self._app.store.reading() as session:
            papers = load_papers(session, wanted)
        return {paper_id for paper_id, paper in papers.items() if fingerprint_of(paper) in prints}

    def _load(self, papers: dict[int, Paper], messages: Sequence[PlannedMessage]) -> None:
        missing = list(
            {paper: None for planned in messages for paper in planned.spec.papers if paper not in papers}
        )
        with self._app.store.reading() as session:
            for start in range(0, len(missing), _PAPERS_AT_ONCE):
                papers.update(load_papers(session, missing[start : start + _PAPERS_AT_ONCE]))

    def _own_tag(self) -> str:
        if self._tag is None:
            with self._app.store.writing() as session:
                self._tag = database_tag(session)
        return self._tag

    def _write(self, plans: Sequence[_ChannelPlan], upto: int, now: dt.datetime) -> None:
        if not plans:
            return
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            merged = merged_since(session, upto)
            versions = subscriptions.versions_of(session, [row.id for one in plans for row in one.due])
            # A channel whose subscriptions a person changed meanwhile, or of whose papers two became one, is
            # planned anew next time.
            unchanged = [
                one
                for one in plans
                if all(versions.get(row.id) == (row.version, row.cursor) for row in one.due)
                and not (merged and one.tells_of(merged))
            ]
            again = [pair for one in unchanged for pair in one.again]
            if again:
                outbox.forget_waiting(session, again, [one.channel_id for one in unchanged])
            write_messages(
                session,
                [(one.channel_id, one.guild_id, *message) for one in unchanged for message in one.messages],
                self._papers,
                now,
            )
            subscriptions.move_cursors(session, [row.id for one in unchanged for row in one.due], upto)
            for one in unchanged:
                _record_digests(session, one, now)


def merged_since(session: Session, revision: int) -> set[int]:
    """The papers that became one with others after a revision, in a transaction that locks the corpus."""
    latest = latest_revision(session)
    if latest is None or latest.number == revision:
        return set()
    living = living_papers(session, papers_merged_since(session, revision, latest.number))
    return {*living.keys(), *living.values()}


def write_messages(
    session: Session,
    messages: Sequence[tuple[int, int, PlannedMessage, str, RenderedMessage]],
    papers: Mapping[int, Paper],
    now: dt.datetime,
) -> dict[str, int]:
    """Freeze (channel, guild, planned, nonce, composed) in the ledger, with what they deliver.

    `papers` are those from which they were composed.
    """
    ids = outbox.add_messages(
        session,
        [
            {
                "channel_id": channel_id,
                "guild_id": guild_id,
                "kind": planned.spec.kind,
                "part": planned.spec.part,
                "parts": planned.spec.parts,
                "nonce": nonce,
                "spec": _written(planned.spec),
                "payload": composed.payload,
                "state": "planned",
                "attempts": 0,
                "planned_at": now,
                "thread_name": composed.title[:MAX_THREAD_NAME] if planned.thread else None,
            }
            for channel_id, guild_id, planned, nonce, composed in messages
        ],
    )
    outbox.add_deliveries(
        session,
        (
            {
                "channel_id": channel_id,
                "paper_id": paper,
                "kind": "new",
                "message_id": ids[nonce],
                "shown": place < len(planned.spec.papers),
                **_shown(papers.get(paper)),
            }
            for channel_id, _, planned, nonce, _ in messages
            for place, paper in enumerate(planned.delivers)
        ),
    )
    outbox.add_matches(
        session,
        [
            {"subscription_id": subscription_id, "paper_id": paper, "message_id": ids[nonce]}
            for _, _, planned, nonce, _ in messages
            for subscription_id, paper in planned.matches
        ],
    )
    return ids


def _written(spec: MessageSpec) -> dict[str, Any]:
    """As the ledger keeps it, and `SPEC` reads it; quicker than to ask that to write it."""
    values = {name: getattr(spec, name) for name in MessageSpec.__slots__}
    return values | {"matched": {str(paper): words for paper, words in spec.matched.items()}}


def _shown(paper: Paper | None) -> dict[str, bool]:
    """What a card says of a paper and an edit may add later."""
    code = paper is not None and (paper.has_code or paper.code_url is not None)
    return {"code_shown": code, "score_shown": paper is not None and paper.score is not None}


def _record_digests(session: Session, one: _ChannelPlan, now: dt.datetime) -> None:
    for row in one.due:
        if row.frequency != Frequency.INSTANT:
            schedule = Schedule(Frequency(row.frequency), row.day, row.at, row.timezone)
            papers = sum(row.id == match for planned, _, _ in one.messages for match, _ in planned.matches)
            subscriptions.record_digest(
                session, row.id, ran_at=now, papers=papers, next_at=next_digest(schedule, now)
            )
