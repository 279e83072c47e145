"""The hosts that Papercord asks, and the rate limit of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from bot.fetch.errors import HostRestingError

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Host:
    """How one host is asked; to it there is one connection at a time."""

    seconds_between: float
    """The least time from one request to the next."""
    max_bytes: int = 16 * MEBIBYTE
    """The largest answer, once unpacked."""
    scheme: str = "https"


HOSTS: Mapping[str, Host] = MappingProxyType(
    {
        # "no more than one request every three seconds, and limit requests to a single connection"
        "export.arxiv.org": Host(3.0),
        "rss.arxiv.org": Host(3.0),
        "api.openalex.org": Host(0.2),  # ten in a second at most
        "api.semanticscholar.org": Host(1.1),  # one in a second with a key; without one all share a pool
        "api.crossref.org": Host(1.0),  # one list in a second; more for those who say who they are
        "api.zotero.org": Host(0.5),  # no fixed limit; it says Backoff and Retry-After
        "api2.openreview.net": Host(1.0),
        "cdn.discordapp.com": Host(0.2, max_bytes=64 * MEBIBYTE),  # files attached to /import
    }
)


FAILURES_BEFORE_REST = 5
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 60.0, 3600.0
JITTER = 0.1
"""Requests come up to a tenth later than they could, so that many of us do not march in step."""


SHARED_FROM_SECONDS = 1.0
"""Slower hosts mean it: their pace holds over all processes."""


class RatePermit(Protocol):
    """The one place at each host, over all processes."""

    def take(self, host: str, seconds: float) -> float:
        """Take it: 0.0 where it is ours now, else after how many seconds to try again."""
        ...

    def leave(self, host: str, seconds: float) -> None:
        """Leave it, since the answer is here: the next may ask after so many seconds."""
        ...


class HostRateLimit:
    """Lets one request through at a time; keeps count of failures in a row."""

    def __init__(
        self,
        host: str,
        seconds_between: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        place: RatePermit | None = None,
    ) -> None:
        self._host = host
        self._place = place if seconds_between >= SHARED_FROM_SECONDS else None
        self._seconds_between = seconds_between
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._one_at_a_time = threading.Lock()
        self._next_at = 0.0
        self._failures = 0
        self._rests_until = 0.0

    @contextmanager
    def turn(self) -> Generator[None]:
        """Wait for one's turn, then ask."""
        self.refuse_while_resting()
        with self._one_at_a_time:
            self.refuse_while_resting()
            waiting = self._next_at - self._clock()
            if waiting > 0:
                self._sleep(waiting * (1 + JITTER * self._jitter()))
            with self._sharing():
                try:
                    yield
                finally:
                    self._next_at = max(self._next_at, self._clock() + self._seconds_between)

    @contextmanager
    def _sharing(self) -> Generator[None]:
        """Hold the place at the host, so that no other process asks meanwhile."""
        if self._place is None:
            yield
            return
        while (waiting := self._place.take(self._host, self._seconds_between)) > 0:
            self._sleep(waiting * (1 + JITTER * self._jitter()))
            self.refuse_while_resting()
        try:
            yield
        finally:
            self._place.leave(self._host, self._seconds_between)

    def refuse_while_resting(self) -> None:
        """Raise where the host is left alone."""
        rest = self._rests_until - self._clock()
        if rest > 0:
            raise HostRestingError(
                f"{self._host} is left alone for {_in_words(rest)}, since it failed or asked for it.", rest
            )

    def rest(self, seconds: float) -> None:
        """Leave the host alone, since it asked for it."""
        self._rests_until = max(self._rests_until, self._clock() + seconds)

    def hold(self, seconds: float) -> None:
        """Keep back the next request, since an answer asks for it; our own pace stands."""
        self._next_at = max(self._next_at, self._clock() + seconds)

    def failed(self) -> None:
        """Count a failure; after several in a row the host is left alone, longer each time."""
        self._failures += 1
        if self._failures >= FAILURES_BEFORE_REST:
            times = self._failures - FAILURES_BEFORE_REST
            self.rest(min(FIRST_REST_SECONDS * 2**times, LONGEST_REST_SECONDS))

    def succeeded(self) -> None:
        """Forget earlier failures."""
        self._failures = 0


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
