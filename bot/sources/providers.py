"""The providers that are asked: where each is found, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from bot import __version__
from bot.app import Desk
from bot.config import Settings
from bot.corpus.formats.answers import UnusableAnswerError
from bot.fetch.client import Answer, Fetcher
from bot.sources.pace import SharedPace

_Read = TypeVar("_Read")


class Provider(StrEnum):
    """Who answers; each has a worker of its own, so that none holds back another."""

    ARXIV = "arXiv"
    ARXIV_RSS = "arXiv's feeds"
    OPENALEX = "OpenAlex"
    SEMANTIC_SCHOLAR = "Semantic Scholar"
    CROSSREF = "Crossref"
    ZOTERO = "Zotero"
    OPENREVIEW = "OpenReview"


ADDRESSES: Mapping[Provider, str] = {
    Provider.ARXIV: "https://export.arxiv.org",
    Provider.ARXIV_RSS: "https://rss.arxiv.org",
    Provider.OPENALEX: "https://api.openalex.org",
    Provider.SEMANTIC_SCHOLAR: "https://api.semanticscholar.org",
    Provider.CROSSREF: "https://api.crossref.org",
    Provider.ZOTERO: "https://api.zotero.org",
    Provider.OPENREVIEW: "https://api2.openreview.net",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A question for a provider."""

    target: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """All providers, behind one polite client."""

    fetcher: Fetcher
    addresses: Mapping[Provider, str] = field(default_factory=lambda: ADDRESSES)

    def ask(self, provider: Provider, request: Request, read: Callable[[Answer], _Read]) -> _Read:
        """Ask, and read the answer; damaged answers are asked for again a few times."""
        return self.fetcher.fetch(
            self.addresses[provider] + request.target,
            read,
            headers=request.headers,
            body=request.body,
            try_again_on=(UnusableAnswerError,),
        )


def open_library(desk: Desk) -> Library:
    """The providers as they are in the internet; all processes of this database share the pace."""
    settings = desk.settings
    contact = settings.contact or settings.report_url or "no contact given"
    return Library(Fetcher(f"Papercord/{__version__} ({contact})", place=SharedPace(desk)))


def openalex_options(settings: Settings) -> dict[str, str]:
    """The key and the address of whoever asks, where the settings have them."""
    options = contact_options(settings)
    if settings.openalex_key is not None:
        options["api_key"] = settings.openalex_key.get_secret_value()
    return options


def contact_options(settings: Settings) -> dict[str, str]:
    """The address of whoever asks, where the settings have one: OpenAlex and Crossref serve those better."""
    contact = settings.contact
    return {"mailto": contact} if contact is not None and "@" in contact else {}


def semantic_scholar_headers(settings: Settings) -> dict[str, str]:
    """The key, where the settings have one."""
    key = settings.semantic_scholar_key
    return {"x-api-key": key.get_secret_value()} if key is not None else {}
