"""A large corpus that stands in a folder: its start, memory, searches beside raw Tantivy, names, and sizes.

    python -m tests.benchmarks.large --data FOLDER [--raw FOLDER] [--only raw sizes start search names]

FOLDER is the data folder of a Papercord on SQLite, with papers that are the real ones and more that are made
of them (see made_papers.py); nothing in it is changed. Raw Tantivy is given the same texts, read from the
database in the order of their ids, in a folder of its own; what is there already is kept, so that a build
that was cut off goes on. Then:

- sizes: the database and the index, and how many papers there are.
- start: the bot is started three times in processes of their own, in turns with one over an empty corpus, and
  answers the mixed searches of search_speed.py: seconds until it is ready, and the most memory.
- search: each of these searches through Papercord (what /papers does) and in raw Tantivy in turn, in one run,
  and suggestions of titles; milliseconds of the processor, and by the clock.
- names: /author by the names on papers taken by chance, so that who has many papers is asked for more often,
  and suggestions of names.

The first round over the searches is not counted where the files of the index are not in memory yet.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import tantivy

from bot.app import App, open_app
from bot.authors.profile import find_author, suggest_authors
from bot.config import Settings
from bot.garbage import settle
from bot.papers.results import SearchRequest
from bot.papers.search import search, search_page, suggest_titles
from tests.benchmarks.growth import started
from tests.benchmarks.made_papers import SEED, real_rows
from tests.benchmarks.search_speed import WORD, query_kinds

PARTS = ("raw", "sizes", "start", "search", "names")
STARTS = 3
PAGE = 5_000
COMMIT = 200_000
"""Papers that raw Tantivy is given before a commit."""
NAMES = 400
GOALS = (
    "goals: ready in less than 3 s, memory below 1 GB, search at most 1.5 times raw Tantivy at p50 and 2 "
    "times at p99, suggestions of titles below 40 ms and /author below 300 ms at p99"
)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--raw", type=Path, help="where raw Tantivy is; beside the data if not given")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    raw = given.raw or given.data.with_name(f"{given.data.name}-tantivy")
    if "raw" in given.only:
        build_raw(given.data / "papercord.db", raw)
    if "sizes" in given.only:
        print_sizes(given.data)
    kinds = query_kinds(list(real_rows()))
    if "start" in given.only:
        print_starts(given.data, [text for of_kind in kinds.values() for text in of_kind])
    if {"search", "names"} & set(given.only):
        with open_app(Settings.model_validate({"PAPERCORD_DATA_DIR": given.data})) as app:
            # As the bot does at its start: no question waits until all that it holds is looked through.
            gc.collect()
            settle()
            if "search" in given.only:
                print_searches(app, raw_search(raw), kinds)
            if "names" in given.only:
                print_names(app, given.data / "papercord.db")
    print(GOALS)


def build_raw(database: Path, folder: Path) -> None:
    """Give raw Tantivy the papers that it lacks."""
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(raw_schema(), path=str(folder))
    done = folder / "highest-id"
    highest = int(done.read_text()) if done.exists() else 0
    writer = index.writer(128_000_000, 2)
    given = 0
    began, processor = time.perf_counter(), time.process_time()
    for rows in pages(database, highest):
        for _, title, abstract, authors in rows:
            writer.add_document(
                tantivy.Document(
                    title=title,
                    text=f"{title} {abstract or ''}",
                    authors=" ".join(orjson.loads(authors)),
                )
            )
        given += len(rows)
        highest = rows[-1][0]
        if given % COMMIT == 0:
            writer.commit()
            done.write_text(f"{highest}")
    writer.commit()
    writer.wait_merging_threads()
    done.write_text(f"{highest}")
    print(
        f"raw Tantivy was given {given:,} papers in {time.perf_counter() - began:.0f} s "
        f"({time.process_time() - processor:.0f} s of the processor)",
        flush=True,
    )


def pages(database: Path, after: int) -> Iterator[list[Any]]:
    """Papers after an id; no transaction lasts from one page to the next."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while rows := connection.execute(
            "SELECT id, title, abstract, authors FROM paper WHERE id > ? ORDER BY id LIMIT ?", (after, PAGE)
        ).fetchall():
            yield rows
            after = rows[-1][0]


def raw_schema() -> tantivy.Schema:
    """The fields of raw Tantivy: those of search_speed.py."""
    builder = tantivy.SchemaBuilder()
    for field in ("title", "text", "authors"):
        builder.add_text_field(field, tokenizer_name="en_stem")
    return builder.build()


def raw_search(folder: Path) -> Callable[[str], Any]:
    """A search of raw Tantivy, which answers the first ten."""
    index = tantivy.Index(raw_schema(), path=str(folder))
    index.reload()
    searcher = index.searcher()
    boosts = {"title": 0.5, "text": 1.0, "authors": 1.0}
    print(f"\nraw Tantivy: {searcher.num_docs:,} papers in {searcher.num_segments} segments")

    def ask(text: str) -> Any:
        query = index.parse_query(" ".join(WORD.findall(text)), list(boosts), field_boosts=boosts)
        return searcher.search(query, limit=10, count=False).hits

    return ask


def print_sizes(data: Path) -> None:
    """How large the database and the index are."""
    database = sum(file.stat().st_size for file in data.glob("papercord.db*"))
    index = sum(file.stat().st_size for file in (data / "index").rglob("*") if file.is_file())
    with closing(sqlite3.connect(f"file:{data / 'papercord.db'}?mode=ro", uri=True)) as connection:
        [[papers]] = connection.execute("SELECT count(*) FROM paper")
    print(f"{papers:,} papers: database {database / 1e6:,.0f} MB, index {index / 1e6:,.0f} MB")


def print_starts(data: Path, searches: Sequence[str]) -> None:
    """How long starts take, in turns with those of an empty corpus, and how much memory the bot needs."""
    with tempfile.TemporaryDirectory() as empty:
        started(Path(empty), '[""]')
        pairs = [(started(data, json.dumps(searches)), started(Path(empty), '[""]')) for _ in range(STARTS)]
    for label, figures in (
        ("this corpus", [one for one, _ in pairs]),
        ("empty", [other for _, other in pairs]),
    ):
        seconds, own, resident, middle, slow, processor = zip(*figures, strict=True)
        print(
            f"start of {label}: ready after {min(seconds):.2f} to {max(seconds):.2f} s, "
            f"{min(processor):.2f} to {max(processor):.2f} s of the processor; memory {max(own):.0f} MB, "
            f"with pages of files {max(resident):.0f} MB; searches by the clock: p50 "
            f"{statistics.median(middle):.1f}, p99 {statistics.median(slow):.1f} ms; "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


Times = list[tuple[float, float]]
"""Milliseconds of the processor and of the clock."""


def timed(ask: Callable[[], Any]) -> tuple[float, float]:
    """How long something takes."""
    began, processor = time.perf_counter(), time.thread_time()
    ask()
    return (time.thread_time() - processor) * 1_000, (time.perf_counter() - began) * 1_000


def print_searches(app: App, raw: Callable[[str], Any], kinds: dict[str, list[str]]) -> None:
    """Each search in both, in turn."""
    first, _ = timed(lambda: search(app, SearchRequest("misspeltt worrd")))
    print(f"the first misspelt word after a start: {first:.0f} ms")
    for text in (text for of_kind in kinds.values() for text in of_kind[::4]):
        search_page(app, SearchRequest(text))
        raw(text)
    print(f"{'ms of the processor':24}{'Papercord':>18}{'raw Tantivy':>18}{'ratio':>16}{'by the clock':>36}")
    every: list[tuple[Times, Times]] = []
    for kind, texts in kinds.items():
        one: Times = []
        other: Times = []
        for text in texts:
            one.append(timed(lambda text=text: search_page(app, SearchRequest(text))))
            other.append(timed(lambda text=text: raw(text)))
        every.append((one, other))
        print_both(kind, *every[-1])
    print_both("all", [t for one, _ in every for t in one], [t for _, other in every for t in other])
    titles = [row["title"] for row in list(real_rows())[::1_500]]
    typed = [title[:length] for title in titles for length in (0, 1, 2, 3, 5, 8, 13, 25)]
    print_one("suggestions of titles", [timed(lambda text=text: suggest_titles(app, text)) for text in typed])


def print_both(label: str, one: Times, other: Times) -> None:
    """A line of percentiles of both, and their ratios."""
    mine, raws = ([at(times, part) for part in (0.5, 0.99)] for times in (one, other))
    clock = [at([(each[1], 0) for each in times], part) for times in (one, other) for part in (0.5, 0.99)]
    ratios = [mine[place] / max(raws[place], 1e-6) for place in (0, 1)]
    print(f"{label:24}" + "".join(f"{each:9.2f}" for each in (*mine, *raws)), end="")
    print("".join(f"{each:8.2f}" for each in ratios) + "".join(f"{each:9.1f}" for each in clock), flush=True)


def print_one(label: str, times: Times) -> None:
    """A line of percentiles."""
    clock = [(each[1], 0.0) for each in times]
    figures = [at(one, part) for one in (times, clock) for part in (0.5, 0.99, 1.0)]
    print(f"{f'{label} ({len(times)})':40}" + "".join(f"{each:9.2f}" for each in figures), flush=True)


def at(times: Sequence[tuple[float, float]], part: float) -> float:
    """The percentile of the first figures."""
    ranked = sorted(first for first, _ in times)
    return ranked[min(len(ranked) - 1, int(len(ranked) * part))]


def print_names(app: App, database: Path) -> None:
    """People of papers taken by chance: their cards, and suggestions while their names are typed."""
    chance = random.Random(SEED)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        [[highest]] = connection.execute("SELECT max(id) FROM paper")
        rows = [
            connection.execute(
                "SELECT authors FROM paper WHERE id >= ? ORDER BY id LIMIT 1", (chance.randint(1, highest),)
            ).fetchone()
            for _ in range(NAMES)
        ]
    names = [chance.choice(people) for [authors] in rows if (people := orjson.loads(authors))]
    papers: list[int] = []

    def ask(name: str) -> None:
        answer = find_author(app, name)
        if answer.author is not None:
            papers.append(answer.author.corpus.papers)

    print(f"\n{'ms':40}{'processor: p50, p99, worst':>27}{'clock: p50, p99, worst':>27}")
    ask(names[0])
    print_one("/author", [timed(lambda name=name: ask(name)) for name in names])
    print(f"papers of these: median {statistics.median(papers):,.0f}, most {max(papers):,}")
    begun = [name[:length] for name in names[:60] for length in (1, 2, 3, 5, 8)]
    print_one("suggestions of names", [timed(lambda text=text: suggest_authors(app, text)) for text in begun])


if __name__ == "__main__":
    main()
