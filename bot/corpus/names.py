"""Name keys and identifiers of people: what two spellings have in common, and nothing guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii
from pydantic import BaseModel, ConfigDict

from bot.corpus.paper import Identifier

MAX_KEY_LENGTH = 600
"""Keys stand in database indexes; PostgreSQL takes 2,704 bytes there, and a character has up to 4."""

GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv"})
"""What stands behind a family name, folded, and is no part of it."""
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʹ´`＇"))
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_ET_AL = re.compile(
    r"(?:(?:and|und|y|et)\s+)?(?:et\.?\s*al(?:ii|\.)?(?:\s*\([^()]{0,80}\))?|others|\.{3}|…|u\.\s?a\.|otros|cols?\.|coll\.|и\s+др\.?|i\s+in\.|等"
    r"|(?:the\s+)?\d{1,5}\s+(?:more|others?|(?:more|other|additional)\s+(?:co-?)?authors?|co-?authors?))",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 18)
def name_key(name: str) -> str:
    """Fold a name for comparison: "Pan, Pan" = "pan pan", "Mézard" = "Mezard", "J.-F." = "J F".

    Order changes only at a comma, initials are never expanded, and scripts other than Latin stay as
    given, so that different people are not merged. Empty where the name has no letter or digit.
    """
    folded = name.lower()
    if _PLAIN.fullmatch(folded):  # as most names are
        return folded[:MAX_KEY_LENGTH].rstrip()
    folded = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold().translate(_APOSTROPHES)
    parts = [_words(part) for part in folded.split(",")]
    return " ".join(_given_first([part for part in parts if part]))[:MAX_KEY_LENGTH].rstrip()


def is_et_al(text: str) -> bool:
    """Whether an entry of a list of authors only says that the list goes on."""
    return _ET_AL.fullmatch(text.strip()) is not None


def is_generation(text: str) -> bool:
    """Whether what follows a comma belongs to the name before it: "Jr.", "III"."""
    return _words(text.casefold()) in GENERATIONS


def _given_first(parts: list[str]) -> list[str]:
    """Turn "family, given" round; a generation stays behind, and more commas than that say nothing."""
    names = [part for part in parts if part not in GENERATIONS]
    generations = [part for part in parts if part in GENERATIONS]
    if len(names) == 2:
        names.reverse()
    return names + generations


def _words(text: str) -> str:
    """Keep letters, digits and the marks that other scripts need, with single spaces between words."""
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    latin = False
    for character in text:
        if character.isascii():
            latin = character.isalnum()
            kept.append(character if latin else " ")
            continue
        category = unicodedata.category(character)
        if category in {"Cf", "Cs"}:  # bidirectional marks, zero-width characters, halves of pairs
            continue
        if category.startswith("M"):
            if not latin:
                kept.append(character)
            continue
        latin = unicodedata.name(character, "").startswith("LATIN ")
        if latin:
            kept.append(_plain_latin(character))
        else:
            kept.append(character if character.isalnum() else " ")
    return " ".join("".join(kept).split())


def _plain_latin(character: str) -> str:
    """Without accents, and letters that do not decompose (ø, ł, đ) as ASCII writes them."""
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() else anyascii(base).casefold()


_MAX_LENGTH = 500
_ORCID = re.compile(
    r"(?:orcid:?\s*)?(?:(?:https?://)?(?:www\.)?orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dX])/?",
    re.IGNORECASE | re.ASCII,
)
_OPENREVIEW = re.compile(
    r"(?:(?:https?://)?(?:www\.)?openreview\.net/profile\?id=|openreview:\s*)?(~[^\s/?#&]+\d+)", re.IGNORECASE
)
_OPENALEX = re.compile(
    r"(?:(?:https?://)?(?:www\.|api\.)?openalex\.org/(?:authors/|people/)?|openalex:\s*)?(A\d{4,})",
    re.IGNORECASE | re.ASCII,
)


def _with_hyphens(orcid: str) -> str:
    digits = orcid.upper().replace("-", "")
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


_KNOWN = (
    ("orcid", _ORCID, _with_hyphens),
    ("openreview", _OPENREVIEW, str),
    ("openalex", _OPENALEX, str.upper),
)
_PLACEHOLDERS = frozenset({"n/a", "na", "nan", "nil", "none", "null", "unknown", "tbd", "-", "?"})
"""What stands where somebody has no identifier; it would make one person of all of them."""
_NOBODYS = frozenset("-".join([4 * digit] * 4) for digit in "0123456789")
"""ORCID iDs that are none: "0000-0000-0000-0000"."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9 _.-]{0,40}):\s*(?!//)(\S.*)", re.DOTALL)


class SchemedId(BaseModel):
    """An identifier that names its scheme."""

    model_config = ConfigDict(extra="ignore", strict=True)

    scheme: str
    value: str


PersonId = str | SchemedId | None
"""An entry of `author_ids`."""


def identifier_of(entry: PersonId, id_space: str) -> Identifier | None:
    """The identifier with its scheme; one that names none belongs to the id space of its file.

    None for what stands where there is none: "N/A", an ORCID iD without digits or with one digit alone.
    """
    if isinstance(entry, SchemedId):
        scheme, value = entry.scheme.strip().lower(), entry.value.strip()
        written = f"{scheme}:{value}"
    else:
        scheme, value = "", (entry or "").strip()
        written = value
    if not value or value.casefold() in _PLACEHOLDERS or len(written) > _MAX_LENGTH:
        return None
    for known, pattern, normalise in _KNOWN:
        if scheme in {"", known} and (found := pattern.fullmatch(value) or pattern.fullmatch(written)):
            value = normalise(found[1])
            return Identifier(scheme=known, value=value) if value not in _NOBODYS else None
    if scheme == "orcid" and not any(map(str.isdigit, value)):
        return None
    if not scheme and (found := _SCHEME.fullmatch(value)):
        return Identifier(scheme=found[1].lower(), value=found[2])
    return Identifier(scheme=scheme or id_space, value=value)


def is_orcid(value: str) -> bool:
    """Whether an identifier is an ORCID iD by its form."""
    return _ORCID.fullmatch(value) is not None


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
