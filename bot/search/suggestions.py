"""Similar papers, titles while one types, and the correction of a query that finds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.search.engine import Query
from bot.search.fields import id_of, title_key
from bot.search.filters import limits_by
from bot.search.likeness import stem_counts, word_weights
from bot.search.query import Filter, ParsedQuery, Sort, Term, parse_query
from bot.search.retrieval import Retriever
from bot.search.snapshot import Snapshot
from bot.search.spelling import corrections, papers_with
from bot.search.terms import IndexedTerm
from bot.search.variants import MatchKind
from bot.text.folding import plain, plain_words

MOST_SIMILAR = 50

_MOST_WORDS = 50
"""Informative words that are searched: each costs time.

Of the ten papers nearest in meaning to one of SciTLDR, 25 words find 27 %, 50 find 30 %, and 100 find 31 %.
"""
_FIELDS = {"text": 1.0, "title": 0.5}
"""Weights of the fields; without titles, or with titles at 1, a hundredth less is found of those papers."""


def similar_papers(
    snapshot: Snapshot, paper_id: int, title: str, abstract: str, filters: Iterable[Filter] = ()
) -> dict[int, float]:
    """The papers, most similar first, that share the most informative words with one, and their scores.

    The paper itself is left out.
    """
    stems = stem_counts(title, abstract)
    weights = word_weights(snapshot, stems)
    informative = sorted(weights, key=lambda form: (-weights[form], form))[:_MOST_WORDS]
    engine = snapshot.engine
    words = engine.any_of(
        engine.weighted(engine.term(field, form), share * stems[form] / (stems[form] + 1))
        for form in informative
        for field, share in _FIELDS.items()
    )
    limits = limits_by(snapshot, filters).unscored(engine)
    itself = engine.equal("id", paper_id)
    query = engine.all_of([words, *limits.needed], without=[itself, *limits.without])
    return {id_of(order): score for score, order in engine.best(query, MOST_SIMILAR)[1]}


_MOST_TYPED_WORDS = 32
"""Words of what is typed that are read: more would be phrases that no title has."""
_SAME_TITLE = 25
"""Papers with one title that are found: as many as a list of choices holds."""
_MOST_CONTINUING = 10
"""Completions, the most frequent ones, that are searched as phrases with the typed words.

Of the titles of SciTLDR that are begun, 3, 10 and 30 suggest 92.5 %.
"""
_ENOUGH, _TYPED_OUT = 5, 2
"""Titles with all the words, and words that are typed out before a begun one where a title goes on so, from
which on papers that have the words elsewhere are not looked for: of 1,500 titles that were begun as many are
suggested, in half of the time at p99."""
_MOST_TITLES = 100_000
"""Titles with one of the words that a begun word alone may be, of which the best are found: at three million
papers a letter begins words of two million titles."""
_SHORTEST = 3
"""Letters of a begun word that is also searched as a whole word; at 1, .2 % fewer titles are suggested."""


def papers_titled(snapshot: Snapshot, title: str) -> list[int]:
    """The papers with exactly this title, its words alone compared; newest first."""
    key = title_key(plain(title))
    return _newest(snapshot, snapshot.engine.equal("title_key", key), _SAME_TITLE) if key else []


def suggested_papers(snapshot: Snapshot, typed: str, limit: int) -> list[int]:
    """Papers for a title of which the beginnings of some words have been typed, the last word begun.

    Titles that go on as typed come first, then titles with all the words; where these are few, papers
    that match the words anywhere. Nothing typed suggests the newest papers.
    """
    words = plain_words(typed)[:_MOST_TYPED_WORDS]
    if not words:
        papers = snapshot.engine.equal("kind", "paper")
        return snapshot.cached(("newest", limit), lambda: _newest(snapshot, papers, limit))
    *whole, begun = words
    endings = snapshot.completions(begun) if whole else _rarest(snapshot, begun)
    found: dict[int, None] = {}
    if endings:
        found.update(dict.fromkeys(_best(snapshot, _continuing(snapshot, whole, endings), limit)))
    goes_on = bool(found) and len(whole) >= _TYPED_OUT
    if endings and len(found) < limit:
        found.update(dict.fromkeys(_best(snapshot, _having(snapshot, whole, begun, endings), limit)))
    if len(found) < min(limit, _ENOUGH) and not goes_on:
        asked = " ".join(whole) if whole and len(begun) < _SHORTEST else typed
        others = Retriever(snapshot, parse_query(asked, snapshot.field_codes)).find(Sort.RELEVANCE)
        found.update(dict.fromkeys(others.all))
    return list(found)[:limit]


def _rarest(snapshot: Snapshot, begun: str) -> Sequence[str]:
    """The words that a begun word alone may be; of a large corpus the rarer ones, which rank first anyhow."""
    kept: list[str] = []
    papers = 0
    for word in reversed(snapshot.completions(begun)):
        papers += snapshot.frequency("title_words", word)
        if papers <= _MOST_TITLES or not kept or (word == begun and len(begun) >= _SHORTEST):
            kept.append(word)
    return kept


def _continuing(snapshot: Snapshot, whole: Sequence[str], endings: Sequence[str]) -> Query:
    engine = snapshot.engine
    if not whole:
        return engine.any_of(engine.term("title_words", ending) for ending in endings)
    return engine.any_of(
        engine.phrase("title_words", [*whole, ending]) for ending in endings[:_MOST_CONTINUING]
    )


def _having(snapshot: Snapshot, whole: Sequence[str], begun: str, endings: Sequence[str]) -> Query:
    engine = snapshot.engine
    last = engine.any_of(engine.term("title_words", ending) for ending in endings)
    exactly = engine.term("title_words", begun)
    return engine.all_of([*(_titled(snapshot, word) for word in whole), last], [exactly])


def _titled(snapshot: Snapshot, word: str) -> Query:
    scoring = IndexedTerm.of(snapshot, Term((word,), word, 0)).scoring
    engine = snapshot.engine
    return engine.any_of(
        engine.weighted(engine.term("title", scored.stem), scored.factor) for scored in scoring
    )


def _best(snapshot: Snapshot, query: Query, limit: int) -> list[int]:
    return [id_of(order) for _, order in snapshot.engine.best(query, limit)[1]]


def _newest(snapshot: Snapshot, query: Query, limit: int) -> list[int]:
    return list(map(id_of, snapshot.engine.newest(query, limit)[1]))


def did_you_mean(snapshot: Snapshot, query: ParsedQuery) -> str | None:
    """The query with the unknown words of its phrases as papers spell them; None where that finds nothing.

    Words outside of phrases are corrected by the search itself.
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
        text
        if Retriever(snapshot, parse_query(text, snapshot.field_codes)).count(MatchKind.CORRECTION)
        else None
    )


def _corrected(snapshot: Snapshot, term: Term) -> str | None:
    words: list[str] = []
    for word in term.words:
        found = [] if papers_with(snapshot, word) else corrections(snapshot, word)
        words.append(found[0].word if found else word)
    return " ".join(words) if tuple(words) != term.words else None
