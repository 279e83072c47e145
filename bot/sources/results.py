"""What the services of sources answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, and how it is going there."""

    id: int
    kind: str
    value: str
    paused: bool
    added_at: dt.datetime
    is_new: bool
    """Its first whole check has not ended: what comes is known and no news."""
    checking: bool
    """A check of it is under way, or was cut off and goes on."""
    checked_at: dt.datetime | None
    last_arrival_at: dt.datetime | None
    arrived: int
    """New papers since its first check."""
    last_arrived: int
    error: str | None
    """Why its last try failed, in words for people."""
    next_check_at: dt.datetime | None
    """None while it is paused."""
    silent_for: dt.timedelta | None
    """Where it has been silent for much longer than its habit."""

    @property
    def label(self) -> str:
        """Such as "arxiv category cs.LG"."""
        return f"{self.kind} {self.value}"


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one page of a source brought."""

    source: str
    added: int
    updated: int
    ended: bool
    """The check came to its end, or failed and is tried later."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a round of checks brought."""

    pages: int
    added: int
    updated: int
    errors: tuple[str, ...]
    held_elsewhere: tuple[str, ...] = ()
    """Providers whose sources another process checks just now."""
