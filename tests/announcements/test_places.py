"""Places beside channels: threads, direct messages, and what becomes of them."""

from __future__ import annotations

import pytest

from bot.announcements import status, subscriptions
from bot.announcements.outbox import DIRECT_MESSAGES_CLOSED
from bot.announcements.subscriptions import look_after_guilds
from bot.app import App
from bot.store.models import NO_SERVER, PlaceKind
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script


@pytest.fixture
def app(desk_on_both: App) -> App:
    return desk_on_both


def ask_for_direct_messages(office: Office) -> int:
    return office.subscribe(1, guild_id=NO_SERVER, place=PlaceKind.DIRECT).id


async def test_direct_messages_are_delivered_as_those_of_channels_are(office: Office):
    one = ask_for_direct_messages(office)
    ids = office.bring(papers(3))
    office.discord.faults = Script(Fault(503, Moment.AFTER), Fault("reset", Moment.BEFORE))
    look_after_guilds(office.app, present={GUILD})

    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert office.column("select missing_since from subscription") == [None]
    (found,) = status.subscription_status(office.app, NO_SERVER)
    assert found.subscription.id == one
    assert found.last_post is not None
    assert found.last_post.url.startswith("https://discord.com/channels/@me/1/")


async def test_closed_direct_messages_end_what_was_asked_for_until_the_person_resumes_it(office: Office):
    one = ask_for_direct_messages(office)
    office.discord.channels["1"].refuses = "closed"
    ids = office.bring(papers(2))
    await office.settle()

    (paused,) = subscriptions.list_all(office.app, NO_SERVER)
    assert (paused.paused, paused.pause_reason) == (True, DIRECT_MESSAGES_CLOSED)
    assert office.states() == {"dropped": 2}
    assert office.discord.answers[403] == 1

    office.discord.channels["1"].refuses = None
    subscriptions.resume(office.app, NO_SERVER, one)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
