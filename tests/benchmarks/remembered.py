"""How well papers are found by what people remember of them, beside plain Tantivy.

    python -m tests.benchmarks.remembered [--folder FOLDER] [--meaning] [--alone]

Names of authors, a few words of a title, titles in another order or with a wrong word, sentences and parts
of them: each made from the papers of the corpus with a fixed seed. Wanted are all papers of an author,
or the one paper. Tantivy has the names beside the abstract. The index is kept in the folder,
if one is given: that of tests.benchmarks.relevance. With --meaning the vectors there are used; with --alone
Tantivy is left out.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.apps import close_app, open_app
from tests.benchmarks.made_papers import SEED, real_rows
from tests.benchmarks.relevance import DEPTH, Collection, app_of, misspelt, papercord, plain

EACH = 300
FEWEST_PAPERS = 3
"""Of an author who is asked for."""
LONGER = re.compile(r"[A-Za-z]{4,}")
SENTENCE = re.compile(r"(?<=[.!?])\s+")

Question = tuple[str, set[str]]
"""What is typed, and the ids of the papers that are wanted."""
Paper = dict[str, Any]


def main() -> None:
    """Print nDCG@10 of both for each kind of question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--meaning", action="store_true", help="find by meaning, too")
    parser.add_argument("--alone", action="store_true", help="without Tantivy")
    given = parser.parse_args()
    papers = list(real_rows())
    with tempfile.TemporaryDirectory() as folder:
        collection = Collection("questions", [{**row, "text": row["abstract"]} for row in papers], {})
        home = given.folder or Path(folder)
        app = app_of(collection, home)
        if given.meaning:
            close_app(app)
            app = open_app(home / collection.name, meaning=True)
        rankers = [papercord(app)]
        if not given.alone:
            with_names = [
                {**paper, "text": f"{paper['abstract']} {' '.join(paper['authors'])}"} for paper in papers
            ]
            rankers.append(plain(with_names))
        print(
            f"{'nDCG@10':40}{'Papercord':>12}"
            + ("" if given.alone else f"{'Tantivy':>12}{'better':>9}{'worse':>8}")
        )
        for kind, questions in asked(papers):
            gains = [[gain(rank(text)[:DEPTH], wanted) for text, wanted in questions] for rank in rankers]
            print(f"{kind:40}" + "".join(f"{fmean(each):12.3f}" for each in gains) + _compared(*gains))
        close_app(app)


def _compared(mine: Sequence[float], its: Sequence[float] = ()) -> str:
    """How many questions the first answers better and worse than the second, if there is one."""
    if not its:
        return ""
    better = sum(one > other for one, other in zip(mine, its, strict=True))
    worse = sum(one < other for one, other in zip(mine, its, strict=True))
    return f"{better:9}{worse:8}"


def gain(found: Sequence[str], wanted: set[str]) -> float:
    """The discounted gain of the papers that are wanted, as a share of the most that can be."""
    most = sum(1 / math.log2(place + 2) for place in range(min(DEPTH, len(wanted))))
    return sum(1 / math.log2(place + 2) for place, each in enumerate(found) if each in wanted) / most


def asked(papers: Sequence[Paper]) -> Iterator[tuple[str, list[Question]]]:
    """Each kind of question with some of them; always the same."""
    chance = random.Random(SEED)
    of_author: defaultdict[str, set[str]] = defaultdict(set)
    for paper in papers:
        for author in paper["authors"]:
            of_author[author].add(paper["id"])
    known = [name for name, ids in of_author.items() if len(ids) >= FEWEST_PAPERS and " " in name]
    authors = chance.sample(known, EACH)
    yield "an author", [(name, of_author[name]) for name in authors]
    yield "an author, misspelt", [(misspelt(name, chance), of_author[name]) for name in authors]
    some = chance.sample(papers, EACH)
    for kind, typed in _of_one_paper(papers, chance):
        yield kind, [(typed(paper), {paper["id"]}) for paper in some]


def _of_one_paper(
    papers: Sequence[Paper], chance: random.Random
) -> Iterator[tuple[str, Callable[[Paper], str]]]:
    def few_words(paper: Paper) -> str:
        words = LONGER.findall(paper["title"])
        return " ".join(chance.sample(words, min(3, len(words))))

    def with_a_wrong_word(paper: Paper) -> str:
        words = paper["title"].split()
        words[chance.randrange(len(words))] = chance.choice(chance.choice(papers)["title"].split())
        return " ".join(words)

    def author_and_word(paper: Paper) -> str:
        return f"{chance.choice(paper['authors'])} {max(paper['title'].split(), key=len)}"

    def last_sentence(paper: Paper) -> str:
        return SENTENCE.split(paper["abstract"].strip())[-1]

    yield "three words of a title", few_words
    yield "the same, one misspelt", lambda paper: misspelt(few_words(paper), chance)
    yield "a title in any order", lambda paper: " ".join(_shuffled(paper["title"].split(), chance))
    yield "a title with a wrong word", with_a_wrong_word
    yield "an author and a word of the title", author_and_word
    yield "the last sentence of the abstract", last_sentence
    yield "half the words of that sentence", lambda paper: _half(last_sentence(paper), chance)


def _shuffled(words: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words))


def _half(text: str, chance: random.Random) -> str:
    words = text.split()
    return " ".join(word for word in words if chance.random() < 0.5) or text


if __name__ == "__main__":
    main()
