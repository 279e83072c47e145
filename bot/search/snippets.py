"""The piece of a text that shows why a paper was found, with the words that matched."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.search.folding import WITHOUT_SPACES, plain_words, stem_words
from bot.search.wording import IndexedTerm

SNIPPET_LENGTH = 240
"""Characters, the dots at a cut not counted."""

_WORD = re.compile(rf"[{WITHOUT_SPACES}]|[^\W_{WITHOUT_SPACES}]+")
"""Scripts without spaces have a word in each character, as in the index."""
_PIECE = re.compile(r"\$[^$]{1,300}\$\S*|\\[A-Za-z]+(?:\{[^{}]{0,300}\})*\S*|\S+")
"""What is never cut through: a formula, a LaTeX command with its arguments, a run without spaces."""
_SENTENCE_END = re.compile(r"[.!?]\s+(?=[^a-z\s])")

_Way = tuple[str, ...]
"""Words side by side."""

Marked = tuple[str, bool]
"""A run of text, and whether it is a word that matched."""


class Highlighter:
    """Finds the terms of a query in the texts of a paper."""

    def __init__(self, clauses: Iterable[Sequence[IndexedTerm]]) -> None:
        terms = [(place, term) for place, terms in enumerate(clauses) for term in terms]
        ways = [(place, way) for place, term in terms for way in term.ways]
        self._stemmed = [(place, way.stems) for place, way in ways]
        self._plain = [(place, way.words) for place, way in ways]
        self._forms = _Forms({form[0] for _, way in self._stemmed for form in way})

    def read(self, text: str) -> Highlighted:
        """Find the terms in a text."""
        spans = [match.span() for match in _WORD.finditer(text)]
        forms = [self._forms[text[start:end]] for start, end in spans]
        return Highlighted(text, spans, _matched(forms, self._stemmed))

    def matches_names(self, names: Iterable[str]) -> bool:
        """Whether any of the names has one of the terms; names are not stemmed."""
        return any(_matched([(word,) for word in plain_words(name)], self._plain) for name in names)


class _Forms(dict[str, tuple[str, ...]]):
    """Words without their endings, each made once; none of words that no term begins like."""

    def __init__(self, initials: set[str]) -> None:
        super().__init__()
        self._initials = initials

    def __missing__(self, word: str) -> tuple[str, ...]:
        # Taking the ending off costs most, and leaves the first letter as it is.
        begins = word[0].lower() in self._initials or not word.isascii()
        found = self[word] = stem_words(word) if begins else ()
        return found


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A text with the words that matched."""

    text: str
    spans: Sequence[tuple[int, int]]
    """Where each word begins and ends."""
    matched: Mapping[int, set[int]]
    """The places of the words that matched, each with the clauses that it belongs to."""

    def whole(self) -> tuple[Marked, ...]:
        """All of the text."""
        return self._marked(0, len(self.text))

    def snippet(self, length: int = SNIPPET_LENGTH) -> tuple[Marked, ...]:
        """The part with the most of the terms, cut at spaces, with "…" where it was cut."""
        matches = sorted((self.spans[place][0], clauses) for place, clauses in self.matched.items())
        start, end = _window(self.text, length, matches)
        before = (("… ", False),) if start else ()
        after = ((" …", False),) if end < len(self.text.rstrip()) else ()
        return (*before, *self._marked(start, end), *after)

    def _marked(self, start: int, end: int) -> tuple[Marked, ...]:
        runs: list[Marked] = []
        here = start
        for place in sorted(self.matched):
            first, last = self.spans[place]
            if here <= first and last <= end:
                runs += [(self.text[here:first], False), (self.text[first:last], True)]
                here = last
        runs.append((self.text[here:end], False))
        return tuple(run for run in runs if run[0])


def _matched(forms: Sequence[tuple[str, ...]], ways: Iterable[tuple[int, _Way]]) -> dict[int, set[int]]:
    """The places of the words that matched; a word of several parts has several forms."""
    places: dict[str, list[int]] = {}
    for place, of_word in enumerate(forms):
        for form in of_word:
            places.setdefault(form, []).append(place)
    found: dict[int, set[int]] = {}
    for clause, way in ways:
        for first in places.get(way[0], ()):
            run = forms[first : first + len(way)]
            if len(run) == len(way) and all(
                wanted in of_word for of_word, wanted in zip(run, way, strict=True)
            ):
                for place in range(first, first + len(way)):
                    found.setdefault(place, set()).add(clause)
    return found


def _window(text: str, length: int, matches: Sequence[tuple[int, set[int]]]) -> tuple[int, int]:
    """Where to begin and end: most different clauses, then most matches, then a sentence's begin."""
    if len(text) <= length:
        return 0, len(text)
    pieces = [(piece.start(), piece.end()) for piece in _PIECE.finditer(text)]
    sentences = {0, *(end.end() for end in _SENTENCE_END.finditer(text))}
    places = [place for place, _ in matches]
    best, best_rank = (pieces[0][0], 0), (-1, -1, False, 0)
    last = 0
    different: dict[tuple[int, int], int] = {}
    for start, end in pieces:
        while last < len(pieces) and pieces[last][1] - start <= length:
            last += 1
        stop = pieces[last - 1][1] if last and pieces[last - 1][1] > start else end
        inside = bisect_left(places, start), bisect_left(places, stop)
        if inside not in different:
            different[inside] = len({clause for _, clauses in matches[slice(*inside)] for clause in clauses})
        rank = (different[inside], inside[1] - inside[0], start in sentences, -start)
        if rank > best_rank:
            best, best_rank = (start, stop), rank
    return best
