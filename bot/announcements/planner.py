"""From what is due to the outbox: messages are planned, rendered and written."""

from __future__ import annotations

import datetime as dt
import logging
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session

from bot.announcements.markers import database_tag, facts_of, fingerprint_of, new_nonce
from bot.announcements.matcher import Candidate, NewPapers, PlannedMessage, Rank, plan_messages, taste_for
from bot.announcements.results import Compose, Schedule, message_values
from bot.announcements.schedule import next_digest
from bot.announcements.taste import Likenesses
from bot.app import App
from bot.errors import SearchUnusableError
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import outbox, subscriptions, votes, withdrawal
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import DigestOrder, Frequency, MessageKind, MessageState
from bot.store.outbox import DeliveryValues, NewMessage
from bot.store.papers import living_papers, papers_merged_since
from bot.store.settings import get_setting, put_setting
from bot.store.subscriptions import AddedPaper, ConsideredSpan, Span, StoredSubscription
from bot.store.votes import VotedPaper

MAX_THREAD_NAME = 100

_log = logging.getLogger(__name__)

_CHANNELS_AT_ONCE = 500
_PAPERS_AT_ONCE = 5_000
_RECHECK_SETTING = "announcer rechecked"
"""Up to which revision changed papers were considered again."""
_LATE_REST = dt.timedelta(hours=1)
"""So that late papers of many changes come together."""
_GROUPED_WITHIN = dt.timedelta(hours=1)
"""For so long what follows an author waits until it is known whose new papers are."""
_MUCH_TO_RECHECK = 100_000
"""Papers times subscriptions; after that many, so long is waited for more:"""
_RECHECK_REST = dt.timedelta(minutes=1)
_TASTE_REST = dt.timedelta(minutes=1)
"""After the search cluster did not answer; each server's digest would wait for it by itself."""
_ROWS_PER_TRANSACTION = 20_000
"""So that other writers wait for less than a second."""


@dataclass
class _ChannelPlan:
    """What is going to be written for one channel, all or nothing."""

    channel_id: int
    guild_id: int
    due: Sequence[StoredSubscription]
    again: Sequence[tuple[int, int]]
    """(subscription, paper) that waited to be planned again, and are considered with it."""
    planned: Sequence[PlannedMessage]
    reach: Mapping[int, int]
    """Of each that is due, up to which revision papers are considered."""
    messages: list[NewMessage] = field(default_factory=list[NewMessage])

    @property
    def rows(self) -> int:
        """How much it is to write, roughly."""
        messages = sum(len(one.delivers) + len(one.matches) for one in self.planned)
        return len(self.due) + len(self.again) + messages

    def delivers(self, papers: Collection[int]) -> bool:
        """Whether one of its messages delivers one of these papers."""
        return any(paper in papers for one in self.planned for paper in one.delivers)


class _Reached(NamedTuple):
    """Up to which revision papers have been considered once a plan is written."""

    papers: int
    authors: int
    """By subscriptions that follow authors."""


def let_wait(
    session: Session,
    kind: MessageKind,
    pairs: Sequence[tuple[StoredSubscription, int]],
    now: dt.datetime,
) -> None:
    """Let papers wait to be planned for subscriptions of one channel."""
    row = pairs[0][0]
    waiting = NewMessage(
        {
            "channel_id": row.channel_id,
            "guild_id": row.guild_id,
            "place": row.place,
            "kind": kind,
            "nonce": new_nonce(database_tag(session)),
            "spec": {},
            "payload": {},
            "state": MessageState.DROPPED,
        },
        matches=[(subscription.id, paper_id) for subscription, paper_id in pairs],
    )
    outbox.write_messages(session, [waiting], now)


class Planner:
    """Writes what is due to the outbox; each channel's messages in one transaction with its cursors."""

    def __init__(self, app: App, lease: Lease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose
        self._tag: str | None = None
        self._late_rest: dict[int, dt.datetime] = {}
        """Channels that were sent late papers, and until when the next ones wait to come together."""
        self._recheck_rests_until: dt.datetime | None = None
        self._taste_rests_until = dt.datetime.min.replace(tzinfo=dt.UTC)

    def plan_due(self) -> int:
        """Plan everything that is due now, and say how many messages that is."""
        now = self._app.clock()
        self._recheck(now)
        self._late_rest = {channel: until for channel, until in self._late_rest.items() if until > now}
        with self._app.store.reading() as session:
            finished = subscriptions.newest_finished(session)
            waiting = withdrawal.waiting_papers(session, list(self._late_rest))
            grouped = subscriptions.grouped_upto(session, now - _GROUPED_WITHIN)
            span = Span(finished, finished if grouped is None else grouped)
            channels, lowest = subscriptions.due_channels(session, span, now, waiting)
            if not channels:
                return 0
            latest = latest_revision(session)
            upto = latest.number if latest is not None else 0
            reached = _Reached(upto, upto if grouped is None else min(grouped, upto))
            again = set[int]().union(*waiting.values())
            new_papers = NewPapers(
                session,
                [
                    *subscriptions.added_before(session, again, min(lowest, upto)),
                    *subscriptions.newly_added(session, lowest, upto),
                ],
            )
        planned = size = 0
        plans: list[_ChannelPlan] = []
        for one in self._channel_plans(channels, new_papers, waiting, (span, reached), now):
            plans.append(one)
            planned += len(one.messages)
            size += one.rows
            if size >= _ROWS_PER_TRANSACTION:
                self._write(plans, reached, now)
                plans, size = [], 0
        self._write(plans, reached, now)
        return planned

    def _recheck(self, now: dt.datetime) -> None:
        """Let known papers wait for the subscriptions that they match since a fact of theirs changed."""
        if self._recheck_rests_until is not None and now < self._recheck_rests_until:
            return
        with self._app.store.reading() as session:
            latest = latest_revision(session)
            setting = get_setting(session, _RECHECK_SETTING)
            upto = latest.number if latest is not None else 0
            if setting == str(upto):
                return
            pairs: list[tuple[StoredSubscription, int]] = []
            spans = subscriptions.considered_spans(session)
            if setting is not None and spans:
                added = min(span.after for span in spans), max(span.upto for span in spans)
                changed = subscriptions.changed_papers(session, (int(setting), upto), added)
                pairs = _late_pairs(session, spans, changed)
                if len(changed) * len(spans) > _MUCH_TO_RECHECK:
                    self._recheck_rests_until = now + _RECHECK_REST
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            # What became one with another paper meanwhile is seen the next time.
            merged = merged_since(session, upto)
            ids = list({row.id: None for row, _ in pairs})
            rows = subscriptions.subscriptions_where(session, ids=ids, locked=True)
            versions = {row.id: row.version for row in rows}
            if any(versions.get(row.id, row.version) != row.version for row, _ in pairs):
                return  # a person changed one meanwhile: all is looked at again
            by_channel: dict[int, list[tuple[StoredSubscription, int]]] = {}
            for row, paper_id in pairs:
                if row.id in versions and paper_id not in merged:
                    by_channel.setdefault(row.channel_id, []).append((row, paper_id))
            for here in by_channel.values():
                let_wait(session, MessageKind.LATE, here, now)
            put_setting(session, _RECHECK_SETTING, str(upto))

    def _channel_plans(
        self,
        channels: Sequence[int],
        new_papers: NewPapers,
        waiting: Mapping[int, Mapping[int, bool]],
        spans: tuple[Span, _Reached],
        now: dt.datetime,
    ) -> Iterator[_ChannelPlan]:
        papers, given = dict[int, Paper](), dict[VotedPaper, int]()
        span, reached = spans
        for start in range(0, len(channels), _CHANNELS_AT_ONCE):
            some = channels[start : start + _CHANNELS_AT_ONCE]
            with self._app.store.reading() as session:
                due = subscriptions.due_subscriptions(session, some, span, now, waiting)
                new_papers.find_authors(session, [one.compiled for one in due])
                delivered = outbox.delivered_papers(session, some, new_papers.order.keys())
                recovered = outbox.recovered_specs(session, some)
                reach = _reach(session, due, reached, now)
                if any(one.digest_order is DigestOrder.VOTES for one in due):
                    given |= votes.counts_of(session, new_papers.order.keys())
            fingerprints: dict[int, set[str]] = {}
            for channel_id, spec in recovered:
                fingerprints.setdefault(channel_id, set()).update(spec["prints"])
            by_channel: dict[int, list[StoredSubscription]] = {}
            for subscription in due:
                by_channel.setdefault(subscription.channel_id, []).append(subscription)
            plans: list[_ChannelPlan] = []
            for channel_id, rows in by_channel.items():
                candidates = [new_papers.candidate(one, waiting.get(one.id), reach[one.id]) for one in rows]
                guild_id = rows[0].guild_id
                candidates, taste = self._with_taste(guild_id, candidates, new_papers.rank, now)
                ranked = {one.subscription_id for one in candidates}
                here = [one for one in rows if one.id in ranked]
                again = [(one.id, paper) for one in here for paper in waiting.get(one.id, ())]
                if channel_id in fingerprints:
                    delivered[channel_id] |= self._recovered_papers(candidates, fingerprints[channel_id])
                planned = plan_messages(
                    candidates,
                    delivered.get(channel_id, ()),
                    new_papers.order,
                    new_papers.rank,
                    votes.votes_in(given, guild_id, new_papers.order),
                    taste,
                )
                plans.append(_ChannelPlan(channel_id, guild_id, here, again, planned, reach))
            self._load(papers, given, [planned for one in plans for planned in one.planned])
            for one in plans:
                one.messages = [self._rendered(one, planned, papers, given) for planned in one.planned]
                yield one

    def _with_taste(
        self, guild_id: int, candidates: list[Candidate], rank: Rank, now: dt.datetime
    ) -> tuple[list[Candidate], Likenesses | None]:
        """The candidates, with what ranks those by taste; while the search cluster is away these wait."""
        if now >= self._taste_rests_until:
            try:
                return candidates, taste_for(self._app, guild_id, candidates, rank)
            except SearchUnusableError as error:
                _log.warning("Digests that are ranked by what servers like wait. %s", error)
                self._taste_rests_until = now + _TASTE_REST
        return [one for one in candidates if not one.is_by_taste], None

    def _recovered_papers(self, candidates: Sequence[Candidate], fingerprints: Collection[str]) -> set[int]:
        """Papers that the channel got in a time that the database lost, see `Recovery`."""
        wanted = list({paper for candidate in candidates for paper in candidate.matched})
        with self._app.store.reading() as session:
            papers = load_papers(session, wanted)
        return {paper_id for paper_id, paper in papers.items() if fingerprint_of(paper) in fingerprints}

    def _load(
        self,
        papers: dict[int, Paper],
        given: dict[VotedPaper, int],
        messages: Sequence[PlannedMessage],
    ) -> None:
        missing = list({paper: None for one in messages for paper in one.spec.papers if paper not in papers})
        with self._app.store.reading() as session:
            for start in range(0, len(missing), _PAPERS_AT_ONCE):
                papers.update(load_papers(session, missing[start : start + _PAPERS_AT_ONCE]))
            given.update(votes.counts_of(session, missing))

    def _rendered(
        self,
        plan: _ChannelPlan,
        planned: PlannedMessage,
        papers: Mapping[int, Paper],
        given: Mapping[VotedPaper, int],
    ) -> NewMessage:
        spec = planned.spec
        nonce = new_nonce(self._own_tag())
        rendered = self._compose(spec, papers, nonce, votes.votes_in(given, plan.guild_id, spec.papers))
        shown = len(spec.papers)
        return NewMessage(
            {
                **message_values(
                    spec,
                    rendered,
                    nonce,
                    channel_id=plan.channel_id,
                    guild_id=plan.guild_id,
                    publish=planned.publish,
                ),
                "thread_name": rendered.title[:MAX_THREAD_NAME] if planned.thread else None,
            },
            deliveries=(
                _delivery(paper, papers.get(paper), shown=place < shown)
                for place, paper in enumerate(planned.delivers)
            ),
            matches=planned.matches,
        )

    def _own_tag(self) -> str:
        if self._tag is None:
            with self._app.store.writing() as session:
                self._tag = database_tag(session)
        return self._tag

    def _write(self, plans: Sequence[_ChannelPlan], reached: _Reached, now: dt.datetime) -> None:
        if not plans:
            return
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            merged = merged_since(session, reached.papers)
            versions = subscriptions.versions_of(session, [one.id for plan in plans for one in plan.due])
            # A channel whose subscriptions a person changed meanwhile, or of whose papers two became one, is
            # planned anew next time.
            unchanged = [
                plan
                for plan in plans
                if all(versions.get(one.id) == (one.version, one.cursor) for one in plan.due)
                and not (merged and plan.delivers(merged))
            ]
            again = [pair for plan in unchanged for pair in plan.again]
            withdrawal.forget_waiting(session, again, [plan.channel_id for plan in unchanged])
            outbox.write_messages(session, [each for plan in unchanged for each in plan.messages], now)
            moved: dict[int, list[int]] = {}
            for plan in unchanged:
                for one in plan.due:
                    if one.cursor < plan.reach[one.id]:
                        moved.setdefault(plan.reach[one.id], []).append(one.id)
            for revision, ids in moved.items():
                subscriptions.move_cursors(session, ids, revision)
            for plan in unchanged:
                _record_digests(session, plan, now)
                if any(one.spec.late for one in plan.planned):
                    self._late_rest[plan.channel_id] = now + _LATE_REST


def _reach(
    session: Session, due: Sequence[StoredSubscription], reached: _Reached, now: dt.datetime
) -> dict[int, int]:
    """Of each subscription up to which revision papers are considered: authors and delays hold some back."""
    days = {one.delay_days for one in due if one.delay_days}
    old = {each: subscriptions.revision_before(session, now - dt.timedelta(days=each)) for each in days}
    found: dict[int, int] = {}
    for one in due:
        upto = reached.papers if one.author_id is None else reached.authors
        if one.frequency is not Frequency.INSTANT:
            upto = min(upto, old.get(one.delay_days, upto))
        found[one.id] = upto
    return found


def _late_pairs(
    session: Session, spans: Sequence[ConsideredSpan], changed: Sequence[AddedPaper]
) -> list[tuple[StoredSubscription, int]]:
    """(subscription, paper) where a changed paper matches that was considered before, and was not wanted."""
    finished = sorted({paper.finished_revision for paper in changed})
    ids = [
        span.subscription_id
        for span in spans
        if bisect_right(finished, span.after) < bisect_right(finished, span.upto)
    ]
    if not ids:
        return []
    new_papers = NewPapers(session, changed)
    pairs: list[tuple[StoredSubscription, int]] = []
    for start in range(0, len(ids), _CHANNELS_AT_ONCE):
        rows = subscriptions.subscriptions_where(session, ids=ids[start : start + _CHANNELS_AT_ONCE])
        new_papers.find_authors(session, [row.compiled for row in rows])
        matching = [(row, papers) for row in rows if (papers := new_papers.considered(row))]
        channels = list({row.channel_id for row, _ in matching})
        delivered = outbox.delivered_papers(session, channels, new_papers.order.keys())
        for row, papers in matching:
            wanted = set(papers) - delivered[row.channel_id]
            wanted -= withdrawal.matched_papers(session, row.id, wanted)
            pairs += [(row, paper_id) for paper_id in sorted(wanted)]
    return pairs


def _delivery(paper_id: int, paper: Paper | None, *, shown: bool) -> DeliveryValues:
    """A paper as a message delivers it; where its facts change, the message is edited."""
    return {
        "paper_id": paper_id,
        "shown": shown,
        "facts": facts_of(paper) if paper is not None and shown else None,
    }


def merged_since(session: Session, revision: int) -> set[int]:
    """The papers that became one with others after a revision, in a transaction that locks the corpus."""
    latest = latest_revision(session)
    if latest is None or latest.number == revision:
        return set()
    gone = papers_merged_since(session, revision, latest.number)
    return {*gone, *living_papers(session, gone).values()}


def _record_digests(session: Session, plan: _ChannelPlan, now: dt.datetime) -> None:
    for one in plan.due:
        if one.frequency is not Frequency.INSTANT:
            papers = sum(one.id == match for planned in plan.planned for match, _ in planned.matches)
            next_at = next_digest(Schedule.of(one), now)
            subscriptions.record_digest(session, one.id, ran_at=now, papers=papers, next_at=next_at)
