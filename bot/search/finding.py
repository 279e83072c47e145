"""Where a text has certain words, their endings left aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.text.folding import WITHOUT_SPACES, plain_words, stem, stem_words

_WORD = re.compile(rf"[{WITHOUT_SPACES}]|[^\W_{WITHOUT_SPACES}]+")
"""Scripts without spaces have a word in each character, as in the index."""

_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else ord(" ") for code in range(128)) + bytes(
    128
)
_MOST_CHARACTERS = 20_000
_UNSURE = "\x00"
"""Stands for a character that may be of a word, and is not of ASCII."""

Place = tuple[int, int, tuple[str, ...]]
"""Where a word begins and ends, and its forms without ending; a word of several parts has several."""


@dataclass(frozen=True, slots=True)
class Form:
    """A word without its ending, to be looked for in folded letters."""

    stem: str
    begun: str
    """A space, and how all its words begin: the last letter may be changed, as in "study" and "studies"."""

    @staticmethod
    @lru_cache(maxsize=65_536)
    def of(stemmed: str) -> Form:
        """The form of a word that was stemmed."""
        return Form(stemmed, f" {stemmed[:-1] if len(stemmed) > 2 else stemmed}")

    def fits(self, word: str) -> bool:
        """Whether a folded word has this form."""
        return word == self.stem or stem(word) == self.stem

    def places(self, letters: str) -> list[tuple[int, int]]:
        """The spaces before and after each of its words."""
        found: list[tuple[int, int]] = []
        begun, stemmed = self.begun, self.stem
        start = letters.find(begun)
        while start >= 0:
            end = letters.find(" ", start + 1)
            word = letters[start + 1 : end]
            if word == stemmed or stem(word) == stemmed:
                found.append((start, end))
            start = letters.find(begun, end)
        return found


class Finder:
    """Finds words by their forms without ending."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = frozenset(stems)
        self._forms = [Form.of(stemmed) for stemmed in self._stems]

    def places(self, text: str) -> list[Place]:
        """Where the words are, in order."""
        letters = _fold_letters(text)
        if _UNSURE in letters:
            return self._one_by_one(text)
        found = [
            (start, end - 1, (form.stem,))
            for form in self._forms
            if form.begun in letters
            for start, end in form.places(letters)
        ]
        found.sort()
        return found

    def _one_by_one(self, text: str) -> list[Place]:
        """The slower way, which knows all scripts."""
        found: list[Place] = []
        for match in _WORD.finditer(text):
            word = match.group()
            forms = (stem(word.lower()),) if word.isascii() else stem_words(word)
            if not self._stems.isdisjoint(forms):
                found.append((*match.span(), forms))
        return found


def fold_words(text: str) -> str:
    """The words of a text in lower case, with spaces before, between and after them."""
    letters = _fold_letters(text)
    return f" {' '.join(plain_words(text))} " if _UNSURE in letters else letters


def _fold_letters(text: str) -> str:
    """The text in lower case with a space for all but letters and digits, between two more spaces.

    Each character stays in its place, one further on.
    """
    if text.isascii():
        return f" {text.encode().translate(_ASCII).decode()} "
    return f" {text.translate(_LETTERS)} "


class _Letters(dict[int, str]):
    """What stands for a character, decided when it is first met."""

    def __missing__(self, code: int) -> str:
        if code < 128:
            folded = chr(_ASCII[code])
        else:
            character = chr(code)
            is_mark = unicodedata.category(character)[0] in "MC"
            folded = _UNSURE if is_mark or _WORD.search(unicodedata.normalize("NFKC", character)) else " "
        if len(self) < _MOST_CHARACTERS:
            self[code] = folded
        return folded


_LETTERS = _Letters()
