"""What a reader makes of one answer of a source: a page of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError

Entry = TypeVar("Entry")


class UnusableAnswerError(RefusedError):
    """A source's answer is not what the source promises: an error to be tried again, never an end."""


class RequestRefusedError(RefusedError):
    """A source understood the request and refuses it; asking again does not help."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source's answer."""

    records: tuple[PaperRecord, ...]
    entries: int
    """How many entries it has, also those that are no papers or cannot be read."""
    total: int | None = None
    """How many entries the source promises over all pages, where it says so."""
    start: int | None = None
    """How many entries come before this page, where the source says so."""
    next_cursor: str | None = None
    """What asks for the next page; None at the end, or where pages are counted."""
    refused: tuple[str, ...] = ()
    """What could not be read, and why."""


class RefusedEntryError(ValueError):
    """One entry of an answer cannot be read as a paper; the others can."""


def read_json(body: bytes, source: str) -> Any:
    """The JSON of an answer; a page of HTML, or what broke off, is refused."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnusableAnswerError(f"{source} answered {what_it_is(body)} where JSON was expected.") from None


def read_json_object(body: bytes, source: str) -> Mapping[str, Any]:
    """The JSON object of an answer."""
    content = read_json(body, source)
    if not isinstance(content, dict):
        raise UnusableAnswerError(f"{source} answered JSON of another form than it describes.")
    return content  # pyright: ignore[reportUnknownVariableType]


def what_it_is(body: bytes) -> str:
    """What came in place of the expected, in words."""
    start = body[:200].lstrip().lower()
    if not start:
        return "nothing"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a page of HTML"
    return "something that is damaged or broke off"


def invalid_entry(error: ValidationError) -> str:
    """Why an entry is no paper, in words."""
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def read_records(
    entries: Iterable[Entry], read: Callable[[Entry], PaperRecord], name: Callable[[Entry], str]
) -> tuple[tuple[PaperRecord, ...], tuple[str, ...]]:
    """The records of entries, and a sentence for each entry that cannot be read as a paper."""
    records: list[PaperRecord] = []
    refused: list[str] = []
    for entry in entries:
        try:
            records.append(read(entry))
        except RefusedEntryError as error:
            refused.append(f"{name(entry)}: {error}")
    return tuple(records), tuple(refused)
