"""Checks one source, one page at a time.

What is new is decided by identity alone. A check begins at the newest entry and goes on until so
many entries in a row were known that what appears some places below the newest cannot hide; what lies
deeper the sweep finds, see sweeping.py. What a check brought itself does not count as known to it, also
when it was cut off and reads that again. With the papers of a page it writes where it goes on.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import Page, RequestRefusedError, UnusableAnswerError
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.errors import ClosedError, HostRestingError, NotFoundError, RequestFailedError
from bot.ingest.fetched import ImportedRecords, import_records
from bot.sources.pages import (
    UNCHANGED,
    CheckProgress,
    UnseenEntries,
    arrival,
    ask_page,
    keep_seen,
    pushed_down,
    unseen_entries,
)
from bot.sources.providers import Library, SourceKind, kind_named
from bot.sources.results import StepReport
from bot.sources.sweeper import sweep_pause
from bot.store.sources import SourceRow, change_source

OVERLAP = 300
"""So many known entries in a row end a check: entries may appear some places below the newest."""

BASELINE_ENTRIES = 1_000
"""How far back the first check goes, where the newest come first."""

MOST_PAGES = 500
"""A source that has more is cut there: it would be years of papers, or nonsense without end."""

TRIES_OF_A_PAGE = 3
"""After so many damaged answers in a row a check begins anew."""

FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=2), dt.timedelta(hours=6)

_REFUSALS = (NotFoundError, RequestFailedError, RequestRefusedError)

_log = logging.getLogger(__name__)


def check_page(app: App, library: Library, source: SourceRow) -> StepReport:
    """Fetch and write the next page of a source; never raises for what the source does."""
    kind = kind_named(source.kind)
    label = f"{source.kind} {source.value}"
    progress = _progress(app, source)
    is_conditional = progress.cursor is None and source.baseline_at is not None
    try:
        page, validators = ask_page(
            app, library, kind, source, progress, validators=source.validators if is_conditional else None
        )
        if progress.pages == 0:
            progress.validators = validators
        if page is UNCHANGED:
            brought, ended = ImportedRecords(), True
            with app.store.writing() as session:
                change_source(session, source.id, **_at_the_end(source, kind, progress, app.clock()))
        else:
            brought, ended = _bring_in(app, source, kind, progress, label, page)
        if ended:
            app.index.catch_up(app.store)
        return StepReport(label, brought.added, brought.updated, ended)
    except (ClosedError, DatabaseUnusableError):
        raise
    except PapercordError as error:
        return _failed(app, source, progress, label, str(error), error)
    except Exception as error:  # noqa: BLE001 - the other sources go on
        _log.exception("The check of %s failed.", label)
        said = f"It failed in an unforeseen way ({type(error).__name__})."
        return _failed(app, source, progress, label, said, error)


def _progress(app: App, source: SourceRow) -> CheckProgress:
    """Where the check of a source stands; at its beginning where none is under way."""
    if source.progress is not None:
        return CheckProgress.model_validate(source.progress)
    return CheckProgress(started_at=app.clock())


def _bring_in(
    app: App, source: SourceRow, kind: SourceKind, progress: CheckProgress, label: str, page: Page
) -> tuple[ImportedRecords, bool]:
    """Write a page, and in the same transaction where the check goes on; whether it came to its end."""
    with app.store.reading() as session:
        sifted = unseen_entries(session, source, kind, page, progress.entries)
    ended = False

    def keep_place(session: Session, brought: ImportedRecords) -> None:
        nonlocal ended
        after = progress.after(
            kind,
            page,
            added=progress.added + brought.added,
            known_in_a_row=progress.known_in_a_row + page.entries if sifted.is_known else 0,
        )
        ended = after.cursor is None or _is_enough(kind, source, after, sifted)
        changes = pushed_down(source, len(sifted.new))
        if ended:
            changes |= _at_the_end(source, kind, after, app.clock())
        else:
            changes |= {"progress": after.model_dump(mode="json"), "error": None, "failures": 0}
        if change_source(session, source.id, **changes):
            keep_seen(session, source, sifted)

    as_news = source.baseline_at is not None
    brought = import_records(app, label, sifted.records, as_news=as_news, then=keep_place)
    for reason in (*page.refused, *(one.reason for one in brought.rejected)):
        _log.info("%s: left out: %s", label, reason)
    return brought, ended


def _is_enough(kind: SourceKind, source: SourceRow, progress: CheckProgress, sifted: UnseenEntries) -> bool:
    """Whether a check need not go on to the source's end."""
    if progress.pages >= MOST_PAGES:
        return True
    if not kind.newest_first:
        return False
    if source.baseline_at is None:
        return progress.entries >= BASELINE_ENTRIES
    return bool(sifted.old) or progress.known_in_a_row >= OVERLAP


def _at_the_end(
    source: SourceRow, kind: SourceKind, progress: CheckProgress, now: dt.datetime
) -> dict[str, Any]:
    """What is written of a source whose check came to its end."""
    changes: dict[str, Any] = {
        "progress": None,
        "checks": source.checks + 1,
        "checked_at": now,
        "error": None,
        "failures": 0,
        "next_check_at": now + kind.every,
    }
    if progress.pages:
        changes["validators"] = progress.validators or None
        changes["total"] = progress.total if progress.total is not None else progress.entries
        changes |= _what_was_read(source, kind, progress, now)
    if source.baseline_at is None:
        return changes | {"baseline_at": now}
    return changes | arrival(source, progress.added, now)


def _what_was_read(
    source: SourceRow, kind: SourceKind, progress: CheckProgress, now: dt.datetime
) -> dict[str, Any]:
    """How deep the source was read, and when the sweep through the rest goes on."""
    if progress.cursor is None or not kind.newest_first:
        return {"depth": None, "sweep": None, "sweep_at": None}
    depth = {"depth": progress.entries} if source.baseline_at is None else {}
    if source.sweep_at is None:
        return depth | {"sweep_at": now + sweep_pause(kind, progress.total)}
    return depth


def _failed(
    app: App, source: SourceRow, progress: CheckProgress, label: str, reason: str, error: Exception
) -> StepReport:
    """Record a failure; the check goes on later where it stopped, after ever longer pauses."""
    now = app.clock()
    pause = min(FIRST_PAUSE * 2 ** min(source.failures, 10), LONGEST_PAUSE)
    if isinstance(error, HostRestingError):
        pause = max(pause, dt.timedelta(seconds=error.seconds))
    failures = source.failures + (not isinstance(error, HostRestingError))
    changes: dict[str, Any] = {"error": reason, "failures": failures, "next_check_at": now + pause}
    damaged = isinstance(error, UnusableAnswerError) and failures >= TRIES_OF_A_PAGE
    if source.progress is not None and (damaged or isinstance(error, _REFUSALS)):
        # What asks for this page may hold no longer: the check begins anew at the newest entry.
        anew = CheckProgress(started_at=progress.started_at, added=progress.added)
        changes["progress"] = anew.model_dump(mode="json")
    with app.store.writing() as session:
        change_source(session, source.id, **changes)
    return StepReport(label, 0, 0, ended=True, error=f"{label}: {reason}")
