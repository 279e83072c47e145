"""One sentence on a paper: as a source made it, else the sentence of the abstract that says what is new.

The sentence of the abstract is chosen by a linear model of few features, whose weights were fitted to the
first half of SciTLDR; `python -m tests.benchmarks.one_sentence` measures it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.corpus.formats.semantic_scholar import SOURCE as SEMANTIC_SCHOLAR
from bot.papers.results import Paper
from bot.text.folding import plain_words, stem
from bot.text.latex import readable, sentences

_MOST_SENTENCES = 60
"""Bounds the time; the first half of SciTLDR has .333 of ROUGE-1 with 5, and .337 with 10 to 120."""
_LONGEST = 60
"""Words; what is longer is not worth more. With 20 to 120 SciTLDR changes by .001."""

_SAYS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "this paper": r"\b(?:in )?(?:this|the present|our) (?:paper|work|article|study)\b",
        "we propose": (
            r"\bwe (?:\w+ly )?(?:propose|present|introduce|describe|develop|design|study|investigate|explore"
            r"|address|consider|formulate|devise|suggest|offer|provide|tackle|analy[sz]e|examine)\b"
        ),
        "new": r"\b(?:novel|new|first)\b",
        "we show": r"\bwe (?:\w+ )?(?:show|demonstrate|prove|find|establish|observe|argue)\b",
        "background": (
            r"^(?:however|but|while|although|despite|yet|unfortunately|recent\w*|existing|many|most)\b"
        ),
        "digit": r"\d",
        "code": r"https?://|github|code (?:is|will)|available",
    }.items()
}
WEIGHTS: Mapping[str, float] = {
    "this paper": 0.03,
    "we propose": 0.02,
    "new": 0.02,
    "we show": -0.01,
    "background": -0.02,
    "digit": -0.01,
    "code": -0.01,
    "first to propose": 0.02,
    "late": -0.02,
    "length": 0.13,
    "length squared": -0.04,
    "short": -0.04,
    "title named": 0.10,
    "words of the title": 0.08,
    "words of others": 0.15,
}
"""What each feature adds to how good a sentence is."""


@dataclass(frozen=True, slots=True)
class OneSentence:
    """What a paper is about, in a sentence."""

    text: str
    source: str | None
    """Who made it; None where it is one of the abstract."""


def one_sentence(paper: Paper) -> OneSentence | None:
    """What a source made of the paper, else the best sentence of its abstract, where that has several."""
    if paper.summary:
        return OneSentence(paper.summary, SEMANTIC_SCHOLAR)
    best = key_sentence(readable(paper.title), readable(paper.abstract))
    return OneSentence(best, None) if best is not None else None


@lru_cache(maxsize=2_048)
def key_sentence(title: str, abstract: str) -> str | None:
    """The sentence of an abstract that says what is new; None where there is nothing to choose."""
    found = sentences(abstract)[:_MOST_SENTENCES]
    if len(found) < 2:
        return None
    values = [sum(WEIGHTS[name] * value for name, value in one.items()) for one in features(title, found)]
    return found[values.index(max(values))]


def features(title: str, found: Sequence[str]) -> list[Mapping[str, float]]:
    """What of each sentence of an abstract shows how good it is, by the names of `WEIGHTS`."""
    named = _stems(title)
    words = [_stems(one) for one in found]
    common = Counter(word for one in words for word in one)
    described: list[Mapping[str, float]] = []
    is_proposed = False
    for place, (sentence, own) in enumerate(zip(found, words, strict=True)):
        says = {name: float(bool(pattern.search(sentence))) for name, pattern in _SAYS.items()}
        proposes = says["this paper"] or says["we propose"]
        length = min(len(sentence.split()), _LONGEST) / 30
        shared = len(named & own)
        described.append(
            {
                **says,
                "first to propose": float(proposes and not is_proposed),
                "late": (place / max(1, len(found) - 1)) ** 2,
                "length": length,
                "length squared": length**2,
                "short": float(length < 8 / 30),
                "title named": shared / max(1, len(named)),
                "words of the title": shared / max(1, len(own)),
                "words of others": sum(common[word] > 1 for word in own) / max(1, len(own)),
            }
        )
        is_proposed = is_proposed or bool(proposes)
    return described


def _stems(text: str) -> set[str]:
    return {stem(word) for word in plain_words(text)}
