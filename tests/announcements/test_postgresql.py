"""The whole way on PostgreSQL: everything else is tested on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.announcements import guilds, status, subscriptions
from bot.announcements.edits import Editor
from bot.announcements.results import Frequency, Schedule
from bot.app import App
from bot.store.models import PlaceKind
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office, papers
from tests.announcements.test_same_paper import plan_while_two_become_one
from tests.apps import Clock, close_app, open_app
from tests.loopback_discord.faults import Fault, Moment, Script


@pytest.fixture
def app(tmp_path, prepared_databases, postgresql, clock: Clock) -> Iterator[App]:
    template = prepared_databases("postgresql").partition("?")[0].rpartition("/")[2]
    url = postgresql.new_database(template=template)
    (tmp_path / "data").mkdir()
    app = open_app(tmp_path / "data", clock, url=url)
    yield app
    close_app(app)
    postgresql.drop(url)


async def test_papers_are_planned_posted_edited_and_accounted_for(office: Office):
    office.subscribe(1, role_id=3, thread=True)
    office.digest(2, Schedule(Frequency.DAILY, at="09:00"))
    other = office.subscribe(3)
    records = papers(3)
    ids = office.bring(records)
    office.discord.faults = Script(Fault(503, Moment.AFTER), Fault("reset", Moment.BEFORE))
    await office.settle()
    office.clock.move(days=1)
    await office.settle()

    assert office.seen(1) == office.seen(2) == office.seen(3) == dict.fromkeys(ids, 1)
    office.bring([{**records[0], "has_code": True}])
    assert Editor(office.app, office.lease, compose).plan_edits() == 3
    await office.settle()
    assert [each.sent for each in status.subscription_status(office.app, GUILD)] == [3, 3, 3]
    assert status.why(office.app, GUILD, 1, ids[0]).sentence == "It was posted here."
    office.bring(papers(1))
    office.planner.plan_due()
    subscriptions.remove(office.app, GUILD, other.id)
    await office.settle()
    assert office.states() == {"sent": 8, "dropped": 1}
    assert status.announcer_status(office.app).sent == 8


async def test_papers_that_become_one_while_they_are_planned_are_told_as_one(office: Office):
    await plan_while_two_become_one(office)


async def test_posts_of_forums_and_publishing(office: Office):
    office.may_read = True
    office.discord.add_forum(5, "LG")
    office.discord.add_channel(6).type = 5
    office.subscribe(5, place=PlaceKind.FORUM)
    office.digest(5, Schedule(Frequency.DAILY, at="09:00"))
    office.subscribe(6, publish=True, thread=True)
    ids = office.bring(papers(12))
    office.discord.faults = Script(None, Fault(502, Moment.AFTER), Fault("reset", Moment.AFTER))
    await office.settle()

    assert office.seen(5) == office.seen(6) == dict.fromkeys(ids, 1)
    assert len(office.discord.posts(5)) == 1
    office.discord.channels["5"].exists = False
    guilds.record_deletion(office.app, GUILD, 5)
    assert [each.paused for each in subscriptions.list_all(office.app, GUILD)] == [True, True, False]
    assert all(message.get("published") for message in office.discord.visible(6))
    assert status.subscription_status(office.app, GUILD, 6)[0].unfinished is None
