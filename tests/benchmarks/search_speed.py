"""How long searching takes, beside the same queries given straight to Tantivy and to SQLite's FTS5.

    python -m tests.benchmarks.search_speed --folder FOLDER [--papers 74728]

The corpus is made in the folder on the first run, and kept. A query through Papercord is what /papers does:
the query is read, papers are found and ordered, and the first page comes with its rows and snippets.
Times are of the processor, so that what else the machine does counts little.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tantivy

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import search, search_page, suggest_titles
from tests.apps import close_app
from tests.benchmarks.made_papers import REAL_PAPERS, SEED, made_app, made_rows
from tests.benchmarks.relevance import misspelt

EACH = 200
FTS_QUERIES = 20
"""Of each kind, in a corpus larger than the real one."""
WORD = re.compile(r"\w+")

HOSTILE = {
    "6,000 characters": "word " * 1_200,
    "500 different words": " ".join(f"learning{number} model" for number in range(250)),
    "an abstract pasted": "",
    "only punctuation": "!?.,;:-_()[]{}" * 40,
    "Arabic": "التعلم العميق للشبكات العصبية",
    "Chinese": "深度学习与神经网络的图像分割方法",
    "one word 500 times": "deep " * 500,
    "a word of 4,000 letters": "a" * 4_000,
}


def main() -> None:
    """Make what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=REAL_PAPERS)
    given = parser.parse_args()
    app = made_app(given.folder, given.papers)
    rows = [row for _, row in zip(range(REAL_PAPERS), made_rows(REAL_PAPERS), strict=False)]
    straight = _tantivy(given.folder / f"tantivy-{given.papers}", given.papers)
    fts = _fts5(given.folder / f"fts5-{given.papers}.db", given.papers)
    started = time.thread_time()
    search(app, SearchRequest("misspeltt worrd"))
    print(f"{given.papers:,} papers; the first misspelt word after a start: {_ms(started):.0f} ms")
    print(f"\n{'ms':24}{'Papercord':>27}{'Tantivy':>27}{'FTS5':>27}")
    print(f"{'':24}" + f"{'p50':>9}{'p95':>9}{'p99':>9}" * 3)
    everything: list[list[float]] = [[], [], []]
    for kind, queries in query_kinds(rows).items():
        columns = [
            _times(queries, lambda text: _papers(app, text)),
            _times(queries, straight),
            _times(queries if given.papers <= REAL_PAPERS else queries[:FTS_QUERIES], fts),
        ]
        everything = [one + other for one, other in zip(everything, columns, strict=True)]
        print(f"{kind:24}" + "".join(map(_percentiles, columns)))
    print(f"{'all of them':24}" + "".join(map(_percentiles, everything)))
    print("\nautocomplete")
    typed = [row["title"][:length] for row in rows[::1_500] for length in (0, 1, 2, 3, 5, 8, 13, 25)]
    print(
        f"{f'{len(typed)} beginnings':24}"
        + _percentiles(_times(typed, lambda text: suggest_titles(app, text)))
    )
    print("\nhostile queries")
    for name, text in (HOSTILE | {"an abstract pasted": rows[7]["abstract"]}).items():
        print(f"{name:24}{min(_times([text] * 5, lambda text: _papers(app, text))):9.1f}")
    close_app(app)


def query_kinds(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """A thousand queries of five kinds, made of the real papers' titles and sentences."""
    chance = random.Random(SEED)
    titles = [WORD.findall(row["title"]) for row in chance.sample(list(rows), EACH * 4)]
    titles = [title for title in titles if len(title) > 3]
    few = [" ".join(chance.sample(title, chance.choice((1, 2, 3)))) for title in titles[:EACH]]
    return {
        "1 to 3 words": few,
        "1 to 3 words, misspelt": [
            " ".join(misspelt(word, chance) if len(word) > 4 else word for word in text.split())
            for text in few
        ],
        "a title": [" ".join(title) for title in titles[EACH : EACH * 2]],
        "a sentence": [row["abstract"].split(". ")[0][:300] for row in chance.sample(list(rows), EACH)],
        "an author": [chance.choice(row["authors"]) for row in chance.sample(list(rows), EACH - 30)],
        "letters and stop words": [*"abcdefghijklmnopqrstuvwxyz", "the", "of the", "we", "is it"],
    }


def _papers(app: App, text: str) -> None:
    search_page(app, SearchRequest(text))


def _times(queries: Sequence[str], ask: Callable[[str], Any]) -> list[float]:
    times: list[float] = []
    for text in queries:
        started = time.thread_time()
        ask(text)
        times.append(_ms(started))
    return times


def _ms(started: float) -> float:
    return (time.thread_time() - started) * 1_000


def _percentiles(times: Sequence[float]) -> str:
    ranked = sorted(times)
    return "".join(
        f"{ranked[min(len(ranked) - 1, int(len(ranked) * part))]:9.2f}" for part in (0.5, 0.95, 0.99)
    )


def _tantivy(folder: Path, count: int) -> Callable[[str], Any]:
    """Tantivy as it comes, over the same text; answers ids of the first 10."""
    builder = tantivy.SchemaBuilder()
    for field in ("title", "text", "authors"):
        builder.add_text_field(field, tokenizer_name="en_stem")
    schema = builder.build()
    there = folder.exists()
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(schema, path=str(folder))
    if not there:
        writer = index.writer(128_000_000, 2)
        for row in made_rows(count):
            writer.add_document(
                tantivy.Document(
                    title=row["title"],
                    text=f"{row['title']} {row['abstract']}",
                    authors=" ".join(row["authors"]),
                )
            )
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    boosts = {"title": 0.5, "text": 1.0, "authors": 1.0}

    def ask(text: str) -> Any:
        query = index.parse_query(" ".join(WORD.findall(text)), list(boosts), field_boosts=boosts)
        return searcher.search(query, limit=10, count=False).hits

    return ask


def _fts5(path: Path, count: int) -> Callable[[str], Any]:
    """SQLite's full-text search with BM25 over the same text."""
    there = path.exists()
    connection = sqlite3.connect(path)
    if not there:
        connection.execute("CREATE VIRTUAL TABLE paper USING fts5(title, text, authors, tokenize='porter')")
        rows = ((row["title"], row["abstract"], " ".join(row["authors"])) for row in made_rows(count))
        connection.executemany("INSERT INTO paper VALUES (?, ?, ?)", rows)
        connection.commit()

    def ask(text: str) -> Any:
        words = " OR ".join(f'"{word}"' for word in WORD.findall(text)) or '""'
        return connection.execute(
            "SELECT rowid FROM paper WHERE paper MATCH ? ORDER BY bm25(paper, 1.5, 1.0, 1.0) LIMIT 10",
            (words,),
        ).fetchall()

    return ask


if __name__ == "__main__":
    main()
