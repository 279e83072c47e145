"""How frequent names, words, venues and places are in a collection of mentions."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson

from bot.disambiguation.coauthor_lists import MOST_BESIDE, CoauthorLists, NameNumbers
from bot.disambiguation.name_ambiguity import NameAmbiguity, name_ambiguity
from bot.disambiguation.name_forms import NameForm, NameMention, form_of
from bot.disambiguation.name_frequency import NameFrequency
from bot.disambiguation.number_lists import NumberLists

HUB = 10
"""Papers of a co-author's name from which on it says less."""
_INFORMATIVE = 4.0
"""Expected bearers of a name up to which it is informative who is named beside it."""


@dataclass(frozen=True, slots=True)
class CollectionCounts:
    """How frequent all is that evidence rests on."""

    frequency: NameFrequency
    ambiguity: NameAmbiguity
    papers: int
    affiliated: int
    """Mentions with affiliations."""
    venues: Counter[str]
    words: Counter[str]
    places: Counter[str]
    """Words of affiliations."""
    coauthors: Counter[str]
    """Names on many papers."""

    def is_informative(self, form: NameForm) -> bool:
        """Whether a name is rather one person's."""
        return form.is_full and self.frequency.bearers(form) < _INFORMATIVE

    def dump(self) -> bytes:
        """All that weighs anything, packed: words that occur once count as unknown ones."""
        counts = (self.venues, self.words, self.places)
        kept: list[Any] = [{key: count for key, count in each.items() if count > 1} for each in counts]
        ambiguity = [self.ambiguity.sure, self.ambiguity.slope]
        document = [self.frequency.dump(), ambiguity, self.papers, self.affiliated, *kept, self.coauthors]
        return zlib.compress(orjson.dumps(document))

    @classmethod
    def load(cls, dumped: bytes) -> Self:
        """What was dumped."""
        frequency, ambiguity, papers, affiliated, *counts = orjson.loads(zlib.decompress(dumped))
        counters: list[Counter[str]] = [Counter(each) for each in counts]
        venues, words, places, coauthors = counters
        return cls(
            frequency=NameFrequency.load(frequency),
            ambiguity=NameAmbiguity(*ambiguity),
            papers=papers,
            affiliated=affiliated,
            venues=venues,
            words=words,
            places=places,
            coauthors=coauthors,
        )


class Counting:
    """Counts mentions one after the other, so that they need not all be there at once."""

    def __init__(self, mentions: Iterable[NameMention] = ()) -> None:
        self._papers: set[str] = set()
        self._names = NameNumbers()
        self._on_papers = array("I")
        """Of each name, on how many papers it stands among the co-authors."""
        self._affiliated = 0
        self._venues, self._words, self._places = Counter[str](), Counter[str](), Counter[str]()
        self._lists = NumberLists()
        """The co-authors of papers that have few."""
        for mention in mentions:
            self.add(mention)

    def add(self, mention: NameMention) -> None:
        """Count a mention; the first of a paper counts for the paper."""
        self._number(mention.form)
        coauthors = [self._number(form) for form in mention.coauthors]
        if mention.affiliations:
            self._affiliated += 1
            self._places.update(word for one in mention.affiliations for word in set(one.split()))
        if mention.paper in self._papers:
            return
        self._papers.add(mention.paper)
        self._venues[mention.venue] += 1
        self._words.update(mention.words)
        for number in coauthors:
            self._on_papers[number] += 1
        if len(coauthors) <= MOST_BESIDE:
            self._lists.append(coauthors)

    def _number(self, form: NameForm) -> int:
        number = self._names.number(form.key)
        if number == len(self._on_papers):
            self._on_papers.append(0)
        return number

    def counts(self, mentions: Sequence[NameMention]) -> CollectionCounts:
        """All that was counted, with how ambiguous names are in these mentions: all of some names."""
        frequency = NameFrequency(self._names.keys)
        return CollectionCounts(
            frequency=frequency,
            ambiguity=name_ambiguity(mentions, frequency.bearers),
            papers=len(self._papers) + 1,
            affiliated=self._affiliated + 1,
            venues=self._venues,
            words=self._words,
            places=self._places,
            coauthors=Counter(
                {
                    key: count
                    for key, count in zip(self._names.keys, self._on_papers, strict=True)
                    if count > HUB
                }
            ),
        )

    def lists(self, counts: CollectionCounts) -> CoauthorLists:
        """Who is named beside whom, of the names that are rather one person's."""
        names = self._names.keys
        says = bytearray(counts.is_informative(form_of(name)) for name in names)
        return CoauthorLists([names[number] for number in one if says[number]] for one in self._lists)
