"""The one place where foreign text is made safe for Discord, and the one that fits text to a limit."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

MAX_URL = 512
ELLIPSIS = "…"

_MARKDOWN = re.compile(r"[\\*_~|`\[\]()<>@#:]")
_LINE_START = re.compile(r"^(?:[-+=]|\d+(?=[.)]))", re.MULTILINE)
_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


class _Visible(dict[int, str | None]):
    """What becomes of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        if category in {"Cf", "Cs"} or character in _INVISIBLE_LETTERS:
            kept = None  # bidirectional marks, zero-width characters, halves of surrogate pairs
        elif category in {"Cc", "Zl", "Zp", "Zs"} and character != "\n":
            kept = " "
        else:
            kept = character
        self[code] = kept
        return kept


_VISIBLE = _Visible()


def plain(text: str) -> str:
    """Foreign text on one line without what is invisible, for labels and other places without Markdown."""
    return " ".join(text.translate(_VISIBLE).split())


@lru_cache(maxsize=4096)
def safe(text: str, *, paragraphs: bool = False) -> str:
    """Foreign text that Discord shows as it is written: no mention, link, emoji, or markup.

    Invisible characters go, all Markdown punctuation is escaped, and white space is one space;
    with `paragraphs`, a blank line stays one.
    """
    if paragraphs:
        parts = [safe(part) for part in _PARAGRAPH_BREAK.split(text.translate(_VISIBLE))]
        return "\n\n".join(part for part in parts if part)
    return _LINE_START.sub(_escaped_start, _MARKDOWN.sub(r"\\\g<0>", plain(text)))


def fit(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at a word where one is near, and never inside an escape."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    room = limit - len(ELLIPSIS)
    while room > 0 and unicodedata.combining(text[room]):
        room -= 1
    cut = text[:room]
    if not text[room].isspace():
        words = cut.rsplit(None, 1)
        if len(words) > 1 and len(words[0]) >= room // 2:
            cut = words[0]
    cut = cut.rstrip()
    backslashes = len(cut) - len(cut.rstrip("\\"))
    return (cut[:-1].rstrip() if backslashes % 2 else cut) + ELLIPSIS


def safe_url(url: str | None) -> str | None:
    """An address that may become a link: http(s), at most 512 characters, no credentials; else None."""
    if url is None or len(url) > MAX_URL or plain(url) != url or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def _escaped_start(found: re.Match[str]) -> str:
    r"""A list marker at the start of a line: "\- ", "1\. "."""
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"
