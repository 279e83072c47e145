"""The syntax of BibTeX: entries with their raw fields, whatever writes them and however loosely.

Kept parsers refuse or silently drop what reference managers and people write (a brace on the next line, a
hyphen in a type, a repeated key or field, a missing comma or key), so entries are taken apart here. What
the values mean is decided in `bibtex.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

_ENTRY = re.compile(r"@\s*([A-Za-z][\w-]*)\s*([{(])")
_SURE_ENTRY = re.compile(r"@\s*[A-Za-z][\w-]*\s*[{(]\s*[^\s,{}()=\"]{0,300}\s*,\s*[\w-]+\s*=")
"""What cannot but be the start of an entry, also where a brace before it was never closed."""
_SURE_ENTRY_IN_LINE = re.compile(rf"^[ \t\ufeff]*({_SURE_ENTRY.pattern})", re.MULTILINE)
_START_OF_LINE = re.compile(
    r"^[ \t\ufeff]*@\s*([A-Za-z][\w-]*)\s*[{(](?:[^{}()=\"]{0,300},|\s*[\w-]{1,100}\s*=)", re.MULTILINE
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_FIELD = re.compile(r"([^\s={}()\",#%@\\][^\s={}\",#%@\\]*)\s*=\s*")
_FIELD_OF_WORDS = re.compile(r"([\w-]+(?:[ \t]+[\w-]+){1,3})\s*=\s*(?=[{\"])")
"""A field whose name has blanks, as programs make them of "key words"."""
_WORD = re.compile(r"[^\s,#{}\"=()]+")
_BLANK = re.compile(r"[\s\ufeff]*")
_BETWEEN_FIELDS = re.compile(r"(?:[\s,;\ufeff]|%[^\n]*\n)*")
"""Also comments, as biber skips them."""

_IN_QUOTES = re.compile(r'\\[^"]|[{}"]', re.DOTALL)
_LONGEST_KEY = 1_000

_NO_PAPERS = frozenset({"comment", "preamble", "string", "set", "xdata", "control"})
"""Types of blocks that describe no paper."""

Piece = tuple[str, bool]
"""A part of a value, and whether it is the name of a macro."""


@dataclass(slots=True)
class RawEntry:
    """An entry as it is written: fields with their values as pieces that were joined by "#"."""

    kind: str
    """In lower case, such as "article"."""
    key: str
    line: int
    """From 1."""
    fields: dict[str, list[Piece]] = field(default_factory=dict[str, list[Piece]])
    """By the name of the field in lower case; the first one where a field stands twice."""
    repeated: list[str] = field(default_factory=list[str])
    """Fields that stand again with another value, which was not kept."""


@dataclass(frozen=True, slots=True)
class DamagedEntry:
    """An entry that cannot be read to its end."""

    line: int
    reason: str


class _DamageError(ValueError):
    """The entry at hand cannot be read."""


def read_blocks(text: str) -> Iterator[RawEntry | DamagedEntry]:
    """Read every block but comments and preambles, in the order of the file."""
    layout = _Layout(text)
    lines = _LineCounter(text)
    place = 0
    while (start := _ENTRY.search(text, place)) is not None:
        line = lines.at(start.start())
        kind = start[1].lower()
        if kind in {"comment", "preamble"}:
            place = layout.after_comment(start)
            continue
        parser = _EntryParser(layout, start)
        try:
            yield parser.read(kind, line)
            place = parser.place
        except _DamageError as error:
            yield DamagedEntry(line, str(error))
            place = layout.start_behind(start.end())


def starts_of_entries(text: str) -> list[int]:
    """The lines on which entries of papers begin, found by their first characters alone."""
    lines = _LineCounter(text)
    return [
        lines.at(found.end(1))
        for found in _START_OF_LINE.finditer(text)
        if found[1].lower() not in _NO_PAPERS
    ]


def describes_paper(kind: str) -> bool:
    """Whether a block of this type describes a paper."""
    return kind not in _NO_PAPERS


class _LineCounter:
    """Numbers of lines, asked in the order of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._place = 1, 0

    def at(self, place: int) -> int:
        self._line += self._text.count("\n", self._place, place)
        self._place = place
        return self._line


class _Layout:
    """Where braces close and entries begin, found in one pass, so that no text takes long to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = _closing_braces(text)
        self._starts = [found.start() for found in _SURE_ENTRY.finditer(text)]
        self._line_starts = [found.start(1) for found in _SURE_ENTRY_IN_LINE.finditer(text)]

    def closing(self, place: int) -> int | None:
        """The place behind the brace that closes the one at `place`; None where nothing does."""
        return self._ends.get(place)

    def limit(self, place: int) -> int:
        """Where the next entry surely begins at the start of a line; no value goes beyond."""
        return _next(self._line_starts, place, len(self.text))

    def start_behind(self, place: int) -> int:
        """Where the next entry surely begins, wherever it stands in its line."""
        return _next(self._starts, place, len(self.text))

    def after_comment(self, start: re.Match[str]) -> int:
        """Where a comment ends: behind its braces, or behind its line where they do not close."""
        end = self.closing(start.end() - 1) if start[2] == "{" else None
        if end is not None and end <= self.limit(start.end()):
            return end
        line_end = self.text.find("\n", start.end())
        return line_end if line_end >= 0 else len(self.text)


def _closing_braces(text: str) -> dict[int, int]:
    """For each brace that opens, the place behind the one that closes it; a backslash hides a sign."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for found in _BRACE.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            ends[opened.pop()] = found.end()
    return ends


def _next(places: list[int], place: int, end: int) -> int:
    number = bisect_left(places, place)
    return places[number] if number < len(places) else end


class _EntryParser:
    """Reads one entry; `place` is where it has come to."""

    def __init__(self, layout: _Layout, start: re.Match[str]) -> None:
        self._layout = layout
        self._text = layout.text
        self._closes = "}" if start[2] == "{" else ")"
        self.place = start.end()
        self._limit = layout.limit(start.end())
        """Where the next entry begins; a value that goes beyond was never closed."""

    def read(self, kind: str, line: int) -> RawEntry:
        """Read the entry to its closing brace.

        Raises:
            _DamageError: It has none, or something stands in it that is no field.

        """
        entry = RawEntry(kind, self._key() if kind != "string" else "", line)
        while True:
            self.place = self._skip(_BETWEEN_FIELDS)
            if self.place >= self._limit:
                raise _DamageError("its braces or quotes are not closed")
            if self._text[self.place] == self._closes:
                self.place += 1
                return entry
            name = _FIELD.match(self._text, self.place) or _FIELD_OF_WORDS.match(self._text, self.place)
            if name is None:
                raise _DamageError(f"{self._shown()} is no field such as title = {{…}}")
            self.place = name.end()
            self._keep(entry, name[1].lower(), self._value())

    def _keep(self, entry: RawEntry, name: str, value: list[Piece]) -> None:
        known = entry.fields.get(name)
        if known is None or not any(text.strip() for text, _ in known):
            entry.fields[name] = value
        elif known != value and any(text.strip() for text, _ in value):
            entry.repeated.append(name)

    def _key(self) -> str:
        """The citation key; empty where it is missing and fields begin at once."""
        end = min(self.place + _LONGEST_KEY, self._limit)
        comma = self._text.find(",", self.place, end)
        closing = self._text.find(self._closes, self.place, end)
        field_begins = _FIELD.search(self._text, self.place, end)
        begins = field_begins.start() if field_begins is not None else -1
        ends = [place for place in (comma, closing, begins) if place >= 0]
        if not ends:
            raise _DamageError("its key has no end")
        return self._key_before(min(ends))

    def _key_before(self, end: int) -> str:
        key = self._text[self.place : end].strip()
        self.place = end
        return key

    def _value(self) -> list[Piece]:
        pieces: list[Piece] = []
        while True:
            self.place = self._skip(_BLANK)
            pieces.append(self._piece())
            behind = self._skip(_BLANK)
            if behind >= self._limit or self._text[behind] != "#":
                return pieces
            self.place = behind + 1

    def _piece(self) -> Piece:
        sign = self._text[self.place : self.place + 1]
        if sign == "{":
            end = self._layout.closing(self.place)
            if end is None or end > self._limit:
                raise _DamageError("its braces are not closed")
            text = self._text[self.place + 1 : end - 1]
            self.place = end
            return text, False
        if sign == '"':
            return self._quoted(), False
        word = _WORD.match(self._text, self.place, self._limit)
        if word is None:
            if sign in {",", self._closes}:
                return "", False  # an empty value, as in "year = ,"
            raise _DamageError(f"{self._shown()} is no value such as {{…}}")
        self.place = word.end()
        return word[0], not word[0].isdecimal()

    def _quoted(self) -> str:
        """A text in quotes, in which quotes within braces mean themselves."""
        begin = place = self.place + 1
        while (found := _IN_QUOTES.search(self._text, place, self._limit)) is not None:
            if found[0] == '"':
                self.place = found.end()
                return self._text[begin : found.start()]
            closing = self._layout.closing(found.start()) if found[0] == "{" else found.end()
            if found[0] == "}" or closing is None:
                break
            place = closing
        raise _DamageError("its quotes are not closed")

    def _skip(self, blanks: re.Pattern[str]) -> int:
        found = blanks.match(self._text, self.place)
        return found.end() if found is not None else self.place

    def _shown(self) -> str:
        written = " ".join(self._text[self.place : self.place + 40].split())
        return f"“{written[:24]}…”" if len(written) > 24 else f"“{written}”"
