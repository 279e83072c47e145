"""The right to announce, which one process holds at a time."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading

from sqlmodel import Session

from bot.services.desk import Desk
from bot.store import leases

NAME = "announcer"
LASTS = dt.timedelta(seconds=60)
RENEWED_EVERY = 15.0
"""Seconds; several renewals may fail before the lease ends."""


class LeaseLostError(Exception):
    """Another process announces now; what this one was about to do is its business no more."""


def is_dead(holder: str) -> bool:
    """Whether a holder of this machine has ended; of other machines, only the lease's end tells."""
    host, process_id, _ = holder.rsplit(":", 2)
    if host != socket.gethostname() or os.name == "nt":  # there, signal 0 would end the process
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


class AnnouncerLease:
    """The lease of this process, renewed by a thread of its own, whatever else goes on."""

    def __init__(self, desk: Desk) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._desk = desk
        self._expires_at: dt.datetime | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is held, as far as this process knows."""
        return self._expires_at is not None and self._desk.clock() < self._expires_at

    def ensure(self) -> bool:
        """Whether it is held; taken where it is not. The thread renews it, so that is cheap as a rule."""
        return self.is_held or self.take()

    def take(self) -> bool:
        """Take it, or renew it; False while another process holds it."""
        now = self._desk.clock()
        with self._desk.store.writing() as session:
            row = leases.lease_row(session, NAME)
            dead = row[0] if row is not None and is_dead(row[0]) else None
            held = leases.take_lease(session, NAME, self.holder, now, now + LASTS, dead=dead)
        # Set only after the commit: before it, nobody else sees the lease as ours.
        self._expires_at = now + LASTS if held else None
        if held and self._thread is None:
            self._thread = threading.Thread(target=self._renew, name="announcer-lease", daemon=True)
            self._thread.start()
        return held

    def check(self, session: Session) -> None:
        """Make sure that this transaction is within the lease.

        Raises:
            LeaseLostError: it is not.

        """
        if not leases.holds_lease(session, NAME, self.holder, self._desk.clock()):
            self._expires_at = None
            raise LeaseLostError

    def release(self) -> None:
        """Give it back, so that the next process need not wait for its end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._expires_at = None
        with self._desk.store.writing() as session:
            leases.release_lease(session, NAME, self.holder)

    def _renew(self) -> None:
        while not self._stopped.wait(RENEWED_EVERY):
            with self._desk.outages.watching("Renewing the lease of announcing"):
                self.take()
