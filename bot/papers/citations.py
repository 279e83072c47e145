"""Citations of a paper within the corpus, and how often sources say that it was cited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.app import App
from bot.papers.disagreements import source_name
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import citations as store

MOST_LISTED = 10
_MOST_READINGS = 6


class Direction(StrEnum):
    """Which citations of a paper are meant."""

    CITES = "cites"
    """What it cites."""
    CITED = "cited"
    """What cites it."""


@dataclass(frozen=True, slots=True)
class CitationsHere:
    """How a paper is connected with others of the corpus, and how its citations grew."""

    cites: int = 0
    cited: int = 0
    sources: tuple[str, ...] = ()
    """Who says what it cites."""
    growth: Mapping[str, Sequence[tuple[dt.date, int]]] | None = None
    """Of each source that was read on several days the newest readings, the oldest first."""


@dataclass(frozen=True, slots=True)
class CitationList:
    """Papers of the corpus that a paper cites, or that cite it; those that are cited most here come first."""

    paper: Paper
    direction: Direction
    total: int
    papers: tuple[Paper, ...]
    cited: Mapping[int, int]
    """How many papers here cite each."""


def citations_here(app: App, paper_id: int) -> CitationsHere:
    """What is known of a paper's citations."""
    with app.store.reading() as session:
        readings: dict[str, list[tuple[dt.date, int]]] = {}
        for row in store.counts_of(session, paper_id):
            readings.setdefault(source_name(row.source), []).append((row.read_on, row.citations))
        growth = {source: some[-_MOST_READINGS:] for source, some in readings.items() if len(some) > 1}
        if not store.has_citations(session):
            return CitationsHere(growth=growth)
        return CitationsHere(
            cites=len(store.cites_here(session, paper_id)),
            cited=len(store.cited_here(session, [paper_id]).get(paper_id, ())),
            sources=tuple(map(source_name, sorted(store.reference_sources(session, paper_id)))),
            growth=growth,
        )


def citation_list(app: App, paper_id: int, direction: Direction) -> CitationList | None:
    """The papers of the corpus that a paper cites, or that cite it; None where there is no such paper."""
    with app.store.reading() as session:
        paper = load_papers(session, [paper_id]).get(paper_id)
        if paper is None:
            return None
        if direction is Direction.CITES:
            ids = store.cites_here(session, paper.id)
        else:
            ids = sorted(store.cited_here(session, [paper.id]).get(paper.id, ()))
        cited = {one: len(some) for one, some in store.cited_here(session, ids).items()}
        ids.sort(key=lambda one: (-cited.get(one, 0), -one))
        papers = load_papers(session, ids[:MOST_LISTED])
    return CitationList(paper, direction, len(ids), tuple(papers.values()), cited)
