"""How texts become words: the same way for papers and for what a person types.

A word is a run of letters and digits, in lower case, without accents. `stem_words` also takes
the ending off, so that plural and tense do not matter; `plain_words` keeps it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from bot.text.latex import commands, without_commands

LONGEST_WORD = 64
"""Bytes; a run of so many letters or more is no word, and is not indexed."""

AS_TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
"""Letters that are written as two where a keyboard lacks them."""
_GREEK = "α-ωΑ-Ω"
_LONE_GREEK = re.compile(rf"(?<![{_GREEK}])[{_GREEK}](?![{_GREEK}])")
WITHOUT_SPACES = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
"""Characters of scripts that part no words by spaces, or nouns and particles as Korean, for a pattern."""
_WITHOUT_SPACES = re.compile(f"[{WITHOUT_SPACES}]")
_ASCII_WORD = re.compile("[a-z0-9]+")
_NO_LETTERS: dict[int, str | None] = {
    **dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xD800, 0xE000)]),
    **dict.fromkeys([0x02BE, 0x02BF]),
    **dict.fromkeys([0x02B9, 0x02BB, 0x02BC, 0x02C8], "'"),
}
"""Soft hyphens, zero-width characters, halves of surrogate pairs, apostrophes that Unicode calls letters."""

_SILENT = commands(
    "text[a-z]*|math[a-z]*|emph|operatorname|left|right|big[a-z]*|Big[a-z]*|frac|underline|boldsymbol|bm"
    "|bf|it|rm|tt|sc|sf|em|ce|cite[a-z]*|ref|label|url|href|begin|end|q?quad"
)
_LATEX_VARIANT = re.compile(r"\\var(?=[a-z])")

SIGNED = r"(?<![^\W_])(?:[A-Za-z](?:\+\+|#)(?![+#])|\.(?:NET|Net|net)(?![^\W_]))"
"""C++, C#, F# and .NET, for a pattern: signs that belong to a word."""
GROUPED = r"(?<![\d.,])\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?![\d,.]\d|\d)"
"""A number with its thousands grouped, for a pattern."""
_SIGNED, _GROUPED = re.compile(SIGNED), re.compile(GROUPED)
_MAYBE_GROUPED = re.compile(r",\d\d\d")
_MAYBE_SPACED = re.compile(r"[\u00a0\u2009\u202f]\d\d\d")
"""Are looked for first, for they are fast."""
_SIGNS = {"+": "plusplus", "#": "sharp"}
_DOTNET = "dotnet"
_OF_SIGNS = re.compile(rf".|.*\d.*|.(?:plusplus|sharp)|{_DOTNET}")
_MARKS = dict.fromkeys(map(ord, "\u2122\u00ae\u2120\u00a9"))
"""Signs of trade marks, which part no words."""

_ELL = re.compile(r"\\ell(?![A-Za-z])|(?<![^\W_])ell(?=_)")
_NORM = re.compile(r"(?<![^\W_])([lL])[_^]\{?([pq])(?![^\W_])\}?")
_SCRIPT = re.compile(r"(?<=[A-Za-z)\]])\}?(\$)?(?:\{\})?[_^]\{?(\d+)(?![\d.])\}?(?(1)\$?)(?:\{(?=[A-Z]))?")
"""An index or exponent of a letter, as in "Cu$_2$O"."""
_DOPED = re.compile(r"(?:(?<=[A-Z])|(?<=[A-Z][a-z]))\}?(\$)?[_^]\{?((?:\d-)?[xy])\}?(?(1)\$?)(?=[A-Z])")
"""The share of an element, as in "La$_{2-x}$Sr$_x$CuO"."""
_OXIDE = re.compile(r"(?<=[A-Za-z][A-Z])\}?(\$)?_\{?([xy])\}?(?(1)\$?)(?![A-Za-z])")
"""As in "NO$_x$"."""
_MAYBE_SCRIPT = re.compile(r"[_^]\{?[\dxy]")
_TAGGED = re.compile(r"(?<=[^\W_])<su[bp]>(\d+)</su[bp]>")
_NUCLIDE = re.compile(r"(?<![A-Za-z\d)\]}])\$?\^\{?(\d{1,3})\}?\$?(?=[A-Z])")


def plain(text: str) -> str:
    """The text without LaTeX and invisible characters, with Greek letters and ligatures as plain words."""
    text = without_latex(text)
    if _may_be_signed(text):
        text = _SIGNED.sub(_signed_word, text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).translate(_NO_LETTERS)
    text = _LONE_GREEK.sub(_greek_name, text)
    return _WITHOUT_SPACES.sub(r" \g<0> ", text)


def without_latex(text: str) -> str:
    """The text without the accents and fonts of LaTeX; commands that are words, such as log, stay.

    Formulae and numbers are as they are typed: Cu2O, l1, 10000.
    """
    if "\\" in text:
        text = _LATEX_VARIANT.sub(r"\\", without_commands(text, _SILENT))
    if not text.isascii():
        text = text.translate(_MARKS)
    if "_" in text or "^" in text:
        text = _ELL.sub("l", text) if "ell" in text else text
        # None of the patterns reaches over a space, and most words have nothing for them.
        words = text.split(" ")
        text = " ".join([_without_scripts(word) if "_" in word or "^" in word else word for word in words])
    if "<" in text and "<su" in text:
        text = _TAGGED.sub(r"\1", text)
    return _GROUPED.sub(_ungrouped, text) if _may_be_grouped(text) else text


def _without_scripts(word: str) -> str:
    """A word with the indices and exponents of letters as they are typed."""
    word = _NORM.sub(r"\1\2", word)
    if _MAYBE_SCRIPT.search(word) is not None:
        word = _SCRIPT.sub(r"\2", _OXIDE.sub(r"\2", _DOPED.sub(r"\2", _NUCLIDE.sub(r"\1", word))))
    return word


def _may_be_signed(text: str) -> bool:
    # One character is looked for many times as fast as two.
    return ("+" in text and "++" in text) or "#" in text or ".NET" in text or ".Net" in text or ".net" in text


def _signed_word(signed: re.Match[str]) -> str:
    return f"{signed[0][0]}{_SIGNS[signed[0][-1]]} " if signed[0][-1] in _SIGNS else f" {_DOTNET} "


def _may_be_grouped(text: str) -> bool:
    if "," in text and _MAYBE_GROUPED.search(text):
        return True
    return not text.isascii() and _MAYBE_SPACED.search(text) is not None


def _ungrouped(number: re.Match[str]) -> str:
    return "".join(filter(str.isdigit, number[0]))


def may_be_joined(word: str) -> bool:
    """Whether signs may be parts of a folded word, or part it from others in a text."""
    return _OF_SIGNS.fullmatch(word) is not None


def is_joined(text: str) -> bool:
    """Whether signs are parts of words in a text, as in "C++" and "10,000"."""
    if _may_be_signed(text) and _SIGNED.search(text):
        return True
    return _may_be_grouped(text) and _GROUPED.search(text) is not None


def _greek_name(match: re.Match[str]) -> str:
    # Such as "GREEK SMALL LETTER FINAL SIGMA"; Unicode spells "LAMDA".
    name = unicodedata.name(match.group(), match.group()).rsplit(" ", 1)[-1].lower()
    return f" {name.replace('lamda', 'lambda')} "


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

_ENGLISH = """
a about above after again against all am an and any are aren't as at be because been before being below
between both but by can couldn't did didn't do does doesn't doing don't down during each few for from
further had hadn't has hasn't have haven't having he her here hers herself him himself his how i if in
into is isn't it it's its itself just me mightn't more most mustn't my myself needn't no nor not now of
off on once only or other our ours ourselves out over own same shan't she she's should should've shouldn't
so some such than that that'll the their theirs them themselves then there these they this those through
to too under until up very was wasn't we were weren't what when where which while who whom why will with
won't wouldn't you you'd you'll you're you've your yours yourself yourselves
"""
STOP_WORDS = frozenset(_ENGLISH.split())
"""The stop words of English, as NLTK and bm25s have them, but for parts of words, which may be names."""
_FOLDED_STOP_WORDS = STOP_WORDS | {word.replace("'", "") for word in STOP_WORDS}


def plain_words(text: str) -> list[str]:
    """The words of a text in order, with their endings."""
    if text.isascii() and text.isalnum():  # the same, and several times as fast
        return [text.lower()] if len(text) < LONGEST_WORD else []
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


def is_stop_word(word: str) -> bool:
    """Whether a folded word is a stop word of English, such as "the"."""
    return word in _FOLDED_STOP_WORDS


@lru_cache(maxsize=65_536)
def is_stop_word_of(language: str, word: str) -> bool:
    """Whether a word in lower case is a stop word of a language, by the lists of Snowball."""
    return not _analyzer_of(language).analyze(word)


@cache
def _analyzer_of(language: str) -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.stopword(language)).build()


_CONTRACTED = frozenset({"d", "ll", "m", "re", "s", "ve"})


def are_stop_words(words: Sequence[str]) -> bool:
    """Whether folded words are a stop word or a contraction of stop words, such as "don't" or "what's"."""
    if len(words) == 2:
        return (words[1] in _CONTRACTED and is_stop_word(words[0])) or (
            words[1] == "t" and words[0].endswith("n")
        )
    return len(words) == 1 and is_stop_word(words[0])


def without_stop_words(words: Sequence[str]) -> list[str]:
    """Folded words in order, but for stop words and contractions of them."""
    found: list[str] = []
    place = 0
    while place < len(words):
        length = 2 if are_stop_words(words[place : place + 2]) else 1
        if length == 1 and not is_stop_word(words[place]):
            found.append(words[place])
        place += length
    return found
