"""Votes of a server's members for papers: each has one a paper, and may take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.app import App
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import votes
from bot.store.papers import living_id

MOST_TOP = 10


@dataclass(frozen=True, slots=True)
class Voted:
    """A vote after it was given or taken back."""

    paper_id: int
    """Where the paper was merged into another one, that one."""
    is_given: bool
    votes: int
    """Of all members of the server."""


def vote(app: App, guild_id: int, paper_id: int, person_id: int) -> Voted | None:
    """Give a person's vote, or take it back; None where the corpus has no such paper."""
    with app.store.writing() as session:
        living = living_id(session, paper_id)
        if living is None:
            return None
        is_given = votes.toggle_vote(session, guild_id, living, person_id, app.clock())
        return Voted(living, is_given, votes.counts_in(session, guild_id, [living]).get(living, 0))


@dataclass(frozen=True, slots=True)
class TopPaper:
    """A paper, and its votes of some days."""

    paper: Paper
    votes: int


def top_papers(app: App, guild_id: int, days: int) -> tuple[TopPaper, ...]:
    """The papers for which most members of a server voted in the last days; then by score."""
    with app.store.reading() as session:
        ranked = votes.most_voted(session, guild_id, app.clock() - dt.timedelta(days=days), MOST_TOP)
        papers = load_papers(session, [one.paper_id for one in ranked])
    return tuple(TopPaper(papers[one.paper_id], one.votes) for one in ranked if one.paper_id in papers)


def votes_of(app: App, guild_id: int | None, papers: Sequence[Paper]) -> dict[int, int]:
    """The votes of papers in a server; what has none is left out, and without a server there are none."""
    if guild_id is None:
        return {}
    with app.store.reading() as session:
        return votes.counts_in(session, guild_id, [paper.id for paper in papers])
