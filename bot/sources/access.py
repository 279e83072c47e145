"""The rate at which a host is asked, shared by all processes of this database."""

from __future__ import annotations

import datetime as dt

from bot.app import App
from bot.store import leases
from bot.store.leases import is_dead

LONGEST_REQUEST = dt.timedelta(seconds=150)
"""More than the client gives a whole answer; so long a process that cannot be asked whether it lives holds
a place."""

_NOBODY = "nobody:0:0"
"""Holds a place from an answer until the next request is allowed."""


class SharedRateLimit:
    """One place at each host for all processes: held while one asks, and until the next one may.

    It is a lease, so that a process that ends in the middle does not hold it for ever.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._holder = leases.own_name()

    def take(self, host: str, seconds: float) -> float:
        """Take the place: 0.0 where it is ours now, else after how many seconds to try again."""
        now, name, turn = self._app.clock(), f"place {host}", dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            holder, until = leases.lease_holder(session, name) or (_NOBODY, now)
            longest = turn if holder == _NOBODY else LONGEST_REQUEST
            if holder != _NOBODY and is_dead(holder):
                until += turn - LONGEST_REQUEST  # it asked no later than it took the place
            waiting = until - now
            if dt.timedelta() < waiting <= longest:  # beyond that, a clock was set back since
                return min(waiting, turn).total_seconds()
            until = now + LONGEST_REQUEST
            taken = leases.take_lease(session, name, self._holder, now, until, instead_of=holder)
        return 0.0 if taken else seconds

    def leave(self, host: str, seconds: float) -> None:
        """Leave the place, since the answer is here: the next may ask after so many seconds."""
        now = self._app.clock()
        until = now + dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            leases.take_lease(session, f"place {host}", _NOBODY, now, until, instead_of=self._holder)
