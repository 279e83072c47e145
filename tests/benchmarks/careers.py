"""How well people are told apart over whole careers, on data made from ../shared/corpus with a fixed seed.

    python -m tests.benchmarks.careers [--keep FOLDER] [--seed 1]

The people of `mentions.py` publish for a year and a half; those of a bibliography for decades. So a person
here is a chain of one to four people of that corpus: each is a period of a career, with its own subject and
co-authors, years after the one before. From one period to the next mostly one or two co-authors go along,
sometimes nobody. Mentions are few (most people have two to six, a few have dozens), some lists are missing,
some years and venues too, and some lists are written with initials. Two sets, in the proportions of a
real bibliography:

- spellings: 3,742 people who are mostly written in one way (exact strings: precision .99, recall .92 to .93);
- namesakes: 1,952 names of 5,326 people, most in one field, one of them mostly better known than the others
  (exact strings: precision .83), and both sets in one file.

What this cannot show: how often people really change their co-authors, and how alike their subjects stay;
both are set by the chances below.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.disambiguation.name_forms import form_of
from tests.benchmarks.mentions import NAMES, PEOPLE, People, Row, papers, report, variant

SHARERS = 5_326
PERIODS = (0.5, 0.3, 0.15, 0.05)
"""How many people have one, two, three and four periods."""
GOES_ALONG, IN_PAPERS = 0.7, 0.4
"""How often somebody comes along into the next period, and on how many of its papers."""
SAME_SUBJECT, SAME_FIELD = 0.8, 0.7
"""Periods of one person, and people of one name, that are of one field."""
ALONE, NO_YEAR, NO_VENUE, SHORT_LISTS = 0.12, 0.05, 0.1, 0.04
OTHER_SPELLING = 0.01
VENUES, FAVOURITES = 15, 4
SPREAD = 0.9
SPELLED, BEST_KNOWN, NAMESAKE = 2.6, 3.1, 0.1
"""The mean of the logarithm of how many papers a person has: of several spellings, of a shared name."""


@dataclass(frozen=True)
class Period:
    """A part of a career: the papers of somebody of the corpus."""

    who: str
    papers: tuple[int, ...]
    year: int
    along: tuple[str, ...]
    """Who comes along from the period before."""


@dataclass(frozen=True)
class Person:
    """A made person."""

    label: str
    name: str
    periods: tuple[Period, ...]
    favourites: tuple[int, ...]


class Lives:
    """Makes people out of those of the corpus, each used once."""

    def __init__(self, rows: Sequence[Row], people: People, chance: random.Random) -> None:
        self._rows, self._people, self._chance = rows, people, chance
        self._by_field: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(people.rare, key=lambda _: chance.random()):
            fields = Counter(rows[number]["categories"][0] for number in people.papers[name])
            field = max(sorted(fields), key=lambda one: fields[one])
            self._by_field[field].append(name)
        self._fields = [field for field, names in self._by_field.items() if len(names) > 500]

    def field(self) -> str:
        """A field, the larger ones more often."""
        sizes = [len(self._by_field[field]) for field in self._fields]
        return self._chance.choices(self._fields, sizes)[0]

    def person(self, label: str, name: str | None, field: str, size: float) -> Person:
        """Somebody with a career in this field, mostly."""
        chance = self._chance
        wanted = max(1, min(80, round(chance.lognormvariate(size, SPREAD))))
        periods: list[Period] = []
        year = min(2024, round(chance.triangular(1985, 2024, 2018)))
        for _ in range(max(chance.choices((1, 2, 3, 4), PERIODS)[0], min(4, wanted // 15))):
            chosen = field if chance.random() < SAME_SUBJECT else self.field()
            who = self._take(chosen, wanted)
            along: tuple[str, ...] = ()
            if periods and chance.random() < GOES_ALONG:
                known = sorted(
                    {one for old in periods for n in old.papers for one in self._rows[n]["authors"]}
                )
                known = [one for one in known if one not in {old.who for old in periods}]
                along = tuple(chance.sample(known, min(len(known), chance.choice((1, 1, 2)))))
            periods.append(Period(who, tuple(self._people.papers[who]), year, along))
            year += chance.randint(1, 6)
        every = [(n, place) for place, period in enumerate(periods) for n in period.papers]
        shown = set(chance.sample(every, min(len(every), wanted)))
        kept = tuple(
            Period(one.who, tuple(n for n in one.papers if (n, place) in shown), one.year, one.along)
            for place, one in enumerate(periods)
        )
        favourites = tuple(chance.sample(range(VENUES), FAVOURITES))
        return Person(label, name or periods[0].who, kept, favourites)

    def _take(self, field: str, wanted: int) -> str:
        """One of the field who has about as many papers as wanted."""
        names = self._by_field[field]
        few = range(len(names) - 1, max(-1, len(names) - 600), -1)
        best = min(few, key=lambda place: abs(min(wanted, 40) - len(self._people.papers[names[place]])))
        return names.pop(best)


def spelled(lives: Lives, people: People, chance: random.Random) -> list[Person]:
    """People with names mostly of their own; some have common ones, a few share theirs."""
    common = [name for name in people.names if len(name.split()) == 2 and len(form_of(name).first) > 1]
    weights = [min(people.commonness.bearers(form_of(name)), 30) ** 0.5 for name in common]
    drawn = iter(dict.fromkeys(chance.choices(common, weights, k=PEOPLE)))
    return [
        lives.person(f"s{number}", next(drawn) if chance.random() < 0.3 else None, lives.field(), SPELLED)
        for number in range(PEOPLE)
    ]


def shared(lives: Lives, people: People, chance: random.Random) -> list[Person]:
    """People who share names, the commoner the more."""
    bearers = {
        name: expected
        for name in people.names
        if len(name.split()) == 2
        and len(form_of(name).given) == 1
        and len(form_of(name).first) > 1
        and (expected := people.commonness.bearers(form_of(name))) > 0.2
    }
    weights = [min(expected, 200) ** 0.8 for expected in bearers.values()]
    names = list(dict.fromkeys(chance.choices(list(bearers), weights, k=40_000)))[:NAMES]
    counts = Counter(names + names)
    more = [min(bearers[name], 60) ** 0.7 for name in names]
    counts.update(chance.choices(names, more, k=SHARERS - 2 * NAMES))
    found: list[Person] = []
    for name in names:
        field = lives.field()
        for place in range(counts[name]):
            own = field if chance.random() < SAME_FIELD else lives.field()
            found.append(lives.person(f"n{len(found)}", name, own, NAMESAKE if place else BEST_KNOWN))
    return found


def mentions(rows: Sequence[Row], made: Sequence[Person], chance: random.Random) -> Iterator[Row]:
    """One row for each paper of each person."""
    known_as = {period.who: person.name for person in made for period in person.periods}
    for person in made:
        own = [(period, number) for period in person.periods for number in period.papers]
        others = [variant(person.name, chance) for _ in range(chance.choice((1, 1, 2)))]
        odd = {place for place in range(len(own)) if chance.random() < OTHER_SPELLING}
        if person.label[0] == "s" and not odd and own:
            odd = {chance.randrange(len(own))}
        for place, (period, number) in enumerate(own):
            row = rows[number]
            people: list[str] = row["authors"]
            names = [known_as.get(one, one) for one in people if one != period.who]
            guests = [guest for guest in period.along if chance.random() < IN_PAPERS]
            names += [known_as.get(guest, guest) for guest in guests]
            if chance.random() < SHORT_LISTS:
                names = [f"{one.split()[0][0]}. {one.split()[-1]}" for one in names]
            year = min(2025, period.year + chance.randint(0, 4))
            venue = chance.choice(person.favourites) if chance.random() < 0.6 else chance.randrange(VENUES)
            yield {
                "mention": f"{person.label}/{place}",
                "name": chance.choice(others) if place in odd else person.name,
                "paper": f"{row['id']}/{year}",
                "coauthors": [] if chance.random() < ALONE else names,
                "year": None if chance.random() < NO_YEAR else year,
                "venue": None if chance.random() < NO_VENUE else f"{row['categories'][0]} {venue}",
                "title": row["title"],
                "person": person.label,
            }


def main() -> None:
    """Make the sets, and print how well exact strings, initials and Papercord group them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, help="a folder in which the sets are kept")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rows = papers()
    people = People(rows)
    chance = random.Random(given.seed)
    lives = Lives(rows, people, chance)
    one, other = spelled(lives, people, chance), shared(lives, people, chance)
    both = sorted(mentions(rows, [*one, *other], chance), key=lambda row: row["paper"])
    print(f"{'':12}{'':18}{'precision':>10}{'recall':>9}{'F1':>8}{'B3 F1':>8}{'seconds':>9}")
    with tempfile.TemporaryDirectory() as folder:
        keep = given.keep or Path(folder)
        report("spellings", keep / "careers-spellings.jsonl", [r for r in both if r["person"][0] == "s"])
        report("namesakes", keep / "careers-namesakes.jsonl", [r for r in both if r["person"][0] == "n"])
        report("both", keep / "careers-both.jsonl", both)


if __name__ == "__main__":
    main()
