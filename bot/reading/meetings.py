"""Meetings of journal clubs: left out, held after all, presented by others, and looked back on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from bot.app import App
from bot.errors import RefusedError
from bot.local_time import next_moment
from bot.papers.results import nearest_page
from bot.reading.clubs import PAGE, Club, Meeting, club_of, meetings_of, own_club
from bot.reading.lists import Reader
from bot.store import clubs
from bot.store.clubs import ClubRow, MeetingRow
from bot.store.models import MeetingState

NOT_SKIPPED = "No meeting that is still ahead was skipped."
NOBODY = "Nobody presents at this club. Managers name presenters with /club edit."
NOBODY_ELSE = "Nobody else presents at this club. Managers name presenters with /club edit."
NOT_PRESENTER = (
    "Only those who present at this club exchange their turns. Managers name them with /club edit."
)
ONESELF = "Somebody exchanges their turn with another presenter: choose two different people."
NOT_YOUR_TURN = "Turns of others are exchanged by those who have the permission Manage Channels."


@dataclass(frozen=True, slots=True)
class Skipped:
    """A meeting that was left out, or is held after all."""

    club: Club
    starts_at: dt.datetime
    was_announced: bool = False
    """Whether its paper was chosen already."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """Two people who exchanged their turns."""

    club: Club
    person_id: int
    other_id: int
    starts_at: dt.datetime
    """The next meeting."""
    presenter_id: int | None
    """Who presents there now."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the meetings of a club that are over."""

    club: Club
    meetings: tuple[Meeting, ...]
    """Newest first."""
    found: int
    page: int
    """From 1."""
    pages: int


def skip(app: App, guild_id: int, club_id: int) -> Skipped:
    """Leave the next meeting out: its paper is proposed again, and its presenter is the next one again."""
    now = app.clock()
    with app.store.writing() as session:
        row = own_club(session, guild_id, club_id, locked=True)
        meeting = clubs.current_meeting(session, club_id)
        if meeting is not None and meeting.starts_at > now:
            clubs.call_off(session, meeting, MeetingState.SKIPPED)
            is_chosen = meeting.state is MeetingState.CHOSEN
            return Skipped(club_of(session, row), meeting.starts_at, is_chosen)
        clubs.add_meeting(session, row, row.next_at, MeetingState.SKIPPED)
        following = next_moment(row.day, row.at, row.timezone, row.next_at)
        clubs.change_club(session, club_id, next_at=following)
        return Skipped(club_of(session, own_club(session, guild_id, club_id)), row.next_at)


def unskip(app: App, guild_id: int, club_id: int) -> Skipped:
    """Hold the meeting after all that was skipped last."""
    now = app.clock()
    with app.store.writing() as session:
        row = own_club(session, guild_id, club_id, locked=True)
        skipped = clubs.newest_meeting(session, club_id)
        if skipped is None or skipped.state is not MeetingState.SKIPPED or skipped.starts_at <= now:
            raise RefusedError(NOT_SKIPPED)
        if skipped.is_changed:
            raise RefusedError("Its event is being called off. Try again in a minute.")
        clubs.remove_meeting(session, skipped.id)
        clubs.change_club(session, row.id, next_at=skipped.starts_at)
        return Skipped(club_of(session, own_club(session, guild_id, club_id)), skipped.starts_at)


def swap(app: App, reader: Reader, club_id: int, person_id: int | None, other_id: int | None) -> Swapped:
    """Let two presenters exchange their turns; else whoever presents next, with the one after them.

    Who may exchange their own turn alone, or names whoever presents next as the other, means their own turn.
    """
    with app.store.writing() as session:
        row = own_club(session, reader.guild_id or 0, club_id, locked=True)
        turns = clubs.presenters_of(session, club_id)
        meeting = clubs.current_meeting(session, club_id)
        chosen = meeting if meeting is not None and meeting.state is MeetingState.CHOSEN else None
        presenter = chosen.presenter_id if chosen is not None else (turns[0] if turns else None)
        person = person_id
        if person is None:
            is_own = reader.person_id in turns and (not reader.manages or other_id == presenter)
            person = reader.person_id if is_own else presenter
        if person is None:
            raise RefusedError(NOBODY)
        others = [one for one in turns if one != person]
        other = other_id if other_id is not None else (others[0] if others else None)
        if other is None:
            raise RefusedError(NOBODY_ELSE)
        if other == person:
            raise RefusedError(ONESELF)
        if other not in turns or person not in {*turns, presenter}:
            raise RefusedError(NOT_PRESENTER)
        if not reader.manages and reader.person_id not in {person, other}:
            raise RefusedError(NOT_YOUR_TURN)
        exchange = {person: other, other: person}
        turns = [exchange.get(one, one) for one in turns]
        clubs.set_presenters(session, club_id, list(dict.fromkeys(turns)))
        if chosen is not None and chosen.presenter_id in exchange:
            presents = exchange[chosen.presenter_id]
            clubs.change_meeting(session, chosen.id, presenter_id=presents, is_changed=True)
        return _swapped(session, row, chosen, person, other)


def _swapped(session: Session, row: ClubRow, chosen: MeetingRow | None, person: int, other: int) -> Swapped:
    club = club_of(session, row)
    meeting = clubs.current_meeting(session, row.id)
    starts_at = meeting.starts_at if meeting is not None else row.next_at
    presenter = meeting.presenter_id if chosen is not None and meeting is not None else club.presenters[0]
    return Swapped(club, person, other, starts_at, presenter)


def history(app: App, guild_id: int, club_id: int, page: int = 1) -> HistoryPage:
    """A page of a club's meetings that are over; one that is not there is the nearest one."""
    with app.store.reading() as session:
        row = own_club(session, guild_id, club_id)
        found = clubs.count_last_meetings(session, club_id)
        page, pages = nearest_page(page, found, PAGE)
        rows = clubs.last_meetings(session, club_id, PAGE, (page - 1) * PAGE)
        return HistoryPage(club_of(session, row), tuple(meetings_of(session, rows)), found, page, pages)
