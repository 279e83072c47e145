"""The right to announce, which one process holds at a time."""

from __future__ import annotations

from bot.app import App
from bot.lease import Lease

NAME = "announcer"


class AnnouncerLease(Lease):
    """The lease of announcing."""

    def __init__(self, app: App) -> None:
        super().__init__(app, NAME)
