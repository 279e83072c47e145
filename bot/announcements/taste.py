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
_LEAST = 0.12
"""The likeness from which on a digest says what a paper is like; of papers that are not, 5 % have it."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a paper is like what a server likes."""

    value: float
    like: Like | None
    """The nearest paper that the server likes; None where none is near."""


Likenesses = Mapping[int, Likeness]
NO_LIKENESS: Likenesses = MappingProxyType({})

Pairs = Mapping[int, Mapping[int, float]]
"""Of papers how near they are to each liked one, from 0 to 1; what has nothing in common is left out."""


def likenesses(app: App, guild_id: int, papers: Sequence[int]) -> Likenesses | None:
    """How much these papers are like what a server likes, made anew each time; None: it likes nothing yet.

    Each vote and each person who saved it is a like, so that what many like weighs more.
    """
    with app.store.reading() as session:
        liked = {one.paper_id: one for one in liked_papers(session, guild_id, MOST_LIKED)}
    if not liked:
        return None
    texts = {text.id: text for text in texts_of(app.store, [*{*liked, *papers[:MOST_COMPARED]}])}
    liked = {paper: one for paper, one in liked.items() if paper in texts}
    compared = [paper for paper in papers[:MOST_COMPARED] if paper in texts]
    near = _by_words(app, texts, liked, compared)
    return {paper: _likeness(near[paper], liked, texts) for paper in compared if paper in near}


def _likeness(
    near: Mapping[int, float], liked: Mapping[int, LikedPaper], texts: Mapping[int, PaperText]
) -> Likeness:
    likes = [value for one, value in near.items() for _ in range(min(_NEAREST, liked[one].likes))]
    value = sum(nlargest(_NEAREST, likes)) / _NEAREST
    nearest = max(near, key=lambda one: (near[one], one))
    if near[nearest] < _LEAST:
        return Likeness(value, None)
    return Likeness(value, Like(texts[nearest].title, liked[nearest].votes, liked[nearest].saves))


def _by_words(app: App, texts: Mapping[int, PaperText], liked: Iterable[int], papers: Iterable[int]) -> Pairs:
    app.index.catch_up_papers(app.store, wait=False)
    snapshot = app.index.snapshot()
    if snapshot is None:
        return {}

    def vector(paper: int) -> Mapping[str, float]:
        text = texts[paper]
        return unit(word_weights(snapshot, stem_counts(text.title, text.abstract)))

    having: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    """Of each word the liked papers that have it, and what it weighs there."""
    for one in liked:
        for form, weight in vector(one).items():
            having[form].append((one, weight))
    pairs: dict[int, dict[int, float]] = {}
    for paper in papers:
        near: defaultdict[int, float] = defaultdict(float)
        for form, weight in vector(paper).items():
            for one, other in having.get(form, ()):
                near[one] += weight * other
        # What the server likes already is not like itself.
        near.pop(paper, None)
        if near:
            pairs[paper] = near
    return pairs
