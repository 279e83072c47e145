"""How ambiguous names are in a collection: the log odds that two mentions of one name are of one person."""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.disambiguation.name_forms import NameForm, NameMention

_MOST_PAIRS, _MOST_OWN_PAIRS = 30, 300
"""Pairs of papers that are looked at for one name: of all names together, and for the name itself."""
_OWN_WEIGHT = 4.0
"""Pairs of papers of a name that what is usual for its kind of names weighs as much as."""
_OWN_MORE = 0.7
"""Log odds that are added to what the pairs of a name show: whoever moves has fewer in one place."""
_LEAST_SHARE = 0.02
"""Of the pairs of papers of one name that are one person's, whatever they show; as much are two people's."""
_MOST_COAUTHORS = 30
_NAMES = 150
"""Names with two papers from which on a collection can tell."""
_STEP = 0.5
"""Names are put together by the logarithm of their expected bearers in steps of this."""
_RARE = 0.1
"""Expected bearers of a name below which it is taken to be one person's."""
_RATE_WEIGHT = 200.0
"""Pairs of papers that the usual rates weigh as much as."""
_SURE_SPREAD, _SLOPE_SPREAD = 2.0, 0.6


@dataclass(frozen=True, slots=True)
class NameAmbiguity:
    """The log odds that two mentions of one name are of one person, before anything else is known."""

    sure: float = 3.4
    """Of a name that nobody else is expected to bear."""
    slope: float = 1.1
    """How much the logarithm of the expected bearers speaks against it."""

    def of(self, bearers: float) -> float:
        """The log odds for a name with so many expected bearers."""
        return self.sure - self.slope * math.log1p(bearers)


USUAL = NameAmbiguity()


def name_ambiguity(mentions: Sequence[NameMention], bearers: Callable[[NameForm], float]) -> NameAmbiguity:
    """Estimate how ambiguous names are in these mentions; `USUAL` where they are too few to tell.

    In a list of people who are written in many ways, one name is nearly always one person; in a list
    of shared names it often is not, however rare it is. Name frequencies do not distinguish the two.
    But two papers of one person share a co-author at a rate that is much the same for all people, and
    two papers of namesakes nearly never do: where papers of one name share less, some of them are of
    different people. The estimate is the maximum a posteriori over a grid of `sure` and `slope`.
    """
    counts = {kind: _SharedCounts(usual) for kind, usual in _USUAL_RATES.items()}
    names = 0
    for form, of_name in _by_name(mentions):
        pairs = list(_informative_pairs(of_name, _MOST_PAIRS))
        names += bool(pairs)
        for kind, shared in counts.items():
            shared.add(bearers(form), [one.isdisjoint(other) for of, one, other in pairs if of is kind])
    if names < _NAMES:
        return USUAL
    grid = (
        NameAmbiguity(sure / 10, slope / 20) for sure, slope in itertools.product(range(-5, 61), range(41))
    )
    return max(
        grid, key=lambda one: _log_prior(one) + sum(each.log_likelihood(one) for each in counts.values())
    )


class _Trait(Enum):
    """What two papers of one person often share, and two of namesakes nearly never."""

    COAUTHOR = auto()
    PLACE = auto()


_USUAL_RATES = {_Trait.COAUTHOR: 0.5, _Trait.PLACE: 0.75}
"""How often two papers of one person share it, weighing as much as `_RATE_WEIGHT` pairs.

Measured of co-authors: .47 and .49 in a year and a half of arXiv, .54 in decades of the ACL Anthology.
"""


class _SharedCounts:
    """How many pairs of papers of one name share a trait, by the logarithm of the expected bearers."""

    def __init__(self, usual_rate: float) -> None:
        self._rare, self._rare_shared = _RATE_WEIGHT, _RATE_WEIGHT * usual_rate
        self._steps: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add(self, bearers: float, pairs: Sequence[bool]) -> None:
        """Count the pairs of a name, given as whether they have nothing in common."""
        if not pairs:
            return
        weight = math.sqrt(len(pairs))
        shared = weight * (1 - sum(pairs) / len(pairs))
        counts = self._steps[round(math.log1p(bearers) / _STEP)]
        counts[0] += shared
        counts[1] += weight - shared
        if bearers < _RARE:
            self._rare += weight
            self._rare_shared += shared

    def log_likelihood(self, ambiguity: NameAmbiguity) -> float:
        """The logarithm of the likelihood of these counts."""
        rate = self._rare_shared / self._rare
        likelihood = 0.0
        for step, (shared, apart) in sorted(self._steps.items()):
            together = rate / (1 + math.exp(-(ambiguity.sure - ambiguity.slope * step * _STEP)))
            likelihood += shared * math.log(together) + apart * math.log1p(-together)
        return likelihood


def _by_name(mentions: Sequence[NameMention]) -> Iterator[tuple[NameForm, list[NameMention]]]:
    found: defaultdict[NameForm, list[NameMention]] = defaultdict(list)
    for mention in mentions:
        if mention.form.is_full and len(mention.coauthors) <= _MOST_COAUTHORS:
            found[mention.form].append(mention)
    yield from ((form, some) for form, some in found.items() if len(some) > 1)


def _informative_pairs(
    mentions: Sequence[NameMention], most: int
) -> Iterator[tuple[_Trait, set[str], set[str]]]:
    """Co-authors of pairs of papers, else affiliations: of all, or of some drawn with a fixed seed."""
    people = [{form.key for form in mention.coauthors} for mention in mentions]
    pairs = itertools.combinations(range(len(mentions)), 2)
    if len(mentions) * (len(mentions) - 1) // 2 > most:
        chance = random.Random(len(mentions))  # noqa: S311 (nothing secret)
        pairs = (tuple(chance.sample(range(len(mentions)), 2)) for _ in range(most))
    for one, other in pairs:
        if mentions[one].paper == mentions[other].paper:
            continue
        if people[one] and people[other]:
            yield _Trait.COAUTHOR, people[one], people[other]
        elif mentions[one].affiliations and mentions[other].affiliations:
            yield _Trait.PLACE, set(mentions[one].affiliations), set(mentions[other].affiliations)


def _log_prior(ambiguity: NameAmbiguity) -> float:
    """The logarithm of the normal prior of the parameters."""
    sure, slope = ambiguity.sure - USUAL.sure, ambiguity.slope - USUAL.slope
    return -((sure / _SURE_SPREAD) ** 2 + (slope / _SLOPE_SPREAD) ** 2) / 2


def own_odds(
    mentions: Sequence[NameMention], usual_odds: Callable[[NameForm], float]
) -> dict[NameForm, float]:
    """The log odds of each name by what its own papers show, beside what is usual for such a name.

    Where they are of one place as often as one person's papers are, they are rather one person's, however
    common the name; where hardly any are, they are not, however rare. Co-authors do not say that: whoever
    writes with others each time is one person all the same.
    """
    own: dict[NameForm, float] = {}
    rate = _USUAL_RATES[_Trait.PLACE]
    for form, of_name in _by_name([mention for mention in mentions if mention.affiliations]):
        pairs = list(_informative_pairs([replace(one, coauthors=()) for one in of_name], _MOST_OWN_PAIRS))
        if pairs:
            usual = 1 / (1 + math.exp(-usual_odds(form)))
            shared = sum(not one.isdisjoint(other) for _, one, other in pairs) / rate
            share = (_OWN_WEIGHT * usual + shared) / (_OWN_WEIGHT + len(pairs))
            share = min(max(share, _LEAST_SHARE), 1 - _LEAST_SHARE)
            own[form] = math.log(share / (1 - share)) + _OWN_MORE
    return own
