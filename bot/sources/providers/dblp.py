"""DBLP: persons, and journals or conferences."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.dblp import read_dblp_person, read_dblp_search
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching, one_line

# "please make sure to wait at least one or two seconds between two consecutive requests"
DBLP = Provider("DBLP", "https://dblp.org", Host(2.0))

PAGE = 1000
MOST = 10_000
"""Entries that DBLP gives of one search."""
EVERY = dt.timedelta(hours=12)

_PERSON = re.compile(
    r"(?:https?://(?:www\.)?dblp\.(?:org|uni-trier\.de)/pid/)?([a-z0-9]{1,4}/[A-Za-z0-9-]{1,60})(?:\.\w+)?"
)


def _venue(_settings: Settings, value: str, cursor: str | None) -> Request:
    words = "_".join(value.split())
    options = {"q": f"venue:{words}:", "format": "json", "h": str(PAGE), "f": cursor or "0"}
    return Request(f"/search/publ/api?{urlencode(options)}")


KINDS = (
    SourceKind(
        "dblp author",
        DBLP,
        "h/GeoffreyEHinton",
        matching(_PERSON, "person of DBLP", "h/GeoffreyEHinton, from the address of the person's page"),
        lambda _settings, value, _cursor: Request(f"/pid/{value}.xml"),
        lambda answer: read_dblp_person(answer.body),
        newest_first=False,
        every=EVERY,
    ),
    SourceKind(
        "dblp venue",
        DBLP,
        "NeurIPS",
        one_line,
        _venue,
        lambda answer: read_dblp_search(answer.body),
        page_size=PAGE,
        counted=True,
        most_entries=MOST,
        every=EVERY,
    ),
)
