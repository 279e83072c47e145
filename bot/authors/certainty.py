"""How sure it is that the papers of an entry are one person's, in one line, where that says something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.authors.results import Certainty, CertaintyLevel, CoauthorCluster
from bot.disambiguation.grouping import coauthor_clusters

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LONGEST_LIST = 30
"""Names of a list up to which to stand on it together shows that people know each other."""
_FEWEST_PAPERS = 3
_NEARLY_ALL = 0.75
"""The share of papers in one cluster from which on only the others need be named."""
_LEFT_OUT = 3
"""Co-authors, the most frequent, of whom none may be all that holds the papers together."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What shows whether the papers of an entry are one person's."""

    papers: int
    identified: int = 0
    """Papers on which a source gives an identifier of the person."""
    bearers: int = 1
    """People of this corpus who bear the name, this one among them."""
    pages: Sequence[str] = ()
    """The sources on whose pages of the person all the papers stand."""
    clusters: Sequence[CoauthorCluster] = ()
    is_strong: bool = False
    """See `hang_together`."""
    is_grouped: bool = False
    """Grouping has compared the papers with those of all similar names."""
    cut: int = 0
    """Papers whose list of authors the source cut."""


def certainty(grounds: Grounds) -> Certainty | None:
    """Say how sure it is; None where there is nothing to say of it."""
    papers = grounds.papers
    if grounds.identified:
        on = f"all {papers:,} papers" if papers > 1 else "the paper"
        if grounds.identified < papers:
            on = f"{grounds.identified:,} of {papers:,} papers"
        if 2 * grounds.identified >= papers:
            return Certainty(CertaintyLevel.SURE, f"an identifier stands on {on}")
        return Certainty(CertaintyLevel.LIKELY, f"an identifier stands on {on}, and the others fit")
    if grounds.bearers > 1:
        some = "the paper may be" if papers == 1 else "some of the papers may be"
        words = f"{_number(grounds.bearers)} people here bear this name, so {some} another’s"
        return Certainty(CertaintyLevel.OPEN, words)
    if papers < 2:
        return None
    if grounds.is_strong:
        words = f"all {papers:,} papers hang together by several shared co-authors"
        return Certainty(CertaintyLevel.SURE, words)
    return _by_clusters(grounds)


def _by_clusters(grounds: Grounds) -> Certainty | None:
    """What co-author clusters show; nothing where there is one, or none was computed."""
    several = sum(cluster.papers > 1 for cluster in grounds.clusters)
    alone = len(grounds.clusters) - several
    if len(grounds.clusters) < 2:
        return None
    cut = ""
    if grounds.cut:
        lists = "list is" if grounds.papers == 1 else "lists are"
        cut = f" ({grounds.cut:,} of {grounds.papers:,} {lists} cut)"
    largest = max(cluster.papers for cluster in grounds.clusters)
    if several > 1 and grounds.is_grouped and largest >= _NEARLY_ALL * grounds.papers:
        apart = (
            f"{grounds.papers - largest:,} of {grounds.papers:,} papers share no co-author with the others"
        )
    elif several > 1:
        apart = f"the papers fall into {_number(several)} circles without a common co-author"
    elif several == 0:
        apart = "no two of the papers share a visible co-author"
    else:
        apart = f"{alone:,} of {grounds.papers:,} papers share no visible co-author with the others"
    if grounds.pages:
        words = f"{' and '.join(grounds.pages)} says so, though {apart}{cut}"
        return Certainty(CertaintyLevel.LIKELY, words)
    if grounds.is_grouped:
        return Certainty(CertaintyLevel.LIKELY, f"names and subjects fit, though {apart}{cut}")
    if several == 1:
        return Certainty(CertaintyLevel.LIKELY, f"{apart}{cut}")
    people = f"{_number(several)} people" if several else "several people"
    return Certainty(CertaintyLevel.OPEN, f"{people} may be behind this name: {apart}{cut}")


def hang_together(papers: Sequence[Sequence[int]]) -> bool:
    """Whether papers, given by their co-authors, are one cluster that no single co-author holds together.

    Long lists count as without co-authors: of thousands of people, few know each other.
    """
    if len(papers) < _FEWEST_PAPERS:
        return False
    lists = [others if len(others) < _LONGEST_LIST else () for others in papers]
    frequent = Counter(one for others in lists for one in set(others)).most_common(_LEFT_OUT)
    return all(
        len(coauthor_clusters([[one for one in others if one != left_out] for others in lists])) == 1
        for left_out in (None, *(one for one, _ in frequent))
    )


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
