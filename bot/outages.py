"""Outages in the log: one line when one begins, one a minute, one when it ends."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

from bot.errors import DatabaseUnusableError, PapercordError, one_line

SAID_EVERY = dt.timedelta(minutes=1)
FORGOTTEN_AFTER = dt.timedelta(minutes=2)
"""A user that has not failed for so long may have ended, and does not keep an outage open."""

_log = logging.getLogger(__name__)


class Asked(Protocol):
    """How often the thing that may fail was asked, and answered."""

    @property
    def begun(self) -> int:
        """How often it has been asked."""
        ...

    def is_any_after(self, number: int) -> bool:
        """Whether it has answered a question that was asked after so many others."""
        ...


class Outage:
    """One thing that may fail, with one or more users; safe to call from any thread."""

    def __init__(
        self,
        what: str,
        clock: Callable[[], dt.datetime],
        level: int = logging.ERROR,
        asked: Asked | None = None,
    ) -> None:
        self._what = what
        self._asked = asked
        """Where it is known, work that did not need the thing, or began before it failed, ends no outage."""
        self._begun = 0
        """How often it had been asked when it failed last."""
        self._level = level
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dt.datetime | None = None
        """When it began to fail; None while it works."""
        self._said_at: dt.datetime | None = None
        self._failing: dict[str, dt.datetime] = {}
        """The users that have failed and not worked since, and when each failed last."""
        self._traced: set[type[BaseException]] = set()
        """The kinds of errors whose tracebacks this outage has in the log."""

    def failed(self, error: BaseException | str, user: str | None = None, *, traced: bool = False) -> None:
        """Record that it failed; with the traceback of each new kind of error where it is `traced`.

        The outage does not end before a `user` that is named here has worked again.
        """
        with self._lock:
            now = self._clock()
            if self._asked is not None:
                self._begun = self._asked.begun
            if user is not None:
                self._failing[user] = now
            is_new = traced and not isinstance(error, str) and type(error) not in self._traced
            trace = error if is_new and not isinstance(error, str) else None
            if self._since is None:
                self._since = now
                _log.log(
                    self._level,
                    "%s failed: %s; it is tried again.",
                    self._what,
                    _in_words(error),
                    exc_info=trace,
                )
            elif is_new or self._said_at is None or abs(now - self._said_at) >= SAID_EVERY:
                lasts = _seconds(now - self._since)
                _log.log(
                    self._level,
                    "%s has been failing for %s: %s.",
                    self._what,
                    lasts,
                    _in_words(error),
                    exc_info=trace,
                )
            else:
                return
            self._said_at = now
            if not isinstance(error, str):
                self._traced.add(type(error))

    def worked(self, user: str | None = None) -> None:
        """Record that it worked; the outage ends where no other user still fails."""
        with self._lock:
            if self._since is None or self._is_unproven():
                return
            now = self._clock()
            if user is not None:
                self._failing.pop(user, None)
            if any(abs(now - at) < FORGOTTEN_AFTER for at in self._failing.values()):
                return
            _log.warning("%s works again, after %s.", self._what, _seconds(now - self._since))
            self._since = self._said_at = None
            self._failing.clear()
            self._traced.clear()

    def _is_unproven(self) -> bool:
        return self._asked is not None and not self._asked.is_any_after(self._begun)


class Outages:
    """The outages of background work: the database's, which all share, and each work's own."""

    def __init__(self, clock: Callable[[], dt.datetime], database: Asked | None = None) -> None:
        self._clock = clock
        self._database = Outage("The database", clock, asked=database)
        self._works: dict[str, Outage] = {}

    def failed(self, work: str, error: BaseException, *, once: bool = False) -> None:
        """Record the error of background work; `once` where it is not done again within seconds."""
        if isinstance(error, DatabaseUnusableError):
            self._database.failed(error, None if once else work)
        else:
            is_foreseen = isinstance(error, PapercordError)
            self._works.setdefault(work, Outage(work, self._clock)).failed(error, traced=not is_foreseen)

    def worked(self, work: str) -> None:
        """Record that a piece of background work ended without an error."""
        self._database.worked(work)
        if (own := self._works.get(work)) is not None:
            own.worked()

    @contextmanager
    def watching(self, work: str, *, once: bool = False) -> Generator[None]:
        """Do a piece of background work; what it raises goes to the log and ends nothing."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - no error of one round may end the work
            self.failed(work, error, once=once)
        else:
            self.worked(work)


def _in_words(error: BaseException | str) -> str:
    words = one_line(error)
    if not isinstance(error, str | PapercordError):
        words = f"{type(error).__name__}: {words}"
    return words.rstrip(".")


def _seconds(span: dt.timedelta) -> str:
    return f"{max(0.0, span.total_seconds()):,.0f} s"  # a clock may be set back
