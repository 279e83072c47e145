"""What may have been meant by a query that finds nothing."""

from __future__ import annotations

from bot.search.query import Query, Term, parse_query
from bot.search.retrieval import Matcher
from bot.search.snapshot import Snapshot
from bot.search.spelling import guesses, papers_with
from bot.search.terms import Trust


def did_you_mean(snapshot: Snapshot, query: Query) -> str | None:
    """The query with the unknown words of its phrases as papers spell them; None where that finds nothing.

    Words outside of phrases are forgiven without a question.
    """
    text = query.text
    unknown = [term for clause in query.clauses for term in clause.terms if term.quoted]
    changed = False
    for term in sorted(unknown, key=lambda term: term.start, reverse=True):
        better = _corrected(snapshot, term)
        if better is not None:
            text = text[: term.start] + better + text[term.start + len(term.typed) :]
            changed = True
    if not changed:
        return None
    return text if Matcher(snapshot, parse_query(text, snapshot.field_codes)).count(Trust.GUESS) else None


def _corrected(snapshot: Snapshot, term: Term) -> str | None:
    words: list[str] = []
    for word in term.words:
        found = [] if papers_with(snapshot, word) else guesses(snapshot, word)
        words.append(found[0].word if found else word)
    return " ".join(words) if tuple(words) != term.words else None
