"""LaTeX in titles and abstracts made readable as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.text.latex import convert

MAX_CONVERTED = 20_000
"""Characters of a text that are converted; abstracts are shorter, and the rest stays as it is."""
MAX_DEPTH = 40
"""Braces within braces; a text with more is no prose and stays as it is."""

_LATEX = re.compile(r"[\\$~{}]|``|''|--")
_MARKS = ("\\", "$", "~", "{", "}", "``", "''", "--")
"""What `_LATEX` finds, one by one: several times as fast in a text that has none of it."""
_MATH = re.compile(
    r"(?<!\\)\$\$([^$]+?)\$\$"
    r"|(?<!\\)\$(?=[^\s$])((?:\\.|[^$\\])*?)(?<=[^\s\\])\$(?!\d)"
    r"|(?<!\\)\$(\s*[^$\\\s]*\\[A-Za-z][^$]*|[<>=~≤≥±≈]+)\$"
)
r"""A formula: no space inside its dollars and no digit behind it, unless it is clearly one ("$\sim$10")."""
_ADDRESS = re.compile(r"https?://[^\s{}$]+")
_SCRIPT = re.compile(r"(?<!\\)([_^])(?:\{([^{}]*)\}|([A-Za-z0-9+*-]))")
_SPECIAL = re.compile(r"(?<!\\)([%&#])")
_CHUNK = re.compile(r"\S+|\s+")
_BALANCE = re.compile(r"\\.|[{}$]")
_GOES_ON = re.compile(r"""\\(?:[A-Za-z]+\*?|["'`^~=.])$""")
"""A command whose arguments may follow behind a space."""
_BLANKS = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r"\s*\n\s*")
_SYMBOL = re.compile(r"(\\[A-Za-z]+)(?= \w)")
_SENTENCE_END = re.compile(r"(?<=[.!?])[)\"”’]?\s+(?=[\"“(]?[A-ZÀ-Þ0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|Fig|Eq|Sec|No|approx)|\b[A-Z])\.$")

_RAISED = str.maketrans("0123456789+-=()inT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀ")
_LOWERED = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


def has_latex(text: str) -> bool:
    """Whether there is anything in it that may be LaTeX."""
    return any(mark in text for mark in _MARKS)


@lru_cache(maxsize=4096)
def readable(text: str) -> str:
    r"""Plain text of a text that may have LaTeX in it: "$O(\log n)$" is O(log n), "60\%" is 60%.

    Dollars that enclose no formula stay; what cannot be understood stays as it is written.
    """
    if not has_latex(text):
        return text
    start, rest = text[:MAX_CONVERTED], text[MAX_CONVERTED:]
    if _depth(start) > MAX_DEPTH:
        return text
    try:
        prepared = _prepared(start)
        converted = convert(prepared) if "\\begin" in prepared else "".join(_converted(prepared))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return text
    spaced = _BLANKS.sub(" ", converted.replace("→", " → "))
    return _BREAK.sub(lambda found: "\n\n" if found[0].count("\n") > 1 else " ", spaced).strip() + rest


def _converted(text: str) -> Iterator[str]:
    """The text piece by piece; the library, which is slow, sees only pieces that have LaTeX in them."""
    piece = ""
    braces, dollars = 0, 0
    for chunk in _CHUNK.findall(text):
        if not piece and not _LATEX.search(chunk):
            yield chunk
            continue
        if piece and not (braces or dollars % 2) and not _belongs(piece, chunk):
            yield convert(piece)
            piece = ""
            if not _LATEX.search(chunk):
                yield chunk
                continue
        piece += chunk
        for mark in _BALANCE.findall(chunk):
            braces += (mark == "{") - (mark == "}")
            dollars += mark == "$"
    if piece:
        yield convert(piece)


def _belongs(piece: str, chunk: str) -> bool:
    """Whether a command at the end of a piece may take what follows."""
    return bool(_GOES_ON.search(piece.rstrip())) or (chunk[0] in "{[" and piece[-1].isspace())


def first_sentences(text: str, limit: int) -> str:
    """As many whole sentences from the beginning as fit into `limit` characters; none where none fits."""
    if len(text) <= limit:
        return text
    kept = 0
    for end in _SENTENCE_END.finditer(text, 0, limit + 2):
        sentence = text[: end.start()]
        if end.start() <= limit and not _ABBREVIATION.search(sentence):
            kept = end.start()
    return text[:kept]


def _depth(text: str) -> int:
    depth = deepest = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    return deepest


def _prepared(text: str) -> str:
    """Put into strict LaTeX what people write loosely."""
    pieces: list[str] = []
    end = 0
    for math in _MATH.finditer(text):
        pieces.append(_prose(text[end : math.start()]))
        formula = _SPECIAL.sub(r"\\\1", math[1] or math[2] or math[3])
        pieces.append(f"${_scripts(formula)}$")
        end = math.end()
    pieces.append(_prose(text[end:]))
    return "".join(pieces)


def _prose(text: str) -> str:
    """Outside of formulas: dollars, per cent and the like mean themselves, addresses stay whole."""
    text = re.sub(r"(?<!\\)\$", r"\\$", _SPECIAL.sub(r"\\\1", text))
    text = _SYMBOL.sub(r"\1{}", text)
    text = re.sub(r"\^\{[^{}]*\}", lambda found: _scripts(found[0]), text)
    return _ADDRESS.sub(lambda found: found[0].replace("~", r"\textasciitilde{}").replace("--", "-{}-"), text)


def _scripts(formula: str) -> str:
    """Superscripts and subscripts that Unicode has; longer ones in parentheses."""
    return _SCRIPT.sub(_script, formula)


def _script(found: re.Match[str]) -> str:
    content = found[3] if found[2] is None else _scripts(found[2].strip())
    moved = content.translate(_RAISED if found[1] == "^" else _LOWERED)
    if not any(character in content for character in moved):
        return f"{{}}{moved}"  # the braces keep it apart from a command before it
    return f"{found[1]}{{{content}}}" if len(content) == 1 else f"{found[1]}{{({content})}}"
