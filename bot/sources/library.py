"""All providers, asked by one client within the rate limits of all processes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from bot import __version__
from bot.app import App
from bot.corpus.formats.answers import UnusableAnswerError
from bot.fetch.client import Answer, Fetcher
from bot.sources.providers.kinds import ANYWHERE, Provider, Request
from bot.sources.providers.table import PROVIDERS
from bot.store import leases
from bot.store.leases import is_dead

_Read = TypeVar("_Read")

ADDRESSES: Mapping[Provider, str] = {provider: provider.address for provider in PROVIDERS}
HOSTS = {
    urlsplit(provider.address).netloc: provider.host for provider in PROVIDERS if not provider.is_anywhere
}


@dataclass(frozen=True, slots=True)
class Library:
    """All providers, asked by one client."""

    fetcher: Fetcher
    addresses: Mapping[Provider, str] = field(default_factory=lambda: ADDRESSES)
    anywhere: Fetcher | None = None
    """Fetches from any public host, for the providers whose sources are addresses."""

    def close(self) -> None:
        """End every pause; requests under way end within their deadline."""
        self.fetcher.close()
        if self.anywhere is not None:
            self.anywhere.close()

    def ask(self, provider: Provider, request: Request, read: Callable[[Answer], _Read]) -> _Read:
        """Send a request and read the answer; damaged answers are requested again a few times."""
        fetcher = (self.anywhere or self.fetcher) if provider.is_anywhere else self.fetcher
        return fetcher.fetch(
            request.target if provider.is_anywhere else self.addresses[provider] + request.target,
            read,
            headers=request.headers,
            body=request.body,
            retry_on=(UnusableAnswerError,),
        )


def open_library(app: App) -> Library:
    """The providers in the internet; all processes of this database share their rate limits."""
    settings = app.settings
    contact = settings.contact or settings.report_url or "no contact given"
    agent = f"Papercord/{__version__} ({contact})"
    permits = SharedRateLimit(app)
    return Library(
        fetcher=Fetcher(agent, hosts=HOSTS, permits=permits),
        anywhere=Fetcher(agent, hosts=HOSTS, others=ANYWHERE, permits=permits),
    )


LONGEST_REQUEST = dt.timedelta(seconds=150)
"""More than the client gives a whole answer; so long a process whose state cannot be checked
holds a permit."""

_NOBODY = "nobody:0:0"
"""The holder of a permit from an answer until the next request is allowed."""


class SharedRateLimit:
    """One permit for each host over all processes: held during a request, and until the next is allowed.

    It is a lease, so that a process that ends in the middle does not hold it for ever.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._holder = leases.own_name()

    def acquire(self, host: str, seconds: float) -> float:
        """Take the permit: 0.0 where it is ours now, else after how many seconds to try again."""
        now, name, interval = self._app.clock(), f"place {host}", dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            holder, until = leases.lease_holder(session, name) or (_NOBODY, now)
            longest = interval if holder == _NOBODY else LONGEST_REQUEST
            if holder != _NOBODY and is_dead(holder):
                until += interval - LONGEST_REQUEST  # it asked no later than it took the permit
            waiting = until - now
            if dt.timedelta() < waiting <= longest:  # beyond that, a clock was set back since
                return min(waiting, interval).total_seconds()
            until = now + LONGEST_REQUEST
            taken = leases.take_lease(session, name, self._holder, now, until, instead_of=holder)
        return 0.0 if taken else seconds

    def release(self, host: str, seconds: float) -> None:
        """Release the permit after an answer: the next request is allowed after so many seconds."""
        now = self._app.clock()
        until = now + dt.timedelta(seconds=seconds)
        with self._app.store.writing() as session:
            leases.take_lease(session, f"place {host}", _NOBODY, now, until, instead_of=self._holder)
