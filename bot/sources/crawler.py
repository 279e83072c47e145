"""Checks of sources: page by page from the newest entry, until what follows is known.

Whether an entry is unseen is decided by its id alone. A check ends after `OVERLAP` known entries in a row, so
that it also finds entries that appear some places below the newest; what appears deeper is found by sweeps.
Entries that a check imported itself do not count as known to it, also when it was cut off and reads them
again. The position of a check is written in the same transaction as the papers of its page.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import Page, RequestRefusedError, UnusableAnswerError
from bot.corpus.paper import PaperRecord
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.client import Answer
from bot.fetch.errors import ClosedError, HostRestingError, NotFoundError, RequestFailedError
from bot.ingest.importer import ImportedRecords, import_records
from bot.sources.completion import completing_records
from bot.sources.library import Library
from bot.sources.providers.kinds import SINCE, SourceKind
from bot.sources.providers.table import kind_named
from bot.store.paper_sources import stored_digests
from bot.store.sources import SeenRow, SourceRow, add_seen, change_source, seen_entries

EMPTY_ANSWERS_BELIEVED = 3
"""After so many empty answers in a row to its first check, a source is believed to be empty."""

FEWEST_REFUSED = 3
"""From so many entries on of which none can be read, the page is at fault, not each of them."""

UNCHANGED = Page(records=(), entries=0)
"""In place of a page where nothing changed since the validators were given."""


WHOLE_EVERY = dt.timedelta(days=28)
"""So often a check reads all of a source whose checks ask only for what changed, as sweeps do elsewhere."""

TRIES_OF_DETAILS = 2
"""Records that an answer leaves out are asked for once more."""


class CheckProgress(BaseModel):
    """The position of a check in its source, as it is stored."""

    started_at: dt.datetime
    cursor: str | None = None
    pages: int = 0
    entries: int = 0
    """Entries of the source that stand before the next page."""
    known_in_a_row: int = 0
    added: int = 0
    total: int | None = None
    validators: dict[str, str] = {}

    def after(self, kind: SourceKind, page: Page, **changes: Any) -> CheckProgress:
        """The position after a page; the cursor is None at the source's end."""
        entries = self.entries + page.entries
        total = page.total if page.total is not None else self.total
        known: dict[str, Any] = {"pages": self.pages + 1, "entries": entries, "total": total}
        known["cursor"] = _next_cursor(kind, page, entries)
        return self.model_copy(update=known | changes)


def ask_page(
    app: App,
    library: Library,
    kind: SourceKind,
    source: SourceRow,
    progress: CheckProgress,
    *,
    validators: Mapping[str, str] | None = None,
    slack: int = 0,
) -> tuple[Page, dict[str, str]]:
    """Fetch the next page; (page, validators with which a later request asks whether it changed).

    Args:
        app: The parts to work with.
        library: The providers.
        kind: What the source is.
        source: Its row.
        progress: The position in it.
        validators: Of an earlier answer, where `UNCHANGED` may be returned.
        slack: How many entries may be missing at the source's end.

    Raises:
        PapercordError: the source could not be asked, or its answer is no page, or not a whole one.

    """
    request = kind.request(app.settings, source.value, progress.cursor)
    if validators:
        request = type(request)(request.target, {**request.headers, **validators}, request.body)

    def read(answer: Answer) -> tuple[Page, dict[str, str]]:
        if answer.status == 304 and validators:
            return UNCHANGED, {}
        page = kind.read(answer)
        if page.next_cursor is not None and page.next_cursor == progress.cursor:
            raise UnusableAnswerError("It names the same page as the next one; it is asked again.")
        _refuse_short(kind, source, progress, page, slack)
        return page, answer.validators

    try:
        page, answered = library.ask(kind.provider, request, read)
    except RequestFailedError as error:
        if not kind.says_why:
            raise
        try:
            page, answered = kind.read(Answer(request.target, error.status, {}, error.body)), {}
        except UnusableAnswerError:
            raise error from None
    page = _with_details(app, library, kind, page) if page.ids else page
    _refuse_unreadable(page)
    return page, answered


def _with_details(app: App, library: Library, kind: SourceKind, page: Page) -> Page:
    """The page with the records behind its ids."""
    details = kind.details
    if details is None:
        return page
    records, refused, missing = page.records, page.refused, page.ids
    for _ in range(TRIES_OF_DETAILS):
        if missing:
            request, wanted = details.request(app.settings, missing), missing
            found = library.ask(kind.provider, request, lambda answer, ids=wanted: details.read(answer, ids))
            records, refused, missing = (*records, *found.records), (*refused, *found.refused), found.ids
    lost = (f"{kind.provider.name} {one}: it gave no record" for one in missing)
    return replace(page, records=records, refused=(*refused, *lost))


def _refuse_unreadable(page: Page) -> None:
    """Raise where nothing of a page can be read: its form has changed, and its papers are asked for later."""
    if len(page.refused) >= FEWEST_REFUSED and not page.records:
        raise UnusableAnswerError(
            f"The form of the answers seems to have changed: none of {len(page.refused):,} entries can be"
            f" read ({page.refused[0][:200]}); it is asked again."
        )


def _refuse_short(
    kind: SourceKind, source: SourceRow, progress: CheckProgress, page: Page, slack: int
) -> None:
    """Raise where an answer has fewer entries than it promises, or than were there before."""
    label = kind.provider.name
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
    """The entries of a page, by whether the source has shown them before."""

    records: tuple[PaperRecord, ...]
    """To be imported: new ones, and those of papers of the corpus, of which they may say something new."""
    new: Collection[str] = ()
    """Ids of entries that the source never showed before."""
    old: Collection[str] = ()
    """The same, but deeper than the source was read: they are not imported, only recorded as seen."""
    is_known: bool = False
    """Whether all entries of the page were seen before the check under way began."""


def unseen_entries(
    session: Session, source: SourceRow, kind: SourceKind, page: Page, start: int
) -> UnseenEntries:
    """Compare a page with what the source has shown; `start` entries of the source stand before it."""
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
    left_out = {key for key in keys if key in old or (key in seen and seen[key].old)} - stored
    return UnseenEntries(
        records=tuple(record for record in page.records if record.source_key not in left_out),
        new=[key for key in unseen if key not in old],
        old=old,
        is_known=all(key in seen and seen[key].at_check < source.checks for key in keys),
    )


def _edge(edge: int, kind: SourceKind, keys: Sequence[str], seen: Mapping[str, SeenRow]) -> int:
    """From where on the entries of a page are deeper than what was read, by their count `edge`.

    Entries that a source takes away move the others up. So near the edge an entry is above it only where
    one that was read stands below.
    """
    if edge < len(keys) + (kind.page_size or 0):
        read = [place for place, key in enumerate(keys, start=1) if key in seen and not seen[key].old]
        edge = min(edge, read[-1] if read else 0)
    return max(edge, 0)


def _keep_seen(session: Session, source: SourceRow, unseen: UnseenEntries) -> None:
    """Record which entries the source has shown."""
    add_seen(session, source.id, unseen.new, source.checks, old=False)
    add_seen(session, source.id, unseen.old, source.checks, old=True)


def _moved_down(source: SourceRow, new: int) -> dict[str, Any]:
    """The columns of a source that count entries before a position, after new entries appeared above it."""
    changes: dict[str, Any] = {}
    if source.depth is not None:
        changes["depth"] = source.depth + new
    if source.sweep is not None:
        sweep = CheckProgress.model_validate(source.sweep)
        changes["sweep"] = source.sweep | {"entries": sweep.entries + new}
    return changes


def count_added(source: SourceRow, added: int, now: dt.datetime) -> dict[str, Any]:
    """The columns of a source that had so many new papers."""
    if not added:
        return {}
    return {
        "arrived": source.arrived + added,
        "last_arrived": added,
        "arrival_times": source.arrival_times + 1,
        "last_arrival_at": now,
        "first_arrival_at": source.first_arrival_at or now,
    }


def import_page(
    app: App,
    source: SourceRow,
    kind: SourceKind,
    progress: CheckProgress,
    page: Page,
    columns: Callable[[ImportedRecords, UnseenEntries], dict[str, Any]],
    *,
    newly_added: bool,
) -> ImportedRecords:
    """Import the records of a page; in the same transaction the source takes the values of `columns`.

    Args:
        app: The parts to work with.
        source: The source's row.
        kind: What it is.
        progress: The position of the page.
        page: What was read there.
        columns: The values to write of the source, from what was imported and what was unseen.
        newly_added: Whether new papers become "newly added"; else they are known from the beginning.

    """
    with app.store.reading() as session:
        unseen = unseen_entries(session, source, kind, page, progress.entries)

    def keep_position(session: Session, imported: ImportedRecords) -> None:
        changes = _moved_down(source, len(unseen.new)) | columns(imported, unseen)
        if change_source(session, source.id, **changes):
            _keep_seen(session, source, unseen)

    return import_records(
        app, label_of(source), unseen.records, newly_added=newly_added, write_last=keep_position
    )


def write_columns(app: App, source: SourceRow, columns: Mapping[str, Any]) -> None:
    """Write columns of a source in a transaction of their own."""
    with app.store.writing() as session:
        change_source(session, source.id, **columns)


def label_of(source: SourceRow) -> str:
    """Such as "arxiv category cs.LG"."""
    return f"{source.kind} {source.value}"


@dataclass(frozen=True, slots=True)
class StepReport:
    """What the import of one page of a source did."""

    source: str
    added: int
    updated: int
    ended: bool
    """The check came to its end, or failed and is tried later."""
    error: str | None = None


OVERLAP = 300
"""So many known entries in a row end a check: entries may appear some places below the newest."""

BASELINE_ENTRIES = 1_000
"""How many entries the first check reads, where the newest come first."""

TRIES_OF_A_PAGE = 3
"""After so many damaged answers in a row a check begins anew."""

FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=2), dt.timedelta(hours=6)

_REFUSALS = (NotFoundError, RequestFailedError, RequestRefusedError)

_log = logging.getLogger(__name__)


def check_page(app: App, library: Library, source: SourceRow) -> StepReport:
    """Fetch and import the next page of a source.

    Raises:
        ClosedError: Papercord is being closed.
        DatabaseUnusableError: nothing can be written. Other errors are recorded in the source.

    """
    progress = _progress(app, source)
    try:
        return _check_page(app, library, source, progress)
    except (ClosedError, DatabaseUnusableError):
        raise
    except PapercordError as error:
        return _failed(app, source, progress, str(error), error)
    except Exception as error:  # noqa: BLE001 - the other sources go on
        _log.exception("The check of %s failed.", label_of(source))
        reason = f"It failed in an unforeseen way ({type(error).__name__})."
        return _failed(app, source, progress, reason, error)


def _progress(app: App, source: SourceRow) -> CheckProgress:
    """The position of the check of a source; its beginning where none is under way."""
    if source.progress is not None:
        return CheckProgress.model_validate(source.progress)
    return _beginning(source, app.clock())


def _beginning(source: SourceRow, started_at: dt.datetime, added: int = 0) -> CheckProgress:
    """The position at which a check begins: where the source says so, at what changed since the last one."""
    last = (source.validators or {}) if kind_named(source.kind).changed_since else {}
    is_part = "since" in last and started_at - dt.datetime.fromisoformat(last["whole"]) < WHOLE_EVERY
    return CheckProgress(
        started_at=started_at, cursor=SINCE + last["since"] if is_part else None, added=added
    )


def _check_page(app: App, library: Library, source: SourceRow, progress: CheckProgress) -> StepReport:
    kind = kind_named(source.kind)
    is_conditional = progress.cursor is None and source.baseline_at is not None
    page, validators = ask_page(
        app, library, kind, source, progress, validators=source.validators if is_conditional else None
    )
    if progress.pages == 0:
        progress.validators = _moments(source, progress) if kind.changed_since else validators
    if kind.completed and page.records:
        page = replace(page, records=(*page.records, *completing_records(app, library, page.records)))
    if page is UNCHANGED:
        imported, ended = ImportedRecords(), True
        write_columns(app, source, _columns_at_end(source, kind, progress, app.clock()))
    else:
        imported, ended = _import_page(app, source, kind, progress, page)
    return StepReport(label_of(source), imported.added, imported.updated, ended)


def _moments(source: SourceRow, progress: CheckProgress) -> dict[str, str]:
    """When this check began, and the last one that read the whole."""
    began = progress.started_at.isoformat()
    return {"since": began, "whole": began if progress.cursor is None else (source.validators or {})["whole"]}


def _import_page(
    app: App, source: SourceRow, kind: SourceKind, progress: CheckProgress, page: Page
) -> tuple[ImportedRecords, bool]:
    """Import a page; (what that did, whether the check is at its end)."""
    ended = False

    def columns(imported: ImportedRecords, unseen: UnseenEntries) -> dict[str, Any]:
        nonlocal ended
        after = progress.after(
            kind,
            page,
            added=progress.added + imported.added,
            known_in_a_row=progress.known_in_a_row + page.entries if unseen.is_known else 0,
        )
        ended = after.cursor is None or _is_enough(kind, source, after, unseen)
        if ended:
            return _columns_at_end(source, kind, after, app.clock())
        return {"progress": after.model_dump(mode="json"), "error": None, "failures": 0}

    newly_added = source.baseline_at is not None
    imported = import_page(app, source, kind, progress, page, columns, newly_added=newly_added)
    for reason in (*page.refused, *(one.reason for one in imported.rejected)):
        _log.info("%s: left out: %s", label_of(source), reason)
    return imported, ended


def _is_enough(kind: SourceKind, source: SourceRow, progress: CheckProgress, unseen: UnseenEntries) -> bool:
    """Whether a check need not go on to the source's end."""
    if progress.pages >= kind.most_pages:
        return True
    if not kind.newest_first:
        return False
    if source.baseline_at is None:
        return progress.entries >= BASELINE_ENTRIES
    return bool(unseen.old) or progress.known_in_a_row >= OVERLAP


def _columns_at_end(
    source: SourceRow, kind: SourceKind, progress: CheckProgress, now: dt.datetime
) -> dict[str, Any]:
    """The columns of a source whose check came to its end."""
    columns: dict[str, Any] = {
        "progress": None,
        "checks": source.checks + 1,
        "checked_at": now,
        "error": None,
        "failures": 0,
        "next_check_at": now + kind.every,
    }
    if progress.pages:
        columns["validators"] = progress.validators or None
        columns["total"] = progress.total if progress.total is not None else progress.entries
        columns |= _columns_of_sweep(source, kind, progress, now)
    if source.baseline_at is None:
        return columns | {"baseline_at": now}
    return columns | count_added(source, progress.added, now)


def _columns_of_sweep(
    source: SourceRow, kind: SourceKind, progress: CheckProgress, now: dt.datetime
) -> dict[str, Any]:
    """How deep the source was read, and when the sweep through the rest goes on."""
    if progress.cursor is None or not kind.newest_first:
        return {"depth": None, "sweep": None, "sweep_at": None}
    depth = {"depth": progress.entries} if source.baseline_at is None else {}
    if source.sweep_at is None:
        return depth | {"sweep_at": now + kind.sweep_pause(progress.total)}
    return depth


def _failed(
    app: App, source: SourceRow, progress: CheckProgress, reason: str, error: Exception
) -> StepReport:
    """Record a failure; the check goes on later where it stopped, after ever longer pauses."""
    now = app.clock()
    pause = min(FIRST_PAUSE * 2 ** min(source.failures, 10), LONGEST_PAUSE)
    if isinstance(error, HostRestingError):
        pause = max(pause, dt.timedelta(seconds=error.seconds))
    failures = source.failures + (not isinstance(error, HostRestingError))
    columns: dict[str, Any] = {"error": reason, "failures": failures, "next_check_at": now + pause}
    is_damaged = isinstance(error, UnusableAnswerError) and failures >= TRIES_OF_A_PAGE
    if source.progress is not None and (is_damaged or isinstance(error, _REFUSALS)):
        # The cursor of this page may not be valid any more: the check begins anew at the newest entry.
        anew = _beginning(source, progress.started_at, progress.added)
        columns["progress"] = anew.model_dump(mode="json")
    write_columns(app, source, columns)
    label = label_of(source)
    return StepReport(label, 0, 0, ended=True, error=f"{label}: {reason}")
