"""What waits to be posted follows its subscription: edited, paused, removed; what may be posted does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.announcements import status, subscriptions
from bot.announcements.results import Filters, Frequency, Schedule, Subscription
from bot.app import App
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of

DAILY = Schedule(Frequency.DAILY, at="09:00")


@pytest.fixture
def app(desk_on_both: App) -> App:
    return desk_on_both


def edit(office: Office, one: Subscription, filters: Filters | None = None, **changes: object) -> None:
    given = {"schedule": one.schedule, "role_id": one.role_id, "thread": one.thread, **changes}
    subscriptions.edit(office.app, GUILD, one.id, filters=filters or one.filters, **given)  # type: ignore[arg-type]


async def refuse(office: Office, channel: int = 1) -> None:
    """A round in which the channel refuses its messages; afterwards it would take them."""
    office.discord.channels[str(channel)].may_send = False
    await office.round()
    assert office.discord.answers[403]
    office.discord.channels[str(channel)].may_send = True


async def later(office: Office, **time: float) -> None:
    office.clock.move(**time or {"hours": 1})
    await office.settle()


@pytest.mark.parametrize("change", [subscriptions.remove, subscriptions.pause])
async def test_a_refused_message_of_a_removed_or_paused_subscription_is_not_posted(
    office: Office, change: Callable[[App, int, int], Subscription]
):
    one = office.subscribe(1, role_id=5)
    office.bring(papers(3))
    await refuse(office)

    change(office.app, GUILD, one.id)
    await later(office)

    assert office.discord.visible(1) == []
    assert office.states() == {"dropped": 3}


async def test_nothing_of_a_removed_subscription_comes_back_with_a_new_one(office: Office):
    one = office.subscribe(1)
    office.bring(papers(3))
    await refuse(office)
    subscriptions.remove(office.app, GUILD, one.id)
    office.subscribe(1)

    await later(office)
    assert office.discord.visible(1) == []
    ids = office.bring(papers(1))
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_what_waits_is_posted_by_the_edited_wish(office: Office):
    one = office.subscribe(1, role_id=5)
    wanted = office.bring(papers(2))
    office.bring(papers(1, title="Gossip of another kind"))
    await refuse(office)

    edit(office, one, Filters(query="decentralized"), role_id=None)
    await later(office)

    assert office.seen(1) == dict.fromkeys(wanted, 1)
    for message in office.discord.visible(1):
        assert "<@&" not in text_of(message)
        assert message["allowed_mentions"] == {"parse": [], "roles": []}
        assert "“decentralized”" in text_of(message)
    (now,) = status.subscription_status(office.app, GUILD)
    assert (now.new, now.sent, now.waiting, now.held) == (2, 2, 0, 0)


async def test_what_waits_and_is_wanted_no_more_is_forgotten_and_never_comes_back(office: Office):
    one = office.subscribe(1)
    office.bring(papers(2))
    await refuse(office)
    edit(office, one, Filters(query="gossip"))
    await later(office)
    edit(office, one)
    await later(office)
    assert office.discord.visible(1) == []


async def test_what_waits_goes_into_the_digest_that_a_subscription_became(office: Office):
    one = office.subscribe(1)
    ids = office.bring(papers(3))
    await refuse(office)

    edit(office, one, schedule=Schedule(Frequency.WEEKLY, 0, "09:00"))
    await later(office)
    assert office.discord.visible(1) == []
    (now,) = status.subscription_status(office.app, GUILD)
    assert (now.new, now.waiting + now.held) == (3, 3)
    assert "waits for the digest" in status.why(office.app, GUILD, 1, ids[0]).reasons[0].sentence

    await later(office, days=8)
    (message,) = office.discord.visible(1)
    assert "3 new papers" in text_of(message)
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_digest_that_was_refused_is_made_again_by_the_edited_wish(office: Office):
    one = office.subscribe(1, schedule=DAILY, role_id=5)
    ids = office.bring(papers(3))
    office.clock.move(days=1)
    await refuse(office)

    edit(office, one, role_id=None)
    await later(office)

    (message,) = office.discord.visible(1)
    assert message["allowed_mentions"]["roles"] == []
    assert office.seen(1) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("refused", [False, True])
async def test_a_digest_paused_and_resumed_at_once_has_all_and_nothing_of_the_pause(
    office: Office, refused: bool
):
    one = office.digest(1, DAILY)
    ids = office.bring(papers(3))
    if refused:
        office.clock.move(days=1)
        await refuse(office)
    subscriptions.pause(office.app, GUILD, one.id)
    subscriptions.pause(office.app, GUILD, one.id)
    office.bring(papers(2))
    subscriptions.resume(office.app, GUILD, one.id)
    assert [each.waiting + each.held for each in status.subscription_status(office.app, GUILD)] == [3]
    subscriptions.resume(office.app, GUILD, one.id)
    ids += office.bring(papers(1))

    for _ in range(3):
        await later(office, days=1)

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert office.scalar("select count(*) from message where kind = 'waiting'") == 0


async def test_to_resume_what_is_not_paused_loses_nothing(office: Office):
    one = office.digest(1, DAILY)
    ids = office.bring(papers(2))
    subscriptions.resume(office.app, GUILD, one.id)
    await later(office, days=1)
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_what_others_of_the_channel_wait_for_is_still_told_to_them(office: Office):
    one = office.subscribe(1, Filters(query="decentralized"), role_id=5)
    office.subscribe(1, Filters(author="Pan Pan"), role_id=6)
    ids = office.bring(papers(3))
    await refuse(office)

    subscriptions.remove(office.app, GUILD, one.id)
    await later(office)

    assert office.seen(1) == dict.fromkeys(ids, 1)
    roles = [message["allowed_mentions"]["roles"] for message in office.discord.visible(1)]
    assert roles == [["6"], [], []]


@pytest.mark.parametrize("moment", list(Moment))
async def test_what_may_have_been_posted_keeps_to_its_row(office: Office, moment: Moment):
    office.may_read = True
    one = office.subscribe(1, role_id=5)
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", moment))
    await office.round()

    edit(office, one, role_id=None)
    await later(office)
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    (message,) = office.discord.visible(1)
    assert message["allowed_mentions"]["roles"] == ([] if moment is Moment.BEFORE else ["5"])


@pytest.mark.parametrize("kind", ["403", "posted"])
@pytest.mark.parametrize("change", ["edit", "pause", "remove"])
async def test_a_change_while_a_message_is_under_way(office: Office, kind: str, change: str):
    one = office.subscribe(1, role_id=5)
    ids = office.bring(papers(1))
    office.discord.channels["1"].may_send = kind == "posted"
    at_work, go_on = asyncio.Event(), asyncio.Event()
    post = office.dispatcher._sender.do

    async def slow(job):
        at_work.set()
        await go_on.wait()
        return await post(job)

    office.dispatcher._sender.do = slow  # type: ignore[method-assign]
    running = asyncio.create_task(office.round())
    await asyncio.wait_for(at_work.wait(), timeout=10)
    if change == "edit":
        await asyncio.to_thread(edit, office, one, None, role_id=None)
    else:
        await asyncio.to_thread(getattr(subscriptions, change), office.app, GUILD, one.id)
    go_on.set()
    await running
    office.discord.channels["1"].may_send = True
    await later(office)

    told = kind == "posted" or change == "edit"
    assert office.seen(1) == (dict.fromkeys(ids, 1) if told else {})
    for message in office.discord.visible(1):
        assert message["allowed_mentions"]["roles"] == (["5"] if kind == "posted" else [])


async def test_what_another_message_told_meanwhile_is_not_told_again(office: Office):
    one = office.subscribe(1, Filters(query="decentralized"))
    office.digest(1, DAILY)
    ids = office.bring(papers(2))
    await refuse(office)
    edit(office, one, schedule=Schedule(Frequency.WEEKLY, 0, "09:00"))

    for _ in range(10):
        await later(office, days=1)

    assert office.seen(1) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("moment", list(Moment))
async def test_what_may_have_been_posted_is_not_sent_again_once_its_subscription_is_removed(
    office: Office, moment: Moment
):
    office.may_read = True
    one = office.subscribe(1)
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", moment))
    await office.round()
    subscriptions.remove(office.app, GUILD, one.id)
    office.clock.move(seconds=20)
    office.restart()
    await office.round()
    await later(office)

    assert office.seen(1) == ({} if moment is Moment.BEFORE else dict.fromkeys(ids, 1))
    assert office.states() == {"dropped" if moment is Moment.BEFORE else "sent": 1}
