"""How well two names fit: who may be meant by a name that is not exact."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz.distance import DamerauLevenshtein

from bot.disambiguation.name_forms import form_of
from bot.search.name_readings import is_read_by_sound, latin_writings, sounds_of

_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
MOST_PARTS = 12
"""Of a name that are compared. Bounds the time: of 50,084 names of the large corpus none has more than 8."""
_JOINED_FROM = 4
"""Letters of the shortest name whose parts may be joined or parted otherwise.

With 5 the 177 names of four letters among those, as "Li Bo", would not be found as "Libo"; 16 are shorter.
"""
_WRONG_LETTER_FROM = 3
"""Characters of the shortest part that may have a wrong letter.

A part of two letters is a letter away from 33 parts of those names, one of three from 28, of four from 17:
with 2 "Li" would propose "Lu", with 4 a misspelt "Kim" proposes nobody. Not measured beyond that, for such a
name is only ever proposed.
"""
_FEWEST_SHORTENED = 3
"""Parts of the shortest name that may have one too many: what is left of two is anybody's name."""
_SHARED_FROM = 2
"""Characters of the shortest part that counts as shared: an initial is anybody's, "Li" is a whole name."""


class Fit(IntEnum):
    """How a typed name fits, best first."""

    SAME_PARTS = 0
    """The same parts, perhaps in another order."""
    SHORTENED = 1
    """Every typed part is one of the name, begins one, or is written there as an initial."""
    LONGER = 2
    """Every part of the name is typed, and something more: a middle name, an initial."""
    MISSPELT = 3
    """Every typed part fits, with one wrong letter in a part."""
    SHARES = 4
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
    found = _likeness(typed_key.split()[:MOST_PARTS], name_key.split())
    if found is not None and found.fit is Fit.SAME_PARTS:
        return found
    both = [
        (typed[:MOST_PARTS], parts)
        for typed in latin_writings(typed_key)
        for parts in latin_writings(name_key)
    ]
    if any(not joined_spellings(typed).isdisjoint(joined_spellings(parts)) for typed, parts in both):
        return Likeness(Fit.SAME_PARTS, 1)
    if not (typed_key.isascii() and name_key.isascii()):
        judged = [one for typed, parts in both if (one := _likeness(typed, parts)) is not None]
        latin = [Likeness(max(one.fit, Fit.SHORTENED), one.flaws + 1) for one in judged]
        if is_read_by_sound(name_key) and any(_sounds_like(typed, parts) for typed, parts in both):
            latin.append(Likeness(Fit.MISSPELT, len(typed_key.split())))
        return min([*latin, found] if found is not None else latin, default=None)
    return found


def _sounds_like(typed: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether each typed part that is no initial sounds like a part of the name."""
    sounds = set(sounds_of(parts))
    typed_sounds = sounds_of([part for part in typed if len(part) > 1])
    return bool(typed_sounds) and sounds.issuperset(typed_sounds)


def has_same_letters(typed_key: str, name_key: str) -> bool:
    """Whether a typed name is the name in the same script, joined or parted otherwise or in another order."""
    typed, parts = _without_accents(typed_key).split(), _without_accents(name_key).split()
    if sorted(typed) == sorted(parts) or (not name_key.isascii() and "".join(typed) == "".join(parts)):
        return True
    return not joined_spellings(typed).isdisjoint(joined_spellings(parts))


def is_short_for(typed_key: str, name_key: str) -> bool:
    """Whether a typed name has the family name, and beside it only parts of the name and their initials."""
    typed, parts = _without_accents(typed_key).split(), _without_accents(name_key).split()
    left, unmatched = _take(typed, parts, _same)[::-1]
    family = form_of(" ".join(parts)).family[-1:]
    if not family or family[0] in left or not any(len(part) > 1 for part in set(typed) - set(unmatched)):
        return False
    return not _take(unmatched, left, _is_initial_of)[0]


def _is_initial_of(typed: str, part: str) -> bool:
    return len(typed) == 1 and part.startswith(typed)


def _without_accents(key: str) -> str:
    """Greek without accents, and Cyrillic with е for ё, as they are often typed; Latin keys have none."""
    if key.isascii():
        return key
    return "".join(
        unicodedata.normalize("NFD", sign)[0] if sign == "ё" or _GREEK.match(sign) else sign for sign in key
    )


def joined_spellings(parts: Sequence[str]) -> set[str]:
    """The letters of a name without spaces, in either order: those of "Xiao Ming Li" and "Li Xiaoming"."""
    whole = "".join(parts)
    if len(whole) < _JOINED_FROM:
        return set()
    first, last = parts[0], parts[-1]
    return {whole, f"{last}{whole[: len(whole) - len(last)]}", f"{whole[len(first) :]}{first}"}


def shortened(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A typed name without one of its parts in turn, and its first and last alone."""
    if len(parts) > _FEWEST_SHORTENED:
        yield parts[0], parts[-1]
    if len(parts) >= _FEWEST_SHORTENED:
        yield from (tuple(parts[:place]) + tuple(parts[place + 1 :]) for place in range(len(parts)))


def _likeness(typed: list[str], parts: list[str]) -> Likeness | None:
    not_whole, left = _take(typed, parts, _same)
    not_begun, left_begun = _take(not_whole, left, _begins)
    not_short, left_short = _take(not_begun, left_begun, _is_written_short)
    not_similar, _ = _take(not_short, left_short, _differs_by_a_letter)
    if typed and not not_whole and not left:
        return Likeness(Fit.SAME_PARTS, 0)
    # Initials alone are anybody's: a typed part of several letters has to be there in letters.
    by_letters = Counter(typed) - Counter(not_begun) + (Counter(not_short) - Counter(not_similar))
    if not any(len(part) > 1 or not part.isascii() for part in by_letters):
        return None
    if not not_short:
        return Likeness(Fit.SHORTENED, len(not_whole))
    if not left_short and len(parts) > 1:
        return Likeness(Fit.LONGER, len(not_whole))
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
