"""The LaTeX converter: a kept library, told how abstracts use LaTeX, and a short way for what is simple."""

# The library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownLambdaType=false

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_UNSEEN = (
    *("cite", "citep", "citet", "ref", "label", "xspace", "operatorname", "mathop", "boldsymbol", "bm"),
    *("em", "it", "bf", "rm", "sf", "tt", "sc", "sl", "displaystyle", "textstyle", "limits", "nolimits"),
    *("big", "Big", "bigl", "bigr", "Bigl", "Bigr", "left", "right", "noindent", "small", "centering"),
    *("underline", "overline"),
)
"""Commands that print nothing of their own."""
_FRACTIONS = ("frac", "dfrac", "tfrac", "nicefrac")
_WORDS = {"deg": "°", "ie": "i.e.", "eg": "e.g.", "etal": "et al."}

_TEXT = r"[^\\{}$~`'^_%&#<>-]|-(?!-)"
_GROUP = r"(?P<opens>\\text(?:bf|it|sc|tt|rm|sf)?\{|\\emph\{|\{)|(?P<closes>(?<! )\})"
_ELEMENT = (
    r"\\(?:math(?:cal|bb|rm|bf|it|sf|frak|scr)|sqrt)\{[^{}\\$]*\}"
    r"|\\[dt]?frac\{[^{}\\$]*\}\{[^{}\\$]*\}|\\[A-Za-z]+(?:\{\}|(?![^\W_]|[*{\[]))"
)
"""What the library converts alike whatever stands around it: a command with simple arguments."""
_ACCENT = r"\\[\"'`^~=.](?:[A-Za-z]|\{[A-Za-z]\})"
_PROSE = re.compile(
    rf"(?P<kept>(?:{_TEXT}|'(?!'))+)|\\(?P<escaped>[%&#_$])|---?|~|``|''|(?P<dollar>\$(?! ))"
    rf"|{_GROUP}|(?P<element>{_ACCENT}|(?:{_ELEMENT})(?!\s))"
)
_FORMULA = re.compile(
    rf"(?P<kept>(?!\s+[\\{{])(?:{_TEXT}|[\^_<>])+)|\\(?P<escaped>[%&#_$](?! ))|(?P<dollar>(?<! )\$)"
    rf"|{_GROUP}|(?P<element>{_ELEMENT})(?P<space>\s*)"
)
"""Without spaces before a command, a group or an end, for the library drops some of them."""
_MARKS = {"--": "–", "---": "—", "~": "\u00a0", "``": "“", "''": "”"}


@lru_cache(maxsize=4096)
def convert(piece: str) -> str:
    """A piece of LaTeX as plain text."""
    easy = easily(piece)
    return converter()(piece) if easy is None else easy


def easily(piece: str) -> str | None:
    """A piece as the library converts it, thirty times as fast; None where it is not quite simple."""
    try:
        return _read(piece)
    except LookupError:
        return None


def _read(piece: str) -> str:
    """A simple piece; LookupError where it is not."""
    parts: list[str] = []
    opened: list[str] = []
    place = 0
    while place < len(piece):
        in_formula = "$" in opened
        found = (_FORMULA if in_formula else _PROSE).match(piece, place)
        if found is None:
            raise LookupError(piece)
        place = found.end()
        match found.lastgroup:
            case "opens":
                opened.append("{")
            case "dollar" if not in_formula:
                opened.append("$")
            case "dollar" | "closes":
                if opened.pop() != ("$" if found["dollar"] else "{"):
                    raise LookupError(piece)
            case "element" | "space":
                parts.append(_element(found["element"], in_formula))
                if in_formula and piece[place] not in "\\{}$":
                    parts.append(found["space"])
            case _:
                parts.append(found["escaped"] or _MARKS.get(found[0], found[0]))
    if opened:
        raise LookupError(piece)
    return "".join(parts)


@lru_cache(maxsize=2048)
def _element(text: str, in_formula: bool) -> str:
    """An element by itself; LookupError where it takes what follows as its argument, or changes it."""
    converted = converter()(f"${text}$" if in_formula else text)
    if not converted or "$" in converted or "%s" in converted:
        raise LookupError(text)
    return converted


@lru_cache(maxsize=1)
def converter() -> Callable[[str], str]:
    """A function from LaTeX to plain text; the library is loaded when it is first needed."""
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
    from pylatexenc.latexwalker import get_default_latex_context_db as get_default_syntax
    from pylatexenc.macrospec import std_macro

    def arguments(node: Any, converter: Any) -> list[str]:
        given = node.nodeargd.argnlist if node.nodeargd is not None else ()
        return [converter.nodelist_to_text([part]).strip() for part in given or () if part is not None]

    def fraction(node: Any, l2tobj: Any) -> str:
        return "/".join(part if part.isalnum() else f"({part})" for part in arguments(node, l2tobj))

    def footnote(node: Any, l2tobj: Any) -> str:
        return "".join(f" ({part})" for part in arguments(node, l2tobj)[-1:])

    def last(node: Any, l2tobj: Any) -> str:
        return "".join(arguments(node, l2tobj)[-1:])

    def unknown(node: Any, l2tobj: Any) -> str:
        return "".join(arguments(node, l2tobj)) or f"\\{node.macroname}{node.macro_post_space}"

    logging.getLogger("pylatexenc").setLevel(logging.ERROR)
    syntax = get_default_syntax()
    two_arguments = [std_macro(name, False, 2) for name in ("href", *_FRACTIONS)]
    syntax.add_context_category("papercord", prepend=True, macros=two_arguments)
    wording = get_default_latex_context_db()
    wording.add_context_category(
        "papercord",
        prepend=True,
        macros=[
            *(MacroTextSpec(name, simplify_repl=fraction) for name in _FRACTIONS),
            *(MacroTextSpec(name, discard=True) for name in _UNSEEN),
            MacroTextSpec("footnote", simplify_repl=footnote),
            MacroTextSpec("url", simplify_repl=last),
            MacroTextSpec("href", simplify_repl=last),
            MacroTextSpec("\\", simplify_repl=" "),
            *(MacroTextSpec(name, simplify_repl=words) for name, words in _WORDS.items()),
        ],
        specials=[],
    )
    wording.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=unknown))
    texts = LatexNodes2Text(
        latex_context=wording, math_mode="text", strict_latex_spaces=False, keep_comments=True
    )
    return lambda text: texts.latex_to_text(text, latex_context=syntax)
