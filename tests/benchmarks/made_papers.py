"""Corpora of any size for the benchmarks: the real papers, and more that are made by recombining them."""

from __future__ import annotations

import lzma
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from bot.app import App
from bot.ingest.importer import import_files
from tests.apps import open_app
from tests.conftest import ROOT

REAL = ROOT.parent / "shared" / "corpus" / "arxiv-2025-2026.jsonl.xz"
SEED = 20260315
REAL_PAPERS = 74_728

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def real_rows() -> Iterator[dict[str, Any]]:
    """The papers of the corpus that stands beside the checkout."""
    with lzma.open(REAL) as lines:
        yield from map(orjson.loads, lines)


def made_rows(count: int) -> Iterator[dict[str, Any]]:
    """So many papers: the real ones, then ones of their titles, sentences and authors; always the same."""
    real = list(real_rows())
    yield from real[:count]
    chance = random.Random(SEED)
    sentences = [_SENTENCE.split(row["abstract"]) for row in real]
    for number in range(max(0, count - len(real))):
        one, other, third = (chance.randrange(len(real)) for _ in range(3))
        yield {
            **real[one],
            "id": f"made-{number}",
            "title": _title(real[one]["title"], real[other]["title"]),
            "authors": _authors(chance, real[other]["authors"], real[third]["authors"]),
            # An address names one paper.
            "url": None,
            "abstract": " ".join(_some_of(chance, [sentences[place] for place in (one, other, third)])),
        }


def _title(one: str, other: str) -> str:
    """Each side of the colon from halves of both: main titles are as rarely the same as real ones."""
    (main, _, sub), (other_main, _, other_sub) = one.partition(":"), other.partition(":")
    return _halves(main, other_main) + (f": {_halves(sub, other_sub)}" if sub else "")


def _halves(one: str, other: str) -> str:
    first, second = one.split(), other.split()
    return " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])


def _authors(chance: random.Random, one: Sequence[str], other: Sequence[str]) -> list[str]:
    both = list(dict.fromkeys((*one, *other)))
    return chance.sample(both, max(1, len(both) // 2))


def _some_of(chance: random.Random, abstracts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each first, second and further sentence from one of the abstracts."""
    for place in range(max(map(len, abstracts))):
        choices = [abstract[place] for abstract in abstracts if place < len(abstract)]
        yield chance.choice(choices)


def made_app(folder: Path, count: int) -> App:
    """An app over so many papers in a folder, made there unless it stands."""
    home = folder / f"papers-{count}"
    finished = home / "finished"
    app = open_app(home)
    if not finished.exists():
        rows = home / "rows.jsonl"
        with rows.open("wb") as file:
            file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in made_rows(count))
        report = import_files(app, [rows])
        rows.unlink()
        finished.write_text(f"{(report.added + report.updated) / report.seconds:.0f} papers/s\n")
    app.index.catch_up(app.store)
    return app
