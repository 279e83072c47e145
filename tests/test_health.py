"""What monitoring is answered, over the ways in which a Papercord can stand still."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot import health as health_module
from bot.announcements.outbox import LEASE
from bot.announcements.status import record_run
from bot.app import App
from bot.health import Level, health
from bot.ingest.importer import import_files
from bot.lease import Lease
from tests.apps import Clock, close_app, open_app

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    app = open_app(tmp_path / "data", clock)
    yield app
    close_app(app)


def levels(app: App) -> dict[str, Level]:
    return {check.name: check.level for check in health(app)}


def test_without_a_bot_it_fails(app: App):
    assert levels(app)["announcer"] is Level.FAILED


def test_a_bot_whose_rounds_end_well_is_good(app: App):
    with Lease(app, LEASE) as lease:
        record_run(app, lease)

        assert set(levels(app).values()) == {Level.GOOD}


def test_a_bot_whose_rounds_fail_fails(app: App, clock: Clock):
    with Lease(app, LEASE) as lease:
        record_run(app, lease)
        clock.move(seconds=50)
        assert levels(app)["announcer"] is Level.GOOD
        clock.move(minutes=6)
        lease.take()

        [announcer] = [check for check in health(app) if check.name == "announcer"]

    assert announcer.level is Level.FAILED
    assert "since 2026-05-01 09:00 UTC" in announcer.words


def test_a_round_that_is_to_come_shows_a_wrong_clock(app: App, clock: Clock):
    clock.move(hours=2)
    with Lease(app, LEASE) as lease:
        record_run(app, lease)
        clock.move(hours=-2)

        [announcer] = [check for check in health(app) if check.name == "announcer"]

    assert announcer.level is Level.WARNING
    assert "2026-05-01 11:00 UTC, which is to come" in announcer.words


def test_an_index_that_stays_behind_fails(app: App, clock: Clock, tmp_path: Path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "1", "title": "Decentralized learning"}\n', encoding="utf-8")
    import_files(app, [file])
    shutil.rmtree(app.settings.index_dir)
    reopened = open_app(app.settings.data_dir, clock)
    try:
        assert levels(reopened)["index"] is Level.GOOD

        clock.move(minutes=20)

        assert levels(reopened)["index"] is Level.FAILED
        reopened.index.catch_up(reopened.store)
        assert levels(reopened)["index"] is Level.GOOD
    finally:
        close_app(reopened)


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "level"),
    [(10 * 1024**3, Level.GOOD), (512 * 1024**2, Level.WARNING), (1024**2, Level.FAILED)],
)
def test_a_full_disk_is_seen_before_it_is_full(
    app: App, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
):
    monkeypatch.setattr(health_module.shutil, "disk_usage", lambda _path: _Usage(0, 0, free))

    assert levels(app)["disk"] is level
