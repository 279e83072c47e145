"""Checks of sources: page by page from the newest entry, until what follows is known."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row
from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import Page, RequestRefusedError, UnusableAnswerError
from bot.corpus.paper import PaperRecord
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.client import Answer
from bot.fetch.errors import ClosedError, HostRestingError, NotFoundError, RequestFailedError
from bot.ingest.importer import ImportedRecords, import_records
from bot.sources.providers import Library, SourceKind, kind_named
from bot.sources.results import StepReport
from bot.sources.sweeper import sweep_pause
from bot.store.paper_sources import stored_digests
from bot.store.sources import add_seen, change_source, seen_entries

EMPTY_ANSWERS_BELIEVED = 3
"""After so many empty answers in a row to its first check, a source is believed to be empty."""

UNCHANGED = Page(records=(), entries=0)
"""What stands for a page where nothing changed since the validators were given."""


class CheckProgress(BaseModel):
    """Where a walk through a source goes on."""

    started_at: dt.datetime
    cursor: str | None = None
    pages: int = 0
    entries: int = 0
    """So many of the source's entries stand before the next page."""
    known_in_a_row: int = 0
    added: int = 0
    total: int | None = None
    validators: dict[str, str] = {}

    def after(self, kind: SourceKind, page: Page, **changes: Any) -> CheckProgress:
        """Where it stands after a page; the cursor is None at the source's end."""
        entries = self.entries + page.entries
        total = page.total if page.total is not None else self.total
        known: dict[str, Any] = {"pages": self.pages + 1, "entries": entries, "total": total}
        known["cursor"] = _next_cursor(kind, page, entries)
        return self.model_copy(update=known | changes)


def ask_page(
    app: App,
    library: Library,
    kind: SourceKind,
    source: Row[Any],
    progress: CheckProgress,
    *,
    validators: Mapping[str, str] | None = None,
    slack: int = 0,
) -> tuple[Page, dict[str, str]]:
    """The next page, and what asks later whether it still holds.

    Args:
        app: The parts to work with.
        library: The providers.
        kind: What the source is.
        source: Its row.
        progress: Where the walk through it stands.
        validators: Of an earlier answer, where `UNCHANGED` is welcome.
        slack: So many entries may be missing at the source's end.

    Raises:
        PapercordError: it could not be asked, or what it answered is no page, or no whole one.

    """
    request = kind.request(app.settings, source.value, progress.cursor)
    if validators:
        request = type(request)(request.target, {**request.headers, **validators}, request.body)

    def read(answer: Answer) -> tuple[Page, dict[str, str]]:
        if answer.status == 304 and validators:
            return UNCHANGED, {}
        page = kind.read(answer)
        _refuse_short(kind, source, progress, page, slack)
        return page, answer.validators

    return library.ask(kind.provider, request, read)


def _refuse_short(
    kind: SourceKind, source: Row[Any], progress: CheckProgress, page: Page, slack: int
) -> None:
    """Raise where an answer has fewer entries than it promises, or than were there before."""
    label = kind.provider.value
    before = progress.entries
    if kind.counted and page.total is None:
        raise UnusableAnswerError(f"{label} does not say how many entries there are; it is asked again.")
    if page.total is not None:
        wanted = max(page.total - before - slack, 0)
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


def _next_cursor(kind: SourceKind, page: Page, entries: int) -> str | None:
    """What asks for the next page; None at the source's end."""
    if not page.entries:
        return None
    if not kind.counted:
        return page.next_cursor
    return str(entries) if page.total is not None and entries < page.total else None


@dataclass(frozen=True, slots=True)
class UnseenEntries:
    """A page, sorted into what is brought and what is only noted."""

    records: tuple[PaperRecord, ...]
    """To be brought: new, or in the corpus already, and then perhaps with something new to say."""
    new: Collection[str] = ()
    """Ids of entries that the source never showed before."""
    old: Collection[str] = ()
    """The same, but deeper than what was read: they are noted."""
    is_known: bool = False
    """Whether all entries of the page were there before the check under way began."""


def unseen_entries(
    session: Session, source: Row[Any], kind: SourceKind, page: Page, start: int
) -> UnseenEntries:
    """Sort a page before which so many entries of the source stand."""
    if not kind.newest_first:
        return UnseenEntries(page.records)
    keys = [record.source_key for record in page.records]
    seen = seen_entries(session, source.id, keys)
    pairs = {(record.source, record.source_key) for record in page.records}
    stored = {key for _, key in stored_digests(session, pairs)}
    # Entries that are no papers stand anywhere between the others: of each record the deepest possible place.
    first = start + page.entries - len(keys)
    edge = len(keys) if source.depth is None else _edge(source.depth - first, kind, keys, seen)
    deep = set(keys[edge:])
    unseen = dict.fromkeys(key for key in keys if key not in seen)
    old = unseen.keys() & deep
    left_out = {key for key in keys if key in old or seen.get(key, (0, False))[1]} - stored
    return UnseenEntries(
        records=tuple(record for record in page.records if record.source_key not in left_out),
        new=[key for key in unseen if key not in old],
        old=old,
        is_known=all(key in seen and seen[key][0] < source.checks for key in keys),
    )


def _edge(edge: int, kind: SourceKind, keys: Sequence[str], seen: Mapping[str, tuple[int, bool]]) -> int:
    """From where on the entries of a page are deeper than what was read, by their count `edge`.

    Entries that a source takes away move the others up. So near the edge an entry is above it only where
    one that was read stands below.
    """
    if edge < len(keys) + (kind.page_size or 0):
        read = [place for place, key in enumerate(keys, start=1) if key in seen and not seen[key][1]]
        edge = min(edge, read[-1] if read else 0)
    return max(edge, 0)


def keep_seen(session: Session, source: Row[Any], sifted: UnseenEntries) -> None:
    """Note what the source has shown."""
    add_seen(session, source.id, sifted.new, source.checks, old=False)
    add_seen(session, source.id, sifted.old, source.checks, old=True)


def moved_down(source: Row[Any], new: int) -> dict[str, Any]:
    """What is written of a source when so many new entries push down the others, and the sweep's place."""
    changes: dict[str, Any] = {}
    if source.depth is not None:
        changes["depth"] = source.depth + new
    if source.sweep is not None:
        sweep = CheckProgress.model_validate(source.sweep)
        changes["sweep"] = source.sweep | {"entries": sweep.entries + new}
    return changes


def count_added(source: Row[Any], added: int, now: dt.datetime) -> dict[str, Any]:
    """What is written of a source that brought so many new papers."""
    if not added:
        return {}
    return {
        "arrived": source.arrived + added,
        "last_arrived": added,
        "arrival_times": source.arrival_times + 1,
        "last_arrival_at": now,
        "first_arrival_at": source.first_arrival_at or now,
    }


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


def check_page(app: App, library: Library, source: Row[Any]) -> StepReport:
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


def _progress(app: App, source: Row[Any]) -> CheckProgress:
    """Where the check of a source stands; at its beginning where none is under way."""
    if source.progress is not None:
        return CheckProgress.model_validate(source.progress)
    return CheckProgress(started_at=app.clock())


def _bring_in(
    app: App, source: Row[Any], kind: SourceKind, progress: CheckProgress, label: str, page: Page
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
        changes = moved_down(source, len(sifted.new))
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


def _is_enough(kind: SourceKind, source: Row[Any], progress: CheckProgress, sifted: UnseenEntries) -> bool:
    """Whether a check need not go on to the source's end."""
    if progress.pages >= MOST_PAGES:
        return True
    if not kind.newest_first:
        return False
    if source.baseline_at is None:
        return progress.entries >= BASELINE_ENTRIES
    return bool(sifted.old) or progress.known_in_a_row >= OVERLAP


def _at_the_end(
    source: Row[Any], kind: SourceKind, progress: CheckProgress, now: dt.datetime
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
    return changes | count_added(source, progress.added, now)


def _what_was_read(
    source: Row[Any], kind: SourceKind, progress: CheckProgress, now: dt.datetime
) -> dict[str, Any]:
    """How deep the source was read, and when the sweep through the rest goes on."""
    if progress.cursor is None or not kind.newest_first:
        return {"depth": None, "sweep": None, "sweep_at": None}
    depth = {"depth": progress.entries} if source.baseline_at is None else {}
    if source.sweep_at is None:
        return depth | {"sweep_at": now + sweep_pause(kind, progress.total)}
    return depth


def _failed(
    app: App, source: Row[Any], progress: CheckProgress, label: str, reason: str, error: Exception
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
