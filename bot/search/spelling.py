"""Other spellings of a word: British and American, and what may have been meant by one that no paper has."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from bot.search.snapshot import Snapshot
from bot.text.folding import is_stop_word, may_be_joined, stem

_IZE = re.compile(
    r"(.{3,}[^aeiou]|.{3,}[aeiou]l|.{2,}[rtnd])(i|y)([sz])(e|ed|es|er|ers|ing|able|ation|ations|ational)"
)
"""Verbs in -ise and -ize with their family; the list has only the common ones, science makes new ones."""

_MOST_DIFFERENT = 0.45
"""The share of letters in which spellings of one word differ at most; "film" and "movie" do in all.

Of the 1,856 pairs of the list 40 differ more, most of them other words; with .3 it would be 76, "dialogue"
and "dialog" among them.
"""
_SHORTEST_REST = 4
"""Letters behind a prefix below which the rest is no word of the list: the "lay" of "relay"."""
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
    found = {*_listed(word), *_by_prefix(word), *_by_rule(word), *_of_greek(word)}
    return tuple(sorted(found - {word}))


_ACRONYM = re.compile(r"[b-df-hj-np-tv-xz]{2,6}")


def other_number(word: str) -> str | None:
    """The plural or singular of a folded acronym without vowels, such as "llms", which has no stem."""
    if not _ACRONYM.fullmatch(word):
        return None
    other = word.removesuffix("s") if word.endswith("s") else word + "s"
    return other if len(other) > 1 else None


def _listed(word: str) -> frozenset[str]:
    american, families = _families()
    return families.get(american.get(word, word), frozenset())


def _by_prefix(word: str) -> frozenset[str]:
    if not word.startswith(_PREFIXES):
        return frozenset()
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > _SHORTEST_REST and (family := _listed(rest)):
            return frozenset(prefix + other for other in family)
    return frozenset()


def _by_rule(word: str) -> frozenset[str]:
    # Most words have none of these, which is found out several times as fast.
    is_likely = "is" in word or "iz" in word or "ys" in word or "yz" in word
    match = _IZE.fullmatch(word) if is_likely else None
    if match is None:
        return frozenset()
    start, vowel, letter, ending = match.groups()
    return frozenset({f"{start}{vowel}{'z' if letter == 's' else 's'}{ending}"})


_GREEK_ROOTS = """
aemia aemic aemato aesthe anaesth archaeo caecum caecal coelia encyclopaed faec foet gynaec haem homoeo
ischaem leukaem mediaev oedem oesoph oestr orthopaed paed palaeo rrhoea
""".split()  # noqa: SIM905
"""Parts of words that Americans write with e for ae and oe; the list has but some of these words."""
_AMERICAN_OF = {root: root.replace("ae", "e").replace("oe", "e") for root in _GREEK_ROOTS}
_AMERICAN_ROOTS = {american: root for root, american in _AMERICAN_OF.items()}
_BRITISH_ROOT = re.compile("|".join(_GREEK_ROOTS))
_AMERICAN_ROOT = re.compile("|".join(f"^{root}" if len(root) < 5 else root for root in _AMERICAN_ROOTS))
"""Short ones begin words alone."""


def _of_greek(word: str) -> frozenset[str]:
    if "ae" in word or "oe" in word:
        spelt = _BRITISH_ROOT.sub(lambda root: _AMERICAN_OF[root[0]], word)
    else:
        spelt = _AMERICAN_ROOT.sub(lambda root: _AMERICAN_ROOTS[root[0]], word, count=1)
    return frozenset({spelt})


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


_ONE_ERROR, _TWO_ERRORS = 4, 6
"""Letters from which on one or two may be wrong: in shorter words too many others are as near.

With one wrong from 1 letter on, misspelt authors lose .019; from 8 on, .37 and a misspelt word of three .07.
With two from 1 on the latter lose .017; from 12 on SciTLDR gains .002, and nothing else changes.
"""
_MOST_CORRECTIONS = 3
"""With none misspelt authors lose .54 and a misspelt word of three .25; 6 change nothing."""
_LIKELY = 0.1
"""The least likelihood of a correction beside the best one; at 0 a misspelt word of three loses .017."""
_ERROR = 6.0
"""Penalty of each wrong letter, in natural logarithms of frequency.

With 0 misspelt authors lose .077 and a misspelt word of three .043; twice as much changes nothing.
"""
_SURPLUS = 2.0
"""Penalty of each letter that the other word lacks: a wrong letter is one of many, a swapped one is not.

Without it misspelt authors lose .026; twice as much changes nothing. A penalty of a wrong first letter cost
them .006, and gained nothing.
"""
MOST_OWN, _RARER_THAN_MEANT = 2, 50
"""A word that so few papers have may be misspelt too, where another one is so many times as frequent.

With no such words a misspelt word of three loses .006; twice as many change nothing. The price of a higher
bound is in tests/benchmarks/totals.py: frequent neighbours would count as the word.
"""

_ENDINGS = 4
"""How many times as many papers may have a word with another ending as have it as it stands in a list.

Saves comparing rare words; twice as many change nothing of what is remembered.
"""

_TURNING = re.compile(
    r"(?:(?:de|un|non|in|im|ir|il|anti|dis|mis|counter)\||an\|(?=[aeiou])|a\|(?=[b-df-hj-np-tv-z]h?[aeiouy])).*"
)
"""A prefix that turns the meaning of the word behind the bar; "a" and "an" only where Greek has them."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that may have been meant."""

    word: str
    share: float
    """Its likelihood divided by that of the best correction."""


def corrections(snapshot: Snapshot, word: str) -> list[Correction]:
    """The words of the corpus that a word may be a misspelling of, the likeliest first.

    A word that papers have is one only where one or two have it, and a much more frequent one is a letter
    away.
    """
    if len(word) < _ONE_ERROR or not word.isalpha() or is_stop_word(word) or may_be_joined(word):
        return []
    papers = papers_with(snapshot, word)
    written = is_in_texts(snapshot, word)
    if written and (papers > MOST_OWN or papers * _RARER_THAN_MEANT >= snapshot.engine.papers):
        return []
    errors = 1 if papers or len(word) < _TWO_ERRORS else 2
    # Where only words of the same stem are there, it may be chance: "classifiation" has that of "classified".
    least = papers * (_RARER_THAN_MEANT if written else 1)
    likely: dict[str, float] = {}
    for known, distance in snapshot.vocabulary.near(word, errors, least // _ENDINGS):
        if distance > 1 and known[0] != word[0]:
            continue
        frequency = papers_with(snapshot, known)
        if frequency <= least or is_opposite(word, known) or stem(known) == stem(word):
            continue
        penalty = _ERROR * distance + _SURPLUS * surplus_letters(word, known)
        likely[known] = math.log(frequency) - penalty
    if not likely:
        return []
    best = max(likely.values())
    ranked = sorted(likely, key=lambda known: (-likely[known], known))
    kept = [Correction(known, math.exp(likely[known] - best)) for known in ranked]
    return [correction for correction in kept[:_MOST_CORRECTIONS] if correction.share >= _LIKELY]


def surplus_letters(word: str, known: str) -> int:
    """How many letters of a word another one lacks or has less often."""
    return sum(max(0, word.count(letter) - known.count(letter)) for letter in set(word))


def papers_with(snapshot: Snapshot, word: str) -> int:
    """How many papers have a word, its ending left aside, or have it in a name; at most."""
    return snapshot.frequency("text", stem(word)) + snapshot.frequency("authors", word)


def is_in_texts(snapshot: Snapshot, word: str) -> bool:
    """Whether papers have a word with this very ending, or have it in a name."""
    return bool(snapshot.frequency("words", word) or snapshot.frequency("authors", word))


def is_opposite(word: str, other: str) -> bool:
    """Whether one is the other with a prefix that turns its meaning, such as "decentralized"."""
    shorter, longer = sorted((word, other), key=len)
    return any(
        longer.endswith(spelling) and _TURNING.fullmatch(longer[: -len(spelling)] + "|" + spelling)
        for spelling in (shorter, *other_spellings(shorter))
    )
