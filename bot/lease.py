"""A lease: the right to do some work, which one process over all holds at a time."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Self

from sqlmodel import Session

from bot.app import App
from bot.store import leases

LASTS = dt.timedelta(seconds=60)
RENEWED_EVERY = 15.0
"""Seconds; several renewals may fail before the lease ends."""


class LeaseLostError(Exception):
    """Another process holds the lease now, and does what this one was about to do."""


class Lease:
    """A lease of this process, renewed by a thread of its own.

    As a context manager it is taken once at the start, and given back at the end.
    """

    def __init__(self, app: App, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.holder = leases.own_name()
        self._app = app
        self._monotonic = monotonic
        self._end: tuple[dt.datetime, float] | None = None
        """When it ends unless it is renewed, by the wall clock and by the monotonic clock."""
        self._switches = -1
        """Of the database when it was taken: another server may not know what was done within it."""
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    @property
    def is_held(self) -> bool:
        """Whether it is held, as far as this process knows; no longer once it was not renewed for its term.

        Both clocks have to agree: a wall clock may be set back, and a monotonic clock stops while the
        machine sleeps. Where the database changed over to another server, it has to be taken anew.
        """
        end = self._end
        is_current = end is not None and self._app.clock() < end[0] and self._monotonic() < end[1]
        return is_current and self._app.store.switches == self._switches

    def ensure(self) -> bool:
        """Whether it is held; taken where it is not. The thread renews it, so that is cheap as a rule."""
        return self.is_held or self.take()

    def take(self) -> bool:
        """Take it, or renew it; False while another process holds it."""
        return self._take(anew=True)

    def _take(self, *, anew: bool) -> bool:
        now, started = self._app.clock(), self._monotonic()
        with self._app.store.writing() as session:
            switches = self._app.store.switches
            if not anew and switches != self._switches:
                return (
                    False  # whoever works within it has read what this server may not know, and begins anew
                )
            last = leases.lease_holder(session, self.name)
            dead = last if last is not None and leases.is_dead(last.name) else None
            held = leases.take_lease(session, self.name, self.holder, now, now + LASTS, instead_of=dead)
        # Set only after the commit: before it, nobody else sees the lease as ours.
        self._end = (now + LASTS, started + LASTS.total_seconds()) if held else None
        self._switches = switches
        if held and self._thread is None:
            self._thread = threading.Thread(target=self._renew, name=f"lease {self.name}", daemon=True)
            self._thread.start()
        return held

    def check(self, session: Session) -> None:
        """Make sure that this transaction is within the lease.

        Raises:
            LeaseLostError: it is not.

        """
        is_known = self._app.store.switches == self._switches
        if not (is_known and leases.holds_lease(session, self.name, self.holder, self._app.clock())):
            self._end = None
            raise LeaseLostError

    def release(self) -> None:
        """Give it back where it was taken, so that the next process need not wait for its end."""
        self._stopped.set()
        if self._thread is None:
            return
        self._thread.join()
        self._end = None
        with self._app.store.writing() as session:
            leases.release_lease(session, self.name, self.holder)

    def _renew(self) -> None:
        while not self._stopped.wait(RENEWED_EVERY):
            with self._app.outages.watching(f"Renewing the lease of {self.name}", once=True):
                self._take(anew=False)
