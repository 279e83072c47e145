"""Identifiers of people, as sources write them."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

from bot.corpus.paper import Identifier

_MAX_LENGTH = 500
_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid:\s*)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?",
    re.IGNORECASE | re.ASCII,
)
_OPENREVIEW = re.compile(
    r"(?:(?:https?://)?(?:www\.)?openreview\.net/profile\?id=|openreview:\s*)?(~[^\s/?#&]+\d+)", re.IGNORECASE
)
_OPENALEX = re.compile(
    r"(?:(?:https?://)?(?:www\.|api\.)?openalex\.org/(?:authors/|people/)?|openalex:\s*)?(A\d{4,})",
    re.IGNORECASE | re.ASCII,
)
_KNOWN = (("orcid", _ORCID, str.upper), ("openreview", _OPENREVIEW, str), ("openalex", _OPENALEX, str.upper))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9 _.-]{0,40}):\s*(?!//)(\S.*)", re.DOTALL)


class SchemedId(BaseModel):
    """An identifier that names its scheme."""

    model_config = ConfigDict(extra="ignore", strict=True)

    scheme: str
    value: str


PersonId = str | SchemedId | None
"""An entry of `author_ids`."""


def identifier_of(entry: PersonId, id_space: str) -> Identifier | None:
    """Tell the scheme of an identifier; one that names none belongs to the id space of its file."""
    if isinstance(entry, SchemedId):
        scheme, value = entry.scheme.strip().lower(), entry.value.strip()
        written = f"{scheme}:{value}"
    else:
        scheme, value = "", (entry or "").strip()
        written = value
    if not value or len(written) > _MAX_LENGTH:
        return None
    for known, pattern, normalise in _KNOWN:
        if scheme in {"", known} and (found := pattern.fullmatch(value) or pattern.fullmatch(written)):
            return Identifier(scheme=known, value=normalise(found[1]))
    if not scheme and (found := _SCHEME.fullmatch(value)):
        return Identifier(scheme=found[1].lower(), value=found[2])
    return Identifier(scheme=scheme or id_space, value=value)
