"""Stop words of a question in another language than English, where it is certain which one it is."""

from __future__ import annotations

import re

from bot.text.folding import is_stop_word, is_stop_word_of

_LANGUAGES = ("german", "french", "spanish", "portuguese", "italian", "dutch")
"""Those in which papers have titles, of the ones whose stop words Tantivy has (the lists of Snowball)."""
_FEWEST, _SHARE = 3, 0.25
"""So many different stop words, and such a share of all words, make a language certain.

Two may be a name: "de la Torre", "van der Maaten".
"""
_WORD = re.compile(r"[^\W\d_]+")
_KOREAN = frozenset({"및", "등", "또는", "그리고", "대한", "위한", "통한", "관한", "의한", "따른", "이용한"})
"""Words for "and", "about", "by" and the like."""


def foreign_stop_words(text: str) -> list[int]:
    """Where the stop words of a question begin that is in another language than English; else nothing."""
    words = [(found.start(), found[0].lower()) for found in _WORD.finditer(text)]
    if any(word in _KOREAN for _, word in words):
        return [start for start, word in words if word in _KOREAN]
    if len(words) <= _FEWEST:
        return []
    others = {word for _, word in words if len(word) > 1 and not is_stop_word(word)}
    counts = [sum(is_stop_word_of(language, word) for word in others) for language in _LANGUAGES]
    most = max(counts)
    if most < max(_FEWEST, _SHARE * len(words)):
        return []
    return stop_words_of(_LANGUAGES[counts.index(most)], text)


def stop_words_of(language: str, text: str) -> list[int]:
    """Where the stop words of a language begin in a text; such as "in" and "an" may be English as well."""
    return [found.start() for found in _WORD.finditer(text) if is_stop_word_of(language, found[0].lower())]
