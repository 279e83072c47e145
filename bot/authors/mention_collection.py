"""The mentions that are to be grouped, by numbers: in blocks, and loaded again where they are too many."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sqlmodel import Session

from bot.authors.mentions import MentionReader, Mentions, PlacedMention, Selection
from bot.disambiguation.blocks import FormsOfNames, Links, blocks_of_forms
from bot.disambiguation.coauthor_lists import CoauthorLists, NameNumbers
from bot.disambiguation.collection_counts import CollectionCounts, Counting
from bot.disambiguation.name_forms import NameMention
from bot.disambiguation.number_lists import NumberLists
from bot.store.corrections import Corrections

MENTIONS_KEPT = 250_000
"""Mentions that are in memory together; of more, those of some blocks are loaded at a time."""
_OF_PERSON = 1_000_000
"""As how many mentions of an entry one of its person counts where the block of the entry is decided."""


@dataclass(frozen=True, slots=True)
class MentionPart:
    """Some blocks with their mentions."""

    mentions: Mentions
    blocks: dict[int, list[int]]
    """By the numbers of the blocks, the places of their mentions among these."""
    end: int
    """The number of the block that comes next."""


@dataclass(frozen=True, slots=True)
class Homes:
    """The block in which each entry is at home: there is decided who keeps it."""

    _block_of: array[int]

    def of(self, entries: Iterable[int]) -> dict[int, int]:
        """The homes of those of these entries that have one."""
        known = {entry for entry in entries if entry < len(self._block_of)}
        return {entry: block for entry in known if (block := self._block_of[entry]) >= 0}


class MentionCollection:
    """Mentions of which little is kept: the name, the paper, the entry, and whose it was."""

    def __init__(self, corrections: Corrections, selection: Selection) -> None:
        self._corrections = corrections
        self._selection = selection
        self._kept: Mentions | None = Mentions()
        self._counting = Counting()
        self._names = NameNumbers()
        self._nameless: dict[int, int] = {}
        self._links = Links()
        self._name_of, self._paper_of = array("I"), array("q")
        self._entry_of, self._person_of = array("q"), array("q")
        self._is_open = bytearray()

    def __len__(self) -> int:
        """How many mentions there are."""
        return len(self._name_of)

    def read(self, session: Session, papers: Iterable[int], *, only: frozenset[int] = frozenset()) -> None:
        """Take in the mentions of further papers; of papers that are not new, those of some people alone."""
        self._selection = replace(self._selection, only=self._selection.only | only)
        for placed, named in MentionReader(session, self._corrections, self._selection).read(papers):
            self._add(placed, named)

    def _add(self, placed: PlacedMention, named: NameMention) -> None:
        if named.form.key:
            name = self._names.number(named.form.key)
            self._links.add(name, named)
        else:  # a name without letters is a block of its own for each entry
            name = self._nameless.get(placed.entry_id, -1)
            if name < 0:
                name = self._nameless[placed.entry_id] = self._names.add("")
        self._counting.add(named)
        self._name_of.append(name)
        self._paper_of.append(placed.paper_id)
        self._entry_of.append(placed.entry_id)
        self._person_of.append(placed.person)
        self._is_open.append(named.fixed is None)
        if self._kept is not None:
            self._kept.add(placed, named)
            if len(self) > MENTIONS_KEPT:
                self._kept = None

    @property
    def names(self) -> Sequence[str]:
        """The folded names of the mentions, each once."""
        return self._names.keys

    @property
    def people(self) -> Mapping[int, int]:
        """Whose the mentions were, and how many each person has."""
        return Counter(self._person_of)

    @property
    def papers(self) -> int:
        """How many papers they stand on."""
        return sum(1 for _ in groupby(self._paper_of))

    def counts(self, session: Session) -> CollectionCounts:
        """How frequent all is; of very many names some show how ambiguous they are."""
        if self._kept is not None:
            return self._counting.counts(self._kept.named)
        parts = len(self) // MENTIONS_KEPT + 1
        drawn = [zlib.crc32(name.encode()) % parts == 0 for name in self.names]
        sample = [number for number, name in enumerate(self._name_of) if drawn[name]]
        return self._counting.counts(self._load(session, sample)[0].named)

    def lists(self, counts: CollectionCounts) -> CoauthorLists:
        """Who is named beside whom; what was counted is forgotten."""
        lists = self._counting.lists(counts)
        self._counting = Counting()
        return lists

    def blocks(self) -> NumberLists:
        """The mentions by blocks, in each by names; no person is in two of them."""
        mentions = array("I", bytes(4 * len(self.names)))
        for name in self._name_of:
            mentions[name] += 1
        of_names = blocks_of_forms(FormsOfNames(self.names), self._links, mentions)
        ranks = array("I", bytes(4 * len(self.names)))
        for rank, name in enumerate(sorted(range(len(self.names)), key=of_names.__getitem__)):
            ranks[name] = rank
        order = sorted(range(len(self)), key=lambda number: ranks[self._name_of[number]])
        blocks = NumberLists()
        for _, block in groupby(order, key=lambda number: of_names[self._name_of[number]]):
            blocks.append(block)
        return blocks

    def portions(self, blocks: NumberLists, first: int, *, only_open: bool) -> Iterator[list[int]]:
        """The numbers of the blocks from this one on, as many at a time as are in memory together.

        With `only_open` those alone that have a mention of which it is open whose it is.
        """
        some: list[int] = []
        size = 0
        for number in range(first, len(blocks)):
            if only_open and not any(self._is_open[one] for one in blocks[number]):
                continue
            if some and size + blocks.size(number) > MENTIONS_KEPT:
                yield some
                some, size = [], 0
            some.append(number)
            size += blocks.size(number)
        if some:
            yield some

    def homes(self, blocks: NumberLists) -> Homes:
        """Where each entry is at home: where most mentions of its person are, else most of its own."""
        homes = array("i", [-1]) * (max((0, *self._person_of, *self._entry_of)) + 1)
        several: dict[int, Counter[int]] = {}
        for block, numbers in enumerate(blocks):
            for entry in self._entries(numbers):
                if homes[entry] < 0:
                    homes[entry] = block
                elif homes[entry] != block:
                    several[entry] = Counter()
        for block, numbers in enumerate(blocks) if several else ():
            for number in numbers:
                if (person := self._person_of[number]) in several:
                    several[person][block] += _OF_PERSON
                if (entry := self._entry_of[number]) in several:
                    several[entry][block] += 1
        for entry, counts in several.items():
            homes[entry] = min(counts, key=lambda block: (-counts[block], block))
        return Homes(homes)

    def _entries(self, numbers: Iterable[int]) -> Iterator[int]:
        for number in numbers:
            yield self._person_of[number]
            yield self._entry_of[number]

    def part(self, session: Session, blocks: NumberLists, numbers: Sequence[int]) -> MentionPart:
        """Some blocks with their mentions; those that are gone since they were read are left out."""
        if self._kept is not None:
            return MentionPart(self._kept, {one: list(blocks[one]) for one in numbers}, numbers[-1] + 1)
        mentions, places = self._load(session, [one for number in numbers for one in blocks[number]])
        found = {number: [places[one] for one in blocks[number] if one in places] for number in numbers}
        there = {number: block for number, block in found.items() if block}
        return MentionPart(mentions, there, numbers[-1] + 1)

    def _load(self, session: Session, numbers: Sequence[int]) -> tuple[Mentions, dict[int, int]]:
        wanted = {(self._paper_of[number], self._entry_of[number]): number for number in numbers}
        mentions = Mentions()
        places: dict[int, int] = {}
        reader = MentionReader(session, self._corrections, self._selection)
        for placed, named in reader.read({paper for paper, _ in wanted}):
            number = wanted.get((placed.paper_id, placed.entry_id))
            if number is not None:
                places[number] = len(places)
                mentions.add(placed, named)
        return mentions, places
