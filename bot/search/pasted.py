"""A text as it was typed or pasted, in plain signs: no entities of HTML, mentions or endings of files."""

from __future__ import annotations

import re
from html import unescape

QUOTES = '"“”‟„«»″〝〞〟「」『』《》〈〉'
"""Double quotes of all languages."""
_AUTHOR_WITH_INITIALS = re.compile(
    r"\b(authors?|au|inauthor)\s*[:=]\s*((?:[^\W\d_]\.[\s-]?)+[^\W\d_][\w'’-]*)", re.IGNORECASE
)
_OF_DISCORD = re.compile(
    r"<(?:a?:\w{2,32}:\d{15,21}|@[!&]?\d{15,21}|#\d{15,21}|t:-?\d{1,13}(?::\w)?|/[\w -]{1,100}:\d{15,21})>"
)
"""A mention, an emoji of a server, a moment or a command, as a message has them."""
_FILE = re.compile(r"(?<=[\w)])(?:\s?\(\d\))?\.(?:pdf|epub|djvu|docx?)(?=\W*$)", re.IGNORECASE)
"""The ending of a file's name."""
_YEAR_IN_FILE = re.compile(r"(?<=[^\W\d_]{3})_(?=(?:19|20)\d\d(?:_|\b))")
"""Stands before a year in a file's name, which is no index of a formula."""
_FULL_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
"""Signs as keyboards for Chinese and Japanese write them."""


def in_plain_signs(text: str) -> str:
    """The text without entities of HTML, full-width signs, mentions and endings of files.

    And "author: A. Ruiz" as one name.
    """
    if "&" in text and ";" in text:
        text = unescape(text)
    if not text.isascii():
        text = text.translate(_FULL_WIDTH)
    if "<" in text:
        text = _OF_DISCORD.sub(" ", text)
    if "." in text:
        text = _FILE.sub("", text)
    if "_" in text:
        text = _YEAR_IN_FILE.sub(" ", text)
    return _AUTHOR_WITH_INITIALS.sub(r'\1:"\2"', text) if ":" in text or "=" in text else text
