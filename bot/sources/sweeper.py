"""Sweeps: slow walks through the whole of a source, one page at a time, around the clock.

A check sees what is new near the newest entry. A work that is indexed late under an old date, or an old
paper that begins to match a search, lies deeper. The providers' own lists of what was added lately are for
those who pay, or do not exist, so the sweep looks at every entry again, about once a week, or as often as
the provider bears it. It has a place and a pace of its own: where it cannot go on, checks do. A source whose
checks read all there is needs none.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import Page
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.errors import ClosedError, HostRestingError
from bot.ingest.fetched import ImportedRecords, import_records
from bot.sources.pages import CheckProgress, arrival, ask_page, keep_seen, pushed_down, unseen_entries
from bot.sources.providers import Library, SourceKind, kind_named
from bot.sources.results import StepReport
from bot.store.sources import SourceRow, change_source

LASTS = dt.timedelta(days=7)
"""The pages of a source are spread over so long a time, where that makes no longer pauses than this:"""
LONGEST_PAUSE = dt.timedelta(hours=6)

AGAIN = 10
"""So many entries of the last page are read again: others may have gone meanwhile and moved them up."""

TRIES_OF_A_PAGE = 8
"""After so many failures, two days, a sweep ends where it stands; the next begins at the newest entry."""

_log = logging.getLogger(__name__)


class Sweep(CheckProgress):
    """Where a sweep goes on."""

    failures: int = 0


def sweep_pause(kind: SourceKind, total: int | None) -> dt.timedelta:
    """How long to wait before the next page of a source that has so many entries."""
    entries = min(total or kind.most_entries, kind.most_entries)
    evenly = LASTS / max(entries // (kind.page_size or entries), 1)
    return min(max(evenly, kind.sweeps_every), LONGEST_PAUSE)


def sweep_page(app: App, library: Library, source: SourceRow) -> StepReport:
    """Fetch and write the next page of a sweep; never raises for what the source does."""
    kind = kind_named(source.kind)
    label = f"{source.kind} {source.value}"
    sweep = _place(app, source)
    try:
        start = _some_again(kind, sweep)
        slack = 0 if kind.counted else kind.page_size or 0  # what came above a cursor counts in the total
        page, _ = ask_page(app, library, kind, source, start, slack=slack)
        brought = _bring_in(app, source, kind, start, label, page)
        if brought.added or brought.updated:
            app.index.catch_up(app.store)
        return StepReport(label, brought.added, brought.updated, ended=True)
    except (ClosedError, DatabaseUnusableError):
        raise
    except PapercordError as error:
        _log.warning("The sweep through %s stands at entry %s: %s", label, f"{sweep.entries:,}", error)
        return _failed(app, source, sweep, label, error)
    except Exception as error:  # noqa: BLE001 - the other sources go on
        _log.exception("The sweep through %s failed.", label)
        return _failed(app, source, sweep, label, error)


def _place(app: App, source: SourceRow) -> Sweep:
    """Where the sweep of a source stands; at the newest entry where none is under way."""
    if source.sweep is not None:
        return Sweep.model_validate(source.sweep)
    return Sweep(started_at=app.clock())


def _some_again(kind: SourceKind, sweep: Sweep) -> Sweep:
    """The same some entries before, where it can be asked for that."""
    if not kind.counted or not sweep.entries:
        return sweep
    entries = max(sweep.entries - AGAIN, 0)
    return sweep.model_copy(update={"entries": entries, "cursor": str(entries)})


def _bring_in(
    app: App, source: SourceRow, kind: SourceKind, sweep: Sweep, label: str, page: Page
) -> ImportedRecords:
    """Write a page, and in the same transaction where the sweep goes on."""
    with app.store.reading() as session:
        sifted = unseen_entries(session, source, kind, page, sweep.entries)

    def keep_place(session: Session, brought: ImportedRecords) -> None:
        now = app.clock()
        after = sweep.after(kind, page, failures=0)
        changes = pushed_down(source, len(sifted.new)) | arrival(source, brought.added, now)
        changes["sweep_at"] = now + sweep_pause(kind, after.total)
        if after.cursor is None:
            changes |= {"sweep": None, "depth": None}
        elif after.entries + (kind.page_size or 0) > kind.most_entries:
            changes |= _cut(source, after)
        else:
            changes["sweep"] = after.model_dump(mode="json")
        if change_source(session, source.id, **changes):
            keep_seen(session, source, sifted)

    return import_records(app, label, sifted.records, as_news=True, then=keep_place)


def _cut(source: SourceRow, sweep: CheckProgress) -> dict[str, Any]:
    """What is written of a source whose sweep goes no further."""
    return {"sweep": None, "depth": None if source.depth is None else max(source.depth, sweep.entries)}


def _failed(app: App, source: SourceRow, sweep: Sweep, label: str, error: Exception) -> StepReport:
    """Try again later where it stopped; checks go on meanwhile, and say what is wrong with the source."""
    failures = sweep.failures + (not isinstance(error, HostRestingError))
    changes: dict[str, Any] = {"sweep_at": app.clock() + LONGEST_PAUSE}
    if failures < TRIES_OF_A_PAGE:
        changes["sweep"] = sweep.model_copy(update={"failures": failures}).model_dump(mode="json")
    else:
        changes |= _cut(source, sweep)
    with app.store.writing() as session:
        change_source(session, source.id, **changes)
    return StepReport(label, 0, 0, ended=True)
