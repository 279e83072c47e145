"""arXiv: queries of its API, and its daily feeds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.arxiv import read_arxiv_atom, read_arxiv_rss
from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider, Request, SourceKind, matching, one_line

# "no more than one request every three seconds, and limit requests to a single connection"
ARXIV = Provider("arXiv", "https://export.arxiv.org", Host(3.0))
ARXIV_RSS = Provider("arXiv's feeds", "https://rss.arxiv.org", Host(3.0))

PAGE = 100
ARXIV_MOST = 30_000
"""Entries that arXiv gives of one query, as its manual says."""

_CATEGORY = matching(re.compile(r"[a-z-]+(?:\.[A-Za-z-]{2,20})?"), "category of arXiv", "cs.LG")


def _request(query: Callable[[str], str]) -> Callable[[Settings, str, str | None], Request]:
    def request(_settings: Settings, value: str, cursor: str | None) -> Request:
        # By submission, not by last change: a revision of an old paper is no new entry.
        options: Mapping[str, str] = {
            "search_query": query(value),
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": cursor or "0",
            "max_results": str(PAGE),
        }
        return Request(f"/api/query?{urlencode(options)}")

    return request


def _query_kind(
    name: str, example: str, normalise: Callable[[str], str], query: Callable[[str], str]
) -> SourceKind:
    """A kind of source that is a query of arXiv."""
    return SourceKind(
        name,
        ARXIV,
        example,
        normalise,
        _request(query),
        lambda answer: read_arxiv_atom(answer.body),
        page_size=PAGE,
        counted=True,
        most_entries=ARXIV_MOST,
    )


def _author_query(value: str) -> str:
    return f'au:"{value}"'


KINDS = (
    _query_kind(
        "arxiv category",
        "cs.LG",
        _CATEGORY,
        lambda value: f"cat:{value}",
    ),
    _query_kind(
        "arxiv author",
        "Pan Pan",
        lambda value: one_line(value).replace('"', ""),
        _author_query,
    ),
    _query_kind(
        "arxiv search",
        "all:decentralized AND cat:cs.LG",
        one_line,
        lambda value: value,
    ),
    SourceKind(
        "arxiv feed",
        ARXIV_RSS,
        "cs.LG",
        _CATEGORY,
        lambda _settings, value, _cursor: Request(f"/rss/{value}"),
        lambda answer: read_arxiv_rss(answer.body),
        newest_first=False,
        every=dt.timedelta(hours=3),
        may_be_empty=True,
    ),
)
