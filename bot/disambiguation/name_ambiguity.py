"""How sure one written name is one person, judged by how often its papers share co-authors.

In a list of people who are written in many ways, one name is nearly always one person; in a list of shared
names it often is not, however rare it is. What is known of names in general does not tell these apart. But
two papers of one person share a co-author at a rate that is much the same for all people, and two papers of
namesakes nearly never do. So where papers of one name share less, some of them are of different people.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.disambiguation.name_forms import NameForm, NameMention

_PAIRS = 30
"""Pairs of papers that are looked at for one name."""
_LONG_LIST = 30
_NAMES = 150
"""Names with two papers from which on a collection can tell."""
_STEP = 0.5
"""Names are put together by the logarithm of their expected bearers in steps of this."""
_RARE = 0.1
"""Expected bearers of a name below which it is taken to be one person's."""
_USUAL_RATE, _RATE_WEIGHT = 0.4, 200.0
"""How often two papers of one person share a co-author; this assumption weighs as much as so many pairs."""
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
    """Estimate how far names can be trusted in these mentions; the usual trust where they are few."""
    seen: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    names, rare, rare_shared = 0, _RATE_WEIGHT, _RATE_WEIGHT * _USUAL_RATE
    for form, of_name in _by_name(mentions):
        pairs = list(_pairs(of_name))
        if pairs:
            names += 1
            expected = bearers(form)
            shared = sum(not one.isdisjoint(other) for one, other in pairs) / len(pairs)
            weight = math.sqrt(len(pairs))
            counts = seen[round(math.log1p(expected) / _STEP)]
            counts[0] += weight * shared
            counts[1] += weight * (1 - shared)
            if expected < _RARE:
                rare += weight
                rare_shared += weight * shared
    if names < _NAMES:
        return USUAL
    steps = [(step * _STEP, shared, apart) for step, (shared, apart) in sorted(seen.items())]
    rate = rare_shared / rare
    trusts = (
        NameAmbiguity(sure / 10, slope / 20) for sure, slope in itertools.product(range(-5, 61), range(41))
    )
    return max(trusts, key=lambda trust: _likelihood(steps, trust, rate))


def _by_name(mentions: Sequence[NameMention]) -> Iterator[tuple[NameForm, list[NameMention]]]:
    found: defaultdict[NameForm, list[NameMention]] = defaultdict(list)
    for mention in mentions:
        if mention.form.given and 0 < len(mention.coauthors) <= _LONG_LIST:
            found[mention.form].append(mention)
    yield from ((form, some) for form, some in found.items() if len(some) > 1)


def _pairs(mentions: Sequence[NameMention]) -> Iterator[tuple[set[str], set[str]]]:
    """Co-authors of pairs of papers: of all, or of some drawn with a fixed seed."""
    people = [{form.key for form in mention.coauthors} for mention in mentions]
    pairs = itertools.combinations(range(len(mentions)), 2)
    if len(mentions) * (len(mentions) - 1) // 2 > _PAIRS:
        chance = random.Random(len(mentions))  # noqa: S311 (nothing secret)
        pairs = (tuple(chance.sample(range(len(mentions)), 2)) for _ in range(_PAIRS))
    for one, other in pairs:
        if mentions[one].paper != mentions[other].paper:
            yield people[one], people[other]


def _likelihood(steps: Sequence[tuple[float, float, float]], trust: NameAmbiguity, rate: float) -> float:
    """The logarithm of how likely these counts are, and how usual that trust would be."""
    said = 0.0
    for logarithm, shared, apart in steps:
        together = rate / (1 + math.exp(-(trust.sure - trust.slope * logarithm)))
        said += shared * math.log(together) + apart * math.log1p(-together)
    sure, slope = trust.sure - USUAL.sure, trust.slope - USUAL.slope
    return said - ((sure / _SURE_SPREAD) ** 2 + (slope / _SLOPE_SPREAD) ** 2) / 2
