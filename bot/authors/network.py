"""People side by side, the co-authors of one, and the shortest way from one to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session

from bot.app import App
from bot.authors.figures import load_author
from bot.authors.results import Author, Coauthor
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store.authors import (
    Links,
    authors_by_id,
    links_of_papers,
    links_of_people,
    living_entry,
    names_of,
)
from bot.store.corrections import load_corrections

MOST_MET = 200_000
"""People met on the way before a search for the shortest way is given up."""
_SHOWN_PAPERS = 5
_SHOWN_COAUTHORS = 12
_PAPERS_OF_A_LINK = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """Authors side by side."""

    authors: tuple[Author, ...]
    common_papers: int
    """Papers of all of them."""
    papers: tuple[Paper, ...]
    """The newest of these."""
    shared_coauthors: int
    """People who wrote with each of them."""
    coauthors: tuple[Coauthor, ...]
    """The most frequent of these, with the papers they have with any of the authors."""


@dataclass(frozen=True, slots=True)
class Link:
    """A step from one person to the next: papers of both."""

    author_id: int
    name: str
    papers: tuple[Paper, ...]
    """Some of them, those whose lists name both first."""
    total: int
    named: bool
    """A list of authors names both; else a page alone attributes one of them."""


@dataclass(frozen=True, slots=True)
class CoauthorPath:
    """The shortest way from one person to another."""

    start: str
    links: tuple[Link, ...]
    """Empty where there is none, or both are one."""
    gave_up: bool = False
    """So many people were met that the search was ended."""


@dataclass(frozen=True, slots=True)
class CoauthorList:
    """Everybody with whom a person wrote."""

    author_id: int
    name: str
    total: int
    coauthors: tuple[Link, ...]
    """The most frequent first."""


def compare(app: App, ids: Sequence[int]) -> Comparison | None:
    """Put authors side by side; None where one of them is gone."""
    with app.store.reading() as session:
        corrections = load_corrections(session)
        authors = [load_author(session, corrections, author_id) for author_id in ids]
        found = [author for author in authors if author is not None]
        if len(found) < len(ids):
            return None
        people = [author.id for author in found]
        papers: defaultdict[int, set[int]] = defaultdict(set)
        for paper_id, author_id in links_of_people(session, people):
            papers[author_id].add(paper_id)
        common = set[int].intersection(*(papers[one] for one in people))
        everybody = links_of_papers(session, set[int]().union(*papers.values()))
        wrote_with: defaultdict[int, set[int]] = defaultdict(set)
        sums = Counter(other for _, other in everybody)
        for paper_id, other in everybody:
            wrote_with[other].update(one for one in people if paper_id in papers[one])
        shared = [
            one for one, others in wrote_with.items() if len(others) == len(people) and one not in people
        ]
        frequent = sorted(shared, key=lambda other: (-sums[other], other))[:_SHOWN_COAUTHORS]
        names = names_of(session, frequent)
        return Comparison(
            authors=tuple(found),
            common_papers=len(common),
            papers=_newest(session, common, _SHOWN_PAPERS),
            shared_coauthors=len(shared),
            coauthors=tuple(Coauthor(one, names[one], sums[one]) for one in frequent if one in names),
        )


def coauthor_list(app: App, author_id: int, limit: int = 25) -> CoauthorList | None:
    """Everybody with whom an author wrote, with their papers; None where there is no such entry."""
    with app.store.reading() as session:
        author_id = living_entry(session, load_corrections(session), author_id)
        name = names_of(session, [author_id]).get(author_id)
        if name is None:
            return None
        own = {paper_id: named for (paper_id, _), named in links_of_people(session, [author_id]).items()}
        shared: defaultdict[int, dict[int, bool]] = defaultdict(dict)
        for (paper_id, other), named in links_of_papers(session, own).items():
            if other != author_id:
                shared[other][paper_id] = named and own[paper_id]
        frequent = sorted(shared, key=lambda other: (-len(shared[other]), other))[:limit]
        names = names_of(session, frequent)
        links = [_link(session, other, names[other], shared[other]) for other in frequent if other in names]
        return CoauthorList(author_id, name, len(shared), tuple(links))


def shortest_path(app: App, start_id: int, end_id: int) -> CoauthorPath | None:
    """Find the fewest steps from one person to another, each over papers that both have.

    Both ends are widened in turn, the smaller one first. None where one of them is gone.
    """
    with app.store.reading() as session:
        corrections = load_corrections(session)
        start, end = (living_entry(session, corrections, one) for one in (start_id, end_id))
        names = {row.id: row.name for row in authors_by_id(session, [start, end])}
        if start not in names or end not in names:
            return None
        if start == end:
            return CoauthorPath(names[start], ())
        people, gave_up = _steps(session, start, end)
        if not people:
            return CoauthorPath(names[start], (), gave_up)
        names = names_of(session, people)
        links: list[Link] = []
        for one, other in pairwise(people):
            both = _of_both(links_of_people(session, [one, other]), one, other)
            links.append(_link(session, other, names.get(other, ""), both))
        return CoauthorPath(names[start], tuple(links))


def _steps(session: Session, start: int, end: int) -> tuple[list[int], bool]:
    """The people on the way, both ends among them; none where there is no way."""
    before: tuple[dict[int, int | None], dict[int, int | None]] = ({start: None}, {end: None})
    edges = [{start}, {end}]
    while edges[0] and edges[1]:
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        mine, theirs = before[side], before[1 - side]
        edges[side] = _widen(session, edges[side], mine)
        met = edges[side] & theirs.keys()
        if met:
            middle = min(met)
            return [*reversed(_trace(before[0], middle)), *_trace(before[1], middle)[1:]], False
        if len(before[0]) + len(before[1]) > MOST_MET:
            return [], True
    return [], False


def _widen(session: Session, edge: set[int], known: dict[int, int | None]) -> set[int]:
    """Everybody who wrote with somebody of the edge and was not met before."""
    writers: dict[int, int] = {}
    for paper_id, author_id in sorted(links_of_people(session, edge)):
        writers.setdefault(paper_id, author_id)
    fresh: set[int] = set()
    for paper_id, author_id in sorted(links_of_papers(session, writers)):
        if author_id not in known:
            known[author_id] = writers[paper_id]
            fresh.add(author_id)
    return fresh


def _trace(before: Mapping[int, int | None], person: int) -> list[int]:
    way = [person]
    while (previous := before[way[-1]]) is not None:
        way.append(previous)
    return way


def _of_both(links: Links, one: int, other: int) -> dict[int, bool]:
    """The papers of both, and whether their lists name both."""
    return {
        paper_id: named and links[paper_id, other]
        for (paper_id, person), named in links.items()
        if person == one and (paper_id, other) in links
    }


def _link(session: Session, author_id: int, name: str, papers: Mapping[int, bool]) -> Link:
    named = [paper_id for paper_id, is_named in papers.items() if is_named]
    shown = sorted(named or papers, reverse=True)[:_PAPERS_OF_A_LINK]
    loaded = tuple(load_papers(session, shown).values())
    return Link(author_id, name, loaded, len(papers), named=bool(named))


def _newest(session: Session, ids: set[int], limit: int) -> tuple[Paper, ...]:
    loaded = load_papers(session, sorted(ids, reverse=True)[: limit * 4]).values()
    return tuple(sorted(loaded, key=lambda paper: paper.published or "", reverse=True)[:limit])
