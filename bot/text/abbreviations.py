"""Abbreviations that a text defines, as "question answering (QA)" and "QA (question answering)".

After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text"
(Pacific Symposium on Biocomputing 2003): the letters of the short form are sought from its end to its
beginning in the words beside it, and its first one begins a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.text.folding import is_stop_word, plain_words

MOST_WORDS = 6
"""Words of a long form; Schwartz and Hearst allow longer ones, which nobody types."""
_LONGEST = 10
"""Characters of a short form, as Schwartz and Hearst have it."""
_BRACKETED = re.compile(r"\(([^()]{2,80})\)")
_SHORT = re.compile(r"(?=.*[A-Z])(?=.*[^\W_a-z].*[^\W_a-z])[^\W_]+(?:[-/&.][^\W_]+)*")
"""With two capitals, or one and a digit: "(Adam)" is a name."""
_FARTHEST = 100
"""Characters before a bracket in which a long form is sought."""


def definitions(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each short form, folded, with the words of its long form; of a text as `plain` gives it."""
    if "(" not in text:
        return
    for bracket in _BRACKETED.finditer(text):
        inside, start = bracket[1], bracket.start()
        if " " in inside:
            before = text[max(0, start - _LONGEST - 2) : start].split()
            if before and _is_short(before[-1]) and (found := _definition(before[-1], inside)):
                yield found
        elif _is_short(inside) and (found := _definition(inside, text[max(0, start - _FARTHEST) : start])):
            yield found


def _is_short(form: str) -> bool:
    return 1 < len(form) <= _LONGEST and _SHORT.fullmatch(form) is not None


def _definition(short: str, beside: str) -> tuple[str, list[str]] | None:
    """The folded short form and its long form at the end of the words beside it; None where there is none."""
    if short[-1] == "s" and short[:-1].isupper():
        short = short[:-1]
    start = _start_of_long(short.lower(), beside.lower())
    if start is None:
        return None
    folded, words = plain_words(short), plain_words(beside[start:])
    if start and len(folded) == 1 and len(words) < len(folded[0]):
        words = _by_initials(folded[0], words, beside[:start])
    most = min(len(short) + 5, 2 * len(short), MOST_WORDS)
    if len(folded) != 1 or is_stop_word(folded[0]) or not 1 < len(words) <= most or folded[0] in words:
        return None
    return folded[0], words


def initials(words: Iterable[str]) -> str:
    """The first letters of words; of one that begins with a digit, as "3d", all of it."""
    return "".join([word if word[0].isdigit() else word[0] for word in words])


def _by_initials(short: str, words: list[str], before: str) -> list[str]:
    """The words, with those before them if their initials make it: "self-supervised learning (SSL)"."""
    longer = [*plain_words(before)[len(words) - len(short) :], *words]
    return longer if initials(longer) == short else words


def _start_of_long(short: str, beside: str) -> int | None:
    """Where the words begin that have all letters of a short form in order."""
    place = len(beside)
    for letter in reversed(short):
        if letter.isalnum():
            place = beside.rfind(letter, 0, place)
            if place < 0:
                return None
    while place > 0 and beside[place - 1].isalnum():
        place = beside.rfind(short[0], 0, place)
    return place if place >= 0 else None
