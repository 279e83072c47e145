"""Groups mentions of names into people and papers into co-author clusters."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from bot.disambiguation.evidence import Evidence, Group, merge
from bot.disambiguation.name_forms import FormRelation, NameForm, NameMention, form_relation, keys_of
from bot.disambiguation.name_frequency import NameFrequency

Person = TypeVar("Person", bound=Hashable)


class DisjointSets:
    """Numbers in sets that are joined step by step."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def of(self, number: int) -> int:
        """The number that stands for the set of this one."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, one: int, other: int) -> None:
        """Make one set of two; the lower number stands for it."""
        low, high = self.of(one), self.of(other)
        if low != high:
            self._parents[max(low, high)] = min(low, high)


def coauthor_clusters(papers: Sequence[Iterable[Person]]) -> list[list[int]]:
    """Group papers, given by their co-authors, that share at least one, directly or by way of other papers.

    The largest cluster comes first; a paper without co-authors is a cluster of its own. Papers in
    different clusters are not thereby of different people.
    """
    sets = DisjointSets(len(papers))
    first: dict[Person, int] = {}
    for number, people in enumerate(papers):
        for person in people:
            sets.join(first.setdefault(person, number), number)
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
MOST_OF_A_WORD = 40
_LONGEST_LIST = 30
"""Co-authors of a paper of which one alone may decide."""


def group_mentions(mentions: Sequence[NameMention]) -> list[int]:
    """Answer for each mention the number of its group; numbers count from 0 in order of appearance."""
    frequency = NameFrequency(form.key for mention in mentions for form in (mention.form, *mention.coauthors))
    evidence = Evidence(mentions, frequency)
    people = DisjointSets(len(mentions))
    for block in _blocks(mentions):
        for group in _group_block(block, mentions, evidence):
            for number in group.mentions[1:]:
                people.join(group.mentions[0], number)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(people.of(number), len(numbers)) for number in range(len(mentions))]


def _blocks(mentions: Sequence[NameMention]) -> Iterator[list[int]]:
    """Mentions whose names may be one person's, directly or by way of others."""
    by_form: defaultdict[NameForm, list[int]] = defaultdict(list)
    for number, mention in enumerate(mentions):
        if mention.form.key:  # who is not named is nobody's namesake
            by_form[mention.form].append(number)
    forms = list(by_form)
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for number, form in enumerate(forms):
        for key in keys_of(form):
            by_key[key].append(number)
    sets = DisjointSets(len(forms))
    for numbers in by_key.values():
        for place, number in enumerate(numbers):
            for other in numbers[place + 1 :]:
                if (
                    sets.of(number) != sets.of(other)
                    and form_relation(forms[number], forms[other]) is not None
                ):
                    sets.join(number, other)
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for number, form in enumerate(forms):
        blocks[sets.of(number)] += by_form[form]
    yield from blocks.values()


def _group_block(block: Sequence[int], mentions: Sequence[NameMention], evidence: Evidence) -> list[Group]:
    groups = _join_by_sure_traits(block, mentions, evidence)
    return _Agglomeration(groups, evidence).run() if len(groups) > 1 else groups


class _Agglomeration:
    """Agglomerative clustering: joins the two groups of the highest log odds until none exceeds `ENOUGH`."""

    def __init__(self, groups: Sequence[Group], evidence: Evidence) -> None:
        self._evidence = evidence
        self._live = dict(enumerate(groups))
        self._neighbours: defaultdict[int, set[int]] = defaultdict(set)
        self._heap: list[tuple[float, int, int, int, int]] = []
        for one, other in _candidates(groups):
            self._weigh(one, other)

    def run(self) -> list[Group]:
        """Join until nothing is sure enough."""
        live = self._live
        while self._heap:
            _, one, other, version, other_version = heapq.heappop(self._heap)
            if self._version(one) == version and self._version(other) == other_version:
                merge(live[one], live.pop(other))
                self._weigh_again(one, other)
        return list(live.values())

    def _version(self, number: int) -> int | None:
        """How often a group took in another; None where it was taken in itself."""
        group = self._live.get(number)
        return group.version if group is not None else None

    def _weigh(self, one: int, other: int) -> None:
        group, other_group = self._live[one], self._live[other]
        odds = self._evidence.between(group, other_group)
        if odds is not None:
            self._neighbours[one].add(other)
            self._neighbours[other].add(one)
            if odds >= ENOUGH:
                heapq.heappush(self._heap, (-odds, one, other, group.version, other_group.version))

    def _weigh_again(self, one: int, taken: int) -> None:
        around = (self._neighbours.pop(taken, set[int]()) | self._neighbours.pop(one, set[int]())) - {
            one,
            taken,
        }
        for number in sorted(around):
            self._neighbours[number] -= {one, taken}
            if number in self._live:
                self._weigh(one, number)


def _join_by_sure_traits(
    block: Sequence[int], mentions: Sequence[NameMention], evidence: Evidence
) -> list[Group]:
    """Join mentions of the same name that share a co-author or a place rare enough to decide alone."""
    place = {number: index for index, number in enumerate(block)}
    sets = DisjointSets(len(block))
    seen: dict[tuple[NameForm, str], int] = {}
    papers: dict[int, set[str]] = {index: {mentions[number].paper} for number, index in place.items()}
    links: list[tuple[float, int, int]] = []
    for number in block:
        for odds, trait in _sure_traits(mentions[number], evidence):
            other = seen.setdefault((mentions[number].form, trait), number)
            if other != number:
                links.append((-odds, place[other], place[number]))
    for _, one, other in sorted(links):
        root, other_root = sets.of(one), sets.of(other)
        if root == other_root or not papers[root].isdisjoint(papers[other_root]):
            continue
        both = papers[root] | papers[other_root]
        sets.join(one, other)
        papers[sets.of(one)] = both
    groups: dict[int, Group] = {}
    for number in block:
        single = evidence.group(number, mentions[number])
        root = sets.of(place[number])
        if root in groups:
            merge(groups[root], single)
        else:
            groups[root] = single
    return list(groups.values())


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
    forms = list(by_form)
    for place, form in enumerate(forms):
        for other in forms[place:]:
            if form_relation(form, other) is None:
                continue
            pairs.update(_pairs_to_compare(groups, by_form[form], by_form[other]))
    return sorted(pairs)


def _pairs_to_compare(
    groups: Sequence[Group], some: Sequence[int], others: Sequence[int]
) -> Iterator[tuple[int, int]]:
    if len(some) * len(others) <= MOST_COMPARED**2:
        for one in some:
            for other in others:
                if one != other:
                    yield (min(one, other), max(one, other))
        return
    traits: defaultdict[str, list[int]] = defaultdict(list)
    for number in others:
        for trait in _traits(groups[number]):
            traits[trait].append(number)
    for number in some:
        lists = (traits.get(trait, ()) for trait in _traits(groups[number]))
        for other in {other for found in lists if len(found) <= MOST_OF_A_WORD for other in found}:
            if other != number:
                yield (min(other, number), max(other, number))


def _traits(group: Group) -> Iterator[str]:
    for key in group.coauthors:
        yield f"@{key}"
    for affiliation in group.affiliations:
        yield f"#{affiliation}"
    yield from group.words
