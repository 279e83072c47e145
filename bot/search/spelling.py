"""Words that papers have, for one that they have not: what may have been meant."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bot.search.british import other_spellings
from bot.search.snapshot import Snapshot
from bot.text.folding import is_stop_word, stem

_ONE_ERROR, _TWO_ERRORS = 4, 6
"""Letters from which on one or two may be wrong."""
_MOST_GUESSES = 3
_LIKELY = 0.1
"""A guess is kept that is at least so likely as the best one."""
_ERROR = 6.0
"""By how much, in logarithms of frequency, a second wrong letter makes a guess less likely."""
_FIRST_LETTER = 1.5
"""And a wrong first letter."""
_FOREIGN = 2.0
"""And each letter that the word has not: many could have been hit, whereas few can be left out or swapped."""
MOST_OWN, _RARER_THAN_MEANT = 2, 50
"""A word that so few papers have may be misspelt too, where another one is so many times as frequent."""

_ENDINGS = 4
"""How many times as many papers may have a word with another ending as have it as it stands in a list."""

_TURNING = re.compile(
    r"(?:(?:de|un|non|in|im|ir|il|anti|dis|mis|counter)\||an\|(?=[aeiou])|a\|(?=[b-df-hj-np-tv-z]h?[aeiouy])).*"
)
"""A prefix that turns the meaning of the word behind the bar; "a" and "an" only where Greek has them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A word that may have been meant."""

    word: str
    share: float
    """How likely, beside the best guess."""


def guesses(snapshot: Snapshot, word: str) -> list[Guess]:
    """The words of the corpus that a word may be a misspelling of, the likeliest first.

    A word that papers have is one only where one or two have it, and a much more frequent one is a letter
    away.
    """
    if len(word) < _ONE_ERROR or not word.isalpha() or is_stop_word(word):
        return []
    there = papers_with(snapshot, word)
    written = is_written(snapshot, word)
    if written and (there > MOST_OWN or there * _RARER_THAN_MEANT >= snapshot.searcher.num_docs):
        return []
    errors = 1 if there or len(word) < _TWO_ERRORS else 2
    # Where only words of the same stem are there, it may be chance: "classifiation" has that of "classified".
    least = there * (_RARER_THAN_MEANT if written else 1)
    likely: dict[str, float] = {}
    for known, distance in snapshot.vocabulary.near(word, errors, least // _ENDINGS):
        if distance > 1 and known[0] != word[0]:
            continue
        frequency = papers_with(snapshot, known)
        if frequency <= least or is_opposite(word, known) or stem(known) == stem(word):
            continue
        flaws = _ERROR * distance + _FIRST_LETTER * (known[0] != word[0]) + _FOREIGN * foreign(word, known)
        likely[known] = math.log(frequency) - flaws
    if not likely:
        return []
    best = max(likely.values())
    ranked = sorted(likely, key=lambda known: (-likely[known], known))
    kept = [Guess(known, math.exp(likely[known] - best)) for known in ranked]
    return [guess for guess in kept[:_MOST_GUESSES] if guess.share >= _LIKELY]


def foreign(word: str, known: str) -> int:
    """How many letters of a word another one has not, or not so often."""
    return sum(max(0, word.count(letter) - known.count(letter)) for letter in set(word))


def papers_with(snapshot: Snapshot, word: str) -> int:
    """How many papers have a word, its ending left aside, or have it in a name; at most."""
    return snapshot.frequency("text", stem(word)) + snapshot.frequency("authors", word)


def is_written(snapshot: Snapshot, word: str) -> bool:
    """Whether papers have a word with this ending, or have it in a name."""
    return bool(snapshot.frequency("words", word) or snapshot.frequency("authors", word))


def is_opposite(word: str, other: str) -> bool:
    """Whether one is the other with a prefix that turns its meaning, such as "decentralized"."""
    shorter, longer = sorted((word, other), key=len)
    return any(
        longer.endswith(spelling) and _TURNING.fullmatch(longer[: -len(spelling)] + "|" + spelling)
        for spelling in (shorter, *other_spellings(shorter))
    )
