"""Semantic Scholar: authors."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_page
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching

# One request in a second with a key; without one all share a pool.
SEMANTIC_SCHOLAR = Provider("Semantic Scholar", "https://api.semanticscholar.org", Host(1.1))

PAGE = 500
_AUTHOR = re.compile(r"(?:(?:https?://)?(?:www\.)?semanticscholar\.org/author/(?:[^/]+/)?)?(\d{1,12})/?")


def semantic_scholar_headers(settings: Settings) -> dict[str, str]:
    """The API key, where the settings have one."""
    key = settings.semantic_scholar_key
    return {"x-api-key": key.get_secret_value()} if key is not None else {}


def _request(settings: Settings, value: str, cursor: str | None) -> Request:
    options = {"fields": FIELDS, "offset": cursor or "0", "limit": str(PAGE)}
    return Request(
        f"/graph/v1/author/{value}/papers?{urlencode(options)}", semantic_scholar_headers(settings)
    )


KINDS = (
    SourceKind(
        "semantic scholar author",
        SEMANTIC_SCHOLAR,
        "1741101",
        matching(_AUTHOR, "author of Semantic Scholar", "1741101"),
        _request,
        lambda answer: read_semantic_scholar_page(answer.body),
        newest_first=False,
        every=dt.timedelta(hours=6),
    ),
)
