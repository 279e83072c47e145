"""The list of sources: adding, pausing and removing them; their state, and which have fallen silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.announcements.outbox import add_notice
from bot.announcements.results import Notice
from bot.app import App
from bot.errors import RefusedError
from bot.sources.providers.table import kind_named
from bot.store import sources as store
from bot.store.sources import SourceRow, mark_silence_reported

MOST_SOURCES = 500
CHECKS_FOR_AN_AVERAGE = 4
"""So many checks with new papers make an average interval."""

SILENT_AFTER_INTERVALS, SILENT_AFTER = 5, dt.timedelta(days=3)
"""Silence is reported when it lasts five times as long as usual, and at least three days."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source and the state of its checks."""

    id: int
    kind: str
    value: str
    paused: bool
    added_at: dt.datetime
    is_new: bool
    """Its first whole check has not ended: its papers are announced nowhere."""
    checking: bool
    """A check of it is under way, or was cut off and goes on."""
    checked_at: dt.datetime | None
    last_arrival_at: dt.datetime | None
    arrived: int
    """New papers since its first check."""
    last_arrived: int
    error: str | None
    """Why its last check failed, in words for people."""
    next_check_at: dt.datetime | None
    """None while it is paused."""
    silent_for: dt.timedelta | None
    """Time since its last new paper, where that is much longer than usual; else None."""

    @property
    def label(self) -> str:
        """Such as "arxiv category cs.LG"."""
        return f"{self.kind} {self.value}"


def register_source(
    app: App, kind: str, value: str, added_by: int | None = None
) -> tuple[SourceStatus, bool]:
    """Add a source; (its status, whether it is new). Its first check announces nothing.

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
    """Remove a source; its papers stay."""
    status = source_status(app, source_id)
    with app.store.writing() as session:
        store.remove_source(session, source_id)
    return status


def unreported_silences(app: App) -> tuple[SourceStatus, ...]:
    """Sources that have fallen silent and were not yet reported to the administrators."""
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
    if (
        row.arrival_times < CHECKS_FOR_AN_AVERAGE
        or row.last_arrival_at is None
        or row.first_arrival_at is None
    ):
        return None
    interval = (row.last_arrival_at - row.first_arrival_at) / (row.arrival_times - 1)
    silent = now - row.last_arrival_at
    return silent if silent > max(interval * SILENT_AFTER_INTERVALS, SILENT_AFTER) else None


ComposeSilence = Callable[[Sequence[SourceStatus], str], dict[str, Any]]
"""(silent sources, nonce) -> the whole body of the request; handed in by the user interface."""


def report_silences(app: App, channel_id: int, guild_id: int, compose: ComposeSilence) -> int:
    """Plan a notice to the administrators' channel about silent sources; returns how many it names."""
    silent = unreported_silences(app)
    if not silent:
        return 0
    now = app.clock()
    with app.store.writing() as session:
        untold = [one for one in silent if mark_silence_reported(session, one.id, now)]
        if untold:
            add_notice(session, lambda nonce: Notice(channel_id, guild_id, compose(untold, nonce)), now)
    return len(untold)
