"""Blocks: names that may be one person's, directly or by way of others; no person is in two blocks."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import overload

from bot.disambiguation.name_forms import NameForm, NameMention, block_of, form_of, keys_of
from bot.disambiguation.name_relations import compare_forms

PAIRS_OF_A_KEY, FEWEST_NEIGHBOURS = 500_000, 25
"""Pairs of names under one key of which all are compared, two seconds of the processor; and, of more, with
how many neighbours each is at least. The longest key of 40,000 papers has 446 names: 99,000 pairs."""
MENTIONS_OF_A_BLOCK = 20_000
"""Mentions from which on a block is parted: they are held in memory together."""
_COUNTS_A_FORM = 50
"""Bytes in which the keys of a form are counted: of eight keys few are taken for another one."""
BY_PEOPLE = "people"
"""The link between mentions of which people said whose they are."""


class DisjointSets:
    """Numbers in sets that are joined step by step."""

    def __init__(self, size: int) -> None:
        self._parents = array("I", range(size))

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


def blocks_of(mentions: Sequence[NameMention]) -> Iterator[list[int]]:
    """Mentions whose names may be one person's, directly or by way of others, or that are linked."""
    by_form: defaultdict[NameForm, list[int]] = defaultdict(list)
    for number, mention in enumerate(mentions):
        if mention.form.key:  # who is not named is nobody's namesake
            by_form[mention.form].append(number)
    linked = Links()
    for name, numbers in enumerate(by_form.values()):
        for number in numbers:
            linked.add(name, mentions[number])
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    found = blocks_of_forms(list(by_form), linked, list(map(len, by_form.values())))
    for numbers, block in zip(by_form.values(), found, strict=True):
        blocks[block] += numbers
    yield from blocks.values()


class Links:
    """Pairs of names that stand for one person: by an identifier, a page or a correction."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._pairs: set[tuple[int, int]] = set()

    def add(self, name: int, mention: NameMention) -> None:
        """Take in a mention of a name."""
        for link in links_of(mention):
            # A hash of 64 bits takes a fifth of the memory.
            first = self._first.setdefault(hash(link), name)
            if first != name:
                self._pairs.add((first, name))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Each pair once."""
        return iter(self._pairs)


def links_of(mention: NameMention) -> Iterator[tuple[str, int | str]]:
    """What makes mentions one person, whatever their names."""
    if mention.fixed is not None:
        yield BY_PEOPLE, mention.fixed
    for page in mention.pages:
        yield "page", page
    for scheme, value in mention.identifiers:
        yield f"id {scheme}", value


class FormsOfNames(Sequence[NameForm]):
    """The forms of folded names, made where they are asked for: a form takes ten times the memory."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._names)

    @overload
    def __getitem__(self, number: int) -> NameForm: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[NameForm]: ...
    def __getitem__(self, number: int | slice) -> NameForm | Sequence[NameForm]:
        """The form of the name of this number."""
        return form_of(self._names[number]) if isinstance(number, int) else FormsOfNames(self._names[number])


def blocks_of_forms(
    forms: Sequence[NameForm], linked: Iterable[tuple[int, int]], mentions: Sequence[int]
) -> Sequence[int]:
    """For each form the first one of its block.

    A block that would have very many mentions is parted by the sound of the family name and the initial; what
    differs in these, such as names turned round, is then two people's unless it is linked.

    Args:
        forms: The forms, each once; those without letters are blocks of their own.
        linked: Pairs of forms that stand for one person.
        mentions: Of each form, how many mentions have it.

    """
    sets = DisjointSets(len(forms))
    for number, others in compared(forms):
        form, joined = forms[number], sets.of(number)
        for other in others:
            if sets.of(other) != joined and compare_forms(form, forms[other]) is not None:
                sets.join(number, other)
                joined = sets.of(number)
    for one, other in linked:
        sets.join(one, other)
    sizes = Counter[int]()
    for number, count in enumerate(mentions):
        sizes[sets.of(number)] += count
    large = {block for block, size in sizes.items() if size > MENTIONS_OF_A_BLOCK}
    return _parted(forms, linked, sets, large) if large else [sets.of(number) for number in range(len(forms))]


def _parted(
    forms: Sequence[NameForm], linked: Iterable[tuple[int, int]], sets: DisjointSets, large: AbstractSet[int]
) -> Sequence[int]:
    parts = DisjointSets(len(forms))
    first: dict[tuple[int, str], int] = {}
    for number in range(len(forms)):
        block = sets.of(number)
        part = block_of(forms[number]) if block in large else ""
        parts.join(first.setdefault((block, part), number), number)
    for one, other in linked:
        parts.join(one, other)
    return [parts.of(number) for number in range(len(forms))]


def compared(forms: Sequence[NameForm]) -> Iterator[tuple[int, set[int]]]:
    """Each form with those that it is compared with, each pair once: forms that share a key.

    Those in initials come first: they are related to most others. Where a key has so many that all pairs
    would be too many, as of a paper that lists thousands of like names, its forms are sorted, and each is
    compared with those that follow it closely (the sorted neighbourhood method, Hernandez and Stolfo 1995).
    """
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    named = [number for number in range(len(forms)) if forms[number].key]
    order = sorted(named, key=lambda number: not forms[number].is_initials)
    counts = _counted_keys(forms)
    for number in order:
        for key in keys_of(forms[number]):
            if counts[hash(key) % len(counts)] > 1:
                by_key[key].append(number)
    places: defaultdict[int, list[tuple[list[int], int, int]]] = defaultdict(list)
    for numbers in by_key.values():
        near = len(numbers)
        if near**2 > 2 * PAIRS_OF_A_KEY:
            near = max(PAIRS_OF_A_KEY // near, FEWEST_NEIGHBOURS)
            numbers.sort(key=lambda number: (forms[number].given, forms[number].family))
        for place, number in enumerate(numbers[:-1], 1):
            places[number].append((numbers, place, place + near))
    for number in order:
        if number in places:
            yield number, set().union(*(numbers[begin:end] for numbers, begin, end in places[number]))


def _counted_keys(forms: Sequence[NameForm]) -> bytearray:
    """How many keys have each hash, counted to two: most belong to one form, and need not be kept."""
    counts = bytearray(_COUNTS_A_FORM * len(forms) or 1)
    for form in forms:
        for key in keys_of(form):
            place = hash(key) % len(counts)
            counts[place] = min(counts[place] + 1, 2)
    return counts
