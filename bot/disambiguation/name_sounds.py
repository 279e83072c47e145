"""How words of names sound: one word written in two ways, and syllables that are names of their own."""

from __future__ import annotations

import re
from functools import lru_cache

_SOUNDS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ss", "s"), ("aa", "a"), ("ph", "f"))
"""How accented letters are also written: "Müller" is "Mueller" elsewhere."""
_JAPANESE = re.compile(
    r"(?!.*ua)(?:(?:[kstnhmrgzjdbp]y?|ky|sh|ch|ts|[yw])?[aiueo](?:n(?![aiueoy])|m(?=[bp])|h(?![aiueoy])|(?=([kstp])\1)\1|tc(?=h))?)+"
)
_LONG_VOWELS = re.compile(r"(?<=o)(?:h(?![aiueoy])|u)|^o(?=o)|(?<=u)u")
"""How Japanese vowels are written that are long: "Satoh", "Satou", "Ohno", "Oono", "Yuuki"."""
_JAPANESE_SOUNDS = (
    *(("sy", "sh"), ("ty", "ch"), ("zy", "j"), ("jy", "j"), ("si", "shi"), ("ti", "chi"), ("tu", "tsu")),
    *(("hu", "fu"), ("zi", "ji"), ("mb", "nb"), ("mp", "np")),
)
"""The official transcription of Japanese, and the usual one (Hepburn's): "Matumoto" is "Matsumoto"."""
_SYLLABLES = re.compile(
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:a|ai|an|ang|ao|e|ei|en|eng|er|i|ia|ian|iang|iao|ie|in|ing|iong|iu|o"
    r"|ong|ou|u|ua|uai|uan|uang|ue|ui|un|uo|v|ve)){1,2}"
)
"""Syllables of Chinese, where one letter or the end of a name makes another name: "Xiao" and "Xiaoming"."""
_MORE_SYLLABLES = re.compile(
    r"(?:(?:[bcdfghjklmnpqrstvwxyz]|zh|ch|sh|hs|ts|tz|ss|sz|kk)?(?:(?:a|ae|ai|e|ei|eo|eu|ee|i|ia|ie|iu|io|o|oo|ou|u|ua|ue|ui"
    r"|uo|ya|yae|ye|yeo|yo|yoo|you|yu|wa|we|weo|wi|woo|wo|iao|uai|uei|ao)(?:n|ng|h|k|l|m|p|r)?)){1,2}"
)
"""Syllables of Chinese in the older transcription, and of Korean."""
_LETTERS = (
    *(
        ("tch", "ch"),
        ("sch", "s"),
        ("sh", "s"),
        ("ph", "f"),
        ("dh", "d"),
        ("bh", "b"),
        ("ck", "k"),
        ("q", "k"),
    ),
    *(("x", "ks"), ("w", "v"), ("tz", "ts"), ("y", "i"), ("ee", "i"), ("oo", "u"), ("ou", "u")),
)
"""What languages and transcriptions write for one sound: "Yurii", "Yury"; "Sandeep", "Sandip"."""
LIKE_INITIALS = {
    "f": "p",
    "p": "f",
    "k": "cq",
    "c": "k",
    "q": "k",
    "v": "w",
    "w": "v",
    "i": "y",
    "y": "ie",
    "e": "y",
}
"""First letters of words that may sound alike: "Philip", "Filip"."""
_HARD_C, _LAST_H, _TWICE = re.compile(r"c(?![heiy])"), re.compile(r"(?<=[aeiou])h$"), re.compile(r"(.)\1+")
_LONG_SIGNS = re.compile(r"(?<=[ou])(?:h(?![aiueoy])|[uo])")
"""How the length of Japanese vowels is shown, if at all: "Tohru", "Tooru", "Toru"; "Fujii" is not "Fuji"."""
_LONGEST = 20
_SOUND_FROM, _JAPANESE_FROM, _LOOSE_FROM = 5, 4, 6


@lru_cache(maxsize=1 << 16)
def is_chinese(word: str) -> bool:
    """Whether a word is one or two syllables of Chinese, as they are written in Latin letters today."""
    return len(word) <= _LONGEST and _SYLLABLES.fullmatch(word) is not None


@lru_cache(maxsize=1 << 16)
def is_east_asian(word: str) -> bool:
    """Whether a word is one or two syllables of Chinese or Korean in any transcription."""
    return len(word) <= _LONGEST and _MORE_SYLLABLES.fullmatch(word) is not None


def sound_alike(one: str, other: str) -> bool:
    """Whether two words are one that is written in two ways.

    Letters of one sound in one language are two sounds in another: "Jaeho" and "Jaho" are two names.
    """
    if one == other:
        return True
    if sound(one) != sound(other):  # most pairs
        return False
    if _romanized(one) == _romanized(other):
        return True
    return not (is_east_asian(one) and is_east_asian(other))


def written_alike(one: str, other: str) -> bool:
    """Whether two words that sound alike are one for their accented letters alone, whatever the language."""
    return one == other or _plain(one) == _plain(other)


def nearly_alike(one: str, other: str) -> bool:
    """Whether two words may be one in two transcriptions, which other evidence has to show.

    Of short words of Chinese or Korean a letter makes another name: "Lee" and "Li".
    """
    if loose_sound(one) != loose_sound(other):  # most pairs
        return False
    may_differ = not (is_east_asian(one) and is_east_asian(other))
    return may_differ or (
        min(len(one), len(other)) >= _LOOSE_FROM and not (is_chinese(one) or is_chinese(other))
    )


def differ_in_length(one: str, other: str) -> bool:
    """Whether two Japanese words differ in nothing but the length of vowels: "Kou" and "Ko"."""
    return _LONG_SIGNS.sub("", one) == _LONG_SIGNS.sub("", other)


@lru_cache(maxsize=1 << 16)
def loose_sound(word: str) -> str:
    """A word with one letter for what is written with several, and no letter twice."""
    for written, plain in _LETTERS:
        word = word.replace(written, plain)
    word = _TWICE.sub(r"\1", _LAST_H.sub("", _HARD_C.sub("k", word)))
    return word.removeprefix("i") if word.startswith("ie") else word


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """A word as it sounds; short ones stay as they are, for "Yue" and "Yu", "Lee" and "Le" are two names."""
    return _plain(_romanized(word))


def _plain(word: str) -> str:
    if len(word) >= _SOUND_FROM:
        for written, plain in _SOUNDS:
            word = word.replace(written, plain)
    return word


def _romanized(word: str) -> str:
    """A Japanese word in one transcription, its vowels short."""
    if len(word) < _JAPANESE_FROM or not is_japanese(word):
        return word
    word = _LONG_VOWELS.sub("", word)
    for written, plain in _JAPANESE_SOUNDS:
        word = word.replace(written, plain)
    return word


@lru_cache(maxsize=1 << 16)
def is_japanese(word: str) -> bool:
    """Whether a word is syllables of Japanese in any transcription: so are some words of other languages."""
    return len(word) <= _LONGEST and _JAPANESE.fullmatch(word) is not None
