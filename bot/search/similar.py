"""Papers that resemble a paper, by the weight of the words they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tantivy import Occur, Query

from bot.search.filters import Filter, filter_clauses
from bot.search.schema import id_of
from bot.search.snapshot import Snapshot
from bot.search.terms import any_of
from bot.text.folding import is_stop_word, plain_words, stem

MOST_SIMILAR = 50

_MOST_WORDS = 25
_FIELDS = {"text": 1.0, "title": 0.5}
_TITLE_COUNTS = 3
"""A word of the title tells as much as one that stands so often in the abstract."""


def similar_papers(
    snapshot: Snapshot, paper_id: int, title: str, abstract: str, filters: Iterable[Filter] = ()
) -> list[int]:
    """The papers, most similar first, that share the most telling words with one, itself left out."""
    counts = Counter(plain_words(abstract))
    for word in plain_words(title):
        counts[word] += _TITLE_COUNTS
    stems: Counter[str] = Counter()
    for word, count in counts.items():
        if len(word) > 1 and not is_stop_word(word):
            stems[stem(word)] += count
    papers = snapshot.searcher.num_docs
    weights: dict[str, float] = {}
    for form, count in stems.items():
        frequency = snapshot.frequency("text", form)
        # What no other paper has tells nothing of others, nor does what most have.
        if 1 < frequency <= papers // 2 + 1:
            weights[form] = snapshot.rarity(frequency) * count / (count + 1)
    telling = sorted(weights, key=lambda form: (-weights[form], form))[:_MOST_WORDS]
    schema = snapshot.schema
    words = any_of(
        Query.boost_query(snapshot.term(field, form), share * stems[form] / (stems[form] + 1))
        for form in telling
        for field, share in _FIELDS.items()
    )
    limits = [
        (occur, Query.const_score_query(query, 0.0) if occur is Occur.Must else query)
        for occur, query in filter_clauses(snapshot, filters)
    ]
    itself = (Occur.MustNot, Query.term_query(schema, "id", paper_id))
    query = Query.boolean_query([(Occur.Must, words), itself, *limits])
    hits = snapshot.searcher.search(query, limit=MOST_SIMILAR, count=False).hits
    return [id_of(order) for _, order in snapshot.ranked(hits)]
