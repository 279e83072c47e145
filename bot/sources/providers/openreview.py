"""OpenReview: what a venue has, such as the papers that a conference took."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.openreview import read_openreview_notes
from bot.fetch.politeness import MEBIBYTE, Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching

OPENREVIEW = Provider("OpenReview", "https://api2.openreview.net", Host(1.0, max_bytes=32 * MEBIBYTE))

PAGE = 500
_VENUE = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*){1,6}")


def _request(_settings: Settings, value: str, cursor: str | None) -> Request:
    options = {"content.venueid": value, "sort": "cdate:desc", "limit": str(PAGE), "offset": cursor or "0"}
    return Request(f"/notes?{urlencode(options)}")


KINDS = (
    SourceKind(
        "openreview venue",
        OPENREVIEW,
        "ICLR.cc/2026/Conference",
        matching(_VENUE, "venue of OpenReview", "ICLR.cc/2026/Conference"),
        _request,
        lambda answer: read_openreview_notes(answer.body),
        page_size=PAGE,
        counted=True,
        # Papers that are taken late were sent in with the others: each check reads the whole list.
        newest_first=False,
        every=dt.timedelta(hours=12),
        may_be_empty=True,
    ),
)
