"""How well sentences, claims and questions find their papers, beside plain Tantivy, bm25s and both fused.

    python -m tests.benchmarks.relevance [--folder FOLDER] [--misspelt] [--meaning]

SciTLDR: one-sentence queries, of which the second half counts; the ranking was tuned on the first. SciFact:
claims of the training split. Questions: long and lay ones, written by hand, over the large corpus. Indexes
are kept in the folder, if one is given. Fused is reciprocal rank fusion of Tantivy and bm25s. With --meaning
the vectors of all papers are made first, which takes an hour or more for the large corpus; MiniLM alone is
the order of their nearest neighbours. Milliseconds are of the processor.
"""

from __future__ import annotations

import argparse
import gzip
import math
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import bm25s
import orjson
import Stemmer
import tantivy
from sqlalchemy import text as sql

from bot.app import App
from bot.ingest.importer import import_files
from bot.papers.results import SearchRequest
from bot.papers.search import search
from tests.apps import close_app, open_app
from tests.benchmarks.made_papers import real_rows
from tests.conftest import ROOT

QUALITY = ROOT.parent / "shared" / "quality"
TUNED = 675
"""Queries of SciTLDR that the ranking was tuned on."""
DEPTH, DEEP = 10, 100
FUSED = 60
"""The constant of reciprocal rank fusion, as in Cormack, Clarke and Büttcher 2009."""
SHORTEST = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = re.compile(r"[A-Za-z]+")
SEEDS = 3

Rank = Callable[[str], Sequence[str]]
"""Answers the ids of the first papers for a query."""
Paper = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the papers that it wants."""

    id: str
    text: str
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Collection:
    """Papers, and groups of questions to them."""

    name: str
    papers: Sequence[Paper]
    groups: Mapping[str, Sequence[Question]]


def main() -> None:
    """Print nDCG@10 and recall@100 of all systems for each group of questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--misspelt", action="store_true", help="only SciTLDR, with misspelt words")
    parser.add_argument("--meaning", action="store_true", help="with meaning, and the vectors alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.misspelt:
            print_misspelt(given.folder or Path(folder))
            return
        print(f"{'':42}{'nDCG@10':>9}{'recall@100':>12}{'ms each':>9}")
        for read in (scitldr, scifact, questions):
            print_collection(read(), given.folder or Path(folder), meaning=given.meaning)


def print_collection(collection: Collection, folder: Path, *, meaning: bool) -> None:
    """Print a line for each group of questions and each system."""
    app = app_of(collection, folder)
    with_meaning = open_app(folder / collection.name, meaning=True) if meaning else None
    by_words, by_bm25s = plain(collection.papers, DEEP), bm25(collection.papers)
    systems = {
        "Papercord": papercord(app),
        "plain Tantivy": by_words,
        "bm25s": by_bm25s,
        "both fused": fused(by_words, by_bm25s),
    }
    if with_meaning is not None:
        with_meaning.meaning.make(lambda _: False, lambda _: None, with_meaning.clock)
        systems["with meaning"] = papercord(with_meaning)
        systems["MiniLM alone"] = by_meaning(with_meaning)
        systems["words and MiniLM fused"] = fused(systems["Papercord"], systems["MiniLM alone"])
    for group, asked in collection.groups.items():
        for system, rank in systems.items():
            started = time.process_time()
            found = [rank(question.text) for question in asked]
            each = (time.process_time() - started) / len(asked) * 1_000
            gains = fmean(gain(ids, question.wanted) for ids, question in zip(found, asked, strict=True))
            recalled = fmean(recall(ids, question.wanted) for ids, question in zip(found, asked, strict=True))
            print(f"{f'{group} ({len(asked)}), {system}':42}{gains:9.4f}{recalled:12.4f}{each:9.2f}")
    close_app(app)
    if with_meaning is not None:
        close_app(with_meaning)


def print_misspelt(folder: Path) -> None:
    """Print what SciTLDR's queries lose with one word, and with all long words, misspelt."""
    collection = scitldr()
    app = app_of(collection, folder)
    asked = [question for group in collection.groups.values() for question in group]
    rankers = {"Papercord": papercord(app), "plain Tantivy": plain(collection.papers)}
    forms: dict[str, Callable[[str, random.Random], str]] = {
        "as written": lambda text, _: text,
        "one word misspelt": spoil_one,
        "every word of 5 letters misspelt": spoil_all,
    }
    print(f"{'nDCG@10':48}{'first half':>12}{'other half':>12}{'all':>9}{'lost':>8}")
    for system, rank in rankers.items():
        whole = 0.0
        for form, spoil in forms.items():
            values = [
                fmean(
                    gain(rank(spoil(question.text, random.Random(f"{seed} {number}"))), question.wanted)
                    for seed in range(SEEDS if spoil in {spoil_one, spoil_all} else 1)
                )
                for number, question in enumerate(asked)
            ]
            mean = fmean(values)
            whole = whole or mean
            print(
                f"{system}, {form}".ljust(48)
                + f"{fmean(values[:TUNED]):12.4f}{fmean(values[TUNED:]):12.4f}"
                + f"{mean:9.4f}{1 - mean / whole:8.1%}"
            )
    close_app(app)


def scitldr() -> Collection:
    """One-sentence queries, one paper each."""
    asked = _questions(QUALITY / "scitldr")
    groups = {"SciTLDR, tuned on": asked[:TUNED], "SciTLDR": asked[TUNED:]}
    return Collection("scitldr", _papers(QUALITY / "scitldr"), groups)


def scifact() -> Collection:
    """Claims, and the papers that have evidence for or against them."""
    folder = QUALITY / "scifact-train"
    return Collection("scifact", _papers(folder), {"SciFact": _questions(folder)})


def questions() -> Collection:
    """Long and lay questions around papers of the large corpus."""
    asked = _questions(QUALITY / "questions")
    groups = {
        f"{kind} questions": [each for each in asked if each.id.startswith(kind)] for kind in ("long", "lay")
    }
    papers = [{**row, "text": row["abstract"]} for row in real_rows()]
    return Collection("questions", papers, groups)


def _papers(folder: Path) -> list[Paper]:
    with gzip.open(folder / "corpus.jsonl.gz") as lines:
        return [orjson.loads(line) for line in lines]


def _questions(folder: Path) -> list[Question]:
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for row in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, paper, relevance = row.split("\t")[:3]
        if int(relevance) > 0:
            wanted[question].add(paper)
    rows = map(orjson.loads, (folder / "queries.jsonl").read_bytes().splitlines())
    return [
        Question(row["id"], row["text"], frozenset(wanted[row["id"]])) for row in rows if row["id"] in wanted
    ]


def gain(found: Sequence[str], wanted: frozenset[str]) -> float:
    """The discounted gain of the papers that are wanted, as a share of the most that can be."""
    most = sum(1 / math.log2(place + 2) for place in range(min(DEPTH, len(wanted))))
    return sum(1 / math.log2(place + 2) for place, each in enumerate(found[:DEPTH]) if each in wanted) / most


def recall(found: Sequence[str], wanted: frozenset[str]) -> float:
    """The share of the papers that are wanted among the first hundred."""
    return len(wanted & set(found[:DEEP])) / len(wanted)


def app_of(collection: Collection, folder: Path) -> App:
    """An app over the papers of a collection, made in the folder unless it stands."""
    home = folder / collection.name
    finished = home / "finished"
    app = open_app(home)
    if not finished.exists():
        rows = home / "rows.jsonl"
        rows.write_bytes(b"".join(map(_row, collection.papers)))
        import_files(app, [rows])
        rows.unlink()
        finished.touch()
    app.index.catch_up(app.store)
    return app


def _row(paper: Paper) -> bytes:
    return orjson.dumps({**paper, "abstract": paper["text"]}, option=orjson.OPT_APPEND_NEWLINE)


def source_ids(app: App) -> Mapping[int, str]:
    """The ids that the collection gives its papers, by those of the store."""
    with app.store.reading() as session:
        rows = session.connection().execute(sql("SELECT id, source_id FROM paper"))
        return dict(map(tuple, rows))


def by_meaning(app: App) -> Rank:
    """The papers nearest to a question in meaning, whatever its words."""
    names = source_ids(app)

    def rank(text: str) -> Sequence[str]:
        return [names[number] for number in app.meaning.ranked(text, {}, lambda ids: ids, DEEP).papers]

    return rank


def papercord(app: App) -> Rank:
    """The search of /papers."""
    names = source_ids(app)

    def rank(text: str) -> Sequence[str]:
        return [names[number] for number in search(app, SearchRequest(text)).paper_ids]

    return rank


def plain(papers: Sequence[Paper], depth: int = DEPTH) -> Rank:
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
        hits = searcher.search(query, limit=depth, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        return [str(papers[int(number or 0)]["id"]) for number in numbers]

    return rank


def bm25(papers: Sequence[Paper]) -> Rank:
    """bm25s as it comes, with its stop words of English and a Snowball stemmer."""
    stemmer = Stemmer.Stemmer("english")

    def tokenize(texts: Sequence[str]) -> Any:
        return bm25s.tokenize(list(texts), stopwords="en", stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25()
    retriever.index(tokenize([f"{paper['title']} {paper['text']}" for paper in papers]), show_progress=False)

    def rank(text: str) -> Sequence[str]:
        asked = tokenize([text])
        if not asked.vocab:
            return []
        [numbers], _ = retriever.retrieve(asked, k=min(DEEP, len(papers)), show_progress=False)
        return [str(papers[int(number)]["id"]) for number in numbers]

    return rank


def fused(*ranks: Rank) -> Rank:
    """Reciprocal rank fusion."""

    def rank(text: str) -> Sequence[str]:
        scores: defaultdict[str, float] = defaultdict(float)
        for each in ranks:
            for place, paper in enumerate(each(text)):
                scores[paper] += 1 / (FUSED + place + 1)
        return sorted(scores, key=scores.__getitem__, reverse=True)[:DEEP]

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
