"""All providers, asked by one client within the rate limits of all processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from bot import __version__
from bot.app import App
from bot.corpus.formats.answers import UnusableAnswerError
from bot.fetch.client import Answer, Fetcher
from bot.permits import SharedRateLimit
from bot.sources.providers.kinds import ANYWHERE, Provider, Request
from bot.sources.providers.table import PROVIDERS

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
