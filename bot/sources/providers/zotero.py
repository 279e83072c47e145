"""Zotero: libraries of groups."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.answers import Page
from bot.corpus.formats.zotero import read_zotero_items
from bot.fetch.client import Answer
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching

# No fixed limit; it says Backoff and Retry-After.
ZOTERO = Provider("Zotero", "https://api.zotero.org", Host(0.5))

PAGE = 100
_GROUP = re.compile(r"(?:(?:https?://)?(?:www\.)?zotero\.org/groups/)?(\d{1,12})(?:/.*)?")


def _request(settings: Settings, value: str, cursor: str | None) -> Request:
    options = {
        "format": "json",
        "sort": "dateAdded",
        "direction": "desc",
        "start": cursor or "0",
        "limit": str(PAGE),
    }
    headers = {"Zotero-API-Version": "3"}
    if settings.zotero_key is not None:
        headers["Zotero-API-Key"] = settings.zotero_key.get_secret_value()
    return Request(f"/groups/{value}/items/top?{urlencode(options)}", headers)


def _read(answer: Answer) -> Page:
    total = answer.headers.get("total-results", "")
    return read_zotero_items(answer.body, int(total) if total.isascii() and total.isdigit() else None)


KINDS = (
    SourceKind(
        "zotero group",
        ZOTERO,
        "2319948",
        matching(_GROUP, "group of Zotero", "2319948"),
        _request,
        _read,
        page_size=PAGE,
        counted=True,
        every=dt.timedelta(minutes=15),
    ),
)
