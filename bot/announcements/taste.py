"""The taste of a server: how much papers are like those that its members voted for and saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from types import MappingProxyType

from bot.announcements.results import Like
from bot.app import App
from bot.search.likeness import stem_counts, unit, word_weights
from bot.search.snapshot import Snapshot
from bot.store.papers import PaperText, texts_of
from bot.store.tastes import LikedPaper, liked_papers

MOST_LIKED = 500
"""Papers that make a taste, those that were liked last."""
MOST_COMPARED = 2_000
"""Papers that are compared with it at once; others count as unlike."""
_NEAREST = 2
"""Likes that count of each paper.

On 40 authors who are not those of the benchmark nDCG@20 is .329 with 1, .353 with 2, .342 with 3, .332 with
5, and .312 with the mean over all.
"""
_MEANING = 0.25
"""Of the cosine of two papers' vectors, beside that of their words.

On 36 other authors nDCG@20 among 90 papers is .538 by words, .549 with 0.1, .552 with 0.25, .538 with 0.5,
.528 with 1, and .470 by vectors alone.
"""
_LEAST = 0.12
"""The likeness by words from which on a digest says what a paper is like; 5 % of unlike papers have it."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a paper is like what a server likes."""

    value: float
    like: Like | None
    """The nearest paper that the server likes; None where none is near."""


Likenesses = Mapping[int, Likeness]
NO_LIKENESS: Likenesses = MappingProxyType({})


def likenesses(app: App, guild_id: int, papers: Sequence[int]) -> Likenesses | None:
    """How much these papers are like what a server likes, made anew each time; None: it likes nothing yet.

    Each vote and each person who saved it is a like, so that what many like weighs more.
    """
    with app.store.reading() as session:
        liked = {one.paper_id: one for one in liked_papers(session, guild_id, MOST_LIKED)}
    if not liked:
        return None
    app.index.catch_up_papers(app.store, wait=False)
    snapshot = app.index.snapshot()
    if snapshot is None:
        return {}
    texts = {text.id: text for text in texts_of(app.store, [*{*liked, *papers[:MOST_COMPARED]}])}
    liked = {paper: one for paper, one in liked.items() if paper in texts}
    compared = [paper for paper in papers[:MOST_COMPARED] if paper in texts]
    words, meanings = _Words(snapshot, texts, liked), _Meanings(app, list(liked), compared)
    found: dict[int, Likeness] = {}
    for paper in compared:
        by_words, added = words.near(paper), meanings.near(paper)
        # What the server likes already is not like itself.
        near = {one: by_words.get(one, 0.0) + added.get(one, 0.0) for one in liked if one != paper}
        if near:
            found[paper] = _likeness(near, by_words, liked, texts)
    return found


def _likeness(
    near: Mapping[int, float],
    by_words: Mapping[int, float],
    liked: Mapping[int, LikedPaper],
    texts: Mapping[int, PaperText],
) -> Likeness:
    likes = [value for one, value in near.items() for _ in range(min(_NEAREST, liked[one].likes))]
    value = sum(nlargest(_NEAREST, likes)) / _NEAREST
    nearest = max(near, key=lambda one: (near[one], one))
    if by_words.get(nearest, 0.0) < _LEAST:
        return Likeness(value, None)
    return Likeness(value, Like(texts[nearest].title, liked[nearest].votes, liked[nearest].saves))


class _Words:
    """How near papers are by their words to those that a server likes."""

    def __init__(self, snapshot: Snapshot, texts: Mapping[int, PaperText], liked: Iterable[int]) -> None:
        self._snapshot = snapshot
        self._texts = texts
        self._having: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        """Of each word the liked papers that have it, and what it weighs there."""
        for one in liked:
            for form, weight in self._vector(one).items():
                self._having[form].append((one, weight))

    def near(self, paper: int) -> Mapping[int, float]:
        """The liked papers that share words with a paper, each with the cosine."""
        found: defaultdict[int, float] = defaultdict(float)
        for form, weight in self._vector(paper).items():
            for one, other in self._having.get(form, ()):
                found[one] += weight * other
        return found

    def _vector(self, paper: int) -> Mapping[str, float]:
        text = self._texts[paper]
        return unit(word_weights(self._snapshot, stem_counts(text.title, text.abstract)))


class _Meanings:
    """What meaning adds for papers to each liked one: nothing on average, and where a vector is missing."""

    def __init__(self, app: App, liked: Sequence[int], papers: Sequence[int]) -> None:
        import numpy as np

        vectors = app.meaning.vectors([*{*liked, *papers}])
        self._liked = [one for one in liked if one in vectors]
        self._places = {
            paper: place for place, paper in enumerate(paper for paper in papers if paper in vectors)
        }
        self._added = np.zeros((0, 0))
        if self._liked and self._places:
            ours, theirs = ([vectors[one] for one in some] for some in (self._places, self._liked))
            # Not by BLAS, see KeptVectors.
            cosines = np.einsum("ik,jk->ij", np.stack(ours), np.stack(theirs))
            self._added = _MEANING * (cosines - cosines.mean())

    def near(self, paper: int) -> Mapping[int, float]:
        """What is added for a paper."""
        place = self._places.get(paper)
        if place is None or not self._liked:
            return {}
        return dict(zip(self._liked, self._added[place].tolist(), strict=True))
