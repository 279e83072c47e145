"""Which sources are checked: added, listed, paused, removed; and which have fallen silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from bot.announcements.notices import add_notice
from bot.announcements.results import Notice
from bot.app import App
from bot.errors import RefusedError
from bot.sources.providers import kind_named
from bot.sources.results import SourceStatus
from bot.store import sources as store
from bot.store.sources import SourceRow, mark_silence_told

MOST_SOURCES = 500
TIMES_FOR_A_HABIT = 4
SILENT_AFTER_HABITS, SILENT_AFTER = 5, dt.timedelta(days=3)
"""Silence is worth a word when it lasts five times as long as usual, and at least three days."""


def register_source(
    app: App, kind: str, value: str, added_by: int | None = None
) -> tuple[SourceStatus, bool]:
    """Follow a source; (its status, whether it is new). Its first check posts nothing.

    Raises:
        RefusedError: there is no such kind, or the value cannot be one of it.

    """
    known = kind_named(kind)
    normalised = known.normalise(value)
    with app.store.writing() as session:
        if len(store.all_sources(session)) >= MOST_SOURCES:
            raise RefusedError(f"{MOST_SOURCES} sources are followed; remove one first.")
        source_id, is_new = store.add_source(session, known.name, normalised, added_by, app.clock())
        row = store.source_by_id(session, source_id)
    return _status(_present(row, source_id), app.clock()), is_new


def source_statuses(app: App) -> tuple[SourceStatus, ...]:
    """All sources, in the order in which they were added."""
    with app.store.reading() as session:
        return tuple(_status(row, app.clock()) for row in store.all_sources(session))


def source_status(app: App, source_id: int) -> SourceStatus:
    """One source; raises `RefusedError` where there is none."""
    with app.store.reading() as session:
        row = store.source_by_id(session, source_id)
    return _status(_present(row, source_id), app.clock())


def find_source(app: App, text: str) -> SourceStatus:
    """The source of that number, or with that label such as "arxiv category cs.LG"."""
    wanted = text.strip().removeprefix("source:").lower()
    for status in source_statuses(app):
        if wanted in {str(status.id), status.label.lower()}:
            return status
    raise RefusedError(f"No source is {text[:100]!r}; the list of sources has their numbers.")


def pause_source(app: App, source_id: int, *, paused: bool) -> SourceStatus:
    """Stop checking a source, or go on; a check that was under way goes on where it stopped."""
    with app.store.writing() as session:
        changed = {"paused": paused} if paused else {"paused": False, "next_check_at": app.clock()}
        store.change_source(session, source_id, **changed)
    return source_status(app, source_id)


def check_soon(app: App, source_id: int | None = None) -> int:
    """Make a source, or all that are not paused, due now; the number of them."""
    now = app.clock()
    statuses = [one for one in source_statuses(app) if not one.paused]
    chosen = [one for one in statuses if source_id in {None, one.id}]
    with app.store.writing() as session:
        for one in chosen:
            store.change_source(session, one.id, next_check_at=now)
    return len(chosen)


def remove_source(app: App, source_id: int) -> SourceStatus:
    """Follow a source no longer; its papers stay."""
    status = source_status(app, source_id)
    with app.store.writing() as session:
        store.remove_source(session, source_id)
    return status


def untold_silences(app: App) -> tuple[SourceStatus, ...]:
    """Sources that have fallen silent and of which administrators were not told yet."""
    with app.store.reading() as session:
        statuses = [_status(row, app.clock()) for row in store.untold_sources(session)]
    return tuple(status for status in statuses if status.silent_for is not None)


def _present(row: SourceRow | None, source_id: int) -> SourceRow:
    if row is None:
        raise RefusedError(f"There is no source {source_id}.")
    return row


def _status(row: SourceRow, now: dt.datetime) -> SourceStatus:
    return SourceStatus(
        id=row.id,
        kind=row.kind,
        value=row.value,
        paused=row.paused,
        added_at=row.added_at,
        is_new=row.baseline_at is None,
        checking=row.progress is not None,
        checked_at=row.checked_at,
        last_arrival_at=row.last_arrival_at,
        arrived=row.arrived,
        last_arrived=row.last_arrived,
        error=row.error,
        next_check_at=None if row.paused else row.next_check_at,
        silent_for=None if row.paused else _silent_for(row, now),
    )


def _silent_for(row: SourceRow, now: dt.datetime) -> dt.timedelta | None:
    if row.arrival_times < TIMES_FOR_A_HABIT or row.last_arrival_at is None or row.first_arrival_at is None:
        return None
    habit = (row.last_arrival_at - row.first_arrival_at) / (row.arrival_times - 1)
    silent = now - row.last_arrival_at
    return silent if silent > max(habit * SILENT_AFTER_HABITS, SILENT_AFTER) else None


ComposeSilence = Callable[[Sequence[SourceStatus], str], dict[str, Any]]
"""(silent sources, nonce) -> the whole body of the request; handed in by the user interface."""


def tell_silences(app: App, channel_id: int, guild_id: int, compose: ComposeSilence) -> int:
    """Plan what is to be told in the administrators' channel; of how many sources that is."""
    silent = untold_silences(app)
    if not silent:
        return 0
    now = app.clock()
    with app.store.writing() as session:
        untold = [one for one in silent if mark_silence_told(session, one.id, now)]
        if untold:
            add_notice(session, lambda nonce: Notice(channel_id, guild_id, compose(untold, nonce)), now)
    return len(untold)
