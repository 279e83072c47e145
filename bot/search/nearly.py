"""The paper whose title was typed but for a word or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tantivy import Query

from bot.search.clauses import Clauses, any_of, words_in
from bot.search.reranking import Texts
from bot.search.schema import id_of
from bot.search.snapshot import Snapshot
from bot.text.folding import is_stop_word, plain_words, stem

_FEWEST, _MOST = 4, 10
"""Words of a title, besides such as "the"; among many words one that is wrong weighs little anyway."""
_WRONG = 0.26
"""The share of the words that may be wrong."""
_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class NearlyTitled:
    """A paper, by its value of the field `order`, and the words of its title that were typed otherwise."""

    order: int
    instead: tuple[str, ...]


def may_be_title(clauses: Clauses) -> bool:
    """Whether so many words may be a title of which one is wrong."""
    return _FEWEST <= len(clauses) <= _MOST and all(len(terms) == 1 for terms in clauses)


def nearly_titled(
    snapshot: Snapshot, clauses: Clauses, first: Sequence[int], within: Callable[[Query], Query], texts: Texts
) -> NearlyTitled | None:
    """The paper whose title nearly was typed, within the limits of the query.

    None too where one of the `first` papers that the words find has all of them in its title.
    """
    typed = Counter(form for [term] in clauses for form in term.likeliest.stems)
    ours = _titles(first, texts)
    if any(not typed - Counter(map(stem, title)) for title in ours.values()):
        return None
    query = any_of(words_in(snapshot, "title", clauses))
    hits = snapshot.searcher.search(within(query), limit=_CANDIDATES, count=False).hits
    orders = [order for _, order in snapshot.ranked(hits)]
    titles = ours | _titles([order for order in orders if order not in ours], texts)
    for order in orders:
        forms = Counter(map(stem, titles[order]))
        most = max(typed.total(), forms.total())
        if most - (typed & forms).total() <= _WRONG * most:
            return NearlyTitled(order, tuple(word for word in titles[order] if stem(word) not in typed))
    return None


def _titles(orders: Sequence[int], texts: Texts) -> dict[int, list[str]]:
    """The words of titles, without such as "the"."""
    found = texts([id_of(order) for order in orders])
    titles = {order: found[id_of(order)][0] if id_of(order) in found else "" for order in orders}
    return {
        order: [word for word in plain_words(title) if not is_stop_word(word)]
        for order, title in titles.items()
    }
