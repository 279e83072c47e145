"""Providers on loopback that fail in every way: a check loses nothing, and goes on where it stopped."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app import App
from bot.sources.library import Library
from bot.sources.registry import register_source, source_statuses
from bot.sources.scheduler import check_due_sources
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Ticks
from tests.sources.checks import follow_and_check, news
from tests.sources.made_papers import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

BOMB = b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>'


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
    here: App, library: Library, world: World, day: Clock, fault: str
):
    world.fill(230)
    register_source(here, "arxiv category", "cs.LG")
    world.faults = [lambda reply: reply, FAULTS[fault]]
    report = check_due_sources(here, library)
    if fault in FINAL:
        (error,) = report.errors
        assert "arxiv category cs.LG" in error
        day.move(minutes=3)
        assert check_due_sources(here, library).errors == ()
    else:
        assert report.errors == ()
    assert len(all_papers(here.store)) == 230
    assert news(here) == []


@pytest.mark.parametrize("fault", sorted(set(FAULTS)))
def test_a_fault_that_lasts_is_said_and_the_check_goes_on_where_it_stopped(
    here: App, library: Library, world: World, day: Clock, clock: Ticks, server: Loopback, fault: str
):
    world.fill(230)
    register_source(here, "arxiv category", "cs.LG")
    world.spoil = lambda seen, reply: FAULTS[fault](reply) if "start=100" in seen.target else reply
    assert len(check_due_sources(here, library).errors) == 1
    (status,) = source_statuses(here)
    assert status.error
    assert status.is_new
    assert status.checking
    assert len(all_papers(here.store)) == 100

    world.spoil = lambda _seen, reply: reply
    server.seen.clear()
    day.move(hours=1)
    clock.now += 3600
    assert check_due_sources(here, library).errors == ()
    assert "start=100" in server.seen[0].target
    assert len(all_papers(here.store)) == 230
    (status,) = source_statuses(here)
    assert (status.error, status.is_new) == (None, False)


def test_an_empty_answer_is_never_nothing_new(here: App, library: Library, world: World, day: Clock):
    world.fill(30)
    follow_and_check(here, library)
    kept, world.things = world.things, []
    day.move(hours=2)
    (error,) = check_due_sources(here, library).errors
    assert "where 30 entries were before" in error
    (status,) = source_statuses(here)
    assert status.error is not None
    assert status.checked_at is not None
    assert status.checked_at < day.now
    world.things = kept
    world.fill(1, first=100)
    day.move(hours=1)
    assert check_due_sources(here, library).added == 1


def test_a_source_that_is_empty_from_the_start_is_believed_in_the_end(
    here: App, library: Library, world: World, day: Clock
):
    register_source(here, "arxiv search", "all:unheard")
    for _ in range(3):
        assert check_due_sources(here, library).errors
        day.move(hours=1)
    assert check_due_sources(here, library).errors == ()
    (status,) = source_statuses(here)
    assert not status.is_new
    world.fill(1)
    day.move(hours=2)
    assert check_due_sources(here, library).added == 1
    assert len(news(here)) == 1
