"""Papers by their titles as one types, and what may have been meant by a query that finds nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tantivy import Occur, Query

from bot.search.query import ParsedQuery, Term, parse_query
from bot.search.retrieval import Ranking, Retriever
from bot.search.schema import id_of, title_key
from bot.search.snapshot import Snapshot
from bot.search.spelling import guesses, papers_with
from bot.search.terms import IndexedTerm, MatchKind, any_of
from bot.text.folding import plain, plain_words

_MOST_WORDS = 32
_SAME_TITLE = 25
_MOST_GOING_ON = 10
"""Words, the most frequent ones, that are sought right behind those that were typed."""
_SHORTEST = 3
"""Letters of a begun word that may be looked for as a word by itself."""


def papers_titled(snapshot: Snapshot, title: str) -> list[int]:
    """The papers with exactly this title, its words alone compared; newest first."""
    key = title_key(plain(title))
    return _newest(snapshot, Query.term_query(snapshot.schema, "title_key", key), _SAME_TITLE) if key else []


def suggested_papers(snapshot: Snapshot, typed: str, limit: int) -> list[int]:
    """Papers for a title of which the beginnings of some words have been typed, the last word begun.

    Titles that go on as typed come first, then titles with all the words, then papers that match
    the words in any way. Nothing typed suggests the newest papers.
    """
    words = plain_words(typed)[:_MOST_WORDS]
    if not words:
        return _newest(snapshot, Query.term_query(snapshot.schema, "kind", "paper"), limit)
    *whole, begun = words
    endings = snapshot.completions(begun)
    found: dict[int, None] = {}
    if endings:
        found.update(dict.fromkeys(_best(snapshot, _going_on(snapshot, whole, endings), limit)))
        if len(found) < limit:
            found.update(dict.fromkeys(_best(snapshot, _having(snapshot, whole, begun, endings), limit)))
    if len(found) < limit:
        asked = " ".join(whole) if whole and len(begun) < _SHORTEST else typed
        others = Retriever(snapshot, parse_query(asked, snapshot.field_codes)).find(Ranking.RELEVANCE)
        found.update(dict.fromkeys(others.ids))
    return list(found)[:limit]


def _going_on(snapshot: Snapshot, whole: Sequence[str], endings: Sequence[str]) -> Query:
    if not whole:
        return any_of(snapshot.term("title_words", ending) for ending in endings)
    return any_of(
        Query.phrase_query(snapshot.schema, "title_words", [*whole, ending])
        for ending in endings[:_MOST_GOING_ON]
    )


def _having(snapshot: Snapshot, whole: Sequence[str], begun: str, endings: Sequence[str]) -> Query:
    parts = [(Occur.Must, _titled(snapshot, word)) for word in whole]
    last = any_of(snapshot.term("title_words", ending) for ending in endings)
    exactly = snapshot.term("title_words", begun)
    return Query.boolean_query([*parts, (Occur.Must, last), (Occur.Should, exactly)])


def _titled(snapshot: Snapshot, word: str) -> Query:
    scoring = IndexedTerm.of(snapshot, Term((word,), word, 0)).scoring
    return any_of(Query.boost_query(snapshot.term("title", scored.form), scored.factor) for scored in scoring)


def _best(snapshot: Snapshot, query: Query, limit: int) -> list[int]:
    hits = snapshot.searcher.search(query, limit=limit, count=False).hits
    return [id_of(order) for _, order in snapshot.ranked(hits)]


def _newest(snapshot: Snapshot, query: Query, limit: int) -> list[int]:
    hits = snapshot.searcher.search(query, limit=limit, count=False, order_by_field="order").hits
    return [id_of(order) for order, _ in hits]


def did_you_mean(snapshot: Snapshot, query: ParsedQuery) -> str | None:
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
    return (
        text if Retriever(snapshot, parse_query(text, snapshot.field_codes)).count(MatchKind.GUESS) else None
    )


def _corrected(snapshot: Snapshot, term: Term) -> str | None:
    words: list[str] = []
    for word in term.words:
        found = [] if papers_with(snapshot, word) else guesses(snapshot, word)
        words.append(found[0].word if found else word)
    return " ".join(words) if tuple(words) != term.words else None
