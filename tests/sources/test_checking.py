"""Checks of sources, page by page, against providers on loopback that fail in every way."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.services.desk import Desk
from bot.services.sources.following import (
    check_soon,
    follow_source,
    pause_source,
    remove_source,
    source_statuses,
    take_silences,
)
from bot.services.sources.lease import WorkLease
from bot.services.sources.providers import Library
from bot.services.sources.rounds import SourceWorkers, check_due_sources
from bot.store.subscriptions import newest_finished, newly_added
from tests.corpora import all_papers
from tests.fetching.loopback import Clock, Loopback, Reply
from tests.sources.conftest import Day
from tests.sources.worlds import World, revised

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

BOMB = b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>'


def news(desk: Desk, after: int = 0) -> list[int]:
    """Return the papers that became newly added after a revision."""
    with desk.store.reading() as session:
        return [row.id for row in newly_added(session, after, newest_finished(session))]


def count(desk: Desk, table: str) -> int:
    with desk.store.reading() as session:
        return session.connection().execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()


def follow_and_check(
    desk: Desk, library: Library, kind: str = "arxiv category", value: str = "cs.LG"
) -> None:
    follow_source(desk, kind, value)
    report = check_due_sources(desk, library)
    assert report.errors == ()


def test_a_first_check_is_a_baseline_and_what_comes_later_is_news(
    here: Desk, library: Library, world: World, day: Day
):
    world.fill(250)
    follow_and_check(here, library)
    assert len(all_papers(here.store)) == 250
    assert news(here) == []
    (status,) = source_statuses(here)
    assert (status.is_new, status.arrived, status.error) == (False, 0, None)

    world.fill(3, first=300)
    day.pass_(hours=2)
    report = check_due_sources(here, library)
    assert (report.added, report.updated) == (3, 0)
    assert len(news(here)) == 3
    (status,) = source_statuses(here)
    assert (status.arrived, status.last_arrived, status.last_arrival_at) == (3, 3, day.now)


def test_a_check_that_finds_nothing_new_leaves_no_trace(here: Desk, library: Library, world: World, day: Day):
    world.fill(30)
    follow_and_check(here, library)
    before = count(here, "revision"), count(here, "corpus_import")
    day.pass_(hours=2)
    report = check_due_sources(here, library)
    assert (report.pages, report.added, report.updated) == (1, 0, 0)
    assert (count(here, "revision"), count(here, "corpus_import")) == before


def test_nothing_is_checked_before_its_time(here: Desk, library: Library, world: World, server: Loopback):
    world.fill(3)
    follow_and_check(here, library)
    asked = len(server.seen)
    assert check_due_sources(here, library).pages == 0
    assert check_soon(here) == 1
    assert check_due_sources(here, library).pages == 1
    assert len(server.seen) == asked + 1


def test_a_check_overlaps_the_last_one_until_nothing_can_hide(
    here: Desk, library: Library, world: World, day: Day, server: Loopback
):
    world.fill(900)
    follow_and_check(here, library)
    late = world.things.pop(250)
    world.fill(20, first=1000)
    world.things.insert(270, replace(late, number=2000))  # one that moderators held back
    server.seen.clear()
    day.pass_(hours=2)
    assert check_due_sources(here, library).added == 21
    assert 5 <= len(server.seen) <= 7


def empty_page(reply: Reply) -> Reply:
    head, _, rest = reply.body.partition(b"<entry>")
    return replace(reply, body=head + b"</feed>") if rest else reply


def short_page(reply: Reply) -> Reply:
    entries = reply.body.split(b"<entry>")
    return replace(reply, body=b"<entry>".join(entries[:-3]) + b"</feed>")


FAULTS: dict[str, Callable[[Reply], Reply]] = {
    "429": lambda _: Reply(status=429),
    "429 with Retry-After": lambda _: Reply(status=429, headers={"Retry-After": "20"}),
    "503": lambda _: Reply(status=503),
    "reset": lambda _: Reply(fault="reset"),
    "cut body": lambda reply: replace(reply, fault="cut"),
    "truncated XML": lambda reply: Reply(reply.body[:-500]),
    "empty page": empty_page,
    "short page": short_page,
    "HTML": lambda _: Reply(b"<html><body>Rate exceeded</body></html>"),
    "entity bomb": lambda _: Reply(BOMB),
    "nothing": lambda _: Reply(b""),
    "gzip that is none": lambda _: Reply(b"x", headers={"Content-Encoding": "gzip"}),
    "gzip bomb": lambda _: Reply(gzip.compress(b"\0" * 3 * 2**20), headers={"Content-Encoding": "gzip"}),
    "redirect to another host": lambda _: Reply(status=302, headers={"Location": "https://evil.example/"}),
}
FINAL = {"redirect to another host", "gzip bomb"}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_in_the_middle_of_a_check_costs_nothing(
    here: Desk, library: Library, world: World, day: Day, fault: str
):
    world.fill(230)
    follow_source(here, "arxiv category", "cs.LG")
    world.faults = [lambda reply: reply, FAULTS[fault]]
    report = check_due_sources(here, library)
    if fault in FINAL:
        (error,) = report.errors
        assert "arxiv category cs.LG" in error
        day.pass_(minutes=3)
        assert check_due_sources(here, library).errors == ()
    else:
        assert report.errors == ()
    assert len(all_papers(here.store)) == 230
    assert news(here) == []


@pytest.mark.parametrize("fault", sorted(set(FAULTS)))
def test_a_fault_that_lasts_is_said_and_the_check_goes_on_where_it_stopped(
    here: Desk, library: Library, world: World, day: Day, clock: Clock, server: Loopback, fault: str
):
    world.fill(230)
    follow_source(here, "arxiv category", "cs.LG")
    world.spoil = lambda seen, reply: FAULTS[fault](reply) if "start=100" in seen.target else reply
    assert len(check_due_sources(here, library).errors) == 1
    (status,) = source_statuses(here)
    assert status.error
    assert status.is_new
    assert status.checking
    assert len(all_papers(here.store)) == 100

    world.spoil = lambda _seen, reply: reply
    server.seen.clear()
    day.pass_(hours=1)
    clock.now += 3600
    assert check_due_sources(here, library).errors == ()
    assert "start=100" in server.seen[0].target
    assert len(all_papers(here.store)) == 230
    (status,) = source_statuses(here)
    assert (status.error, status.is_new) == (None, False)


def test_an_empty_answer_is_never_nothing_new(here: Desk, library: Library, world: World, day: Day):
    world.fill(30)
    follow_and_check(here, library)
    kept, world.things = world.things, []
    day.pass_(hours=2)
    (error,) = check_due_sources(here, library).errors
    assert "where 30 entries were before" in error
    (status,) = source_statuses(here)
    assert status.error is not None
    assert status.checked_at is not None
    assert status.checked_at < day.now
    world.things = kept
    world.fill(1, first=100)
    day.pass_(hours=1)
    assert check_due_sources(here, library).added == 1


def test_a_source_that_is_empty_from_the_start_is_believed_in_the_end(
    here: Desk, library: Library, world: World, day: Day
):
    follow_source(here, "arxiv search", "all:unheard")
    for _ in range(3):
        assert check_due_sources(here, library).errors
        day.pass_(hours=1)
    assert check_due_sources(here, library).errors == ()
    (status,) = source_statuses(here)
    assert not status.is_new
    world.fill(1)
    day.pass_(hours=2)
    assert check_due_sources(here, library).added == 1
    assert len(news(here)) == 1


def test_a_source_that_fails_holds_back_no_other(here: Desk, library: Library, world: World):
    world.fill(20)
    for value in ("cs.AA", "cs.BB", "cs.CC"):
        follow_source(here, "arxiv category", value)
    follow_source(here, "openalex search", "graphs")
    world.spoil = lambda seen, reply: Reply(status=500) if "cs.BB" in seen.target else reply
    report = check_due_sources(here, library)
    assert [error.partition(":")[0] for error in report.errors] == ["arxiv category cs.BB"]
    assert {one.value for one in source_statuses(here) if one.checked_at} == {"cs.AA", "cs.CC", "graphs"}
    assert len(all_papers(here.store)) == 20


def test_a_source_without_end_takes_turns_with_the_others(here: Desk, library: Library, world: World):
    world.fill(450)
    for value in ("cs.AA", "cs.BB"):
        follow_source(here, "arxiv category", value)
    order: list[str] = []
    check_due_sources(here, library, told=lambda step: order.append(step.source[-2:]))
    assert order == ["AA", "BB"] * 5


def test_two_processes_never_check_one_provider_at_once(here: Desk, library: Library, world: World):
    world.fill(3)
    follow_source(here, "arxiv category", "cs.LG")
    with WorkLease(here, "sources arXiv") as other:
        assert other.is_held
        report = check_due_sources(here, library)
        assert (report.pages, report.held_elsewhere) == (0, ("arXiv",))
    assert check_due_sources(here, library).added == 3


def test_a_lease_whose_holder_died_is_taken_over(here: Desk, library: Library, world: World, day: Day):
    from bot.store.leases import take_lease

    world.fill(3)
    follow_source(here, "arxiv category", "cs.LG")
    with here.store.writing() as session:
        assert take_lease(session, "sources arXiv", "elsewhere:1:x", day.now, day.now.replace(minute=1))
    assert check_due_sources(here, library).pages == 0
    day.pass_(minutes=2)
    assert check_due_sources(here, library).added == 3


def test_what_did_not_change_is_not_read_again(
    here: Desk, library: Library, world: World, day: Day, server: Loopback
):
    world.fill(3)
    world.spoil = lambda seen, reply: (
        Reply(status=304)
        if "if-none-match" in seen.headers
        else replace(reply, headers={"ETag": f'"{len(world.things)}"'})
    )
    follow_and_check(here, library)
    day.pass_(hours=2)
    report = check_due_sources(here, library)
    assert (report.errors, report.added) == ((), 0)
    assert server.seen[-1].headers["if-none-match"] == '"3"'
    (status,) = source_statuses(here)
    assert status.checked_at == day.now


def test_paused_and_removed_sources_are_not_asked_and_their_papers_stay(
    here: Desk, library: Library, world: World, day: Day, server: Loopback
):
    world.fill(3)
    follow_and_check(here, library)
    (status,) = source_statuses(here)
    assert pause_source(here, status.id, paused=True).next_check_at is None
    day.pass_(days=2)
    asked = len(server.seen)
    assert check_due_sources(here, library).pages == 0
    pause_source(here, status.id, paused=False)
    assert check_due_sources(here, library).pages == 1
    remove_source(here, status.id)
    day.pass_(days=2)
    assert check_due_sources(here, library).pages == 0
    assert len(server.seen) == asked + 1
    assert len(all_papers(here.store)) == 3


def test_silence_beyond_the_habit_is_told_once(here: Desk, library: Library, world: World, day: Day):
    world.fill(5)
    follow_and_check(here, library)
    for number in range(6):
        day.pass_(days=1)
        world.fill(1, first=100 + number)
        check_due_sources(here, library)
    assert take_silences(here) == ()
    day.pass_(days=4)
    check_due_sources(here, library)
    assert take_silences(here) == ()
    day.pass_(days=2)
    (silent,) = take_silences(here)
    assert silent.silent_for is not None
    assert silent.silent_for.days == 6
    assert take_silences(here) == ()
    world.fill(1, first=200)
    check_soon(here)
    check_due_sources(here, library)
    (status,) = source_statuses(here)
    assert status.silent_for is None


def test_a_revision_updates_and_is_no_news(here: Desk, library: Library, world: World, day: Day):
    world.fill(3)
    follow_and_check(here, library)
    world.things[1] = revised(world.things[1], title="Quite another title", doi="10.1000/x1")
    day.pass_(hours=2)
    report = check_due_sources(here, library)
    assert (report.added, report.updated) == (0, 1)
    assert news(here) == []
    assert {paper.doi for paper in all_papers(here.store)} == {None, "10.1000/x1"}


def test_one_paper_of_two_providers_is_one_paper_with_what_each_knows(
    here: Desk, library: Library, world: World
):
    world.fill(12)
    follow_and_check(here, library)
    follow_and_check(here, library, "openalex search", "matters")
    papers = all_papers(here.store)
    assert len(papers) == 12
    assert sorted(paper.citations or 0 for paper in papers) == list(range(1, 13))
    assert {paper.published for paper in papers} == {"2026-03-01"}


def test_workers_check_in_the_background_and_end(here: Desk, library: Library, world: World):
    world.fill(3)
    follow_source(here, "arxiv category", "cs.LG")
    workers = SourceWorkers(here, library)
    workers.wake()
    workers.wake()
    for thread in workers._threads.values():
        thread.join(10)
    workers.close()
    assert len(all_papers(here.store)) == 3


def test_the_pace_of_arxiv_holds_over_all_its_sources(
    here: Desk, server: Loopback, clock: Clock, world: World
):
    from bot.services.sources.providers import Provider
    from tests.fetching.loopback import fetcher_for

    world.fill(150)
    library = Library(fetcher_for(server, clock, seconds_between=3.0), dict.fromkeys(Provider, server.url))
    for value in ("cs.AA", "cs.BB"):
        follow_source(here, "arxiv category", value)
    check_due_sources(here, library)
    assert clock.slept == [3.0] * 3
