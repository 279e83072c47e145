"""One word for one thing: the words that were given up do not come back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

EVERYWHERE = {
    "desk": "app",
    "ledger": "outbox",
    "courier": "dispatcher",
    "crossing": "attempt",
    "wish": "candidate",
    "verdict": "result",
    "outcome": "result",
    "manners": "politeness, rate limit",
    "bringing": "importing",
    "brought": "imported",
    "told": "a plain verb: reported, shown, sent",
    "tells": "a plain verb: reports, shows, says",
    "weighed": "rerank",
    "second look": "reranker",
    "forgiven": "corrected, variant",
    "commonness": "name frequency",
    "kinship": "similarity",
    "retired paper": "merged paper",
    "carries": "holds, has",
    "in peace": "undisturbed",
    "dress": "prefixes, form",
    "puts away": "stores",
}
"""In identifiers, docstrings and comments; a word counts with its plural, too."""

IN_NAMES = {
    "press": "button",
    "pressed": "chosen",
    "closest": "proximity rerank",
    "sought": "candidates",
    "telling": "informative",
    "news": "unseen entries, new papers",
    "circle": "cluster",
}
"""In identifiers only: as words of a sentence they are good English."""

IN_NAMES_OF = {
    "bot/announcements": {"mark": "marker", "note": "setting"},
    "bot/discord_app/transport.py": {"mark": "marker"},
    "bot/disambiguation": {"trust": "name ambiguity"},
    "bot/search": {"way": "variant", "trust": "match kind", "print": "fingerprint"},
    "bot/store": {"print": "fingerprint"},
    "bot/app.py": {"note": "setting"},
}
"""In identifiers of one package or file: elsewhere they are used for what they mean."""

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Use(NamedTuple):
    """A piece of a source file that people read."""

    line: int
    is_name: bool
    words: str
    """In small letters, with single spaces."""


def words(text: str) -> str:
    return " ".join(WORD.findall(text)).lower()


def uses(source: str) -> Iterator[Use]:
    """Identifiers, docstrings (of attributes, too) and comments; other strings are texts for members."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield Use(node.lineno, True, words(node.name))
            case ast.arg():
                yield Use(node.lineno, True, words(node.arg))
            case ast.Name(ctx=ast.Store()):
                yield Use(node.lineno, True, words(node.id))
            case ast.Attribute(ctx=ast.Store()):
                yield Use(node.lineno, True, words(node.attr))
            case ast.alias(asname=str(name)):
                yield Use(node.lineno, True, words(name))
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield Use(node.lineno, False, words(text))
            case _:
                pass
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Use(token.start[0], False, words(token.string))


def refused(path: str, source: str) -> list[str]:
    """Every use of a word that was given up, as file:line: word (say …)."""
    source = source.replace("silence_told_at", "silence_reported_at")  # a column, which databases have
    in_names = EVERYWHERE | IN_NAMES
    for room, more in IN_NAMES_OF.items():
        if path.startswith(room):
            in_names = in_names | more
    found = [(0, word) for word in in_names if word in words(Path(path).stem).split()]
    for use in uses(source):
        old = in_names if use.is_name else EVERYWHERE
        found += [(use.line, word) for word in old if re.search(rf"\b{word}(e?s)?\b", use.words)]
    return [f"{path}:{line}: {word} (say {in_names[word]})" for line, word in sorted(set(found))]


@pytest.mark.parametrize("room", ["bot", "cogs"])
def test_words_that_were_given_up_are_not_used(room: str):
    files = sorted(path for path in (ROOT / room).rglob("*.py") if "versions" not in path.parts)
    assert files
    assert [
        line
        for path in files
        for line in refused(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("class PressButton: ...", "press"),
        ("def plan_wishes(): ...", "wish"),
        ("def plan(wishList): ...", "wish"),
        ("import a as ledger", "ledger"),
        ("found.verdict = 1", "verdict"),
        ('"""Takes a second\n   look."""', "second look"),
        ('x = 1\n"""The desk of x."""', "desk"),
        ("x = 1  # told by nobody", "told"),
    ],
)
def test_an_old_word_is_found_wherever_it_stands(source: str, word: str):
    assert [line.split(": ")[1].split(" (")[0] for line in refused("bot/a.py", source)] == [word]


@pytest.mark.parametrize(
    "source",
    [
        'x = 1\n"""Whoever presses the button."""',
        'say("News of the desk")',
        "x = 1  # the closest in a circle",
        "def describe(impression, address): ...",
    ],
)
def test_a_good_word_and_a_text_for_members_are_left_alone(source: str):
    assert refused("bot/a.py", source) == []
