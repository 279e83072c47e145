"""Two processes write the same at the same moment: PostgreSQL lets both go on until a key is there twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.app import App
from bot.permits import SharedRateLimit
from bot.store import leases
from bot.store.blocked_channels import block_channel, blocked_channels
from bot.store.engine import Store
from bot.store.leases import Holder, take_lease
from bot.store.processes import ProcessRow, living_processes, record_process
from bot.store.settings import get_setting, put_setting
from bot.store.sources import add_source, all_sources

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
_WAITING = text(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture
def stores(postgresql, prepared_databases) -> Iterator[tuple[Store, Store]]:
    """The same database on PostgreSQL, opened by two processes."""
    template = prepared_databases("postgresql")
    url = postgresql.new_database(template.partition("?")[0].rpartition("/")[2])
    both = (Store(url), Store(url))
    yield both
    for store in both:
        store.close()
    postgresql.drop(url)


def together(stores: tuple[Store, Store], write: Callable[[Session, int], object]) -> None:
    """Let the second write while the first has written and has not committed."""
    failures: list[Exception] = []

    def second() -> None:
        try:
            with stores[1].writing() as session:
                write(session, 2)
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    thread = threading.Thread(target=second)
    with stores[0].writing() as session:
        write(session, 1)
        thread.start()
        while thread.is_alive():
            with stores[0].reading() as looking:
                if looking.connection().execute(_WAITING).scalar_one():
                    break
    thread.join()
    assert failures == []


def test_of_a_setting_the_later_value_stands(stores: tuple[Store, Store]):
    together(stores, lambda session, number: put_setting(session, "a cursor", str(number)))
    with stores[0].reading() as session:
        assert get_setting(session, "a cursor") == "2"


def test_a_channel_is_blocked_by_two(stores: tuple[Store, Store]):
    together(
        stores,
        lambda session, number: block_channel(
            session, 7, 1, reason=f"reason {number}", held_until=None, refusals=number
        ),
    )
    with stores[0].reading() as session:
        assert blocked_channels(session, [7])[7].reason == "reason 2"


def test_a_source_is_added_by_two(stores: tuple[Store, Store]):
    together(stores, lambda session, number: add_source(session, "rss", "https://one.example", number, NOW))
    with stores[0].reading() as session:
        assert [row.added_by for row in all_sources(session)] == [1]


def test_a_process_is_recorded_by_two_of_its_threads(stores: tuple[Store, Store]):
    row = ProcessRow("host:1:x", NOW, NOW + dt.timedelta(minutes=1), [0], [], None)
    together(stores, lambda session, number: record_process(session, row._replace(index_revision=number)))
    with stores[0].reading() as session:
        assert [found.index_revision for found in living_processes(session, NOW)] == [2]


def test_of_a_lease_the_first_has_it(stores: tuple[Store, Store]):
    taken: dict[int, bool] = {}

    def take(session: Session, number: int) -> None:
        until = NOW + dt.timedelta(minutes=1)
        taken[number] = take_lease(session, "work", f"host:{number}:x", NOW, until)

    together(stores, take)
    assert taken == {1: True, 2: False}


class Permits:
    """The permits of two processes, of which the second asks while the first looks whose the permit is."""

    def __init__(self, app: App, stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.now = NOW
        self.first, self.second = (
            SharedRateLimit(replace(app, store=store, clock=lambda: self.now)) for store in stores
        )

    def interrupt(self, act: Callable[[], object]) -> None:
        """Let this happen after the next look at whose the permit is."""
        look = leases.lease_holder

        def looks(session: Session, name: str) -> Holder | None:
            found = look(session, name)
            self._monkeypatch.setattr(leases, "lease_holder", look)
            act()
            return found

        self._monkeypatch.setattr(leases, "lease_holder", looks)


@pytest.fixture
def permits(app: App, stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> Permits:
    return Permits(app, stores, monkeypatch)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_request_that_was_made_between_look_and_taking_is_counted(permits: Permits, is_first: bool):
    if not is_first:
        assert permits.first.acquire("host", 5.0) == 0.0
        permits.first.release("host", 5.0)
        permits.now += dt.timedelta(seconds=6)

    def whole_request() -> None:
        assert permits.second.acquire("host", 5.0) == 0.0
        permits.second.release("host", 5.0)

    permits.interrupt(whole_request)
    assert permits.first.acquire("host", 5.0) == 5.0


def test_who_lost_its_permit_does_not_shorten_the_pause_of_another(permits: Permits):
    assert permits.first.acquire("host", 5.0) == 0.0
    permits.now += dt.timedelta(hours=1)
    assert permits.second.acquire("host", 5.0) == 0.0
    permits.second.release("host", 5.0)
    permits.first.release("host", 0.0)
    assert permits.first.acquire("host", 5.0) == 5.0
