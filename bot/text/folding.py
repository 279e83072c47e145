"""How texts become words: the same way for papers and for what a person types.

A word is a run of letters and digits, in lower case, without accents. `stem_words` also takes
the ending off, so that plural and tense do not matter; `plain_words` keeps it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from bot.text.latex import commands, without_commands

LONGEST_WORD = 64
"""Bytes; a run of so many letters or more is no word, and is not indexed."""

_GREEK = "α-ωΑ-Ω"
_LONE_GREEK = re.compile(rf"(?<![{_GREEK}])[{_GREEK}](?![{_GREEK}])")
WITHOUT_SPACES = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Characters of scripts that part no words by spaces, for a pattern."""
_WITHOUT_SPACES = re.compile(f"[{WITHOUT_SPACES}]")
_ASCII_WORD = re.compile("[a-z0-9]+")
_NO_LETTERS = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xD800, 0xE000)])
"""Soft hyphens, zero-width characters and halves of surrogate pairs."""

_SILENT = commands(
    "text[a-z]*|math[a-z]*|emph|operatorname|left|right|big[a-z]*|Big[a-z]*|frac|underline|boldsymbol|bm"
    "|bf|it|rm|tt|sc|sf|em|cite[a-z]*|ref|label|url|href|begin|end|q?quad"
)
_LATEX_VARIANT = re.compile(r"\\var(?=[a-z])")


def plain(text: str) -> str:
    """The text without LaTeX and invisible characters, with Greek letters and ligatures as plain words."""
    text = without_latex(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).translate(_NO_LETTERS)
    text = _LONE_GREEK.sub(_greek_name, text)
    return _WITHOUT_SPACES.sub(r" \g<0> ", text)


def without_latex(text: str) -> str:
    """The text without the accents and fonts of LaTeX; commands that are words, such as log, stay."""
    return _LATEX_VARIANT.sub(r"\\", without_commands(text, _SILENT))


def _greek_name(match: re.Match[str]) -> str:
    # Such as "GREEK SMALL LETTER FINAL SIGMA".
    return f" {unicodedata.name(match.group(), match.group()).rsplit(' ', 1)[-1].lower()} "


def plain_analyzer() -> TextAnalyzer:
    """Words with their endings."""
    return _base().build()


def stem_analyzer() -> TextAnalyzer:
    """Words without their endings."""
    return _base().filter(Filter.stemmer("english")).build()


def _base() -> TextAnalyzerBuilder:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    return (
        builder.filter(Filter.remove_long(LONGEST_WORD))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
    )


_PLAIN = plain_analyzer()
_STEM = stem_analyzer()
_WITHOUT_STOP_WORDS = _base().filter(Filter.stopword("english")).build()


def plain_words(text: str) -> list[str]:
    """The words of a text in order, with their endings."""
    text = plain(text)
    if text.isascii():  # the same, and several times as fast
        return [word for word in _ASCII_WORD.findall(text.lower()) if len(word) < LONGEST_WORD]
    return _PLAIN.analyze(text)


@lru_cache(maxsize=65_536)
def stem_words(text: str) -> tuple[str, ...]:
    """The words of a short text in order, without their endings."""
    return tuple(_STEM.analyze(plain(text)))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """One folded word without its ending."""
    words = _STEM.analyze(word)
    return words[0] if len(words) == 1 else word


@lru_cache(maxsize=65_536)
def is_stop_word(word: str) -> bool:
    """Whether a folded word is a stop word of English, such as "the"."""
    return not _WITHOUT_STOP_WORDS.analyze(word)
