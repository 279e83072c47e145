"""Long lists of a server in pages of a fixed size, which buttons turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

CHANNEL = r"[1-9][0-9]{0,19}"
SHOWN = rf"(?P<only>0|{CHANNEL}):(?P<page>[0-9]{{1,5}})"
"""Of one channel or, with 0, of all; and which page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a server's list a card shows, as the custom_ids of its buttons say it."""

    channel_id: int | None = None
    """The only channel; None: all of the server."""
    page: int = 1

    @property
    def words(self) -> str:
        """The part of a custom_id that `SHOWN` matches."""
        return f"{self.channel_id or 0}:{self.page}"

    @classmethod
    def of(cls, given: re.Match[str]) -> Shown:
        """What a custom_id says; all of the server from its beginning where it is one that says nothing."""
        only, page = given["only"], given["page"]
        return cls() if only is None else cls(int(only) or None, int(page))

    def within(self, pages: int) -> Shown:
        """The same, on the nearest page that there is."""
        return Shown(self.channel_id, min(max(1, self.page), pages))


def pages_of(count: int, size: int) -> int:
    """How many pages so many entries fill, at least one."""
    return max(1, -(-count // size))


def part_of(entries: Sequence[T], page: int, size: int) -> Sequence[T]:
    """The entries of a page, the first of which is 1."""
    return entries[(page - 1) * size : page * size]
