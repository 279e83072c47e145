"""Sweeps through whole sources: what appears deep under an old date is found, what was there is no news."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from bot.app import App
from bot.errors import ConfigurationError
from bot.search.tantivy.index import SearchIndex
from bot.sources import crawler, sweeper
from bot.sources.crawler import StepReport
from bot.sources.library import Library
from bot.sources.providers import arxiv, openalex, semantic_scholar, table, zotero
from bot.sources.providers.kinds import LONGEST_SWEEP_PAUSE, SWEEP_DURATION
from bot.sources.providers.table import KINDS
from bot.sources.registry import register_source, remove_source, source_statuses
from bot.sources.scheduler import check_due_sources
from bot.sources.sweeper import sweep_page
from bot.store.sources import SourceRow, all_sources, change_source
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen, Ticks
from tests.sources.checks import count, follow_and_check, news
from tests.sources.made_papers import World, revised

FOLLOWED = [("arxiv category", "cs.LG"), ("openalex search", "matters")]
FIRST, PAGE = 30, 10
REAL_KINDS = dict(KINDS)
each = pytest.mark.parametrize(("kind", "value"), FOLLOWED)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Return SQLite, where a test does not name another database."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages be short: a small world is deeper than what a first check reads. Nobody searches in it."""
    monkeypatch.setattr(SearchIndex, "catch_up", lambda *_: 0)
    monkeypatch.setattr(crawler, "BASELINE_ENTRIES", FIRST)
    monkeypatch.setattr(crawler, "OVERLAP", 2 * PAGE)
    monkeypatch.setattr(sweeper, "AGAIN", PAGE // 10)
    for file in (arxiv, openalex, zotero):
        monkeypatch.setattr(file, "PAGE", PAGE)
    monkeypatch.setattr(semantic_scholar, "PAGE", 5 * PAGE)
    for name, kind in REAL_KINDS.items():
        if kind.page_size is not None:
            monkeypatch.setitem(table.KINDS, name, replace(kind, page_size=PAGE))


def the_source(app: App) -> SourceRow:
    with app.store.reading() as session:
        (source,) = all_sources(session)
        return source


def pass_days(app: App, library: Library, day: Clock, clock: Ticks, days: float) -> list[str]:
    """Let time pass, four rounds a day, and return what was said to be wrong."""
    errors: list[str] = []
    for _ in range(int(days * 4)):
        day.move(hours=6)
        clock.now += 6 * 3600
        errors += check_due_sources(app, library).errors
    return errors


def appear(world: World, place: int, number: int) -> None:
    """Let a paper appear among old ones."""
    world.things.insert(place, replace(world.things[place], number=number))


@pytest.mark.parametrize(
    ("backend", "kind", "value"),
    [
        ("sqlite", "openalex search", "matters"),
        ("sqlite", "zotero group", "77"),
        ("postgresql", "zotero group", "77"),
    ],
    indirect=["backend"],
)
def test_what_is_indexed_late_under_an_old_date_is_news_wherever_it_stands(
    here: App, library: Library, world: World, day: Clock, clock: Ticks, kind: str, value: str
):
    world.fill(50)
    follow_and_check(here, library, kind, value)
    assert pass_days(here, library, day, clock, 1.5) == []
    assert len(all_papers(here.store)) == FIRST  # what was there before is noted, not brought
    assert news(here) == []

    for place, number in ((50, 3_003), (42, 3_002), (25, 3_001)):
        appear(world, min(place, len(world.things) - 1), number)
    assert pass_days(here, library, day, clock, 1.5) == []
    assert len(news(here)) == 3
    assert len(all_papers(here.store)) == FIRST + 3
    (status,) = source_statuses(here)
    assert status.arrived == 3

    assert pass_days(here, library, day, clock, 1.5) == []
    assert len(news(here)) == 3


@each
def test_during_the_first_sweep_late_entries_are_told_from_those_that_were_always_there(
    here: App, library: Library, world: World, day: Clock, clock: Ticks, kind: str, value: str
):
    world.fill(40)
    follow_and_check(here, library, kind, value)
    for number in range(8):
        world.fill(2, first=2_000 + 2 * number)
        if number == 2:
            # Both stand above the oldest entry that the first check read, new ones push them down meanwhile.
            appear(world, 33, 3_001)
            appear(world, 26, 3_002)
        assert pass_days(here, library, day, clock, 0.25) == []
    assert len(news(here)) == 8 * 2 + 2
    assert len(all_papers(here.store)) == FIRST + 8 * 2 + 2
    assert the_source(here).depth is None


@each
def test_what_a_source_takes_away_makes_nothing_old_news(
    here: App, library: Library, world: World, day: Clock, clock: Ticks, kind: str, value: str
):
    world.fill(50)
    follow_and_check(here, library, kind, value)
    for place in (28, 20, 12, 2):
        del world.things[place]
    appear(world, 22, 3_001)
    assert pass_days(here, library, day, clock, 1.5) == []
    assert len(news(here)) == 1
    assert len(all_papers(here.store)) == FIRST + 1
    assert the_source(here).depth is None


@each
def test_a_sweep_reads_a_page_at_a_time_and_only_after_the_checks(
    here: App, library: Library, world: World, day: Clock, server: Loopback, kind: str, value: str
):
    world.fill(50)
    follow_and_check(here, library, kind, value)
    follow_and_check(here, library, kind, f"{value}x")
    server.seen.clear()
    day.move(hours=7)
    order: list[str] = []
    check_due_sources(here, library, report=lambda step: order.append(step.source))
    assert len(order) == 6  # two pages end each check; then one page of each sweep
    assert {order[-1], order[-2]} == {f"{kind} {value}", f"{kind} {value}x"}
    assert len(server.seen) == 6
    assert check_due_sources(here, library).pages == 0


def test_rounds_that_are_cut_short_sweep_each_source_in_its_turn(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(100)
    for kind, value in (("arxiv category", "cs.LG"), ("arxiv search", "all:matters")):
        register_source(here, kind, value)
    check_due_sources(here, library)
    with here.store.writing() as session:
        for source in all_sources(session):
            change_source(session, source.id, next_check_at=day() + dt.timedelta(days=30))
    swept: list[str] = []
    for _ in range(4):
        day.move(hours=12)
        stop = threading.Event()

        def first_step(step: StepReport, stop: threading.Event = stop) -> None:
            swept.append(step.source)
            stop.set()

        check_due_sources(here, library, stop=stop, report=first_step)
    assert swept == ["arxiv category cs.LG", "arxiv search all:matters"] * 2


def test_the_pages_of_a_large_source_are_spread_over_a_week():
    category = REAL_KINDS["arxiv category"]
    assert category.sweep_pause(300_000) * 300 == SWEEP_DURATION
    assert category.sweep_pause(10_000) * 100 == SWEEP_DURATION
    assert category.sweep_pause(500) == LONGEST_SWEEP_PAUSE


def test_checks_and_sweeps_of_three_searches_stay_within_what_openalex_gives_away():
    search = REAL_KINDS["openalex search"]
    day = dt.timedelta(days=1)
    swept = max(day / search.sweep_pause(total) for total in (None, 500, 5_000, 50_000, 5_000_000))
    checked = day / search.every * (300 / 100)
    assert 3 * (swept + checked) <= 100


def test_a_source_whose_checks_read_all_there_is_needs_no_sweep(
    here: App, library: Library, world: World, day: Clock, clock: Ticks, server: Loopback
):
    world.fill(19)
    follow_and_check(here, library)
    assert the_source(here).sweep_at is None
    appear(world, 18, 3_001)
    server.seen.clear()
    assert pass_days(here, library, day, clock, 1) == []
    assert len(news(here)) == 1
    assert len(server.seen) == 4 * 2


def test_a_sweep_that_cannot_go_on_disturbs_no_check_and_begins_anew(
    here: App, library: Library, world: World, day: Clock, clock: Ticks
):
    world.fill(50)
    follow_and_check(here, library)

    def refuse(seen: Seen, reply: Reply) -> Reply:
        start = int(seen.target.partition("start=")[2].partition("&")[0])
        return Reply(status=400) if start > 33 else reply

    world.spoil = refuse
    assert pass_days(here, library, day, clock, 1.25) == []
    source = the_source(here)
    assert (source.sweep["entries"], source.sweep["failures"], source.error) == (37, 1, None)
    world.fill(1, first=2_000)
    appear(world, 25, 3_001)
    assert pass_days(here, library, day, clock, 3.5) == []
    assert len(news(here)) == 2
    assert the_source(here).depth == 39

    # Deeper than it ever came all is old, whoever lets it through.
    world.spoil = lambda _seen, reply: reply
    assert pass_days(here, library, day, clock, 1) == []
    assert len(news(here)) == 2
    assert the_source(here).depth is None


def test_a_page_and_the_place_in_the_sweep_are_written_together(
    here: App, library: Library, world: World, monkeypatch: pytest.MonkeyPatch
):
    world.fill(50)
    follow_and_check(here, library)
    for place in (26, 16, 6):
        appear(world, place, 3_000 + place)

    def fail(*_arguments: object, **_values: object) -> None:
        raise ConfigurationError("no room")

    is_under_way = True
    while is_under_way:
        with monkeypatch.context() as patched:
            patched.setattr(crawler, "change_source", fail)
            with pytest.raises(ConfigurationError):
                sweep_page(here, library, the_source(here))
        sweep_page(here, library, the_source(here))
        is_under_way = the_source(here).sweep is not None
    assert len(news(here)) == 3
    assert len(all_papers(here.store)) == FIRST + 3
    (status,) = source_statuses(here)
    assert status.arrived == 3


def test_a_sweep_also_brings_what_changed_in_old_papers(
    here: App, library: Library, world: World, day: Clock, clock: Ticks
):
    world.fill(50)
    follow_and_check(here, library)
    world.things[25] = revised(world.things[25], title="Quite another title")
    pass_days(here, library, day, clock, 1.5)
    assert "Quite another title" in {paper.title for paper in all_papers(here.store)}
    assert news(here) == []


def test_what_another_source_of_the_provider_brought_hides_nothing(
    here: App, library: Library, world: World, day: Clock, server: Loopback
):
    both, only_second = World(), World()
    both.fill(15)
    only_second.things = list(both.things)
    server.answer = lambda seen: (both if "cs.AA" in seen.target else only_second).answer(seen)
    follow_and_check(here, library, "arxiv category", "cs.AA")
    follow_and_check(here, library, "arxiv search", "all:matters")

    both.fill(31, first=1_000)
    only_second.fill(1, first=3_000)
    only_second.things = [*both.things[:31], *only_second.things]
    day.move(hours=2)
    assert check_due_sources(here, library).added == 32
    assert len(news(here)) == 32


def test_an_author_of_semantic_scholar_is_read_whole_each_time(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(62)
    follow_and_check(here, library, "semantic scholar author", "1741101")
    assert len(all_papers(here.store)) == 62
    appear(world, 60, 3_001)
    day.move(hours=6)
    assert check_due_sources(here, library).added == 1
    assert len(news(here)) == 1
    assert the_source(here).sweep_at is None


def test_a_source_that_is_removed_leaves_nothing_behind(here: App, library: Library, world: World):
    world.fill(30)
    follow_and_check(here, library)
    assert count(here, "seen_entry") == 30
    (status,) = source_statuses(here)
    remove_source(here, status.id)
    assert count(here, "seen_entry") == 0


def test_that_nothing_changed_is_not_believed_where_it_was_not_asked(
    here: App, library: Library, world: World, day: Clock
):
    register_source(here, "arxiv category", "cs.LG")
    world.spoil = lambda _seen, _reply: Reply(status=304)
    (error,) = check_due_sources(here, library).errors
    assert "where XML was expected" in error or "nothing" in error
    (status,) = source_statuses(here)
    assert status.is_new
