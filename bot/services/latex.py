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


_EASY_TEXT = r"(?:[^\\{}$~`'^_%&#<>-]|-(?!-))"
_EASY = re.compile(
    rf"\\(?:text(?:bf|it|sc|tt|rm|sf)|emph)\{{(?P<dressed>{_EASY_TEXT}*)\}}"
    rf"|\$(?! )(?P<formula>(?:{_EASY_TEXT}|\{{\}}|\\[%&#_$](?! ))*)(?P<symbol>\\[A-Za-z]+)?\$"
    rf"|\\(?P<escaped>[%&#_$])|(?P<kept>(?:{_EASY_TEXT}|'(?!'))+)|---?|~|``|''|\{{\}}"
)
"""What a simple piece is made of: dressed words, formulas of letters with a symbol at the end, marks."""
_EASY_ESCAPE = re.compile(r"\\([%&#_$])|\{\}")
_EASY_MARKS = {"--": "–", "---": "—", "~": "\u00a0", "``": "“", "''": "”"}


@lru_cache(maxsize=4096)
def convert(piece: str) -> str:
    """A piece of LaTeX as plain text."""
    easy = easily(piece)
    return converter()(piece) if easy is None else easy


def easily(piece: str) -> str | None:
    """A piece as the library converts it, thirty times as fast; None where it is not quite simple."""
    parts: list[str] = []
    place = 0
    while place < len(piece):
        found = _EASY.match(piece, place)
        if found is None:
            return None
        place = found.end()
        if found["formula"] is not None:
            parts.append(_EASY_ESCAPE.sub(r"\1", found["formula"]))
            if found["symbol"]:
                parts.append(_symbol(found["symbol"]))
        else:
            parts.append(
                found["dressed"] or found["escaped"] or found["kept"] or _EASY_MARKS.get(found[0], "")
            )
    return "".join(parts)


@lru_cache(maxsize=1024)
def _symbol(command: str) -> str:
    return converter()(f"${command}$")


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
