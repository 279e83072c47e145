"""Shards are shared out among processes: each has one holder, and nobody's are left alone for long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.app import App
from bot.errors import ConfigurationError
from bot.shards import (
    LASTS,
    SETTLING,
    STEADY,
    ShardCountError,
    ShardLease,
    ShardRange,
    Share,
    Wanted,
    in_words,
    running_processes,
    wanted_shards,
)
from tests.apps import close_app, open_app

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"])

COUNT = 8
NewLease = Callable[..., ShardLease]


class Times:
    """A wall clock and a monotonic clock, moved together by the test."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> dt.datetime:
        return dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def start(app: App, times: Times) -> NewLease:
    """Return what starts one more process."""
    return lambda wanted=Share.AUTO: joined(app, times, wanted)


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_app(tmp_path_factory.mktemp("shards"))
    yield app
    close_app(app)


def joined(app: App, times: Times, wanted: Wanted) -> ShardLease:
    times.passed += 0.001
    lease = ShardLease(replace(app, clock=times), wanted, times.monotonic)
    lease.join(COUNT)
    return lease


def settle(times: Times, *leases: ShardLease, seconds: float = 0.0, step: float = 5.0) -> list[list[int]]:
    """Let all renew their leases for so long, and until nothing changes; returns who has what."""
    until = times.passed + seconds
    before = None
    while times.passed < until or before != [lease.shards for lease in leases]:
        before = [lease.shards for lease in leases]
        times.passed += step
        for lease in leases:
            lease.claim(1)
    return [sorted(lease.shards) for lease in leases]


def test_processes_that_start_together_have_equal_shares(start: NewLease, times: Times):
    leases = [start(), start(), start()]
    found = settle(times, *leases)
    assert sorted(len(shards) for shards in found) == [2, 3, 3]
    assert sorted(shard for shards in found for shard in shards) == list(range(COUNT))
    assert {lease.processes for lease in leases} == {3}


def test_the_shards_of_one_that_leaves_are_taken_over_at_once_and_of_one_that_dies_when_its_lease_ends(
    start: NewLease, times: Times
):
    first, second, third = start(), start(), start()
    settle(times, first, second, third)
    third.leave()
    assert [len(shards) for shards in settle(times, first, second)] == [4, 4]
    settle(times, first, seconds=LASTS.total_seconds() - 5)
    assert len(first.shards) == 4
    assert settle(times, first, seconds=10) == [list(range(COUNT))]
    assert not second.shards


@on_sqlite
def test_a_process_that_comes_later_gets_its_share_once_it_has_lived_for_a_while(
    start: NewLease, times: Times
):
    first = start()
    settle(times, first)
    second = start()
    assert [len(shards) for shards in settle(times, first, second, seconds=60)] == [8, 0]
    assert [
        len(shards) for shards in settle(times, first, second, seconds=STEADY.total_seconds() - 90, step=30)
    ] == [8, 0]
    given: list[int] = []
    while len(second.shards) < 4:
        times.passed += 30.0
        given.append(len(first.shards) - len(first.claim(1)))
        second.claim(1)
    assert max(given) == 1
    assert first.shards | second.shards == set(range(COUNT))


@on_sqlite
def test_one_that_crashes_again_and_again_gets_nothing_of_the_others(start: NewLease, times: Times):
    first = start()
    settle(times, first)
    for _ in range(int(STEADY / LASTS) + 1):
        crashing = start()
        settle(times, first, crashing, seconds=LASTS.total_seconds(), step=30.0)
        assert len(first.shards) == COUNT


@on_sqlite
def test_a_process_that_could_not_renew_its_lease_has_nothing_until_it_can(start: NewLease, times: Times):
    first, second = start(), start()
    settle(times, first, second)
    had = first.shards
    times.passed += LASTS.total_seconds() + 1
    assert not first.shards
    # Both were away, as the database was: each takes up what it had, and leaves alone what the other had.
    assert first.claim(COUNT) == had
    assert settle(times, first, second, seconds=5) == [sorted(had), sorted(set(range(COUNT)) - had)]


@on_sqlite
def test_what_others_took_meanwhile_is_theirs(start: NewLease, times: Times):
    first, second = start(), start()
    settle(times, first, second)
    settle(times, first, seconds=LASTS.total_seconds() + 5)
    assert first.shards == set(range(COUNT))
    assert not second.claim(COUNT)


def test_after_a_switch_of_the_database_nobody_claims_what_another_may_have(
    app: App, start: NewLease, times: Times
):
    first, second = start(), start()
    settle(times, first, second)
    had = first.shards, second.shards
    with app.store.writing() as session:
        session.connection().execute(text("delete from process"))  # the standby had not received it
    app.store._servers.switches += 1
    assert first.claim(COUNT) == had[0]
    assert second.claim(COUNT) == had[1]
    second.leave()
    times.passed += SETTLING - 1
    assert first.claim(COUNT) == had[0]
    times.passed += 2
    assert first.claim(COUNT) == set(range(COUNT))


@on_sqlite
def test_where_two_have_a_shard_the_one_that_started_later_yields(app: App, start: NewLease, times: Times):
    first = start()
    settle(times, first)
    with app.store.writing() as session:
        session.connection().execute(text("delete from process"))
    second = start()
    settle(times, second)
    first.claim()
    assert not second.claim()
    assert first.shards == set(range(COUNT))


@on_sqlite
def test_a_fixed_range_is_for_its_process_and_a_second_one_stands_by(start: NewLease, times: Times):
    low, spare, high = start(ShardRange(0, 3, 8)), start(ShardRange(0, 3, 8)), start(ShardRange(4, 7, 8))
    for lease in (low, spare, high):
        lease.claim(COUNT)
    assert [sorted(lease.shards) for lease in (low, spare, high)] == [[0, 1, 2, 3], [], [4, 5, 6, 7]]
    low.leave()
    assert spare.claim(COUNT) == {0, 1, 2, 3}


@on_sqlite
def test_others_leave_a_fixed_range_to_its_process(start: NewLease, times: Times):
    first, fixed = start(), start(ShardRange(0, 3, 8))
    assert settle(times, first, fixed) == [[4, 5, 6, 7], [0, 1, 2, 3]]


@on_sqlite
def test_a_range_of_another_number_of_shards_is_refused_while_processes_run(start: NewLease, times: Times):
    start()
    with pytest.raises(ConfigurationError, match="counts 16 shards, and the processes that run work by 8"):
        start(ShardRange(0, 7, 16))
    second = start()
    times.passed += LASTS.total_seconds() + 1  # both are away for so long
    start(ShardRange(0, 7, 16))
    with pytest.raises(ShardCountError, match="works by 16 shards now"):
        second.claim()


@on_sqlite
def test_what_discord_recommends_counts_once_no_process_lives(app: App, start: NewLease, times: Times):
    first = start()
    second = ShardLease(replace(app, clock=times), Share.AUTO, times.monotonic)
    assert second.join(16) == COUNT
    first.leave()
    second.leave()
    assert ShardLease(replace(app, clock=times), Share.AUTO, times.monotonic).join(16) == 16


@on_sqlite
def test_who_runs_can_be_asked_for(app: App, start: NewLease, times: Times):
    first, second = start(), start()
    settle(times, first, second)
    found = running_processes(replace(app, clock=times))
    assert [one.shards for one in found] == [tuple(sorted(first.shards)), tuple(sorted(second.shards))]
    assert all(one.name == first.name.rpartition(":")[0] for one in found)


@settings(max_examples=25, deadline=None)
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["start", "claim", "claim", "claim", "leave", "die", "wait"]), st.integers(0, 9)
        ),
        max_size=40,
    )
)
def test_no_shard_ever_has_two_holders(shared_app: App, moves: list[tuple[str, int]]):
    times, leases = Times(), []
    with shared_app.store.writing() as session:
        session.connection().execute(text("delete from process"))
    for move, number in moves:
        if move == "start":
            leases.append(joined(shared_app, times, Share.AUTO))
        elif move == "wait":
            times.passed += 7.0 * number
        elif leases:
            lease = leases[number % len(leases)]
            if move == "claim":
                lease.claim(number)
            elif move == "leave":
                lease.leave()
            if move != "claim":
                leases.remove(lease)
        held = [shard for lease in leases for shard in lease.shards]
        assert len(held) == len(set(held))


@given(st.sets(st.integers(0, 200)))
def test_numbers_of_shards_in_words_are_all_of_them(shards: set[int]):
    found: set[int] = set()
    for part in in_words(shards).split(", ") if shards else []:
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == shards


def test_what_the_command_line_may_say():
    assert wanted_shards(None, is_sqlite=False) is Share.WHOLE
    assert wanted_shards("auto", is_sqlite=False) is Share.AUTO
    assert wanted_shards("auto", is_sqlite=True) is Share.WHOLE
    assert wanted_shards("0-3/8", is_sqlite=False) == ShardRange(0, 3, 8)
    assert wanted_shards("5/8", is_sqlite=False) == ShardRange(5, 5, 8)
    with pytest.raises(ConfigurationError, match="SQLite is for one process only"):
        wanted_shards("0-3/8", is_sqlite=True)
    for written in ("", "all", "3-0/8", "0-8/8", "8/8", "0-3", "-1/8", "0-3/0", "0-1/99999"):
        with pytest.raises(ConfigurationError, match="names no shards: write auto"):
            wanted_shards(written, is_sqlite=False)
