"""What several sources say of one paper, made one: whatever the order in which they were read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from bot.corpus.names import name_key
from bot.corpus.paper import Identifier, Mention, PaperRecord, last_day

_ANY_REST = frozenset({"arxiv", "computing research repository"})
"""What follows these is a category or an id: "arXiv: Learning", "arXiv preprint arXiv:2401.00001"."""

_SERVERS = (
    *("advance sage", "africarxiv", "agrirxiv", "agrixiv", "arabixiv", "authorea", "biohackrxiv", "biorxiv"),
    *("bodoarxiv", "cambridge open engage", "chemrxiv", "chinaxiv", "corr", "cryptology eprint archive"),
    *(
        "eartharxiv",
        "ecoevorxiv",
        "ecsarxiv",
        "edarxiv",
        "engrxiv",
        "ess open archive",
        "essoar",
        "focusarxiv",
    ),
    *("frenxiv", "hal", "hal open science", "iacr cryptol eprint arch", "iacr cryptology eprint archive"),
    *("ina rxiv", "indiarxiv", "jmir preprints", "jxiv", "lawarxiv", "marxiv", "mediarxiv", "medrxiv"),
    *("metaarxiv", "mindrxiv", "nutrixiv", "open science framework", "osf", "osf preprints", "paleorxiv"),
    *("peerj preprints", "philsci archive", "preprints", "preprints org", "psyarxiv", "qeios"),
    *("research square", "scienceopen preprints", "scielo preprints", "social science research network"),
    *("socarxiv", "sportrxiv", "ssrn", "ssrn electronic journal", "techrxiv", "thesis commons", "vixra"),
    *("zenodo", "cold spring harbor laboratory"),
)
_LEADING = frozenset(
    {"a", "at", "available", "cornell", "e", "eprint", "in", "on", "posted", "preprint", "print", "submitted"}
    | {"the", "to", "university"}
)
"""Words before the server's name: "Preprint at bioRxiv"."""

_FOLLOWING = frozenset(
    {
        "abs",
        "abstract",
        "com",
        "doi",
        "e",
        "electronic",
        "eprint",
        "eprints",
        "http",
        "https",
        "net",
        "online",
        "org",
    }
    | {"p", "pages", "pp", "preprint", "preprints", "print", "prints", "server", "vol", "volume", "working"}
    | {"paper", "papers", "repository", "archive", "cornell", "university", "www"}
)
"""Words after it, beside numbers and ids: "CoRR, vol. abs/1706.03762"."""

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_NAMES = {tuple(name.split()) for name in (*_SERVERS, *_ANY_REST)}
_LONGEST = max(map(len, _NAMES))


@lru_cache(maxsize=4096)
def is_preprint_server(venue: str) -> bool:
    """Whether a venue names where preprints are kept, and not where a paper was published."""
    folded = unicodedata.normalize("NFKC", venue).casefold()
    words: list[str] = _WORD.findall(_ASIDE.sub(" ", folded)) or _WORD.findall(folded)
    start = next((place for place, word in enumerate(words) if word not in _LEADING), len(words))
    # A leading word may belong to the name, and "Preprints" is one of its own.
    for width in range(_LONGEST, 0, -1):
        name = tuple(words[start : start + width])
        if name in _NAMES:
            rest = words[start + width :]
            return " ".join(name) in _ANY_REST or all(map(_says_nothing, rest))
    return False


def _says_nothing(word: str) -> bool:
    return word in _FOLLOWING or any(letter.isdigit() for letter in word) or (word,) in _NAMES


_Value = TypeVar("_Value")

_TRUST = {
    "arxiv api": 0,
    "arxiv": 1,
    "json lines": 2,
    "crossref": 4,
    "openalex": 6,
    "semantic scholar": 7,
    "arxiv rss": 8,
    "author page": 9,
}
_TRUST_OF_OTHERS = 5
_PUBLISHERS_FIRST = ("crossref", "openalex", "semantic scholar")
_TRUSTED_FIRST = {
    "venue": _PUBLISHERS_FIRST,
    "doi": _PUBLISHERS_FIRST,
    "citations": ("openalex", "semantic scholar", "crossref"),
}
_VERSION = re.compile(r"\dv(\d{1,4})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What Papercord says of a paper: a pure function of the set of its sources' records."""

    source_id: str
    title: str
    authors: tuple[Mention, ...]
    authors_truncated: bool
    attributed_to: tuple[tuple[str, Mention], ...]
    """(source, person) for each page on which the paper stands."""
    field: str | None
    categories: tuple[str, ...]
    published: str | None
    published_inferred: bool
    abstract: str
    url: str | None
    has_code: bool
    code_url: str | None
    venue: str | None
    citations: int | None
    score: float | None
    doi: str | None
    arxiv_id: str | None


def merge(records: Sequence[PaperRecord]) -> PaperFacts:
    """Merge all records of one paper; their order does not matter."""
    if len(records) == 1:
        return _facts_of(records[0])
    ordered = in_order_of_trust(records)
    first = ordered[0]
    # A whole list of authors over a cut one, any list over none; then as trusted.
    listing = min(ordered, key=lambda one: (not one.authors, one.authors_truncated))
    dated = in_order_of_trust(records, "published")[0]
    return PaperFacts(
        source_id=first.source_id,
        title=first.title,
        authors=_identified(listing, ordered),
        authors_truncated=listing.authors_truncated,
        attributed_to=tuple(
            dict.fromkeys((one.source, one.attributed_to) for one in ordered if one.attributed_to is not None)
        ),
        field=_first(ordered, lambda record: record.field),
        categories=_first(ordered, lambda record: record.categories or None) or (),
        published=dated.published,
        published_inferred=dated.published_inferred,
        abstract=_first(ordered, lambda record: record.abstract or None) or "",
        url=_first(ordered, lambda record: record.url),
        has_code=any(record.has_code for record in ordered),
        code_url=_first(ordered, lambda record: record.code_url),
        venue=_first(in_order_of_trust(records, "venue"), lambda record: record.venue),
        citations=_first(in_order_of_trust(records, "citations"), lambda record: record.citations),
        score=_first(reversed(ordered), lambda record: record.score),
        doi=_first(in_order_of_trust(records, "doi"), lambda record: record.doi),
        arxiv_id=_first(ordered, lambda record: record.arxiv_id),
    )


def in_order_of_trust(records: Iterable[PaperRecord], field: str = "") -> list[PaperRecord]:
    """The records, the one that is trusted most first: in general, or for one field."""
    ordered = sorted(records, key=lambda one: (_trust(one), one.source, one.source_key))
    if field == "published":
        return sorted(ordered, key=_earliness)
    sources = _TRUSTED_FIRST.get(field, ())
    places = {source: place for place, source in enumerate(sources)}
    by_source = sorted(ordered, key=lambda one: places.get(one.source, len(sources)))
    if field == "venue":
        return sorted(by_source, key=lambda one: one.venue is None or is_preprint_server(one.venue))
    return by_source


def _earliness(record: PaperRecord) -> tuple[bool, bool, dt.date, int]:
    """Stated dates first, then the earliest; of a year and a day in that year, the day."""
    date = record.published
    if date is None:
        return True, False, dt.date.max, 0
    return False, record.published_inferred, last_day(date), -len(date)


def _identified(listing: PaperRecord, ordered: Sequence[PaperRecord]) -> tuple[Mention, ...]:
    """The list of authors, each with the identifiers that any source gives to that name.

    Where a name stands twice in one of the lists, nothing tells which of the two is meant.
    """
    lists = [one for one in ordered if one is not listing and any(m.identifiers for m in one.authors)]
    if not lists:
        return listing.authors
    ours = Counter(name_key(mention.name) for mention in listing.authors)
    found: dict[str, dict[str, Identifier]] = {}
    for record in lists:
        theirs = Counter(name_key(mention.name) for mention in record.authors)
        for mention in record.authors:
            key = name_key(mention.name)
            if ours[key] == theirs[key] == 1:
                by_scheme = found.setdefault(key, {})
                for identifier in mention.identifiers:
                    by_scheme.setdefault(identifier.scheme, identifier)
    return tuple(
        _with(mention, found.get(name_key(mention.name), {})) if found else mention
        for mention in listing.authors
    )


def _with(mention: Mention, more: Mapping[str, Identifier]) -> Mention:
    own = {one.scheme: one for one in mention.identifiers}
    added = [more[scheme] for scheme in sorted(more) if scheme not in own]
    return Mention(name=mention.name, identifiers=(*mention.identifiers, *added)) if added else mention


def _facts_of(record: PaperRecord) -> PaperFacts:
    """What a single source says, as `merge` would have it: nearly every paper has but one."""
    return PaperFacts(
        source_id=record.source_id,
        title=record.title,
        authors=record.authors,
        authors_truncated=record.authors_truncated,
        attributed_to=() if record.attributed_to is None else ((record.source, record.attributed_to),),
        field=record.field,
        categories=record.categories,
        published=record.published,
        published_inferred=record.published_inferred,
        abstract=record.abstract,
        url=record.url,
        has_code=record.has_code,
        code_url=record.code_url,
        venue=record.venue,
        citations=record.citations,
        score=record.score,
        doi=record.doi,
        arxiv_id=record.arxiv_id,
    )


def version_of(record: PaperRecord) -> int:
    """The version of an arXiv paper that a record describes; 0 where it names none."""
    match = _VERSION.search(record.source_id) if record.arxiv_id is not None else None
    return int(match[1]) if match else 0


def _trust(record: PaperRecord) -> int:
    return _TRUST.get(record.source, _TRUST_OF_OTHERS)


def _first(records: Iterable[PaperRecord], value_of: Callable[[PaperRecord], _Value | None]) -> _Value | None:
    return next((value for value in map(value_of, records) if value is not None), None)
