"""OpenAlex: authors, institutions and searches."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.openalex import read_openalex_works
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, contact_options, matching, one_line

OPENALEX = Provider("OpenAlex", "https://api.openalex.org", Host(0.2))  # ten in a second at most

PAGE = 100
EVERY, SWEEPS_EVERY = dt.timedelta(hours=6), dt.timedelta(minutes=80)
"""Each page of a search costs a hundredth of its free daily quota, a thousandth with a free key.
Three searches stay within it: each costs twelve pages a day for checks and at most eighteen for a sweep."""

_AUTHOR = re.compile(
    r"(?:(?:https?://)?(?:api\.)?openalex\.org/(?:authors/|people/)?)?(A\d{4,12})", re.IGNORECASE
)
_INSTITUTION = re.compile(
    r"(?:(?:https?://)?(?:api\.)?openalex\.org/(?:institutions/)?)?(I\d{4,12})", re.IGNORECASE
)


def openalex_options(settings: Settings) -> dict[str, str]:
    """The API key and the contact address, where the settings have them."""
    options = contact_options(settings)
    if settings.openalex_key is not None:
        options["api_key"] = settings.openalex_key.get_secret_value()
    return options


def _request(filters: Callable[[str], Mapping[str, str]]) -> Callable[[Settings, str, str | None], Request]:
    def request(settings: Settings, value: str, cursor: str | None) -> Request:
        options = {
            **filters(value),
            "sort": "publication_date:desc",
            "per-page": str(PAGE),
            "cursor": cursor or "*",
            **openalex_options(settings),
        }
        return Request(f"/works?{urlencode(options)}")

    return request


def _kind(
    name: str,
    example: str,
    normalise: Callable[[str], str],
    filters: Callable[[str], Mapping[str, str]],
    sweeps_every: dt.timedelta = SWEEPS_EVERY,
) -> SourceKind:
    return SourceKind(
        f"openalex {name}",
        OPENALEX,
        example,
        normalise,
        _request(filters),
        lambda answer: read_openalex_works(answer.body),
        page_size=PAGE,
        every=EVERY,
        sweeps_every=sweeps_every,
    )


def _id(pattern: re.Pattern[str], what: str, example: str) -> Callable[[str], str]:
    normalise = matching(pattern, what, example)
    return lambda value: normalise(value).upper()


KINDS = (
    _kind(
        "author",
        "A5023888391",
        _id(_AUTHOR, "author of OpenAlex", "A5023888391"),
        lambda value: {"filter": f"authorships.author.id:{value}"},
        dt.timedelta(),
    ),
    _kind(
        "institution",
        "I27837315",
        _id(_INSTITUTION, "institution of OpenAlex", "I27837315"),
        lambda value: {"filter": f"authorships.institutions.lineage:{value}"},
    ),
    _kind("search", "decentralized learning", one_line, lambda value: {"search": value}),
)
