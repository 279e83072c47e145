"""The names of venues as an index keeps them, "initials=words", and which of them words stand for.

A name is found by its words, each whole or abbreviated ("Phys. Rev. Lett."), and by its initials ("CVPR").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.corpus.merge import is_preprint_server
from bot.text.abbreviations import initials
from bot.text.folding import is_stop_word, plain_words

_ACRONYM = re.compile(r"(?<![^\W_])(?=[A-Za-z]*[A-Z][A-Za-z]*[A-Z])[A-Za-z]{3,12}(?![^\W_])")
_NO_VENUES = frozenset(
    "ieee acm cvf siam usenix iapr isca usa one lncs iii vii viii".split()  # noqa: SIM905
)
"""Who holds conferences or prints them, numerals, and a country."""
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_END_OF_NAME = re.compile(r"\s*(?:[:;,]|\s[-–—]+)\s")
_NUMBER = re.compile(r"(?:\d+(?:st|nd|rd|th)?|vol|volume|no|pp|part|i+|in)")
_BEFORE_NAME = """
proceedings proc annual ann ieee acm cvf siam usenix international intl int conference conf symposium symp
workshop meeting joint transactions trans advances adv sigkdd sigir sigchi sigmod european
"""
BEFORE_NAME = frozenset(_BEFORE_NAME.split())
"""Words at the beginning of a venue without which it is known as well: "CVPR" has no I for IEEE."""
_OF_AMERICA = ["united", "states", "america"]
_ALSO = {"neurips": "nips", "kdd": "kddm", "sigir": "rdir", "chi": "hfcs", "naacl": "nacacl"}
"""What some venues are called that are abbreviated otherwise than by initials."""
MOST_WORDS = 12
"""Words of a venue's name that are read."""
_SHORTEST_INITIALS = 3
_MOST_NAMES = 32
"""Names of one venue, as its years have them, that are looked for."""


def _names(venue: str) -> set[tuple[str, ...]]:
    acronyms: set[str] = {found[0].lower() for found in _ACRONYM.finditer(venue)} - _NO_VENUES
    if venue.isupper() and len(venue.split()) > 1:
        acronyms = set()
    found: set[tuple[str, ...]] = {(each,) for each in acronyms}
    name = _ASIDE.sub(" ", venue)
    first, *others = _END_OF_NAME.split(name)
    words = [word for word in plain_words(first) if not is_stop_word(word) and not _NUMBER.fullmatch(word)]
    if len(words) <= _SHORTEST_INITIALS and any(map(_ACRONYM.search, others)):
        # "Computer Vision – ECCV 2018" is no venue of computer vision.
        return found
    words = words[: words.index("united")] if words[-3:] == _OF_AMERICA else words
    start = 0
    while start < len(words):
        if len(words) - start > 1 or words[start] not in BEFORE_NAME:
            found.add(tuple(words[start : start + MOST_WORDS]))
        if words[start] not in BEFORE_NAME:
            break
        start += 1
    return found - {(word,) for word in _NO_VENUES} - {()}


@lru_cache(maxsize=4096)
def venue_terms(venue: str) -> tuple[str, ...]:
    """The names of a venue as an index keeps them; none of where preprints are kept."""
    if is_preprint_server(venue):
        return ()
    return tuple(sorted(f"{_key(words)}={' '.join(words)}" for words in _names(venue)))


def _key(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else initials(words)


@dataclass(frozen=True, slots=True)
class Name:
    """A name of venues, with how many papers are of them."""

    term: str
    words: tuple[str, ...]
    papers: int


class Venues:
    """The venues of a corpus, by their initials."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        """Take the terms of the index, with how many papers have each."""
        self._names: defaultdict[str, list[Name]] = defaultdict(list)
        for term, papers in terms:
            key, _, words = term.partition("=")
            self._names[key].append(Name(term, tuple(words.split()), papers))

    def __bool__(self) -> bool:
        """Whether the corpus has any."""
        return bool(self._names)

    def named(self, words: Sequence[str]) -> list[Name]:
        """The names that folded words stand for, stop words left out; most papers first."""
        if not words:
            return []
        key = _key(words)
        found = [*self._names.get(key, ())]
        if len(words) == 1:
            found += self._names.get(_ALSO.get(key, ""), ())
            fitting = [
                each for each in found if each.words == tuple(words) or len(each.words) >= _SHORTEST_INITIALS
            ]
        else:
            is_whole = len(words) > _SHORTEST_INITIALS
            short = {key, *(also for also, by_initials in _ALSO.items() if by_initials == key)}
            found += [each for also in short - {key} for each in self._names.get(also, ())]
            fitting = [
                each
                for each in found
                if _are_alike(each.words, words)
                or (is_whole and len(each.words) == 1 and each.words[0] in short)
            ]
        return sorted(fitting, key=lambda each: (-each.papers, each.term))[:_MOST_NAMES]


def _are_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) == len(other) and all(map(_is_abbreviated, one, other))


def _is_abbreviated(one: str, other: str) -> bool:
    """Whether a word is another one or abbreviates it, as "phys" and "natl"; its letters in their order."""
    short, whole = sorted((one, other), key=len)
    if short == whole or whole.startswith(short):
        return True
    letters = iter(whole)
    return short[0] == whole[0] and all(letter in letters for letter in short)
