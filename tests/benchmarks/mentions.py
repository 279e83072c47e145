"""How well people are told apart, on data made from ../shared/corpus with a fixed seed.

    python -m tests.benchmarks.mentions [--keep FOLDER]

Nobody has said who the authors of that corpus are. So the people here are those whose full name is
rare: their papers are taken to be one person's. Two sets are made of them, in the form that
`papercord authors evaluate` reads:

- spellings: each of 3,742 people has a second spelling in a fifth of their papers, made by rule
  (initials, a middle name left out or put in, hyphens, order, a dropped letter, a second family name),
  also in the lists of others;
- namesakes: 1,952 names, drawn as the expected number of their bearers has it, are each given to 2 to 6
  people, one of them with many papers.

What this cannot show: the corpus spans one year and a half, so nobody moves, marries or changes the
field; venues are arXiv categories; the spellings are those that the rules make; namesakes are drawn from
all fields alike.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.authors.evaluation import b_cubed, evaluate, pairwise
from bot.corpus.names import name_key
from bot.disambiguation.name_forms import form_of
from bot.disambiguation.name_frequency import NameFrequency
from tests.conftest import ROOT

CORPUS = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"
PEOPLE, NAMES = 3_742, 1_952
SHOWN = 0.7
"""Of the mentions: a bibliography knows some of a person's papers."""

Row = dict[str, Any]
Namer = Callable[[str, int], str]
"""How a person is written on the paper with this number."""


def papers() -> list[Row]:
    """The papers of the corpus without what is not needed here."""
    wanted = ("id", "title", "authors", "year", "categories")
    with lzma.open(CORPUS, "rt", encoding="utf-8") as file:
        return [{key: row[key] for key in wanted} for row in map(json.loads, file)]


class People:
    """Who is taken to be one person, and on which papers."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.papers: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            for name in dict.fromkeys(row["authors"]):
                self.papers[name].append(number)
        self.names = sorted(self.papers)
        self.commonness = NameFrequency({form_of(name).key for name in self.names})
        keys = Counter(name_key(name) for name in self.names)
        self.rare = [
            name
            for name in self.names
            if keys[name_key(name)] == 1
            and 2 <= len(self.papers[name]) <= 60
            and form_of(name).given
            and all(len(part) > 1 for part in form_of(name).given)
            and self.commonness.bearers(form_of(name)) < 1
        ]


def spellings(people: People, chance: random.Random) -> tuple[set[str], Namer]:
    """People with a second spelling."""
    some = sorted(people.rare, key=lambda name: -len(people.papers[name]) * chance.random() ** 2)[:PEOPLE]
    second = {(name, number) for name in some for number in people.papers[name] if chance.random() < 0.2}
    variants = {name: variant(name, chance) for name in some}
    return set(some), lambda name, number: variants[name] if (name, number) in second else name


def variant(name: str, chance: random.Random) -> str:
    """Another spelling, by rule."""
    first, *middle, last = name.split()
    spelt = [
        f"{first[0]}. {' '.join([*(f'{part[0]}.' for part in middle), last])}",
        f"{first} {chance.choice('ABCDEFGHJKLMPRST')}. {' '.join([*middle, last])}",
        f"{last}, {' '.join([first, *middle])}",
        f"{last} {first}",
        f"{name} {chance.choice(['Garcia', 'Lopez', 'Silva', 'Rao', 'Kumar'])}",
    ]
    if middle:
        spelt += [f"{first} {last}", f"{first} {middle[0][0]}. {last}"] * 2
    if "-" in first:
        spelt += [name.replace("-", chance.choice(["", " "]), 1)] * 3
    if len(last) > 6:
        place = chance.randrange(1, len(last) - 1)
        spelt.append(f"{' '.join([first, *middle])} {last[:place]}{last[place + 1 :]}")
    return chance.choice(spelt)


def namesakes(people: People, chance: random.Random) -> tuple[set[str], Namer]:
    """People who share names."""
    bearers = {
        name: expected
        for name in people.names
        if len(form_of(name).given) == 1
        and len(form_of(name).first) > 1
        and (expected := people.commonness.bearers(form_of(name))) > 0.2
    }
    weights = [min(expected, 200) ** 0.8 for expected in bearers.values()]
    shared: dict[str, str] = {}
    for name in chance.choices(list(bearers), weights, k=30_000):
        if len(shared) < NAMES:
            shared.setdefault(name_key(name), name)
    busy = sorted(people.rare, key=lambda name: -len(people.papers[name]) * chance.random() ** 2)
    known, others = iter(busy[:NAMES]), iter(sorted(busy[NAMES:], key=lambda _: chance.random()))
    given: dict[str, str] = {}
    for name in shared.values():
        given[next(known)] = name
        for _ in range(chance.choice([1, 1, 1, 1, 1, 1, 2, 3, 4, 5])):
            given[next(others)] = name
    return set(given), lambda name, _: given[name]


def mentions(rows: Sequence[Row], some: set[str], written: Namer, chance: random.Random) -> Iterator[Row]:
    """One row for each mention that is shown."""
    for number, row in enumerate(rows):
        if some.isdisjoint(row["authors"]):
            continue
        names = [written(name, number) if name in some else name for name in row["authors"]]
        for place, person in enumerate(row["authors"]):
            if person in some and chance.random() < SHOWN:
                yield {
                    "mention": f"{row['id']}/{place}",
                    "name": names[place],
                    "paper": row["id"],
                    "coauthors": names[:place] + names[place + 1 :],
                    "year": row["year"],
                    "venue": row["categories"][0],
                    "title": row["title"],
                    "person": person,
                }


def main() -> None:
    """Make both sets, and print how well exact strings, initials and Papercord group them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, help="a folder in which the sets are kept")
    keep = parser.parse_args().keep
    rows = papers()
    people = People(rows)
    print(f"{'':12}{'':18}{'precision':>10}{'recall':>9}{'F1':>8}{'B3 F1':>8}{'seconds':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for label, make in (("spellings", spellings), ("namesakes", namesakes)):
            path = (keep or Path(folder)) / f"{label}.jsonl"
            some, written = make(people, random.Random(1))
            made = list(mentions(rows, some, written, random.Random(2)))
            report(label, path, made)


def report(label: str, path: Path, made: Sequence[Row]) -> None:
    """Write one set, group it in three ways, print how well."""
    path.write_text("".join(f"{json.dumps(row)}\n" for row in made), encoding="utf-8")
    truth = [row["person"] for row in made]
    forms = [form_of(row["name"]) for row in made]
    for how, groups in (
        ("exact strings", [form.key for form in forms]),
        ("name and initial", [f"{form.surname} {form.first[:1]}" for form in forms]),
    ):
        found, each = pairwise(groups, truth), b_cubed(groups, truth)
        print(f"{label:12}{how:18}{found.precision:10.3f}{found.recall:9.3f}{found.f1:8.3f}{each.f1:8.3f}")
    started = time.process_time()
    result = evaluate(path)
    took = time.process_time() - started
    assert result.pairwise is not None
    assert result.b_cubed is not None
    print(
        f"{label:12}{'Papercord':18}{result.pairwise.precision:10.3f}{result.pairwise.recall:9.3f}"
        f"{result.pairwise.f1:8.3f}{result.b_cubed.f1:8.3f}{took:9.1f}   ({len(made):,} mentions)",
        flush=True,
    )


if __name__ == "__main__":
    main()
