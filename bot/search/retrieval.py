"""Which papers match a query, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from operator import itemgetter

from bot.search.engine import Query
from bot.search.fields import id_of
from bot.search.filters import filter_query, limits_of
from bot.search.initials import with_initials
from bot.search.query import DateFilter, ParsedQuery, Role, Sort, words_alone, year_of
from bot.search.reranking import (
    IndexedClauses,
    Reranker,
    Texts,
    clauses_present,
    letter_pairs,
    name_pairs,
    remembered,
)
from bot.search.snapshot import Snapshot
from bot.search.terms import (
    Clauses,
    IndexedTerm,
    are_words,
    indexed,
    informative_terms,
    separate_unmatched,
    stop_words_of,
    weight_of,
    words_in,
)
from bot.search.titles import title_within
from bot.search.variants import MatchKind
from bot.search.venues import with_venues
from bot.text.folding import plain_words, stem, without_stop_words

MOST_PAPERS = 200
"""An answer holds no more; its count does."""

KIND_STEP = 1e6
"""Is subtracted from the score for each match kind below exact; larger than any score."""


@dataclass(slots=True)
class Retrieved:
    """Papers in groups, which stand in this order whatever the ranking; each group is ranked by it.

    A paper with all words, some of them corrected, is likelier meant than one that lacks words altogether,
    so that it comes before those that lack words. But a word that one or two papers have may be
    typed as it is meant: a paper that has it, and most of the other words, comes before the corrected ones.
    """

    total: int = 0
    """Papers with everything that was asked."""
    complete: list[int] = field(default_factory=list[int])
    corrected_total: int = 0
    """Papers with everything, where likely misspelt words are corrected; not counted in `total`."""
    corrected: list[int] = field(default_factory=list[int])
    nearly: list[int] = field(default_factory=list[int])
    """Papers with most of it, and with a rare word as it was typed that the corrected ones have corrected."""
    partial: list[int] = field(default_factory=list[int])
    """Papers with most of it."""
    scores: Mapping[int, float] = field(default_factory=dict[int, float])
    """Of those with most of it."""
    variants: tuple[str, ...] = ()
    """Spellings and corrections that were searched beside the typed words."""
    by_meaning: Sequence[int] = ()
    """Those of `partial` that have no words of the query, and are near to it in meaning."""

    @property
    def has_everything(self) -> bool:
        """Whether any paper has all the words, as typed or corrected, or nearly."""
        return bool(self.complete or self.corrected or self.nearly)

    @property
    def all(self) -> tuple[int, ...]:
        """The papers of all groups in order."""
        return (*self.complete, *self.nearly, *self.corrected, *self.partial)

    @property
    def room(self) -> int:
        """How many more papers an answer holds beside the complete and the nearly complete ones."""
        return MOST_PAPERS - len(self.complete) - len(self.nearly)

    def put_first(self, first: int) -> None:
        """Move a paper to the first place; it counts as one with everything."""
        self.total += first not in self.complete
        self.corrected_total -= first in self.corrected
        for group in (self.complete, self.nearly, self.corrected, self.partial):
            group[:] = [paper for paper in group if paper != first]
        self.complete.insert(0, first)

    def with_ids(self) -> Retrieved:
        """The same with ids in place of values of the field `order`."""
        complete, corrected, nearly, partial = (
            [id_of(order) for order in group]
            for group in (self.complete, self.corrected, self.nearly, self.partial)
        )
        scores = {id_of(order): score for order, score in self.scores.items()}
        return replace(
            self, complete=complete, corrected=corrected, nearly=nearly, partial=partial, scores=scores
        )


def split_corrected(scored: Iterable[tuple[float, int]]) -> tuple[list[int], list[int]]:
    """Ranked papers without corrected words, and those with them; `KIND_STEP` separates them."""
    complete: list[int] = []
    corrected: list[int] = []
    for score, order in scored:
        (complete if score > (0.5 - MatchKind.CORRECTION) * KIND_STEP else corrected).append(order)
    return complete, corrected


_FEWEST, _MOST = 4, 10
"""Words of a title but stop words: of fewer a wrong one is more than `_WRONG`, among more it weighs little.

With 0 or 8 at least nothing changes but time.
"""
_WRONG = 0.26
"""The share of the words of a title that may be wrong: one in four.

With 0 titles with a wrong word lose .013; twice as much gives SciTLDR .002, and titles that half differ.
"""
_CANDIDATES = 3
"""Papers whose titles are compared with the query; 6 change nothing on SciTLDR."""


@dataclass(frozen=True, slots=True)
class NearlyTitled:
    """A paper, by its value of the field `order`, and the words of its title that were typed otherwise."""

    order: int
    otherwise: tuple[str, ...]


def may_be_title(clauses: Clauses) -> bool:
    """Whether a query of so many words may be a title with a wrong word."""
    return _FEWEST <= len(clauses) <= _MOST and all(len(terms) == 1 for terms in clauses)


def nearly_titled(
    snapshot: Snapshot, clauses: Clauses, first: Sequence[int], within: Callable[[Query], Query], texts: Texts
) -> NearlyTitled | None:
    """The paper whose title nearly was typed, within the limits of the query.

    None too where one of the `first` papers that the words find has all of them in its title.
    """
    typed = Counter(form for [term] in clauses for form in term.likeliest.stems)
    spelt = {
        each.stems[0]: term.likeliest.stems[0]
        for [term] in clauses
        for each in term.variants
        if each.kind is MatchKind.SPELLING and len(each.stems) == len(term.likeliest.stems) == 1
    }

    def form_of(word: str) -> str:
        """A word of a title without its ending, in the spelling that was typed."""
        stemmed = stem(word)
        return spelt.get(stemmed, stemmed) if stemmed not in typed else stemmed

    ours = _titles(first, texts)
    if any(not typed - Counter(map(form_of, title)) for title in ours.values()):
        return None
    query = snapshot.engine.any_of(words_in(snapshot, "title", clauses))
    orders = [order for _, order in snapshot.engine.best(within(query), _CANDIDATES)[1]]
    titles = ours | _titles([order for order in orders if order not in ours], texts)
    for order in orders:
        forms = Counter(map(form_of, titles[order]))
        most = max(typed.total(), forms.total())
        if most - (typed & forms).total() <= _WRONG * most:
            return NearlyTitled(order, tuple(word for word in titles[order] if form_of(word) not in typed))
    return None


def _titles(orders: Sequence[int], texts: Texts) -> dict[int, list[str]]:
    """The words of titles without stop words."""
    found = texts([id_of(order) for order in orders])
    titles = {order: found[id_of(order)][0] if id_of(order) in found else "" for order in orders}
    return {order: without_stop_words(plain_words(title)) for order, title in titles.items()}


_TITLE_WEIGHT, _EXACT_WEIGHT = 0.5, 0.4
"""Of words in a title, and of exact forms, beside words in texts.

SciTLDR (first half) has nDCG@10 .792 with these; .788 with titles at .3 or .7, or exact forms at .2 or .6.
Without titles three words of a title lose .14, without exact forms .03 (tests/benchmarks/constants.py).
"""
_WEIGHTS = {"text": 1.0, "title": _TITLE_WEIGHT, "words": _EXACT_WEIGHT}
_MOST_RERANKED = 32
"""First candidates that are reranked by titles and exact forms: each costs an extra look-up per word.

Twice as many change nDCG@10 by .001 at most; 20 lose .002 of SciTLDR and .007 of halves of sentences.
"""
_MOST_BY_PROXIMITY, _MOST_BY_PROXIMITY_OF_LONG = 12, 4
"""Of these, candidates for the proximity rerank, which reads texts; fewer for long queries.

With 6 for short ones halves of sentences lose .004 and three words gain .003; with none for long ones halves
and last sentences lose .003. 24 and 8 change nothing but time on a sample of some hundred queries.
"""
_FEW = 4
"""Clauses of a short query, whose candidates are all scored by titles too; of longer ones the first are.

With 0 misspelt authors lose .37, an author with a word .10, three words .04; with 8 nothing changes.
"""
_YEAR_WEIGHT = 5.0
"""Of a date, times the weight of the year as a word: papers of that year come before ones that name it.

A year in title and text counts up to (k1 + 1) times the weights of text, title and exact form, which is 4.2;
at 2, "Vaswani et al. 2017" finds a later paper first that names both (tests/papers/forms/names.txt).
"""
_DATE_WEIGHT = 1.0
"""The same where no word may be a name: papers that name the year come before those of that year.

Without it three words of a title with the paper's year lose .008 of nDCG@10 (of 100), at .5 nothing changes;
at 2 two words of a title with a year that stands in it lose .010 (of 60), at 5 .021.
"""
_MANY = 16
"""Clauses of a query in which stop words still rank; in a longer one they are chatter.

Ranking in all queries they cost long questions .02 of nDCG@10; in none, halves of sentences lose .007.
"""
_MOST_MENTIONS = 600_000
"""Postings that the clauses finding candidates may have together: bounds the time in a large corpus.

With only the `_FEW` heaviest SciTLDR loses .041; twice as many change nothing at 75,000 papers.
"""


class Retriever:
    """Finds and ranks the papers that match a query in one commit of the index."""

    def __init__(self, snapshot: Snapshot, query: ParsedQuery, texts: Texts | None = None) -> None:
        """Without `texts` there is no proximity rerank."""
        self._snapshot = snapshot
        self._engine = snapshot.engine
        self._query = query
        self._texts = remembered(texts) if texts is not None else None
        clauses = separate_unmatched(snapshot, query.clauses)
        kept = set(map(id, clauses))
        self._separated = [
            " ".join(clause.terms[0].words) for clause in query.clauses if id(clause) not in kept
        ]
        self._alone = words_alone(clauses)
        self._typed = self._cited(with_venues(snapshot, clauses, indexed(snapshot, clauses)))
        self.clauses = informative_terms(self._typed)
        self._stop_words = stop_words_of(snapshot, self._typed) if len(self.clauses) <= _MANY else []
        self._heaviest = sorted(self.clauses, key=weight_of, reverse=True)
        self._is_short = len(self.clauses) <= _FEW
        self._names = name_pairs(snapshot, self._typed)
        self._sides = letter_pairs(snapshot, self._typed) if self._is_short else []
        self._is_corrected = any(term.is_corrected for terms in self.clauses for term in terms)
        self._limits = limits_of(snapshot, query, needs_any=not self.clauses)

    def _cited(self, typed: list[list[IndexedTerm]]) -> list[list[IndexedTerm]]:
        """The clauses, where a year among words is also the date of papers, and initials are of names."""
        if not any(term.is_name for terms in typed for term in terms):
            return [[self._dated(term, _DATE_WEIGHT) for term in terms] for terms in typed]
        known = with_initials(self._snapshot, typed)
        return [[self._as_cited(term) for term in terms] for terms in known]

    def _as_cited(self, term: IndexedTerm) -> IndexedTerm:
        if term.role is Role.INITIAL and term.scoring:
            return term.as_uninformative()
        return self._dated(term, _YEAR_WEIGHT)

    def _dated(self, term: IndexedTerm, weight: float) -> IndexedTerm:
        year = year_of(term.words)
        if year is None or term.words in self._alone:
            return term
        dated = filter_query(self._snapshot, DateFilter(year, year))
        return term.or_found_by(self._engine.constant(dated, weight * term.weight))

    @property
    def is_of_names(self) -> bool:
        """Whether a short query has a word that may be a name or misspelt, which has no meaning by itself."""
        terms = self._terms() if self._is_short else ()
        return any(term.is_name or term.is_corrected or not term.frequency for term in terms)

    def _terms(self) -> Iterator[IndexedTerm]:
        return (term for terms in self.clauses for term in terms)

    def _respelt(self, found: Retrieved) -> Iterator[str]:
        """The other spellings by which papers with all words were found."""
        respelt = [each for term in self._terms() for each in term.respelt()] if found.complete else []
        if not respelt:
            return
        if found.total == len(found.complete) <= _MOST_RERANKED:
            flagged = self._engine.found_by(found.complete, [query for _, query in respelt])
            there = set(chain.from_iterable(flagged.values()))
        else:
            having = self._having()
            there = {
                place
                for place, (_, query) in enumerate(respelt)
                if self._engine.finds(self._engine.all_of([having, query]), found.complete)
            }
        for place in sorted(there):
            yield from respelt[place][0].changed

    def find(self, sort: Sort) -> Retrieved:
        """The first `MOST_PAPERS` papers in order, and how many have everything."""
        if self._query.is_empty:
            return Retrieved()
        found = self._whole(sort)
        self._add_incomplete(found, sort)
        variants = [*self._respelt(found), *(word for term in self._terms() for word in term.corrected_words)]
        total = found.total + found.corrected_total
        first = [*[*found.complete, *found.corrected][:1], *found.partial[:1]]
        is_ranked = sort is Sort.RELEVANCE and total <= MOST_PAPERS
        near = self._nearly_titled(first) if is_ranked else None
        if sort is Sort.RELEVANCE and not found.complete and (titled := self._titled_within()) is not None:
            found.put_first(titled)
        elif near is not None:
            found.put_first(near.order)
            variants += near.otherwise
        found.variants = tuple(dict.fromkeys((*(self._separated if total else ()), *variants)))
        return found.with_ids()

    def _add_incomplete(self, found: Retrieved, sort: Sort) -> None:
        """Add the papers that lack words to those with everything, as far as there is room."""
        may_lack_some = len(self.clauses) > 1
        if may_lack_some and found.corrected and found.room:
            found.nearly = [order for _, order in self._nearly(sort, found.complete)][: found.room]
        found.corrected = found.corrected[: found.room]
        known = set(found.all)
        if may_lack_some and (room := MOST_PAPERS - len(known)):
            found.scores = {order: score for score, order in self._partial(sort, known)[:room]}
            found.partial = list(found.scores)

    def _whole(self, sort: Sort) -> Retrieved:
        """The first papers with everything."""
        if sort is Sort.RELEVANCE and self.clauses:
            return self._most_relevant()
        exactly = self._having(MatchKind.SPELLING)
        whole = Retrieved(*self._sorted(exactly, sort))
        if self._is_corrected:
            others = self._engine.all_of([self._having(MatchKind.CORRECTION)], without=[exactly])
            whole.corrected_total, whole.corrected = self._sorted(others, sort)
        return whole

    def _sorted(self, query: Query, sort: Sort) -> tuple[int, list[int]]:
        """The count, and the first papers by date, or by score and date."""
        if sort is Sort.SCORE:
            return self._engine.count(query), self._engine.highest(query, MOST_PAPERS)
        return self._engine.newest(query, MOST_PAPERS, count=True)

    def _nearly_titled(self, first: Sequence[int]) -> NearlyTitled | None:
        if self._texts is None or not may_be_title(self.clauses):
            return None
        return nearly_titled(self._snapshot, self.clauses, first, self._limited, self._texts)

    def _titled_within(self) -> int | None:
        if len(self.clauses) < 2:
            return None
        return title_within(self._snapshot, self._query.text, self._limited)

    def _limited(self, query: Query) -> Query:
        if not self._limits:
            return query
        return self._engine.all_of([query, *self._limits.needed], without=self._limits.without)

    def every(self, sort: Sort) -> list[int]:
        """All papers with everything, nothing corrected, by id: the newest first, or the highest score."""
        exactly = self._having(MatchKind.SPELLING)
        most = max(self._engine.count(exactly), 1)
        is_by_score = sort is Sort.SCORE
        orders = self._engine.highest(exactly, most) if is_by_score else self._engine.newest(exactly, most)[1]
        return [id_of(order) for order in orders]

    def among(self, ids: Iterable[int]) -> list[int]:
        """Those of these papers that are within the limits of the query, by id."""
        engine = self._engine
        wanted = [engine.equal("id", each) for each in ids]
        _, found = engine.best(self._limited(engine.constant(engine.any_of(wanted), 0.0)), len(wanted) or 1)
        return [id_of(order) for _, order in found]

    def count(self, kind: MatchKind = MatchKind.SPELLING) -> int:
        """How many papers have everything, by variants up to this kind."""
        if len(self.clauses) == 1 and not self._limits and len(self.clauses[0]) == 1:
            [[term]] = self.clauses
            is_alone = len(term.variants) == 1 and len(term.words) == 1 and term.is_word
            if is_alone and self._snapshot.is_whole:
                # Document frequencies answer this; papers with the word in both, text and names, count once.
                texts = self._snapshot.frequency("text", term.variants[0].stems[0])
                names = self._snapshot.frequency("authors", term.words[0])
                both = self._engine.all_of(term.containing()) if texts and names else None
                return texts + names - (self._engine.count(both) if both is not None else 0)
        return self._engine.count(self._having(kind))

    def _most_relevant(self) -> Retrieved:
        """Papers with everything by relevance: exact, then with other spellings, then with corrections."""
        kinds = {variant.kind for terms in self.clauses for term in terms for variant in term.variants}
        few = None if self._is_short else self._few_with_everything()
        if few is not None:
            complete, corrected = split_corrected(self._proximity_reranked(few))
            return Retrieved(len(complete), complete, len(corrected), corrected)
        found: dict[int, float] = {}
        total = with_corrected = 0
        last = max(kinds - {MatchKind.CORRECTION})
        for kind in sorted(kinds):
            if len(found) < MOST_PAPERS:
                count, scored = self._with_everything(kind, count=kind >= last)
                found.update(
                    {order: score - kind * KIND_STEP for score, order in scored if order not in found}
                )
            else:
                count = self.count(kind) if kind >= last else 0
            total, with_corrected = (total if kind is MatchKind.CORRECTION else count), count
        ranked = self._proximity_reranked(self._reranked([(score, order) for order, score in found.items()]))
        complete, corrected = split_corrected(ranked[:MOST_PAPERS])
        return Retrieved(total, complete, with_corrected - total, corrected)

    def _few_with_everything(self) -> list[tuple[float, int]] | None:
        """The papers with all clauses of a long query, with scores; None where they may be many."""
        words = [terms for terms in self._heaviest if are_words(terms)]
        for clauses in (words[:_FEW], words):
            count, scored = self._engine.best(self._having(clauses=clauses), _MOST_RERANKED, count=True)
            if count <= _MOST_RERANKED:
                return self._with_clauses([order for _, order in scored])
        return None

    def _with_clauses(self, orders: list[int]) -> list[tuple[float, int]]:
        """Those of a few papers that have all clauses of a long query, with scores."""
        there = clauses_present(self._snapshot, orders, self.clauses)
        found = [
            (-max(kinds.values()) * KIND_STEP, order)
            for order, kinds in there.items()
            if len(kinds) == len(self.clauses)
        ]
        if len(found) < 2:
            return found
        names = [query for terms in self._heaviest for term in terms for query in term.in_names()]
        return self._reranked(found, [*words_in(self._snapshot, "text", self._heaviest), *names])

    def _with_everything(self, kind: MatchKind, *, count: bool = True) -> tuple[int, list[tuple[float, int]]]:
        """The count of the papers with all clauses, and the best of them with their scores."""
        clauses = self.clauses
        if not all(any(term.containing(kind) for term in terms) for terms in clauses):
            return 0, []
        more = self._besides(clauses, kind)
        stop_words = self._ranking_stop_words("text", "title") if self._is_short else []
        if len(clauses) > 1 or self._limits or stop_words or not are_words(clauses[0]):
            query = self._having(kind, [*more, *stop_words])
            return self._engine.best(query, MOST_PAPERS, count=count)
        # Any word will do here, so that Tantivy passes over papers that cannot be among the best.
        names = [query for term in clauses[0] for query in term.in_names(kind)]
        words = words_in(self._snapshot, "text", clauses, kind)
        total = self.count(kind) if count else 0
        return total, self._engine.best(self._engine.any_of([*words, *more, *names]), MOST_PAPERS)[1]

    def _besides(self, clauses: Clauses, kind: MatchKind = MatchKind.CORRECTION) -> list[Query]:
        """What a short query is scored by beside texts: titles, and neighbours in names or beside letters."""
        if not self._is_short:
            return []
        people = [self._engine.constant(query, weight) for query, weight in self._names]
        return [*self._titles(clauses, kind), *people, *self._sides]

    def _ranking_stop_words(self, *fields: str) -> list[Query]:
        """What stop words add to the ranking of a query that is not long."""
        snapshot = self._snapshot
        return [
            query
            for field in fields
            for query in words_in(snapshot, field, self._stop_words, weight=_WEIGHTS[field])
        ]

    def _titles(self, clauses: Clauses, kind: MatchKind = MatchKind.CORRECTION) -> list[Query]:
        return words_in(self._snapshot, "title", clauses, kind, _TITLE_WEIGHT)

    def _having(
        self,
        kind: MatchKind = MatchKind.CORRECTION,
        scoring: Iterable[Query] = (),
        clauses: IndexedClauses | None = None,
    ) -> Query:
        """The query for papers with all clauses and within the limits."""
        containing = (
            self._engine.any_of([query for term in terms for query in term.containing(kind)])
            for terms in (self.clauses if clauses is None else clauses)
        )
        return self._engine.all_of([*self._limits.needed, *containing], scoring, without=self._limits.without)

    def _nearly(self, sort: Sort, complete: Collection[int]) -> list[tuple[float, int]]:
        """Papers with all words but one as typed, among them a rare word that has corrections."""
        rare = [terms for terms in self.clauses if any(term.is_rare for term in terms)]
        if not (rare and self._is_short):
            return []
        but_one = [
            self._having(
                MatchKind.SPELLING, clauses=[terms for terms in self.clauses if terms is not lacking]
            )
            for lacking in self.clauses
            if any(terms is not lacking for terms in rare)
        ]
        others = self._engine.all_of(
            [self._engine.any_of(but_one)], without=[self._having(MatchKind.CORRECTION)]
        )
        return self._partial(sort, complete, others)

    def _partial(
        self, sort: Sort, known: Collection[int], among: Query | None = None
    ) -> list[tuple[float, int]]:
        """The best papers, with their scores, beside the known ones that lack some clause."""
        clauses = self._heaviest
        candidate_clauses = self._candidate_clauses()
        words = words_in(self._snapshot, "text", clauses[:candidate_clauses])
        more = self._besides(clauses)
        names = (query for terms in clauses for term in terms if term.is_name for query in term.in_names())
        long_forms = (query for terms in clauses for term in terms for query in term.abbreviated())
        query = self._engine.any_of([*words, *more, *names, *long_forms])
        if self._is_short:
            stop_words = self._ranking_stop_words("text", "title")
            query = self._engine.all_of([query], stop_words)
        if among is not None:
            query = self._engine.all_of([query, self._engine.constant(among, 0.0)])
        _, scored = self._engine.best(self._limited(query), MOST_PAPERS)
        rest = words_in(self._snapshot, "text", clauses[candidate_clauses:])
        scored = self._reranked([(score, order) for score, order in scored if order not in known], rest)
        if self._is_short:
            scored = self._by_weight(scored)
        scored = self._proximity_reranked(scored)
        return sorted(scored, key=itemgetter(1), reverse=True) if sort is Sort.NEWEST else scored

    def _by_weight(self, scored: list[tuple[float, int]]) -> list[tuple[float, int]]:
        """The first candidates for a short query by the weight of the clauses that they have as well."""
        first, rest = scored[:_MOST_RERANKED], scored[_MOST_RERANKED:]
        there = clauses_present(self._snapshot, [order for _, order in first], self._heaviest)
        has = {
            order: sum([weight_of(self._heaviest[place], kind) for place, kind in kinds.items()])
            for order, kinds in there.items()
        }
        return sorted(((score + has[order], order) for score, order in first), reverse=True) + rest

    def _proximity_reranked(self, scored: list[tuple[float, int]]) -> list[tuple[float, int]]:
        """The first candidates reranked by words side by side."""
        if self._texts is None or len(scored) < 2 or len(self._typed) < 2:
            return scored
        most = _MOST_BY_PROXIMITY if self._is_short else _MOST_BY_PROXIMITY_OF_LONG
        first, rest = scored[:most], scored[most:]
        names = [] if self._is_short else self._names
        gains = Reranker(self._snapshot, self._typed, names).gains([order for _, order in first], self._texts)
        return sorted(((score + gains[order], order) for score, order in first), reverse=True) + rest

    def _reranked(
        self, scored: list[tuple[float, int]], others: Sequence[Query] = ()
    ) -> list[tuple[float, int]]:
        """The first candidates reranked by exact forms, and by titles where these were not scored yet."""
        if len(scored) < 2:
            return scored
        snapshot, clauses = self._snapshot, self._heaviest
        first, rest = scored[:_MOST_RERANKED], scored[_MOST_RERANKED:]
        titles = [] if self._is_short else self._titles(clauses)
        exactly = words_in(snapshot, "words", clauses, weight=_EXACT_WEIGHT)
        exactly += self._ranking_stop_words(*(("words",) if self._is_short else _WEIGHTS))
        gains = self._engine.scores([order for _, order in first], (*others, *titles, *exactly))
        first = sorted(((score + gains.get(order, 0.0), order) for score, order in first), reverse=True)
        return [*first, *rest]

    def _candidate_clauses(self) -> int:
        """How many of the heaviest clauses find candidates."""
        mentions = accumulate(sum(term.frequency for term in terms) for terms in self._heaviest)
        return max(_FEW, sum(1 for so_far in mentions if so_far <= _MOST_MENTIONS))
