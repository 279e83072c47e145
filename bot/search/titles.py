"""A title within what was typed: a reference that was pasted, or a title with the venue and the year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.search.engine import Query
from bot.search.fields import key_of_words
from bot.search.snapshot import Snapshot
from bot.text.folding import plain_words

_PARTS = re.compile(r"[.;:,!?]+\s+|[.;:,!?]+$|\s[-–—]\s|[\"“”„«»(){}\[\]|]+")
"""What parts the title of a reference from the names before it, the venue and the year."""
_MOST_PARTS = 48
"""Parts of a text that are read: more than a reference has."""
_MOST_TOGETHER = 4
"""Parts that may be one title, as "Adam: A Method for Stochastic Optimization" is two."""
_MOST_WORDS = 16
"""Words of a text at whose beginning or end a title is looked for: longer ones are sentences."""
_SHORTEST, _SHORTEST_PART = 4, 3
"""Words of a title at the beginning or the end of a text, and between such signs: shorter ones, as "Deep
learning", stand in many a text by chance."""


def title_within(snapshot: Snapshot, text: str, within: Callable[[Query], Query]) -> int | None:
    """The paper, by its value of the field `order`, with the longest title that stands in a text; if any."""
    titles = {key_of_words(words): len(words) for words in _possible(text)}
    if not titles:
        return None
    engine = snapshot.engine
    known = (engine.constant(engine.equal("title_key", key), float(words)) for key, words in titles.items())
    _, found = engine.best(within(engine.any_of(known)), 1)
    return found[0][1] if found else None


def _possible(text: str) -> Iterator[list[str]]:
    """The words of what may be a title in a text."""
    words = plain_words(text)
    if len(words) <= _MOST_WORDS:
        for length in range(_SHORTEST, len(words) + 1):
            yield words[:length]
            yield words[-length:]
    parts = [plain_words(part) for part in _PARTS.split(text)[:_MOST_PARTS]]
    parts = [part for part in parts if part]
    for start in range(len(parts) if len(parts) > 1 else 0):
        together: list[str] = []
        for part in parts[start : start + _MOST_TOGETHER]:
            together += part
            if len(together) >= _SHORTEST_PART:
                yield together.copy()
