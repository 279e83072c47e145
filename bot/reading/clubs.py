"""Journal clubs of servers: managers make them, members propose papers, and each meets once a week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from bot.app import App
from bot.errors import RefusedError
from bot.local_time import next_moment
from bot.papers.loading import load_papers
from bot.papers.results import Paper, nearest_page
from bot.reading.lists import Reader
from bot.store import clubs, outbox
from bot.store.clubs import ClubRow, MeetingRow, ProposalRow, RankedProposal
from bot.store.models import MeetingState, MessageState
from bot.store.papers import living_id

PAGE = 6
MOST_CLUBS = 20
MOST_PROPOSALS = 50
MOST_OF_PERSON = 10
MOST_PRESENTERS = 50
MAX_NAME = 60
MAX_PLACE = 100
SHORTEST, LONGEST = 15, 600
"""Minutes."""
APART = dt.timedelta(days=3)
"""Between the last meeting and the next one after the day of the week was changed."""

NO_CLUB = (
    "There is no such club here. Choose one of the suggestions, or let a manager make one with /club new."
)
GONE_PAPER = "This paper is no longer in the corpus. Look for it with /papers."
GONE_CLUB = "There is no such club here any more. /club next shows another one, where there is one."
NOTHING_CHANGED = "Nothing is changed: say what is to be otherwise, such as the time with the option at."
NOT_PROPOSED = "This paper is not proposed there."
NOT_YOURS = "Proposals of others are withdrawn by those who have the permission Manage Channels."


@dataclass(frozen=True, slots=True)
class Club:
    """A journal club."""

    id: int
    guild_id: int
    channel_id: int
    name: str
    day: int
    at: str
    timezone: str
    minutes: int
    place: str
    """Where it meets; empty: in its channel."""
    next_at: dt.datetime
    """The first meeting that is more than a day ahead."""
    presenters: tuple[int, ...]
    """In turn."""

    @property
    def votes_end(self) -> dt.datetime:
        """When the paper of that meeting is chosen."""
        return self.next_at - clubs.CHOSEN_BEFORE


@dataclass(frozen=True, slots=True)
class ClubDetails:
    """What managers say of a club; what is None stays as it is."""

    name: str | None = None
    channel_id: int | None = None
    day: int | None = None
    at: str | None = None
    timezone: str | None = None
    minutes: int | None = None
    place: str | None = None
    presenters: tuple[int, ...] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The columns that are given."""
        names = ("name", "channel_id", "day", "at", "timezone", "minutes", "place")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A paper that is proposed to a club."""

    paper: Paper
    votes: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of a club that is less than a day ahead, or over."""

    starts_at: dt.datetime
    state: MeetingState
    paper: Paper | None
    presenter_id: int | None
    card: int | None = None
    """The message with its paper, where it is posted; its thread has the same id."""
    card_in: int | None = None
    """The channel of that message; the club may have another one since."""
    event: int | None = None
    """Its scheduled event, where it is made."""
    troubles: tuple[str, ...] = ()
    """What Discord said where one of these is not."""


@dataclass(frozen=True, slots=True)
class ClubView:
    """A club as people look at it."""

    club: Club
    meeting: Meeting | None
    """The one that is less than a day ahead."""
    proposals: tuple[Proposal, ...]
    """Of this page, most votes first."""
    found: int
    page: int
    """From 1."""
    pages: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A paper after somebody proposed it."""

    club: Club
    proposal: Proposal
    is_new: bool
    fills: dt.datetime | None = None
    """The meeting whose paper it is at once, as that is less than a day ahead and has none."""


def has_clubs(app: App, guild_id: int) -> bool:
    """Whether a server has a club."""
    with app.store.reading() as session:
        return clubs.has_clubs(session, guild_id)


def clubs_in(app: App, guild_id: int | None) -> tuple[Club, ...]:
    """The clubs of a server, the oldest first."""
    if guild_id is None:
        return ()
    with app.store.reading() as session:
        return tuple(club_of(session, row) for row in clubs.clubs_where(session, guild_id=guild_id))


def club_of(session: Session, row: ClubRow) -> Club:
    """A club with its presenters."""
    values = row._asdict()
    values.pop("is_ended")
    return Club(**values, presenters=tuple(clubs.presenters_of(session, row.id)))


def own_club(session: Session, guild_id: int, club_id: int, *, locked: bool = False) -> ClubRow:
    """A club of a server.

    Raises:
        RefusedError: the server has no such club.

    """
    rows = clubs.clubs_where(session, guild_id=guild_id, ids=[club_id], locked=locked)
    if not rows:
        raise RefusedError(GONE_CLUB)
    return rows[0]


def make_club(app: App, guild_id: int, details: ClubDetails) -> Club:
    """Make a club of a server; all its details are given."""
    now = app.clock()
    with app.store.writing() as session:
        known = clubs.clubs_where(session, guild_id=guild_id)
        if len(known) >= MOST_CLUBS:
            raise RefusedError(f"There are {MOST_CLUBS} clubs already; more are not kept.")
        _check(details, known)
        values = {"place": "", **details.values}
        values |= {"guild_id": guild_id, "created_at": now, "next_at": _next(values, now)}
        club_id = clubs.add_club(session, values, details.presenters or ())
        return club_of(session, own_club(session, guild_id, club_id))


def edit_club(app: App, guild_id: int, club_id: int, details: ClubDetails) -> Club:
    """Change a club; a meeting whose paper is chosen stays as it is announced."""
    if not details.values and details.presenters is None:
        raise RefusedError(NOTHING_CHANGED)
    now = app.clock()
    with app.store.writing() as session:
        row = own_club(session, guild_id, club_id, locked=True)
        _check(details, [one for one in clubs.clubs_where(session, guild_id=guild_id) if one.id != club_id])
        values = details.values
        if {"day", "at", "timezone"} & values.keys():
            newest = clubs.newest_meeting(session, club_id)
            after = max(now, newest.starts_at + APART) if newest is not None else now
            values["next_at"] = _next(row._asdict() | values, after)
        if values:
            clubs.change_club(session, club_id, **values)
        if details.presenters is not None:
            clubs.set_presenters(session, club_id, details.presenters)
        return club_of(session, own_club(session, guild_id, club_id))


def end_club(app: App, guild_id: int, club_id: int) -> Club:
    """End a club: a meeting that is ahead is called off, and all that is stored of it is deleted."""
    with app.store.writing() as session:
        row = own_club(session, guild_id, club_id, locked=True)
        club = club_of(session, row)
        meeting = clubs.current_meeting(session, club_id)
        if meeting is not None:
            clubs.change_meeting(session, meeting.id, state=MeetingState.SKIPPED, is_changed=True)
        clubs.change_club(session, club_id, is_ended=True)
        return club


def _next(values: dict[str, Any], after: dt.datetime) -> dt.datetime:
    return next_moment(values["day"], values["at"], values["timezone"], after)


def _check(details: ClubDetails, others: Sequence[ClubRow]) -> None:
    name = (details.name or "").strip().casefold()
    if details.name is not None and (not name or name.isdecimal()):
        raise RefusedError("name: a club needs a name with a letter in it.")
    if any(one.name.casefold() == name for one in others):
        raise RefusedError("name: there is a club of this name already.")
    if len(details.presenters or ()) > MOST_PRESENTERS:
        raise RefusedError(f"presenters: a club has at most {MOST_PRESENTERS}.")


def propose(app: App, reader: Reader, club_id: int, paper_id: int) -> Proposed:
    """Propose a paper to a club; one that is proposed already stays as it is."""
    with app.store.writing() as session:
        row = own_club(session, reader.guild_id or 0, club_id, locked=True)
        living = living_id(session, paper_id)
        if living is None:
            raise RefusedError(GONE_PAPER)
        meeting = clubs.current_meeting(session, club_id)
        if meeting is not None and meeting.paper_id == living:
            raise RefusedError("This is the paper of the next meeting already.")
        known = clubs.proposals_of(session, club_id)
        is_new = living not in {one.paper_id for one in known}
        if is_new:
            _check_number(known, reader)
            own = ProposalRow(living, reader.person_id, app.clock())
            clubs.add_proposal(session, club_id, own)
        ranked = clubs.ranked_proposals(session, row)
        (proposal,) = _proposals(session, [one for one in ranked if one.proposal.paper_id == living])
        waits = meeting if meeting is not None and meeting.state is MeetingState.WAITING else None
        fills = waits.starts_at if waits is not None and ranked[0].proposal.paper_id == living else None
        return Proposed(club_of(session, row), proposal, is_new, fills)


def _check_number(known: Sequence[ProposalRow], reader: Reader) -> None:
    if len(known) >= MOST_PROPOSALS:
        raise RefusedError(
            f"{MOST_PROPOSALS} papers are proposed already. Withdraw some with /club withdraw first."
        )
    if sum(one.person_id == reader.person_id for one in known) >= MOST_OF_PERSON:
        raise RefusedError(
            f"{MOST_OF_PERSON} proposals of yours wait already. Withdraw one with /club withdraw first."
        )


def proposed_in(app: App, guild_id: int | None) -> tuple[Paper, ...]:
    """The papers that are proposed to the clubs of a server, each once."""
    if guild_id is None:
        return ()
    with app.store.reading() as session:
        rows = clubs.clubs_where(session, guild_id=guild_id)
        ids = {one.paper_id for row in rows for one in clubs.proposals_of(session, row.id)}
        return tuple(load_papers(session, sorted(ids)).values())


def withdraw(app: App, reader: Reader, club_id: int, paper_id: int) -> Club:
    """Withdraw a proposal of one's own; those who manage the server, any."""
    with app.store.writing() as session:
        row = own_club(session, reader.guild_id or 0, club_id, locked=True)
        living = living_id(session, paper_id) or paper_id
        known = {one.paper_id: one for one in clubs.proposals_of(session, club_id)}
        if living not in known:
            raise RefusedError(NOT_PROPOSED)
        if not reader.manages and known[living].person_id != reader.person_id:
            raise RefusedError(NOT_YOURS)
        clubs.remove_proposal(session, club_id, living)
        return club_of(session, row)


def view_club(app: App, guild_id: int, club_id: int, page: int = 1) -> ClubView:
    """A club with the meeting ahead, and a page of its proposals; one that is not there is the nearest."""
    with app.store.reading() as session:
        row = own_club(session, guild_id, club_id)
        ranked = clubs.ranked_proposals(session, row)
        page, pages = nearest_page(page, len(ranked), PAGE)
        meeting = clubs.current_meeting(session, club_id)
        return ClubView(
            club_of(session, row),
            meetings_of(session, [meeting])[0] if meeting is not None else None,
            tuple(_proposals(session, ranked[(page - 1) * PAGE : page * PAGE])),
            len(ranked),
            page,
            pages,
        )


def _proposals(session: Session, ranked: Sequence[RankedProposal]) -> list[Proposal]:
    papers = load_papers(session, [one.proposal.paper_id for one in ranked])
    return [
        Proposal(papers[one.proposal.paper_id], one.votes, one.proposal.person_id)
        for one in ranked
        if one.proposal.paper_id in papers
    ]


def meetings_of(session: Session, rows: Sequence[MeetingRow]) -> list[Meeting]:
    """Meetings with their papers, and what became of their messages."""
    papers = load_papers(session, [row.paper_id for row in rows if row.paper_id is not None])
    ids = [one for row in rows for one in row.messages]
    messages = {one.id: one for one in outbox.messages_by_id(session, ids)} if ids else {}
    found: list[Meeting] = []
    for row in rows:
        paper = papers.get(row.paper_id) if row.paper_id is not None else None
        meeting = Meeting(row.starts_at, row.state, paper, row.presenter_id)
        card, event = (messages.get(one) if one is not None else None for one in (row.card_id, row.event_id))
        if card is not None and card.state is MessageState.SENT:
            meeting = replace(meeting, card=card.discord_id, card_in=card.channel_id)
        if event is not None and event.state is MessageState.SENT:
            meeting = replace(meeting, event=event.discord_id)
        errors = [one.error for one in (card, event) if one is not None and one.error]
        found.append(replace(meeting, troubles=tuple(errors)))
    return found
