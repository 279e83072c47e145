"""Where a text has certain words, and the piece of it that shows why a paper was found."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.search.terms import IndexedTerm
from bot.search.venue_names import venue_terms
from bot.text.folding import (
    GROUPED,
    SIGNED,
    WITHOUT_SPACES,
    is_joined,
    may_be_joined,
    plain_words,
    stem,
    stem_words,
)

_WORD = re.compile(rf"{SIGNED}|{GROUPED}|[{WITHOUT_SPACES}]|[^\W_{WITHOUT_SPACES}]+")
"""Scripts without spaces have a word in each character, as in the index."""

_ASCII = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or not code else ord(" ") for code in range(128)
) + bytes(128)
"""A zero stays: it stands for a character that was folded before."""
_MOST_CHARACTERS = 20_000
"""Different characters whose folded forms are remembered: bounds the memory."""
_UNSURE = "\x00"
"""Stands for a character beyond ASCII that may be part of a word."""
_UNSURE_RUN = re.compile(f"[^ {_UNSURE}]*{_UNSURE}[^ ]*")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

WordSpan = tuple[int, int, tuple[str, ...]]
"""Where a word begins and ends, and its forms without ending; a word of several parts has several."""


@dataclass(frozen=True, slots=True)
class WordForm:
    """A word without its ending, to be looked for in folded letters."""

    stem: str
    begun: str
    """A space, and how all its words begin: the last letter may be changed, as in "study" and "studies"."""

    @staticmethod
    @lru_cache(maxsize=65_536)
    def of(stemmed: str) -> WordForm:
        """The form of a word that was stemmed."""
        return WordForm(stemmed, f" {stemmed[:-1] if len(stemmed) > 2 else stemmed}")

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


class WordFinder:
    """Finds words by their forms without ending."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = frozenset(stems)
        self._forms = [WordForm.of(stemmed) for stemmed in self._stems]
        self._first_letters = frozenset(stemmed[0] for stemmed in self._stems)
        self._may_be_joined = any(map(may_be_joined, self._stems))

    def places(self, text: str) -> list[WordSpan]:
        """Where the words are, in order."""
        letters = _fold_letters(text)
        is_unsure = _UNSURE in letters
        if (is_unsure or self._may_be_joined) and is_joined(text):
            return self._one_by_one(text)
        unsure: list[WordSpan] = []
        if is_unsure:
            unsure = [
                word
                for found in _UNSURE_RUN.finditer(letters)
                for word in self._one_by_one(text, found.start() - 1, found.end() - 1)
            ]
            letters = _UNSURE_RUN.sub(_blanks, letters)
        found = [
            (start, end - 1, (form.stem,))
            for form in self._forms
            if form.begun in letters
            for start, end in form.places(letters)
        ]
        found += unsure
        found.sort()
        return found

    def _one_by_one(self, text: str, start: int = 0, end: int = sys.maxsize) -> list[WordSpan]:
        """The slower method, for all scripts, in a part of a text."""
        found: list[WordSpan] = []
        stems, first_letters = self._stems, self._first_letters
        for match in _WORD.finditer(text, start, end):
            word = match.group()
            if word.isascii() and word.isalnum():
                # A stem begins as its word does.
                folded = word.lower()
                if folded[0] in first_letters and (stemmed := stem(folded)) in stems:
                    found.append((*match.span(), (stemmed,)))
            elif not stems.isdisjoint(forms := stem_words(word)):
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
    if not text.isascii():
        if _UNSURE in text:
            return f" {text.translate(_LETTERS)} "
        # Most of a text is ASCII, which is translated several times as fast.
        text = _BEYOND_ASCII.sub(_folded_character, text)
    return f" {text.encode().translate(_ASCII).decode()} "


def _folded_character(character: re.Match[str]) -> str:
    return _LETTERS[ord(character[0])]


def _blanks(run: re.Match[str]) -> str:
    return " " * len(run[0])


class _Letters(dict[int, str]):
    """What a character is folded to; computed when it is first met."""

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


SNIPPET_LENGTH = 240
"""Characters, the dots at a cut not counted."""

_WHOLE = re.compile(r"\$[^$]{1,300}\$\S*|\\[A-Za-z]+(?:\{[^{}]{0,300}\})*\S*|\{[^{}]{0,300}\}\S*")
"""What has spaces in it and is never cut through: a formula, a LaTeX command with its arguments, a group."""
_LETTER = re.compile(r"[^\W_]")

Marked = tuple[str, bool]
"""A run of text, and whether it is a word that matched."""
Match = tuple[int, int, frozenset[int]]
"""Where a word that matched begins and ends, and the clauses that it belongs to."""
_NONE: frozenset[int] = frozenset()


class Highlighter:
    """Finds the terms of a query in the texts of a paper."""

    def __init__(self, clauses: Sequence[Sequence[IndexedTerm]]) -> None:
        variants = [
            (place, variant)
            for place, terms in enumerate(clauses)
            for term in terms
            for variant in term.variants
        ]
        self._venues = frozenset(name for terms in clauses for term in terms for name in term.venues)
        self._words: dict[str, frozenset[int]] = {}
        self._runs: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for place, variant in variants:
            if len(variant.stems) == 1:
                [form] = variant.stems
                self._words[form] = self._words.get(form, frozenset()) | {place}
            else:
                for form in set(variant.stems):
                    self._runs.setdefault(form, []).append((place, variant.stems))
        self._names = list(dict.fromkeys(variant.words for _, variant in variants))
        self._finder = WordFinder((*self._words, *self._runs))

    def read(self, text: str) -> Highlighted:
        """Find the terms in a text."""
        places = self._finder.places(text)
        matches: list[Match] = []
        for number, (start, end, forms) in enumerate(places):
            clauses = _NONE
            for form in forms:
                clauses |= self._words.get(form, _NONE)
                for clause, run in self._runs.get(form, ()):
                    if _is_in_run(text, places, number, run):
                        clauses |= {clause}
            if clauses:
                matches.append((start, end, clauses))
        return Highlighted(text, matches)

    def matches_venue(self, venue: str | None) -> bool:
        """Whether a venue is one that the query names."""
        return bool(self._venues) and venue is not None and not self._venues.isdisjoint(venue_terms(venue))

    def matches_names(self, names: Sequence[str]) -> bool:
        """Whether any of the names has one of the terms; names are not stemmed."""
        letters = "\n".join(names)
        letters = fold_words(letters) if letters.isascii() else "".join(map(fold_words, names))
        likely = [words for words in self._names if all(f" {word} " in letters for word in words)]
        if not likely or all(len(words) == 1 for words in likely):
            return bool(likely)
        folded = [f" {' '.join(plain_words(name))} " for name in names]
        return any(f" {' '.join(words)} " in name for words in likely for name in folded)


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A text with the words that matched."""

    text: str
    matches: Sequence[Match]

    def whole(self) -> tuple[Marked, ...]:
        """All of the text."""
        return self.part(0, len(self.text))

    def snippet(self, length: int = SNIPPET_LENGTH) -> tuple[Marked, ...]:
        """The part with the most of the terms, cut at spaces, with "…" where it was cut."""
        start, end = self.window(length)
        return with_dots(self.part(start, end), self.text, start, end)

    def part(self, start: int, end: int) -> tuple[Marked, ...]:
        """A part of the text."""
        runs: list[Marked] = []
        here = start
        for first, last, _ in self.matches:
            if here <= first and last <= end:
                runs += [(self.text[here:first], False), (self.text[first:last], True)]
                here = last
        runs.append((self.text[here:end], False))
        return tuple(run for run in runs if run[0])

    def window(self, length: int = SNIPPET_LENGTH) -> tuple[int, int]:
        """Where the snippet begins and ends: most different clauses, then most matches, then the earliest."""
        text = self.text
        if len(text) <= length:
            return 0, len(text)
        first, last = _densest(self.matches, length)
        wholes = _wholes(text)
        start = _start(text, first, max(0, last - length))
        start = next((begin for begin, end in wholes if begin < start < end), start)
        stop = start + length
        if stop >= len(text):
            return start, len(text)
        space = text.rfind(" ", start + 1, stop + 1)
        stop = max(space if space > 0 else stop, last)
        for begin, end in wholes:
            if begin < stop < end:
                stop = begin if begin > start and begin >= last else end
        return start, stop


def with_dots(runs: tuple[Marked, ...], text: str, start: int, end: int) -> tuple[Marked, ...]:
    """The runs of a part of a text, with "…" where the text goes on."""
    before = (("… ", False),) if start else ()
    after = ((" …", False),) if end < len(text.rstrip()) else ()
    return (*before, *runs, *after)


def _densest(matches: Sequence[Match], length: int) -> tuple[int, int]:
    """Where the matches begin and end that one snippet can show."""
    best, best_rank = (0, 0), (0, 0)
    counts: dict[int, int] = {}
    behind = different = 0
    for first, (start, _, clauses) in enumerate(matches):
        while behind < len(matches) and (behind <= first or matches[behind][1] - start <= length):
            for clause in matches[behind][2]:
                counts[clause] = counts.get(clause, 0) + 1
                different += counts[clause] == 1
            behind += 1
        if (different, behind - first) > best_rank:
            best, best_rank = (start, matches[behind - 1][1]), (different, behind - first)
        for clause in clauses:
            counts[clause] -= 1
            different -= not counts[clause]
    return best


def _start(text: str, first: int, earliest: int) -> int:
    """Where to begin before the first match: with a sentence, else some words before."""
    if not earliest:
        return 0
    end = text.rfind(". ", earliest, first)
    while end >= 0 and text[end + 2 : end + 3].islower():
        end = text.rfind(". ", earliest, end)
    if end >= 0:
        return end + 2
    middle = text.find(" ", (earliest + first) // 2, first)
    return middle + 1 if middle >= 0 else text.rfind(" ", 0, first) + 1


def _wholes(text: str) -> list[tuple[int, int]]:
    if "$" in text or "\\" in text or "{" in text:
        return [found.span() for found in _WHOLE.finditer(text)]
    return []


def _is_in_run(text: str, places: Sequence[WordSpan], number: int, run: Sequence[str]) -> bool:
    """Whether a word is one of several that stand side by side."""
    for place, form in enumerate(run):
        first = number - place
        if form in places[number][2] and first >= 0 and _is_run(text, places[first : first + len(run)], run):
            return True
    return False


def _is_run(text: str, places: Sequence[WordSpan], run: Sequence[str]) -> bool:
    return (
        len(places) == len(run)
        and all(form in forms for (_, _, forms), form in zip(places, run, strict=True))
        and not any(_LETTER.search(text, one[1], other[0]) for one, other in pairwise(places))
    )
