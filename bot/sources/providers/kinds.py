"""What providers and kinds of sources are, and what their files share."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.config import Settings
from bot.corpus.formats.answers import Page
from bot.corpus.paper import problem_of_address
from bot.errors import RefusedError
from bot.fetch.client import Answer, is_public
from bot.fetch.politeness import MEBIBYTE, Host


@dataclass(frozen=True, slots=True)
class Provider:
    """A service that answers requests; each host has a worker of its own, so that none waits for another."""

    name: str
    """For people."""
    address: str
    """Scheme and host."""
    host: Host
    """The limits of its host."""
    is_anywhere: bool = False
    """The value of each source is an address; the limits are those of each host."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a provider."""

    target: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """How the records behind a page of ids are asked for."""

    request: Callable[[Settings, Sequence[str]], Request]
    read: Callable[[Answer, Sequence[str]], Page]


MAX_VALUE_LENGTH = 500
_NUMBER = re.compile(r"\d+|0x[\da-f]*", re.ASCII)
SINCE = "since "
"""Before the moment in the cursor of a check that asks for what changed since then."""
ANYWHERE = Host(2.0, max_bytes=8 * MEBIBYTE)
"""The limits of each host at which the address of a source may be."""
SWEEP_DURATION, LONGEST_SWEEP_PAUSE = dt.timedelta(days=7), dt.timedelta(hours=6)
"""The pages of a source are spread over the duration, where that makes no longer pauses."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source."""

    name: str
    provider: Provider
    example: str
    """A value, for those who add one."""
    normalise: Callable[[str], str]
    """The value as it is stored; raises `RefusedError` where it cannot be one."""
    request: Callable[[Settings, str, str | None], Request]
    """Makes the request of a page from the settings, the value and the cursor; None is the first page's."""
    read: Callable[[Answer], Page]
    details: Details | None = None
    """How the records are asked for, where a page has ids only."""
    page_size: int | None = None
    """Entries of each page but the last, where that is certain."""
    counted: bool = False
    """Whether the cursor is the number of entries before the page; else the answers give it."""
    most_entries: int = 50_000
    """How deep a sweep goes: what lies deeper is years old, or the provider does not give it."""
    sweeps_every: dt.timedelta = dt.timedelta()
    """The least time from one page of a sweep to the next."""
    most_pages: int = 500
    """A check ends after so many pages: more would be years of papers, or an endless source."""
    changed_since: bool = False
    """A check asks for what changed since the last one began: its first cursor is `SINCE` and the moment."""
    says_why: bool = False
    """Where it refuses a request, `read` reads the body of its refusal."""
    completed: bool = False
    """It says little of a paper: arXiv, Crossref and PubMed are asked about those that are new."""
    newest_first: bool = True
    """Where the order is not known, each check reads everything."""
    every: dt.timedelta = dt.timedelta(hours=1)
    may_be_empty: bool = False
    """A whole answer without entries is no error, such as a daily feed's on a Sunday."""

    def sweep_pause(self, total: int | None) -> dt.timedelta:
        """How long a sweep waits before the next page of a source that has so many entries."""
        entries = min(total or self.most_entries, self.most_entries)
        evenly = SWEEP_DURATION / max(entries // (self.page_size or entries), 1)
        return min(max(evenly, self.sweeps_every), LONGEST_SWEEP_PAUSE)


def one_line(value: str) -> str:
    """A search as it is stored; raises `RefusedError` where it is too short or too long."""
    text = " ".join(value.split())
    if not 2 <= len(text) <= MAX_VALUE_LENGTH:
        raise RefusedError(f"A search needs 2 to {MAX_VALUE_LENGTH} characters.")
    return text


def matching(pattern: re.Pattern[str], what: str, example: str) -> Callable[[str], str]:
    """A `normalise` that takes what the pattern matches, or its first group."""

    def normalise(value: str) -> str:
        found = pattern.fullmatch(value.strip())
        if found is None:
            raise RefusedError(f"{value[:80]!r} is no {what}; write one such as {example}.")
        return found[1] if pattern.groups else found[0]

    return normalise


def public_address(value: str, what: str, example: str) -> str:
    """The address of a source at a public host; raises `RefusedError` where it cannot be one."""
    text = value.strip().partition("#")[0]
    if len(text) > MAX_VALUE_LENGTH or problem_of_address(text) is not None:
        raise RefusedError(f"{value[:80]!r} is no address of a {what}; write one such as {example}.")
    parts = urlsplit(text)
    host = parts.hostname or ""
    usual = {"http": 80, "https": 443}[parts.scheme.lower()]
    if _port(text) not in {None, usual} or not _is_outside(host):
        raise RefusedError(
            f"{value[:80]!r} is not asked: it must be at a public host and its usual port."
            f" Write an address such as {example}."
        )
    return text


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return -1


_LOCAL = (".home.arpa", ".internal", ".local", ".localhost", ".onion")


def _is_outside(host: str) -> bool:
    """Whether a host may be public, judged by its name; its addresses are checked at each request."""
    name = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".").lower()
    with contextlib.suppress(ValueError):
        return is_public(str(ipaddress.ip_address(name)))
    if _NUMBER.fullmatch(name.rpartition(".")[2]):  # an IPv4 address in another form, such as 0x7f.1
        try:
            return is_public(socket.inet_ntoa(socket.inet_aton(name)))
        except (OSError, ValueError):
            return False
    return "." in name.strip(".") and not name.endswith(_LOCAL)


def contact_options(settings: Settings) -> dict[str, str]:
    """The contact address, where the settings have one: OpenAlex and Crossref then serve faster."""
    address = mail_address(settings)
    return {"mailto": address} if address is not None else {}


def mail_address(settings: Settings) -> str | None:
    """The contact, where it is an e-mail address."""
    contact = settings.contact
    return contact if contact is not None and "@" in contact else None
