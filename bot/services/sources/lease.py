"""The right to ask one provider, which one process holds at a time."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading
from typing import Self

from bot.services.announcing.lease import is_dead
from bot.services.desk import Desk
from bot.store import leases

LASTS = dt.timedelta(seconds=60)
RENEWED_EVERY = 15.0
"""Seconds; several renewals may fail before the lease ends."""


class WorkLease:
    """A lease that a thread of its own renews while the work goes on."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.name = name
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._desk = desk
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.is_held = False
        """As far as this process knows."""

    def __enter__(self) -> Self:
        self.is_held = self._take()
        if self.is_held:
            self._thread = threading.Thread(target=self._renew, name=f"lease {self.name}", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            with self._desk.store.writing() as session:
                leases.release_lease(session, self.name, self._holder)
        self.is_held = False

    def _take(self) -> bool:
        now = self._desk.clock()
        with self._desk.store.writing() as session:
            row = leases.lease_row(session, self.name)
            dead = row[0] if row is not None and is_dead(row[0]) else None
            return leases.take_lease(session, self.name, self._holder, now, now + LASTS, dead=dead)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED_EVERY):
            with self._desk.outages.watching(f"Renewing the lease of {self.name}", once=True):
                self.is_held = self._take()
