"""Checks one source, one page at a time.

What is new is decided by identity alone. A check begins at the newest entry and goes on until so
many entries in a row were known that nothing can hide between them; what it brought itself does not
count as known, also when it was cut off and reads that again. With the papers of a page it writes where
it goes on. An answer that promises more than it has is an error, which is tried again, and never the end.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row
from sqlmodel import Session

from bot.corpus.formats.answers import Page, RequestRefusedError, UnusableAnswerError
from bot.errors import PapercordError
from bot.fetching.client import Answer
from bot.fetching.errors import ClosedError, HostRestingError, NotFoundError, RequestFailedError
from bot.services.desk import Desk
from bot.services.sources.bringing import Brought, bring_in
from bot.services.sources.kinds import Kind, kind_named
from bot.services.sources.providers import Library
from bot.services.sources.results import StepReport
from bot.store.followed_sources import change_source
from bot.store.sources import stored_digests

OVERLAP = 300
"""So many known entries in a row end a check: entries may appear some places below the newest."""

BASELINE_ENTRIES = 1_000
"""How far back the first check goes, where the newest come first."""

MOST_PAGES = 500
"""A source that has more is cut there: it would be years of papers, or nonsense without end."""

EMPTY_ANSWERS_BELIEVED = 3
"""After so many empty answers in a row to its first check, a source is believed to be empty."""

TRIES_OF_A_PAGE = 3
"""After so many damaged answers in a row a check begins anew."""

FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=2), dt.timedelta(hours=6)

_REFUSALS = (NotFoundError, RequestFailedError, RequestRefusedError)

_log = logging.getLogger(__name__)


class Progress(BaseModel):
    """Where a check goes on."""

    started_at: dt.datetime
    cursor: str | None = None
    pages: int = 0
    entries: int = 0
    known_in_a_row: int = 0
    reached: int = 0
    """So many entries may be known by this check itself; none of them counts as known."""
    added: int = 0
    total: int | None = None
    validators: dict[str, str] = {}


def check_page(desk: Desk, library: Library, source: Row[Any]) -> StepReport:
    """Fetch and write the next page of a source; never raises for what the source does."""
    kind = kind_named(source.kind)
    label = f"{source.kind} {source.value}"
    progress = _progress(desk, source)
    try:
        page, validators = _fetch(desk, library, kind, source, progress)
        if progress.pages == 0:
            progress.validators = validators
        if page is None:
            brought, ended = Brought(), True
            with desk.store.writing() as session:
                change_source(session, source.id, **_at_the_end(source, kind, progress, desk.clock()))
        else:
            brought, ended = _bring_in(desk, source, kind, progress, label, page)
        if ended:
            desk.index.follow(desk.store)
        return StepReport(label, brought.added, brought.updated, ended)
    except ClosedError:
        raise
    except PapercordError as error:
        return _failed(desk, source, progress, label, str(error), error)
    except Exception as error:  # noqa: BLE001 - the other sources go on
        _log.exception("The check of %s failed.", label)
        said = f"It failed in an unforeseen way ({type(error).__name__})."
        return _failed(desk, source, progress, label, said, error)


def _progress(desk: Desk, source: Row[Any]) -> Progress:
    """Where the check of a source stands; at its beginning where none is under way."""
    if source.progress is not None:
        return Progress.model_validate(source.progress)
    return Progress(started_at=desk.clock())


def _bring_in(
    desk: Desk, source: Row[Any], kind: Kind, progress: Progress, label: str, page: Page
) -> tuple[Brought, bool]:
    """Write a page, and in the same transaction where the check goes on; whether it came to its end."""
    keys = [(one.source, one.source_key) for one in page.records]
    with desk.store.reading() as session:
        unknown = set(keys) - stored_digests(session, keys).keys()
    marked = _marked(progress, page, len(unknown))
    if unknown:  # said before they are written: whoever is cut off meanwhile finds them known
        with desk.store.writing() as session:
            change_source(session, source.id, progress=marked.model_dump(mode="json"))
    ended = False

    def keep_place(session: Session, brought: Brought) -> None:
        nonlocal ended
        fresh = not unknown.isdisjoint(stored_digests(session, keys))  # not of those that were left out
        after = _after(kind, marked if fresh else progress, page, brought, fresh=fresh)
        ended = after.cursor is None or _is_enough(kind, source, after)
        changes = (
            _at_the_end(source, kind, after, desk.clock())
            if ended
            else {"progress": after.model_dump(mode="json"), "error": None, "failures": 0}
        )
        change_source(session, source.id, **changes)

    as_news = source.baseline_at is not None
    brought = bring_in(desk, label, page.records, as_news=as_news, then=keep_place)
    for reason in (*page.refused, *(one.reason for one in brought.rejected)):
        _log.info("%s: left out: %s", label, reason)
    return brought, ended


def _marked(progress: Progress, page: Page, unknown: int) -> Progress:
    """The same with the mark up to where this check brings entries; new ones move the others down."""
    reached = max(progress.reached + unknown, progress.entries + page.entries)
    return progress.model_copy(update={"reached": reached})


def _after(kind: Kind, progress: Progress, page: Page, brought: Brought, *, fresh: bool) -> Progress:
    """Where the check stands after a page."""
    entries = progress.entries + page.entries
    is_known = not fresh and entries > progress.reached
    after = progress.model_copy(
        update={
            "pages": progress.pages + 1,
            "entries": entries,
            "added": progress.added + brought.added,
            "known_in_a_row": progress.known_in_a_row + page.entries if is_known else 0,
            "total": page.total if page.total is not None else progress.total,
        }
    )
    after.cursor = _next_cursor(kind, page, after)
    return after


def _fetch(
    desk: Desk, library: Library, kind: Kind, source: Row[Any], progress: Progress
) -> tuple[Page | None, dict[str, str]]:
    """The next page, and what asks later whether it still holds; no page where nothing changed."""
    request = kind.request(desk.settings, source.value, progress.cursor)
    if progress.cursor is None and source.baseline_at is not None and source.validators:
        request = type(request)(request.target, {**request.headers, **source.validators}, request.body)

    def read(answer: Answer) -> tuple[Page | None, dict[str, str]]:
        if answer.status == 304:
            return None, {}
        page = kind.read(answer)
        _refuse_short(kind, source, progress, page)
        return page, answer.validators

    return library.ask(kind.provider, request, read)


def _refuse_short(kind: Kind, source: Row[Any], progress: Progress, page: Page) -> None:
    """Raise where an answer has fewer entries than it promises, or than were there before."""
    label = kind.provider.value
    before = progress.entries
    if page.total is not None:
        wanted = max(page.total - before, 0)
        if kind.page_size is not None:
            wanted = min(wanted, kind.page_size)
        else:
            # An index that is asked with a cursor grows meanwhile, and its counts are estimates.
            wanted = 0 if page.next_cursor is not None else wanted - page.total // 50
        if page.entries < wanted:
            raise UnusableAnswerError(
                f"{label} answered {page.entries:,} of {wanted:,} promised entries; it is asked again."
            )
        if progress.total is not None and page.total < progress.total // 2:
            raise UnusableAnswerError(
                f"{label} promised {progress.total:,} entries and now {page.total:,}; it is asked again."
            )
    if page.entries or before:
        if not page.entries and page.next_cursor is not None:
            raise UnusableAnswerError(f"{label} answered an empty page in the middle; it is asked again.")
        return
    if kind.may_be_empty:
        return
    known = source.total or 0
    if known or (source.baseline_at is None and source.failures < EMPTY_ANSWERS_BELIEVED):
        held = f", where {known:,} entries were before" if known else ""
        raise UnusableAnswerError(f"{label} answered nothing{held}; it is asked again.")


def _next_cursor(kind: Kind, page: Page, progress: Progress) -> str | None:
    """What asks for the next page; None at the source's end."""
    if page.next_cursor is not None:
        return page.next_cursor if page.entries else None
    if kind.page_size is None or page.total is None or not page.entries:
        return None
    return str(progress.entries) if progress.entries < page.total else None


def _is_enough(kind: Kind, source: Row[Any], progress: Progress) -> bool:
    """Whether a check need not go on to the source's end."""
    if progress.pages >= MOST_PAGES:
        return True
    if not kind.newest_first:
        return False
    if source.baseline_at is None:
        return progress.entries >= BASELINE_ENTRIES
    return progress.known_in_a_row >= OVERLAP


def _at_the_end(source: Row[Any], kind: Kind, progress: Progress, now: dt.datetime) -> dict[str, Any]:
    """What is written of a source whose check came to its end."""
    changes: dict[str, Any] = {
        "progress": None,
        "checked_at": now,
        "error": None,
        "failures": 0,
        "next_check_at": now + kind.every,
    }
    if progress.pages:
        changes["validators"] = progress.validators or None
        changes["total"] = progress.total if progress.total is not None else progress.entries
    if source.baseline_at is None:
        changes["baseline_at"] = now
    elif progress.added:
        changes["arrived"] = source.arrived + progress.added
        changes["last_arrived"] = progress.added
        changes["arrival_times"] = source.arrival_times + 1
        changes["last_arrival_at"] = now
        if source.first_arrival_at is None:
            changes["first_arrival_at"] = now
    return changes


def _failed(
    desk: Desk, source: Row[Any], progress: Progress, label: str, reason: str, error: Exception
) -> StepReport:
    """Record a failure; the check goes on later where it stopped, after ever longer pauses."""
    now = desk.clock()
    pause = min(FIRST_PAUSE * 2 ** min(source.failures, 10), LONGEST_PAUSE)
    if isinstance(error, HostRestingError):
        pause = max(pause, dt.timedelta(seconds=error.seconds))
    failures = source.failures + (not isinstance(error, HostRestingError))
    changes: dict[str, Any] = {"error": reason, "failures": failures, "next_check_at": now + pause}
    damaged = isinstance(error, UnusableAnswerError) and failures >= TRIES_OF_A_PAGE
    if source.progress is not None and (damaged or isinstance(error, _REFUSALS)):
        # What asks for this page may hold no longer. The check begins anew at the newest entry, and what
        # it added so far does not count as known to it: it has to come further than that.
        anew = Progress(started_at=progress.started_at, reached=progress.reached, added=progress.added)
        changes["progress"] = anew.model_dump(mode="json")
    with desk.store.writing() as session:
        change_source(session, source.id, **changes)
    return StepReport(label, 0, 0, ended=True, error=f"{label}: {reason}")
