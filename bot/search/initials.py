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
_MOST_PARTICLES = 24
"""Ways to write particles out that are tried: "v.d." has 18. Bounds the time."""


def with_initials(snapshot: Snapshot, typed: Sequence[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
    """The clauses, where letters beside a family name also stand for the given names of whoever bears it.

    Between two names they are middle initials: "Ming Y. Lu" is no other Y. Lu.
    """
    found = list(typed)
    for start, end in _runs(typed):
        run = [term for [term] in typed[start:end]]
        letters = [letter for term in run for word in term.words for letter in word]
        if len(letters) > _MOST_LETTERS:
            continue
        behind, before = _names(typed[end:]), _names(typed[:start][::-1])[::-1]
        is_middle = bool(behind and before) and typed[start - 1][0].is_name
        is_whole = is_middle or _is_of_letters(run[0].words)
        given = [before[-1][0], *letters] if is_middle else letters
        query = _bearers(snapshot, [(given, behind), (letters, before)], is_whole=is_whole)
        if query is None:
            continue
        for place, term in enumerate(run, start):
            is_certain = term.role is Role.INITIAL
            found[place] = [term.found_only_by(query) if is_certain else term.or_found_by(query)]
    return found


def _runs(typed: Sequence[list[IndexedTerm]]) -> Iterator[tuple[int, int]]:
    """Where clauses of letters begin and end; two letters in one word stand alone, for they may be a name."""
    start = 0
    while start < len(typed):
        end = start
        while end < len(typed) and len(typed[end]) == 1 and _are_letters(typed[end][0].words):
            end += 1
        if end > start:
            yield start, end
        elif len(typed[start]) == 1 and _is_of_letters(typed[start][0].words):
            yield start, start + 1
        start = max(end, start + 1)


def _are_letters(words: Sequence[str]) -> bool:
    return all(len(word) == 1 and word.isalpha() for word in words)


def _is_of_letters(words: Sequence[str]) -> bool:
    return len(words) == 1 and len(words[0]) == 2 and words[0].isalpha()


def _names(clauses: Sequence[list[IndexedTerm]]) -> list[str]:
    """The words at the beginning of these clauses that may be of one family name."""
    names: list[str] = []
    for terms in clauses[:_MOST_NAMES]:
        if len(terms) != 1 or not all(word.isalpha() and len(word) > 1 for word in terms[0].words):
            break
        names += terms[0].likeliest.words
    return names


def _bearers(
    snapshot: Snapshot, cited: Sequence[tuple[Sequence[str], Sequence[str]]], *, is_whole: bool
) -> Query | None:
    """What finds papers of authors with the longest family name behind or before the letters."""
    [(given, behind), (letters, before)] = cited
    families = [(given, behind[:end]) for end in range(len(behind), 0, -1)]
    families += [(letters, before[start:]) for start in range(len(before))]
    engine = snapshot.engine
    for initials, family in families:
        for key in _keys(initials, family, is_whole=is_whole):
            if papers := snapshot.frequency("initials", key):
                return engine.constant(engine.equal("initials", key), snapshot.rarity(papers))
    return _with_particles(snapshot, letters, behind[0]) if behind else None


def _keys(letters: Sequence[str], family: Sequence[str], *, is_whole: bool) -> list[str]:
    """How authors with this family name are cited: with all of the letters, or else the first one."""
    surname = " ".join(family)
    whole = " ".join((*letters, surname))
    return [whole] if is_whole else [whole, f"{letters[0]} {surname}"]


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
