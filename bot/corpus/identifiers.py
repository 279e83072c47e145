"""Identifiers of people as they are typed and shown."""

from __future__ import annotations

from collections.abc import Iterable

from bot.corpus.paper import Identifier
from bot.corpus.person_ids import identifier_of

_NO_SCHEME = "none"
_SELF_EVIDENT = ("orcid", "openreview")
"""Schemes whose values are known by their form; the first is shown where a person has several."""


def read_identifier(text: str) -> Identifier | None:
    """Read "~Pan_Pan1", an ORCID, "scheme:value" or the address of one; None where it is a name."""
    identifier = identifier_of(text, id_space=_NO_SCHEME)
    return identifier if identifier is not None and identifier.scheme != _NO_SCHEME else None


def show_identifier(identifiers: Iterable[tuple[str, str]]) -> str | None:
    """Write the best-known of these (scheme, value), as `read_identifier` reads it."""

    def rank(identifier: tuple[str, str]) -> tuple[int, tuple[str, str]]:
        known = identifier[0] in _SELF_EVIDENT
        return (_SELF_EVIDENT.index(identifier[0]) if known else len(_SELF_EVIDENT), identifier)

    best = min(identifiers, key=rank, default=None)
    if best is None:
        return None
    return write_identifier(*best)


def write_identifier(scheme: str, value: str) -> str:
    """Write an identifier as `read_identifier` reads it."""
    return value if scheme in _SELF_EVIDENT else f"{scheme}:{value}"
