"""Initials, and particles written short, beside the family names of authors: "JP Serre", "v.d. Maaten"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from bot.disambiguation.name_forms import PARTICLES
from bot.search.engine import Query
from bot.search.query import Role
from bot.search.snapshot import Snapshot
from bot.search.terms import IndexedTerm

_MOST_LETTERS = 4
"""Of initials that are read as such: "J. R. R. Tolkien" has three."""
_MOST_NAMES = 4
"""Words of a family name that are read: "van den Heuvel"."""
_MOST_TOGETHER = 2
"""Initials in one word without dots; longer ones are abbreviations."""
_MOST_PARTICLES = 24
"""Ways to write particles out that are tried: "v.d." has nine."""


def cited_key(snapshot: Snapshot, letters: Sequence[str], family: Sequence[str]) -> str | None:
    """The key of authors with this family name and these initials, or else the first one of them."""
    surname = " ".join(family)
    keys = (" ".join((*letters, surname)), f"{letters[0]} {surname}")
    return next((key for key in keys if snapshot.frequency("initials", key)), None)


def with_initials(snapshot: Snapshot, typed: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """The clauses, where letters beside a family name also stand for the given names of whoever bears it."""
    found = list(typed)
    for start, end in _runs(typed):
        run = [term for [term] in typed[start:end]]
        letters = [letter for term in run for letter in _letters(term)]
        if len(letters) > _MOST_LETTERS:
            continue
        query = _bearers(snapshot, letters, _names(typed[end:]), _names(typed[:start][::-1])[::-1])
        if query is None:
            continue
        for place, term in enumerate(run, start):
            is_certain = term.role is Role.INITIAL
            found[place] = [term.found_only_by(query) if is_certain else term.or_found_by(query)]
    return found


def _runs(typed: Sequence[list[IndexedTerm]]) -> Iterator[tuple[int, int]]:
    """Where clauses of letters begin and end."""
    start = 0
    while start < len(typed):
        end = start
        while end < len(typed) and len(typed[end]) == 1 and _letters(typed[end][0]):
            end += 1
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _letters(term: IndexedTerm) -> Sequence[str]:
    """The letters that may be initials; none of a word."""
    if all(len(word) == 1 and word.isalpha() for word in term.words):
        return term.words
    [word, *others] = term.words
    return tuple(word) if not others and len(word) <= _MOST_TOGETHER and word.isalpha() else ()


def _names(clauses: Sequence[list[IndexedTerm]]) -> list[str]:
    """The words at the beginning of these clauses that may be of one family name."""
    names: list[str] = []
    for terms in clauses[:_MOST_NAMES]:
        if len(terms) != 1 or not all(word.isalpha() and len(word) > 1 for word in terms[0].words):
            break
        names += terms[0].likeliest.words
    return names


def _bearers(
    snapshot: Snapshot, letters: Sequence[str], behind: Sequence[str], before: Sequence[str]
) -> Query | None:
    """What finds papers of authors with the longest family name behind or before the letters."""
    families = [
        *(behind[:end] for end in range(len(behind), 0, -1)),
        *(before[start:] for start in range(len(before))),
    ]
    for family in families:
        if key := cited_key(snapshot, letters, family):
            engine = snapshot.engine
            return engine.constant(
                engine.equal("initials", key), snapshot.rarity(snapshot.frequency("initials", key))
            )
    return _with_particles(snapshot, letters, behind[0]) if behind else None


def _with_particles(snapshot: Snapshot, letters: Sequence[str], name: str) -> Query | None:
    """What finds a name with particles that begin with the letters."""
    engine = snapshot.engine
    if not snapshot.frequency("authors", name):
        return None
    particles = ([each for each in sorted(PARTICLES) if each.startswith(letter)] for letter in letters)
    phrases = (
        engine.phrase("authors", (*each, name)) for each in islice(product(*particles), _MOST_PARTICLES)
    )
    found = [phrase for phrase in phrases if engine.finds(phrase)]
    return engine.any_of(found) if found else None
