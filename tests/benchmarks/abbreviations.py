"""How well papers are found by an abbreviation that they write out, and by what they abbreviate.

    python -m tests.benchmarks.abbreviations [--folder FOLDER]

Questions are made from the large corpus with a fixed seed: of a title that has a long form which is defined
three times, or its abbreviation, that is typed in either form, with three more words of the title.
nDCG@10 of the one paper. The index is kept in the folder, if one is given, as by tests.benchmarks.relevance.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from bot.text.abbreviations import MOST_WORDS, definitions
from bot.text.folding import is_stop_word, plain, plain_words, stem
from tests.apps import close_app
from tests.benchmarks.made_papers import SEED
from tests.benchmarks.relevance import app_of, gain, papercord, questions

EACH = 400
FEWEST = 3
"""Definitions of it."""
BESIDE = 3
"""Words of the title that are typed as well."""
LONGER = 4
"""Letters of these, at least."""

Stems = tuple[str, ...]
Defined = Mapping[Stems, tuple[str, str]]
Paper = Mapping[str, Any]
Asked = tuple[str, str, str]
"""The kind of question, what is typed, and the id of the paper that is wanted."""


def defined(papers: Sequence[Paper]) -> Defined:
    """Long forms as stems, with their abbreviation, and as they are written; frequent ones last."""
    counts: defaultdict[Stems, Counter[tuple[str, str]]] = defaultdict(Counter)
    for paper in papers:
        of_paper = {(short, " ".join(words)) for short, words in definitions(plain(paper["abstract"]))}
        for short, long in of_paper:
            counts[tuple(map(stem, long.split()))][short, long] += 1
    return {stems: forms.most_common(1)[0][0] for stems, forms in counts.items() if forms.total() >= FEWEST}


def asked(papers: Sequence[Paper]) -> Iterator[Asked]:
    """Questions of all kinds, in any order; always the same."""
    chance = random.Random(SEED)
    shorts = defined(papers)
    longs = {short: stems for stems, (short, _) in shorts.items()}
    for paper in chance.sample(papers, len(papers)):
        title = plain_words(paper["title"])
        words = {*title, *plain_words(paper["abstract"])}
        text = f" {' '.join(map(stem, [*title, '.', *plain_words(paper['abstract'])]))} "
        found = _long_form(title, shorts)
        if found is not None:
            start, end, (short, _) = found
            beside = _beside(title[:start] + title[end:], chance)
            has_both = bool({short, f"{short}s"} & words)
            if beside:
                typed = " ".join(title[start:end])
                yield f"written out, in papers {_with(has_both)}", f"{typed} {beside}", paper["id"]
                if not has_both:
                    yield "abbreviated, in papers that write it out", f"{short.upper()} {beside}", paper["id"]
            continue
        short = next((word for word in title if word in longs and word.upper() in paper["title"]), None)
        beside = _beside([word for word in title if word != short], chance)
        if short is not None and beside:
            has_both = f" {' '.join(longs[short])} " in text
            yield f"abbreviated, in papers {_with(has_both)}", f"{short.upper()} {beside}", paper["id"]
            if not has_both:
                typed = f"{shorts[longs[short]][1]} {beside}"
                yield "written out, in papers that abbreviate it", typed, paper["id"]


def _with(has_both: bool) -> str:
    return "with both forms" if has_both else "with that form alone"


def _long_form(title: Sequence[str], shorts: Defined) -> tuple[int, int, tuple[str, str]] | None:
    """Where the longest long form of a title begins and ends, and how it is abbreviated."""
    stems = tuple(map(stem, title))
    for length in range(MOST_WORDS, 1, -1):
        for start in range(len(stems) - length + 1):
            if forms := shorts.get(stems[start : start + length]):
                return start, start + length, forms
    return None


def _beside(words: Sequence[str], chance: random.Random) -> str:
    longer = [word for word in words if len(word) >= LONGER and not is_stop_word(word)]
    return " ".join(chance.sample(longer, BESIDE)) if len(longer) >= BESIDE else ""


def main() -> None:
    """Print nDCG@10 for each kind of question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    collection = questions()
    of_kind: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, typed, paper in asked(collection.papers):
        if len(of_kind[kind]) < EACH:
            of_kind[kind].append((typed, paper))
    with tempfile.TemporaryDirectory() as folder:
        app = app_of(collection, given.folder or Path(folder))
        rank = papercord(app)
        print(f"{'nDCG@10':56}")
        for kind, typed in sorted(of_kind.items()):
            mean = fmean(gain(rank(text), frozenset([paper])) for text, paper in typed)
            print(f"{f'{kind} ({len(typed)})':56}{mean:8.3f}", flush=True)
        close_app(app)


if __name__ == "__main__":
    main()
