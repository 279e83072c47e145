"""The evidence for and against two groups of mentions being one person, as a sum of log odds.

After I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969) 1183: each
agreement counts the more, the less likely it is between two different people.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from bot.disambiguation.coauthor_lists import CoauthorLists
from bot.disambiguation.collection_counts import HUB, CollectionCounts
from bot.disambiguation.name_ambiguity import USUAL, own_odds
from bot.disambiguation.name_forms import NameForm, NameMention, form_of
from bot.disambiguation.name_marks import contradict
from bot.disambiguation.name_relations import (
    BY_LETTERS,
    FormRelation,
    form_relation,
    have_other_endings,
    have_respelt_families,
    parts_agree,
)

PRIOR: Mapping[FormRelation, float] = {
    FormRelation.TRANSCRIPTION: 3.3,
    FormRelation.MIDDLE: 3.7,
    FormRelation.INITIAL: 3.5,
    FormRelation.SHORT: 2.0,
    FormRelation.FAMILY: 2.0,
    FormRelation.TYPO: 1.8,
    FormRelation.SOUND: 0.4,
    FormRelation.LATER: 1.5,
    FormRelation.BEGINNING: 0.5,
}
"""The log odds that another spelling is the same person, before any evidence, of a name that nobody else is
expected to bear; of the same spelling see `NameAmbiguity`."""
AMBIGUITY = 1.1
"""How much the logarithm of the expected bearers of a name speaks against one person."""
RESPELT_FAMILY, TURNED, NUMBERED = 3.5, 2.0, 3.5
"""Log odds against one person of a family name in two transcriptions ("Haase" and "Hase" may be two), of
names turned round that are given names both ("Martin Thomas"), and of "Jr." beside one name alone."""
OTHER_ENDING = 3.5
"""Log odds against one person of names that are alike but for an end that makes another name."""
RECURRING = 1.5
"""How much the logarithm of their papers speaks against one person where two names differ by letters: a
slip does not recur."""
COAUTHOR, COAUTHOR_LEAST, COAUTHOR_MOST = 5.0, 0.3, 5.0
"""A shared co-author of a rare name; of the commonest; at most."""
LONG_LIST = 20
"""Co-authors of a paper from which on each says less."""
MOST_OF_COAUTHORS = 9.0
TITLES, TITLES_LEAST, TITLES_MOST = 11.0, -0.6, 3.0
VENUES, VENUES_MOST = 0.35, 1.2
APART = 0.5
"""Log odds against one person where the papers of both sides share no co-author."""
REACH, REACH_MOST = 1.1, 4.0
YEARS_APART, FREE_YEARS, YEARS_MOST = 0.12, 6, 2.0
ODD_NAMES, ODD_LISTS, LARGE = 0.05, 0.13, 6
"""The shares of pairs of different people's names, and of lists that name both sides, up to which groups of
so many mentions may be one person."""
ODD_SMALL, ALIKE = 0.13, 3.0
"""The share of such pairs where one side has fewer mentions, and the log odds that the names that agree best
then have to give: a misspelt middle name on one paper keeps no two apart who share a rare name."""
NAMES_COMPARED = 20
"""Of each group, the most frequent: of hundreds of like names all pairs would take minutes."""
TWICE = 2.0
"""Log odds against one person of a list that names both sides."""
SAME_PLACE, PLACES_MOST, PLACES_COMPARED = 0.8, 5.0, 12
"""How often two mentions of one person share a place; what that says at most; how many are compared."""
SAME_WORDS = 0.6
"""The share of the words of two affiliations, by their rarity, from which on they are one place."""
OTHER_PLACE, OTHER_PLACE_MORE, OTHER_PLACE_MOST = 0.9, 0.15, 2.0
"""Log odds against one person where both sides have affiliations and share none; by the mentions; at most."""
OTHER_MARKS = 8.0
"""Log odds against one person of Vietnamese words with other marks, which folding takes away."""
SAME_IDENTIFIER, OTHER_IDENTIFIER, OTHER_ORCID = 20.0, 6.0, 15.0
"""Log odds for one person of an identifier that both have, and against of two of one scheme: of an ORCID,
which people choose for themselves, more than of one by which a source counts its people."""


@dataclass(slots=True)
class Group:
    """Mentions of one person, as far as is known, with what they have in common with others."""

    mentions: list[int] = field(default_factory=list[int])
    papers: dict[str, NameForm] = field(default_factory=dict[str, NameForm])
    """The papers, with the name that stands on each."""
    forms: Counter[NameForm] = field(default_factory=Counter[NameForm])
    coauthors: dict[str, float] = field(default_factory=dict[str, float])
    """Keys of co-authors, and how much each says: less, where the lists are long."""
    informative: set[str] = field(default_factory=set[str])
    """Those co-authors whose names are rather one person's."""
    reach: tuple[str, ...] = ()
    """Who is named beside these co-authors, on whichever papers: no set, which takes six times the memory."""
    short: set[str] = field(default_factory=set[str])
    """Co-authors who are written with initials, by family name and initial."""
    long: set[str] = field(default_factory=set[str])
    """The others, in the same way."""
    words: dict[str, float] = field(default_factory=dict[str, float])
    venues: Counter[str] = field(default_factory=Counter[str])
    first_year: int | None = None
    last_year: int | None = None
    with_coauthors: int = 0
    affiliations: Counter[str] = field(default_factory=Counter[str])
    written: int = 0
    """Mentions with a given name in full."""
    identifiers: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By scheme."""
    marked: set[str] = field(default_factory=set[str])
    """Words of the names that are printed with marks."""
    fixed: int | None = None
    """Whose they are by the word of people."""
    version: int = 0
    norm: float = field(default=0.0)


class _Coauthor(NamedTuple):
    """What a name says among co-authors."""

    weight: float
    is_informative: bool
    initialled: str


class Evidence:
    """Computes log odds with the frequencies of one collection of mentions."""

    def __init__(self, counts: CollectionCounts, lists: CoauthorLists) -> None:
        """Weigh by these counts, and by who is named beside whom in these lists."""
        self.counts = counts
        self.lists = lists
        self.frequency = counts.frequency
        self._ambiguity = counts.ambiguity
        self._place_words: dict[str, dict[str, float]] = {}
        self._weights: dict[str, float] = {}
        self._coauthors: dict[NameForm, _Coauthor] = {}
        self._rarities: dict[str, float] = {}
        self._own: dict[NameForm, float] = {}

    def of_block(self, mentions: Sequence[NameMention]) -> Self:
        """The same, with what the papers under each name of a block say of that name; see `own_odds`."""
        found = copy(self)
        found._own = own_odds(mentions, self._usual_odds)  # noqa: SLF001 - of this class
        return found

    def _usual_odds(self, form: NameForm) -> float:
        return self._ambiguity.of(self.frequency.bearers(form))

    def group(self, numbers: Sequence[int], mentions: Sequence[NameMention]) -> Group:
        """The group of some mentions, given with their numbers, which are one person's."""
        group = Group()
        for number, mention in zip(numbers, mentions, strict=True):
            self._add(group, number, mention)
        group.reach = self.lists.beside(group.coauthors)
        group.norm = math.sqrt(sum(weight * weight for weight in group.words.values()))
        return group

    def _add(self, group: Group, number: int, mention: NameMention) -> None:
        """Add a mention to a group, but for what all of its mentions together give."""
        group.mentions.append(number)
        group.papers[mention.paper] = mention.form
        group.forms[mention.form] += 1
        thin = min(1.0, LONG_LIST / (len(mention.coauthors) + 1))
        coauthors = group.coauthors
        for form in mention.coauthors:
            # A single word is no name of a person that one could meet again: a consortium, a fragment.
            if form.is_full:
                known = self._coauthors.get(form) or self._coauthor(form)
                coauthors[form.key] = max(coauthors.get(form.key, 0.0), thin * known.weight)
                (group.short if form.is_initials else group.long).add(known.initialled)
                if known.is_informative:
                    group.informative.add(form.key)
        # In order, so that sums of rounded numbers are the same in every process.
        for word in sorted(mention.words):
            group.words[word] = group.words.get(word, 0.0) + self._rarity(word)
        if mention.venue:
            group.venues[mention.venue] += 1
        for place in sorted(mention.affiliations):
            group.affiliations[place] += 1
        if mention.year is not None:
            group.first_year = min(mention.year, group.first_year or mention.year)
            group.last_year = max(mention.year, group.last_year or mention.year)
        group.with_coauthors += bool(mention.coauthors)
        group.written += not mention.form.is_initials
        for scheme, value in mention.identifiers:
            group.identifiers.setdefault(scheme, set()).add(value)
        group.marked |= mention.marked
        group.fixed = mention.fixed if group.fixed is None else group.fixed

    def _coauthor(self, form: NameForm) -> _Coauthor:
        known = _Coauthor(self.coauthor_weight(form), self.counts.is_informative(form), initialled(form))
        self._coauthors[form] = known
        return known

    def coauthor_weight(self, form: NameForm) -> float:
        """How much it says that two mentions share this co-author."""
        weight = self._weights.get(form.key)
        if weight is None:
            bearers = self.frequency.bearers(form)
            hub = math.log(max(1.0, self.counts.coauthors[form.key] / HUB))
            weight = COAUTHOR - 0.75 * math.log1p(bearers) - 0.5 * hub
            weight = self._weights[form.key] = min(max(weight, COAUTHOR_LEAST), COAUTHOR_MOST)
        return weight

    def prior(self, one: Group, other: Group) -> float | None:
        """What the names alone say; None where they are the names of different people."""
        best: float | None = None
        # Two written-out names that differ are two people, whatever initials they share.
        odd = Counter[bool]()
        other_forms = _frequent(other.forms)
        for form, count in _frequent(one.forms):
            for other_form, other_count in other_forms:
                relation = form_relation(form, other_form)
                if relation is not None:
                    odds = self.by_names(form, other_form, relation)
                    if relation in BY_LETTERS:
                        odds -= RECURRING * math.log(min(count, other_count))
                    best = odds if best is None else max(best, odds)
                elif not _is_bridged(form, other_form, one, other):
                    odd[not form.is_initials and not other_form.is_initials] += count * other_count
        if odd:
            most = ODD_NAMES
            if min(len(one.mentions), len(other.mentions)) < LARGE:
                most = ODD_SMALL if best is not None and best >= ALIKE else 0.0
            written = one.written * other.written
            pairs = len(one.mentions) * len(other.mentions)
            if odd[True] > most * written or odd.total() > most * pairs:
                return None
        return best

    def by_names(self, form: NameForm, other: NameForm, relation: FormRelation) -> float:
        """The log odds that two mentions of these forms are one person, by their names alone."""
        bearers = max(self.frequency.bearers(form), self.frequency.bearers(other))
        same_name = self._ambiguity.of(bearers)
        against = self._against_one_spelling(form, other) if relation < FormRelation.FAMILY else 0.0
        if relation is FormRelation.SAME and not against:
            return min((self._own[one] for one in (form, other) if one in self._own), default=same_name)
        # That names are rather unique in this collection says nothing of two that are alike.
        odds = min(same_name, USUAL.of(bearers))
        if relation is not FormRelation.SAME:
            odds = min(PRIOR[relation] - AMBIGUITY * math.log1p(bearers), same_name)
        if relation in BY_LETTERS:
            # Where both spellings are met with other people, neither is a slip, and neither is the other cut.
            odds -= 1.5 * math.log1p(self.frequency.others(form, other))
            if have_other_endings(form, other):
                odds -= OTHER_ENDING
        return odds - against

    def _against_one_spelling(self, form: NameForm, other: NameForm) -> float:
        """The log odds against one person of like names by what distinguishes namesakes."""
        if form == other:  # most pairs
            return 0.0
        respelt = RESPELT_FAMILY if have_respelt_families(form, other) else 0.0
        turned = TURNED if self._may_be_two_turned(form, other) else 0.0
        return respelt + turned + (NUMBERED if form.number != other.number else 0.0)

    def _may_be_two_turned(self, form: NameForm, other: NameForm) -> bool:
        """Whether names in opposite orders have given names of other people in both places."""
        if form.surname == other.surname or form.first == other.first:
            return False
        return all(self.frequency.is_given(word) for word in (form.first, form.surname))

    def between(self, one: Group, other: Group) -> float | None:
        """The log odds that two groups are one person; None where they cannot be."""
        if one.fixed is not None and other.fixed is not None and one.fixed != other.fixed:
            return None
        identified = _by_identifiers(one, other)
        if identified > 0:
            return identified
        twice = one.papers.keys() & other.papers.keys()
        if twice:
            fewer = min(len(one.papers), len(other.papers))
            if fewer < LARGE or len(twice) > ODD_LISTS * fewer:
                return None
            if not all(_may_stand_twice(one.papers[paper], other.papers[paper]) for paper in twice):
                return None
        prior = self.prior(one, other)
        if prior is None:
            return None
        return (
            prior
            + identified
            - TWICE * len(twice)
            + self._by_coauthors(one, other)
            + self._by_reach(one, other)
            + self._by_titles(one, other)
            + self._by_venues(one, other)
            + self._by_affiliations(one.affiliations, other.affiliations)
            + _by_years(one, other)
            - (OTHER_MARKS if contradict(one.marked, other.marked) else 0.0)
        )

    def _by_coauthors(self, one: Group, other: Group) -> float:
        total = sum(_shared(one.coauthors, other.coauthors))
        for key in sorted((one.short & other.long) | (one.long & other.short)):
            total += self.coauthor_weight(form_of(" ".join(reversed(key.rsplit(" ", 1)))))
        if total == 0.0:
            return -APART if one.with_coauthors and other.with_coauthors else 0.0
        # Many names on both sides share some by chance.
        chance = 0.2 * math.log(max(1.0, len(one.coauthors) * len(other.coauthors) / 200))
        return min(total, MOST_OF_COAUTHORS) - chance

    def affiliation_weight(self, place: str) -> float:
        """How much it says that two mentions share this affiliation."""
        words = self._words_of_place(place)
        return min(self._alike(words, words), PLACES_MOST)

    def _by_affiliations(self, one: Counter[str], other: Counter[str]) -> float:
        """What the places say at which both sides work: much where a rare one is shared."""
        if not one or not other:
            return 0.0
        best = 0.0
        for place, _ in one.most_common(PLACES_COMPARED):
            words = self._words_of_place(place)
            for other_place, _ in other.most_common(PLACES_COMPARED):
                best = max(best, self._alike(words, self._words_of_place(other_place)))
        if best:
            return min(best, PLACES_MOST)
        mentions = math.log(one.total() * other.total())
        return -min(OTHER_PLACE + OTHER_PLACE_MORE * mentions, OTHER_PLACE_MOST)

    def _words_of_place(self, place: str) -> dict[str, float]:
        words = self._place_words.get(place)
        if words is None:
            words = {
                word: math.log(self.counts.affiliated / (self.counts.places[word] or 1))
                for word in place.split()
            }
            self._place_words[place] = words
        return words

    def _alike(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """How much it says that two are at these places; 0.0 where they are not the same place."""
        shared = [word for word in one if word in other]
        weight = sum(one[word] for word in shared)
        if not shared or weight < SAME_WORDS * min(sum(one.values()), sum(other.values())):
            return 0.0
        rarest = max(one[word] for word in shared)
        return max(rarest + math.log(SAME_PLACE), 0.1)

    def _by_reach(self, one: Group, other: Group) -> float:
        """Co-authors of one side who are named beside co-authors of the other, on whichever papers."""
        met = len((other.informative - one.informative).intersection(one.reach))
        if met:
            met = min(met, len((one.informative - other.informative).intersection(other.reach)))
        if not met:
            return 0.0
        chance = (
            min(len(one.reach) * len(other.informative), len(other.reach) * len(one.informative))
            / self.lists.known
        )
        return min(max(REACH * math.log((met + 0.5) / (chance + 0.5)), 0.0), REACH_MOST)

    def _by_titles(self, one: Group, other: Group) -> float:
        if not one.norm or not other.norm:
            return 0.0
        fewer, more = sorted((one.words, other.words), key=len)
        product = sum(weight * more[word] for word, weight in fewer.items() if word in more)
        alike = product / (one.norm * other.norm)
        expected = 0.02 + 0.025 * math.log(len(one.papers) * len(other.papers))
        return max(TITLES_LEAST, min(TITLES * (alike - expected), TITLES_MOST))

    def _by_venues(self, one: Group, other: Group) -> float:
        if not one.venues or not other.venues:
            return 0.0
        shared = sum(
            (math.log(self.counts.papers / max(self.counts.venues[venue], 1)) - 1.0)
            * min(count, other.venues[venue], 2)
            for venue, count in one.venues.items()
            if venue in other.venues
        )
        if not any(venue in other.venues for venue in one.venues):
            return -0.15 * math.log(len(one.papers) * len(other.papers)) - 0.1
        return min(VENUES * shared, VENUES_MOST)

    def _rarity(self, word: str) -> float:
        rarity = self._rarities.get(word)
        if rarity is None:
            papers, count = self.counts.papers, max(self.counts.words[word], 1)
            rarity = self._rarities[word] = math.log(papers / (count + 1)) if papers > count else 0.0
        return rarity


def _frequent(forms: Counter[NameForm]) -> Iterable[tuple[NameForm, int]]:
    """The names that are compared, with how many mentions have them."""
    return forms.items() if len(forms) <= NAMES_COMPARED else forms.most_common(NAMES_COMPARED)


_TWICE_IN_A_LIST = frozenset({FormRelation.SAME, FormRelation.MIDDLE})
_CONTAINED = frozenset({FormRelation.MIDDLE, FormRelation.FAMILY, FormRelation.LATER})


def merge(one: Group, other: Group) -> None:
    """Take another group's mentions into the first."""
    one.mentions += other.mentions
    one.papers |= other.papers
    one.forms += other.forms
    for key, weight in other.coauthors.items():
        one.coauthors[key] = max(one.coauthors.get(key, 0.0), weight)
    one.informative |= other.informative
    one.reach = tuple({*one.reach, *other.reach})
    one.short |= other.short
    one.long |= other.long
    for word, weight in other.words.items():
        one.words[word] = one.words.get(word, 0.0) + weight
    one.norm = math.sqrt(sum(weight * weight for weight in one.words.values()))
    one.venues += other.venues
    one.affiliations += other.affiliations
    one.written += other.written
    for scheme, values in other.identifiers.items():
        one.identifiers[scheme] = one.identifiers.get(scheme, set()) | values
    one.marked |= other.marked
    one.fixed = other.fixed if one.fixed is None else one.fixed
    years = [y for y in (one.first_year, one.last_year, other.first_year, other.last_year) if y is not None]
    one.first_year, one.last_year = (min(years), max(years)) if years else (None, None)
    one.with_coauthors += other.with_coauthors
    one.version += 1


def _is_bridged(form: NameForm, other: NameForm, one: Group, other_one: Group) -> bool:
    """Whether a name of either side is both.

    A fuller one has both: "Dipti Misra Sharma" has "Dipti Sharma". Or their parts agree, and each is another
    spelling of it: "S. Piperidis" and "Stelios Piperdis" of "Stelios Piperidis".
    """
    parts = max(len(form.given) + len(form.family), len(other.given) + len(other.family))
    if any(
        len(third.given) + len(third.family) > parts
        and not third.is_initials
        and form_relation(third, form) in _CONTAINED
        and form_relation(third, other) in _CONTAINED
        for group in (one, other_one)
        for third in group.forms
    ):
        return True
    return parts_agree(form, other) and any(
        not third.is_initials
        and form_relation(third, form) is not None
        and form_relation(third, other) is not None
        for group in (one, other_one)
        for third in group.forms
    )


def _may_stand_twice(one: NameForm, other: NameForm) -> bool:
    """Whether one list may have one person by both names, by mistake.

    In the ACL Anthology 9 lists have one person twice, by such names, and 30 have two people by others.
    """
    if one.surname != other.surname or one.number != other.number:
        return False
    return form_relation(one, other) in _TWICE_IN_A_LIST


def initialled(form: NameForm) -> str:
    """A name by its family name and initial."""
    return f"{form.surname} {form.first[:1]}"


def _by_identifiers(one: Group, other: Group) -> float:
    odds = 0.0
    for scheme, values in one.identifiers.items():
        theirs = other.identifiers.get(scheme)
        if theirs is not None:
            other_one = OTHER_ORCID if scheme == "orcid" else OTHER_IDENTIFIER
            odds += -other_one if values.isdisjoint(theirs) else SAME_IDENTIFIER
    return odds


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> list[float]:
    fewer, more = sorted((one, other), key=len)
    return [min(weight, more[key]) for key, weight in fewer.items() if key in more]


def _by_years(one: Group, other: Group) -> float:
    if one.first_year is None or other.first_year is None or one.last_year is None or other.last_year is None:
        return 0.0
    gap = max(one.first_year - other.last_year, other.first_year - one.last_year) - FREE_YEARS
    return -min(YEARS_APART * gap, YEARS_MOST) if gap > 0 else 0.0
