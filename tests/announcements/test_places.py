"""Places beside channels: threads, forums, direct messages, and what becomes of them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.announcements import guilds, status, subscriptions
from bot.announcements.edits import Editor
from bot.announcements.guilds import look_after_guilds
from bot.announcements.outbox import DIRECT_MESSAGES_CLOSED
from bot.announcements.results import Frequency, Schedule
from bot.papers.saved_searches import forget_person, stored_of_person
from bot.store.models import NO_SERVER, PlaceKind
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import papers_in


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


FORUM = 5
FAULTS = [Fault(kind, moment) for kind in (500, 502, 503, 504, 429, "reset") for moment in Moment]


def subscribe_forum(office: Office, *tags: str, requires_tag: bool = False, **options) -> int:
    office.discord.add_forum(FORUM, *tags, requires_tag=requires_tag)
    return office.subscribe(FORUM, place=PlaceKind.FORUM, **options).id


async def test_each_paper_is_a_post_of_the_forum_with_the_tag_of_its_field(office: Office):
    subscribe_forum(office, "cv", "*LG", "cs.LG", "Papers")
    ids = office.bring([papers(1)[0], papers(1, categories=["cs.XX"])[0]])

    await office.settle()

    assert office.seen(FORUM) == dict.fromkeys(ids, 1)
    first, second = office.discord.posts(FORUM)
    assert first.name.startswith("Decentralized learning of kind")
    assert (first.applied_tags, second.applied_tags) == (["3"], [])
    (found,) = status.subscription_status(office.app, GUILD)
    assert found.last_post is not None
    assert found.last_post.url == f"https://discord.com/channels/{GUILD}/{second.id}/{second.id}"


@pytest.mark.parametrize(("tags", "given"), [(["CV", "Other"], ["2"]), (["CV", "RO"], ["1"])])
async def test_where_a_tag_is_required_and_none_fits_a_general_one_is_given(
    office: Office, tags: list[str], given: list[str]
):
    subscribe_forum(office, *tags, requires_tag=True)
    office.bring(papers(1))
    await office.settle()
    (post,) = office.discord.posts(FORUM)
    assert post.applied_tags == given


async def test_a_forum_all_of_whose_tags_became_moderated_is_named_and_loses_nothing(office: Office):
    subscribe_forum(office, "*CV", requires_tag=True)
    ids = office.bring(papers(1))
    await office.settle(rounds=3)
    assert "A tag is required" in status.refusing_channels(office.app, GUILD)[FORUM]

    office.discord.channels[str(FORUM)].tags[0]["moderated"] = False
    office.clock.move(minutes=2)
    await office.settle()
    assert office.seen(FORUM) == dict.fromkeys(ids, 1)


async def test_a_digest_is_one_post_and_what_it_has_no_room_for_stands_in_it(office: Office):
    subscribe_forum(office, schedule=Schedule(Frequency.DAILY, at="09:00"))
    office.may_read = True
    ids = office.bring(papers(25))
    office.discord.faults = Script(None, Fault("reset", Moment.AFTER), Fault(502, Moment.AFTER))
    office.clock.move(days=1)
    await office.settle()

    assert office.seen(FORUM) == dict.fromkeys(ids, 1)
    (post,) = office.discord.posts(FORUM)
    assert post.name == "25 new papers: all papers"
    assert [len(papers_in(message["components"])) for message in post.visible()] == [10, 10, 5]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.moment}")
@pytest.mark.parametrize("dies", [False, True])
async def test_whatever_goes_wrong_a_forum_has_each_paper_in_one_post(
    office: Office, fault: Fault, dies: bool
):
    subscribe_forum(office)
    office.may_read = True
    ids = office.bring(papers(2))
    office.discord.faults = Script(fault)
    await office.round()
    if dies:
        office.restart()

    await office.settle()

    assert office.seen(FORUM) == dict.fromkeys(ids, 1)
    assert office.states() == {"sent": 2}


async def test_a_post_that_appears_late_is_waited_for(office: Office):
    subscribe_forum(office)
    office.may_read = True
    ids = office.bring(papers(1))
    office.discord.faults = Script(Fault(504, Moment.AFTER))
    await office.round()
    (post,) = office.discord.posts(FORUM)
    post.exists = False
    office.clock.move(seconds=2)
    await office.round()
    assert office.states() == {"sending": 1}

    post.exists = True
    await office.settle()
    assert office.seen(FORUM) == dict.fromkeys(ids, 1)


async def test_a_post_that_was_archived_meanwhile_is_found_and_edited_where_it_is(office: Office):
    subscribe_forum(office)
    office.may_read = True
    records = papers(1)
    (paper,) = office.bring(records)
    office.discord.faults = Script(Fault("reset", Moment.AFTER))
    await office.round()
    (post,) = office.discord.posts(FORUM)
    post.archived_at = office.discord.clock()
    await office.settle()
    assert office.seen(FORUM) == {paper: 1}

    office.bring([{**records[0], "has_code": True}])
    assert Editor(office.app, office.lease, compose).plan_edits() == 1
    await office.settle()
    assert post.visible()[0]["edits"] == 1
    assert post.archived_at is not None


async def test_without_the_history_it_is_held_and_a_person_decides(office: Office):
    subscribe_forum(office)
    office.may_read = False
    office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.BEFORE))
    await office.settle()
    assert office.states() == {"held": 1}


async def test_a_post_that_a_person_deleted_is_not_made_again(office: Office):
    subscribe_forum(office)
    records = papers(1)
    office.bring(records)
    await office.settle()
    (post,) = office.discord.posts(FORUM)
    post.exists = False

    office.bring([{**records[0], "has_code": True}])
    Editor(office.app, office.lease, compose).plan_edits()
    await office.settle()
    assert office.discord.posts(FORUM) == []
    assert status.refusing_channels(office.app, GUILD) == {}


async def test_what_a_restored_database_lost_is_not_posted_again_in_a_forum(office: Office):
    subscribe_forum(office)
    ids = office.bring(papers(2))
    await office.settle()
    office.discord.posts(FORUM)[0].archived_at = office.discord.clock()
    with office.app.store.writing() as session:
        for table in ("delivery", "subscription_match", "message"):
            session.execute(text(f"delete from {table}"))
        session.execute(text("update subscription set cursor = baseline"))
    office.restart()

    await office.settle()
    assert office.seen(FORUM) == dict.fromkeys(ids, 1)


async def test_what_is_stored_of_a_person_goes_with_all_that_was_sent_to_them(office: Office):
    ask_for_direct_messages(office)
    office.subscribe(2)
    ids = office.bring(papers(2))
    await office.settle()
    office.bring(papers(1))
    office.planner.plan_due()
    assert stored_of_person(office.app, 5).alerts == 1

    forget_person(office.app, 5)

    assert stored_of_person(office.app, 5).alerts == 0
    assert office.column("select distinct channel_id from subscription") == [2]
    assert office.column("select distinct channel_id from delivery") == [2]
    assert set(office.column("select state from message where channel_id = 1")) == {"sent", "dropped"}
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
    ask_for_direct_messages(office)
    office.restart()
    (new,) = office.bring(papers(1))
    await office.settle()
    assert office.seen(1)[new] == 1
    assert office.scalar("select count(*) from message where kind = 'recovered'") == 0


NEWS = 6


def subscribe_announcements(office: Office, **options) -> int:
    office.discord.add_channel(NEWS).type = 5
    return office.subscribe(NEWS, publish=True, **options).id


def published(office: Office) -> int:
    return sum(bool(message.get("published")) for message in office.discord.visible(NEWS))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.moment}")
async def test_whatever_goes_wrong_each_message_is_posted_and_published_once(office: Office, fault: Fault):
    subscribe_announcements(office, thread=True)
    ids = office.bring(papers(2))
    office.discord.faults = Script(None, None, fault, fault, None, fault)
    await office.settle()
    for _ in range(6):
        office.restart()
        await office.round()
        office.clock.move(seconds=30)

    assert office.seen(NEWS) == dict.fromkeys(ids, 1)
    assert published(office) == 2
    assert len(office.discord.channels[str(NEWS)].published) == 2
    assert len(office.discord.threads) == 2
    assert status.subscription_status(office.app, GUILD)[0].unfinished is None


async def test_no_more_than_ten_an_hour_are_published_and_the_others_follow(office: Office):
    subscribe_announcements(office)
    channel = office.discord.channels[str(NEWS)]
    ids: list[int] = []
    for _ in range(5):
        ids += office.bring(papers(5))
        await office.settle()
    assert published(office) == 10
    (found,) = status.subscription_status(office.app, GUILD)
    assert found.unfinished is not None
    assert (found.unfinished.to_publish, found.unfinished.unpublished) == (15, 0)

    channel.published += [office.discord.clock()] * 3  # by a person
    office.clock.move(minutes=61)
    for _ in range(4):
        office.restart()
        for _ in range(3):
            await office.round()
            office.clock.move(minutes=20)
    assert published(office) == 25
    assert office.seen(NEWS) == dict.fromkeys(ids, 1)
    assert office.discord.requests["refused to publish"] <= 2


async def test_what_may_not_be_published_is_said_and_published_once_it_may(office: Office):
    subscribe_announcements(office)
    office.discord.channels[str(NEWS)].may_publish = False
    ids = office.bring(papers(1))
    await office.settle()
    office.clock.move(hours=2)
    await office.round()
    (found,) = status.subscription_status(office.app, GUILD)
    assert found.unfinished is not None
    assert "It was not published: 403" in (found.unfinished.trouble or "")

    office.discord.channels[str(NEWS)].may_publish = True
    guilds.free_channels(office.app, [NEWS])
    await office.round()
    assert published(office) == 1
    assert office.seen(NEWS) == dict.fromkeys(ids, 1)


async def test_an_announcement_channel_that_becomes_a_text_channel_still_gets_its_messages(office: Office):
    subscribe_announcements(office)
    office.discord.channels[str(NEWS)].type = 0
    ids = office.bring(papers(1))
    await office.settle()
    await office.round()
    (found,) = status.subscription_status(office.app, GUILD)
    assert found.unfinished is not None
    assert (found.unfinished.to_publish, found.unfinished.unpublished) == (0, 1)

    office.discord.channels[str(NEWS)].type = 5
    ids += office.bring(papers(1))
    await office.settle()
    await office.round()
    assert office.seen(NEWS) == dict.fromkeys(ids, 1)
    assert published(office) == 1


async def test_a_thread_that_cannot_be_opened_is_said(office: Office):
    office.subscribe(1, thread=True)
    office.bring(papers(1))
    office.discord.faults = Script(None, Fault(403))
    await office.settle()
    await office.round()
    (found,) = status.subscription_status(office.app, GUILD)
    assert found.unfinished is not None
    assert found.unfinished.without_thread == 1
    assert (found.unfinished.trouble or "").startswith("No thread was opened: 403")

    office.clock.move(days=8)
    assert status.subscription_status(office.app, GUILD)[0].unfinished is None
