"""Meetings of clubs: chosen a day before, with card, thread, event and reminder, each exactly once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.announcements.edits import Editor
from bot.app import App
from bot.papers.saved_searches import forget_person
from bot.reading import clubs, meetings
from bot.reading.clubs import Club, ClubDetails
from bot.reading.lists import Reader
from bot.reading.servers import set_missing
from bot.reading.votes import vote
from bot.store.models import MeetingState
from cogs.clubs.cards import club_card, history_card
from cogs.notify.announcement_cards import compose
from cogs.papers.buttons import DetailsButton
from cogs.papers.votes import VoteButton
from tests.announcements.announcer import GUILD, Office, papers
from tests.discord_app.requests import walk
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of

ADA, BOB, LEA = 11, 12, 13
CHANNEL = 1
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def make_club(office: Office, name: str = "Journal club", *, ahead: float = 60.0, **changes: Any) -> Club:
    """A club whose first meeting is so many hours ahead."""
    if str(CHANNEL) not in office.discord.channels:
        office.discord.add_channel(CHANNEL)
    start = (office.clock() + dt.timedelta(hours=ahead)).replace(second=0, microsecond=0)
    details = {"channel_id": CHANNEL, "day": start.weekday(), "at": f"{start:%H:%M}", "timezone": "UTC"}
    details |= {"minutes": 90, "presenters": (ADA, BOB), "place": "Room 2"} | changes
    return clubs.make_club(office.app, GUILD, ClubDetails(name=name, **details))


def propose(office: Office, club: Club, paper: int, person: int = ADA) -> None:
    clubs.propose(office.app, Reader(person, GUILD), club.id, paper)


async def go_to(office: Office, moment: dt.datetime) -> None:
    """Let the time come, and the announcer work for some rounds."""
    office.clock.now = moment
    for _ in range(5):
        await office.round()
        office.clock.move(seconds=3)


async def show_edits(office: Office) -> None:
    for _ in range(12):
        office.clock.move(seconds=5)
        await office.round()
        Editor(office.app, office.lease, compose).plan_edits()
        await office.dispatcher.deliver()


def texts(office: Office) -> list[str]:
    return [text_of(message).replace("\\", "") for message in office.discord.visible(CHANNEL)]


def links(message: dict[str, Any]) -> list[str]:
    return [each["url"] for each in walk(message["components"]) if "url" in each]


def current(office: Office, club: Club) -> Club:
    return next(each for each in clubs.clubs_in(office.app, GUILD) if each.id == club.id)


def past(office: Office, club: Club) -> list[tuple[MeetingState, int | None]]:
    found = meetings.history(office.app, GUILD, club.id).meetings
    return [(one.state, one.paper.id if one.paper else None) for one in found]


@pytest.fixture
def app(desk_on_both: App) -> App:
    return desk_on_both


async def test_the_paper_with_most_votes_gets_a_card_a_thread_an_event_and_a_reminder(office: Office):
    club = make_club(office)
    one, two = office.bring(papers(2))
    propose(office, club, one)
    office.clock.move(minutes=1)
    propose(office, club, two, BOB)
    vote(office.app, GUILD, two, LEA)
    await go_to(office, club.votes_end - MINUTE)
    assert texts(office) == []

    await go_to(office, club.votes_end)
    (card,) = office.discord.visible(CHANNEL)
    assert office.seen(CHANNEL) == {two: 1}
    assert f"<@{ADA}> presents · 90 minutes · Room 2" in text_of(card)
    assert card["allowed_mentions"] == {"parse": [], "roles": [], "users": [str(ADA)]}
    assert office.discord.threads[card["id"]].startswith("Journal club: Decentralized learning")
    (event,) = office.discord.events.of(GUILD)
    assert event["name"].startswith("Journal club: Decentralized learning")
    assert event["description"].endswith(f"https://discord.com/channels/{GUILD}/{CHANNEL}/{card['id']}")
    assert event["entity_metadata"] == {"location": "Room 2"}
    start, end = (dt.datetime.fromisoformat(event[f"scheduled_{each}_time"]) for each in ("start", "end"))
    assert (start, end - start) == (club.next_at, dt.timedelta(minutes=90))

    await go_to(office, club.next_at - HOUR - MINUTE)
    assert len(texts(office)) == 1
    await go_to(office, club.next_at - HOUR)
    _, reminder = office.discord.visible(CHANNEL)
    assert "### Journal club begins" in text_of(reminder)
    assert f"https://discord.com/events/{GUILD}/{event['id']}" in links(reminder)
    assert f"https://discord.com/channels/{GUILD}/{CHANNEL}/{card['id']}" in links(reminder)
    assert reminder["allowed_mentions"]["users"] == [str(ADA)]

    await go_to(office, club.next_at)
    assert past(office, club) == [(MeetingState.HELD, two)]
    after = current(office, club)
    assert (after.next_at, after.presenters) == (club.next_at + dt.timedelta(days=7), (BOB, ADA))
    assert [each.paper.id for each in clubs.view_club(office.app, GUILD, club.id).proposals] == [one]
    await go_to(office, after.votes_end)
    assert office.seen(CHANNEL) == {one: 1, two: 1}
    assert len(office.discord.events.of(GUILD)) == 2
    assert len(texts(office)) == 3


async def test_where_nothing_is_proposed_that_is_said_once_and_the_first_proposal_is_taken(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    await go_to(office, club.votes_end)
    await go_to(office, club.next_at - 2 * HOUR)
    assert [text.partition("\n")[0] for text in texts(office)] == ["### Journal club: no paper is proposed"]
    propose(office, club, paper)
    await go_to(office, office.clock())
    assert office.seen(CHANNEL) == {paper: 1}
    assert len(office.discord.events.of(GUILD)) == 1

    week = current(office, club)
    await go_to(office, week.next_at + MINUTE)
    assert past(office, club)[0] == (MeetingState.HELD, paper)
    assert current(office, club).next_at > office.clock()
    again = current(office, club)
    await go_to(office, again.votes_end)
    await go_to(office, again.next_at)
    assert past(office, club)[0] == (MeetingState.EMPTY, None)
    assert current(office, club).presenters == (BOB, ADA)


async def test_a_meeting_whose_event_somebody_deleted_is_called_off(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    await go_to(office, club.votes_end)
    (event,) = office.discord.events.of(GUILD)
    office.discord.events.delete(GUILD, event["id"])
    await go_to(office, club.next_at - HOUR)
    await show_edits(office)
    card, off = texts(office)
    assert "### Journal club does not meet" in off
    assert "the meeting was skipped or called off" in card
    assert office.discord.events.ever_made == 1
    assert past(office, club) == [(MeetingState.CALLED_OFF, paper)]
    assert current(office, club).presenters == (ADA, BOB)
    await go_to(office, club.next_at)
    assert len(texts(office)) == 2
    await go_to(office, current(office, club).votes_end)
    assert office.discord.events.ever_made == 2


async def test_a_meeting_whose_event_somebody_moved_is_reminded_of_then(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    await go_to(office, club.votes_end)
    (event,) = office.discord.events.of(GUILD)
    later = club.next_at + 3 * HOUR
    event["scheduled_start_time"] = later.isoformat()
    await go_to(office, club.next_at - HOUR)
    await show_edits(office)
    (card,) = texts(office)
    assert f"<t:{int(later.timestamp())}:F>" in card
    await go_to(office, club.next_at + MINUTE)
    assert len(texts(office)) == 1
    await go_to(office, later - HOUR)
    assert f"begins <t:{int(later.timestamp())}:R>" in texts(office)[1]


async def test_an_event_that_is_moved_to_an_earlier_time_or_deleted_is_noticed_within_the_hour(
    office: Office,
):
    club, other = make_club(office), make_club(office, "Theory")
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    propose(office, other, paper)
    await go_to(office, club.votes_end)
    one, two = office.discord.events.of(GUILD)
    asked = office.discord.requests["GET"]
    await go_to(office, club.votes_end + HOUR / 2)
    assert office.discord.requests["GET"] == asked
    sooner = club.next_at - 5 * HOUR
    one["scheduled_start_time"] = sooner.isoformat()
    office.discord.events.delete(GUILD, two["id"])
    await go_to(office, club.votes_end + HOUR + MINUTE)
    await show_edits(office)
    assert f"<t:{int(sooner.timestamp())}:F>" in texts(office)[0]
    assert "### Theory does not meet" in texts(office)[-1]
    assert past(office, other) == [(MeetingState.CALLED_OFF, paper)]
    await go_to(office, sooner - HOUR)
    assert f"begins <t:{int(sooner.timestamp())}:R>" in texts(office)[-1]
    await go_to(office, sooner)
    assert past(office, club) == [(MeetingState.HELD, paper)]
    await go_to(office, club.next_at)
    assert len(texts(office)) == 4


async def test_without_the_permission_the_rest_goes_on_and_the_event_follows_it(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    office.subscribe(CHANNEL)
    office.discord.events.may_create = False
    await go_to(office, club.votes_end)
    (new,) = office.bring(papers(1))
    await go_to(office, office.clock())
    assert office.seen(CHANNEL) == {paper: 1, new: 1}
    (trouble,) = clubs.view_club(office.app, GUILD, club.id).meeting.troubles  # type: ignore[union-attr]
    assert "Missing Permissions" in trouble
    await go_to(office, club.next_at - HOUR)
    assert "It has no event, as Discord refused it" in texts(office)[-1]
    office.discord.events.may_create = True
    await go_to(office, club.next_at - 10 * MINUTE)
    assert len(office.discord.events.of(GUILD)) == 1


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("kind", ["reset", 503, "page", 429])
async def test_an_answer_that_is_lost_makes_no_second_event(office: Office, kind: int | str, moment: Moment):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    # The card and its thread come first.
    office.discord.faults = Script(None, None, Fault(kind, moment))
    await go_to(office, club.votes_end)
    office.restart()
    for _ in range(4):
        await go_to(office, office.clock() + MINUTE)
    assert (office.discord.events.ever_made, office.seen(CHANNEL)) == (1, {paper: 1})
    assert len(office.discord.threads) == 1
    assert office.scalar("select count(*) from message where kind = 'meeting' and state = 'sent'") == 1


async def test_a_skipped_meeting_that_was_announced_is_called_off_everywhere(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    await go_to(office, club.votes_end)
    skipped = meetings.skip(office.app, GUILD, club.id)
    assert (skipped.was_announced, skipped.starts_at) == (True, club.next_at)
    await show_edits(office)
    assert office.discord.events.of(GUILD) == []
    assert "the meeting was skipped or called off" in texts(office)[0]
    await go_to(office, club.next_at - HOUR)
    await go_to(office, club.next_at)
    assert len(texts(office)) == 1
    assert current(office, club).presenters == (ADA, BOB)
    assert past(office, club) == [(MeetingState.SKIPPED, paper)]
    await go_to(office, current(office, club).votes_end)
    assert len(office.discord.events.of(GUILD)) == 1


async def test_an_exchange_a_vote_and_a_changed_paper_show_on_the_card(office: Office):
    club = make_club(office)
    records = papers(1)
    (paper,) = office.bring(records)
    propose(office, club, paper)
    await go_to(office, club.votes_end)
    meetings.swap(office.app, Reader(BOB, GUILD), club.id, None, None)
    vote(office.app, GUILD, paper, LEA)
    office.bring([{**records[0], "score": 75.3}])
    await show_edits(office)
    (card,) = office.discord.visible(CHANNEL)
    assert f"<@{BOB}> presents" in text_of(card)
    assert "score 75.3" in text_of(card).replace("\\", "")
    assert "👍 1" in str(card["components"])
    await go_to(office, club.next_at - HOUR)
    assert f"<@{BOB}> presents" in texts(office)[1]
    forget_person(office.app, BOB)
    await show_edits(office)
    assert not any(f"<@{BOB}>" in text for text in texts(office))
    stored = office.column("select cast(spec as text) from message where kind = 'club'")
    assert not any(f'"presenter_id":{BOB}' in spec.replace(" ", "") for spec in stored)


@pytest.mark.parametrize("is_proposed", [True, False])
async def test_who_has_left_the_server_is_not_announced_and_is_out_of_the_turns(
    office: Office, is_proposed: bool
):
    club = make_club(office, presenters=(ADA, LEA, BOB))
    (paper,) = office.bring(papers(1))
    if is_proposed:
        propose(office, club, paper)
    office.discord.left = {ADA, LEA}
    await go_to(office, club.votes_end)
    (said,) = texts(office)
    assert f"<@{BOB}> presents" in said
    assert said.count("Whose turn it was has left this server, and is out of the turns.") == 1
    assert not any(f"<@{one}>" in said for one in (ADA, LEA))
    assert current(office, club).presenters == (BOB,)
    stored = office.column("select cast(payload as text) from message")
    assert not any(f'"{one}"' in payload for one in (ADA, LEA) for payload in stored)

    office.discord.left = {ADA, LEA, BOB}
    meetings.skip(office.app, GUILD, club.id)
    await show_edits(office)
    again = current(office, club)
    propose(office, again, paper)
    await go_to(office, again.votes_end)
    assert "presents" not in texts(office)[-1]
    assert current(office, club).presenters == ()
    await go_to(office, again.next_at)
    assert past(office, club)[0] == (MeetingState.HELD, paper)


@pytest.mark.parametrize("is_away", [True, False])
async def test_a_presenter_who_cannot_be_looked_up_presents(office: Office, is_away: bool):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    office.discord.left = {ADA}
    office.discord.shows_members = is_away
    office.away = {GUILD} if is_away else set()
    await go_to(office, club.votes_end)
    office.away = set()
    await go_to(office, club.votes_end + MINUTE)
    assert f"<@{ADA}> presents" in texts(office)[0]
    assert current(office, club).presenters == (BOB, ADA)


async def test_what_is_announced_is_linked_where_it_stands_though_the_club_has_another_channel(
    office: Office,
):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    await go_to(office, club.votes_end)
    (card,) = office.discord.visible(CHANNEL)
    office.discord.add_channel(2)
    clubs.edit_club(office.app, GUILD, club.id, ClubDetails(channel_id=2))
    address = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{card['id']}"
    shown = club_card(clubs.view_club(office.app, GUILD, club.id), (), VoteButton.of)
    assert f"[paper]({address})" in str(shown.to_component_dict())
    await go_to(office, club.next_at - HOUR)
    (reminder,) = office.discord.visible(2)
    assert address in links(reminder)


async def test_two_clubs_at_the_same_time_and_one_that_is_ended(office: Office):
    one, other = make_club(office), make_club(office, "Theory")
    (paper,) = office.bring(papers(1))
    propose(office, one, paper)
    propose(office, other, paper)
    await go_to(office, one.votes_end)
    assert office.seen(CHANNEL) == {paper: 2}
    names = sorted(event["name"].partition(":")[0] for event in office.discord.events.of(GUILD))
    assert names == ["Journal club", "Theory"]
    clubs.end_club(office.app, GUILD, one.id)
    await show_edits(office)
    assert [event["name"].partition(":")[0] for event in office.discord.events.of(GUILD)] == ["Theory"]
    assert office.scalar("select count(*) from club") == 1
    assert office.scalar("select count(*) from club_meeting") == 1
    await go_to(office, one.next_at - HOUR)
    assert [text for text in texts(office) if "begins" in text] == [texts(office)[-1]]


async def test_what_came_while_the_bot_was_away_is_not_announced_late(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    await go_to(office, club.next_at + dt.timedelta(days=15))
    assert texts(office) == []
    assert current(office, club).next_at == club.next_at + dt.timedelta(days=21)
    set_missing(office.app, GUILD, is_missing=True)
    await go_to(office, club.next_at + dt.timedelta(days=20, hours=1))
    assert texts(office) == []
    set_missing(office.app, GUILD, is_missing=False)
    await go_to(office, club.next_at + dt.timedelta(days=21) - HOUR / 2)
    assert office.seen(CHANNEL) == {paper: 1}
    assert len(office.discord.events.of(GUILD)) == 1
    # It came within the last hour: the card is the reminder.
    assert len(texts(office)) == 1


async def test_a_channel_that_refuses_the_card_keeps_the_paper_and_the_turn(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    office.discord.channels[str(CHANNEL)].may_send = False
    await go_to(office, club.votes_end)
    await go_to(office, club.next_at)
    office.discord.channels[str(CHANNEL)].may_send = True
    await go_to(office, office.clock() + dt.timedelta(hours=7))
    assert (texts(office), office.discord.events.ever_made) == ([], 0)
    assert past(office, club) == [(MeetingState.EMPTY, paper)]
    shown = history_card(meetings.history(office.app, GUILD, club.id), (), DetailsButton.of)
    assert "not announced: Discord refused its message" in str(shown.to_component_dict())
    assert current(office, club).presenters == (ADA, BOB)
    assert [each.paper.id for each in clubs.view_club(office.app, GUILD, club.id).proposals] == [paper]


async def test_a_database_in_an_earlier_state_takes_back_what_was_posted(office: Office):
    club = make_club(office)
    (paper,) = office.bring(papers(1))
    propose(office, club, paper)
    office.subscribe(CHANNEL)
    await go_to(office, club.votes_end)
    with office.app.store.writing() as session:
        for statement in (
            "delete from delivery",
            "delete from message",
            "update club_meeting set card_id = null, event_id = null",
        ):
            session.connection().exec_driver_sql(statement)
    office.restart()
    await go_to(office, club.votes_end + MINUTE)
    assert (len(texts(office)), office.discord.events.ever_made) == (1, 1)
    await go_to(office, club.next_at - HOUR)
    reminder = office.scalar("select reminder_id from club_meeting")
    with office.app.store.writing() as session:
        session.connection().exec_driver_sql("update club_meeting set reminder_id = null")
        session.connection().exec_driver_sql(f"delete from message where id = {reminder}")
    office.restart()
    await go_to(office, club.next_at - HOUR / 2)
    assert len(texts(office)) == 2
