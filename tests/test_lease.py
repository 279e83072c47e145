"""A lease ends by itself where it is not renewed, whatever becomes of the wall clock."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app import App
from bot.lease import LASTS, Lease, LeaseLostError

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


class Times:
    """A wall clock and a monotonic clock, each moved by the test."""

    def __init__(self) -> None:
        self.wall = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
        self.monotonic = 1000.0

    def pass_(self, seconds: float) -> None:
        self.wall += dt.timedelta(seconds=seconds)
        self.monotonic += seconds


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def lease_of(app: App, times: Times) -> Callable[[], Lease]:
    """Return what makes the lease of one more process."""
    return lambda: Lease(replace(app, clock=lambda: times.wall), "work", lambda: times.monotonic)


def test_a_lease_that_is_not_renewed_ends_here_when_another_may_take_it(
    lease_of: Callable[[], Lease], times: Times
):
    with lease_of() as first, lease_of() as second:
        times.pass_(LASTS.total_seconds() - 1)
        assert (first.is_held, second.is_held, second.take()) == (True, False, False)
        times.pass_(61)
        assert not first.is_held
        assert second.take()
        assert not first.take()
        assert (first.is_held, second.is_held) == (False, True)


def test_renewals_that_fail_do_not_prolong_a_lease(app: App, lease_of: Callable[[], Lease], times: Times):
    app.store.close()
    store = app.store.url.database or ""
    with lease_of() as lease:
        times.pass_(50)
        sqlite3.connect(store).execute("alter table lease rename to away").connection.close()
        with pytest.raises(Exception, match="no such table"):
            lease.take()
        assert lease.is_held
        times.pass_(10)
        assert not lease.is_held
        sqlite3.connect(store).execute("alter table away rename to lease").connection.close()
        assert lease.ensure()


@pytest.mark.parametrize("set_by", [dt.timedelta(hours=-2), dt.timedelta(hours=2)])
def test_a_wall_clock_that_is_set_prolongs_no_lease(
    lease_of: Callable[[], Lease], times: Times, set_by: dt.timedelta
):
    with lease_of() as lease:
        times.wall += set_by
        times.pass_(61)
        assert not lease.is_held
        assert lease.ensure()


def test_whoever_lost_the_lease_writes_nothing(app: App, lease_of: Callable[[], Lease], times: Times):
    with lease_of() as first, lease_of() as second:
        times.pass_(61)
        assert second.take()
        with app.store.writing() as session, pytest.raises(LeaseLostError):
            first.check(session)
        with app.store.writing() as session:
            second.check(session)


def test_a_lease_that_was_given_back_is_free_at_once(lease_of: Callable[[], Lease]):
    with lease_of() as first:
        assert first.is_held
    with lease_of() as second:
        assert second.is_held
    assert not first.is_held


def test_giving_back_what_was_never_held_takes_nothing_from_its_holder(lease_of: Callable[[], Lease]):
    with lease_of() as first:
        with lease_of() as second:
            assert not second.is_held
        assert first.take()
