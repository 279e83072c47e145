"""PubMed: searches, journals and authors, by the E-utilities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from bot.config import Settings
from bot.corpus.formats.pubmed import read_pubmed_records, read_pubmed_search
from bot.fetch.politeness import MEBIBYTE, Host
from bot.sources.providers.kinds import Details, Provider, Request, SourceKind, mail_address, one_line

# Three requests in a second without a key.
PUBMED = Provider("PubMed", "https://eutils.ncbi.nlm.nih.gov", Host(0.4, max_bytes=32 * MEBIBYTE))

PAGE = 100
MOST = 9_900
"""Entries that a search gives: the manual says that the first 10,000 can be had."""


def _options(settings: Settings) -> dict[str, str]:
    """Who asks, as the manual wants it."""
    address = mail_address(settings)
    return {"tool": "papercord"} | ({"email": address} if address is not None else {})


def _search(query: Callable[[str], str]) -> Callable[[Settings, str, str | None], Request]:
    def request(settings: Settings, value: str, cursor: str | None) -> Request:
        # Without `sort` the entries that were added last come first.
        options = {
            "db": "pubmed",
            "term": query(value),
            "retmode": "json",
            "retmax": str(PAGE),
            "retstart": cursor or "0",
            **_options(settings),
        }
        return Request(f"/entrez/eutils/esearch.fcgi?{urlencode(options)}")

    return request


def records_request(settings: Settings, ids: Sequence[str]) -> Request:
    """The request for the records of these ids."""
    options = {
        "db": "pubmed",
        "id": ",".join(ids),
        "rettype": "medline",
        "retmode": "text",
        **_options(settings),
    }
    return Request(f"/entrez/eutils/efetch.fcgi?{urlencode(options)}")


def _quoted(value: str) -> str:
    return one_line(value).replace('"', "")


def _kind(
    name: str, example: str, query: Callable[[str], str], normalise: Callable[[str], str] = _quoted
) -> SourceKind:
    return SourceKind(
        name,
        PUBMED,
        example,
        normalise,
        _search(query),
        lambda answer: read_pubmed_search(answer.body),
        Details(records_request, lambda answer, ids: read_pubmed_records(answer.body, ids)),
        PAGE,
        counted=True,
        most_entries=MOST,
        every=dt.timedelta(hours=3),
    )


KINDS = (
    _kind("pubmed search", "crispr AND review[pt]", lambda value: value, one_line),
    _kind("pubmed journal", "Nature genetics", lambda value: f'"{value}"[jour]'),
    _kind("pubmed author", "Doudna JA", lambda value: f"{value}[au]"),
)
