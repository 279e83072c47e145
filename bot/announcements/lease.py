"""The right to announce, which one process holds at a time."""

from __future__ import annotations

from bot.app import Desk
from bot.lease import Lease

NAME = "announcer"


class AnnouncerLease(Lease):
    """The lease of announcing."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, NAME)
