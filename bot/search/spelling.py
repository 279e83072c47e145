"""The nearest spelling of words that no paper has."""

from __future__ import annotations

from string import ascii_lowercase

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.search.british import other_spellings
from bot.search.matching import Matcher
from bot.search.query import Query, Term, parse_query
from bot.search.snapshot import Snapshot

_SHORTEST = 4
"""Letters; of a shorter word any other is near."""
_TWO_ERRORS = 8
"""Letters from which on two may be wrong."""

_MANY_ERRORS = 2
"""From so many on, the first letter at least has to be right."""

_OPPOSITES = ("de", "un", "non", "in", "im", "ir", "il", "anti", "dis", "a", "an", "mis", "counter")


def did_you_mean(snapshot: Snapshot, query: Query, matcher: Matcher) -> str | None:
    """The query with each unknown word as papers spell it; None where that finds nothing either."""
    text = query.text
    unknown = [indexed for terms in matcher.clauses for indexed in terms if not indexed.is_known]
    changed = False
    for indexed in sorted(unknown, key=lambda indexed: indexed.term.start, reverse=True):
        better = _corrected(snapshot, indexed.term, {word.word for word in indexed.words if word.frequency})
        if better is not None:
            start = indexed.term.start
            text = text[:start] + better + text[start + len(indexed.term.typed) :]
            changed = True
    if not changed:
        return None
    return text if Matcher(snapshot, parse_query(text, snapshot.field_codes)).count() else None


def _corrected(snapshot: Snapshot, term: Term, known: set[str]) -> str | None:
    words = [word if word in known else nearest_word(snapshot, word) for word in term.words]
    if any(word is None for word in words):
        return None
    joint = "-" if "-" in term.typed else " "
    return joint.join(filter(None, words))


def nearest_word(snapshot: Snapshot, word: str) -> str | None:
    """The word of the corpus that differs by one letter or, in a long word, two; the more frequent first."""
    if len(word) < _SHORTEST or not word.isalpha():
        return None
    most = 2 if len(word) >= _TWO_ERRORS else 1
    candidates = _candidates(snapshot, word, most)
    near = extract(word, list(candidates), scorer=OSA.distance, score_cutoff=most, limit=None)
    ranked = sorted(
        (distance, known[0] != word[0], -candidates[known], known)
        for known, distance, _ in near
        if (distance < _MANY_ERRORS or known[0] == word[0]) and not is_opposite(word, known)
    )
    return ranked[0][3] if ranked else None


def _candidates(snapshot: Snapshot, word: str, most: int) -> dict[str, int]:
    """Words of about the length whose beginning is at most one error away, with their frequencies."""
    first, second, third = word[:3]
    beginnings = {first + second, second + first, second + third, first + third}
    for letter in ascii_lowercase:
        beginnings |= {letter + first + second, letter + second + third}
        beginnings |= {first + letter + second, first + letter + third}
    return {
        known: frequency
        for beginning in beginnings
        for field in ("authors", "words")
        for known, frequency in snapshot.searcher.terms_with_prefix(field, beginning)
        if abs(len(known) - len(word)) <= most and known.isalpha()
    }


def is_opposite(word: str, other: str) -> bool:
    """Whether one is the other with a prefix that turns its meaning, such as "decentralized"."""
    shorter, longer = sorted((word, other), key=len)
    spellings = {shorter, *other_spellings(shorter)}
    return any(longer == prefix + spelling for prefix in _OPPOSITES for spelling in spellings)
