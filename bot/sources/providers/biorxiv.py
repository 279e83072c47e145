"""bioRxiv and medRxiv: what is posted in a category."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.biorxiv import read_biorxiv_page
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching

BIORXIV = Provider("bioRxiv", "https://api.biorxiv.org", Host(1.0))  # no limit is published

DAYS = 30
"""What was posted longer ago is not asked for: so long Papercord may be away without missing a preprint."""

_CATEGORY = re.compile(r"[a-z][a-z ,&/-]{2,80}")


def _category(example: str) -> Callable[[str], str]:
    normalise = matching(_CATEGORY, "category", example)
    return lambda value: normalise(" ".join(value.lower().replace("_", " ").split()))


def _kind(server: str, example: str) -> SourceKind:
    def request(_settings: Settings, value: str, cursor: str | None) -> Request:
        options = urlencode({"category": value.replace(" ", "_")})
        return Request(f"/details/{server.lower()}/{DAYS}d/{cursor or '0'}/json?{options}")

    return SourceKind(
        f"{server.lower()} category",
        BIORXIV,
        example,
        _category(example),
        request,
        lambda answer: read_biorxiv_page(answer.body),
        newest_first=False,
        every=dt.timedelta(hours=6),
        may_be_empty=True,
    )


KINDS = (_kind("bioRxiv", "neuroscience"), _kind("medRxiv", "epidemiology"))
