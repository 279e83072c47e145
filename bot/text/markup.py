"""Texts without HTML, JATS and MathML, as publishers and indexes put them into titles and abstracts."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

_TAG = re.compile(
    r"<(?P<closes>/?)(?P<space>jats:|mml:|m:|xhtml:)?(?P<name>[A-Za-z][A-Za-z0-9-]*)"
    r"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*(?P<empty>/?)>"
)
"""A tag: attributes have values in quotes, so that "n<m and k>2" is none."""
_SHORT_END = re.compile(r"</(?:jats:|xhtml:)?([a-z])>")
_BLOCKS = frozenset(
    """
    p div br hr li ul ol dl dt dd tr td th table title sec section h1 h2 h3 h4 h5 h6 list label
    """.split()  # noqa: SIM905
)
"""Elements that part words."""
_INLINE = frozenset(
    """
    a abbr b bold big center cite code del em font i img inf ins italic mark q s sc scp small span
    strike strong sub sup tt u underline var monospace overline roman sans-serif styled-content
    named-content ext-link xref uri email inline-formula disp-formula alternatives inline-graphic
    abstract body html article-title subtitle math mi mn mo ms mtext mrow mfrac msqrt mroot msub
    msup msubsup munder mover munderover mmultiscripts mprescripts none mspace mstyle mpadded
    mphantom mfenced menclose mtable mtr mtd semantics annotation maction merror tex-math
    """.split()  # noqa: SIM905
)
_PRESCRIPTS = re.compile(
    r"<(?:mml:|m:)?mmultiscripts\b[^<>]{0,200}>\s*(?P<base>.{0,2000}?)<(?:mml:|m:)?mprescripts\s{0,20}/>"
    r"(?P<before>.{0,2000}?)</(?:mml:|m:)?mmultiscripts>",
    re.DOTALL,
)
_TEX_MATH = re.compile(
    r"<(?:jats:)?tex-math\b[^<>]*>.{0,2000}?</(?:jats:)?tex-math>", re.DOTALL | re.IGNORECASE
)
_MATH = re.compile(r"(?<=[^\W\d_])(?=<(?:mml:|m:)?math\b)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def without_markup(text: str) -> str:
    """A text without tags, entities decoded once; a comparison such as "n<m and k>2" stays."""
    if "<" in text:
        if "math" in text:
            text = _plain_math(text)
        closed = frozenset(_SHORT_END.findall(text.lower()))
        text = _TAG.sub(lambda found: _printed(found, closed), text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def _plain_math(text: str) -> str:
    """Formulas once where they stand in two forms, and their parts in the order in which they are read."""
    if "<mml:math" in text or "<math" in text:
        text = _TEX_MATH.sub("", text)
    text = _PRESCRIPTS.sub(r"\g<before>\g<base>", text)
    return _MATH.sub(" ", text)


def _printed(found: re.Match[str], closed: Collection[str]) -> str:
    """What stands for a tag: nothing, or a space where it parts words; itself where it is no tag.

    `closed` are the names of one letter whose elements have an end somewhere in the text.
    """
    name = found["name"].lower()
    if name not in _BLOCKS and name not in _INLINE:
        return found[0]
    if (
        len(name) == 1
        and not found["space"]
        and not found["closes"]
        and not found["empty"]
        and name not in closed
    ):
        return found[0]  # "a<b>c" without an end is a comparison
    return " " if name in _BLOCKS else ""
