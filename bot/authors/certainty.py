"""How sure it is that the papers of an entry are one person's, in one line, where that says something."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.authors.results import Certainty, CertaintyLevel, CoauthorCluster
from bot.corpus.names import name_key
from bot.disambiguation.grouping import coauthor_clusters
from bot.disambiguation.name_forms import OTHER_ALPHABET, form_of
from bot.disambiguation.name_relations import BY_LETTERS, compare_forms, parts_agree
from bot.text.folding import AS_TWO_LETTERS

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LONGEST_LIST = 30
"""Names of a list up to which to stand on it together shows that people know each other."""
_FEWEST_PAPERS = 3
_NEARLY_ALL = 0.75
"""The share of papers in one cluster from which on only the others need be named."""
_LEFT_OUT = 3
"""Co-authors, the most frequent, of whom none may be all that holds the papers together."""
_FEW_CLUSTERS = 2
"""Clusters up to which the largest may have few of the papers, and the names decide."""
_RARELY = 0.1
"""The share of papers below which a name is a slip."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What shows whether the papers of an entry are one person's."""

    papers: int
    identified: int = 0
    """Papers on which a source gives an identifier of the person."""
    of_one_scheme: int = 1
    """The most identifiers of one scheme that the person has: a scheme gives a person one, as a rule."""
    bearers: int = 1
    """People of this corpus who bear the name, this one among them."""
    pages: Sequence[str] = ()
    """The sources on whose pages of the person all the papers stand."""
    clusters: Sequence[CoauthorCluster] = ()
    is_strong: bool = False
    """See `hang_together`."""
    differing: tuple[str, str] | None = None
    """See `differing_names`."""
    unlike: tuple[str, str] | None = None
    """See `unlike_names`."""
    shortened: tuple[str, str] | None = None
    """A name in initials on the papers, and who else with like co-authors may be meant by it."""
    is_grouped: bool = False
    """Grouping has compared the papers with those of all similar names."""
    cut: int = 0
    """Papers whose list of authors the source cut."""


def certainty(grounds: Grounds) -> Certainty | None:
    """Say how sure it is; None where there is nothing to say of it."""
    papers = grounds.papers
    if grounds.identified:
        on = ("the paper", "both papers")[papers - 1] if papers <= 2 else f"all {papers:,} papers"
        if grounds.identified < papers:
            on = f"{grounds.identified:,} of {papers:,} papers"
        if grounds.of_one_scheme > 1:
            of_one = f"{_number(grounds.of_one_scheme)} of one source are given"
            return Certainty(CertaintyLevel.LIKELY, f"an identifier stands on {on}, though {of_one}")
        if grounds.unlike is not None:
            names = " and ".join(grounds.unlike)
            return Certainty(
                CertaintyLevel.LIKELY, f"an identifier stands on {on}, though {names} are printed"
            )
        if 2 * grounds.identified >= papers:
            return Certainty(CertaintyLevel.SURE, f"an identifier stands on {on}")
        return Certainty(CertaintyLevel.LIKELY, f"an identifier stands on {on}, and the others fit")
    if grounds.bearers > 1:
        some = "the paper may be" if papers == 1 else "some of the papers may be"
        words = f"{_number(grounds.bearers)} people here bear this name, so {some} another’s"
        return Certainty(CertaintyLevel.OPEN, words)
    if papers < 2:
        return None
    if len(grounds.clusters) == 1:
        return _by_one_cluster(grounds)
    return _by_clusters(grounds) if grounds.clusters else None


def _by_one_cluster(grounds: Grounds) -> Certainty | None:
    """What it says that all papers share co-authors: not enough for names of two people."""
    words = "the papers share co-authors"
    if grounds.is_strong:
        words = f"all {grounds.papers:,} papers hang together by several shared co-authors"
    if grounds.differing is not None:
        printed = " and ".join(grounds.differing)
        return Certainty(CertaintyLevel.LIKELY, f"{words}, though {printed} are printed")
    if grounds.shortened is not None:
        name, other = grounds.shortened
        return Certainty(CertaintyLevel.LIKELY, f"{words}, though {name} may also be {other}")
    return Certainty(CertaintyLevel.SURE, words) if grounds.is_strong else None


def _by_clusters(grounds: Grounds) -> Certainty:
    """What it says that the papers fall apart into co-author clusters."""
    several = sum(cluster.papers > 1 for cluster in grounds.clusters)
    largest = max(cluster.papers for cluster in grounds.clusters)
    apart = _apart(grounds, several, largest)
    if grounds.cut:
        lists = "list is" if grounds.papers == 1 else "lists are"
        apart += f" ({grounds.cut:,} of {grounds.papers:,} {lists} cut)"
    if grounds.pages:
        return Certainty(CertaintyLevel.LIKELY, f"{' and '.join(grounds.pages)} says so, though {apart}")
    if grounds.is_grouped and 2 * largest < grounds.papers and several > _FEW_CLUSTERS:
        return Certainty(CertaintyLevel.OPEN, f"the names fit, but {apart}")
    if grounds.is_grouped:
        return Certainty(CertaintyLevel.LIKELY, f"the names fit, though {apart}")
    if several == 1:
        return Certainty(CertaintyLevel.LIKELY, apart)
    people = f"{_number(several)} people" if several else "several people"
    return Certainty(CertaintyLevel.OPEN, f"{people} may be behind this name: {apart}")


def _apart(grounds: Grounds, several: int, largest: int) -> str:
    """How the papers fall apart, in words; several: the clusters of more than one paper."""
    papers = grounds.papers
    if several > 1 and grounds.is_grouped and largest >= _NEARLY_ALL * papers:
        return f"{papers - largest:,} of {papers:,} papers share no co-author with the others"
    if several > 1:
        return f"the papers fall into {_number(several)} circles without a common co-author"
    if not any(cluster.coauthors for cluster in grounds.clusters):
        return "the papers name no co-authors"
    if several == 0:
        return "no two of the papers share a visible co-author"
    alone = len(grounds.clusters) - several
    return f"{alone:,} of {papers:,} papers share no visible co-author with the others"


def frequent_names(printed: Sequence[tuple[str, int]]) -> list[str]:
    """The names, given with their papers, that stand on enough of them to be no slip."""
    least = _RARELY * sum(papers for _, papers in printed)
    return [name for name, papers in printed if papers >= least]


def differing_names(printed: Sequence[tuple[str, int]]) -> tuple[str, str] | None:
    """Two printed names, given with their papers, that may be of two people: "Claudio" and "Claudia".

    What stands on few of many papers is a slip; "ue" for "ü" makes no other name.
    """
    forms = [(name, form) for name in frequent_names(printed) if not (form := form_of(name)).is_initials]
    for (name, form), (other, other_form) in combinations(forms, 2):
        relation = compare_forms(form, other_form)
        if relation is not None and OTHER_ALPHABET.search(name + other):
            continue  # letters that transcriptions write in many ways
        if name_key(other) == _spelt_out(name) or name_key(name) == _spelt_out(other):
            continue
        if relation in BY_LETTERS or (relation is None and not parts_agree(form, other_form)):
            return name, other
    return None


def unlike_names(printed: Sequence[tuple[str, int]]) -> tuple[str, str] | None:
    """Two printed names, given with their papers, in which no word may be one of the other's."""
    for (name, _), (other, _) in combinations(printed, 2):
        initials = {word[0] for word in name_key(name).split()}
        others = {word[0] for word in name_key(other).split()}
        if f"{name}{other}".isascii() and initials.isdisjoint(others):
            return name, other
    return None


_TWO_LETTERS = str.maketrans(AS_TWO_LETTERS)


def _spelt_out(name: str) -> str:
    """The folded name with two letters for each of those that have two elsewhere."""
    return name_key(unicodedata.normalize("NFC", name).lower().translate(_TWO_LETTERS))


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
