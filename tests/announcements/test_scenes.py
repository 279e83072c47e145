"""The scenes that a demanding group plays with announcements, one test each."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
from zoneinfo import ZoneInfo

import pytest

from bot.announcements.results import Filters, Frequency, Schedule
from bot.announcements.status import subscription_status
from bot.announcements.subscriptions import add
from bot.ingest.inbox import Inbox
from tests.announcements.announcer import GUILD, Office, papers, write_papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of


@pytest.mark.parametrize("later", [{"seconds": 0}, {"hours": 1}])
async def test_scene_1_a_kill_between_a_post_and_its_record_doubles_nothing(office: Office, later):
    office.subscribe(1)
    office.subscribe(2)
    office.discord.channels["2"].may_read_history = False
    (paper,) = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.AFTER), Fault("reset", Moment.AFTER))
    await office.round()

    office.restart()
    office.clock.move(**later)
    await office.settle()

    assert office.seen(1) == office.seen(2) == {paper: 1}
    told = {"sent": 2} if not later.get("hours") else {"sent": 1, "held": 1}
    assert office.states() == told


async def test_scene_2_loading_the_same_corpus_again_posts_nothing(office: Office):
    corpus = papers(20)
    office.bring(corpus)
    office.subscribe(1)

    for records in (
        corpus,
        random.Random(1).sample(corpus, 20),
        [{**record, "has_code": True, "citations": 9} for record in corpus],
    ):
        assert office.bring(records) == []
        await office.settle()

    assert office.discord.visible(1) == []


async def test_scene_3_two_papers_of_one_title_are_two_and_one_written_differently_is_one(office: Office):
    office.bring(papers(1))
    office.subscribe(1)
    one = papers(1, title="On Gossip", authors=["Ada One"])[0]
    other = papers(1, title="On Gossip", authors=["Bo Two"])[0]

    ids = office.bring([one, other])
    await office.round()
    office.bring([{**one, "title": "On  gossip!", "authors": ["Ada One", "Cy Three"]}])
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_scene_4_a_first_subscription_posts_nothing_and_names_the_baseline(office: Office):
    office.bring(papers(30))
    office.discord.add_channel(1)

    added = add(office.app, guild_id=GUILD, channel_id=1, creator_id=5, filters=Filters())
    await office.settle()

    assert added.known_papers == 30
    assert added.recent.total == 30
    assert office.discord.visible(1) == []


async def test_scene_5_sixty_papers_of_three_days_arrive_grouped(office: Office):
    office.bring(papers(1))
    office.subscribe(1, Filters(query="decentralized"))
    ids = [paper for _ in range(3) for paper in office.bring(papers(20))]
    office.clock.move(days=3)

    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert len(office.discord.visible(1)) == 6


async def test_scene_6_a_channel_that_refuses_does_not_affect_another_and_hears_all_later(office: Office):
    for query in ("decentralized", "learning"):
        office.subscribe(1, Filters(query=query))
        office.subscribe(2, Filters(query=query))
    refusing = office.discord.channels["2"]
    refusing.may_send = False
    first = office.bring(papers(1))
    await office.settle(rounds=3)

    assert office.seen(1) == {first[0]: 1}
    (message,) = office.discord.visible(1)
    assert all(f"“{query}”" in text_of(message) for query in ("decentralized", "learning"))
    status = subscription_status(office.app, GUILD, 2)
    assert [(each.new, each.sent, each.held) for each in status] == [(1, 0, 1)] * 2
    assert all("Missing Permissions" in str(each.channel_trouble) and each.next_try_at for each in status)

    later = office.bring(papers(7))
    await office.settle(rounds=3)
    assert [each.held for each in subscription_status(office.app, GUILD, 2)] == [8, 8]
    refusing.may_send = True
    await office.settle(rounds=60, step=60)

    assert office.seen(2) == dict.fromkeys([*first, *later], 1)
    assert len(office.discord.visible(2)) == 2
    assert [each.channel_trouble for each in subscription_status(office.app, GUILD, 2)] == [None, None]


@pytest.mark.parametrize("around", [dt.date(2026, 3, 27), dt.date(2026, 10, 23)])
async def test_scene_14_a_digest_at_nine_in_berlin_comes_once_each_day(office: Office, around: dt.date):
    berlin = ZoneInfo("Europe/Berlin")
    office.clock.now = dt.datetime.combine(around, dt.time(12), berlin)
    office.digest(1, Schedule(Frequency.DAILY, at="09:00", timezone="Europe/Berlin"))
    brought: list[int] = []
    posted: list[str] = []
    for _ in range(5):
        brought += office.bring(papers(1))
        while office.clock().astimezone(berlin).hour != 8:
            office.clock.move(hours=1)
        for minutes in (59, 61, 0, 1):
            before = len(office.discord.visible(1))
            if minutes:
                office.clock.now = office.clock().astimezone(berlin).replace(minute=0) + dt.timedelta(
                    minutes=minutes
                )
            else:
                office.restart()
            await office.round()
            if len(office.discord.visible(1)) > before:
                posted.append(f"{office.clock().astimezone(berlin):%d %H:%M}")

    assert office.seen(1) == dict.fromkeys(brought, 1)
    assert [time.split()[1] for time in posted] == ["09:01"] * 5
    assert len({time.split()[0] for time in posted}) == 5


async def test_scene_15_of_two_bots_with_one_database_one_announces(office: Office, clock, discord_server):
    other = Office(office.app, clock)
    office.subscribe(1)
    (paper,) = office.bring(papers(1))

    assert not other.lease.take()
    await asyncio.gather(office.round(), office.round())

    assert office.seen(1) == {paper: 1}
    clock.move(minutes=2)
    assert other.lease.take()
    assert not office.lease.ensure()
    other.lease.release()


async def test_scene_15_of_a_file_with_a_bad_row_the_others_come_in_and_it_is_named(
    office: Office,
):
    office.subscribe(1)
    office.bring(papers(3))
    before = office.scalar("select count(*) from paper")
    folder = office.app.settings.data_dir / "inbox"
    folder.mkdir()
    records = papers(5)
    del records[3]["title"]
    path = write_papers(office.app, records, "inbox/new.jsonl")
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    inbox = Inbox(office.app)

    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]

    assert "line 4" in (folder / "done" / "new.jsonl.reason.txt").read_text()
    assert office.scalar("select count(*) from paper") == before + 4
