"""What an import answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not imported."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    added: int
    updated: int
    unchanged: int
    rejected: tuple[Rejected, ...]
    """Of very many rows the first."""
    notices: tuple[str, ...]
    """What was read with a reservation, such as a header whose paper count differs."""
    seconds: float
    rejected_more: int = 0
    """Rows that were not imported beside those in `rejected`."""
