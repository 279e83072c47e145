"""Permits for requests at a rate that holds over all processes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlmodel import Session

from bot.app import App
from bot.store import leases
from bot.store.leases import is_dead

LONGEST_REQUEST = dt.timedelta(seconds=150)
"""More than the client gives a whole answer; so long a process whose state cannot be checked
holds a permit."""

_NOBODY = "nobody:0:0"
"""The holder of a permit from an answer until the next request is allowed."""


class SharedRateLimit:
    """One permit for each host over all processes: held during a request, and until the next is allowed.

    It is a lease, so that a process that ends in the middle does not hold it for ever.
    """

    def __init__(
        self,
        app: App,
        *,
        longest: dt.timedelta = LONGEST_REQUEST,
        now: Callable[[Session], dt.datetime] | None = None,
    ) -> None:
        """Make it.

        Args:
            app: Whose database it is in.
            longest: How long a permit is held by a process of which nothing is known any more.
            now: Answers the time, where not the clock of the app is to say it.

        """
        self._app = app
        self._longest = longest
        self._now: Callable[[Session], dt.datetime] = now or (lambda _session: app.clock())
        self._holder = leases.own_name()

    def acquire(self, host: str, seconds: float) -> float:
        """Take the permit: 0.0 where it is ours now, else after how many seconds to try again."""
        name, interval = _name(host), dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            now = self._now(session)
            last = leases.lease_holder(session, name)
            holder, until = last or (_NOBODY, now)
            longest = interval if holder == _NOBODY else self._longest
            if holder != _NOBODY and is_dead(holder):
                until += interval - self._longest  # it asked no later than it took the permit
            waiting = until - now
            if dt.timedelta() < waiting <= longest:  # beyond that, a clock was set back since
                return min(waiting, interval).total_seconds()
            until = now + self._longest
            taken = leases.take_lease(session, name, self._holder, now, until, instead_of=last)
        return 0.0 if taken else seconds

    def renew(self, host: str) -> bool:
        """Hold the permit as if it were taken now; False where it is no longer ours."""
        with self._app.store.writing() as session:
            now = self._now(session)
            if not leases.holds_lease(session, _name(host), self._holder, now):
                return False
            return leases.take_lease(session, _name(host), self._holder, now, now + self._longest)

    def release(self, host: str, seconds: float) -> None:
        """Release the permit after an answer: the next request is allowed after so many seconds.

        Where another process had it meanwhile, its request counts, too.
        """
        name, interval = _name(host), dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            now = self._now(session)
            last = leases.lease_holder(session, name)
            until = now + interval
            if last is not None and last.name == _NOBODY and last.expires_at - now <= self._longest:
                until = max(until, last.expires_at)
            is_ours = last is not None and last.name == self._holder
            leases.take_lease(session, name, _NOBODY, now, until, instead_of=last if is_ours else None)


def _name(host: str) -> str:
    return f"place {host}"
