"""Clubs on both databases: what managers and members change, and what is kept, merged and deleted."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.app import App
from bot.errors import RefusedError
from bot.ingest.corrections import merge_papers
from bot.papers.saved_searches import forget_person, stored_of_person
from bot.reading import clubs, meetings
from bot.reading.clubs import Club, ClubDetails, view_club
from bot.reading.lists import Reader
from bot.reading.servers import look_after_reading
from bot.reading.votes import vote
from tests.announcements.announcer import GUILD, papers
from tests.announcements.conftest import desk_on_both  # noqa: F401
from tests.apps import Clock
from tests.reading.test_on_both_databases import bring

ADA, BOB, CLEO, LEA = 1, 2, 3, 4
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def app(desk_on_both: App) -> App:  # noqa: F811
    return desk_on_both


def make_club(app: App, name: str = "Journal club", **changes: object) -> Club:
    details = {"channel_id": 1, "day": 3, "at": "14:00", "timezone": "Europe/Berlin", "minutes": 60}
    details |= {"presenters": (ADA, BOB, CLEO)} | changes
    return clubs.make_club(app, GUILD, ClubDetails(name=name, **details))  # type: ignore[arg-type]


def reader(person: int, *, manages: bool = False) -> Reader:
    return Reader(person, GUILD, manages=manages)


def proposed(app: App, club: Club) -> list[tuple[int, int]]:
    return [(one.paper.id, one.votes) for one in view_club(app, GUILD, club.id).proposals]


def test_members_propose_and_vote_and_servers_know_nothing_of_each_other(app: App, clock: Clock):
    one, two, three = bring(app, papers(3))
    club, other = make_club(app), make_club(app, "Theory", day=0)
    for paper in (one, two):
        assert clubs.propose(app, reader(ADA), club.id, paper).is_new
        clock.move(minutes=1)
    assert not clubs.propose(app, reader(BOB), club.id, one).is_new
    assert proposed(app, club) == [(one, 0), (two, 0)]
    vote(app, GUILD, two, BOB)
    vote(app, 78, one, CLEO)
    assert proposed(app, club) == [(two, 1), (one, 0)]
    assert proposed(app, other) == []

    with pytest.raises(RefusedError, match="Proposals of others"):
        clubs.withdraw(app, reader(BOB), club.id, one)
    with pytest.raises(RefusedError, match="not proposed"):
        clubs.withdraw(app, reader(ADA), club.id, three)
    with pytest.raises(RefusedError, match="no such club"):
        clubs.propose(app, Reader(ADA, 78), club.id, three)
    with pytest.raises(RefusedError, match="of this name"):
        make_club(app, " theory")
    clubs.withdraw(app, reader(LEA, manages=True), club.id, one)
    assert proposed(app, club) == [(two, 1)]
    merge_papers(app, two, three, reason="the same", made_by=9)
    assert [votes for _, votes in proposed(app, club)] == [1]
    clubs.end_club(app, GUILD, club.id)
    assert [each.name for each in clubs.clubs_in(app, GUILD)] == ["Theory"]
    assert clubs.clubs_in(app, 78) == ()


def test_meetings_are_skipped_and_held_after_all_on_the_clubs_own_clock(app: App, clock: Clock):
    club = make_club(app)
    first = club.next_at
    expected = [first.astimezone(BERLIN) + dt.timedelta(days=7 * week) for week in range(40)]
    skipped = [meetings.skip(app, GUILD, club.id).starts_at for _ in range(39)]
    assert [moment.astimezone(BERLIN) for moment in skipped] == expected[:39]
    assert {moment.astimezone(BERLIN).strftime("%a %H:%M") for moment in skipped} == {"Thu 14:00"}
    assert clubs.clubs_in(app, GUILD)[0].next_at == expected[39]
    page = meetings.history(app, GUILD, club.id, page=2)
    assert (page.found, page.page, len(page.meetings)) == (39, 2, 6)
    for week in (38, 37):
        assert meetings.unskip(app, GUILD, club.id).starts_at == expected[week]
    assert clubs.clubs_in(app, GUILD)[0].next_at == expected[37]
    clock.move(days=7 * 40)
    with pytest.raises(RefusedError, match="still ahead"):
        meetings.unskip(app, GUILD, club.id)


def test_another_day_or_hour_holds_for_the_meetings_that_follow(app: App):
    club = make_club(app)
    assert clubs.edit_club(app, GUILD, club.id, ClubDetails(place="Room 2")).next_at == club.next_at
    edited = clubs.edit_club(app, GUILD, club.id, ClubDetails(day=4, at="09:30", timezone="Asia/Tokyo"))
    local = edited.next_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert local.strftime("%a %H:%M") == "Fri 09:30"
    assert (edited.place, edited.presenters) == ("Room 2", (ADA, BOB, CLEO))
    after_skip = meetings.skip(app, GUILD, club.id).starts_at
    moved = clubs.edit_club(app, GUILD, club.id, ClubDetails(day=5))
    assert moved.next_at - after_skip > clubs.APART


def test_presenters_exchange_their_turns(app: App):
    club = make_club(app)

    def turns() -> tuple[int, ...]:
        return clubs.clubs_in(app, GUILD)[0].presenters

    swapped = meetings.swap(app, reader(ADA), club.id, None, None)
    assert (swapped.presenter_id, turns()) == (BOB, (BOB, ADA, CLEO))
    meetings.swap(app, reader(LEA, manages=True), club.id, BOB, CLEO)
    assert turns() == (CLEO, ADA, BOB)
    with pytest.raises(RefusedError, match="Turns of others"):
        meetings.swap(app, reader(LEA), club.id, None, None)
    with pytest.raises(RefusedError, match="Only those who present"):
        meetings.swap(app, reader(CLEO), club.id, CLEO, LEA)
    clubs.edit_club(app, GUILD, club.id, ClubDetails(presenters=(ADA,)))
    with pytest.raises(RefusedError, match="Nobody else"):
        meetings.swap(app, reader(ADA), club.id, None, None)
    clubs.edit_club(app, GUILD, club.id, ClubDetails(presenters=()))
    with pytest.raises(RefusedError, match="Nobody presents"):
        meetings.swap(app, reader(ADA), club.id, None, None)


def test_what_is_stored_of_a_person_goes_and_a_servers_clubs_go_after_30_days(app: App, clock: Clock):
    (paper,) = bring(app, papers(1))
    club = make_club(app)
    clubs.propose(app, reader(ADA), club.id, paper)
    stored = stored_of_person(app, ADA)
    assert (stored.proposals, stored.presented) == (1, 1)
    forget_person(app, ADA)
    stored = stored_of_person(app, ADA)
    assert (stored.proposals, stored.presented) == (0, 0)
    assert view_club(app, GUILD, club.id).proposals[0].person_id is None
    assert clubs.clubs_in(app, GUILD)[0].presenters == (BOB, CLEO)

    look_after_reading(app, set())
    clock.move(days=29)
    look_after_reading(app, set())
    assert clubs.clubs_in(app, GUILD)
    clock.move(days=1)
    look_after_reading(app, set())
    assert clubs.clubs_in(app, GUILD) == ()
    with app.store.reading() as session:
        for table in ("club", "club_meeting", "club_presenter", "club_proposal"):
            assert session.connection().exec_driver_sql(f"select count(*) from {table}").scalar() == 0
