"""OAI-PMH: repositories of universities, libraries and journals, or a set of one."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.config import Settings
from bot.corpus.formats.oai_pmh import read_oai_records
from bot.errors import RefusedError
from bot.sources.providers.kinds import (
    ANYWHERE,
    MAX_VALUE_LENGTH,
    SINCE,
    Provider,
    Request,
    SourceKind,
    public_address,
)

REPOSITORIES = Provider("repositories", "", ANYWHERE, is_anywhere=True)

OVERLAP = dt.timedelta(days=2)
"""Clocks differ, days are the only granularity that all repositories have, and lists are made at night."""
MOST_PAGES = 5_000

_EXAMPLE = "https://zenodo.org/oai2d?set=user-epfl"
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'():]{1,200}")
"""As the protocol defines it."""


def _repository(value: str) -> str:
    """The address of a repository, and its set; raises `RefusedError` where it cannot be a public one."""
    written, _, beside = " ".join(value.split()).partition(" ")
    parts = urlsplit(public_address(written, "repository", _EXAMPLE))
    options = dict(parse_qsl(parts.query))
    chosen = beside.removeprefix("set=") or options.get("set", "")
    if chosen and _SET.fullmatch(chosen) is None:
        raise RefusedError(f"{chosen[:80]!r} is no set of a repository; write one such as {_EXAMPLE}.")
    kept = {key: one for key, one in options.items() if key not in _OPTIONS}
    query = urlencode(kept | ({"set": chosen} if chosen else {}), safe=":")
    address = parts._replace(query=query).geturl()
    if len(address) > MAX_VALUE_LENGTH:
        raise RefusedError(f"An address has at most {MAX_VALUE_LENGTH} characters.")
    return address


_OPTIONS = frozenset({"verb", "metadataPrefix", "set", "from", "until", "resumptionToken"})
"""What the protocol adds to the address of a repository."""


def _request(_settings: Settings, value: str, cursor: str | None) -> Request:
    parts = urlsplit(value)
    options = dict(parse_qsl(parts.query))
    chosen = {"set": options.pop("set")} if "set" in options else {}
    asked = {"verb": "ListRecords"}
    if cursor is None or cursor.startswith(SINCE):
        asked |= {"metadataPrefix": "oai_dc", **chosen}
    else:
        asked["resumptionToken"] = cursor
    if cursor is not None and cursor.startswith(SINCE):
        since = dt.datetime.fromisoformat(cursor.removeprefix(SINCE))
        asked["from"] = (since - OVERLAP).date().isoformat()
    return Request(parts._replace(query=urlencode(options | asked)).geturl())


KINDS = (
    SourceKind(
        "oai repository",
        REPOSITORIES,
        _EXAMPLE,
        _repository,
        _request,
        lambda answer: read_oai_records(answer.body, answer.url),
        newest_first=False,
        every=dt.timedelta(hours=6),
        may_be_empty=True,
        most_pages=MOST_PAGES,
        changed_since=True,
        says_why=True,
    ),
)
