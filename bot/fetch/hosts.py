"""The hosts that Papercord asks, and the pace of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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
