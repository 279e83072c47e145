"""Whole queries in few requests: they are run with guesses, all that they wanted to know is asked at once.

Ranking asks one small thing after the other, and what it asks next depends on the answers. A run goes on with
a guess where an answer is not known yet; other runs guess otherwise, so that what may follow is asked in the
same request. The run that needed no guess counts. Words come first: without their frequencies, no question
about papers is the right one. So a query takes two requests: one for words, one for papers.

The first run that finds papers by guess is given papers that are none. What it wants to know of them, such as
how titles score them, is asked of the papers of that answer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from threading import Lock
from typing import Any, TypeVar

from bot.search import patience
from bot.search.engine import Engine, Query, Scored
from bot.search.making import Making
from bot.search.opensearch.engine import Answers, OpenSearchEngine
from bot.search.opensearch.queries import Dsl
from bot.search.opensearch.questions import (
    Asides,
    Count,
    Flags,
    Hits,
    Listed,
    Question,
    Terms,
    key_of,
    shape_of,
)
from bot.search.snapshot import Snapshot, Vocabularies, fewest_papers
from bot.text.folding import stem_analyzer

Made = TypeVar("Made")

_MOST_ROUNDS = 6
"""After so many requests the rest is asked one by one."""
_ROUNDS_OF_WORDS = 2
"""Requests in which words are asked for. What is a matter of words after these, such as whether pieces of a
misspelt word stand side by side that hardly any paper has, is taken as not there."""
_NO_PAPERS = 1 << 61
"""From here on are values of `order` of papers that are none."""
_MANY_QUESTIONS = 1_000
"""With more it is not guessed otherwise, too: nobody types so many words."""
_SHORTEST_RARE = 4
"""Letters: long words have too many shorter pieces, of which hardly one is a word."""
_FEW_PAPERS = 5_000
"""The words of so many are listed at once."""
_GROWTH = 20
_AT_ONCE = 1_000
"""Words that are stemmed at once."""


@dataclass(frozen=True, slots=True)
class Guess:
    """How a run goes on where an answer is not known."""

    papers: int
    """How many papers a question finds; so many of them come, as far as asked for."""
    rare_word: int = 0
    """How many papers have a word in their texts that few have."""
    rare_name: int = 0
    """How many have it in a name."""
    phrase: int = 0
    """How many have words side by side that were not typed so."""
    first_many: int = 0
    """How many of the first questions about papers find many of them."""


_FEW, _MANY = 2, 1_000_000
_FIRST = (Guess(0), Guess(_FEW, 1, 1, 1), Guess(_MANY, 0, 1, _MANY), Guess(_FEW, 1, 0))
"""How it is guessed until words are known; what depends on words then differs."""
_LATER = (Guess(0), Guess(_FEW), Guess(_MANY), Guess(_FEW, first_many=1), Guess(_FEW, first_many=2))
"""How it is guessed then."""
_UNSURE = (Guess(_FEW, 1, 1), Guess(_MANY, 1, 1))
"""How, too, where some words are still not known."""


class Likely:
    """Guesses how many papers have a word or stem; of rare ones it knows nothing."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._of_field: dict[str, Mapping[str, int]] = {}
        self._abbreviations: Listed = []
        if engine is not None:
            # As rare as words of the vocabulary may be, out of which misspelt ones are corrected.
            least = fewest_papers(engine)
            words, names = (dict(engine.terms(field, least=least)) for field in ("words", "authors"))
            stems = _stems_of(words)
            self._of_field = {"words": words, "authors": names, "text": stems, "title": stems}
            self._of_field["title_words"] = words
            self._abbreviations = sorted(engine.terms("abbreviations", least=least))

    def frequency(self, field: str, term: str) -> int | None:
        """How many papers probably have it; None where nothing is known of it."""
        return self._of_field.get(field, {}).get(term)

    def abbreviations(self, begun: str) -> Listed:
        """The definitions of abbreviations that begin so, with their frequencies: these are not asked for."""
        start = bisect_left(self._abbreviations, (begun, 0))
        return [*takewhile(lambda each: each[0].startswith(begun), islice(self._abbreviations, start, None))]


def _stems_of(words: Mapping[str, int]) -> dict[str, int]:
    """The stems of words, each with the number of the most frequent one."""
    analyzer, every = stem_analyzer(), sorted(words, key=words.__getitem__)
    found: dict[str, int] = {}
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        stems = analyzer.analyze(" ".join(some))
        if len(stems) == len(some):
            found.update(zip(stems, [words[word] for word in some], strict=True))
    return found


class Lists:
    """What guesses frequencies, as it was made last: of older papers it does as well."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._likely = Likely()
        self._papers = 0
        self._making = Making("lists")

    def of(self, engine: OpenSearchEngine) -> Likely:
        """What guesses now; where there are a twentieth more papers, another one is made meanwhile."""
        with patience.held(self._lock):
            has_changed = abs(engine.papers - self._papers) * _GROWTH > engine.papers
            if has_changed and not (engine.is_incomplete and self._papers):
                # Whoever asks waits for the first one of a few papers alone.
                if engine.papers <= _FEW_PAPERS and not self._papers:
                    self._make(engine)
                else:
                    self._making.begin(partial(self._make, engine))
            return self._likely

    def _make(self, engine: OpenSearchEngine) -> None:
        self._likely = Likely(engine)
        self._papers = engine.papers


class _Guessing(OpenSearchEngine):
    """Answers what is known, and guesses the rest."""

    def __init__(
        self,
        engine: OpenSearchEngine,
        answers: Answers,
        guess: Guess,
        likely: Likely,
        *,
        are_words_known: bool = False,
    ) -> None:
        self.__dict__.update(engine.__dict__)
        self._are_words_known = are_words_known
        self._engine = engine
        self._answers = answers
        self._guess = guess
        self._likely = likely
        self._seen: dict[tuple[str, str], int] = {}
        """Frequencies that were guessed."""
        self._made: dict[int, Hits] = {}
        """Papers that are none, and the question in whose answer they stand."""
        self._many = self._of_many = 0
        """Questions that were guessed to find many, and how many papers they made."""
        self.is_final = False
        """Whether what is not known is asked at once."""
        self.guesses = 0
        self.assumed = 0
        """Words that were not asked for any more, and count as rare ones that no paper has."""
        self.wanted: dict[bytes, tuple[Question, Asides]] = {}

    def _answer(self, question: Question) -> Any:
        known = self._answers.known.get(question.key)
        if known is not None:
            return known
        if self.is_final:
            return super()._answer(question)
        if not (question.is_of_terms and self._are_words_known):
            self.guesses += 1
            self.wanted.setdefault(question.key, (question, Asides()))
        else:
            self.assumed += 1
        return self._guessed(question)

    def search(self, body: Dsl) -> Dsl:
        return self._engine.search(body)

    def _guessed(self, question: Question) -> Any:
        if isinstance(question, Flags):
            return {}
        if isinstance(question, Hits):
            return self._papers(question)
        if isinstance(question, Terms):
            return []
        return self._guess.phrase if question.is_of_terms else self._guess.papers

    def _papers(self, question: Hits) -> tuple[int, Scored]:
        papers, first = self._guess.papers, _NO_PAPERS + len(self._made)
        is_many = self._many < self._guess.first_many
        if is_many:
            papers = _MANY
        orders = range(first, first + min(papers, question.limit))
        self._made.update(dict.fromkeys(orders, question))
        if is_many:
            self._many += 1
            self._of_many += len(orders)
        # Questions that find few find them beside those of the questions before.
        return max(papers, len(self._made) - self._of_many), [(1.0, order) for order in reversed(orders)]

    def _asides(self, orders: Sequence[int]) -> list[Asides]:
        """What is asked beside the answers in which some of these papers stand."""
        questions = {question.key: question for order in orders if (question := self._made.get(order))}
        return [self.wanted[key][1] for key in questions]

    def frequency(self, field: str, term: str) -> int:
        known = self._frequencies.get((field, term))
        if known is not None:
            return known
        seen = self._seen.get((field, term))
        if seen is not None:
            self.guesses += not self._are_words_known
            self.assumed += self._are_words_known
            return seen
        question = Count.of(self.term(field, term))
        found = self._answer(question)
        if question.key in self._answers.known or self.is_final:
            self._frequencies[field, term] = found
            return found
        seen = self._seen[field, term] = self._guessed_frequency(field, term)
        return seen

    def _guessed_frequency(self, field: str, term: str) -> int:
        likely = self._likely.frequency(field, term)
        if likely is not None or len(term) < _SHORTEST_RARE:
            return likely or 0
        return self._guess.rare_name if field in {"authors", "author_key"} else self._guess.rare_word

    def terms(self, field: str, begun: str = "", limit: int | None = None, least: int = 1) -> Listed:
        if field == "abbreviations":
            return self._likely.abbreviations(begun)
        if limit is None:
            return self._engine.terms(field, begun, limit, least)
        return super().terms(field, begun, limit, least)

    def scores(self, orders: Sequence[int], queries: Iterable[Query]) -> dict[int, float]:
        wanted = list(queries)
        if not (orders and wanted):
            return dict.fromkeys(orders, 0.0)
        key = key_of(wanted)
        known = self._answers.gains.get(key, {})
        if all(order in known for order in orders):
            return {order: known[order] for order in orders}
        asides = self._asides(orders)
        if not asides:
            return super().scores(orders, wanted)
        self.guesses += 1
        for each in asides:
            each.gains[key] = wanted
        return dict.fromkeys(orders, 0.0)

    def found_by(self, orders: Sequence[int], queries: Sequence[Query]) -> dict[int, list[int]]:
        keys = list(map(shape_of, queries))
        flags = [self._answers.flags.get(key, {}) for key in keys]
        if all(order in of_query for of_query in flags for order in orders):
            return {
                order: [place for place, of_query in enumerate(flags) if of_query[order]] for order in orders
            }
        asides = self._asides(orders)
        if not asides:
            return super().found_by(orders, queries)
        self.guesses += 1
        for each in asides:
            each.flags.update(zip(keys, queries, strict=True))
        return {order: [*range(len(queries))] for order in orders}


class ClusterSnapshot(Snapshot):
    """One state of the papers of a cluster, which answers whole queries in few requests."""

    engine: OpenSearchEngine

    def __init__(
        self, engine: OpenSearchEngine, vocabularies: Vocabularies | None = None, lists: Lists | None = None
    ) -> None:
        """Take what is kept of the snapshots before."""
        super().__init__(engine, vocabularies)
        self._lists = lists or Lists()

    def answered(self, work: Callable[[Snapshot], Made]) -> Made:
        """What a function makes of this snapshot; it is called until it needs no guess."""
        with patience.within(patience.QUERY):
            return self._answered(work)

    def _answered(self, work: Callable[[Snapshot], Made]) -> Made:
        answers, likely = Answers(), self._lists.of(self.engine)
        for number in range(_MOST_ROUNDS):
            wanted: dict[bytes, tuple[Question, Asides]] = {}
            for guess in (*_LATER, *_UNSURE) if answers.known else _FIRST:
                if guess in _UNSURE and not any(asked[0].is_of_terms for asked in wanted.values()):
                    break
                known = number >= _ROUNDS_OF_WORDS
                engine = _Guessing(self.engine, answers, guess, likely, are_words_known=known)
                try:
                    made = work(_Asked(self, engine))
                except Exception:
                    # What follows from guesses may be impossible.
                    if not engine.guesses:
                        raise
                else:
                    if not engine.guesses:
                        engine.is_final = True
                        return made
                for key, (question, asides) in engine.wanted.items():
                    wanted.setdefault(key, (question, Asides()))[1].add(asides)
                if len(wanted) > _MANY_QUESTIONS:
                    break
            words = [asked for asked in wanted.values() if asked[0].is_of_terms]
            # Before words are known, most questions about papers would be the wrong ones.
            answers.add(self.engine.ask(words if words and not answers.known else wanted.values()))
            self.engine.is_incomplete |= answers.is_incomplete
        engine = _Guessing(self.engine, answers, _LATER[0], likely)
        engine.is_final = True
        return work(_Asked(self, engine))


class _Asked(Snapshot):
    """A snapshot in one run; what was derived from guesses is forgotten with it."""

    def __init__(self, snapshot: Snapshot, engine: _Guessing) -> None:
        self.__dict__.update(copy(snapshot.__dict__))
        self.engine = self._guessing = engine
        self._whole = snapshot
        self._guessed: dict[Hashable, Any] = {}

    def frequency(self, field: str, term: str) -> int:
        return self._guessing.frequency(field, term)

    def cached(self, key: Hashable, make: Callable[[], Made]) -> Made:
        found = self._guessed.get(key)
        if found is not None:
            return found
        before = self._guessing.guesses, self._guessing.assumed

        def made() -> Made:
            value = self._guessed[key] = make()
            if (self._guessing.guesses, self._guessing.assumed) != before:
                raise _GuessedError
            return value

        try:
            return self._whole.cached(key, made)
        except _GuessedError:
            return self._guessed[key]


class _GuessedError(Exception):
    """A value was made of guesses, so that it is not kept."""
