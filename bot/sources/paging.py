"""Page by page through a source: what asks for the next page, and whether an answer is whole.

An answer that promises more than it has is an error, which is tried again, and never the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from bot.app import Desk
from bot.corpus.formats.answers import Page, UnusableAnswerError
from bot.fetch.client import Answer
from bot.sources.kinds import Kind
from bot.sources.providers import Library

EMPTY_ANSWERS_BELIEVED = 3
"""After so many empty answers in a row to its first check, a source is believed to be empty."""

UNCHANGED = Page(records=(), entries=0)
"""What stands for a page where nothing changed since the validators were given."""


class Progress(BaseModel):
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

    def after(self, kind: Kind, page: Page, **changes: Any) -> Progress:
        """Where it stands after a page; the cursor is None at the source's end."""
        entries = self.entries + page.entries
        total = page.total if page.total is not None else self.total
        known: dict[str, Any] = {"pages": self.pages + 1, "entries": entries, "total": total}
        known["cursor"] = _next_cursor(kind, page, entries)
        return self.model_copy(update=known | changes)


def ask_page(
    desk: Desk,
    library: Library,
    kind: Kind,
    source: Row[Any],
    progress: Progress,
    *,
    validators: Mapping[str, str] | None = None,
    slack: int = 0,
) -> tuple[Page, dict[str, str]]:
    """The next page, and what asks later whether it still holds.

    Args:
        desk: The parts to work with.
        library: The providers.
        kind: What the source is.
        source: Its row.
        progress: Where the walk through it stands.
        validators: Of an earlier answer, where `UNCHANGED` is welcome.
        slack: So many entries may be missing at the source's end.

    Raises:
        PapercordError: it could not be asked, or what it answered is no page, or no whole one.

    """
    request = kind.request(desk.settings, source.value, progress.cursor)
    if validators:
        request = type(request)(request.target, {**request.headers, **validators}, request.body)

    def read(answer: Answer) -> tuple[Page, dict[str, str]]:
        if answer.status == 304 and validators:
            return UNCHANGED, {}
        page = kind.read(answer)
        _refuse_short(kind, source, progress, page, slack)
        return page, answer.validators

    return library.ask(kind.provider, request, read)


def _refuse_short(kind: Kind, source: Row[Any], progress: Progress, page: Page, slack: int) -> None:
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


def _next_cursor(kind: Kind, page: Page, entries: int) -> str | None:
    """What asks for the next page; None at the source's end."""
    if not page.entries:
        return None
    if not kind.counted:
        return page.next_cursor
    return str(entries) if page.total is not None and entries < page.total else None
