"""How well one-sentence queries find their paper, beside plain Tantivy; and with misspelt words.

    python -m tests.benchmarks.relevance

The weights of the ranking were tuned on the first half of the queries; the other half counts.
Milliseconds are of the processor.
"""

from __future__ import annotations

import gzip
import math
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import orjson
import tantivy
from sqlalchemy import text as sql

from bot.ingest.importer import import_files
from bot.papers.results import SearchRequest
from bot.papers.search import search
from tests.apps import close_app, open_app
from tests.conftest import ROOT

COLLECTION = ROOT.parent / "shared" / "quality" / "scitldr"
TUNED = 675
DEPTH = 10
SHORTEST = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(r"[A-Za-z]+")
SEEDS = 3

Rank = Callable[[str], Sequence[str]]
"""Answers the ids of the first papers for a query."""


def main() -> None:
    """Print nDCG@10 of both for each form of the queries."""
    papers, queries, wanted = collection()
    forms: dict[str, list[list[str]]] = {"as written": [queries]}
    for name, spoil in (("one word misspelt", spoil_one), ("every word of 5 letters misspelt", spoil_all)):
        forms[name] = [
            [spoil(text, random.Random(f"{seed} {number}")) for number, text in enumerate(queries)]
            for seed in range(SEEDS)
        ]
    with tempfile.TemporaryDirectory() as folder:
        app = open_app(Path(folder))
        rankers = {"Papercord": papercord(app, papers, Path(folder)), "plain Tantivy": plain(papers)}
        print(f"{'nDCG@10':42}{'first half':>12}{'other half':>12}{'all':>9}{'lost':>8}{'ms each':>9}")
        for system, rank in rankers.items():
            whole = 0.0
            for form, spoilt in forms.items():
                started = time.thread_time()
                scores = [
                    [gain(rank(text), wanted[number]) for number, text in enumerate(texts)]
                    for texts in spoilt
                ]
                each = (time.thread_time() - started) / sum(map(len, spoilt)) * 1_000
                values = [fmean(column) for column in zip(*scores, strict=True)]
                mean = fmean(values)
                whole = whole or mean
                print(
                    f"{system}, {form}".ljust(48)
                    + f"{fmean(values[:TUNED]):6.4f}{fmean(values[TUNED:]):12.4f}{mean:9.4f}"
                    + f"{1 - mean / whole:8.1%}{each:9.2f}"
                )
        close_app(app)


def collection() -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """The papers, the queries, and the paper that each wants."""
    with gzip.open(COLLECTION / "corpus.jsonl.gz") as lines:
        papers = [orjson.loads(line) for line in lines]
    rows = (COLLECTION / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    relevant = dict(row.split("\t")[:2] for row in rows)
    queries = [orjson.loads(line) for line in (COLLECTION / "queries.jsonl").read_bytes().splitlines()]
    return papers, [query["text"] for query in queries], [relevant[query["id"]] for query in queries]


def gain(found: Sequence[str], wanted: str) -> float:
    """The discounted gain of the one paper that is wanted."""
    return 1 / math.log2(found.index(wanted) + 2) if wanted in found else 0.0


def papercord(app: Any, papers: Sequence[dict[str, Any]], folder: Path) -> Rank:
    """The search of /papers."""
    rows = folder / "rows.jsonl"
    rows.write_bytes(
        b"".join(
            orjson.dumps({"id": paper["id"], "title": paper["title"], "abstract": paper["text"]}) + b"\n"
            for paper in papers
        )
    )
    import_files(app, [rows])
    with app.store.reading() as session:
        names = {
            row[0]: row[1] for row in session.connection().execute(sql("SELECT id, source_id FROM paper"))
        }

    def rank(text: str) -> Sequence[str]:
        return [names[number] for number in search(app, SearchRequest(text)).paper_ids[:DEPTH]]

    return rank


def plain(papers: Sequence[dict[str, Any]]) -> Rank:
    """Tantivy as it comes: BM25 of title and abstract together, and of the title at half weight."""
    builder = tantivy.SchemaBuilder()
    for field in ("title", "text"):
        builder.add_text_field(field, tokenizer_name="en_stem")
    builder.add_unsigned_field("number", fast=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(64_000_000, 1)
    for number, paper in enumerate(papers):
        document = tantivy.Document(title=paper["title"], text=f"{paper['title']} {paper['text']}")
        document.add_unsigned("number", number)
        writer.add_document(document)
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def rank(text: str) -> Sequence[str]:
        words = " ".join(re.findall(r"\w+", text))
        query = index.parse_query(words, ["title", "text"], field_boosts={"title": 0.5, "text": 1.0})
        hits = searcher.search(query, limit=DEPTH, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        return [str(papers[int(number or 0)]["id"]) for number in numbers]

    return rank


def spoil_one(text: str, chance: random.Random) -> str:
    """One of the longer words misspelt."""
    words = list(_long_words(text))
    if not words:
        return text
    word = chance.choice([word for word in words if len(word.group()) > SHORTEST + 1] or words)
    return text[: word.start()] + misspelt(word.group(), chance) + text[word.end() :]


def spoil_all(text: str, chance: random.Random) -> str:
    """Every longer word misspelt."""
    return WORD.sub(
        lambda word: misspelt(word.group(), chance) if len(word.group()) >= SHORTEST else word.group(), text
    )


def _long_words(text: str) -> Iterator[re.Match[str]]:
    return (word for word in WORD.finditer(text) if len(word.group()) >= SHORTEST)


def misspelt(word: str, chance: random.Random) -> str:
    """A word with one letter changed, dropped, added, or swapped with the next."""
    spoilt = word
    while spoilt == word:
        place = chance.randrange(len(word))
        before, letter, after = word[:place], word[place], word[place + 1 :]
        spoilt = chance.choice(
            (
                before + chance.choice(LETTERS) + after,
                before + after,
                before + chance.choice(LETTERS) + letter + after,
                before + after[:1] + letter + after[1:],
            )
        )
    return spoilt


if __name__ == "__main__":
    main()
