"""Venues in a query: "attention NeurIPS 2017", "transformers published in Nature".

That a paper is of a venue counts like a word that it has; papers with the words themselves are found, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from bot.search.query import Clause, Term
from bot.search.snapshot import Snapshot
from bot.search.terms import IndexedTerm
from bot.search.venue_names import BEFORE_NAME, MOST_WORDS
from bot.text.folding import are_stop_words, is_stop_word, stem

_NOT_OF_VENUES = frozenset({"european", "international", "int", "annual", "ann", "joint"})
_KINDS = "journal j letters lett review rev reviews annals bulletin association academy acad magazine"
_OF_VENUES = (BEFORE_NAME - _NOT_OF_VENUES) | frozenset(_KINDS.split())
"""Words that say that a name is of a venue."""
_TEXTS_PER_VENUE = 3
"""A name that nothing marks is a venue where so many times as many papers are of it as have it in texts.

So is "CVPR", but not "Pattern Recognition", which more papers are about. A judgement: no collection that is
measured here has venues.
"""
_MOST_CLAUSES = 24
"""Clauses of a query in which a venue is looked for; longer ones are sentences."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_WEIGHT = 5.0
"""Of being of a venue, times the weight of the words: as of a year, so that its papers come before ones that
name it, where something says that it is meant as a venue."""


@dataclass(frozen=True, slots=True)
class VenueSaid:
    """A venue that a query names."""

    start: int
    end: int
    """Places of its clauses."""
    terms: tuple[str, ...]
    """Its names in the index."""
    papers: int
    """How many are of it, at most."""
    beside: tuple[int, ...]
    """Places of clauses that only say that it is a venue: "published", "journal"."""


_PUBLISHED = frozenset("published accepted presented appeared appearing appears publication".split())  # noqa: SIM905
_AT = frozenset("in at to by from the journal proceedings".split())  # noqa: SIM905
_WHERE = frozenset({"in", "at", "from"})
_SINGULAR = ("journal", "conference", "paper", "article", "publication", "magazine")
_NOUNS = frozenset((*_SINGULAR, *(f"{noun}s" for noun in _SINGULAR), "proceedings"))


def venues_said(snapshot: Snapshot, clauses: Sequence[Clause]) -> list[VenueSaid]:
    """The venues that these clauses name, the longest names first found from the left."""
    if not snapshot.venues or len(clauses) > _MOST_CLAUSES:
        return []
    terms = [
        clause.terms[0] if len(clause.terms) == 1 and not clause.terms[0].quoted else None
        for clause in clauses
    ]
    found: list[VenueSaid] = []
    start = 0
    while start < len(terms):
        said = _said_at(snapshot, terms, start)
        if said is not None:
            found.append(said)
        start = said.end if said is not None else start + 1
    return found


def _said_at(snapshot: Snapshot, terms: Sequence[Term | None], start: int) -> VenueSaid | None:
    several = [*takewhile(bool, islice(terms, start, start + MOST_WORDS))]
    words = [term.words for term in several if term is not None]
    for end in range(len(words), 0, -1):
        if are_stop_words(words[0]) or are_stop_words(words[end - 1]):
            continue
        named = [word for each in words[:end] for word in each if not is_stop_word(word)]
        names = snapshot.venues.named(named)
        if not names and named[0] in BEFORE_NAME:
            # As in "IEEE TPAMI".
            names = snapshot.venues.named(named[1:])
        if not names:
            continue
        beside = _beside(terms, start, start + end)
        papers = sum(name.papers for name in names)
        typed = [word for each in words[:end] for word in each]
        if beside is not None or _is_of_venues(snapshot, typed, named, papers):
            return VenueSaid(start, start + end, tuple(name.term for name in names), papers, beside or ())
    return None


def _is_of_venues(snapshot: Snapshot, typed: Sequence[str], named: Sequence[str], papers: int) -> bool:
    """Whether words are a venue by themselves: hardly a text has them, or they say so."""
    if len(named) > 1 and not _OF_VENUES.isdisjoint(named):
        return True
    phrase = snapshot.engine.phrase("text", tuple(map(stem, typed)))
    return snapshot.engine.count(phrase) * _TEXTS_PER_VENUE <= papers


def _beside(terms: Sequence[Term | None], start: int, end: int) -> tuple[int, ...] | None:
    """The places of words that say that a venue stands between them; None where nothing says so.

    "In" and a year do where the name is capitalised, and no other words follow: "in Nature 2021".
    """
    before = start
    while before > 0 and _word(terms, before - 1) in _AT:
        before -= 1
    if before < start and _word(terms, before - 1) in _PUBLISHED:
        return tuple(range(before - 1 - (_word(terms, before - 2) in _NOUNS), start))
    nouns = tuple(place for place in (start - 1, end) if _word(terms, place) in _NOUNS)
    first = terms[start]
    is_capital = first is not None and first.typed[:1].isupper()
    if not is_capital:
        return None
    if nouns:
        return nouns
    if any(_YEAR.fullmatch(_word(terms, place)) for place in (start - 1, end)):
        return ()
    is_last = end == len(terms) or _word(terms, end) in _AT or terms[end] is None
    return () if is_last and _word(terms, start - 1) in _WHERE else None


def _word(terms: Sequence[Term | None], place: int) -> str:
    """The word of a term; nothing where there is none, or several."""
    term = terms[place] if 0 <= place < len(terms) else None
    return term.words[0] if term is not None and len(term.words) == 1 else ""


def with_venues(
    snapshot: Snapshot, clauses: Sequence[Clause], typed: Sequence[list[IndexedTerm]]
) -> list[list[IndexedTerm]]:
    """The looked up clauses, of which papers of a venue that they name have those that name it, too."""
    found, engine = list(typed), snapshot.engine
    for said in venues_said(snapshot, clauses):
        places = [place for place in range(said.start, said.end) if not typed[place][0].is_uninformative]
        of_venue = engine.any_of(engine.equal("venue", term) for term in said.terms)
        for place in places:
            [term] = typed[place]
            weight = _WEIGHT * max(term.weight, snapshot.rarity(said.papers)) / len(places)
            found[place] = [term.or_of_venue(engine.constant(of_venue, weight), said.terms)]
        for place in said.beside:
            found[place] = [term.as_uninformative() for term in typed[place]]
    return found
