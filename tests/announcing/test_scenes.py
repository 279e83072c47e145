"""The scenes that a demanding group plays with announcements, one test each."""

from __future__ import annotations

from bot.services.announcing.results import Filters
from tests.announcing.office import Office, papers


async def test_scene_3_two_papers_of_one_title_are_two_and_one_written_differently_is_one(office: Office):
    office.bring(papers(1))
    office.subscribe(1)
    one, other = papers(2, title="On Gossip", authors=["Ada One"]), papers(1, title="On Gossip", authors=["Bo Two"])

    ids = office.bring([one[0], *other])
    await office.round()
    again = {**one[0], "title": "On  gossip!", "authors": ["Ada One", "Cy Three"]}
    office.bring([again])
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_scene_4_a_first_subscription_posts_nothing_of_what_is_known(office: Office):
    office.bring(papers(30))

    office.subscribe(1)
    await office.settle()

    assert office.discord.visible(1) == []


async def test_scene_5_sixty_papers_of_three_days_arrive_grouped(office: Office):
    office.bring(papers(1))
    office.subscribe(1, Filters(query="decentralized"))
    ids = [paper for _ in range(3) for paper in office.bring(papers(20))]
    office.clock.move(days=3)

    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert len(office.discord.visible(1)) == 6
