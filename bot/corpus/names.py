"""Name keys: what two spellings of one name have in common, and nothing that is guessed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

MAX_KEY_LENGTH = 600
"""Keys stand in database indexes; PostgreSQL takes 2,704 bytes there, and a character has up to 4."""

_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv"})
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʹ´`＇"))
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_ET_AL = re.compile(r"(?:and\s+)?(?:et\.?\s*al\.?|others|\.{3}|…)", re.IGNORECASE)


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
    return _words(text.casefold()) in _GENERATIONS


def _given_first(parts: list[str]) -> list[str]:
    """Turn "family, given" round; a generation stays behind, and more commas than that say nothing."""
    names = [part for part in parts if part not in _GENERATIONS]
    generations = [part for part in parts if part in _GENERATIONS]
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
