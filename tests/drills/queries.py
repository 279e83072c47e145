"""Random queries against a corpus: none may raise, none may be slow, and every result must match.

    python -m tests.drills.queries --count 1000000 [--folder FOLDER --papers 74728]

Without a folder the shipped corpus is asked; with one, the corpus of the benchmarks that stands there.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from operator import contains
from pathlib import Path

from rapidfuzz.distance import OSA

from bot.app import App
from bot.errors import RefusedError
from bot.papers.results import Hit, SearchAnswer, SearchRequest
from bot.papers.search import page_of, search
from bot.search.query import Clause, Role, Term, parse_query
from bot.search.spelling import other_number, other_spellings
from bot.search.terms import separate_words
from bot.text.folding import is_stop_word, plain_words, stem
from tests.apps import close_app, shipped_app
from tests.benchmarks.made_papers import REAL_PAPERS, made_app

MOST_MILLISECONDS = 100
NUMERALS = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "x": "10"}
MOST_LETTERS = 6
"""Of an abbreviation."""
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")

_PIECES = r"""
decentralized decentralised decentralzed graph graphs video training the of a large-scale largescale
Mézard α optimisation recurent pan yuan author:"Pan_Pan" author:yuan field:LG field:ZZ field:cs.LG
year:2021 year:2021..2022 year:x year:>2020 has:code -has:code score:>70 score:x score:1..2 OR | ||
- -- -video "deep_training" "stray "" paper:3 paper: similar:3 similar: $\alpha$ \textbf{a} \frac{
{{{ }}} 深度 العربية 🙂 ' '' `` ( ) [ ] : :: * ? ~1 ^2 AND NOT TO \ \\ 2104.11981 10.1/x
https://arxiv.org/abs/2104.11981 ＧＰＴ ﬁne ß İ ı don't e.g. C++ .NET x-y-z-w 0 1e9 \x00
"""
PIECES = _PIECES.split()
ODD = "\x00\ud800\u202e\u200b\u0301\ufeff\u2028 \t\n\"'-:()[]{}$\\%&#_^~|<>*?!.,;/@"


def random_queries(seed: int) -> Iterator[str]:
    """Queries without end: pieces of the language, words, and any characters; the same for a seed."""
    chance = random.Random(seed)
    while True:
        parts = [_part(chance) for _ in range(chance.choice((1, 1, 2, 3, 4, 6, 9, 20)))]
        yield chance.choice((" ", " ", " ", "", "  ")).join(parts)


def _part(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(PIECES).replace("_", " ")
    if kind < 0.8:
        return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randrange(1, 12)))
    if kind < 0.9:
        return "".join(chance.choice(ODD) for _ in range(chance.randrange(1, 6)))
    return "".join(chr(chance.randrange(0x2FFF)) for _ in range(chance.randrange(1, 6)))


def check(app: App, text: str) -> SearchAnswer | None:
    """Ask once; AssertionError where a result does not match."""
    try:
        answer = search(app, SearchRequest(text))
    except RefusedError:
        return None
    snapshot = app.index.snapshot()
    codes = snapshot.field_codes if snapshot is not None else ()
    query = parse_query(text, codes)
    page = page_of(app, answer, 1)
    if query.paper_id is not None or answer.reading != query.reading:
        return answer
    clauses = [
        each
        for clause in query.clauses
        for each in (separate_words(clause) if _is_apart(clause, answer.variants) else [clause])
    ]
    telling = [clause for clause in clauses if not _says_nothing(clause.terms[0])]
    for hit in page.hits:
        there = words_of(hit)
        if hit.complete or hit.corrected:
            assert all(matches(there, clause, clauses, answer.variants) for clause in telling), (
                text,
                hit.paper.title,
            )
        else:
            some = [*query.clauses, *(each for clause in query.clauses for each in separate_words(clause))]
            assert any(matches(there, clause, some, answer.variants) for clause in some), (
                text,
                hit.paper.title,
            )
    return answer


def _says_nothing(term: Term) -> bool:
    return (
        term.role is Role.STOP_WORD or all(map(is_stop_word, term.words)) or is_stop_word("".join(term.words))
    )


def _is_apart(clause: Clause, variants: Sequence[str]) -> bool:
    """Whether it was said that each word of such as "Jui-Yao" counts for itself."""
    words = clause.terms[0].words
    return len(words) > 1 and " ".join(words) in variants


def words_of(hit: Hit) -> list[list[str]]:
    """The words of title, abstract and names, found without the index."""
    names = (*hit.paper.authors, *hit.paper.attributed_to)
    whole = (hit.paper.title, hit.paper.abstract)
    texts = [plain_words(text) for one in whole for text in (one, _CAPITAL_INSIDE.sub(" ", one))]
    return [*texts, [word for name in names for word in plain_words(name)]]


def matches(
    texts: Sequence[Sequence[str]], clause: Clause, beside: Sequence[Clause], variants: Sequence[str]
) -> bool:
    """Whether a paper has one of the terms, perhaps spelt, joined or split otherwise as it was said."""
    first = [other.terms[0].words for other in beside]
    neighbours = [(*one, *other) for one, other in pairwise(first) if clause.terms[0].words in {one, other}]
    for term in clause.terms:
        wanted = "".join(term.words)
        errors = 0 if term.quoted else sum(map(most_errors, term.words))
        near = [form for words in (term.words, *neighbours) for form in said(words, variants, term)]
        near += [other for form in near for other in other_spellings(form)]
        joined = map("".join, neighbours)
        forms = {stem(form) for form in (wanted, *other_spellings(wanted), *joined, *near)}
        forms |= {stem(other_number(wanted) or wanted), NUMERALS.get(wanted, wanted)}
        if _is_abbreviated(wanted, neighbours, texts) or _is_initial(term, beside, texts[-1]):
            return True
        runs = [[stems_of(word, () if term.quoted else variants) for word in term.words]]
        several = [form.split() for form in near if " " in form]
        several += [[word for word in form if not is_stop_word(word)] for form in several]
        runs += [[{stem(word)} for word in form] for form in several]
        for words in texts:
            for length in range(1, len(term.words) + 2):
                for start in range(len(words) - length + 1):
                    run = words[start : start + length]
                    together = "".join(run)
                    if stem(together) in forms or (errors and OSA.distance(together, wanted) <= errors):
                        return True
                    stems = list(map(stem, run))
                    if any(len(each) == length and all(map(contains, each, stems)) for each in runs):
                        return True
    return False


def _is_abbreviated(word: str, neighbours: Sequence[Sequence[str]], texts: Sequence[Sequence[str]]) -> bool:
    """Whether a paper has words with these first letters, or the first letters of words that were typed."""
    short = {"".join(part[0] for part in words) for words in neighbours}
    for words in texts:
        if any(one.removesuffix("s") in short for one in words):
            return True
        first = "".join(one[0] for one in words)
        if 1 < len(word) <= MOST_LETTERS and (word in first or word.removesuffix("s") in first):
            return True
    return False


def _is_initial(term: Term, beside: Sequence[Clause], names: Sequence[str]) -> bool:
    """Whether a term is letters, of which an author has the first as an initial: "E. G. Pan" is Enze Pan."""
    initials = {name[0] for name in names}
    return _are_letters(term) and any(
        clause.terms[0].words[0][0] in initials for clause in beside if _are_letters(clause.terms[0])
    )


def _are_letters(term: Term) -> bool:
    letters = "".join(term.words)
    return len(letters) <= 2 or len(letters) == len(term.words)


def said(words: Sequence[str], variants: Sequence[str], term: Term) -> list[str]:
    """What it was said that a term, or it and its neighbour, may have been meant as."""
    errors = 0 if term.quoted else sum(map(most_errors, words))
    return [form for form in variants if OSA.distance(form, "".join(words)) <= errors]


def stems_of(word: str, variants: Sequence[str]) -> set[str]:
    """The stems of a word as it was typed, and as it may have been meant."""
    meant = [form for form in variants if OSA.distance(form, word) <= most_errors(word)]
    return {stem(way) for one in (word, *meant) for way in (one, *other_spellings(one))}


def most_errors(word: str) -> int:
    """How many letters of a word may be wrong."""
    return (len(word) >= 4) + (len(word) >= 6)


def main() -> None:
    """Ask, and print the slowest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--papers", type=int, default=REAL_PAPERS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        app = made_app(given.folder, given.papers) if given.folder else shipped_app(Path(empty) / "data")
        gc.freeze()  # as the bot does at its start
        started = time.perf_counter()
        slowest: list[tuple[float, str]] = []
        for text in islice(random_queries(given.seed), given.count):
            answer = check(app, text)
            if answer is not None:
                slowest = sorted([*slowest, (answer.took_ms, text)], reverse=True)[:5]
        seconds = time.perf_counter() - started
        print(f"{given.count:,} queries in {seconds:.0f} s, no exception, every result matches; the slowest:")
        for milliseconds, text in slowest:
            print(f"{milliseconds:9.1f} ms  {text[:80]!r}")
        close_app(app)
    if slowest and slowest[0][0] > MOST_MILLISECONDS:
        raise SystemExit(f"slower than {MOST_MILLISECONDS} ms")


if __name__ == "__main__":
    main()
