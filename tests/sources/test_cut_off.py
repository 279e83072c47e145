"""Checks that were cut off, or had to begin anew: what they added does not hide what they did not reach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from bot.corpus.paper import PaperRecord
from bot.errors import ConfigurationError
from bot.ingest import importer
from bot.ingest.importer import import_records
from bot.sources import crawler
from bot.sources.crawler import check_page
from bot.sources.library import Library
from bot.sources.registry import pause_source, register_source, source_statuses
from bot.sources.scheduler import check_due_sources
from bot.store.sources import SourceRow, all_sources
from bot.store.subscriptions import newest_finished, newly_added
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Ticks
from tests.sources.made_papers import World, atom
from tests.sources.test_feed import feed

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def baseline(app: App, library: Library, world: World, day: Clock) -> None:
    world.fill(10)
    register_source(app, "arxiv category", "cs.LG")
    check_due_sources(app, library)
    day.move(hours=2)


def the_source(app: App) -> SourceRow:
    with app.store.reading() as session:
        (source,) = all_sources(session)
        return source


def arrived(app: App) -> int:
    (status,) = source_statuses(app)
    return status.arrived


def test_a_check_that_begins_anew_comes_further_than_the_first_time(
    here: App, library: Library, world: World, day: Clock, clock: Ticks
):
    baseline(here, library, world, day)
    world.fill(700, first=100)
    empty = Reply(atom([], 710, 400))
    world.spoil = lambda seen, reply: empty if "start=400" in seen.target else reply
    for _ in range(3):
        (error,) = check_due_sources(here, library).errors
        assert "0 of 100 promised entries" in error
        day.move(hours=1)
        clock.now += 3600
    assert len(all_papers(here.store)) == 410

    world.spoil = lambda _seen, reply: reply
    assert check_due_sources(here, library).errors == ()
    assert len(all_papers(here.store)) == 710
    assert arrived(here) == 700


def test_a_page_and_the_place_in_the_check_are_written_together(
    here: App, library: Library, world: World, day: Clock, monkeypatch: pytest.MonkeyPatch
):
    baseline(here, library, world, day)
    world.fill(450, first=100)

    def fail(*_arguments: object, **_values: object) -> None:
        raise ConfigurationError("no room")

    ended = False
    while not ended:
        before = len(all_papers(here.store))
        with monkeypatch.context() as patched:
            patched.setattr(crawler, "change_source", fail)
            with pytest.raises(ConfigurationError):
                check_page(here, library, the_source(here))
        assert len(all_papers(here.store)) == before
        ended = check_page(here, library, the_source(here)).ended
    assert len(all_papers(here.store)) == 460
    assert arrived(here) == 450
    with here.store.reading() as session:
        assert len(newly_added(session, 0, newest_finished(session))) == 450


class Killed(BaseException):
    """What the end of the process looks like from inside."""


def test_papers_of_a_killed_check_are_new_when_the_source_shows_them_no_longer(
    here: App, library: Library, server: Loopback, day: Clock, monkeypatch: pytest.MonkeyPatch
):
    write, batches = importer.write_batch, [True, False]

    def write_one(*arguments: Any, **options: Any) -> bool:
        if not batches.pop(0):
            raise Killed
        return write(*arguments, **options)

    register_source(here, "arxiv feed", "cs.LG")
    server.replies.append(feed(1))
    check_due_sources(here, library)
    with here.store.reading() as session:
        before = newest_finished(session)
    day.move(hours=24)
    server.replies += [feed(2, 3, 4), feed(5)]
    with monkeypatch.context() as patched:
        patched.setattr(importer, "ENTRIES_AT_ONCE", 2)
        patched.setattr(importer, "write_batch", write_one)
        with pytest.raises(Killed):
            check_page(here, library, the_source(here))
    assert len(all_papers(here.store)) == 3

    day.move(hours=24)
    assert check_due_sources(here, library).added == 3
    assert arrived(here) == 3
    with here.store.reading() as session:
        assert len(newly_added(session, before, newest_finished(session))) == 3


def test_papers_that_another_source_brought_first_do_not_end_a_check(
    here: App, library: Library, world: World, day: Clock
):
    baseline(here, library, world, day)
    world.fill(450, first=100)
    (arxiv,) = source_statuses(here)
    pause_source(here, arxiv.id, paused=True)
    register_source(here, "openalex search", "matters")
    assert check_due_sources(here, library).added == 450
    pause_source(here, arxiv.id, paused=False)
    assert check_due_sources(here, library).updated == 450
    assert len(all_papers(here.store)) == 460


def test_a_record_that_is_left_out_each_time_does_not_make_checks_longer(
    here: App, library: Library, world: World, day: Clock, server: Loopback
):
    world.fill(1_000)
    world.things[40] = replace(world.things[40], doi="10.1000/other")
    with_wrong_doi = PaperRecord(
        source="crossref",
        source_id="10.1000/one",
        source_key="10.1000/one",
        title="Of another matter",
        arxiv_id=world.things[40].arxiv_id,
        doi="10.1000/one",
    )
    import_records(here, "a file", [with_wrong_doi], newly_added=False)
    register_source(here, "arxiv category", "cs.LG")
    check_due_sources(here, library)
    assert len(all_papers(here.store)) == 1_000
    server.seen.clear()
    day.move(hours=2)
    assert check_due_sources(here, library).errors == ()
    assert len(server.seen) == 3
