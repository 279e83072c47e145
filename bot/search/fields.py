"""What an engine holds of a paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from hashlib import blake2b

from bot.corpus.names import is_generation, name_key
from bot.corpus.paper import first_day, last_day
from bot.disambiguation.name_forms import PARTICLES
from bot.search.venue_names import venue_terms
from bot.store.papers import SearchedPaper
from bot.text.abbreviations import definitions
from bot.text.folding import plain, plain_words

SCHEMA_VERSION = 9
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
    # Family names with initials, as people cite them.
    "initials": Kind.KEY,
    # What abbreviations stand for, as abstracts define them: "qa=question answering".
    "abbreviations": Kind.KEY,
    # Names of its venue, with their initials: "cvpr=computer vision pattern recognition".
    "venue": Kind.KEY,
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

LISTED = frozenset({"words", "authors", "title_words", "field", "abbreviations", "venue"})
"""Fields whose terms are listed: for spelling, for what is begun or abbreviated, and the codes of fields."""

Fields = Mapping[str, Sequence[str | float]]
"""The values of a paper in each field; no phrase reaches from one into the next."""


def paper_fields(row: SearchedPaper, attributed: Iterable[str]) -> Fields:
    """A row of the paper table, with the people on whose pages it stands, as an engine is given it."""
    titles = [plain(row.title), *(plain(other["title"]) for other in row.other_titles or ())]
    # A paper is found by each of its titles.
    texts = [titles[0], plain(row.abstract), *titles[1:]]
    names = list(dict.fromkeys((*row.authors, *attributed)))
    keys = [name_key(name) for name in names]
    fields: dict[str, Sequence[str | float]] = {
        "kind": ["paper"],
        "id": [row.id],
        "title": titles,
        "title_words": titles,
        "text": texts,
        "words": texts,
        "title_key": [key for title in titles if (key := title_key(title))],
        "authors": [plain(name) for name in names],
        "author_key": keys,
        "initials": [cited for key in keys for cited in initials_of(key)],
        "has_code": [row.has_code],
    }
    if defined := {f"{short}={' '.join(words)}" for short, words in definitions(texts[1])}:
        fields["abbreviations"] = list(defined)
    if row.venue is not None and (named := venue_terms(row.venue)):
        fields["venue"] = list(named)
    if row.field is not None:
        fields["field"] = [row.field]
    newest = 0
    if row.published is not None:
        newest = last_day(row.published).toordinal()
        fields["first_day"] = [first_day(row.published).toordinal()]
        fields["last_day"] = [newest]
    if row.score is not None and math.isfinite(row.score):
        fields["score"] = [row.score]
    fields["order"] = [(newest << _ID_BITS) | (_ID_MASK - row.id)]
    return fields


def initials_of(key: str) -> list[str]:
    """A folded name as it is cited: with all initials, and with the first one, before the family name."""
    parts = key.split()
    if len(parts) > 1 and (parts[-1].isdigit() or is_generation(parts[-1])):
        parts.pop()
    family = len(parts) - 1
    while family > 1 and parts[family - 1] in PARTICLES:
        family -= 1
    if family < 1:
        return []
    surname = " ".join(parts[family:])
    first = f"{parts[0][0]} {surname}"
    return [first] if family == 1 else [" ".join([*(part[0] for part in parts[:family]), surname]), first]


def state_fields(state: str) -> Fields:
    """The document that says which state of the store a commit shows."""
    return {"kind": ["state"], "state": [state]}


def id_of(order: int) -> int:
    """The paper's id within a value of the field `order`."""
    return _ID_MASK - (order & _ID_MASK)


def title_key(title: str) -> int:
    """A number for the words of a title; 0 where it has none."""
    words = plain_words(title)
    return key_of_words(words) if words else 0


def key_of_words(words: Sequence[str]) -> int:
    """The same of a title that was parted into words."""
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=_KEY_BYTES).digest())
