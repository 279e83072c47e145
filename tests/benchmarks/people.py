"""Whom `/author` answers, on people who are known: every spelling, the names with most papers, shared names.

    python -m tests.benchmarks.people [--folder FOLDER]

The papers of `../shared/people/acl-dev.jsonl.gz` are imported three times, with names alone, with an
identifier of one scheme for seven mentions of ten, and with identifiers of three schemes mixed, each person
by two of them; then they are grouped, and the service behind `/author` is asked.

- main: of the people with several spellings, how many spellings lead to the entry with most of their papers;
- listed: or to a pick list that holds it; other: to the card of an entry without a paper of theirs;
- exact: of the 200 names with most papers, how many are answered with one card.

`qian.jsonl.gz` has names that several people bear: each name is asked, and the pick list is compared with how
many people bear it. The identifiers are made from what the file says of the people, with a fixed seed; so
what they show holds for sources that never err.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.app import App
from bot.authors.grouping import LEASE, regroup
from bot.authors.profile import find_author
from bot.corpus.names import name_key
from bot.ingest.importer import import_files
from bot.lease import Lease
from bot.papers.results import Match
from bot.store.models import Authorship, Paper
from tests.apps import close_app, open_app
from tests.conftest import ROOT

PEOPLE = ROOT.parent / "shared" / "people"
MOST_PAPERS = 200
IDENTIFIED = 0.7
SCHEMES = ("orcid-like", "openalex-like", "openreview-like")

Row = dict[str, Any]


@dataclass
class Known:
    """Papers, and whose their mentions are: (source id of the paper, place) -> person."""

    papers: dict[str, Row] = field(default_factory=dict[str, Row])
    people: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])


def rows(name: str) -> Iterator[Row]:
    """The mentions of a file."""
    with gzip.open(PEOPLE / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def known(name: str) -> Known:
    """The papers of which these are the mentions; a mention ends with its place in the list."""
    found = Known()
    for row in rows(name):
        _, _, place = row["mention"].rpartition("#")
        before = int(place) if place.isdigit() and "#" in row["mention"] else 0
        key = row["paper"] if "#" in row["mention"] else f"{row['paper']}-{row['mention']}"
        others = row["coauthors"]
        listed = [*others[:before], row["name"], *others[before:]]
        paper = {"id": key, "title": row.get("title") or f"Untitled {key}", "authors": listed}
        paper |= {one: row[one] for one in ("year", "venue") if row.get(one)}
        place = min(before, len(others)) + 1
        if row.get("affiliations"):
            paper["affiliations"] = [
                row["affiliations"] if one == place else [] for one in range(1, len(listed) + 1)
            ]
        found.papers.setdefault(key, paper)
        kept = found.papers[key]["authors"]
        # Of long lists the file has the first names only: where others are cut, the place is not known.
        if place <= len(kept) and kept[place - 1] == row["name"]:
            found.people[key, place] = row["person"]
    return found


def with_identifiers(data: Known, schemes: Sequence[str]) -> list[Row]:
    """The papers, with identifiers for some mentions: each person has those of two schemes at most."""
    chance = random.Random(7)
    papers = {key: dict(row) for key, row in data.papers.items()}
    has = {person: chance.sample(schemes, min(2, len(schemes))) for person in sorted({*data.people.values()})}
    for (key, place), person in data.people.items():
        ids = papers[key].setdefault("author_ids", [None] * len(papers[key]["authors"]))
        if chance.random() < IDENTIFIED and place <= len(ids):
            ids[place - 1] = {"scheme": chance.choice(has[person]), "value": person}
    return list(papers.values())


def imported(folder: Path, papers: Sequence[Row]) -> App:
    """An app with these papers, grouped."""
    path = folder / "papers.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in papers), encoding="utf-8")
    app = open_app(folder / "data")
    import_files(app, [path])
    started = time.process_time()
    with Lease(app, LEASE) as lease:
        report = regroup(app, lease)
    seconds = time.process_time() - started
    print(f"  {report.mentions:,} mentions of {report.people:,} people in {seconds:.1f} s of processor")
    app.index.catch_up(app.store)
    return app


def entries(app: App, data: Known) -> dict[str, Counter[int]]:
    """The entries of each person, with how many of their mentions stand there."""
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)
    statement = select(col(Paper.source_id), col(Authorship.position), col(Authorship.author_id))
    with app.store.reading() as session:
        of_papers = statement.join_from(Paper, Authorship, col(Authorship.paper_id) == col(Paper.id))
        for source_id, position, author_id in session.connection().execute(of_papers):
            person = data.people.get((source_id, position))
            if person is not None:
                found[person][author_id] += 1
    return found


def spellings(app: App, data: Known) -> None:
    """Ask every spelling of the people who have several."""
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (key, place), person in data.people.items():
        name = data.papers[key]["authors"][place - 1]
        names[person].setdefault(name_key(name), name)
    of_person = entries(app, data)
    asked: Counter[str] = Counter()
    for person, keys in names.items():
        if len(keys) < 2 or person not in of_person:
            continue
        main = of_person[person].most_common(1)[0][0]
        for name in keys.values():
            answer = find_author(app, name)
            asked["all"] += 1
            asked["main"] += answer.author is not None and answer.author.id == main
            asked["listed"] += main in {choice.author_id for choice in answer.choices}
            asked["other"] += answer.author is not None and answer.author.id not in of_person[person]
    total = asked["all"]
    main, listed = asked["main"] / total, (asked["main"] + asked["listed"]) / total
    other = asked["other"] / total
    print(f"  {total:,} spellings: main {main:.1%}, main or listed {listed:.1%}, other {other:.2%}")


def best_known(app: App, data: Known) -> None:
    """Ask the names with most papers."""
    names = Counter(data.papers[key]["authors"][place - 1] for key, place in data.people)
    times: list[float] = []
    exact = 0
    for name, _ in names.most_common(MOST_PAPERS):
        started = time.process_time()
        exact += find_author(app, name).match is Match.EXACT
        times.append(time.process_time() - started)
    slowest = sorted(times)[int(0.99 * len(times))]
    milliseconds = f"p99 {slowest * 1000:.0f} ms with the card"
    print(f"  exact: {exact} of {MOST_PAPERS} names with most papers ({milliseconds})")


def shared_names(app: App, data: Known) -> None:
    """Ask names that several people bear, and compare how long the pick lists are."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for (key, place), person in data.people.items():
        people[data.papers[key]["authors"][place - 1]].add(person)
    ratios: list[float] = []
    silent = 0
    for name, bearers in people.items():
        if len(bearers) > 1:
            answer = find_author(app, name)
            silent += answer.match is Match.EXACT
            ratios.append(max(len(answer.choices), 1) / min(len(bearers), 25))
    mean = sum(ratios) / len(ratios)
    print(f"  {len(ratios)} shared names: {mean:.2f} entries a person in the mean, {silent} with one card")


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keeps what was made")
    folder: Path | None = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        base = folder or Path(temporary)
        data = known("acl-dev.jsonl.gz")
        for label, schemes in (("names only", ()), ("one scheme", SCHEMES[:1]), ("three schemes", SCHEMES)):
            print(label)
            made = base / label.replace(" ", "-")
            made.mkdir(parents=True)
            app = imported(made, with_identifiers(data, schemes) if schemes else list(data.papers.values()))
            spellings(app, data)
            best_known(app, data)
            close_app(app)
        print("shared names, names only")
        (base / "shared").mkdir()
        shared = known("qian.jsonl.gz")
        app = imported(base / "shared", list(shared.papers.values()))
        shared_names(app, shared)
        close_app(app)


if __name__ == "__main__":
    main()
