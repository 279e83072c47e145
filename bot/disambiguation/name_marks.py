"""Marks on the letters of Vietnamese names, which folding takes away: "Hùng" and "Hưng" are two names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

_VIETNAMESE = re.compile("[ơư\u1ea0-\u1ef9]")
"""Letters of no other language; others that Vietnamese has are Romanian or Croatian, too."""
_STROKE = "\u0335"


def marked_words(name: str) -> frozenset[str]:
    """The words of a name that have marks, each letter before its marks; empty for most names."""
    if name.isascii():
        return frozenset()
    written = unicodedata.normalize("NFC", name).casefold().replace("đ", f"d{_STROKE}")
    words = re.split(r"[\s,.\-]+", unicodedata.normalize("NFD", written))
    return frozenset(word for word in words if _plain(word) != word)


def contradict(some: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether a word of Vietnamese has other marks on either side, which are not merely left out on one."""
    both = some | others
    if not some or not others or not _VIETNAMESE.search(unicodedata.normalize("NFC", " ".join(both))):
        return False
    ours, theirs = _by_letters(some), _by_letters(others)
    return any(
        not any(_may_be_one(word, other) for word in ours[plain] for other in theirs[plain])
        for plain in ours.keys() & theirs.keys()
    )


def _by_letters(words: Iterable[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        found[_plain(word)].append(word)
    return found


def _plain(word: str) -> str:
    return "".join(letter for letter in word if not unicodedata.combining(letter))


def _may_be_one(one: str, other: str) -> bool:
    """Whether two words of the same letters differ in marks only where one of them leaves some out."""
    pairs = zip(_marks_by_letter(one), _marks_by_letter(other), strict=True)
    return all(some <= others or others <= some for some, others in pairs)


def _marks_by_letter(word: str) -> list[set[str]]:
    found: list[set[str]] = [set()]  # the first is of marks without a letter
    for letter in word:
        if unicodedata.combining(letter):
            found[-1].add(letter)
        else:
            found.append(set())
    return found
