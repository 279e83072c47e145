"""Checks of sources, page by page: a baseline, then what is new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app import App
from bot.sources.library import Library
from bot.sources.registry import check_soon, source_statuses
from bot.sources.scheduler import check_due_sources
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply
from tests.sources.checks import count, follow_and_check, news
from tests.sources.made_papers import World, revised

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def test_a_first_check_is_a_baseline_and_what_comes_later_is_news(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(250)
    follow_and_check(here, library)
    assert len(all_papers(here.store)) == 250
    assert news(here) == []
    (status,) = source_statuses(here)
    assert (status.is_new, status.arrived, status.error) == (False, 0, None)

    world.fill(3, first=300)
    day.move(hours=2)
    report = check_due_sources(here, library)
    assert (report.added, report.updated) == (3, 0)
    assert len(news(here)) == 3
    (status,) = source_statuses(here)
    assert (status.arrived, status.last_arrived, status.last_arrival_at) == (3, 3, day.now)


def test_a_check_that_finds_nothing_new_leaves_no_trace(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(30)
    follow_and_check(here, library)
    before = count(here, "revision"), count(here, "corpus_import")
    day.move(hours=2)
    report = check_due_sources(here, library)
    assert (report.pages, report.added, report.updated) == (1, 0, 0)
    assert (count(here, "revision"), count(here, "corpus_import")) == before


def test_nothing_is_checked_before_its_time(here: App, library: Library, world: World, server: Loopback):
    world.fill(3)
    follow_and_check(here, library)
    asked = len(server.seen)
    assert check_due_sources(here, library).pages == 0
    assert check_soon(here) == 1
    assert check_due_sources(here, library).pages == 1
    assert len(server.seen) == asked + 1


def test_a_check_overlaps_the_last_one_until_nothing_can_hide(
    here: App, library: Library, world: World, day: Clock, server: Loopback
):
    world.fill(900)
    follow_and_check(here, library)
    late = world.things.pop(250)
    world.fill(20, first=1000)
    world.things.insert(270, replace(late, number=2000))  # one that moderators held back
    server.seen.clear()
    day.move(hours=2)
    assert check_due_sources(here, library).added == 21
    assert 5 <= len(server.seen) <= 7


def test_what_did_not_change_is_not_read_again(
    here: App, library: Library, world: World, day: Clock, server: Loopback
):
    world.fill(3)
    world.spoil = lambda seen, reply: (
        Reply(status=304)
        if "if-none-match" in seen.headers
        else replace(reply, headers={"ETag": f'"{len(world.things)}"'})
    )
    follow_and_check(here, library)
    day.move(hours=2)
    report = check_due_sources(here, library)
    assert (report.errors, report.added) == ((), 0)
    assert server.seen[-1].headers["if-none-match"] == '"3"'
    (status,) = source_statuses(here)
    assert status.checked_at == day.now


def test_a_revision_updates_and_is_no_news(here: App, library: Library, world: World, day: Clock):
    world.fill(3)
    follow_and_check(here, library)
    world.things[1] = revised(world.things[1], title="Quite another title", doi="10.1000/x1")
    day.move(hours=2)
    report = check_due_sources(here, library)
    assert (report.added, report.updated) == (0, 1)
    assert news(here) == []
    assert {paper.doi for paper in all_papers(here.store)} == {None, "10.1000/x1"}


def test_one_paper_of_two_providers_is_one_paper_with_what_each_knows(
    here: App, library: Library, world: World
):
    world.fill(12)
    follow_and_check(here, library)
    follow_and_check(here, library, "openalex search", "matters")
    papers = all_papers(here.store)
    assert len(papers) == 12
    assert sorted(paper.citations or 0 for paper in papers) == list(range(1, 13))
    assert {paper.published for paper in papers} == {"2026-03-01"}
