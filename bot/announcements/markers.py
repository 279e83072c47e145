"""Markers by which a posted message is found again: its nonce, and a fingerprint of each paper in it.

A custom_id of a posted card is "paper:<id>:<nonce>-<fingerprint>". The nonce names the row of the
outbox; its first part names the database. The fingerprint names the paper where its id may no longer,
as after a database was restored to an earlier state.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session

from bot.corpus.names import name_key
from bot.papers.results import Paper
from bot.store.settings import get_setting, put_setting

_TAG_SETTING = "announcer tag"
_NO_PAPER = "aaaaaaaa"
_MARKED = re.compile(
    r"[a-z]+:[0-9]+:(?P<nonce>(?P<tag>[a-z2-7]{8})[a-z2-7]{13})-(?P<fingerprint>[a-z2-7]{8})"
)


@dataclass(frozen=True, slots=True)
class MessageMarker:
    """The marker in a custom_id of a posted card."""

    tag: str
    nonce: str
    fingerprint: str


def new_tag() -> str:
    """A random name for a database."""
    return _letters(secrets.token_bytes(5))


def database_tag(session: Session) -> str:
    """The random name of this database, in a writing transaction; made when it is first needed."""
    tag = get_setting(session, _TAG_SETTING)
    if tag is None:
        tag = new_tag()
        put_setting(session, _TAG_SETTING, tag)
    return tag


def new_nonce(tag: str) -> str:
    """A nonce for a new row of the outbox, different from all others, also those of other databases."""
    return tag + _letters(secrets.token_bytes(8))


def marker(nonce: str, paper: Paper) -> str:
    """The marker that follows a paper's id in the custom_ids of a posted card."""
    return f"{nonce}-{fingerprint_of(paper)}"


def notice_marker(nonce: str) -> str:
    """The marker of a message that shows no paper."""
    return f"{nonce}-{_NO_PAPER}"


def meeting_fingerprint(club_id: int, starts_at: dt.datetime, what: str) -> str:
    """A fingerprint of what a message says of a meeting of a club, in place of a paper's."""
    words = f"club {club_id} {starts_at.isoformat()} {what}"
    return _letters(hashlib.blake2b(words.encode(), digest_size=5).digest())


@lru_cache(maxsize=2_048)
def fingerprint_of(paper: Paper) -> str:
    """A fingerprint that stays the same as long as a paper's title and lead author do."""
    lead = paper.authors[0] if paper.authors else ""
    words = "\n".join((name_key(paper.title), name_key(lead)))
    return _letters(hashlib.blake2b(words.encode(), digest_size=5).digest())


_NEVER_SHOWN = {
    "data_url",
    "other_titles",
    "id",
    "source_id",
    "attributed_to",
    "categories",
    "citations",
    "pages",
}


@lru_cache(maxsize=2_048)
def facts_of(paper: Paper) -> str:
    """A fingerprint of all facts of a paper that a card may show: where it is another, so may the card be."""
    facts = [(name, value) for name, value in vars(paper).items() if name not in _NEVER_SHOWN]
    return _letters(hashlib.blake2b(repr(facts).encode(), digest_size=10).digest())


def read_marker(custom_id: str) -> MessageMarker | None:
    """The marker in a custom_id; None where it has none."""
    found = _MARKED.fullmatch(custom_id)
    return MessageMarker(found["tag"], found["nonce"], found["fingerprint"]) if found else None


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
