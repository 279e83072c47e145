"""How well the taste of a server puts papers first that its members would like, tested by hiding.

    python -m tests.benchmarks.taste [--folder FOLDER] [--meaning AUTHORS]

For 100 authors with 20 papers in the corpus (74,728 of arXiv), drawn with a fixed seed, ten of the 20 are
liked by a server, one vote each; the other ten are hidden among 500 of the same fields and months that are
not the author's. nDCG@20 of the order of a digest, beside chance (the mean of 20 orders) and beside ranking
by field, that is by how many of the liked papers have the field (ties by chance). Constants were found with
other authors. A name may be of several people, who then make up one taste, as the members of a group do. The
index is kept in the folder, if one is given: that of tests.benchmarks.relevance. With --meaning the papers of
so many of the authors are ranked with their vectors, too, and by these alone; they are made first and kept
there: 520 for each author.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bot.announcements.taste import likenesses
from bot.app import App
from bot.meaning.encoder import encode, text_of
from bot.reading.votes import vote
from tests.apps import close_app
from tests.benchmarks.made_papers import SEED, real_rows
from tests.benchmarks.relevance import Collection, app_of, source_ids

AUTHORS, PAPERS, LIKED, OTHERS = 100, 20, 10, 500
DEPTH = 20
CHANCES = 20
NEAREST = 2
"""As bot.announcements.taste has it."""

Row = Mapping[str, Any]
Value = Callable[[str], float]
"""How much a paper is wanted, by its id."""


@dataclass(frozen=True, slots=True)
class Task:
    """An author: the papers that are liked, those that are hidden, and those among which they are."""

    author: str
    liked: tuple[str, ...]
    hidden: frozenset[str]
    pool: tuple[str, ...]


def main() -> None:
    """Print nDCG@20 of each ranking, and how far it is above chance and above fields."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--meaning", type=int, default=0, metavar="AUTHORS")
    given = parser.parse_args()
    rows = {row["id"]: row for row in real_rows()}
    with tempfile.TemporaryDirectory() as folder:
        home = given.folder or Path(folder)
        papers = [{**row, "text": row["abstract"]} for row in rows.values()]
        app = app_of(Collection("questions", papers, {}), home)
        tasks = list(tasks_of(rows))
        print_gains(f"{len(tasks)} authors", [gains_of(app, rows, task) for task in tasks])
        if given.meaning:
            print_with_meaning(app, rows, tasks[: given.meaning], home / "taste-vectors.npz")
        close_app(app)


def print_with_meaning(app: App, rows: Mapping[str, Row], tasks: Sequence[Task], path: Path) -> None:
    """Print the same of some tasks, with vectors and by these alone."""
    vectors = vectors_of(rows, tasks, path)
    numbers = {source: number for number, source in source_ids(app).items()}
    gains = [gains_of(app, rows, task) for task in tasks]
    with_vectors = replace(app)
    kept = {numbers[paper]: vector for paper, vector in vectors.items()}
    with_vectors.meaning.vectors = lambda papers: {one: kept[one] for one in papers if one in kept}
    for task, each in zip(tasks, gains, strict=True):
        each["taste with meaning"] = gain(task, by_taste(with_vectors, task))
        each["vectors alone"] = gain(task, by_meaning(task, vectors))
    print_gains(f"{len(tasks)} of these authors", gains)


def tasks_of(rows: Mapping[str, Row], authors: slice = slice(AUTHORS)) -> Iterator[Task]:
    """The tasks, always the same."""
    written: defaultdict[str, list[str]] = defaultdict(list)
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for paper, row in rows.items():
        alike[row["categories"][0], row["date"]].append(paper)
        for name in set(row["authors"]):
            written[name].append(paper)
    names = sorted(name for name, papers in written.items() if len(papers) >= PAPERS)
    random.Random(SEED).shuffle(names)
    for name in names[authors]:
        chance = random.Random(f"{SEED} {name}")
        own = chance.sample(written[name], PAPERS)
        fields = sorted({rows[paper]["categories"][0] for paper in own})
        months = sorted({rows[paper]["date"] for paper in own})
        theirs = set(written[name])
        others = [paper for field in fields for month in months for paper in alike[field, month]]
        others = [paper for paper in others if paper not in theirs]
        others = chance.sample(others, min(OTHERS, len(others)))
        hidden = own[LIKED:]
        pool = chance.sample([*hidden, *others], len(hidden) + len(others))
        yield Task(name, tuple(own[:LIKED]), frozenset(hidden), tuple(pool))


def gains_of(app: App, rows: Mapping[str, Row], task: Task) -> dict[str, float]:
    """What chance, fields and the taste of a server gain."""
    chance = random.Random(f"{SEED} {task.author}")
    fields = Counter(rows[paper]["categories"][0] for paper in task.liked)

    def by_field(paper: str) -> float:
        return fields[rows[paper]["categories"][0]] + chance.random()

    return {
        "chance": fmean(gain(task, lambda _: chance.random()) for _ in range(CHANCES)),
        "field": fmean(gain(task, by_field) for _ in range(CHANCES)),
        "taste": gain(task, by_taste(app, task)),
    }


def by_taste(app: App, task: Task) -> Value:
    """The taste of a server of which one member voted for the liked papers; each author has a server."""
    numbers = {source: number for number, source in source_ids(app).items()}
    guild = 1 + int.from_bytes(task.author.encode()) % 2**60
    with app.store.writing() as session:
        session.connection().exec_driver_sql(f"DELETE FROM vote WHERE guild_id = {guild}")
    for paper in task.liked:
        vote(app, guild, numbers[paper], 1)
    found = likenesses(app, guild, [numbers[paper] for paper in task.pool]) or {}
    return lambda paper: found[numbers[paper]].value if numbers[paper] in found else 0.0


def by_meaning(task: Task, vectors: Mapping[str, Any]) -> Value:
    """How near papers are in meaning to those nearest of the liked ones."""
    liked = np.stack([vectors[paper] for paper in task.liked])

    def value(paper: str) -> float:
        return float(np.sort(liked @ vectors[paper])[-NEAREST:].mean())

    return value


def vectors_of(rows: Mapping[str, Row], tasks: Sequence[Task], path: Path) -> dict[str, Any]:
    """The vectors of all papers of some tasks; those in the file are not made again."""
    known: dict[str, Any] = dict(np.load(path)) if path.exists() else {}
    wanted = dict.fromkeys(paper for task in tasks for paper in (*task.liked, *task.pool))
    missing = [paper for paper in wanted if paper not in known]
    for number, paper in enumerate(missing, start=1):
        known[paper] = encode(text_of(rows[paper]["title"], rows[paper]["abstract"]))
        if number % OTHERS == 0 or number == len(missing):
            np.savez(path, **known)
    return known


def gain(task: Task, value: Value) -> float:
    """NDCG@20 of the order by a value."""
    values = {paper: value(paper) for paper in task.pool}
    order = sorted(task.pool, key=values.__getitem__, reverse=True)[:DEPTH]
    best = sum(1 / math.log2(place + 2) for place in range(min(DEPTH, len(task.hidden))))
    return sum(1 / math.log2(place + 2) for place, each in enumerate(order) if each in task.hidden) / best


def print_gains(title: str, gains: Sequence[Mapping[str, float]]) -> None:
    """Print the mean of each ranking, and its distance to chance and to fields."""
    means = {name: fmean(each[name] for each in gains) for name in gains[0]}
    print(f"{title:28}{'nDCG@20':>9}{'above chance':>15}{'above fields':>15}")
    for name, mean in means.items():
        above = f"{mean - means['chance']:15.3f}{mean - means['field']:15.3f}"
        print(f"{name:28}{mean:9.3f}{'' if name == 'chance' else above}")


if __name__ == "__main__":
    main()
