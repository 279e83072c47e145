"""Sweeps: slow readings of the whole of a source, one page at a time, around the clock.

A check reads the entries near the newest one. A work that is indexed late under an old date, or an old
paper that begins to match a search, lies deeper. The providers' own lists of what was added lately are for
paying users, or do not exist, so the sweep reads every entry again, about once a week, or as often as the
rate limit of the provider allows. It has a position and pauses of its own: where it fails, checks go on. A
source whose checks read all entries needs no sweep.
"""

from __future__ import annotations

import logging
from typing import Any

from bot.app import App
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.errors import ClosedError, HostRestingError
from bot.ingest.importer import ImportedRecords
from bot.sources.crawler import (
    CheckProgress,
    StepReport,
    UnseenEntries,
    ask_page,
    count_added,
    import_page,
    label_of,
    write_columns,
)
from bot.sources.library import Library
from bot.sources.providers.kinds import LONGEST_SWEEP_PAUSE, SourceKind
from bot.sources.providers.table import kind_named
from bot.store.sources import SourceRow

AGAIN = 10
"""So many entries of the last page are read again: others may have gone meanwhile and moved them up."""

TRIES_OF_A_PAGE = 8
"""After so many failures, two days, a sweep ends at its position; the next begins at the newest entry."""

_log = logging.getLogger(__name__)


class Sweep(CheckProgress):
    """The position of a sweep in its source, as it is stored."""

    failures: int = 0


def sweep_page(app: App, library: Library, source: SourceRow) -> StepReport:
    """Fetch and import the next page of a sweep.

    Raises:
        ClosedError: Papercord is being closed.
        DatabaseUnusableError: nothing can be written. Other errors make the sweep wait.

    """
    sweep = _position(app, source)
    try:
        imported = _sweep_page(app, library, source, sweep)
    except (ClosedError, DatabaseUnusableError):
        raise
    except PapercordError as error:
        _log.warning(
            "The sweep through %s stands at entry %s: %s", label_of(source), f"{sweep.entries:,}", error
        )
        return _failed(app, source, sweep, error)
    except Exception as error:  # noqa: BLE001 - the other sources go on
        _log.exception("The sweep through %s failed.", label_of(source))
        return _failed(app, source, sweep, error)
    return StepReport(label_of(source), imported.added, imported.updated, ended=True)


def _position(app: App, source: SourceRow) -> Sweep:
    """The position of the sweep of a source; the newest entry where none is under way."""
    if source.sweep is not None:
        return Sweep.model_validate(source.sweep)
    return Sweep(started_at=app.clock())


def _sweep_page(app: App, library: Library, source: SourceRow, sweep: Sweep) -> ImportedRecords:
    kind = kind_named(source.kind)
    start = _some_entries_before(kind, sweep)
    slack = 0 if kind.counted else kind.page_size or 0  # what came above a cursor counts in the total
    page, _ = ask_page(app, library, kind, source, start, slack=slack)

    def columns(imported: ImportedRecords, _unseen: UnseenEntries) -> dict[str, Any]:
        now = app.clock()
        after = start.after(kind, page, failures=0)
        values = count_added(source, imported.added, now) | {"sweep_at": now + kind.sweep_pause(after.total)}
        if after.cursor is None:
            return values | {"sweep": None, "depth": None}
        if after.entries + (kind.page_size or 0) > kind.most_entries:
            return values | _columns_of_ended(source, after)
        return values | {"sweep": after.model_dump(mode="json")}

    return import_page(app, source, kind, start, page, columns, newly_added=True)


def _some_entries_before(kind: SourceKind, sweep: Sweep) -> Sweep:
    """The position some entries before, where a page is asked for by the number of entries before it."""
    if not kind.counted or not sweep.entries:
        return sweep
    entries = max(sweep.entries - AGAIN, 0)
    return sweep.model_copy(update={"entries": entries, "cursor": str(entries)})


def _columns_of_ended(source: SourceRow, sweep: CheckProgress) -> dict[str, Any]:
    """The columns of a source whose sweep ends before the source's end."""
    return {"sweep": None, "depth": None if source.depth is None else max(source.depth, sweep.entries)}


def _failed(app: App, source: SourceRow, sweep: Sweep, error: Exception) -> StepReport:
    """Let the sweep wait at its position; checks go on, and record what is wrong with the source."""
    failures = sweep.failures + (not isinstance(error, HostRestingError))
    columns: dict[str, Any] = {"sweep_at": app.clock() + LONGEST_SWEEP_PAUSE}
    if failures < TRIES_OF_A_PAGE:
        columns["sweep"] = sweep.model_copy(update={"failures": failures}).model_dump(mode="json")
    else:
        columns |= _columns_of_ended(source, sweep)
    write_columns(app, source, columns)
    return StepReport(label_of(source), 0, 0, ended=True)
