"""What of a page is new: decided by what this very source has shown before, never by a clock.

That another source brought a paper does not make it known here. An entry deeper than everything that was read
of a source is old: it was there when the source was first followed, it is noted, and nobody is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from bot.corpus.formats.answers import Page
from bot.corpus.paper import PaperRecord
from bot.sources.kinds import Kind
from bot.sources.paging import Progress
from bot.store.paper_sources import stored_digests
from bot.store.sources import add_seen, seen_entries


@dataclass(frozen=True, slots=True)
class Sifted:
    """A page, sorted into what is brought and what is only noted."""

    records: tuple[PaperRecord, ...]
    """To be brought: new, or in the corpus already, and then perhaps with something new to say."""
    new: Collection[str] = ()
    """Ids of entries that the source never showed before."""
    old: Collection[str] = ()
    """The same, but deeper than what was read: they are noted."""
    is_known: bool = False
    """Whether all entries of the page were there before the check under way began."""


def sift(session: Session, source: Row[Any], kind: Kind, page: Page, start: int) -> Sifted:
    """Sort a page before which so many entries of the source stand."""
    if not kind.newest_first:
        return Sifted(page.records)
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
    return Sifted(
        records=tuple(record for record in page.records if record.source_key not in left_out),
        new=[key for key in unseen if key not in old],
        old=old,
        is_known=all(key in seen and seen[key][0] < source.checks for key in keys),
    )


def _edge(edge: int, kind: Kind, keys: Sequence[str], seen: Mapping[str, tuple[int, bool]]) -> int:
    """From where on the entries of a page are deeper than what was read, by their count `edge`.

    Entries that a source takes away move the others up. So near the edge an entry is above it only where
    one that was read stands below.
    """
    if edge < len(keys) + (kind.page_size or 0):
        read = [place for place, key in enumerate(keys, start=1) if key in seen and not seen[key][1]]
        edge = min(edge, read[-1] if read else 0)
    return max(edge, 0)


def keep_seen(session: Session, source: Row[Any], sifted: Sifted) -> None:
    """Note what the source has shown."""
    add_seen(session, source.id, sifted.new, source.checks, old=False)
    add_seen(session, source.id, sifted.old, source.checks, old=True)


def pushed_down(source: Row[Any], new: int) -> dict[str, Any]:
    """What is written of a source when so many new entries push down the others, and the sweep's place."""
    changes: dict[str, Any] = {}
    if source.depth is not None:
        changes["depth"] = source.depth + new
    if source.sweep is not None:
        sweep = Progress.model_validate(source.sweep)
        changes["sweep"] = source.sweep | {"entries": sweep.entries + new}
    return changes


def arrival(source: Row[Any], added: int, now: dt.datetime) -> dict[str, Any]:
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
