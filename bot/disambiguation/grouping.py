"""Groups mentions of names into people and papers into co-author clusters."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.disambiguation.blocks import BY_PEOPLE, DisjointSets, blocks_of, compared, links_of
from bot.disambiguation.collection_counts import CollectionCounts, Counting
from bot.disambiguation.evidence import Evidence, Group, merge
from bot.disambiguation.name_forms import NameForm, NameMention
from bot.disambiguation.name_relations import FormRelation, form_relation

Person = TypeVar("Person", bound=Hashable)


def coauthor_clusters(papers: Sequence[Iterable[Person]]) -> list[list[int]]:
    """Group papers, given by their co-authors, that share at least one, directly or by way of other papers.

    The largest cluster comes first; a paper without co-authors is a cluster of its own. Papers in
    different clusters are not thereby of different people.
    """
    sets = DisjointSets(len(papers))
    first: dict[Person, int] = {}
    for number, people in enumerate(papers):
        joined = number
        for person in people:
            other = first.setdefault(person, number)
            if other != number and sets.of(other) != joined:  # most are joined already
                sets.join(other, joined)
                joined = sets.of(number)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(papers)):
        found[sets.of(number)].append(number)
    return sorted(found.values(), key=lambda cluster: (-len(cluster), cluster))


SURE = 3.2
"""Log odds from which on a single shared co-author joins two mentions of one name at once."""
ENOUGH = 0.0
"""Log odds from which on two groups are one person: the evidence errs on the side of caution, for what speaks
against one person (other co-authors, other subject, other venues) goes together, and each is counted."""
MOST_COMPARED = 60
"""Groups of one name that are all compared; of more, only those with something in common."""
PAIRS_OF_A_BLOCK, COMPARISONS_OF_A_BLOCK = 100_000, 500_000
"""Pairs of groups of a block that are compared though they may share nothing, first of names that few papers
have; and comparisons after which no more follow. Of 109,000 mentions of the ACL Anthology no block needs more
than 5,000; hundreds of names that are all alike would take hours."""
MOST_OF_A_WORD = 40
_LONGEST_LIST = 30
"""Co-authors of a paper of which one alone may decide."""


def group_mentions(mentions: Sequence[NameMention], counts: CollectionCounts | None = None) -> list[int]:
    """Answer for each mention the number of its group; numbers count from 0 in order of appearance.

    With the counts of a collection given, the frequencies in the mentions themselves do not matter.
    """
    counting = Counting(mentions)
    counts = counts or counting.counts(mentions)
    evidence = Evidence(counts, counting.lists(counts))
    people = DisjointSets(len(mentions))
    for block in blocks_of(mentions):
        for group in group_block(block, mentions, evidence):
            for number in group[1:]:
                people.join(group[0], number)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(people.of(number), len(numbers)) for number in range(len(mentions))]


def group_block(
    block: Sequence[int], mentions: Sequence[NameMention], evidence: Evidence
) -> list[Sequence[int]]:
    """The people of one block, as the numbers of their mentions."""
    evidence = evidence.of_block([mentions[number] for number in block])
    groups = _join_by_sure_traits(block, mentions, evidence)
    if len(groups) > 1:
        groups = _Agglomeration(groups, evidence).run()
    return [group.mentions for group in groups]


class _Agglomeration:
    """Agglomerative clustering: joins the two groups of the highest log odds until none exceeds `ENOUGH`."""

    def __init__(self, groups: Sequence[Group], evidence: Evidence) -> None:
        self._evidence = evidence
        self._live = dict(enumerate(groups))
        self._neighbours: defaultdict[int, set[int]] = defaultdict(set)
        self._heap: list[tuple[float, int, int, int, int, int]] = []
        self._compared = 0
        for one, other in _candidates(groups):
            self._weigh(one, other)

    def run(self) -> list[Group]:
        """Join until nothing is sure enough."""
        live = self._live
        while self._heap:
            _, _, one, other, version, other_version = heapq.heappop(self._heap)
            if self._version(one) == version and self._version(other) == other_version:
                merge(live[one], live.pop(other))
                self._weigh_again(one, other)
        return list(live.values())

    def _version(self, number: int) -> int | None:
        """How often a group took in another; None where it was taken in itself."""
        group = self._live.get(number)
        return group.version if group is not None else None

    def _weigh(self, one: int, other: int) -> None:
        self._compared += 1
        group, other_group = self._live[one], self._live[other]
        odds = self._evidence.between(group, other_group)
        if odds is not None:
            self._neighbours[one].add(other)
            self._neighbours[other].add(one)
            if odds >= ENOUGH:
                # Of equal ones the largest first: whoever may be several is rather the one with most papers.
                size = max(len(group.mentions), len(other_group.mentions))
                entry = (-odds, -size, one, other, group.version, other_group.version)
                heapq.heappush(self._heap, entry)

    def _weigh_again(self, one: int, taken: int) -> None:
        around = (self._neighbours.pop(taken, set[int]()) | self._neighbours.pop(one, set[int]())) - {
            one,
            taken,
        }
        for number in sorted(around):
            self._neighbours[number] -= {one, taken}
            if number in self._live and self._compared < COMPARISONS_OF_A_BLOCK:
                self._weigh(one, number)


class _Seeds:
    """Sets of mentions of a block that are one person before anything is compared, by their places in it."""

    def __init__(self, mentions: Sequence[NameMention]) -> None:
        self.sets = DisjointSets(len(mentions))
        self._papers = [{mention.paper} for mention in mentions]
        self._fixed = [mention.fixed for mention in mentions]
        self._identifiers: dict[int, dict[str, set[str]]] = {
            place: {scheme: {value} for scheme, value in mention.identifiers}
            for place, mention in enumerate(mentions)
            if mention.identifiers
        }

    def link(self, one: int, other: int) -> None:
        """Make one set of two, unless people said that they are two."""
        low, high = sorted((self.sets.of(one), self.sets.of(other)))
        fixed = {self._fixed[low], self._fixed[high]} - {None}
        if low == high or len(fixed) > 1:
            return
        self.sets.join(low, high)
        fewer, more = sorted((self._papers[low], self._papers[high]), key=len)
        more |= fewer
        self._papers[low] = more
        self._fixed[low] = fixed.pop() if fixed else None
        if high in self._identifiers:
            known = self._identifiers.setdefault(low, {})
            for scheme, values in self._identifiers[high].items():
                known[scheme] = known.get(scheme, set()) | values

    def join(self, one: int, other: int) -> None:
        """Make one set of two, unless one list names both, or identifiers of one scheme differ."""
        one, other = self.sets.of(one), self.sets.of(other)
        if not self._papers[one].isdisjoint(self._papers[other]):
            return
        theirs = self._identifiers.get(other, {})
        known = self._identifiers.get(one, {})
        if all(not values.isdisjoint(theirs.get(scheme, values)) for scheme, values in known.items()):
            self.link(one, other)


def _join_by_sure_traits(
    block: Sequence[int], mentions: Sequence[NameMention], evidence: Evidence
) -> list[Group]:
    """Join mentions that are linked; then those of one name that share what decides alone."""
    seeds = _Seeds([mentions[number] for number in block])
    # What people said comes first, so that nothing else can stand against it.
    linked = [(link, place) for place, number in enumerate(block) for link in links_of(mentions[number])]
    first: dict[Hashable, int] = {}
    for link, place in sorted(linked, key=lambda one: one[0][0] != BY_PEOPLE):
        seeds.link(first.setdefault(link, place), place)
    seen: dict[tuple[NameForm, str], int] = {}
    links: list[tuple[float, int, int]] = []
    for place, number in enumerate(block):
        for odds, trait in _sure_traits(mentions[number], evidence):
            other = seen.setdefault((mentions[number].form, trait), place)
            if other != place:
                links.append((-odds, other, place))
    for _, one, other in sorted(links):
        seeds.join(one, other)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, number in enumerate(block):
        groups[seeds.sets.of(place)].append(number)
    return [evidence.group(some, [mentions[number] for number in some]) for some in groups.values()]


def _sure_traits(mention: NameMention, evidence: Evidence) -> Iterator[tuple[float, str]]:
    """What decides alone that another mention of the name is the same person's, with its log odds."""
    if len(mention.coauthors) > _LONGEST_LIST:
        return
    prior = evidence.by_names(mention.form, mention.form, FormRelation.SAME)
    for form in mention.coauthors:
        if (odds := prior + evidence.coauthor_weight(form)) >= SURE:
            yield odds, f"@{form.key}"
    for affiliation in mention.affiliations:
        if (odds := prior + evidence.affiliation_weight(affiliation)) >= SURE:
            yield odds, f"#{affiliation}"


def _candidates(groups: Sequence[Group]) -> Iterable[tuple[int, int]]:
    """Pairs of groups that are to be compared, each once."""
    by_form: defaultdict[NameForm, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        for form in group.forms:
            by_form[form].append(number)
    pairs: set[tuple[int, int]] = set()
    left = PAIRS_OF_A_BLOCK
    for some, others in _related(by_form):
        if len(pairs) >= COMPARISONS_OF_A_BLOCK:
            break
        number = len(some) * len(others)
        if number <= min(MOST_COMPARED**2, left):
            left -= number
            pairs |= {(min(one, other), max(one, other)) for one in some for other in others if one != other}
        else:
            pairs.update(_pairs_in_common(groups, some, others))
    return sorted(pairs)


def _related(by_form: Mapping[NameForm, Sequence[int]]) -> list[tuple[Sequence[int], Sequence[int]]]:
    """The groups of names that may be one: of one name first, then those of two that fewest papers have."""
    forms = list(by_form)
    pairs = [
        (by_form[forms[min(number, other)]], by_form[forms[max(number, other)]])
        for number, others in compared(forms)
        for other in others
        if form_relation(forms[number], forms[other]) is not None
    ]
    pairs.sort(key=lambda both: len(both[0]) * len(both[1]))
    return [*((some, some) for some in by_form.values()), *pairs]


def _pairs_in_common(
    groups: Sequence[Group], some: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Pairs of groups that have something in common."""
    traits: defaultdict[str, list[int]] = defaultdict(list)
    for number in others:
        for trait in _traits(groups[number]):
            traits[trait].append(number)
    for number in some:
        for other in {one for trait in _traits(groups[number]) for one in _near(traits, trait, number)}:
            if other != number:
                yield (min(other, number), max(other, number))


def _near(traits: Mapping[str, Sequence[int]], trait: str, number: int) -> Sequence[int]:
    """The groups that are compared with one because they share a trait with it.

    Of very many that share a person or a place it is the next ones: they join step by step.
    """
    found = traits.get(trait, ())
    if len(found) <= MOST_OF_A_WORD:
        return found
    if trait[0] not in _PEOPLE_AND_PLACES:
        return ()
    place = bisect_right(found, number)
    return found[place : place + 2]


_PEOPLE_AND_PLACES = frozenset("@#")


def _traits(group: Group) -> Iterator[str]:
    for key in group.coauthors:
        yield f"@{key}"
    for affiliation in group.affiliations:
        yield f"#{affiliation}"
    yield from group.words
