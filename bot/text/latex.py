"""LaTeX in titles and abstracts: made readable, unescaped, or stripped to its words.

`readable` is for people, `unescaped` for what is stored, `without_commands` for what is compared and indexed.
"""

# The library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownLambdaType=false

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

_UNSEEN = (
    *("cite", "citep", "citet", "ref", "label", "xspace", "operatorname", "mathop", "boldsymbol", "bm"),
    *("em", "it", "bf", "rm", "sf", "tt", "sc", "sl", "displaystyle", "textstyle", "limits", "nolimits"),
    *("big", "Big", "bigl", "bigr", "Bigl", "Bigr", "left", "right", "noindent", "small", "centering"),
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
_CHARACTERS = {"--": "–", "---": "—", "~": "\u00a0", "``": "“", "''": "”"}


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
                parts.append(found["escaped"] or _CHARACTERS.get(found[0], found[0]))
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


MAX_CONVERTED = 20_000
"""Characters of a text that are converted; abstracts are shorter, and the rest stays as it is."""
MAX_DEPTH = 40
"""Braces within braces; a text with more is no prose and stays as it is."""

_LATEX = re.compile(r"[\\$~{}]|``|''|--")
_LATEX_SIGNS = ("\\", "$", "~", "{", "}", "``", "''", "--")
"""What `_LATEX` finds, one by one: several times as fast in a text that has none of it."""
_MATH = re.compile(
    r"(?<!\\)\$\$([^$]+?)\$\$"
    r"|(?<!\\)\$(?=[^\s$])((?:\\.|[^$\\])*?)(?<=[^\s\\])\$(?!\d)"
    r"|(?<!\\)\$(\s*[^$\\\s]*\\[A-Za-z][^$]*|[<>=~≤≥±≈]+)\$"
)
r"""A formula: no space inside its dollars and no digit behind it, unless it is clearly one ("$\sim$10")."""
_ADDRESS = re.compile(r"https?://[^\s{}$]+")
_SCRIPT = re.compile(r"(?<!\\)([_^])(?:\{([^{}]*)\}|([A-Za-z0-9+*-]))")
_TEXT_SCRIPT = re.compile(r"\\text(super|sub)script\{([^{}]*)\}")
_SPECIAL = re.compile(r"(?<!\\)([%&#])")
_CHUNK = re.compile(r"\S+|\s+")
_BALANCE = re.compile(r"\\.|[{}$]")
_GOES_ON = re.compile(r"""\\(?:[A-Za-z]+\*?|["'`^~=.])$""")
"""A command whose arguments may follow behind a space."""
_BLANKS = re.compile(r"[^\S\n]+")
_BREAK = re.compile(r"(?<!\s)\s*\n\s*")
_SYMBOL = re.compile(r"(\\[A-Za-z]+)(?= \w)")
_SENTENCE_END = re.compile(r"(?<=[.!?])[)\"”’]?\s+(?=[\"“(]?[A-ZÀ-Þ0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|Fig|Eq|Sec|No|approx)|\b[A-Z])\.$")

_RAISED = str.maketrans("0123456789+-=()inT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿᵀ")
_LOWERED = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


def has_latex(text: str) -> bool:
    """Whether there is anything in it that may be LaTeX."""
    return any(sign in text for sign in _LATEX_SIGNS)


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


_IF_MATH = re.compile(
    r"\\ifmmode(?:[^\\]|\\(?!else|fi|ifmmode)){0,500}?\\else\s{0,9}(.{0,500}?)\\fi(?:\{\}|\s)?", re.DOTALL
)
_KEPT_MATH = re.compile(
    r"\\ensuremath\{((?:[^{}]|\{[^{}]*\}){0,500})\}|\\\((.{1,2000}?)\\\)"
    r"|(?<!\\)(\$\$?)(.{1,2000}?)(?<!\\)\3",
    re.DOTALL,
)
_WITHOUT_PRINT = re.compile(
    r"\\(?:noopsort|SortNoop|sortnoop|label|cite[a-z]*|relax|unskip|cyrchar|thanks|footnote|footnotemark|index|phantom|[hv]space)"
    r"(?![A-Za-z])\*?\s*(?:\{[^{}]*\})?"
)
_SECOND_ARGUMENT = re.compile(
    r"\\(?:href|foreignlanguage|textcolor|texorpdfstring|selectlanguage)\s*\{[^{}]*\}\s*(?=\{)"
)
_OWN_NAMES = re.compile(r"\\(LaTeX|TeX|BibTeX|LaTeXe|XeTeX|ConTeXt)(?:\{\}|(?![A-Za-z])\s?)")
_WRAPPER = re.compile(
    r"\\(?:text(?:up|md|normal|rm|sf|it|bf|sc|sl|tt|nf)|mkbib\w+|emph|enquote|uppercase|lowercase|MakeUppercase"
    r"|MakeLowercase|MakeTextUppercase|[hm]box|title|ce|ch|num|unit|si|textquote|mkbibquote|nolinkurl)\s*(?=\{)"
)
_TEXT_GREEK = re.compile(r"\\text(?=[a-zA-Z]{2,7}(?![A-Za-z]))([a-zA-Z]+)")
_SIGNS = {
    r"\slash": "/",
    r"\textless": "<",
    r"\textgreater": ">",
    r"\textbar": "|",
    r"\textquotesingle": "'",
    r"\pounds": "£",
    r"\S": "§",
    r"\P": "¶",
    r"\copyright": "©",
    r"\dag": "†",
    r"\ddag": "‡",
    r"\glqq": "„",
    r"\grqq": "“",
    r"\glq": "‚",
    r"\grq": "‘",
    r"\flqq": "«",
    r"\frqq": "»",
    r"\textquotedbl": '"',
    r"\newline": " ",
    r"\linebreak": " ",
    r"\quad": " ",
    r"\qquad": " ",
}
_SIGN = re.compile("|".join(re.escape(sign) + r"(?:\{\}|(?![A-Za-z])\s?)" for sign in _SIGNS))
_CHARACTER = re.compile(r"""\\char`\\?(["'!-@])""")
_QUANTITY = re.compile(r"\\(?:SI|qty)\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_UNESCAPED = re.compile(r"(?<!\\)([%&_#])")
_PLACES = (0xE000, 0xF8FF)
"""Characters for private use stand for formulas while the text around them is converted."""


@lru_cache(maxsize=4096)
def unescaped(text: str) -> str:
    """A text of BibTeX without LaTeX's accents, commands and braces; formulas stay as they are."""
    if not has_latex(text):
        return text
    text, rest = text[:MAX_CONVERTED], text[MAX_CONVERTED:]
    if _depth(text) > MAX_DEPTH:
        return f"{text}{rest}"
    formulas: list[str] = []

    def hide(found: re.Match[str]) -> str:
        if found[1] is not None:  # \ensuremath stands for a sign within words
            return convert(f"${found[1]}$")
        formula = found[2] if found[2] is not None else found[4]
        if len(formulas) >= _PLACES[1] - _PLACES[0]:
            return formula
        formulas.append(f"${formula}$")
        return chr(_PLACES[0] + len(formulas) - 1)

    try:
        converted = convert(_without_commands_of_text(_KEPT_MATH.sub(hide, _IF_MATH.sub(r"\1", text))))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return f"{text}{rest}"
    converted = converted.replace("{", "").replace("}", "").replace("\u00a0", " ").replace("\u00ad", "")
    kept = dict(enumerate(formulas, _PLACES[0]))
    return f"{converted.translate(kept)}{rest}"


def with_signs(text: str) -> str:
    r"""A text with the signs for which LaTeX has commands, such as "{\textless}" in a DOI."""
    return _SIGN.sub(_sign, text)


def _without_commands_of_text(text: str) -> str:
    """Commands that the library does not know as they are printed, and signs that people do not escape."""
    for pattern, replacement in (
        (_WITHOUT_PRINT, ""),
        (_SECOND_ARGUMENT, ""),
        (_OWN_NAMES, r"\1"),
        (_TEXT_GREEK, _greek),
        (_TEXT_SCRIPT, _text_script),
        (_QUANTITY, _quantity),
        (_CHARACTER, r"\1"),
        (_WRAPPER, ""),
        (_SIGN, _sign),
        (_UNESCAPED, r"\\\1"),
    ):
        text = pattern.sub(replacement, text)
    return text


def _quantity(found: re.Match[str]) -> str:
    r"""A number with its unit: \SI{5}{\nano\metre} is 5 nanometre."""
    return f"{found[1]} {found[2].replace(chr(92), '')}"


def _greek(found: re.Match[str]) -> str:
    r"""A Greek letter of the text fonts (\textalpha); other commands of that form stay."""
    letter = convert(f"$\\{found[1]}$")
    return letter if len(letter) == 1 else found[0]


def _sign(found: re.Match[str]) -> str:
    return _SIGNS[found[0].rstrip("{} \t\n")]


_ACCENT_OF_LETTER = re.compile(
    r"""\{?\\(?:["'`^~=.]\s*|[cvuHkrdb]\s*(?=\{))\{?(?:\\(?=[ij](?![A-Za-z])))?([A-Za-z])\}?\}?"""
)
_LETTER = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])(?:\{\}|\s)?")


def commands(names: str) -> re.Pattern[str]:
    """The pattern of LaTeX commands whose names match a pattern."""
    return re.compile(rf"\\(?:{names})(?![A-Za-z])\*?")


def without_commands(text: str, silent: re.Pattern[str]) -> str:
    r"""A text without LaTeX's accents and the `commands` that print nothing; others, such as \log, stay."""
    if "\\" not in text:
        return text
    return _LETTER.sub(r"\1", _ACCENT_OF_LETTER.sub(r"\1", silent.sub(" ", text)))


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
        for sign in _BALANCE.findall(chunk):
            braces += (sign == "{") - (sign == "}")
            dollars += sign == "$"
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


def sentences(text: str) -> list[str]:
    """The sentences of a text; an abbreviation ends none."""
    found: list[str] = []
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        sentence = text[begin : end.end()].strip()
        if not _ABBREVIATION.search(text[begin : end.start()]):
            found.append(sentence)
            begin = end.end()
    return [*found, rest] if (rest := text[begin:].strip()) else found


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
    text = _TEXT_SCRIPT.sub(_text_script, text)
    text = _SYMBOL.sub(r"\1{}", text)
    text = re.sub(r"\^\{[^{}]*\}", lambda found: _scripts(found[0]), text)
    return _ADDRESS.sub(lambda found: found[0].replace("~", r"\textasciitilde{}").replace("--", "-{}-"), text)


def _scripts(formula: str) -> str:
    """Superscripts and subscripts that Unicode has; longer ones in parentheses."""
    return _SCRIPT.sub(_script, formula)


def _text_script(found: re.Match[str]) -> str:
    moved = found[2].translate(_RAISED if found[1] == "super" else _LOWERED)
    return f"{{{found[2] if set(moved) & set(found[2]) else moved}}}"


def _script(found: re.Match[str]) -> str:
    content = found[3] if found[2] is None else _scripts(found[2].strip())
    moved = content.translate(_RAISED if found[1] == "^" else _LOWERED)
    if not any(character in content for character in moved):
        return f"{{}}{moved}"  # the braces keep it apart from a command before it
    return f"{found[1]}{{{content}}}" if len(content) == 1 else f"{found[1]}{{({content})}}"
