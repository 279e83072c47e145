"""Posting over discord.py's own HTTP client, with all that can go wrong on the way."""

from __future__ import annotations

import asyncio

import pytest

from bot.announcements.results import Filters
from tests.announcements.announcer import Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import papers_in, text_of

FAULTS = [Fault(kind, moment) for kind in (500, 502, 503, 429, "reset") for moment in Moment]


async def test_whatever_goes_wrong_once_each_channel_has_the_paper_exactly_once(office: Office):
    for channel in range(len(FAULTS)):
        office.subscribe(channel + 1)
    ids = office.bring(papers(1))
    office.discord.faults = Script(*FAULTS)

    await office.settle()

    assert [office.seen(channel + 1) for channel in range(len(FAULTS))] == [{ids[0]: 1}] * len(FAULTS)
    assert office.states() == {"sent": len(FAULTS)}


@pytest.mark.parametrize("fault", [Fault(503, moment) for moment in Moment] + [Fault("reset", Moment.AFTER)])
@pytest.mark.parametrize("later", [{"seconds": 30}, {"minutes": 3}, {"hours": 1}])
async def test_an_attempt_that_died_with_its_process_is_made_good_whenever_it_returns(
    office: Office, fault: Fault, later: dict[str, int]
):
    office.subscribe(1)
    office.may_read = True
    ids = office.bring(papers(1))
    office.discord.faults = Script(fault)
    await office.round()
    assert office.states() == {"sending": 1}

    office.restart()
    office.clock.move(**later)
    await office.settle()

    assert office.seen(1) == {ids[0]: 1}
    assert office.states() == {"sent": 1}


@pytest.mark.parametrize("hours", [-1, 1])
async def test_with_a_wrong_clock_of_the_host_what_was_posted_is_found(office: Office, hours: int):
    office.discord.clock = lambda: office.clock.timestamp() + hours * 3600
    office.subscribe(1)
    office.may_read = True
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.AFTER))
    await office.round()

    office.restart()
    office.clock.move(hours=1)
    await office.settle()

    assert office.seen(1) == {ids[0]: 1}
    assert len(office.discord.visible(1)) == 1


async def test_a_channel_without_history_holds_what_cannot_be_told_and_a_person_may_retry(office: Office):
    office.subscribe(1)
    office.discord.channels["1"].may_read_history = False
    office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.AFTER))
    await office.round()
    office.clock.move(hours=1)

    await office.settle()

    assert office.states() == {"held": 1}
    assert len(office.discord.visible(1)) == 1
    assert "history" in office.scalar("select error from message")


async def test_a_channel_that_was_always_empty_is_told_from_one_that_may_not_be_read(office: Office):
    office.subscribe(1)
    office.may_read = True
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.BEFORE))
    await office.round()
    office.clock.move(hours=1)

    await office.settle()

    assert office.seen(1) == {ids[0]: 1}


async def test_a_message_that_a_person_deleted_is_never_posted_again(office: Office):
    office.subscribe(1)
    office.bring(papers(1))
    office.discord.faults = Script(Fault(503, Moment.AFTER))
    await office.round()
    (message,) = office.discord.visible(1)
    office.discord.delete(1, message["id"])

    office.clock.move(seconds=30)
    await office.settle()

    assert office.discord.visible(1) == []
    assert office.states() == {"dropped": 1}


@pytest.mark.parametrize("moment", list(Moment))
async def test_a_deadline_stops_the_waiting_and_never_the_send(office: Office, moment: Moment):
    office.restart(deadline=0.05)
    office.may_read = True
    office.subscribe(1)
    office.subscribe(2)
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault("hang", moment))

    await asyncio.wait_for(office.round(), timeout=5)

    assert sorted(office.column("select state from message")) == ["sending", "sent"]
    office.clock.move(minutes=10)
    await asyncio.wait_for(office.round(), timeout=5)
    assert sorted(office.column("select state from message")) == ["sending", "sent"]
    office.discord.let_go()
    await office.settle()
    assert office.seen(1) == office.seen(2) == {ids[0]: 1}


@pytest.mark.parametrize("moment", list(Moment))
async def test_one_unanswered_request_holds_up_no_planning_and_no_other_channel(
    office: Office, moment: Moment
):
    office.restart(patience=0.05)
    office.subscribe(1)
    office.bring(papers(1))
    office.discord.faults = Script(Fault("hang", moment))
    await asyncio.wait_for(office.round(), timeout=5)
    office.subscribe(2)
    (paper,) = office.bring(papers(1))

    await asyncio.wait_for(office.round(), timeout=5)

    assert office.seen(2) == {paper: 1}
    assert office.column("select state from message order by id") == ["sending", "planned", "sent"]
    office.discord.let_go()
    await office.settle()
    assert office.seen(1) == dict.fromkeys(office.column("select id from paper"), 1)


async def test_messages_of_a_channel_keep_their_order(office: Office):
    office.subscribe(1)
    ids = [paper for _ in range(4) for paper in office.bring(papers(1))]
    office.discord.faults = Script(Fault(503), None, Fault("reset", Moment.AFTER), Fault(503, Moment.AFTER))

    await office.settle()

    assert [papers_in(message["components"]) for message in office.discord.visible(1)] == [
        {paper} for paper in ids
    ]


async def test_a_refused_body_fails_with_its_reason_and_does_not_hold_up_the_next(office: Office):
    office.subscribe(1)
    first, second = office.bring(papers(2))
    office.discord.faults = Script(Fault(400))

    await office.settle()

    assert office.states() == {"failed": 1, "sent": 1}
    assert office.seen(1) == {second: 1}
    assert first != second


async def test_a_missing_channel_pauses_its_subscriptions_and_says_why(office: Office):
    office.subscribe(1)
    office.discord.channels["1"].exists = False
    office.bring(papers(1))

    await office.settle(rounds=12, step=4 * 3600)

    assert office.column("select pause_reason from subscription") == ["The channel is gone."]
    assert office.discord.requests["POST"] <= 1


@pytest.mark.parametrize("kind", [500, 503, "reset"])
async def test_a_post_that_was_never_tried_is_not_in_doubt(office: Office, kind, monkeypatch):
    monkeypatch.setattr("discord.http.asyncio.sleep", _no_sleep)
    office.subscribe(1)
    office.discord.channels["1"].may_read_history = False
    (paper,) = office.bring(papers(1))
    office.discord.faults = Script(*[Fault(kind)] * 5, method="GET")

    await office.round()
    assert office.states() == {"planned": 1}
    assert office.discord.requests["POST"] == 0

    office.clock.move(hours=1)
    await office.settle()
    assert office.seen(1) == {paper: 1}


async def _no_sleep(_seconds: float) -> None:
    """Discord.py waits between its own tries."""


async def test_a_role_is_pinged_alone_and_a_thread_is_opened_once(office: Office):
    office.subscribe(1, role_id=4711, thread=True)
    office.bring(papers(1, title="@everyone <@&99> **Gossip**" + " word" * 60))
    office.discord.faults = Script(None, Fault(503, Moment.AFTER))

    await office.settle()
    office.clock.move(seconds=30)
    await office.round()

    (message,) = office.discord.visible(1)
    assert message["allowed_mentions"] == {"parse": [], "roles": ["4711"]}
    assert "<@&4711>" in text_of(message)
    assert "@everyone" not in text_of(message).replace("\\@everyone", "")
    assert list(office.discord.threads) == [message["id"]]
    assert office.scalar("select count(*) from message where thread_name is not null") == 0


async def test_two_subscriptions_with_one_paper_post_it_once_and_name_both(office: Office):
    office.subscribe(1, Filters(query="decentralized"))
    office.subscribe(1, Filters(author="Pan Pan"))
    ids = office.bring(papers(1))

    await office.settle()

    (message,) = office.discord.visible(1)
    assert office.seen(1) == {ids[0]: 1}
    assert "“decentralized”" in text_of(message)
    assert "“author Pan Pan”" in text_of(message)
