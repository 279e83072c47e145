"""Works that cite papers, as messages and cards show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.announcements.results import ShownCitation
from bot.discord_app.safe_text import fit, safe, safe_url
from bot.discord_app.wording import day_words
from bot.papers.disagreements import source_name
from bot.text.counting import counted
from bot.text.latex import readable

MAX_CITATION = 500
MAX_NAME = 100


def known_words(known: Sequence[ShownCitation], total: int) -> list[str]:
    """What is known to cite a paper or an author, of which nothing is posted: a line each."""
    if not known:
        return ["Nothing is known to cite it so far; you hear of what comes."]
    newest = ", the newest of them:" if total > len(known) else ":"
    head = f"**Known so far**, and not posted: {counted(total, 'citing work')}{newest}"
    return [head, *map(citation_words, known)]


def citation_words(one: ShownCitation, room: int = MAX_CITATION, last: str = "") -> str:
    """A work that cites papers: its title, by whom, when and where it is; and a line below."""
    names = [fit(safe(name), MAX_NAME) for name in one.authors]
    facts = [", ".join(names), str(one.year) if one.year else ""]
    facts.append(f"[open]({address})" if (address := safe_url(one.url)) else "")
    facts.append("self-citation" if one.is_self else "")
    facts.append(sources_words(one.sources, one.read_on))
    below = " · ".join(filter(None, facts)) + (f"\n{last}" if last else "")
    return f"**{fit(safe(readable(one.title)), room - len(below) - 5) or 'Untitled'}**\n{below}"


def sources_words(sources: Sequence[str], read_on: dt.date | None) -> str:
    """Who says so, and when that was read: "Crossref and OpenAlex, read 3 Nov 2026"."""
    names = " and ".join(safe(source_name(source)) for source in sources)
    return f"{names}, read {day_words(read_on)}" if names and read_on is not None else names
