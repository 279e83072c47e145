"""Events of papers that are known: channels that have a paper hear once what became of it.

So do subscriptions to retractions, of all papers that their filters match. First it is worked out which
subscriptions are to hear of an event, as soon as it is known; then each hears of it when it is due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from bot.announcements.markers import fingerprint_of
from bot.announcements.matcher import GROUP_SIZE, MOST_LISTED, NewPapers
from bot.announcements.results import Happened, MessageSpec, message_url
from bot.announcements.waiting import PlannedFor, WaitingPlanner, roles_of
from bot.corpus.events import EventKind
from bot.corpus.paper import last_day
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import events, outbox, subscriptions, withdrawal
from bot.store.events import DueEvent, EventRow
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import DeliveryKind, MessageKind, WaitingEvent
from bot.store.outbox import DeliveryValues
from bot.store.paper_sources import said_of
from bot.store.settings import get_setting, put_setting
from bot.store.subscriptions import StoredSubscription

_CURSOR_SETTING = "announcer events"
"""Up to which revision it is worked out who is to hear of events."""


class EventPlanner(WaitingPlanner[DueEvent]):
    """Plans the messages of what became of known papers."""

    table = WaitingEvent
    key = ("subscription_id", "paper_id", "kind")

    def plan(self) -> int:
        """Plan the messages of what is due, and say how many messages that is."""
        self._find_listeners()
        return super().plan()

    def _find_listeners(self) -> None:
        """Let each subscription that is to hear of a new event wait for it."""
        with self._app.store.reading() as session:
            cursor = int(get_setting(session, _CURSOR_SETTING) or 0)
            latest = latest_revision(session)
            if latest is None or latest.number == cursor:
                return
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            found = events.events_since(session, cursor, latest.number)
            if found:
                events.let_events_wait(session, _listeners(session, found), self._app.clock())
            put_setting(session, _CURSOR_SETTING, str(latest.number))

    def _due(self, session: Session, now: dt.datetime) -> list[DueEvent]:
        return events.due_events(session, now)

    def _planned(
        self,
        session: Session,
        by_channel: Mapping[int, Sequence[DueEvent]],
        rows: Mapping[int, StoredSubscription],
    ) -> list[PlannedFor[DueEvent]]:
        due = [one for here in by_channel.values() for one in here]
        papers = load_papers(session, list(dict.fromkeys(one.paper_id for one in due)))
        delivered = events.delivered_events(session, list(by_channel), list(papers))
        recovered: dict[int, set[str]] = {}
        for channel_id, spec in outbox.recovered_specs(session, list(by_channel)):
            recovered.setdefault(channel_id, set()).update(spec["prints"])
        messages: list[PlannedFor[DueEvent]] = []
        for channel_id, here in by_channel.items():
            known = {
                one: _delivering(one.kind, delivered.get((channel_id, one.paper_id), {})) for one in here
            }
            messages += [PlannedFor(number, [one]) for one, number in known.items() if number is not None]
            wanted = {
                (one.paper_id, one.kind): None
                for one, number in known.items()
                if number is None
                and one.paper_id in papers
                and fingerprint_of(papers[one.paper_id]) not in recovered.get(channel_id, ())
            }
            listeners = {one.subscription_id: rows[one.subscription_id] for one in here}
            shown = GROUP_SIZE if len(wanted) > MOST_LISTED else len(wanted)
            happened = [
                self._happened(session, papers[paper_id], kind, delivered.get((channel_id, paper_id), {}))
                if place < shown
                else Happened(paper_id, kind, None, None)
                for place, (paper_id, kind) in enumerate(wanted)
            ]
            messages += self._of_channel(session, list(listeners.values()), happened, here, papers)
        return messages

    def _happened(
        self, session: Session, paper: Paper, kind: EventKind, delivered: Mapping[DeliveryKind, int]
    ) -> Happened:
        """An event with the message that announced the paper, and the day on which its source was read."""
        address = None
        if (message_id := delivered.get(DeliveryKind.NEW)) is not None:
            [before] = outbox.messages_by_id(session, [message_id])
            if before.discord_id is not None:
                stands_in = before.posted_in or before.channel_id
                address = message_url(before.guild_id, stands_in, before.discord_id)
        said = said_of(session, paper.id)
        if kind is EventKind.PUBLISHED:
            who = [one for one in said if one.record.venue and one.record.published == paper.appeared]
            source, read_on = (who[0].record.source, who[0].read_on) if who else (None, None)
            return Happened(paper.id, kind, address, read_on, source)
        sources = {one.source for one in paper.notices if one.kind == kind}
        days = [one.read_on for one in said if one.record.source in sources and one.read_on is not None]
        return Happened(paper.id, kind, address, max(days, default=None))

    def _of_channel(
        self,
        session: Session,
        listeners: Sequence[StoredSubscription],
        happened: Sequence[Happened],
        here: Sequence[DueEvent],
        papers: Mapping[int, Paper],
    ) -> list[PlannedFor[DueEvent]]:
        shown = list(happened[:GROUP_SIZE] if len(happened) > MOST_LISTED else happened)
        also = happened[len(shown) :]
        parts = [shown[start : start + GROUP_SIZE] for start in range(0, len(shown), GROUP_SIZE)]
        by_choice = {row.id: row for row in listeners if row.retractions or row.published}
        messages: list[PlannedFor[DueEvent]] = []
        for number, part in enumerate(parts, start=1):
            delivered = [*part, *(also if number == len(parts) else ())]
            spec = MessageSpec(
                kind=MessageKind.EVENT,
                papers=tuple(dict.fromkeys(one.paper_id for one in part)),
                total=len(happened),
                roles=roles_of(by_choice.values()) if number == 1 else (),
                part=number,
                parts=len(parts),
                place=listeners[0].place,
                events=tuple(part),
            )
            reported = {(one.paper_id, one.kind) for one in delivered}
            informs_of = [one for one in here if (one.paper_id, one.kind) in reported]
            matched = {
                (one.subscription_id, one.paper_id) for one in informs_of if one.subscription_id in by_choice
            }
            for subscription_id in by_choice:
                known = withdrawal.matched_papers(session, subscription_id, [paper for _, paper in matched])
                matched -= {(subscription_id, paper_id) for paper_id in known}
            deliveries: list[DeliveryValues] = [
                {"paper_id": one.paper_id, "kind": DeliveryKind(one.kind), "shown": one in spec.events}
                for one in delivered
            ]
            message = self._message(
                session, listeners[0], spec, papers, deliveries=deliveries, matches=sorted(matched)
            )
            messages.append(PlannedFor(message, informs_of))
        return messages


def _listeners(session: Session, found: Sequence[EventRow]) -> list[tuple[int, int, EventKind]]:
    """(subscription, paper, kind) of those that are to hear of events, none from before its baseline."""
    papers = list(dict.fromkeys(one.paper_id for one in found))
    baselines: dict[int, int] = {}
    has_paper: dict[int, set[int]] = {}
    for one in events.interested_in(session, papers):
        has_paper.setdefault(one.paper_id, set()).add(one.subscription_id)
        baselines[one.subscription_id] = one.baseline
    rows = subscriptions.subscriptions_where(session, ids=events.listening_ids(session))
    baselines |= {row.id: row.baseline for row in rows}
    described: dict[int, list[StoredSubscription]] = {}
    if rows:
        upto = max(one.revision for one in found)
        known = NewPapers(session, subscriptions.added_before(session, papers, upto))
        known.find_authors(session, [row.compiled for row in rows])
        for row in rows:
            for paper_id in known.described(row.compiled, row.min_score):
                described.setdefault(paper_id, []).append(row)
    loaded = load_papers(session, papers)
    return [
        (subscription_id, one.paper_id, one.kind)
        for one in found
        for subscription_id in sorted(
            _published_for(loaded.get(one.paper_id), described.get(one.paper_id, ()))
            if one.kind is EventKind.PUBLISHED
            else has_paper.get(one.paper_id, set())
            | {row.id for row in described.get(one.paper_id, ()) if row.retractions}
        )
        if baselines[subscription_id] < one.revision
    ]


def _published_for(paper: Paper | None, described: Iterable[StoredSubscription]) -> set[int]:
    """Those to whom it is news that a paper was published: it was not yet when they were added."""
    if paper is None or paper.appeared is None:
        return set()
    day = last_day(paper.appeared)
    return {row.id for row in described if row.published and row.created_at.date() <= day}


_GRAVEST_FIRST = [*EventKind]


def _delivering(kind: EventKind, delivered: Mapping[DeliveryKind, int]) -> int | None:
    """The message by which a channel hears this of a paper, or something graver."""
    if kind is EventKind.PUBLISHED:
        return delivered.get(DeliveryKind.PUBLISHED)
    graver = _GRAVEST_FIRST[: _GRAVEST_FIRST.index(kind) + 1]
    return next((delivered[one] for each in graver if (one := DeliveryKind(each)) in delivered), None)
