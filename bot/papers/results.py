"""What searches and look-ups of papers answer: frozen, free of sessions, rows and Discord."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.corpus.paper import PaperFacts
from bot.search.query import Sort


class Match(StrEnum):
    """How well a name or a paper answers what was asked."""

    EXACT = "exact"
    CHOICES = "choices"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a person asks of the corpus; the options narrow the typed query."""

    query: str
    field: str | None = None
    author: str | None = None
    since: str | None = None
    """YYYY, YYYY-MM or YYYY-MM-DD; a paper whose date covers any day from then on is in."""
    until: str | None = None
    code: bool | None = None
    """True: only papers with code; False: only papers without; None: both."""
    sort: Sort = Sort.RELEVANCE


class Paper(PaperFacts[str, tuple[str, ...]]):
    """A paper as lists and cards show it; authors and the people it is attributed to are names."""

    id: int

    def __hash__(self) -> int:
        """Caches have papers as keys; equal papers have the same id."""
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text, and whether it is a word that matched."""

    text: str
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: the paper, where it matched, and the piece of text that shows it."""

    paper: Paper
    place: int
    """In the whole answer, from 1."""
    complete: bool
    """All the words are in it as they were typed or others spell them, not only most."""
    corrected: bool
    """All are in it, where words that are likely misspelt count as corrected."""
    by_meaning: bool
    """It has no words of the query, and is near to it in meaning."""
    matched_in: tuple[str, ...]
    """Of "title", "abstract", "authors", "venue"."""
    snippet: tuple[Span, ...]
    """From the abstract, else the title; concatenated it is the text, cut at words, with "…"."""
    heading: str | None
    """What stands above a group of such results; None above the complete ones."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The frozen answer to a search: ids in order, so that pages do not shift."""

    request: SearchRequest
    reading: str
    """How the query was read, such as "decentralized · field LG · 2021 or later"."""
    total: int
    """Papers with all the words."""
    partial: int
    """Papers of `paper_ids` with some of them."""
    did_you_mean: str | None
    variants: Annotated[tuple[str, ...], Field(validation_alias="forgiven", serialization_alias="forgiven")]
    """Spellings and corrections searched beside the typed words, such as "decentralised"."""
    paper_ids: tuple[int, ...]
    """The first 200, complete ones first."""
    complete_shown: int
    """How many of `paper_ids` are complete."""
    took_ms: float
    corrected: int = 0
    """Papers with all the words where likely misspelt ones are corrected; not counted in `total`."""
    corrected_from: int = 0
    corrected_until: int = 0
    """Where in `paper_ids` these begin and end, counted from 0; all others are complete or partial."""
    by_meaning: tuple[int, ...] = ()
    """Those of `paper_ids` that have none of the words, and are near to the query in meaning."""
    incomplete: bool = False
    """Whether a part of the search cluster was away, so that papers may be lacking."""


def nearest_page(page: int, found: int, size: int) -> tuple[int, int]:
    """The page that is nearest to a wanted one, from 1, and how many pages of a size there are."""
    pages = max(1, math.ceil(found / size))
    return min(max(page, 1), pages), pages


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an answer, with its rows."""

    answer: SearchAnswer
    hits: tuple[Hit, ...]
    page: int
    """From 1."""
    pages: int


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page of a search that is kept for its buttons."""

    search_id: str
    asker_id: int
    page: SearchPage


@dataclass(frozen=True, slots=True)
class Choice:
    """One suggestion of an autocomplete: what it shows and what it stands for."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PaperChoices:
    """The answer to a title: the paper where it is certain, else the nearest ones."""

    match: Match
    paper: Paper | None
    choices: tuple[Paper, ...] = ()
