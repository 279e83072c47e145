"""Channels that Discord does not know: only its own word counts, and only when it stays so for a day."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from sqlalchemy import text

from bot.announcements import status, subscriptions
from bot.announcements.guilds import look_after_guilds
from bot.announcements.outbox import CHANNEL_GONE
from bot.announcements.results import Filters, Frequency, Notice, PausedChannel, Schedule
from bot.app import App
from cogs.notify.announcement_cards import pause_message
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of

ADMINISTRATORS = 9


@pytest.fixture
def app(desk_on_both: App) -> App:
    return desk_on_both


def tell_pause(channel: PausedChannel, nonce: str) -> Notice | None:
    return Notice(ADMINISTRATORS, GUILD, pause_message(channel, "Reading group", nonce))


async def go_on(office: Office, **time: float) -> None:
    """Rounds an hour apart."""
    end = office.clock() + dt.timedelta(**time)
    while office.clock() < end:
        await office.round()
        office.clock.move(hours=1)


async def test_pages_of_a_proxy_pause_nothing_and_all_is_told(office: Office):
    channels = range(1, 22)
    for channel in channels:
        office.subscribe(channel)
    ids = office.bring(papers(2))
    office.discord.faults = Script(*[Fault("page")] * 60)

    await office.round()
    assert office.column("select paused from subscription where paused") == []
    assert office.scalar("select count(*) from announced_channel") == 0
    ids += office.bring(papers(1))
    office.clock.move(seconds=10)
    await office.settle()

    assert [office.seen(channel) for channel in channels] == [dict.fromkeys(ids, 1)] * 21


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_incident_in_which_discord_knows_no_channel_pauses_nothing(office: Office, method: str):
    office.subscribe(1)
    office.may_read = True
    ids = office.bring(papers(3))
    office.discord.faults = Script(*[Fault(404)] * 3, method=method)

    await go_on(office, hours=8)

    assert office.column("select pause_reason from subscription") == [None]
    assert office.seen(1) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("kind", [404, "no server"])
async def test_a_channel_that_is_gone_for_a_day_is_paused_logged_and_told(
    office: Office, kind: int | str, caplog: pytest.LogCaptureFixture
):
    office.tell_pause = tell_pause
    office.restart()
    office.discord.add_channel(ADMINISTRATORS)
    office.subscribe(1)
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"))
    ids = office.bring(papers(2))
    office.discord.channels["1"].exists = False
    office.discord.channels["1"].unknown_as = kind
    with caplog.at_level(logging.WARNING):
        await go_on(office, hours=23)
        assert set(office.column("select pause_reason from subscription")) == {None}
        assert "paused" not in caplog.text
        await go_on(office, hours=2)

    assert set(office.column("select pause_reason from subscription")) == {CHANNEL_GONE}
    (paused,) = [record for record in caplog.records if "are paused" in record.getMessage()]
    assert paused.levelname == "WARNING"
    assert "channel 1 of server 77" in paused.getMessage()
    (message,) = office.discord.visible(ADMINISTRATORS)
    assert "<#1>" in text_of(message)
    assert "2 subscriptions" in text_of(message)
    assert office.states().keys() <= {"sent", "dropped"}
    assert status.announcer_status(office.app).planned == 0
    assert {each.waiting + each.held for each in status.subscription_status(office.app, GUILD)} == {0}

    ids += office.bring(papers(2))
    await go_on(office, hours=3)
    office.discord.channels["1"].exists = True
    for each in subscriptions.list_all(office.app, GUILD):
        subscriptions.resume(office.app, GUILD, each.id)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert len(office.discord.visible(ADMINISTRATORS)) == 1


async def test_try_now_goes_on_with_what_the_bot_paused(office: Office):
    by_hand = office.subscribe(1, Filters(query="decentralized"))
    subscriptions.pause(office.app, GUILD, by_hand.id)
    office.subscribe(1)
    ids = office.bring(papers(1))
    office.discord.channels["1"].exists = False
    await go_on(office, hours=26)
    ids += office.bring(papers(1))
    assert office.column("select paused from subscription") == [True, True]

    office.discord.channels["1"].exists = True
    status.try_channel_again(office.app, GUILD, 1)
    await office.settle()

    assert office.column("select paused from subscription order by id") == [True, False]
    assert office.seen(1) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("moment", list(Moment))
async def test_what_may_stand_in_a_gone_channel_is_held_and_looked_for_when_it_is_back(
    office: Office, moment: Moment
):
    office.may_read = True
    (one, *_) = [office.subscribe(1)]
    ids = office.bring(papers(2))
    office.discord.faults = Script(Fault("reset", moment))
    await office.round()
    office.discord.channels["1"].exists = False
    await go_on(office, hours=26)
    assert office.states() == {"held": 1, "dropped": 1}

    office.discord.channels["1"].exists = True
    subscriptions.resume(office.app, GUILD, one.id)
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_gone_channel_of_administrators_is_no_endless_wait(office: Office):
    office.tell_pause = tell_pause
    office.restart()
    office.discord.add_channel(ADMINISTRATORS).exists = False
    office.subscribe(1)
    office.bring(papers(1))
    office.discord.channels["1"].exists = False

    await go_on(office, hours=80)

    assert office.states() == {"dropped": 1, "failed": 1}


async def test_a_channel_that_was_gone_takes_a_new_subscription(office: Office):
    one = office.subscribe(1)
    office.bring(papers(1))
    office.discord.channels["1"].exists = False
    await go_on(office, hours=26)
    subscriptions.remove(office.app, GUILD, one.id)

    office.discord.channels["1"].exists = True
    office.subscribe(1)
    ids = office.bring(papers(1))
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("code", [50001, 50013])
async def test_a_400_that_tells_of_missing_permissions_is_a_refusal(office: Office, code: int):
    office.subscribe(1)
    ids = office.bring(papers(2))
    office.discord.faults = Script(Fault(f"400 {code}"))
    await office.round()
    assert office.states() == {"planned": 2}
    (one,) = status.subscription_status(office.app, GUILD)
    assert str(code) in (one.channel_trouble or "")

    office.clock.move(minutes=2)
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_what_an_earlier_version_left_on_its_way_to_a_gone_channel_is_ended(office: Office):
    one = office.subscribe(1)
    ids = office.bring(papers(2))
    office.planner.plan_due()
    with office.app.store.writing() as session:
        session.execute(text("update subscription set paused = true, pause_reason = 'The channel is gone.'"))
        values = "(1, 77, 'The channel is gone.', 0, null)"
        session.execute(
            text(
                "insert into announced_channel (channel_id, guild_id, reason, refusals, held_until)"
                f" values {values}"
            )
        )

    look_after_guilds(office.app, present={GUILD})
    assert office.states() == {"dropped": 2}

    subscriptions.resume(office.app, GUILD, one.id)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_held_message_of_a_gone_channel_is_tried_when_a_person_says_so(office: Office):
    office.subscribe(1)
    office.may_read = True
    office.bring(papers(1))
    office.discord.faults = Script(Fault("reset"))
    await office.round()
    office.discord.channels["1"].exists = False
    await go_on(office, hours=26)
    (held,) = status.held_messages(office.app, GUILD)

    status.retry_held(office.app, GUILD, held.id)
    await go_on(office, hours=26)
    assert office.states() == {"dropped": 1}
    office.discord.channels["1"].exists = True
    status.try_channel_again(office.app, GUILD, 1)
    await office.settle()
    assert list(office.seen(1).values()) == [1]
