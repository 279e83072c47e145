"""Papers that come to match after they came: posted once, as known papers; nothing of what was old."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.announcements import planner, status, subscriptions
from bot.announcements.guilds import restore_guild, suspend_guild
from bot.announcements.results import Filters, Frequency, Schedule, Subscription
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.reading import text_of

# fixtures
from tests.announcements.test_withdrawing import app  # noqa: F401  # isort: skip

SCORED = Filters(min_score=50)


def change(office: Office, records: list[dict[str, Any]], **news: Any) -> None:
    for record in records:
        record.update(news)
    assert office.bring(records) == []


def edit(office: Office, one: Subscription, **changes: Any) -> None:
    values = {name: getattr(one, name) for name in ("filters", "schedule", "role_id", "thread")}
    subscriptions.edit(office.app, GUILD, one.id, **values | changes)


@pytest.mark.parametrize(
    ("filters", "news"),
    [
        (SCORED, {"score": 75.3}),
        (Filters(code=True), {"code_url": "https://github.com/a/b"}),
        (Filters(query="gossip"), {"abstract": "All is gossip."}),
        (Filters(query="score:>=50"), {"score": 75.3}),
        (Filters(author="Grace Example"), {"authors": ["Grace Example"]}),
    ],
)
async def test_a_paper_is_posted_once_its_missing_fact_is_there_and_only_once(
    office: Office, filters: Filters, news: dict[str, Any]
):
    office.subscribe(1, filters)
    records = papers(1)
    (paper,) = office.bring(records)
    await office.settle()
    assert office.discord.visible(1) == []

    change(office, records, **news)
    await office.settle()

    (message,) = office.discord.visible(1)
    assert office.seen(1) == {paper: 1}
    assert "Known, and now matches" in text_of(message)
    change(office, records, citations=7)
    change(office, records, score=10)
    change(office, records, score=90)
    await office.settle()
    assert office.seen(1) == {paper: 1}
    (one,) = status.subscription_status(office.app, GUILD)
    assert (one.new, one.sent) == (1, 1)


async def test_of_what_was_there_before_nothing_is_posted_however_much_changes(office: Office):
    records = papers(300)
    office.bring(records)
    office.subscribe(1, SCORED)
    new = papers(1)
    office.bring(new)
    await office.settle()

    change(office, records, score=90.0)
    await office.settle()
    assert office.discord.visible(1) == []

    change(office, new, score=90.0)
    await office.settle()
    assert len(office.discord.visible(1)) == 1


async def test_several_are_one_message_and_those_of_an_hour_come_together(office: Office):
    office.subscribe(1, SCORED, role_id=7)
    records = papers(133)
    ids = office.bring(records)
    await office.settle()

    change(office, records[:3], score=60.0)
    await office.settle()
    (message,) = office.discord.visible(1)
    assert "### 3 known papers\n" in text_of(message)
    assert message["allowed_mentions"]["roles"] == ["7"]
    for place in range(3, 133, 10):
        change(office, records[place : place + 10], score=60.0)
        await office.settle()
    assert len(office.discord.visible(1)) == 1

    office.clock.move(hours=1, seconds=1)
    await office.settle()
    _first, second = office.discord.visible(1)
    assert "### 130 known papers\n" in text_of(second)
    assert sorted(office.column("select paper_id from delivery")) == ids


async def test_a_digest_has_them_when_it_is_due(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"), SCORED)
    records = papers(2)
    ids = office.bring(records)
    office.clock.move(days=1)
    await office.settle()
    change(office, records, score=60.0)
    await office.settle()
    assert office.discord.visible(1) == []

    office.clock.move(days=1)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_subscription_that_was_changed_or_resumed_looks_back_no_further(office: Office):
    one = office.subscribe(1, Filters(query="gossip"))
    two = office.subscribe(2, SCORED)
    records = papers(2)
    office.bring(records)
    await office.settle()
    edit(office, one, filters=Filters(query="decentralized"))
    subscriptions.pause(office.app, GUILD, two.id)
    change(office, records[:1], score=60.0)
    await office.settle()
    subscriptions.resume(office.app, GUILD, two.id)
    change(office, records, score=61.0)
    await office.settle()
    assert office.discord.visible(1) == office.discord.visible(2) == []


async def test_another_role_does_not_keep_it_from_looking_back(office: Office):
    one = office.subscribe(1, SCORED)
    records = papers(1)
    ids = office.bring(records)
    await office.settle()
    edit(office, one, role_id=7)
    change(office, records, score=60.0)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_what_another_subscription_of_the_channel_was_sent_is_not_sent_again(office: Office):
    office.subscribe(1, SCORED)
    office.subscribe(1)
    records = papers(2)
    ids = office.bring(records)
    await office.settle()
    change(office, records, score=60.0)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_server_that_is_away_hears_of_them_when_it_is_back(office: Office):
    office.subscribe(1, SCORED)
    records = papers(1)
    ids = office.bring(records)
    await office.settle()
    suspend_guild(office.app, GUILD)
    change(office, records, score=60.0)
    await office.settle()
    assert office.discord.visible(1) == []
    restore_guild(office.app, GUILD)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_a_paper_that_was_changed_while_its_digest_waits_is_one_of_its_new_ones(office: Office):
    office.digest(1, Schedule(Frequency.WEEKLY, day=0, at="09:00"), SCORED)
    records = papers(1)
    ids = office.bring(records)
    await office.settle()
    change(office, records, score=60.0)
    await office.settle()
    office.clock.move(days=7)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert "1 new paper" in text_of(office.discord.visible(1)[0])


async def test_very_much_at_once_is_looked_at_once_a_minute(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(planner, "_MUCH_TO_RECHECK", 0)
    office.subscribe(1, SCORED)
    records = papers(2)
    ids = office.bring(records)
    await office.settle()
    change(office, records[:1], citations=1)
    await office.settle()
    change(office, records, score=60.0)
    await office.settle()
    assert office.discord.visible(1) == []
    office.clock.now += dt.timedelta(seconds=61)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
