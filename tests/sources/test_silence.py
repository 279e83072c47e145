"""Sources that fall silent: administrators are told once, by a message of the ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.app import App
from bot.sources.library import Library
from bot.sources.registry import check_soon, report_silences, source_statuses
from bot.sources.scheduler import check_due_sources
from cogs.sources.buttons import silence_message
from tests.apps import Clock
from tests.sources.checks import count, follow_and_check
from tests.sources.made_papers import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


def told(app: App) -> int:
    return report_silences(app, 10, 77, silence_message)


def with_a_habit(app: App, library: Library, world: World, day: Clock) -> None:
    world.fill(5)
    follow_and_check(app, library)
    for number in range(6):
        day.move(days=1)
        world.fill(1, first=100 + number)
        check_due_sources(app, library)


def test_silence_beyond_the_habit_is_told_once(here: App, library: Library, world: World, day: Clock):
    with_a_habit(here, library, world, day)
    assert told(here) == 0
    day.move(days=4)
    check_due_sources(here, library)
    assert told(here) == 0
    day.move(days=2)
    (status,) = source_statuses(here)
    assert status.silent_for is not None
    assert status.silent_for.days == 6
    assert told(here) == 1
    assert told(here) == 0
    assert count(here, "message") == 1

    world.fill(1, first=200)
    check_soon(here)
    check_due_sources(here, library)
    (status,) = source_statuses(here)
    assert status.silent_for is None
    assert told(here) == 0
    day.move(days=30)
    assert told(here) == 1
    assert count(here, "message") == 2


def test_what_cannot_be_written_down_is_not_told_and_told_later(
    here: App, library: Library, world: World, day: Clock
):
    with_a_habit(here, library, world, day)
    day.move(days=6)

    def fail(*_arguments: object) -> dict[str, object]:
        raise RuntimeError("the process ends here")

    with pytest.raises(RuntimeError):
        report_silences(here, 10, 77, fail)
    assert count(here, "message") == 0
    assert told(here) == 1
    with here.store.reading() as session:
        (row,) = session.connection().execute(text("SELECT channel_id, guild_id, kind, state FROM message"))
    assert tuple(row) == (10, 77, "notice", "planned")
