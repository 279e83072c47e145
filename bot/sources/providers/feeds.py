"""Feeds (RSS and Atom) at any public address: journals, saved searches, preprint servers."""

from __future__ import annotations

from bot.corpus.formats.feeds import read_feed
from bot.sources.providers.kinds import ANYWHERE, Provider, Request, SourceKind, public_address

FEEDS = Provider("feeds", "", ANYWHERE, is_anywhere=True)

_EXAMPLE = "https://www.nature.com/ng.rss"


def _address(value: str) -> str:
    """The address of a feed; raises `RefusedError` where it cannot be a public one."""
    text = value.strip()
    if text.lower().startswith("feed:"):
        text = text[5:] if "://" in text[5:] else f"https:{text[5:]}"
    return public_address(text, "feed", _EXAMPLE)


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
        may_be_empty=True,
    ),
)
