"""Merges the records of one paper, whatever the order in which they were read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from bot.corpus.agreement import is_richer, names_agree
from bot.corpus.identity import folded_title, is_preprint_doi
from bot.corpus.institutions import institution_key
from bot.corpus.names import name_key
from bot.corpus.paper import (
    FACTS,
    Affiliation,
    Identifier,
    Mention,
    Notice,
    NoticeKind,
    OtherTitle,
    PaperFacts,
    PaperRecord,
    Record,
    TitleKind,
    last_day,
)

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


_TRUST = {
    "arxiv api": 0,
    "arxiv": 1,
    "json lines": 2,
    "crossref": 4,
    "openalex": 6,
    "semantic scholar": 7,
    "arxiv rss": 8,
    "author page": 9,
    "datacite": 10,
}
_TRUST_OF_OTHERS = 5
_PUBLISHERS_FIRST = ("crossref", "openalex", "semantic scholar")
_TRUSTED_FIRST = {
    "venue": _PUBLISHERS_FIRST,
    "doi": _PUBLISHERS_FIRST,
    "citations": ("openalex", "semantic scholar", "crossref"),
}
_OF_ARXIV = frozenset({"arxiv api", "arxiv", "arxiv rss"})
_PREPRINT_SOURCES = frozenset({"biorxiv", "medrxiv", *_OF_ARXIV})
_SAYS_WHEN = ("crossref", "pubmed", "dblp", "openalex")
"""Who says when a paper was published; other dates may be the preprint's."""
_LONGEST_TITLE = 2_000
_MOST_TITLES = 20
"""Of a paper, beside its main one."""
_VERSION = re.compile(r"\dv(\d{1,4})$", re.ASCII)


class PlacedAffiliation(Record):
    """Where the person at a place of a list of authors works, as one source says."""

    position: int
    """From 1."""
    source: str
    affiliation: Affiliation


class MergedPaper(PaperFacts[Mention, tuple[tuple[str, Mention], ...]]):
    """What Papercord says of a paper: a pure function of the set of its sources' records.

    It is attributed by (source, person) for each page on which the paper stands.
    """

    affiliations: tuple[PlacedAffiliation, ...] = ()


_BLANK = MergedPaper(source_id="-", title="-", attributed_to=())
"""A paper without facts: a copy with those of one record need not be validated once more."""


def merge(records: Sequence[PaperRecord], notices: Sequence[Notice] = ()) -> MergedPaper:
    """Merge all records of one paper; their order does not matter.

    Where no other rule is given, a fact is taken from the most trusted source that gives it.

    Args:
        records: What the sources say of the paper.
        notices: What papers that are notices of its retraction or correction say.

    """
    ordered = in_order_of_trust(records) if len(records) > 1 else records
    attributed_to = tuple(
        dict.fromkeys((one.source, one.attributed_to) for one in ordered if one.attributed_to is not None)
    )
    if len(records) == 1:  # as nearly all papers have
        affiliations = _affiliations(records[0].authors, records)
        facts = records[0].facts()
        if notices or records[0].notices:
            facts["notices"] = _in_order_of_weight((*records[0].notices, *notices))
        return _BLANK.model_copy(
            update={**facts, "attributed_to": attributed_to, "affiliations": affiliations}
        )
    # A whole list of authors over a cut one, any list over none; then as trusted.
    listing = min(ordered, key=lambda one: (not one.authors, one.authors_truncated))
    dated = in_order_of_trust(records, "published")[0]
    first_given = {
        name: _first_given(in_order_of_trust(records, name) if name in _TRUSTED_FIRST else ordered, name)
        for name in FACTS
    }
    ruled: dict[str, Any] = {
        "authors": _identified(_named_in_full(listing, ordered), ordered),
        "authors_truncated": listing.authors_truncated,
        "published": dated.published,
        "published_inferred": dated.published_inferred,
        "score": _first_given(ordered[::-1], "score"),
        "notices": _in_order_of_weight((*_notices(ordered), *notices)),
        "appeared": _appeared(ordered, dated.published),
        "other_titles": titles_beside(
            first_given["title"],
            [*((one.kind, one.title) for each in ordered for one in each.other_titles)]
            + [(TitleKind.OTHER, each.title) for each in ordered],
        ),
    }
    affiliations = _affiliations(listing.authors, ordered)
    return MergedPaper(attributed_to=attributed_to, affiliations=affiliations, **(first_given | ruled))


def is_preprint(record: PaperRecord) -> bool:
    """Whether a record is of a preprint, not of what was published of it."""
    if record.source in _PREPRINT_SOURCES:
        return True
    if record.venue is not None:
        return is_preprint_server(record.venue)
    return is_preprint_doi(record.doi or "")


def _appeared(records: Iterable[PaperRecord], published: str | None) -> str | None:
    """When a paper was published of which there is a preprint; None where it was not, or not later."""
    has_preprint, dates = False, dict[str, str]()
    for one in records:
        if is_preprint(one) or one.arxiv_id is not None:
            has_preprint = True
        if one.source in _SAYS_WHEN and one.venue is not None and one.published and not is_preprint(one):
            dates.setdefault(one.source, one.published)
    date = next((dates[source] for source in _SAYS_WHEN if source in dates), None)
    if not has_preprint or date is None or published is None or last_day(date) <= last_day(published):
        return None
    return date


def _affiliations(listed: Sequence[Mention], ordered: Iterable[PaperRecord]) -> tuple[PlacedAffiliation, ...]:
    """What each source says of where the people of a list work, for whom it is certain who is meant."""
    informative = [record for record in ordered if any(map(_WORKS_AT, record.authors))]
    if not informative:
        return ()
    counts = Counter(name_key(mention.name) for mention in listed)
    places = {name_key(mention.name): place for place, mention in enumerate(listed)}
    found: dict[tuple[int, str, str], PlacedAffiliation] = {}
    for record in informative:
        for place, mention in enumerate(record.authors):
            key = name_key(mention.name)
            ours = places[key] + 1 if counts[key] == 1 else 0
            if len(record.authors) == len(listed) and names_agree(listed[place].name, mention.name):
                ours = place + 1
            for one in mention.affiliations if ours else ():
                placed = PlacedAffiliation(position=ours, source=record.source, affiliation=one)
                found.setdefault((placed.position, record.source, institution_key(one)), placed)
    return tuple(sorted(found.values(), key=lambda one: one.position))


_WORKS_AT = attrgetter("affiliations")


def titles_beside(title: str, others: Iterable[tuple[TitleKind, str]]) -> tuple[OtherTitle, ...]:
    """The titles of a paper beside its main one: those that say something else, each once."""
    kept: dict[str, OtherTitle] = {}
    own = ""
    for kind, written in others:
        text = written[:_LONGEST_TITLE].strip()
        if not text or text == title:
            continue
        own = own or folded_title(title)
        folded = folded_title(text)
        if folded and folded != own and len(kept) < _MOST_TITLES:
            kept.setdefault(folded, OtherTitle(title=text, kind=kind))
    return tuple(kept.values())


def _notices(ordered: Sequence[PaperRecord]) -> tuple[Notice, ...]:
    """What any source says; of arXiv's own words those on the newest version, for it may take one back."""
    if not any(one.notices for one in ordered):
        return ()
    newest = max((version_of(one) for one in ordered if one.source in _OF_ARXIV), default=0)
    reported = [
        notice
        for one in ordered
        if one.source not in _OF_ARXIV or version_of(one) in {0, newest}
        for notice in one.notices
    ]
    return tuple(reported)


def _in_order_of_weight(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Each once, the gravest first; one notice has one link, whatever days are given for it."""
    said = [*notices]
    taken_back = [one for one in said if one.is_taken_back]
    kept: dict[tuple[str, ...], Notice] = {}
    for one in said:
        if one.is_taken_back or any(_takes_back(later, one) for later in taken_back):
            continue
        kept.setdefault((one.kind, one.source, one.url or f"on {one.day}"), one)
    return tuple(sorted(kept.values(), key=lambda one: [*NoticeKind].index(one.kind)))


def _takes_back(later: Notice, earlier: Notice) -> bool:
    """Whether a source says later that what it said earlier is no longer so."""
    is_later = later.day is None or earlier.day is None or later.day >= earlier.day
    return is_later and (later.source, later.kind) == (earlier.source, earlier.kind)


_ASKED = frozenset(
    {
        *("arxiv api", "arxiv rss", "biorxiv", "crossref", "dblp", "medrxiv"),
        *("oai", "openalex", "openreview", "semantic scholar", "zotero"),
    }
)
"""Sources whose word is what they say now; all others are files, which may be older than what they copy."""


def with_earlier_notices(record: PaperRecord, before: PaperRecord) -> PaperRecord:
    """A record with what the one before it said and it does not mention: a file takes no notice back so.

    It does by saying that it is not so, and a new version of an arXiv paper by saying nothing.
    """
    if not before.notices or record.source in _ASKED or version_of(record) > version_of(before):
        return record
    known = {*record.denied, *(one.kind for one in record.notices)}
    kept = [one for one in before.notices if one.kind not in known]
    return record.model_copy(update={"notices": (*record.notices, *kept)}) if kept else record


def in_order_of_trust(records: Iterable[PaperRecord], field: str = "") -> list[PaperRecord]:
    """The records, the one that is trusted most first: in general, or for one field."""
    ordered = sorted(records, key=lambda one: (_trust(one), one.source, one.source_key))
    if field == "published":
        return sorted(ordered, key=_earliness)
    sources = _TRUSTED_FIRST.get(field, ())
    places = {source: place for place, source in enumerate(sources)}
    by_source = sorted(ordered, key=lambda one: places.get(one.source, len(sources)))
    if field == "doi":
        return sorted(by_source, key=lambda one: is_preprint_doi(one.doi or ""))
    if field == "venue":
        return sorted(by_source, key=lambda one: one.venue is None or is_preprint_server(one.venue))
    return by_source


def _earliness(record: PaperRecord) -> tuple[bool, bool, dt.date, int]:
    """Stated dates first, then the earliest; of a year and a day in that year, the day."""
    date = record.published
    if date is None:
        return True, False, dt.date.max, 0
    return False, record.published_inferred, last_day(date), -len(date)


def full_names(record: PaperRecord) -> int:
    """How many names of its authors are no initials."""
    return sum(len(word) > 1 for one in record.authors for word in name_key(one.name).split())


def with_richer_names(record: PaperRecord, before: PaperRecord) -> PaperRecord:
    """A record with the names that the one before it wrote out and it abbreviates."""
    return _named_in_full(record, (before,))


def _named_in_full(listing: PaperRecord, ordered: Iterable[PaperRecord]) -> PaperRecord:
    """The record with each name as any of the others writes it out; not where two people may be meant."""
    others = [one.authors for one in ordered if one is not listing and one.authors]
    if not others:
        return listing
    names = [
        _in_full(mention, place, listing.authors, others) for place, mention in enumerate(listing.authors)
    ]
    authors = tuple(
        mention if mention.name == name else mention.model_copy(update={"name": name})
        for mention, name in zip(listing.authors, names, strict=True)
    )
    return listing if authors == listing.authors else listing.model_copy(update={"authors": authors})


def _in_full(
    mention: Mention, place: int, ours: Sequence[Mention], others: Sequence[Sequence[Mention]]
) -> str:
    name = mention.name
    for theirs in others:
        same = [one.name for one in theirs if names_agree(one.name, mention.name)]
        if len(same) > 1 and len(theirs) == len(ours) and names_agree(theirs[place].name, mention.name):
            same = [theirs[place].name]
        if len(same) == 1 and is_richer(same[0], name):
            name = same[0]
    return name


def _identified(listing: PaperRecord, ordered: Sequence[PaperRecord]) -> tuple[Mention, ...]:
    """The list of authors, each with the identifiers that any source gives to that name.

    Where a name stands twice in one of the lists, it is unknown which of the two is meant.
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
    return mention.model_copy(update={"identifiers": (*mention.identifiers, *added)}) if added else mention


def version_of(record: PaperRecord) -> int:
    """The version of an arXiv paper that a record describes; 0 where it names none."""
    match = _VERSION.search(record.source_id) if record.arxiv_id is not None else None
    return int(match[1]) if match else 0


def _trust(record: PaperRecord) -> int:
    return _TRUST.get(record.source, _TRUST_OF_OTHERS)


def _first_given(records: Sequence[PaperRecord], name: str) -> Any:
    """A fact from the first of the records that gives it; its default where none does."""
    default = _DEFAULTS[name]
    for one in records:
        value = getattr(one, name)
        if value != default:
            return value
    return default


_DEFAULTS = {name: field.default for name, field in PaperRecord.model_fields.items()}
