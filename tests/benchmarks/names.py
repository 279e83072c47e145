"""How long a name takes among a million distinct ones, and the card of somebody with 2,000 papers.

    python -m tests.benchmarks.names [--names 1000000] [--papers 300000] [--folder FOLDER]

The names are recombined from those of ../shared/corpus with a fixed seed, so that family names are as
unevenly frequent as real ones. The papers are spread over them just as unevenly: the best known has some
ten thousand. Milliseconds are of the processor, so that other work on the machine counts little. Where a
question names one person, finding who is meant and making the card are told apart. A folder keeps what was
made, for the next run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import itertools
import json
import lzma
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from bot.app import App
from bot.authors.charts import _draw, author_picture
from bot.authors.figures import load_author
from bot.authors.profile import author_by_id, look_up, suggest_authors
from bot.config import Settings
from bot.corpus.names import name_key
from bot.garbage import settle
from bot.search.tantivy.index import SearchIndex
from bot.search.tantivy.names_index import NamesIndex
from bot.store.corrections import load_corrections
from bot.store.engine import Store
from bot.store.models import Author, Authorship, CorpusImport, Paper, Revision
from bot.store.schema import prepare
from tests.conftest import ROOT

CORPUS = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"
COMMAND_MS, AUTOCOMPLETE_MS, CARD_MS, PICTURE_MS = 20, 15, 200, 300
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def made_names(number: int) -> list[str]:
    """Real names, then recombined ones, all distinct once folded."""
    with lzma.open(CORPUS, "rt", encoding="utf-8") as file:
        real = list(dict.fromkeys(name for line in file for name in json.loads(line)["authors"]))
    found = {name_key(name): name for name in real[:number]}
    parts = [name.split() for name in real if len(name.split()) > 1]
    given, family = [one[0] for one in parts], [one[-1] for one in parts]
    chance = random.Random(1)
    while len(found) < number:
        name = f"{chance.choice(given)} {chance.choice('ABCDEFGHIJKLMNOPRSTW')}. {chance.choice(family)}"
        if chance.random() < 0.7:
            name = f"{chance.choice(given)} {chance.choice(family)}"
        found.setdefault(name_key(name), name)
    found.pop("", None)
    return list(found.values())


def fill(store: Store, names: Sequence[str], papers: int) -> None:
    """Write people and papers straight into the tables."""
    chance = random.Random(2)
    cumulated = list(itertools.accumulate(1 / (place + 20) for place in range(len(names))))
    with store.writing() as session:
        run = session.connection().execute
        run(
            insert(CorpusImport).values(
                id=1, files=[], process="", started_at=NOW, touched_at=NOW, finished_at=NOW
            )
        )  # fmt: skip
        run(insert(Revision).values(number=1, stamp=77, made_at=NOW))
        for start in range(0, len(names), 20_000):
            rows = enumerate(names[start : start + 20_000], start + 1)
            run(insert(Author), [{"id": i, "name": n, "name_key": name_key(n)} for i, n in rows])
        for start in range(0, papers, 5_000):
            ids = range(start + 1, min(papers, start + 5_000) + 1)
            run(insert(Paper), [paper_row(number, chance) for number in ids])
            places: list[dict[str, int]] = []
            for number in ids:
                people = chance.choices(
                    range(1, len(names) + 1), cum_weights=cumulated, k=chance.randint(1, 8)
                )
                places += [
                    {"paper_id": number, "position": place, "author_id": person}
                    for place, person in enumerate(people, 1)
                ]
            run(insert(Authorship), places)


def paper_row(number: int, chance: random.Random) -> dict[str, Any]:
    """A paper of some field and month."""
    return {
        "id": number, "source_id": str(number), "title": f"Paper {number}", "authors": ["A"] * 5,
        "categories": [], "field": chance.choice(["CV", "LG", "CL", "IR", "RO"]),
        "published": f"{chance.randint(2000, 2026)}-{chance.randint(1, 12):02}", "abstract": "x" * 1_000,
        "citations": number % 50,
        "import_id": 1, "revision": 1,
    }  # fmt: skip


def questions(names: Sequence[str]) -> dict[str, list[str]]:
    """What people type: whole names, other orders, initials, parts, wrong letters, hostile texts."""
    chance = random.Random(3)
    some = chance.sample(list(names), 200)
    families = [family for family, _ in Counter(name.split()[-1] for name in names).most_common(6)]
    given = [first for first, _ in Counter(name.split()[0] for name in names).most_common(6)]

    def wrong(name: str) -> str:
        place = chance.randrange(len(name))
        return name[:place] + chance.choice("aeinrst") + name[place + 1 :]

    return {
        "exact": some,
        "reversed": [" ".join(reversed(name.split())) for name in some],
        "initial": [f"{name[0]}. {name.split()[-1]}" for name in some],
        "joined": ["".join(name.split()) for name in some],
        "one part": [name.split()[-1] for name in some],
        "one wrong letter": [wrong(name) for name in some],
        "common": [f"{one} {other}{end}" for one in given for other in families for end in ("", "x")],
        "prefixes": [name[:length] for name in some[:40] for length in range(1, len(name))],
        "hostile": ["zzqx vwpq", "  ", "...", "王伟", "x" * 500, "a b c d e f g h i j k l m n", "-" * 99],
    }


def measure(label: str, goal: float, service: Callable[[str], Any], asked: dict[str, list[str]]) -> None:
    """Print p50, p99 and the worst of each kind of question."""
    print(f"\n{label} (goal: p99 under {goal:g} ms)")
    print(f"{'':20}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}")
    every: list[float] = []
    for kind, texts in asked.items():
        taken: list[float] = []
        for text in texts:
            started = time.thread_time()
            service(text)
            taken.append((time.thread_time() - started) * 1_000)
        every += taken
        print_row(kind, taken)
    print_row("all", every)


def print_row(label: str, taken: list[float]) -> None:
    """One line of the table."""
    taken = sorted(taken)
    p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(f"{label:20}{p50:9.2f}{p99:9.2f}{taken[-1]:9.2f}", flush=True)


def measure_card(folder: Path) -> None:
    """The card of an author with 2,000 papers and 5,000 co-authors, and its picture."""
    store = Store(f"sqlite:///{folder / 'card.db'}")
    prepare(store)
    fill(store, [f"Person {number}" for number in range(1, 5_002)], 2_000)
    chance = random.Random(4)
    with store.writing() as session:
        run = session.connection().execute
        run(delete(Authorship))
        places = [
            {"paper_id": number, "position": place, "author_id": person}
            for number in range(1, 2_001)
            for place, person in enumerate([1, *chance.sample(range(2, 5_002), 12)], 1)
        ]
        run(insert(Authorship), places)
    # As the bot does at its start: no card waits until all that is held is looked through.
    gc.collect()
    settle()
    cards: list[float] = []
    pictures: list[float] = []
    for _ in range(15):
        with store.reading() as session:
            started = time.thread_time()
            author = load_author(session, load_corrections(session), 1)
            cards.append((time.thread_time() - started) * 1_000)
        assert author is not None
        _draw.cache_clear()
        started = time.thread_time()
        picture = author_picture(author)
        pictures.append((time.thread_time() - started) * 1_000)
    store.close()
    assert picture is not None
    print(f"\nThe card of 2,000 papers and 5,000 co-authors (goals: {CARD_MS} ms, picture {PICTURE_MS} ms)")
    print_row("card", cards)
    print_row("picture", pictures[1:])
    print(f"{'first picture':20}{pictures[0]:9.0f}   (loads matplotlib)")
    print(f"{'picture, KB':20}{len(picture.png) / 1_000:9.1f}")


def measure_names(folder: Path, number: int, papers: int) -> None:
    """Look-ups, cards and suggestions among so many names."""
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    made = (folder / f"made-{number}-{papers}").exists()
    store = Store(settings.database_url)
    prepare(store)
    names = made_names(number)
    if not made:
        fill(store, names, papers)
        (folder / f"made-{number}-{papers}").touch()
    index = SearchIndex(settings.index_dir)
    started = time.thread_time()
    people: NamesIndex = index.names
    people.catch_up(store)
    print(f"\n{len(names):,} names, index ready after {time.thread_time() - started:.1f} s")
    app = App(settings=settings, store=store, index=index)
    asked = questions(names)
    exact: list[str] = []

    def who(text: str) -> None:
        with store.reading() as session:
            ids = look_up(session, load_corrections(session), people, text).ids
        if len(ids) == 1:
            exact.append(str(ids[0]))

    measure("A command: who is meant, or the pick list", COMMAND_MS, who, asked)
    cards = {
        "cards of these": list(dict.fromkeys(exact)),
        "the ten best known": [str(n) for n in range(1, 11)],
    }
    measure("Their cards", CARD_MS, lambda text: author_by_id(app, int(text)), cards)
    measure("Autocomplete: suggest_authors", AUTOCOMPLETE_MS, lambda text: suggest_authors(app, text), asked)
    index.close()
    store.close()


def main() -> None:
    """Make the names, then measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--papers", type=int, default=300_000)
    parser.add_argument("--folder", type=Path, help="where the made names are kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_card(Path(folder))
        kept = given.folder or Path(folder) / "names"
        kept.mkdir(parents=True, exist_ok=True)
        measure_names(kept, given.names, given.papers)


if __name__ == "__main__":
    main()
