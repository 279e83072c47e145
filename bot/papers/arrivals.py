"""Papers that came in since a day or a position: page by page, each once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.app import App
from bot.errors import RefusedError
from bot.papers.loading import list_papers
from bot.papers.results import Paper
from bot.store.subscriptions import newest_finished, newly_added, revision_at

_POSITION = re.compile(r"(\d{1,15})\.(\d{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """New papers, in the order in which they came."""

    papers: tuple[Paper, ...]
    position: str
    """Behind the last of them: what asks for those that follow."""
    more: int
    """How many follow already."""


def new_papers(app: App, since: dt.date | None, after: str | None, limit: int) -> Arrivals:
    """Papers that became newly added since the beginning of a day in UTC, or after a position.

    Raises:
        RefusedError: neither or both are given, or the position is none.

    """
    if (since is None) == (after is None):
        raise RefusedError("Give either a day, or the position of an earlier answer.")
    with app.store.reading() as session:
        if since is not None:
            begin = dt.datetime.combine(since, dt.time(), dt.UTC)
            revision, paper_id = revision_at(session, begin), 0
        elif (position := _POSITION.fullmatch(after or "")) is not None:
            revision, paper_id = int(position[1]), int(position[2])
        else:
            raise RefusedError(f"{(after or '')[:40]!r} is no position; earlier answers have one.")
        # Papers of the position's own revision may follow it, too.
        added = newly_added(session, revision - (paper_id > 0), newest_finished(session))
    found = ((one.finished_revision, one.id) for one in added)
    places = [place for place in found if place > (revision, paper_id)]
    shown = places[:limit]
    last = shown[-1] if shown else (revision, paper_id)
    papers = list_papers(app.store, [one[1] for one in shown])
    return Arrivals(tuple(papers.values()), f"{last[0]}.{last[1]}", len(places) - len(shown))
