"""What an engine holds of a paper."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from hashlib import blake2b

from bot.corpus.names import name_key
from bot.corpus.paper import first_day, last_day
from bot.store.papers import SearchedPaper
from bot.text.folding import plain, plain_words

SCHEMA_VERSION = 6
"""Raise it with every change of this file, of folding or of the list of spellings, to rebuild indexes."""

_KEY_BYTES = 7
"""Of a title's number: even among a hundred million titles, two hardly have the same."""

_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1


class Kind(Enum):
    """How an engine keeps a field."""

    STEMS = auto()
    """A text as stems, with how often a paper has each."""
    PLACED_STEMS = auto()
    """The same with their places, for phrases."""
    WORDS = auto()
    """A text as words, without how often or where."""
    PLACED_WORDS = auto()
    """A text as words, with how often and where."""
    KEY = auto()
    """A text as one term."""
    NUMBER = auto()
    """A whole number that is asked for as a term."""
    ORDERED_NUMBER = auto()
    """A whole number that is asked for by spans, and sorted by."""
    ORDERED_FRACTION = auto()
    FLAG = auto()
    STATE = auto()
    """A text as one term, which can be read again."""


FIELDS: Mapping[str, Kind] = {
    "id": Kind.NUMBER,
    # Title and abstract together: what decides whether a paper matches.
    "text": Kind.PLACED_STEMS,
    # The title alone: counts in addition.
    "title": Kind.STEMS,
    # The title with the endings of its words: for those who type it.
    "title_words": Kind.PLACED_WORDS,
    # Title and abstract with their endings: exactness and spelling.
    "words": Kind.WORDS,
    "authors": Kind.PLACED_WORDS,
    "author_key": Kind.KEY,
    # Whole titles would be a tenth of the index.
    "title_key": Kind.NUMBER,
    "field": Kind.KEY,
    # Days as proleptic ordinals; a paper without a date has neither.
    "first_day": Kind.ORDERED_NUMBER,
    "last_day": Kind.ORDERED_NUMBER,
    "has_code": Kind.FLAG,
    "score": Kind.ORDERED_FRACTION,
    # Newest first and, within a day, the lower id first; holds the id, so that hits need no other look-up.
    "order": Kind.ORDERED_NUMBER,
    # One document that is no paper: which state of the store this commit shows.
    "state": Kind.STATE,
    "kind": Kind.KEY,
}
"""Nothing of a paper is read again; rows come from the store."""

Fields = Mapping[str, Sequence[str | float]]
"""The values of a paper in each field; no phrase reaches from one into the next."""


def paper_fields(row: SearchedPaper, attributed: Iterable[str]) -> Fields:
    """A row of the paper table, with the people on whose pages it stands, as an engine is given it."""
    title, abstract = plain(row.title), plain(row.abstract)
    fields: defaultdict[str, list[str | float]] = defaultdict(list)
    fields["kind"].append("paper")
    fields["id"].append(row.id)
    _add_title(fields, title)
    for field in ("text", "words"):
        fields[field].append(abstract)
    for other in row.other_titles or ():
        # A paper is found by each of its titles.
        _add_title(fields, plain(other["title"]))
    for name in dict.fromkeys((*row.authors, *attributed)):
        fields["authors"].append(plain(name))
        fields["author_key"].append(name_key(name))
    if row.field is not None:
        fields["field"].append(row.field)
    newest = 0
    if row.published is not None:
        newest = last_day(row.published).toordinal()
        fields["first_day"].append(first_day(row.published).toordinal())
        fields["last_day"].append(newest)
    if row.score is not None and math.isfinite(row.score):
        fields["score"].append(row.score)
    fields["has_code"].append(row.has_code)
    fields["order"].append((newest << _ID_BITS) | (_ID_MASK - row.id))
    return fields


def _add_title(fields: Mapping[str, list[str | float]], title: str) -> None:
    for field in ("title", "title_words", "text", "words"):
        fields[field].append(title)
    if key := title_key(title):
        fields["title_key"].append(key)


def state_fields(state: str) -> Fields:
    """The document that says which state of the store a commit shows."""
    return {"kind": ["state"], "state": [state]}


def id_of(order: int) -> int:
    """The paper's id within a value of the field `order`."""
    return _ID_MASK - (order & _ID_MASK)


def title_key(title: str) -> int:
    """A number for the words of a title; 0 where it has none."""
    words = plain_words(title)
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=_KEY_BYTES).digest()) if words else 0
