"""The rate limit of each host that Papercord asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.fetch.errors import HostRestingError

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Host:
    """The limits of one host; there is one connection to it at a time."""

    seconds_between: float
    """The least time from one request to the next."""
    max_bytes: int = 16 * MEBIBYTE
    """The largest answer, once unpacked."""
    scheme: str = "https"


FAILURES_BEFORE_REST = 5
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 60.0, 3600.0
JITTER = 0.1
"""Requests are delayed by up to a tenth more, so that many processes do not send theirs at once."""


SHARED_FROM_SECONDS = 1.0
"""Seconds between requests from which on a rate limit holds over all processes."""


class HostPermits(Protocol):
    """One permit for each host, over all processes: only its holder sends requests."""

    def acquire(self, host: str, seconds: float) -> float:
        """Take the permit of a host: 0.0 where it is ours now, else after how many seconds to try again."""
        ...

    def release(self, host: str, seconds: float) -> None:
        """Release it after an answer: the next request is allowed after so many seconds."""
        ...


class HostRateLimit:
    """Allows one request at a time at the rate of the host; counts failures in a row."""

    def __init__(
        self,
        host: str,
        seconds_between: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        permits: HostPermits | None = None,
    ) -> None:
        self._host = host
        self._permits = permits if seconds_between >= SHARED_FROM_SECONDS else None
        self._seconds_between = seconds_between
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._one_at_a_time = threading.Lock()
        self._next_at = 0.0
        self._failures = 0
        self._rests_until = 0.0

    @contextmanager
    def request_slot(self) -> Generator[None]:
        """Wait until a request is allowed; the next is allowed `seconds_between` after the block."""
        self.refuse_while_resting()
        with self._one_at_a_time:
            self.refuse_while_resting()
            waiting = self._next_at - self._clock()
            if waiting > 0:
                self._sleep(waiting * (1 + JITTER * self._jitter()))
            with self._permitted():
                try:
                    yield
                finally:
                    self._next_at = max(self._next_at, self._clock() + self._seconds_between)

    @contextmanager
    def _permitted(self) -> Generator[None]:
        """Hold the permit of the host, so that no other process sends a request meanwhile."""
        if self._permits is None:
            yield
            return
        while (waiting := self._permits.acquire(self._host, self._seconds_between)) > 0:
            self._sleep(waiting * (1 + JITTER * self._jitter()))
            self.refuse_while_resting()
        try:
            yield
        finally:
            self._permits.release(self._host, self._seconds_between)

    def refuse_while_resting(self) -> None:
        """Raise `HostRestingError` where no requests are sent to the host for a while."""
        rest = self._rests_until - self._clock()
        if rest > 0:
            raise HostRestingError(
                f"{self._host} is left alone for {_in_words(rest)}, since it failed or asked for it.", rest
            )

    def rest(self, seconds: float) -> None:
        """Send no requests to the host for so many seconds."""
        self._rests_until = max(self._rests_until, self._clock() + seconds)

    def delay_next(self, seconds: float) -> None:
        """Delay the next request by so many seconds at least, since an answer asks for it."""
        self._next_at = max(self._next_at, self._clock() + seconds)

    def failed(self) -> None:
        """Count a failure; after several in a row the host rests, longer each time."""
        self._failures += 1
        if self._failures >= FAILURES_BEFORE_REST:
            times = self._failures - FAILURES_BEFORE_REST
            self.rest(min(FIRST_REST_SECONDS * 2**times, LONGEST_REST_SECONDS))

    def succeeded(self) -> None:
        """Forget earlier failures."""
        self._failures = 0


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
