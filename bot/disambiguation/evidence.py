"""What speaks for and against two groups of mentions being one person, as a sum of log odds.

After I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969) 1183: each
agreement counts the more, the less likely it is between two different people.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.disambiguation.name_ambiguity import name_ambiguity
from bot.disambiguation.name_forms import FormRelation, NameForm, NameMention, form_of, form_relation
from bot.disambiguation.name_frequency import NameFrequency

PRIOR: Mapping[FormRelation, float] = {
    FormRelation.MIDDLE: 1.8,
    FormRelation.INITIAL: 1.4,
    FormRelation.SHORT: 0.0,
    FormRelation.FAMILY: -1.5,
    FormRelation.TYPO: -1.5,
}
"""The log odds that another spelling is the same person, before any evidence, of a name that nobody else is
expected to bear; of the same spelling see `trust.py`."""
AMBIGUITY = 1.1
"""How much the logarithm of the expected bearers of a name speaks against one person."""
COAUTHOR, COAUTHOR_LEAST, COAUTHOR_MOST = 5.0, 0.3, 5.0
"""A shared co-author of a rare name; of the commonest; at most."""
LONG_LIST = 20
"""Co-authors of a paper from which on each says less."""
MOST_OF_COAUTHORS = 9.0
TITLES, TITLES_LEAST, TITLES_MOST = 11.0, -0.6, 3.0
VENUES, VENUES_MOST = 0.35, 1.2
APART = 0.35
"""What it says against one person that the papers of both sides share no co-author."""
TELLING, MOST_BESIDE = 4.0, 30
"""Expected bearers of a name, and co-authors of a paper, up to which being named together tells something."""
REACH, REACH_MOST = 1.1, 4.0
YEARS_APART, FREE_YEARS, YEARS_MOST = 0.12, 6, 2.0


@dataclass(slots=True)
class Group:
    """Mentions of one person, as far as is known, with what they have in common with others."""

    mentions: list[int]
    papers: set[str]
    forms: Counter[NameForm]
    coauthors: dict[str, float]
    """Keys of co-authors, and how much each says: less, where the lists are long."""
    telling: set[str]
    """Those co-authors whose names are rather one person's."""
    reach: set[str]
    """Who is named beside these co-authors, on whichever papers."""
    short: set[str]
    """Co-authors who are written with initials, by family name and initial."""
    long: set[str]
    """The others, in the same way."""
    words: dict[str, float]
    venues: Counter[str]
    first_year: int | None
    last_year: int | None
    with_coauthors: int
    version: int = 0
    norm: float = field(default=0.0)


class Evidence:
    """Weighs evidence with the frequencies of one collection of mentions."""

    def __init__(self, mentions: Sequence[NameMention], commonness: NameFrequency) -> None:
        self.commonness = commonness
        self._trust = name_ambiguity(mentions, commonness.bearers)
        self._venues: Counter[str] = Counter()
        self._words: Counter[str] = Counter()
        self._coauthors: Counter[str] = Counter()
        papers: dict[str, NameMention] = {}
        for mention in mentions:
            papers.setdefault(mention.paper, mention)
        for mention in papers.values():
            self._venues[mention.venue] += 1
            self._words.update(mention.words)
            self._coauthors.update(form.key for form in mention.coauthors)
        self._papers = len(papers) + 1
        self._beside = self._neighbours(papers.values())
        self._weights: dict[str, float] = {}

    def _neighbours(self, mentions: Iterable[NameMention]) -> dict[str, set[str]]:
        """Who is named beside whom, of the names that are rather one person's."""
        beside: defaultdict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            if len(mention.coauthors) <= MOST_BESIDE:
                telling = [form.key for form in mention.coauthors if self._is_telling(form)]
                for key in telling:
                    beside[key].update(telling)
        return beside

    def _is_telling(self, form: NameForm) -> bool:
        return bool(form.given) and self.commonness.bearers(form) < TELLING

    def group(self, number: int, mention: NameMention) -> Group:
        """A group of one mention."""
        thin = min(1.0, LONG_LIST / (len(mention.coauthors) + 1))
        words = {word: self._rarity(word) for word in mention.words}
        # A single word is no name of a person that one could meet again: a consortium, a fragment.
        known = [form for form in mention.coauthors if form.given]
        return Group(
            mentions=[number],
            papers={mention.paper},
            forms=Counter({mention.form: 1}),
            telling={form.key for form in known if self._is_telling(form)},
            reach=set[str]().union(*(self._beside.get(form.key, ()) for form in known)),
            coauthors={form.key: thin * self.coauthor_weight(form) for form in known},
            short={initialled(form) for form in known if form.is_initials},
            long={initialled(form) for form in known if not form.is_initials},
            words=words,
            venues=Counter({mention.venue: 1} if mention.venue else {}),
            first_year=mention.year,
            last_year=mention.year,
            with_coauthors=int(bool(mention.coauthors)),
            norm=math.sqrt(sum(weight * weight for weight in words.values())),
        )

    def coauthor_weight(self, form: NameForm) -> float:
        """How much it says that two mentions share this co-author."""
        weight = self._weights.get(form.key)
        if weight is None:
            bearers = self.commonness.bearers(form)
            hub = math.log(max(1.0, self._coauthors[form.key] / 10))
            weight = COAUTHOR - 0.75 * math.log1p(bearers) - 0.5 * hub
            weight = self._weights[form.key] = min(max(weight, COAUTHOR_LEAST), COAUTHOR_MOST)
        return weight

    def prior(self, one: Group, other: Group) -> float | None:
        """What the names alone say; None where they are the names of different people."""
        best: float | None = None
        for form in one.forms:
            for other_form in other.forms:
                kin = form_relation(form, other_form)
                if kin is None:
                    # Two written-out names that differ are two people, whatever initials they share.
                    return None
                said = self.said_by_names(form, other_form, kin)
                best = said if best is None else max(best, said)
        return best

    def said_by_names(self, form: NameForm, other: NameForm, kin: FormRelation) -> float:
        """The log odds that two mentions of these forms are one person, by their names alone."""
        bearers = max(self.commonness.bearers(form), self.commonness.bearers(other))
        trusted = self._trust.of(bearers)
        if kin is FormRelation.SAME:
            return trusted
        said = min(PRIOR[kin] - AMBIGUITY * math.log1p(bearers), trusted)
        # Where both spellings are met with other people, neither is a slip.
        return (
            said - 1.5 * math.log1p(self.commonness.others(form, other)) if kin is FormRelation.TYPO else said
        )

    def between(self, one: Group, other: Group) -> float | None:
        """The log odds that two groups are one person; None where they cannot be."""
        if not one.papers.isdisjoint(other.papers):
            return None
        prior = self.prior(one, other)
        if prior is None:
            return None
        shared = self._by_coauthors(one, other)
        return (
            prior
            + shared
            + self._by_reach(one, other)
            + self._by_titles(one, other)
            + self._by_venues(one, other)
            + _by_years(one, other)
        )

    def _by_coauthors(self, one: Group, other: Group) -> float:
        total = sum(_shared(one.coauthors, other.coauthors))
        for key in (one.short & other.long) | (one.long & other.short):
            total += self.coauthor_weight(form_of(" ".join(reversed(key.rsplit(" ", 1)))))
        if total == 0.0:
            return -APART if one.with_coauthors and other.with_coauthors else 0.0
        # Many names on both sides share some by chance.
        chance = 0.2 * math.log(max(1.0, len(one.coauthors) * len(other.coauthors) / 200))
        return min(total, MOST_OF_COAUTHORS) - chance

    def _by_reach(self, one: Group, other: Group) -> float:
        """Co-authors of one side who are named beside co-authors of the other, on whichever papers."""
        met = min(
            len(one.reach & (other.telling - one.telling)), len(other.reach & (one.telling - other.telling))
        )
        if not met:
            return 0.0
        chance = min(len(one.reach) * len(other.telling), len(other.reach) * len(one.telling)) / max(
            len(self._beside), 1
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
            (math.log(self._papers / self._venues[venue]) - 1.0) * min(count, other.venues[venue], 2)
            for venue, count in one.venues.items()
            if venue in other.venues
        )
        if not any(venue in other.venues for venue in one.venues):
            return -0.15 * math.log(len(one.papers) * len(other.papers)) - 0.1
        return min(VENUES * shared, VENUES_MOST)

    def _rarity(self, word: str) -> float:
        return math.log(self._papers / (self._words[word] + 1)) if self._papers > self._words[word] else 0.0


def merge(one: Group, other: Group) -> None:
    """Take another group's mentions into the first."""
    one.mentions += other.mentions
    one.papers |= other.papers
    one.forms += other.forms
    for key, weight in other.coauthors.items():
        one.coauthors[key] = max(one.coauthors.get(key, 0.0), weight)
    one.telling |= other.telling
    one.reach |= other.reach
    one.short |= other.short
    one.long |= other.long
    for word, weight in other.words.items():
        one.words[word] = one.words.get(word, 0.0) + weight
    one.norm = math.sqrt(sum(weight * weight for weight in one.words.values()))
    one.venues += other.venues
    years = [y for y in (one.first_year, one.last_year, other.first_year, other.last_year) if y is not None]
    one.first_year, one.last_year = (min(years), max(years)) if years else (None, None)
    one.with_coauthors += other.with_coauthors
    one.version += 1


def initialled(form: NameForm) -> str:
    """A name by its family name and initial."""
    return f"{form.surname} {form.first[:1]}"


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> list[float]:
    fewer, more = sorted((one, other), key=len)
    return [min(weight, more[key]) for key, weight in fewer.items() if key in more]


def _by_years(one: Group, other: Group) -> float:
    if one.first_year is None or other.first_year is None or one.last_year is None or other.last_year is None:
        return 0.0
    gap = max(one.first_year - other.last_year, other.first_year - one.last_year) - FREE_YEARS
    return -min(YEARS_APART * gap, YEARS_MOST) if gap > 0 else 0.0
