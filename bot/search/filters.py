"""What narrows a search besides words, and how the index is asked for it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from tantivy import FieldType, Occur, Query

from bot.corpus.names import name_key
from bot.corpus.paper import first_day, last_day
from bot.search.snapshot import Snapshot
from bot.text.folding import plain_words


@dataclass(frozen=True, slots=True)
class AuthorFilter:
    """Papers of a person, by name."""

    name: str
    negated: bool = False

    def __str__(self) -> str:
        return _said(f"author {self.name}", self.negated)


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """Papers whose main field has this code."""

    code: str
    negated: bool = False

    def __str__(self) -> str:
        return _said(f"field {self.code}", self.negated)


@dataclass(frozen=True, slots=True)
class DateFilter:
    """Papers whose date covers any day between two dates, each of year, month or day precision."""

    since: str | None = None
    until: str | None = None
    negated: bool = False

    def __str__(self) -> str:
        if self.until is None:
            return _said(f"{self.since} or later", self.negated)
        if self.since is None:
            return _said(f"until {self.until}", self.negated)
        between = self.since if self.since == self.until else f"{self.since} to {self.until}"
        return _said(between, self.negated)


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """Papers with code; negated, papers without."""

    negated: bool = False

    def __str__(self) -> str:
        return "without code" if self.negated else "with code"


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Papers whose score lies between two numbers, themselves included unless `strict`."""

    low: float | None = None
    high: float | None = None
    strict: bool = False
    negated: bool = False

    def __str__(self) -> str:
        if self.low is None:
            return _said(f"score {'below' if self.strict else 'at most'} {self.high:g}", self.negated)
        if self.high is None:
            return _said(f"score {'above' if self.strict else 'at least'} {self.low:g}", self.negated)
        between = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return _said(f"score {between}", self.negated)


Filter = AuthorFilter | FieldFilter | DateFilter | CodeFilter | ScoreFilter


def _said(text: str, negated: bool) -> str:
    return f"not {text}" if negated else text


def read_filter(key: str, value: str, codes: Collection[str]) -> Filter | None:
    """The filter that `key:value` stands for; None where it stands for none and is plain text."""
    value = value.strip()
    if not value:
        return None
    try:
        match key.lower():
            case "author":
                return AuthorFilter(value) if any(map(str.isalnum, value)) else None
            case "field":
                code = find_code(value, codes)
                return FieldFilter(code) if code is not None else None
            case "year" | "date":
                return _read_dates(value)
            case "since":
                return replace(read_day(value), until=None)
            case "until":
                return replace(read_day(value), since=None)
            case "has" if value.lower() == "code":
                return CodeFilter()
            case "score":
                return _read_score(value)
            case _:
                return None
    except ValueError:
        return None


def find_code(value: str, codes: Collection[str]) -> str | None:
    """The code of a field as papers have it; case and an archive before it ("cs.CV") do not matter."""
    wanted = value.casefold()
    known = {code.casefold(): code for code in codes}
    return known.get(wanted) or known.get(wanted.rpartition(".")[2])


def read_day(value: str) -> DateFilter:
    """A filter for one year, month or day; ValueError where it cannot be."""
    if not value.isascii():
        raise ValueError("a date is written in digits")
    first_day(value)
    return DateFilter(value, value)


_SPAN = re.compile(r"(?P<since>[\d-]*)\s*(?:\.\.+|…)\s*(?P<until>[\d-]*)|(?P<from>\d{4})[-–](?P<to>\d{4})")
_BOUND = re.compile(r"(?P<sign>[<>]=?|[≤≥])\s*(?P<value>\S+)")


def _read_dates(value: str) -> DateFilter:
    if bound := _BOUND.fullmatch(value):
        sign, day = bound["sign"], bound["value"]
        read_day(day)
        match sign:
            case ">":
                return DateFilter(since=_next(day))
            case "<":
                return DateFilter(until=_previous(day))
            case ">=" | "≥":
                return DateFilter(since=day)
            case _:
                return DateFilter(until=day)
    if span := _SPAN.fullmatch(value):
        since, until = span["since"] or span["from"], span["until"] or span["to"]
        if not since and not until:
            raise ValueError("a span needs one end")
        for day in filter(None, (since, until)):
            read_day(day)
        return DateFilter(since or None, until or None)
    return read_day(value)


def _next(day: str) -> str:
    return _moved(last_day(day), 1).isoformat()[: len(day)]


def _previous(day: str) -> str:
    return _moved(first_day(day), -1).isoformat()[: len(day)]


def _moved(day: dt.date, days: int) -> dt.date:
    """The day so many days later; ValueError where the calendar ends before, as it does with 9999-12-31."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        raise ValueError("no day is before the year 1 or after the year 9999") from None


def _read_score(value: str) -> ScoreFilter:
    if bound := _BOUND.fullmatch(value):
        number = _number(bound["value"])
        strict = bound["sign"] in {"<", ">"}
        if bound["sign"] in {">", ">=", "≥"}:
            return ScoreFilter(low=number, strict=strict)
        return ScoreFilter(high=number, strict=strict)
    low, dots, high = value.partition("..")
    if not dots:
        return ScoreFilter(_number(value), _number(value))
    if not low and not high:
        raise ValueError("a span needs one end")
    return ScoreFilter(_number(low) if low else None, _number(high) if high else None)


def _number(text: str) -> float:
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII):
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def filter_clauses(snapshot: Snapshot, filters: Iterable[Filter]) -> list[tuple[Occur, Query]]:
    """What a paper must and must not be; of several fields it needs one."""
    parts: list[tuple[Occur, Query]] = []
    fields: list[tuple[Occur, Query]] = []
    for wanted in filters:
        query = filter_query(snapshot, wanted)
        if wanted.negated:
            parts.append((Occur.MustNot, query))
        elif isinstance(wanted, FieldFilter):
            fields.append((Occur.Should, query))
        else:
            parts.append((Occur.Must, query))
    if fields:
        parts.append((Occur.Must, Query.boolean_query(fields)))
    return parts


def filter_query(snapshot: Snapshot, wanted: Filter) -> Query:
    """The query that finds what a filter names, its negation left aside."""
    schema = snapshot.schema
    match wanted:
        case AuthorFilter(name=name):
            return _author_query(snapshot, name)
        case FieldFilter(code=code):
            return Query.term_query(schema, "field", code)
        case CodeFilter():
            return Query.term_query(schema, "has_code", True)
        case DateFilter(since=since, until=until):
            # Overlap: the date ends after the span's begin, and begins before its end.
            spans = [
                _span(snapshot, "last_day", low=first_day(since).toordinal()) if since else None,
                _span(snapshot, "first_day", high=last_day(until).toordinal()) if until else None,
            ]
            return Query.boolean_query([(Occur.Must, span) for span in spans if span is not None])
        case ScoreFilter(low=low, high=high, strict=strict):
            # A side without a bound must be inclusive.
            return Query.range_query(
                schema,
                "score",
                FieldType.Float,
                low,
                high,
                include_lower=not strict or low is None,
                include_upper=not strict or high is None,
            )


def _span(snapshot: Snapshot, field: str, low: int | None = None, high: int | None = None) -> Query:
    return Query.range_query(snapshot.schema, field, FieldType.Unsigned, low, high)


def _author_query(snapshot: Snapshot, name: str) -> Query:
    """Exactly this name where papers have it; else its words side by side in one name, in either order."""
    schema = snapshot.schema
    key = name_key(name)
    if key and snapshot.frequency("author_key", key):
        return Query.term_query(schema, "author_key", key)
    words = plain_words(name)
    if not words:
        return Query.empty_query()
    if len(words) == 1:
        return snapshot.term("authors", words[0])
    orders: Sequence[list[str]] = (words, words[::-1])
    phrases = [Query.phrase_query(schema, "authors", list(order)) for order in orders]
    return Query.boolean_query([(Occur.Should, phrase) for phrase in phrases])
