"""Rounds of checks: sources take turns, one process at a time asks a provider, none holds back another."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from bot.app import App
from bot.fetch.politeness import Host
from bot.lease import Lease
from bot.sources.crawler import StepReport
from bot.sources.library import Library
from bot.sources.providers import table
from bot.sources.providers.table import PROVIDERS, kind_named
from bot.sources.registry import pause_source, register_source, remove_source, source_statuses
from bot.sources.scheduler import SourceWorkers, check_due_sources
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen, Ticks, fetcher_for
from tests.sources.checks import follow_and_check
from tests.sources.made_papers import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def test_a_source_that_fails_holds_back_no_other(here: App, library: Library, world: World):
    world.fill(20)
    for value in ("cs.AA", "cs.BB", "cs.CC"):
        register_source(here, "arxiv category", value)
    register_source(here, "openalex search", "graphs")
    world.spoil = lambda seen, reply: Reply(status=500) if "cs.BB" in seen.target else reply
    report = check_due_sources(here, library)
    assert [error.partition(":")[0] for error in report.errors] == ["arxiv category cs.BB"]
    assert {one.value for one in source_statuses(here) if one.checked_at} == {"cs.AA", "cs.CC", "graphs"}
    assert len(all_papers(here.store)) == 20


@pytest.fixture
def feeds(server: Loopback, clock: Ticks, monkeypatch: pytest.MonkeyPatch) -> tuple[Library, str, str]:
    """Return the library, and the addresses of two feeds: at a host that answers slowly, and at another."""
    monkeypatch.setitem(table.KINDS, "feed", replace(kind_named("feed"), normalise=str))  # type: ignore[arg-type]
    port = server.netloc.rpartition(":")[2]
    hosts = {f"{name}:{port}": Host(0.0, scheme="http") for name in ("slow.example.org", "fast.example.org")}
    fetcher = fetcher_for(server, clock, hosts=hosts, resolve=lambda *_: ["127.0.0.1"])
    slow, fast = (f"http://{netloc}/toc.rss" for netloc in hosts)
    return Library(fetcher, dict.fromkeys(PROVIDERS, server.url)), slow, fast


def test_a_feed_that_hangs_delays_no_other_host(
    here: App, server: Loopback, feeds: tuple[Library, str, str], day: Clock
):
    library, slow, fast = feeds
    others_done = threading.Event()
    empty = Reply(b'<rss version="2.0"><channel><title>J</title></channel></rss>')

    def answer(seen: Seen) -> Reply:
        if seen.headers["host"].startswith("slow"):
            return empty if others_done.wait(20) else Reply(status=410)
        return empty

    server.answer = answer
    for address in (slow, fast):
        register_source(here, "feed", address)

    def report(step: StepReport) -> None:
        if "fast" in step.source:
            others_done.set()

    assert check_due_sources(here, library, report=report).errors == ()

    others_done.clear()
    day.move(hours=2)
    workers = SourceWorkers(here, library)
    workers.wake()
    (fast_thread,) = [thread for lane, thread in [*workers._threads.items()] if lane.host.startswith("fast")]
    fast_thread.join(20)
    day.move(hours=2)
    workers.wake()  # the other host still hangs
    for thread in [thread for lane, thread in [*workers._threads.items()] if lane.host.startswith("fast")]:
        thread.join(20)
    by_address = {one.value: one.checked_at for one in source_statuses(here)}
    others_done.set()
    workers.close(20)
    assert by_address[fast] == day.now
    assert by_address[slow] == day.now - dt.timedelta(hours=4)


def test_a_source_without_end_takes_turns_with_the_others(here: App, library: Library, world: World):
    world.fill(450)
    for value in ("cs.AA", "cs.BB"):
        register_source(here, "arxiv category", value)
    order: list[str] = []
    check_due_sources(here, library, report=lambda step: order.append(step.source[-2:]))
    assert order == ["AA", "BB"] * 5


def test_two_processes_never_check_one_provider_at_once(here: App, library: Library, world: World):
    world.fill(3)
    register_source(here, "arxiv category", "cs.LG")
    with Lease(here, "sources arXiv") as other:
        assert other.is_held
        report = check_due_sources(here, library)
        assert (report.pages, report.held_elsewhere) == (0, ("arXiv",))
    assert check_due_sources(here, library).added == 3


def test_a_lease_whose_holder_died_is_taken_over(here: App, library: Library, world: World, day: Clock):
    from bot.store.leases import take_lease

    world.fill(3)
    register_source(here, "arxiv category", "cs.LG")
    with here.store.writing() as session:
        assert take_lease(session, "sources arXiv", "elsewhere:1:x", day.now, day.now.replace(minute=1))
    assert check_due_sources(here, library).pages == 0
    day.move(minutes=2)
    assert check_due_sources(here, library).added == 3


def test_a_worker_whose_lease_was_not_renewed_asks_for_no_further_page(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(450)
    register_source(here, "arxiv category", "cs.LG")
    report = check_due_sources(here, library, report=lambda _step: day.move(minutes=2))
    assert report.pages == 1


def test_paused_and_removed_sources_are_not_asked_and_their_papers_stay(
    here: App, library: Library, world: World, day: Clock, server: Loopback
):
    world.fill(3)
    follow_and_check(here, library)
    (status,) = source_statuses(here)
    assert pause_source(here, status.id, paused=True).next_check_at is None
    day.move(days=2)
    asked = len(server.seen)
    assert check_due_sources(here, library).pages == 0
    pause_source(here, status.id, paused=False)
    assert check_due_sources(here, library).pages == 1
    remove_source(here, status.id)
    day.move(days=2)
    assert check_due_sources(here, library).pages == 0
    assert len(server.seen) == asked + 1
    assert len(all_papers(here.store)) == 3


def test_workers_check_in_the_background_and_end(here: App, library: Library, world: World):
    world.fill(3)
    register_source(here, "arxiv category", "cs.LG")
    workers = SourceWorkers(here, library)
    workers.wake()
    workers.wake()
    for thread in [*workers._threads.values()]:
        thread.join(10)
    workers.close()
    assert len(all_papers(here.store)) == 3


def test_the_pace_of_arxiv_holds_over_all_its_sources(
    here: App, server: Loopback, clock: Ticks, world: World
):
    world.fill(150)
    library = Library(fetcher_for(server, clock, seconds_between=3.0), dict.fromkeys(PROVIDERS, server.url))
    for value in ("cs.AA", "cs.BB"):
        register_source(here, "arxiv category", value)
    check_due_sources(here, library)
    assert clock.slept == [3.0] * 3
