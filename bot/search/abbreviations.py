"""Abbreviations in a query: "QA" is "question answering" too where papers say so, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, takewhile

from bot.search.query import Term
from bot.search.snapshot import Snapshot
from bot.search.variants import MatchKind, Variant
from bot.text.abbreviations import MOST_WORDS, initials
from bot.text.folding import is_stop_word, stem

_FIELD = "abbreviations"
_WEIGHT = 0.25
"""Of the other form beside the typed one.

With .15 papers that have the other form alone lose .01 (tests/benchmarks/abbreviations.py), with .35 those
that have the typed one lose .004.
"""
_FEWEST = 2
"""Papers that must define an abbreviation so: one alone may be misread. With 1 SciFact loses .0015."""
_MOST_OF_IT = 0.5
"""The share of an abbreviation's definitions that must say the same, their endings left aside.

With .7 papers that have the other form alone lose .02 to .03; with .3 they gain as much, but most papers with
the abbreviation mean something else.
"""
_SHARE = 0.05
"""The share of the papers with its short form that must define it so: "cat" is mostly the animal.

With .1 papers that have the long form alone lose .01; with .02 nothing changes.
"""
_MOST_TERMS = 9
"""Of a query whose terms are looked up: an abbreviation written out and a few words.

Titles and sentences gain nothing by it (SciTLDR, SciFact), and took 10 to 30 % longer.
"""
_MOST_READ = 50_000
"""Papers that have the rarest word of a long form, in which its words are looked for. Bounds the time.

Of 20,000 it takes 11 ms, and papers with the short form alone 2 ("LLM" among 74,728 papers).
"""


def add_abbreviations(
    snapshot: Snapshot, terms: Sequence[Term | None], beside: Sequence[list[Variant]]
) -> None:
    """Give each term of a query what it abbreviates, and what abbreviates it, alone or with those behind it.

    None stands for what is no part of an abbreviation; stop words are parts, and need no variant. Nor does a
    term of which the other form is typed as well: "question answering (QA)".
    """
    if len(terms) > _MOST_TERMS:
        return
    typed = f" {' '.join(' '.join(term.words) if term is not None else '.' for term in terms)} "
    for place, term in enumerate(terms):
        if term is None or is_stop_word(term.words[0]):
            continue
        found = [(1, each) for each in _long_form(snapshot, term.words[0])] if len(term.words) == 1 else []
        found += _short_forms(snapshot, [*takewhile(bool, islice(terms, place, place + MOST_WORDS))])
        for end, variant in found:
            if f" {' '.join(variant.words)} " in typed:
                continue
            for variants, each in zip(beside[place : place + end], terms[place:], strict=False):
                if each is not None and not is_stop_word(each.words[0]):
                    variants.append(variant)


def _other(words: tuple[str, ...]) -> Variant:
    return Variant(words, MatchKind.EXACT, (" ".join(words),), _WEIGHT)


def _long_form(snapshot: Snapshot, word: str) -> Iterator[Variant]:
    """What a folded word, or the one of which it is the plural, stands for in most papers that define it."""
    for short in dict.fromkeys((word, word.removesuffix("s"))):
        if _is_defined(snapshot, f"{short}=") and (words := _meant(snapshot, short)):
            if _is_rare_enough(snapshot, words):
                yield _other(words)
            if short != word:
                yield Variant((short,))
            return


def _short_forms(snapshot: Snapshot, several: Sequence[Term | None]) -> Iterator[tuple[int, Variant]]:
    """What abbreviates the first of these terms by their initials, each with how many terms these are.

    Nine in ten definitions are by initials.
    """
    terms = [term for term in several if term is not None]
    words = [word for term in terms for word in term.words]
    for end, length in enumerate(accumulate(len(term.words) for term in terms), 1):
        if length > 1:
            short = initials(words[:length])
            if not _is_defined(snapshot, f"{short}={words[0]} "):
                continue
            meant = _meant(snapshot, short)
            if len(meant) == length and all(map(_are_alike, meant, words)):
                yield end, _other((short,))


def _is_defined(snapshot: Snapshot, begun: str) -> bool:
    """Whether there is a definition that begins so: most have none, which is cheap to find."""
    return bool(snapshot.engine.terms(_FIELD, begun, 1))


def _are_alike(word: str, other: str) -> bool:
    return word == other or stem(word) == stem(other)


def _meant(snapshot: Snapshot, short: str) -> tuple[str, ...]:
    """The words that a short form stands for, in their most frequent endings; none where it is not sure."""
    return snapshot.cached(("long form", short), lambda: _most_defined(snapshot, short))


def _most_defined(snapshot: Snapshot, short: str) -> tuple[str, ...]:
    begun = f"{short}="
    forms: defaultdict[tuple[str, ...], list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
    for term, papers in snapshot.engine.terms(_FIELD, begun):
        words = tuple(term.removeprefix(begun).split())
        forms[tuple(map(stem, words))].append((papers, words))
    papers = {stems: sum(papers for papers, _ in spelt) for stems, spelt in forms.items()}
    most = max(papers, key=lambda stems: (papers[stems], stems))
    least = max(_FEWEST, _MOST_OF_IT * sum(papers.values()), _SHARE * snapshot.frequency("words", short))
    return max(forms[most])[1] if papers[most] >= least else ()


def _is_rare_enough(snapshot: Snapshot, words: Sequence[str]) -> bool:
    """Whether a phrase of these words is found in a time for which somebody waits."""
    return min(snapshot.frequency("text", stem(word)) for word in words) <= _MOST_READ
