"""Fetches answers of listed hosts, politely."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import tenacity
import urllib3

from bot.fetch.errors import (
    ClosedError,
    FetchError,
    ForbiddenAddressError,
    HostRestingError,
    NotFoundError,
    RequestFailedError,
    TransientFetchError,
)
from bot.fetch.exchange import Question, exchange
from bot.fetch.hosts import HOSTS, Host
from bot.fetch.politeness import Manners, Place
from bot.fetch.resolving import Resolve, is_public, public_address, resolve

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10.0, 30.0, 90.0
"""How long a connection, one piece of an answer, and the whole answer may take."""

TRIES = 4
FIRST_PAUSE_SECONDS = 2.0
LONGEST_ASKED_SECONDS = 24 * 3600.0
"""A host that asks for longer patience is asked again after a day: it may have meant something else."""
PATIENCE_SECONDS = 60.0
"""A longer Retry-After is not waited for in place: the host rests, and its sources are asked later."""

_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OVERLOADED = frozenset({408, 425, 429, 500, 502, 503, 504})

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered."""

    url: str
    status: int
    """200, or 304 where nothing changed since the validators were given."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)

    @property
    def validators(self) -> dict[str, str]:
        """The headers of a later request that asks whether this answer still holds."""
        names = {
            "if-none-match": "etag",
            "if-modified-since": "last-modified",
            "if-modified-since-version": "last-modified-version",  # Zotero's own
        }
        return {name: self.headers[origin] for name, origin in names.items() if origin in self.headers}


class Fetcher:
    """Asks hosts of a list; safe to use from several threads, which wait for each other at each host."""

    def __init__(
        self,
        user_agent: str,
        *,
        hosts: Mapping[str, Host] = HOSTS,
        resolve: Resolve = resolve,
        is_allowed_address: Callable[[str], bool] = is_public,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        read_seconds: float = READ_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        place: Place | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._hosts = hosts
        self._resolve = resolve
        self._is_allowed_address = is_allowed_address
        self._clock = clock
        self._closed = threading.Event()
        self._sleep = sleep or self._sleep_until_closed
        self._jitter = jitter
        self._now = now
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
        self._whole_seconds = whole_seconds
        self._manners = {
            name: Manners(name, host.seconds_between, clock, self._sleep, jitter, place)
            for name, host in hosts.items()
        }

    def fetch(
        self,
        url: str,
        read: Callable[[Answer], _Read],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        try_again_on: tuple[type[Exception], ...] = (),
    ) -> _Read:
        """Fetch an address and read the answer.

        Args:
            url: On a listed host.
            read: Makes something of the answer, which may also be a 304 where `headers` had validators.
            headers: Beside those that every request has.
            body: JSON to post; without it the request is a GET.
            try_again_on: Errors of `read` that mean that the answer is damaged.

        Raises:
            FetchError: it could not be fetched, also when tried several times.

        """
        manners = self._manners[self._listed(url)]

        def once() -> _Read:
            answer = self._follow(url, headers or {}, body)
            return read(answer)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES),
            wait=self._pause,
            retry=tenacity.retry_if_exception_type((TransientFetchError, *try_again_on)),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            result = retrying(once)
        except TransientFetchError as error:
            manners.failed()
            if error.retry_after is not None:
                manners.rest(error.retry_after)
            raise
        except try_again_on:
            manners.failed()
            raise
        manners.succeeded()
        return result

    def close(self) -> None:
        """End every pause; requests under way end within their time."""
        self._closed.set()

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """How long to wait before the next try: ever longer, and at least as the host says."""
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after if isinstance(error, TransientFetchError) else None
        ours = FIRST_PAUSE_SECONDS * 2 ** (state.attempt_number - 1) * (1 + self._jitter())
        return max(asked or 0.0, ours)

    def _follow(self, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._ask(url, headers, body)
            if answer.status not in _REDIRECTS:
                return answer
            goal = _goal(url, answer.headers.get("location", ""))
            if self._listed(goal, f"{urlsplit(url).hostname} sends us elsewhere") != self._listed(url):
                # A key is for the host that it was given for.
                headers = {name: value for name, value in headers.items() if "key" not in name.lower()}
            url = goal
        raise FetchError(f"{urlsplit(url).hostname} sends us in a circle.")

    def _ask(self, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        name = self._listed(url)
        manners = self._manners[name]
        with manners.turn():
            if self._closed.is_set():
                raise ClosedError("Papercord is being closed.")
            status, answered, content = self._exchange(name, url, headers, body)
        retry_after = self._retry_after(answered)
        is_long = retry_after is not None and retry_after > PATIENCE_SECONDS
        if retry_after is not None:  # whoever asks next, also for something else
            (manners.rest if is_long else manners.hold)(retry_after)
        if status in {200, 304} or status in _REDIRECTS:
            return Answer(url, status, answered, content)
        if status in _OVERLOADED:
            said = f"{name} is overloaded or asks for patience (status {status})."
            if retry_after is not None and is_long:
                raise HostRestingError(said, retry_after)
            raise TransientFetchError(said, retry_after)
        if status in {404, 410}:
            raise NotFoundError(f"{name} does not know it (status {status}).")
        raise RequestFailedError(f"{name} refuses the request (status {status}).", status, content)

    def _exchange(
        self, name: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own, to an address that was checked."""
        host = self._hosts[name]
        parts = urlsplit(url)
        hostname = parts.hostname or ""
        port = parts.port or (443 if host.scheme == "https" else 80)
        sent = {
            "User-Agent": self._user_agent,
            "Accept-Encoding": "gzip",
            **({"Content-Type": "application/json"} if body is not None else {}),
            **headers,
        }
        address = public_address(hostname, self._resolve(hostname, port), self._is_allowed_address)
        question = Question(url, address, sent, body, host.max_bytes)
        return exchange(question, self._timeout, self._whole_seconds)

    def _listed(self, url: str, why: str | None = None) -> str:
        """The name under which an address's host is listed."""
        try:
            parts = urlsplit(url)
            host = self._hosts.get(parts.netloc)
        except ValueError:
            host, parts = None, urlsplit("")
        if host is None or parts.scheme != host.scheme or parts.username is not None:
            said = why or f"{parts.hostname or 'This'} is no host that Papercord asks"
            raise ForbiddenAddressError(f"{said}; that is not followed." if why else f"{said}.")
        return parts.netloc

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """How many seconds of patience a host asks for; None where it says nothing that can be read."""
        written = headers.get("retry-after", headers.get("backoff", "")).strip()
        if written.isascii() and written.isdigit():
            return min(float(written), LONGEST_ASKED_SECONDS)
        try:
            moment = parsedate_to_datetime(written)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=dt.UTC)
            seconds = (moment - self._now()).total_seconds()
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_ASKED_SECONDS)

    def _sleep_until_closed(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise ClosedError("Papercord is being closed.")


def _goal(url: str, location: str) -> str:
    """Where a redirect leads; nowhere where that is no address."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""
