"""Manners towards Discord: its pace, its refusals and outages, and the end of the process."""

from __future__ import annotations

import asyncio

from bot.announcements.status import subscription_status
from bot.discord_app.dispatcher import AT_ONCE
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.server import OWN_ID


async def test_an_unknown_token_stops_all_posting(office: Office):
    for channel in range(1, 4):
        office.subscribe(channel)
    office.bring(papers(1))
    office.discord.token_known = False

    await office.settle(rounds=5)

    assert office.transport.token_refused
    assert office.discord.requests["POST"] <= 3
    assert office.states() == {"planned": 3}


async def test_a_thousand_invalid_answers_in_ten_minutes_break_the_circuit(office: Office):
    office.subscribe(1)
    office.bring(papers(1))
    for _ in range(1_000):
        office.transport.count_answer(403, {})

    await office.round()

    assert office.discord.requests["POST"] == 0
    assert office.states() == {"planned": 1}


async def test_a_refusal_by_cloudflare_rests_all_channels_for_as_long_as_it_says(office: Office, monkeypatch):
    for channel in range(1, 101):
        office.subscribe(channel)
    (paper,) = office.bring(papers(1))
    office.discord.faults = Script(Fault("ban"))

    await office.settle(rounds=3)
    posted = office.discord.requests["POST"]
    assert posted <= AT_ONCE
    assert str(office.transport.why_not()).startswith("Cloudflare")

    now = asyncio.get_running_loop().time
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now() + 121)
    await office.settle()
    assert all(office.seen(channel) == {paper: 1} for channel in range(1, 101))


async def test_an_unavailable_server_is_left_alone_until_it_is_back(office: Office):
    office.subscribe(1)
    (paper,) = office.bring(papers(1))
    office.away.add(GUILD)

    await office.settle(rounds=3)
    assert not office.discord.requests
    assert office.states() == {"planned": 1}
    assert office.column("select paused from subscription") == [0]

    office.away.clear()
    await office.settle()
    assert office.seen(1) == {paper: 1}


async def test_the_pauses_of_a_channel_that_refuses_grow(office: Office):
    office.subscribe(1)
    office.discord.channels["1"].may_send = False
    office.bring(papers(1))
    pauses: list[float] = []

    for _ in range(6):
        await office.round()
        (one,) = subscription_status(office.app, GUILD)
        assert one.next_try_at is not None
        pauses.append((one.next_try_at - office.clock()).total_seconds())
        office.clock.move(seconds=pauses[-1] + 1)

    assert [round(pause / 60) for pause in pauses] == [1, 5, 15, 60, 360, 360]
    assert office.discord.requests["POST"] == 6


async def test_posting_is_paced(office: Office):
    office.restart(per_second=50.0)
    for channel in range(1, 16):
        office.subscribe(channel)
    office.bring(papers(1))

    await office.settle()

    times = list(office.discord.post_times)
    assert times[-1] - times[0] >= 14 / 50 * 0.9
    assert [message["author"]["id"] for message in office.discord.visible(1)] == [OWN_ID]


async def test_a_channels_bucket_is_waited_for(office: Office):
    office.discord.bucket = (2, 0.4)
    office.subscribe(1)
    ids = office.bring(papers(5))

    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert office.discord.answers[429] == 0


async def test_the_end_of_the_process_lets_what_is_under_way_finish_and_begins_nothing(office: Office):
    office.restart(per_second=100.0)
    for channel in range(1, 60):
        office.subscribe(channel)
    office.bring(papers(1))
    office.discord.latency = lambda: 0.05

    office.planner.plan_due()
    delivering = asyncio.create_task(office.dispatcher.deliver())
    await asyncio.wait_for(office.discord.first_post.wait(), timeout=10)
    await office.dispatcher.close()
    await delivering
    posted = sum(len(office.discord.visible(channel)) for channel in range(1, 60))

    assert 0 < posted < 59
    assert office.states() == {"sent": posted, "planned": 59 - posted}


async def test_what_hangs_at_the_end_of_the_process_is_looked_up_by_the_next(office: Office, monkeypatch):
    monkeypatch.setattr("bot.discord_app.dispatcher.DRAIN", 0.05)
    office.restart(deadline=0.05)
    office.subscribe(1)
    (paper,) = office.bring(papers(1))
    office.discord.faults = Script(Fault("hang", Moment.AFTER))
    await office.round()
    await office.dispatcher.close()
    assert office.states() == {"sending": 1}

    office.restart()
    office.clock.move(hours=1)
    await office.settle()

    assert office.seen(1) == {paper: 1}
    assert office.discord.requests["POST"] == 1
