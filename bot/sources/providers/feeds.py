"""Feeds (RSS and Atom) at any public address: journals, saved searches, preprint servers."""

from __future__ import annotations

import datetime as dt
import ipaddress
from urllib.parse import urlsplit

from bot.corpus.formats.feeds import read_feed
from bot.corpus.paper import problem_of_address
from bot.errors import RefusedError
from bot.fetch.client import is_public
from bot.fetch.politeness import MEBIBYTE, Host
from bot.sources.providers.kinds import MAX_VALUE_LENGTH, Provider, Request, SourceKind

FEEDS = Provider("feeds", "", Host(2.0, max_bytes=8 * MEBIBYTE), is_anywhere=True)

_EXAMPLE = "https://www.nature.com/ng.rss"


def _address(value: str) -> str:
    """The address of a feed; raises `RefusedError` where it cannot be a public one."""
    text = value.strip()
    if text.lower().startswith("feed:"):
        text = text[5:] if "://" in text[5:] else f"https:{text[5:]}"
    text = text.partition("#")[0]
    if len(text) > MAX_VALUE_LENGTH or problem_of_address(text) is not None:
        raise RefusedError(f"{value[:80]!r} is no address of a feed; write one such as {_EXAMPLE}.")
    parts = urlsplit(text)
    host = parts.hostname or ""
    usual = {"http": 80, "https": 443}[parts.scheme.lower()]
    if _port(text) not in {None, usual} or not _is_outside(host):
        raise RefusedError(
            f"{value[:80]!r} is not asked: feeds must be at a public host and its usual port."
            f" Write an address such as {_EXAMPLE}."
        )
    return text


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return -1


def _is_outside(host: str) -> bool:
    """Whether a host may be public, judged by its name; its addresses are checked at each request."""
    try:
        return is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith((".local", ".localhost", ".internal"))


KINDS = (
    SourceKind(
        "feed",
        FEEDS,
        _EXAMPLE,
        _address,
        lambda _settings, value, _cursor: Request(value),
        lambda answer: read_feed(answer.body, answer.url, answer.headers.get("content-type", "")),
        completed=True,
        newest_first=False,
        every=dt.timedelta(hours=1),
        may_be_empty=True,
    ),
)
