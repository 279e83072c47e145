"""Page by page through a source, and what of a page is new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from bot.app import App
from bot.corpus.formats.answers import Page, UnusableAnswerError
from bot.corpus.paper import PaperRecord
from bot.fetch.client import Answer
from bot.sources.providers import Library, SourceKind
from bot.store.paper_sources import stored_digests
from bot.store.sources import SeenRow, SourceRow, add_seen, seen_entries

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
    source: SourceRow,
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
    kind: SourceKind, source: SourceRow, progress: CheckProgress, page: Page, slack: int
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
    session: Session, source: SourceRow, kind: SourceKind, page: Page, start: int
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


def keep_seen(session: Session, source: SourceRow, sifted: UnseenEntries) -> None:
    """Note what the source has shown."""
    add_seen(session, source.id, sifted.new, source.checks, old=False)
    add_seen(session, source.id, sifted.old, source.checks, old=True)


def pushed_down(source: SourceRow, new: int) -> dict[str, Any]:
    """What is written of a source when so many new entries push down the others, and the sweep's place."""
    changes: dict[str, Any] = {}
    if source.depth is not None:
        changes["depth"] = source.depth + new
    if source.sweep is not None:
        sweep = CheckProgress.model_validate(source.sweep)
        changes["sweep"] = source.sweep | {"entries": sweep.entries + new}
    return changes


def arrival(source: SourceRow, added: int, now: dt.datetime) -> dict[str, Any]:
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
