"""Votes: one a person, a paper and a server; posted cards show them soon, with few edits."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.announcements.edits import Editor
from bot.app import App
from bot.ingest.corrections import merge_papers
from bot.ingest.importer import import_files
from bot.reading.servers import look_after_reading
from bot.reading.votes import vote
from bot.store import votes
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office, papers, write_papers
from tests.discord_app.requests import walk

PEOPLE = range(1, 201)


def shown(message: dict[str, Any]) -> list[str]:
    """What stands on the buttons to vote of a message."""
    return [
        each["label"]
        for each in walk(message["components"])
        if str(each.get("custom_id", "")).startswith("vote:")
    ]


async def show_votes(office: Office, *, minutes: float = 1.0) -> None:
    """Let the announcer work for some time."""
    editor = Editor(office.app, office.lease, compose)
    for _ in range(int(minutes * 12)):
        office.clock.move(seconds=5)
        assert office.lease.take()
        editor.plan_edits()
        await office.dispatcher.deliver()


def count(app: App, paper: int, guild: int = GUILD) -> int:
    with app.store.reading() as session:
        return votes.counts_in(session, guild, [paper]).get(paper, 0)


@pytest.fixture
def known(app: App) -> list[int]:
    import_files(app, [write_papers(app, papers(2))])
    with app.store.reading() as session:
        return list(session.connection().exec_driver_sql("select id from paper order by id").scalars())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 1)), max_size=10))
def test_a_second_click_takes_a_vote_back_and_servers_know_nothing_of_each_other(
    app: App, known: list[int], clicks: list[tuple[int, int, int]]
):
    with app.store.writing() as session:
        for person in (1, 2, 3):
            votes.forget_votes_of(session, person, app.clock())
    given_now = Counter[tuple[int, int, int]]()
    for person, guild, place in clicks:
        given_now[person, guild, place] ^= 1
        voted = vote(app, guild, known[place], person)
        assert voted is not None
        assert voted.is_given == bool(given_now[person, guild, place])
        assert voted.votes == sum(given_now[one, guild, place] for one in (1, 2, 3))
    for guild in (1, 2):
        for place in (0, 1):
            assert count(app, known[place], guild) == sum(given_now[one, guild, place] for one in (1, 2, 3))


async def test_a_thousand_votes_in_a_minute_on_fifty_messages_need_a_hundred_edits(office: Office):
    for channel in range(1, 11):
        office.subscribe(channel)
    ids = office.bring(papers(5))
    await office.settle()
    cards = [message for channel in range(1, 11) for message in office.discord.visible(channel)]
    assert len(cards) == 50
    assert all(shown(card) == ["👍"] for card in cards)

    draw = random.Random(7)
    given_by = [(person, paper) for person in PEOPLE for paper in ids]
    draw.shuffle(given_by)
    editor = Editor(office.app, office.lease, compose)
    for start in range(0, len(given_by), 50):
        with office.app.store.writing() as session:  # as one after the other, and quicker
            for person, paper in given_by[start : start + 50]:
                votes.toggle_vote(session, GUILD, paper, person, office.clock())
                office.clock.move(seconds=60 / len(given_by))
        assert office.lease.take()
        editor.plan_edits()
        await office.dispatcher.deliver()
    await show_votes(office)

    cards = [message for channel in range(1, 11) for message in office.discord.visible(channel)]
    assert [shown(card) for card in cards] == [["👍 200"]] * 50
    assert 50 <= sum(card["edits"] for card in cards) <= 100
    assert office.scalar("select count(*) from vote_change") == 0


async def test_votes_of_one_server_show_there_alone_and_in_all_its_channels(office: Office):
    office.subscribe(1)
    office.subscribe(2)
    office.subscribe(3, guild_id=78)
    (paper,) = office.bring(papers(1))
    vote(office.app, GUILD, paper, 5)
    await office.settle()
    vote(office.app, GUILD, paper, 6)
    await show_votes(office)

    assert [shown(office.discord.visible(channel)[0]) for channel in (1, 2, 3)] == [
        ["👍 2"],
        ["👍 2"],
        ["👍"],
    ]
    assert office.discord.visible(3)[0]["edits"] == 0


async def test_cards_older_than_an_hour_are_edited_sparingly_the_newest_first(office: Office):
    office.subscribe(1)
    ids: list[int] = []
    for _ in range(3):
        ids += office.bring(papers(1))
        await office.settle()
    office.clock.move(hours=2)
    for paper in ids:
        vote(office.app, GUILD, paper, 5)
    office.clock.move(seconds=40)
    order: list[int] = []
    edited_at: list[float] = []
    editor = Editor(office.app, office.lease, compose)
    for _ in range(20):
        assert office.lease.take()
        editor.plan_edits()
        await office.dispatcher.deliver()
        edited = [place for place, card in enumerate(office.discord.visible(1)) if card["edits"]]
        edited_at += [office.clock.timestamp() for place in edited if place not in order]
        order += [place for place in edited if place not in order]
        office.clock.move(seconds=2)
    assert order == [2, 1, 0]
    assert all(later - earlier >= 10 for earlier, later in pairwise(edited_at))
    assert [card["edits"] for card in office.discord.visible(1)] == [1, 1, 1]


async def test_a_card_shows_its_votes_and_what_changed_of_its_paper_together(office: Office):
    office.subscribe(1)
    records = papers(1)
    (paper,) = office.bring(records)
    await office.settle()
    vote(office.app, GUILD, paper, 5)
    await show_votes(office)
    office.bring([{**records[0], "score": 75.3}])
    await show_votes(office)
    (card,) = office.discord.visible(1)
    assert shown(card) == ["👍 1"]
    assert "score 75.3" in str(card["components"])
    assert card["edits"] == 2


async def test_a_paper_that_became_one_with_another_has_the_votes_of_both(app: App, office: Office):
    one, other = office.bring(papers(2))
    for person, paper in ((1, one), (2, one), (1, other), (3, other)):
        vote(app, GUILD, paper, person)
    merge_papers(app, one, other, reason="the same", made_by=9)
    living = next(paper for paper in (one, other) if office.scalar(f"select 1 from paper where id = {paper}"))
    assert count(app, living) == 3
    voted = vote(app, GUILD, one, 1)
    assert voted is not None
    assert (voted.paper_id, voted.votes) == (living, 2)


async def test_votes_rest_for_30_days_after_a_server_has_removed_the_bot(app: App, office: Office):
    (paper,) = office.bring(papers(1))
    vote(app, GUILD, paper, 1)
    vote(app, 78, paper, 1)
    look_after_reading(app, {GUILD})
    office.clock.move(days=29)
    look_after_reading(app, {GUILD, 78})
    look_after_reading(app, {GUILD})
    office.clock.move(days=29)
    look_after_reading(app, {GUILD})
    assert count(app, paper, 78) == 1
    office.clock.move(days=1)
    look_after_reading(app, {GUILD})
    assert (count(app, paper, 78), count(app, paper)) == (0, 1)
