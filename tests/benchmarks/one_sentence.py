"""How near the one sentence of an abstract is to what people wrote of the paper in one sentence (SciTLDR).

    python -m tests.benchmarks.one_sentence [--fit]

ROUGE-1 F as `rouge-score` computes it with its stemmer (words of letters and digits; those of more than three
letters stemmed by Porter), the best of a paper's references, computed here. The weights were fitted to the
first half of the papers, by id; the second half counts. With --fit, weights are fitted again and printed.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import orjson
import Stemmer

from bot.papers.one_sentence import WEIGHTS, features, key_sentence
from bot.text.latex import readable, sentences
from tests.benchmarks.relevance import QUALITY

WORD = re.compile(r"[a-z0-9]+")
PROPOSES = re.compile(
    r"\bwe (?:propose|present|introduce|show|develop)|in this (?:paper|work)", re.IGNORECASE
)
RIDGE = 5.0

_porter = Stemmer.Stemmer("porter")
Paper = Mapping[str, Any]
Choose = Callable[[Paper], str]


def tokens(text: str) -> Counter[str]:
    words: list[str] = WORD.findall(text.lower())
    return Counter(_porter.stemWord(word) if len(word) > 3 else word for word in words)


def rouge(text: str, references: Sequence[str]) -> float:
    """Return ROUGE-1 F with the nearest of the references."""
    own, best = tokens(text), 0.0
    for reference in references:
        theirs = tokens(reference)
        shared = (own & theirs).total()
        best = max(best, 2 * shared / (own.total() + theirs.total()))
    return best


def collection() -> list[Paper]:
    """Return the papers that people described: id, title, abstract, references."""
    folder = QUALITY / "scitldr"
    lines = (folder / "queries.jsonl").read_bytes().splitlines()
    texts = {row["id"]: row["text"] for row in map(orjson.loads, lines)}
    references: defaultdict[str, list[str]] = defaultdict(list)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, paper, _ = line.split("\t")
        references[paper].append(texts[query])
    with gzip.open(folder / "corpus.jsonl.gz") as rows:
        papers = {row["id"]: row for row in map(orjson.loads, rows)}
    return [{**papers[one], "references": references[one]} for one in sorted(references)]


def first(paper: Paper) -> str:
    return sentences(paper["text"])[0]


def first_proposing(paper: Paper) -> str:
    found = sentences(paper["text"])
    return next((one for one in found if PROPOSES.search(one)), found[0])


def chosen(paper: Paper) -> str:
    text = readable(paper["text"])
    return key_sentence(readable(paper["title"]), text) or text


def best(paper: Paper) -> str:
    return max(sentences(paper["text"]), key=lambda one: rouge(one, paper["references"]))


def fitted(papers: Sequence[Paper]) -> dict[str, float]:
    """Fit the weights: ridge regression on how much better a sentence is than the mean of its abstract."""
    rows: list[Any] = []
    values: list[Any] = []
    for paper in papers:
        found = sentences(paper["text"])
        described = np.array([[*one.values()] for one in features(paper["title"], found)])
        scores = np.array([rouge(one, paper["references"]) for one in found])
        rows.append(described - described.mean(0))
        values.append(scores - scores.mean())
    table, wanted = np.vstack(rows), np.concatenate(values)
    weights = np.linalg.solve(table.T @ table + RIDGE * np.eye(table.shape[1]), table.T @ wanted)
    return dict(zip(WEIGHTS, weights.round(2).tolist(), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    papers = collection()
    half = len(papers) // 2
    tuned, counted = papers[:half], papers[half:]
    if options.fit:
        print(fitted(tuned))
    rules: dict[str, Choose] = {
        "first sentence": first,
        "first that proposes": first_proposing,
        "chosen": chosen,
        "best there is": best,
    }
    print(f"ROUGE-1 F          tuned on ({len(tuned)})   not tuned on ({len(counted)})")
    for name, choose in rules.items():
        means = [fmean(rouge(choose(one), one["references"]) for one in some) for some in (tuned, counted)]
        print(f"{name:<20} {means[0]:>13.3f} {means[1]:>17.3f}")


if __name__ == "__main__":
    main()
