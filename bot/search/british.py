"""British and American spellings of one word."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

_IZE = re.compile(
    r"(.{3,}[^aeiou]|.{3,}[aeiou]l|.{2,}[rtnd])(i|y)([sz])(e|ed|es|er|ers|ing|able|ation|ations|ational)"
)
"""Verbs in -ise and -ize with their family; the list has only the common ones, science makes new ones."""

_MOST_DIFFERENT = 0.45
_SHORTEST_REST = 4
_PREFIXES = (
    "un",
    "non",
    "de",
    "re",
    "pre",
    "mis",
    "over",
    "under",
    "multi",
    "semi",
    "self",
    "hyper",
    "super",
)


@lru_cache(maxsize=65_536)
def other_spellings(word: str) -> tuple[str, ...]:
    """The same folded word as it is spelt elsewhere; a list decides, and a rule for -ise and -ize."""
    if len(word) < 4 or not word.isalpha():
        return ()
    found = {*_listed(word), *_by_prefix(word), *_by_rule(word)}
    return tuple(sorted(found - {word}))


def _listed(word: str) -> frozenset[str]:
    american, families = _families()
    return families.get(american.get(word, word), frozenset())


def _by_prefix(word: str) -> frozenset[str]:
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > _SHORTEST_REST and (family := _listed(rest)):
            return frozenset(prefix + other for other in family)
    return frozenset()


def _by_rule(word: str) -> frozenset[str]:
    match = _IZE.fullmatch(word)
    if match is None:
        return frozenset()
    start, vowel, letter, ending = match.groups()
    return frozenset({f"{start}{vowel}{'z' if letter == 's' else 's'}{ending}"})


@cache
def _families() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Each British word's American form, and all spellings of each American form."""
    # The list alone: the package's own reader leaves the file open.
    lines = files("eng").joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    pairs = (tuple(map(str.strip, line.split("\t"))) for line in lines if "\t" in line)
    american = {
        british: us
        for british, us in pairs
        if british.isalpha() and us.isalpha() and _is_one_word(british, us)
    }
    families: dict[str, set[str]] = {}
    for british, us in american.items():
        families.setdefault(us, {us}).add(british)
    return american, {us: frozenset(family) for us, family in families.items()}


def _is_one_word(british: str, american: str) -> bool:
    """Whether the pair differs in spelling alone; the list has "film" and "movie" too."""
    return OSA.distance(british, american) <= _MOST_DIFFERENT * min(len(british), len(american))
