"""Crossref: what a journal registers, and what an author's ORCID is registered with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.crossref import read_crossref_works
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, contact_options, matching

# One list in a second; more for those who say who they are.
CROSSREF = Provider("Crossref", "https://api.crossref.org", Host(1.0))

PAGE = 100
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]")
_ORCID = re.compile(r"(?:(?:https?://)?orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?")


def _request(
    path: Callable[[str], str], filters: Callable[[str], Mapping[str, str]]
) -> Callable[[Settings, str, str | None], Request]:
    def request(settings: Settings, value: str, cursor: str | None) -> Request:
        # By registration: what is registered late under an old date is new, too.
        options = {
            **filters(value),
            "sort": "created",
            "order": "desc",
            "rows": str(PAGE),
            "cursor": cursor or "*",
            **contact_options(settings),
        }
        return Request(f"{path(value)}?{urlencode(options)}")

    return request


def _issn(value: str) -> str:
    digits = matching(_ISSN, "ISSN", "0028-0836")(value).upper().replace("-", "")
    return f"{digits[:4]}-{digits[4:]}"


KINDS = (
    SourceKind(
        "crossref journal",
        CROSSREF,
        "0028-0836",
        _issn,
        _request(lambda value: f"/journals/{value}/works", lambda _value: {"filter": "type:journal-article"}),
        lambda answer: read_crossref_works(answer.body),
        page_size=PAGE,
        every=dt.timedelta(hours=6),
    ),
    SourceKind(
        "crossref author",
        CROSSREF,
        "0000-0002-1825-0097",
        matching(_ORCID, "ORCID", "0000-0002-1825-0097"),
        _request(lambda _value: "/works", lambda value: {"filter": f"orcid:{value}"}),
        lambda answer: read_crossref_works(answer.body),
        page_size=PAGE,
        every=dt.timedelta(hours=12),
        may_be_empty=True,
    ),
)
