"""How well a typed name fits a name: decides the order of a pick list, never an answer.

Names are compared part by part, in any order. No score over whole strings chooses a person:
rapidfuzz's `WRatio` gives "Wei Pan" 95 of 100 points for "Pan Pan".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from anyascii import anyascii
from rapidfuzz.distance import DamerauLevenshtein

from bot.search.romanised import FAMILY_NAMES

_MOST_PARTS = 12
_JOINED_FROM = 4
"""Letters of the shortest name whose parts may be joined or parted otherwise."""
_SYLLABLES = re.compile(r"[A-Z]?[^A-Z\W]+|[A-Z]")
_WRONG_LETTER_FROM = 3
"""Characters of the shortest part in which a wrong letter is forgiven."""
_SHARED_FROM = 2
"""Characters of the shortest part that counts as shared: an initial does not."""


class Fit(IntEnum):
    """How a typed name fits, best first."""

    SAME_PARTS = 0
    """The same parts, perhaps in another order."""
    SHORTENED = 1
    """Every typed part is one of the name, begins one, or is written there as an initial."""
    MISSPELT = 2
    """As before, with one wrong letter in a part."""
    SHARES = 3
    """At least one part in common."""


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """A fit with what orders several of them; the least is the best."""

    fit: Fit
    flaws: int
    """Typed parts that are not whole parts of the name."""


def likeness(typed_key: str, name_key: str) -> Likeness | None:
    """Judge how well a typed name fits a name, both folded; None where they have nothing in common.

    A name in another script is also judged as it is written in Latin letters, but never as the same.
    """
    found = _likeness(typed_key.split()[:_MOST_PARTS], name_key.split())
    if found is not None and found.fit is Fit.SAME_PARTS:
        return found
    both = [
        (typed[:_MOST_PARTS], parts)
        for typed in latin_writings(typed_key)
        for parts in latin_writings(name_key)
    ]
    if any(not joined_spellings(typed).isdisjoint(joined_spellings(parts)) for typed, parts in both):
        return Likeness(Fit.SAME_PARTS, 1)
    if not (typed_key.isascii() and name_key.isascii()):
        judged = [one for typed, parts in both if (one := _likeness(typed, parts)) is not None]
        latin = [Likeness(max(one.fit, Fit.SHORTENED), one.flaws + 1) for one in judged]
        return min([*latin, found] if found is not None else latin, default=None)
    return found


def latin_parts(name_key: str) -> list[str]:
    """The parts of a name in Latin letters; each sign of Chinese or Korean is a part of its own."""
    if name_key.isascii():
        return name_key.split()
    return [part.lower() for word in anyascii(name_key).split() for part in _SYLLABLES.findall(word)]


def latin_writings(name_key: str) -> list[list[str]]:
    """The parts of a name in Latin letters, in each way in which its family name is commonly written."""
    parts = latin_parts(name_key)
    others = FAMILY_NAMES.get(name_key[:1], ())
    return [parts, *([family, *parts[1:]] for family in others if parts[0] != family)]


def joined_spellings(parts: Sequence[str]) -> set[str]:
    """The letters of a name without spaces, in either order: those of "Xiao Ming Li" and "Li Xiaoming"."""
    orders = (parts, (*parts[-1:], *parts[:-1]), (*parts[1:], *parts[:1]))
    return {joined for order in orders if len(joined := "".join(order)) >= _JOINED_FROM}


def _likeness(typed: list[str], parts: list[str]) -> Likeness | None:
    not_whole, left = _take(typed, parts, _same)
    not_begun, left_begun = _take(not_whole, left, _begins)
    not_short, left_short = _take(not_begun, left_begun, _is_written_short)
    not_similar, _ = _take(not_short, left_short, _differs_by_a_letter)
    # Initials alone are anybody's.
    if not typed or len(not_similar) == len(typed) or (not not_short and len(not_begun) == len(typed)):
        return None
    if not not_whole:
        return Likeness(Fit.SHORTENED if left else Fit.SAME_PARTS, 0)
    if not not_short:
        return Likeness(Fit.SHORTENED, len(not_whole))
    if not not_similar:
        return Likeness(Fit.MISSPELT, len(not_short))
    if any(len(part) >= _SHARED_FROM and part in parts for part in typed):
        return Likeness(Fit.SHARES, len(not_short))
    return None


def _take(
    typed: list[str], parts: list[str], fits: Callable[[str, str], bool]
) -> tuple[list[str], list[str]]:
    """Pair typed parts with parts that fit; answer what stays of both."""
    left = list(parts)
    unmatched: list[str] = []
    for part in typed:
        found = next((other for other in left if fits(part, other)), None)
        if found is None:
            unmatched.append(part)
        else:
            left.remove(found)
    return unmatched, left


def _same(typed: str, part: str) -> bool:
    return typed == part


def _begins(typed: str, part: str) -> bool:
    return part.startswith(typed)


def _is_written_short(typed: str, part: str) -> bool:
    return len(part) == 1 and typed.startswith(part)


def _differs_by_a_letter(typed: str, part: str) -> bool:
    return (
        len(typed) >= _WRONG_LETTER_FROM
        and len(part) >= _SHARED_FROM
        and DamerauLevenshtein.distance(typed, part, score_cutoff=1) <= 1
    )
