"""What is known of one mention of a name: its paper, co-authors, year, venue and title."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.disambiguation.name_forms import Form

_WORD = re.compile(r"[^\W\d_]{3,}")
_EVERYWHERE = frozenset(
    {"the", "and", "for", "with", "from", "using", "based", "via", "towards", "toward", "into", "over"}
    | {"under", "are", "how", "what", "when", "can", "its", "our", "that", "this", "these", "those", "not"}
    | {"but", "new", "novel", "approach", "method", "methods", "model", "models", "learning", "analysis"}
    | {"study", "system", "systems", "use", "case", "without", "through", "between", "among", "more", "than"}
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One name on one paper."""

    form: Form
    paper: str
    coauthors: tuple[Form, ...] = ()
    """The others of the list, without the person's own name."""
    year: int | None = None
    venue: str = ""
    words: frozenset[str] = field(default=frozenset())
    """Of the title, shortened to their stems."""


def words_of(title: str) -> frozenset[str]:
    """The words of a title that tell of its subject, roughly stemmed."""
    return frozenset(
        word[:-1] if word.endswith("s") and len(word) > 4 else word
        for word in _WORD.findall(title.casefold())
        if word not in _EVERYWHERE
    )
