"""Digests that the votes of the server rank, of papers that were there for some days."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements import export, status, subscriptions
from bot.announcements.matcher import Candidate, plan_messages
from bot.announcements.results import DigestOrder, Filters, Frequency, Schedule
from bot.errors import RefusedError
from bot.reading.votes import vote
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.reading import text_of

BY_VOTES = Schedule(Frequency.DAILY, at="09:00", order=DigestOrder.VOTES, delay=3)


def titles(text: str) -> list[str]:
    return re.findall(r"of kind (\d+)", text)


async def test_votes_then_scores_rank_a_digest_and_each_paper_waits_some_days(office: Office):
    office.clock.move(days=1)
    office.digest(1, BY_VOTES)
    records = papers(4)
    for record, score in zip(records, (10, 90, 50, 20), strict=True):
        record["score"] = score
    numbers = [re.findall(r"\d+", record["title"])[0] for record in records]
    ids = office.bring(records)
    for person in (1, 2):
        vote(office.app, GUILD, ids[3], person)
    vote(office.app, GUILD, ids[0], 1)
    vote(office.app, 999, ids[2], 1)
    for _ in range(2):
        office.clock.move(days=1)
        await office.settle()
        assert office.discord.visible(1) == []
    late = office.bring(papers(1))
    for _ in range(2):
        office.clock.move(days=1)
        await office.settle()
    (message,) = office.discord.visible(1)
    text = text_of(message)
    assert titles(text) == [numbers[3], numbers[0], numbers[1], numbers[2]]
    assert "2 votes · " in text
    assert "1 vote · " in text
    assert ", by votes" in text

    for _ in range(4):
        office.clock.move(days=1)
        await office.settle()
    assert office.seen(1) == dict.fromkeys([*ids, *late], 1)
    (one,) = status.subscription_status(office.app, GUILD)
    assert (one.new, one.sent, one.waiting) == (5, 5, 0)


async def test_other_subscriptions_of_the_channel_wait_for_nothing(office: Office):
    office.digest(1, BY_VOTES, Filters(query="learning"))
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"), Filters(query="decentralized"))
    ids = office.bring(papers(2))
    office.clock.move(days=1)
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)
    for _ in range(5):
        office.clock.move(days=1)
        await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_order_and_delay_are_in_files_of_subscriptions(office: Office):
    office.digest(1, BY_VOTES)
    document = export.export_subscriptions(office.app, GUILD)
    for one in subscriptions.list_all(office.app, GUILD):
        subscriptions.remove(office.app, GUILD, one.id)
    (back,) = export.import_subscriptions(office.app, GUILD, 5, document, may_use=lambda *_: None).added
    assert (back.schedule.order, back.schedule.delay) == (DigestOrder.VOTES, 3)
    with pytest.raises(RefusedError, match="delay"):
        office.digest(2, Schedule(Frequency.DAILY, delay=61))


PAPERS = st.integers(1, 130)


@given(PAPERS, st.dictionaries(st.integers(1, 130), st.integers(1, 5)), st.randoms())
def test_however_many_papers_come_none_is_ranked_above_one_with_more_votes(count, votes, random):
    ids = list(range(1, count + 1))
    rank = {paper: (float(random.randint(0, 3)), 0) for paper in ids}
    candidate = Candidate(
        1, "all", digest=True, role_id=None, thread=False, command="", matched=ids, order=DigestOrder.VOTES
    )
    order = {paper: place for place, paper in enumerate(ids)}
    messages = plan_messages([candidate], (), order, rank, votes)
    shown = [paper for one in messages for paper in one.spec.papers]
    keys = [(votes.get(paper, 0), rank[paper]) for paper in shown]
    assert keys == sorted(keys, reverse=True)
    assert sorted(paper for one in messages for paper in one.delivers) == ids
