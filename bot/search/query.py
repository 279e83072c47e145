"""What a person types, read as a query; there is no wrong query, only plain text.

decentralized training      papers with both words
"neural networks"           the phrase
-survey                     without the word
graph OR tree               either
author:"Pan Pan" field:LG year:2021..2023 has:code score:>70     filters; with - before them, the opposite
paper:26                    that paper
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.search.filters import Filter, read_filter
from bot.text.folding import plain_words, without_latex

LONGEST_QUERY = 4_000
"""Characters; the rest of a longer query is not read."""
MOST_CLAUSES = 64
LONGEST_PHRASE = 24


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that stand side by side; folded, with the place where it was typed."""

    words: tuple[str, ...]
    typed: str
    start: int
    quoted: bool = False

    def __str__(self) -> str:
        return f'"{self.typed}"' if self.quoted else self.typed


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms of which a paper needs one."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.terms))


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as it was read: all clauses wanted, no excluded one, within all filters."""

    text: str
    """What was read, normalised; the places of terms count in it."""
    clauses: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    filters: tuple[Filter, ...] = ()
    paper_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return not (self.clauses or self.excluded or self.filters) and self.paper_id is None

    @property
    def reading(self) -> str:
        """How it was read, in a person's words."""
        if self.paper_id is not None:
            return f"paper {self.paper_id}"
        parts = [" ".join(map(str, self.clauses)), *(f"without {clause}" for clause in self.excluded)]
        return " · ".join(filter(None, [*parts, *map(str, self.filters)]))


_QUOTES = '"“”„«»'
_TOKEN = re.compile(
    rf"(?P<minus>[-−](?=\S))?(?:(?P<key>[A-Za-z]+):(?=\S))?"
    rf"(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}](?=\s|$)|(?P<bare>\S+))"
)
_JOINED = re.compile(r"[^\W_]+(?:[-‐‑–'’._&][^\W_]+)*")
"""Words that belong together because nothing but a hyphen, an apostrophe or a dot parts them."""
_PAPER = re.compile(r"paper:(\d{1,12})", re.IGNORECASE | re.ASCII)
_OR = frozenset({"OR", "|", "||"})


def parse_query(typed: str, codes: Collection[str] = ()) -> ParsedQuery:
    """Read a query; `codes` are the codes of fields that exist, others are plain text."""
    text = unicodedata.normalize("NFC", without_latex(typed[:LONGEST_QUERY])).strip()
    if paper := _PAPER.fullmatch(text):
        return ParsedQuery(text, paper_id=int(paper.group(1)))
    clauses: list[Clause] = []
    excluded: list[Clause] = []
    filters: list[Filter] = []
    joins = False
    for token in _TOKEN.finditer(text):
        if token.group() in _OR:
            joins = bool(clauses)
            continue
        found = _read_filter(token, codes)
        if found is not None:
            filters.append(found)
        else:
            new = [Clause((term,)) for term in _terms(token)]
            if token["minus"]:
                excluded += new
            elif joins and new:
                clauses[-1] = Clause(clauses[-1].terms + new[0].terms)
                clauses += new[1:]
            else:
                clauses += new
        joins = False
    return ParsedQuery(
        text, tuple(clauses[:MOST_CLAUSES]), tuple(excluded[:MOST_CLAUSES]), tuple(dict.fromkeys(filters))
    )


def _read_filter(token: re.Match[str], codes: Collection[str]) -> Filter | None:
    if token["key"] is None:
        return None
    value = token["quoted"] if token["quoted"] is not None else token["bare"].strip(_QUOTES)
    found = read_filter(token["key"], value, codes)
    if found is not None and token["minus"]:
        return replace(found, negated=True)
    return found


def _terms(token: re.Match[str]) -> list[Term]:
    if token["quoted"] is not None and token["key"] is None:
        words = tuple(plain_words(token["quoted"])[:LONGEST_PHRASE])
        return [Term(words, token["quoted"].strip(), token.start("quoted"), quoted=True)] if words else []
    start = token.end("minus") if token["minus"] else token.start()
    terms: list[Term] = []
    for match in _JOINED.finditer(token.string, start, token.end()):
        words = tuple(plain_words(match.group())[:LONGEST_PHRASE])
        if words:
            terms.append(Term(words, match.group(), match.start()))
    return terms
