"""Meetings of journal clubs: the paper is chosen a day before; its card, event and reminder follow.

What people do with a club changes the club alone; here the outbox follows it, one step
after the other, each in one transaction: a process that is killed goes on with the step that is missing.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.announcements.edits import Editor
from bot.announcements.markers import database_tag, facts_of, meeting_fingerprint, new_nonce
from bot.announcements.results import (
    Compose,
    MeetingMessage,
    MessageSpec,
    ShownMeeting,
    event_url,
    message_url,
    message_values,
    read_spec,
    stored_spec,
)
from bot.app import App
from bot.lease import Lease
from bot.local_time import next_moment
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import clubs, outbox, outbox_edits, withdrawal
from bot.store.clubs import ClubRow, MeetingRow
from bot.store.imports import lock_corpus
from bot.store.models import (
    DeliveryKind,
    MeetingState,
    MessageKind,
    MessageState,
    PlaceKind,
    events_of,
)
from bot.store.outbox import MessageValues, NewMessage, OutboxMessage
from bot.store.votes import counts_in

REMINDED_BEFORE = dt.timedelta(hours=1)
LOOKED_AT_EACH = dt.timedelta(hours=1)
"""So often the event of a meeting is looked at, as it may be moved to an earlier time, or deleted."""
EVENT_AHEAD = dt.timedelta(minutes=1)
"""Discord takes no event that has begun."""
MOST_STEPS = 12
"""Of one club in one round; more are never needed."""
CANCELED = 4
"""Discord's number of an event that is called off."""
OVER = "The meeting has begun."
OFF = "The meeting does not take place."

_MAY_BE_POSTED = (MessageState.SENDING, MessageState.SENT, MessageState.HELD)

_log = logging.getLogger(__name__)


class Step(StrEnum):
    """What is to be done next for a club."""

    CHANGE = "change"
    """What was posted of a meeting says something else than it is now."""
    END = "end"
    OPEN = "open"
    """The next meeting is less than a day ahead."""
    CLOSE = "close"
    """It has begun."""
    CHOOSE = "choose"
    CALL = "call"
    CARD = "card"
    EVENT = "event"


NAMES_PRESENTER = (Step.CALL, Step.CARD)
"""The steps before which Discord is asked whether the presenter is still a member of the server."""


class EventState(StrEnum):
    """What became of a scheduled event."""

    AHEAD = "ahead"
    BEGUN = "begun"
    GONE = "gone"
    """Somebody deleted, called off or ended it."""


@dataclass(frozen=True, slots=True)
class PresenterCheck:
    """A meeting that is to be announced once it is known who of its presenters is still there."""

    club_id: int
    guild_id: int
    people: tuple[int, ...]
    """In turn."""


@dataclass(frozen=True, slots=True)
class EventCheck:
    """A meeting whose event is to be looked at before its reminder."""

    club_id: int
    meeting_id: int
    guild_id: int
    event_id: int | None
    """None: none was made."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event as it is now."""

    state: EventState
    starts_at: dt.datetime | None = None


class MeetingPlanner:
    """Plans what Discord is to have of the meetings of clubs."""

    def __init__(
        self,
        app: App,
        lease: Lease,
        compose: Compose,
    ) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose
        self._editor = Editor(app, lease, compose)
        self._looked_at: dict[int, dt.datetime] = {}
        """When the events of meetings were looked at last, by the meetings' ids."""

    def plan_meetings(self) -> None:
        """Do the steps that are due, until there is none, or one that names the presenter."""
        with self._app.store.reading() as session:
            ids = clubs.clubs_with_work(session, self._app.clock() + clubs.CHOSEN_BEFORE)
        for club_id in ids:
            for _ in range(MOST_STEPS):
                if not self._go_on(club_id):
                    break

    def _go_on(self, club_id: int) -> bool:
        """Do the next step of a club; whether there was one."""
        now = self._app.clock()
        with self._app.store.reading() as session:
            rows = clubs.clubs_with_ids(session, [club_id])
            if not rows or _next_step(session, rows[0], now) in (None, *NAMES_PRESENTER):
                return False
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            rows = clubs.clubs_with_ids(session, [club_id], locked=True)
            step = _next_step(session, rows[0], now) if rows else None
            if step is None or step in NAMES_PRESENTER:
                return False
            self._do(session, step, rows[0], now)
        return True

    def _do(self, session: Session, step: Step, club: ClubRow, now: dt.datetime) -> None:
        match step:
            case Step.CHANGE:
                for changed in clubs.changed_meetings(session, club.id):
                    self._change(session, club, changed, now)
            case Step.END:
                outbox.forget_messages(session, clubs.messages_of(session, club.id))
                clubs.remove_club(session, club.id)
            case Step.OPEN:
                _open(session, club, now)
            case _:
                meeting = clubs.current_meeting(session, club.id)
                if meeting is not None:
                    self._go_on_with(session, step, club, meeting, now)

    def _go_on_with(
        self, session: Session, step: Step, club: ClubRow, meeting: MeetingRow, now: dt.datetime
    ) -> None:
        """Do a step of the meeting that is less than a day ahead."""
        match step:
            case Step.CLOSE:
                _close(session, meeting)
            case Step.CHOOSE:
                clubs.choose_paper(session, meeting, clubs.ranked_proposals(session, club)[0].proposal)
            case _:
                self._make_event(session, club, meeting, now)

    # Announcements.

    def due_announcements(self) -> list[PresenterCheck]:
        """The meetings that are to be announced, with those who may present."""
        now = self._app.clock()
        found: list[PresenterCheck] = []
        with self._app.store.reading() as session:
            ids = clubs.clubs_with_work(session, now + clubs.CHOSEN_BEFORE)
            for club in clubs.clubs_with_ids(session, ids) if ids else []:
                meeting = clubs.current_meeting(session, club.id)
                if meeting is not None and _next_step(session, club, now) in NAMES_PRESENTER:
                    first = [meeting.presenter_id] if meeting.presenter_id is not None else []
                    people = tuple(dict.fromkeys([*first, *clubs.presenters_of(session, club.id)]))
                    found.append(PresenterCheck(club.id, club.guild_id, people))
        return found

    def announce(self, check: PresenterCheck, left: Collection[int]) -> None:
        """Post the paper of a meeting, or that none is proposed; who left the server presents no more."""
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            rows = clubs.clubs_with_ids(session, [check.club_id], locked=True)
            step = _next_step(session, rows[0], now) if rows else None
            if step not in NAMES_PRESENTER:
                return
            club = rows[0]
            if left:
                clubs.leave_out(session, club.id, left)
            meeting = clubs.current_meeting(session, club.id)
            if meeting is None:
                return
            if step is Step.CARD:
                self._post_paper(session, club, meeting, now, has_left=bool(left))
                return
            turns = clubs.presenters_of(session, club.id)
            called = meeting._replace(presenter_id=turns[0] if turns else None)
            spec = _spec(club, called, MeetingMessage.CALL, has_left=bool(left))
            clubs.change_meeting(session, meeting.id, call_id=self._write(session, club, spec, {}, now))

    def _post_paper(
        self, session: Session, club: ClubRow, meeting: MeetingRow, now: dt.datetime, *, has_left: bool
    ) -> None:
        papers = _papers_of(session, meeting)
        if not papers:  # it was removed from the corpus since
            again = {"paper_id": None, "proposed_by": None, "proposed_at": None, "presenter_id": None}
            clubs.change_meeting(session, meeting.id, state=MeetingState.WAITING, **again)
            return
        spec = _spec(club, meeting, MeetingMessage.PAPER, has_left=has_left)
        clubs.change_meeting(session, meeting.id, card_id=self._write(session, club, spec, papers, now))

    def _write(
        self,
        session: Session,
        club: ClubRow,
        spec: MessageSpec,
        papers: dict[int, Paper],
        now: dt.datetime,
    ) -> int:
        """Write a message of a club to the outbox; its id."""
        nonce = new_nonce(database_tag(session))
        rendered = self._compose(spec, papers, nonce, counts_in(session, club.guild_id, spec.papers))
        values = message_values(
            spec, rendered, nonce, channel_id=club.channel_id, guild_id=club.guild_id, publish=False
        )
        shows_paper = spec.meeting is not None and spec.meeting.what is MeetingMessage.PAPER
        if shows_paper:
            values["thread_name"] = rendered.title
            for paper_id in papers:
                outbox.forget_delivery(session, club.channel_id, paper_id, DeliveryKind.CLUB)
        message = NewMessage(
            values,
            [
                {"paper_id": paper.id, "kind": DeliveryKind.CLUB, "facts": facts_of(paper)}
                for paper in (papers.values() if shows_paper else ())
            ],
        )
        return outbox.write_messages(session, [message], now)[0]

    def _make_event(self, session: Session, club: ClubRow, meeting: MeetingRow, now: dt.datetime) -> None:
        card = _message(session, meeting.card_id)
        if card is None or card.discord_id is None:
            return
        url = message_url(club.guild_id, card.channel_id, card.discord_id)
        spec = _spec(club, meeting, MeetingMessage.EVENT)
        if spec.meeting is not None:
            shown = replace(
                spec.meeting,
                card_url=url,
                place=club.place or f"https://discord.com/channels/{club.guild_id}/{club.channel_id}",
            )
            spec = replace(spec, kind=MessageKind.MEETING, place=PlaceKind.EVENTS, meeting=shown)
        nonce = new_nonce(database_tag(session))
        body = self._compose(spec, _papers_of(session, meeting), nonce).payload
        [event_id] = outbox.write_messages(session, [NewMessage(_event_row(club, spec, nonce, body))], now)
        clubs.change_meeting(session, meeting.id, event_id=event_id)

    # What was posted, and is otherwise now.

    def _change(self, session: Session, club: ClubRow, meeting: MeetingRow, now: dt.datetime) -> None:
        takes_place = meeting.state in {MeetingState.CHOSEN, MeetingState.HELD}
        values: dict[str, Any] = {"is_changed": False}
        # That it is called off is said by what stands in place of the reminder.
        kept = meeting.reminder_id if meeting.state is MeetingState.CALLED_OFF else None
        if not takes_place:
            withdrawal.withdraw(session, [one for one in meeting.messages if one != kept], OFF)
        for name in ("card_id", "call_id", "reminder_id"):
            message = _message(session, getattr(meeting, name))
            if message is None or message.id == kept:
                continue
            if message.state is MessageState.PLANNED:
                # Certainly not posted: it is composed anew.
                withdrawal.withdraw(session, [message.id], "The meeting was changed.")
                values[name] = None
            elif message.state in _MAY_BE_POSTED or message.discord_id is not None:
                self._show_anew(session, club, meeting, message, now, is_off=not takes_place)
        event = _message(session, meeting.event_id)
        if event is not None and meeting.state is MeetingState.SKIPPED and event.state in _MAY_BE_POSTED:
            self._cancel(session, club, event, now)
        clubs.change_meeting(session, meeting.id, **values)

    def _show_anew(
        self,
        session: Session,
        club: ClubRow,
        meeting: MeetingRow,
        message: OutboxMessage,
        now: dt.datetime,
        *,
        is_off: bool,
    ) -> None:
        """Let a message that is or may be posted say what is so now."""
        spec = read_spec(message.spec)
        if spec.meeting is None:
            return
        shown = replace(
            spec.meeting,
            presenter_id=None if is_off else meeting.presenter_id,
            starts_at=meeting.starts_at,
            is_off=is_off,
        )
        spec = replace(spec, meeting=shown, outdated=is_off and message.state is MessageState.SENDING)
        papers = load_papers(session, spec.papers)
        counts = counts_in(session, club.guild_id, spec.papers)
        payload = self._compose(spec, papers, message.nonce, counts).payload
        every = list(MessageState)
        outbox.change_message(session, message.id, only_in=every, spec=stored_spec(spec), payload=payload)
        self._editor.plan_updates(session, [message.id], now, always=True)

    def _cancel(self, session: Session, club: ClubRow, event: OutboxMessage, now: dt.datetime) -> None:
        """Call an event off in Discord, as soon as it is certain that it is there."""
        if event.state is MessageState.SENDING:
            outdated = {**event.spec, "outdated": True}
            outbox.change_message(session, event.id, only_in=[event.state], spec=outdated)
        spec = MessageSpec(MessageKind.EDIT, papers=(), total=0, place=PlaceKind.EVENTS)
        edit = _event_row(club, spec, new_nonce(database_tag(session)), {"status": CANCELED})
        edit["target_id"] = event.id
        outbox_edits.forget_edits(session, [event.id])
        outbox.write_messages(session, [NewMessage(edit)], now)

    # Reminders.

    def due_checks(self) -> list[EventCheck]:
        """The meetings whose events are to be looked at: each hour, and before the reminder."""
        now = self._app.clock()
        looked_at, self._looked_at = self._looked_at, {}
        with self._app.store.reading() as session:
            ids = clubs.clubs_with_work(session, now)
            rows = clubs.clubs_with_ids(session, ids) if ids else []
            found: list[EventCheck] = []
            for club in rows:
                meeting = clubs.current_meeting(session, club.id)
                if meeting is None or (posted_at := _waits_for_reminder(session, meeting, now)) is None:
                    continue
                last = max(posted_at, looked_at.get(meeting.id, posted_at))
                is_close = now >= meeting.starts_at - REMINDED_BEFORE
                self._looked_at[meeting.id] = last
                event = _message(session, meeting.event_id)
                event_id = event.discord_id if event is not None else None
                if is_close or (event_id is not None and now - last >= LOOKED_AT_EACH):
                    self._looked_at[meeting.id] = now
                    found.append(EventCheck(club.id, meeting.id, club.guild_id, event_id))
        return found

    def record_check(self, check: EventCheck, found: FoundEvent | None) -> None:
        """Plan the reminder, or call the meeting off, as its event is found."""
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            rows = clubs.clubs_with_ids(session, [check.club_id], locked=True)
            meeting = clubs.current_meeting(session, check.club_id)
            if not rows or meeting is None or meeting.id != check.meeting_id or rows[0].is_ended:
                return
            if _waits_for_reminder(session, meeting, now) is None:
                return
            club = rows[0]
            if found is not None and found.state is EventState.GONE:
                papers = _papers_of(session, meeting)
                spec = _spec(club, meeting._replace(presenter_id=None), MeetingMessage.OFF)
                reminder_id = self._write(session, club, spec, papers, now)
                clubs.change_meeting(session, meeting.id, reminder_id=reminder_id)
                clubs.call_off(session, meeting, MeetingState.CALLED_OFF)
                return
            meeting = _moved(session, meeting, found)
            if now >= meeting.starts_at - REMINDED_BEFORE:
                self._remind(session, club, meeting, now)

    def _remind(self, session: Session, club: ClubRow, meeting: MeetingRow, now: dt.datetime) -> None:
        card, event = _message(session, meeting.card_id), _message(session, meeting.event_id)
        spec = _spec(club, meeting, MeetingMessage.REMINDER)
        shown = spec.meeting
        if shown is not None and card is not None and card.discord_id is not None:
            shown = replace(shown, card_url=message_url(club.guild_id, card.channel_id, card.discord_id))
        if shown is not None and event is not None and event.discord_id is not None:
            shown = replace(shown, event_url=event_url(club.guild_id, event.discord_id))
        elif shown is not None and event is not None:
            shown = replace(shown, trouble=event.error)
        papers = _papers_of(session, meeting)
        reminder_id = self._write(session, club, replace(spec, meeting=shown), papers, now)
        clubs.change_meeting(session, meeting.id, reminder_id=reminder_id)


def _next_step(session: Session, club: ClubRow, now: dt.datetime) -> Step | None:
    if clubs.changed_meetings(session, club.id):
        return Step.CHANGE
    if club.is_ended:
        # What may be posted is not forgotten before that is known.
        is_known = not outbox.has_unknown(session, clubs.messages_of(session, club.id))
        return Step.END if is_known else None
    meeting = clubs.current_meeting(session, club.id)
    if meeting is None:
        return Step.OPEN if club.next_at - clubs.CHOSEN_BEFORE <= now else None
    if meeting.starts_at <= now:
        return Step.CLOSE
    if meeting.state is MeetingState.WAITING:
        if clubs.ranked_proposals(session, club):
            return Step.CHOOSE
        return Step.CALL if meeting.call_id is None else None
    card = _message(session, meeting.card_id)
    if card is None:
        return Step.CARD
    is_posted = card.discord_id is not None
    if is_posted and meeting.event_id is None and meeting.starts_at - now > EVENT_AHEAD:
        return Step.EVENT
    return None


def _open(session: Session, club: ClubRow, now: dt.datetime) -> None:
    """Enter the meeting that is less than a day ahead; one that is over already is left out."""
    if club.next_at > now:
        clubs.add_meeting(session, club, club.next_at, MeetingState.WAITING)
    else:
        _log.warning("The time of a meeting of club %d came while nothing announced.", club.id)
    following = next_moment(club.day, club.at, club.timezone, max(club.next_at, now))
    clubs.change_club(session, club.id, next_at=following)


def _close(session: Session, meeting: MeetingRow) -> None:
    """Let a meeting be over whose time has come; what was not posted until then is not posted any more."""
    withdrawal.withdraw(session, meeting.messages, OVER)
    card = _message(session, meeting.card_id)
    if meeting.state is MeetingState.WAITING:
        clubs.change_meeting(session, meeting.id, state=MeetingState.EMPTY)
    elif card is not None and card.state is MessageState.DROPPED and card.discord_id is None:
        # Nobody has heard of it, so that the paper and the turn stand.
        clubs.call_off(session, meeting, MeetingState.EMPTY)
    else:
        clubs.change_meeting(session, meeting.id, state=MeetingState.HELD)


def _waits_for_reminder(session: Session, meeting: MeetingRow, now: dt.datetime) -> dt.datetime | None:
    """When the paper of a meeting was posted that is to be reminded of yet; else None.

    Where that was within the last hour before it, the card is the reminder.
    """
    if meeting.state is not MeetingState.CHOSEN or meeting.is_changed or meeting.reminder_id is not None:
        return None
    card = _message(session, meeting.card_id) if now < meeting.starts_at else None
    if card is None or card.sent_at is None or card.sent_at >= meeting.starts_at - REMINDED_BEFORE:
        return None
    return card.sent_at


def _moved(session: Session, meeting: MeetingRow, found: FoundEvent | None) -> MeetingRow:
    """A meeting at the time to which somebody moved its event."""
    starts_at = found.starts_at if found is not None and found.state is EventState.AHEAD else None
    if starts_at is None or starts_at == meeting.starts_at:
        return meeting
    if clubs.has_meeting_at(session, meeting.club_id, starts_at):
        return meeting
    clubs.change_meeting(session, meeting.id, starts_at=starts_at, is_changed=True)
    return meeting._replace(starts_at=starts_at)


def _event_row(club: ClubRow, spec: MessageSpec, nonce: str, body: dict[str, Any]) -> MessageValues:
    return {
        "channel_id": events_of(club.guild_id),
        "guild_id": club.guild_id,
        "place": PlaceKind.EVENTS,
        "kind": spec.kind,
        "nonce": nonce,
        "spec": stored_spec(spec),
        "payload": body,
    }


def _message(session: Session, message_id: int | None) -> OutboxMessage | None:
    return outbox.message_by_id(session, message_id) if message_id is not None else None


def _papers_of(session: Session, meeting: MeetingRow) -> dict[int, Paper]:
    return dict(load_papers(session, [meeting.paper_id])) if meeting.paper_id is not None else {}


def _spec(club: ClubRow, meeting: MeetingRow, what: MeetingMessage, *, has_left: bool = False) -> MessageSpec:
    paper = meeting.paper_id
    return MessageSpec(
        MessageKind.CLUB,
        papers=(paper,) if paper is not None else (),
        total=1,
        meeting=ShownMeeting(
            what,
            meeting_fingerprint(club.id, meeting.starts_at, what),
            club.id,
            club.name,
            meeting.starts_at,
            meeting.minutes,
            club.place,
            meeting.presenter_id,
            has_left=has_left,
        ),
    )
