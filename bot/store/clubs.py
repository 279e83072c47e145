"""Queries over journal clubs: their presenters, proposals and meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.store.bulk import columns_of, read_row, read_rows, upsert
from bot.store.models import (
    Club,
    ClubMeeting,
    ClubPresenter,
    ClubProposal,
    MeetingState,
    Paper,
    ReadingServer,
)
from bot.store.reading_servers import record_server
from bot.store.votes import counts_in

CHOSEN_BEFORE = dt.timedelta(days=1)
"""So long before a meeting votes end, and its paper is chosen."""
CURRENT = (MeetingState.WAITING, MeetingState.CHOSEN)
"""The states of a meeting that is ahead."""

_club_id, _guild = col(Club.id), col(Club.guild_id)
_meeting_id, _meeting_of, _state = col(ClubMeeting.id), col(ClubMeeting.club_id), col(ClubMeeting.state)
_proposal_of, _proposed = col(ClubProposal.club_id), col(ClubProposal.paper_id)


class ClubRow(NamedTuple):
    """A club; see `Club`."""

    id: int
    guild_id: int
    channel_id: int
    name: str
    day: int
    at: str
    timezone: str
    minutes: int
    place: str
    next_at: dt.datetime
    is_ended: bool


class MeetingRow(NamedTuple):
    """A meeting; see `ClubMeeting`."""

    id: int
    club_id: int
    starts_at: dt.datetime
    minutes: int
    state: MeetingState
    paper_id: int | None
    proposed_by: int | None
    proposed_at: dt.datetime | None
    presenter_id: int | None
    is_changed: bool
    card_id: int | None
    call_id: int | None
    event_id: int | None
    reminder_id: int | None

    @property
    def messages(self) -> list[int]:
        """The rows of the outbox that belong to it."""
        ids = (self.card_id, self.call_id, self.event_id, self.reminder_id)
        return [one for one in ids if one is not None]


class ProposalRow(NamedTuple):
    """A proposal; see `ClubProposal`."""

    paper_id: int
    person_id: int | None
    proposed_at: dt.datetime


def add_club(session: Session, values: dict[str, Any], presenters: Sequence[int]) -> int:
    """Make a club of a server; its id."""
    record_server(session, values["guild_id"])
    statement = insert(Club).values(values).returning(_club_id)
    club_id = session.connection().execute(statement).scalar_one()
    set_presenters(session, club_id, presenters)
    return club_id


def clubs_where(
    session: Session,
    *,
    guild_id: int | None = None,
    ids: Collection[int] | None = None,
    locked: bool = False,
) -> list[ClubRow]:
    """The clubs of a server, or with these ids, that were not ended; `locked` until the transaction ends."""
    statement = select(*columns_of(Club, ClubRow)).where(col(Club.is_ended).is_(False))
    if guild_id is not None:
        statement = statement.where(_guild == guild_id)
    if ids is not None:
        statement = statement.where(_club_id.in_(ids))
    if locked:
        statement = statement.with_for_update()
    return read_rows(session, ClubRow, statement.order_by(_club_id))


def clubs_with_work(session: Session, before: dt.datetime) -> list[int]:
    """The clubs whose next meeting is due by then, that have one ahead or changed, or that were ended.

    Those of servers without the bot are left out.
    """
    has_meeting = select(_meeting_of).where(or_(_state.in_(CURRENT), col(ClubMeeting.is_changed).is_(True)))
    statement = (
        select(_club_id)
        .join(ReadingServer, col(ReadingServer.guild_id) == _guild)
        .where(col(ReadingServer.missing_since).is_(None))
        .where(or_(col(Club.next_at) <= before, col(Club.is_ended).is_(True), _club_id.in_(has_meeting)))
    )
    return list(session.connection().execute(statement.order_by(_club_id)).scalars())


def clubs_with_ids(session: Session, ids: Collection[int], *, locked: bool = False) -> list[ClubRow]:
    """These clubs, also those that were ended; `locked` until the transaction ends."""
    statement = select(*columns_of(Club, ClubRow)).where(_club_id.in_(ids)).order_by(_club_id)
    return read_rows(session, ClubRow, statement.with_for_update() if locked else statement)


def change_club(session: Session, club_id: int, **values: Any) -> None:
    """Write these columns of a club."""
    session.connection().execute(update(Club).where(_club_id == club_id).values(**values))


def remove_club(session: Session, club_id: int) -> None:
    """Delete a club with all that belongs to it."""
    session.connection().execute(delete(Club).where(_club_id == club_id))


# Presenters.


def presenters_of(session: Session, club_id: int) -> list[int]:
    """The presenters of a club, in turn."""
    statement = select(col(ClubPresenter.person_id)).where(col(ClubPresenter.club_id) == club_id)
    return list(session.connection().execute(statement.order_by(col(ClubPresenter.turn))).scalars())


def set_presenters(session: Session, club_id: int, people: Sequence[int]) -> None:
    """Let these people present at a club, in this turn, and nobody else."""
    connection = session.connection()
    connection.execute(delete(ClubPresenter).where(col(ClubPresenter.club_id) == club_id))
    rows = [
        {"club_id": club_id, "person_id": person_id, "turn": turn} for turn, person_id in enumerate(people)
    ]
    if rows:
        connection.execute(insert(ClubPresenter), rows)


def leave_out(session: Session, club_id: int, people: Collection[int]) -> None:
    """Let these people present no more at a club; at a meeting ahead the next one in turn does."""
    turns = [one for one in presenters_of(session, club_id) if one not in people]
    meeting = current_meeting(session, club_id)
    if meeting is not None and meeting.presenter_id in people:
        change_meeting(session, meeting.id, presenter_id=turns[0] if turns else None)
        turns = turns[1:] + turns[:1]
    set_presenters(session, club_id, turns)


# Proposals.


def add_proposal(session: Session, club_id: int, proposal: ProposalRow) -> None:
    """Propose a paper to a club; one that is proposed already stands."""
    upsert(session, ClubProposal, [{"club_id": club_id, **proposal._asdict()}], changes=())


def proposals_of(session: Session, club_id: int) -> list[ProposalRow]:
    """The papers that are proposed to a club, by the time."""
    statement = select(*columns_of(ClubProposal, ProposalRow)).where(_proposal_of == club_id)
    return read_rows(session, ProposalRow, statement.order_by(col(ClubProposal.proposed_at), _proposed))


class RankedProposal(NamedTuple):
    """A proposal with the votes of its server for the paper."""

    proposal: ProposalRow
    votes: int


def ranked_proposals(session: Session, club: ClubRow) -> list[RankedProposal]:
    """The papers of the corpus that are proposed to a club, most votes first, then the oldest proposal."""
    statement = (
        select(*columns_of(ClubProposal, ProposalRow))
        .join(Paper, col(Paper.id) == _proposed)
        .where(_proposal_of == club.id)
    )
    rows = read_rows(session, ProposalRow, statement)
    counts = counts_in(session, club.guild_id, [row.paper_id for row in rows])
    ranked = [RankedProposal(row, counts.get(row.paper_id, 0)) for row in rows]
    return sorted(ranked, key=lambda one: (-one.votes, one.proposal.proposed_at, one.proposal.paper_id))


def remove_proposal(session: Session, club_id: int, paper_id: int) -> None:
    """Delete a proposal."""
    own = delete(ClubProposal).where(_proposal_of == club_id, _proposed == paper_id)
    session.connection().execute(own)


# Meetings.


def add_meeting(session: Session, club: ClubRow, starts_at: dt.datetime, state: MeetingState) -> None:
    """Enter a meeting of a club."""
    values = {"club_id": club.id, "starts_at": starts_at, "minutes": club.minutes, "state": state}
    session.connection().execute(insert(ClubMeeting).values(values))


def current_meeting(session: Session, club_id: int) -> MeetingRow | None:
    """The meeting of a club that is less than a day ahead; None where there is none."""
    found = _meetings(session, _meeting_of == club_id, _state.in_(CURRENT))
    return found[0] if found else None


def changed_meetings(session: Session, club_id: int) -> list[MeetingRow]:
    """The meetings of a club of which something else was posted than they are now."""
    return _meetings(session, _meeting_of == club_id, col(ClubMeeting.is_changed).is_(True))


def last_meetings(session: Session, club_id: int, limit: int, offset: int = 0) -> list[MeetingRow]:
    """A club's meetings that are not ahead any more, newest first."""
    statement = select(*columns_of(ClubMeeting, MeetingRow))
    past = statement.where(_meeting_of == club_id, _state.not_in(CURRENT))
    newest_first = past.order_by(col(ClubMeeting.starts_at).desc()).limit(limit).offset(offset)
    return read_rows(session, MeetingRow, newest_first)


def count_last_meetings(session: Session, club_id: int) -> int:
    """How many meetings of a club are not ahead any more."""
    statement = select(func.count()).select_from(ClubMeeting)
    past = statement.where(_meeting_of == club_id, _state.not_in(CURRENT))
    return session.connection().execute(past).scalar_one()


def has_meeting_at(session: Session, club_id: int, starts_at: dt.datetime) -> bool:
    """Whether a club has a meeting at a moment, whatever became of it."""
    return bool(_meetings(session, _meeting_of == club_id, col(ClubMeeting.starts_at) == starts_at))


def messages_of(session: Session, club_id: int) -> list[int]:
    """The rows of the outbox that belong to the meetings of a club."""
    return [one for meeting in _meetings(session, _meeting_of == club_id) for one in meeting.messages]


def newest_meeting(session: Session, club_id: int) -> MeetingRow | None:
    """The meeting of a club with the latest time, whatever became of it."""
    statement = select(*columns_of(ClubMeeting, MeetingRow)).where(_meeting_of == club_id)
    return read_row(session, MeetingRow, statement.order_by(col(ClubMeeting.starts_at).desc()).limit(1))


def remove_meeting(session: Session, meeting_id: int) -> None:
    """Delete a meeting."""
    session.connection().execute(delete(ClubMeeting).where(_meeting_id == meeting_id))


def change_meeting(session: Session, meeting_id: int, **values: Any) -> None:
    """Write these columns of a meeting."""
    session.connection().execute(update(ClubMeeting).where(_meeting_id == meeting_id).values(**values))


def call_off(session: Session, meeting: MeetingRow, state: MeetingState) -> None:
    """Let a meeting not take place: its paper is proposed again, and its presenter is the next one again."""
    change_meeting(session, meeting.id, state=state, is_changed=True)
    if meeting.paper_id is not None and meeting.proposed_at is not None:
        again = ProposalRow(meeting.paper_id, meeting.proposed_by, meeting.proposed_at)
        add_proposal(session, meeting.club_id, again)
    turns = presenters_of(session, meeting.club_id)
    if meeting.presenter_id in turns:
        others = [one for one in turns if one != meeting.presenter_id]
        set_presenters(session, meeting.club_id, [meeting.presenter_id, *others])


def choose_paper(session: Session, meeting: MeetingRow, chosen: ProposalRow) -> None:
    """Let a paper be that of a meeting, and the next in turn present it."""
    turns = presenters_of(session, meeting.club_id)
    change_meeting(
        session,
        meeting.id,
        state=MeetingState.CHOSEN,
        paper_id=chosen.paper_id,
        proposed_by=chosen.person_id,
        proposed_at=chosen.proposed_at,
        presenter_id=turns[0] if turns else None,
    )
    remove_proposal(session, meeting.club_id, chosen.paper_id)
    set_presenters(session, meeting.club_id, turns[1:] + turns[:1])


def _meetings(session: Session, *conditions: Any) -> list[MeetingRow]:
    statement = select(*columns_of(ClubMeeting, MeetingRow)).where(*conditions)
    return read_rows(session, MeetingRow, statement.order_by(col(ClubMeeting.starts_at)))


# Of persons and servers.


def count_of_person(session: Session, person_id: int) -> tuple[int, int]:
    """How many proposals of a person are stored, and at how many clubs and meetings they present."""
    columns = (
        col(ClubProposal.person_id),
        col(ClubMeeting.proposed_by),
        col(ClubPresenter.person_id),
        col(ClubMeeting.presenter_id),
    )
    counts = [
        session.connection().execute(select(func.count(column)).where(column == person_id)).scalar_one()
        for column in columns
    ]
    return counts[0] + counts[1], counts[2] + counts[3]


def forget_person(session: Session, person_id: int) -> None:
    """Take a person from clubs: what they proposed stays without their id, and others present in turn."""
    connection = session.connection()
    proposals = update(ClubProposal).where(col(ClubProposal.person_id) == person_id)
    connection.execute(proposals.values(person_id=None))
    chosen = update(ClubMeeting).where(col(ClubMeeting.proposed_by) == person_id)
    connection.execute(chosen.values(proposed_by=None))
    # What was posted is edited, so that nothing names the person.
    presents = update(ClubMeeting).where(col(ClubMeeting.presenter_id) == person_id)
    connection.execute(presents.values(presenter_id=None, is_changed=True))
    connection.execute(delete(ClubPresenter).where(col(ClubPresenter.person_id) == person_id))


def has_clubs(session: Session, guild_id: int) -> bool:
    """Whether a server has a club."""
    statement = select(_club_id).where(_guild == guild_id, col(Club.is_ended).is_(False)).limit(1)
    return session.connection().execute(statement).first() is not None


def clubs_of(session: Session, guild_id: int) -> list[int]:
    """All clubs of a server, also those that were ended."""
    return list(session.connection().execute(select(_club_id).where(_guild == guild_id)).scalars())
