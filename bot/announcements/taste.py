"""The taste of a server: how much papers are like those that its members voted for and saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from bot.announcements.results import Like
from bot.app import App
from bot.search.likeness import stem_counts, unit, word_weights
from bot.search.snapshot import Snapshot
from bot.store.papers import PaperText, texts_of
from bot.store.tastes import LikedPaper, liked_papers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = "NDArray[np.float64]"

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
    comparison = _Comparison(app, snapshot, texts, list(liked.values()), compared)
    return {paper: comparison.likeness(paper) for paper in compared}


class _Comparison:
    """Papers compared with those that a server likes, by words and, where they have vectors, by meaning."""

    def __init__(
        self,
        app: App,
        snapshot: Snapshot,
        texts: Mapping[int, PaperText],
        liked: Sequence[LikedPaper],
        papers: Sequence[int],
    ) -> None:
        import numpy as np

        self._snapshot = snapshot
        self._texts = texts
        self._liked = liked
        self._places = {one.paper_id: place for place, one in enumerate(liked)}
        self._meanings = self._by_meaning(app, papers)
        having: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for one, place in self._places.items():
            for form, weight in self._words(one).items():
                having[form].append((place, weight))
        self._having: dict[str, tuple[NDArray[np.intp], Numbers]] = {
            form: (np.array([place for place, _ in ones]), np.array([weight for _, weight in ones]))
            for form, ones in having.items()
        }
        """Of each word the liked papers that have it, and what it weighs there."""

    def likeness(self, paper: int) -> Likeness:
        """How much a paper is like what the server likes; what that likes already is not like itself."""
        import numpy as np

        by_words = np.zeros(len(self._liked))
        for form, weight in self._words(paper).items():
            if form in self._having:
                places, weights = self._having[form]
                by_words[places] += weight * weights
        added = self._meanings.get(paper)
        near = by_words if added is None else by_words + added
        itself = self._places.get(paper)
        first: list[int] = np.argsort(-near)[: _NEAREST + 1].tolist()
        order = [place for place in first if place != itself]
        likes = [near[place] for place in order for _ in range(min(_NEAREST, self._liked[place].likes))]
        value = float(sum(likes[:_NEAREST])) / _NEAREST
        if not order or by_words[order[0]] < _LEAST:
            return Likeness(value, None)
        nearest = self._liked[order[0]]
        return Likeness(value, Like(self._texts[nearest.paper_id].title, nearest.votes, nearest.saves))

    def _words(self, paper: int) -> Mapping[str, float]:
        text = self._texts[paper]
        return unit(word_weights(self._snapshot, stem_counts(text.title, text.abstract)))

    def _by_meaning(self, app: App, papers: Sequence[int]) -> dict[int, Numbers]:
        """What meaning adds for papers to each liked one: nothing on average, or without a vector."""
        import numpy as np

        vectors = app.meaning.vectors([*{*self._places, *papers}])
        liked = [place for one, place in self._places.items() if one in vectors]
        here = [paper for paper in papers if paper in vectors]
        if not liked or not here:
            return {}
        theirs = np.stack([vectors[self._liked[place].paper_id] for place in liked])
        # Not by BLAS, see KeptVectors.
        cosines = np.einsum("ik,jk->ij", np.stack([vectors[paper] for paper in here]), theirs)
        added = np.zeros((len(here), len(self._liked)))
        added[:, liked] = _MEANING * (cosines - cosines.mean())
        return dict(zip(here, added, strict=True))
