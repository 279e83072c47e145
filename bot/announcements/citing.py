"""What newly cites the papers of subscriptions: each citing work once, whichever source says it first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlmodel import Session

from bot.announcements.results import ShownCitation
from bot.corpus.agreement import names_agree
from bot.corpus.identity import Pair, folded_title
from bot.corpus.paper import CitedWork
from bot.papers.loading import load_papers
from bot.store import citations, citing_works
from bot.store.authors import links_of_people, living_entry
from bot.store.citing_works import CitingRow, CitingSubscription, WorkRow
from bot.store.corrections import load_corrections
from bot.store.papers import living_papers

ADDRESSES = {
    "arxiv": "https://arxiv.org/abs/",
    "doi": "https://doi.org/",
    "openalex": "https://openalex.org/",
    "s2": "https://www.semanticscholar.org/paper/",
}
"""Of works by their ids, in the order in which sources name works."""
MOST_AUTHORS = 3
"""Of a citing work, that are kept."""


@dataclass(frozen=True, slots=True)
class FoundCitation:
    """That a work cites a paper."""

    paper_id: int
    work: CitedWork
    """With its title and authors."""
    also: tuple[Pair, ...] = ()
    """Other ids of the work."""
    added_at: int | None = None
    """The revision since which the work is a paper of the corpus; None where it need not be one."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was new of some citations."""

    unknown: int
    """That no source had said before."""
    reported: int
    """Of which subscriptions are going to hear."""


def watched_papers(session: Session) -> dict[int, list[CitingSubscription]]:
    """The papers whose citations subscriptions ask for, each with these subscriptions."""
    rows = citing_works.citing_subscriptions(session)
    watched: dict[int, list[CitingSubscription]] = {}
    for row, papers in zip(rows, papers_of(session, rows), strict=True):
        for paper_id in papers:
            watched.setdefault(paper_id, []).append(row)
    return watched


def papers_of(session: Session, rows: Sequence[CitingSubscription]) -> list[set[int]]:
    """Of each subscription the papers whose citations it asks for."""
    living = living_papers(session, [row.paper_id for row in rows if row.paper_id is not None])
    corrections = load_corrections(session)
    people = {
        row.id: living_entry(session, corrections, row.author_id) for row in rows if row.author_id is not None
    }
    by_person: dict[int, set[int]] = {}
    for paper_id, person in links_of_people(session, sorted({*people.values()})):
        by_person.setdefault(person, set()).add(paper_id)
    return [
        ({living.get(row.paper_id, row.paper_id)} if row.paper_id is not None else set[int]())
        | (by_person.get(people[row.id], set()) if row.id in people else set[int]())
        for row in rows
    ]


def write_found(
    session: Session,
    source: str,
    found: Iterable[FoundCitation],
    now: dt.datetime,
    watched: Mapping[int, Sequence[CitingSubscription]],
) -> Written:
    """Keep citations that a source reports; those that nothing said before wait for subscriptions.

    Args:
        session: A writing transaction that locks the corpus.
        source: Who says so.
        found: The citations.
        now: The present.
        watched: Of each paper the subscriptions that hear of what is new; a paper of the corpus is, where
            it came after their baseline.

    """
    entries = [*found]
    papers = load_papers(session, list({one.paper_id for one in entries}))
    entries = [one for one in entries if one.paper_id in papers]
    works = citations.works_for(
        session, (one.work.model_copy(update={"authors": one.work.authors[:MOST_AUTHORS]}) for one in entries)
    )
    known = _Known.of(session, papers.keys())
    numbered = [(works[one.work.scheme, one.work.value], one) for one in entries]
    unknown = [(work_id, one) for work_id, one in numbered if known.add(one, work_id)]
    citations.add_citing(session, source, {(one.paper_id, work_id) for work_id, one in numbered})
    rows = [
        CitingRow(
            row.id,
            work_id,
            one.paper_id,
            now,
            _share_author(one.work.authors, papers[one.paper_id].authors),
        )
        for work_id, one in unknown
        for row in watched.get(one.paper_id, ())
        if one.work.title is not None and (one.added_at is None or one.added_at > row.baseline)
    ]
    return Written(len(unknown), citing_works.add_citing_works(session, rows))


class SameWorks:
    """Works by title and first author, as sources spell them: a preprint and what was published are one."""

    def __init__(self) -> None:
        self._by_title: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)

    def first_of(self, title: str | None, authors: Sequence[str] | None, work_id: int) -> int:
        """The first work that is the same as this one, which may be itself."""
        folded = folded_title(title) if title and authors else ""
        if not folded or not authors:
            return work_id
        same = self._by_title[folded]
        for lead, first in same:
            if names_agree(lead, authors[0]):
                return first
        same.append((authors[0], work_id))
        return work_id


class _Known:
    """What is known to cite some papers, by ids and by titles."""

    def __init__(self) -> None:
        self._ids: defaultdict[int, set[Pair]] = defaultdict(set)
        self._titles: defaultdict[int, SameWorks] = defaultdict(SameWorks)

    @classmethod
    def of(cls, session: Session, papers: Collection[int]) -> _Known:
        """What the database knows."""
        known = cls()
        for paper_id, work in citing_works.works_citing(session, papers):
            known._ids[paper_id].add((work.scheme, work.value))
            known._titles[paper_id].first_of(work.title, work.authors, work.id)
        return known

    def add(self, one: FoundCitation, work_id: int) -> bool:
        """Know one more; whether it was unknown."""
        ids = {(one.work.scheme, one.work.value), *one.also}
        of_paper = self._ids[one.paper_id]
        is_first = self._titles[one.paper_id].first_of(one.work.title, one.work.authors, work_id) == work_id
        is_known = bool(ids & of_paper) or not is_first
        of_paper |= ids
        return not is_known


def _share_author(ours: Sequence[str], theirs: Collection[str]) -> bool:
    return any(names_agree(one, other) for one in ours for other in theirs)


def newest_known(session: Session, wanted: CitingSubscription) -> list[WorkRow]:
    """The works that are known to cite what a subscription asks for, each once, the newest first."""
    [papers] = papers_of(session, [wanted])
    works = {work.id: work for _, work in citing_works.works_citing(session, papers)}
    same = SameWorks()
    return [
        work
        for work in sorted(works.values(), key=lambda one: (-(one.year or 0), -one.id))
        if same.first_of(work.title, work.authors, work.id) == work.id
    ]


def shown_work(work: WorkRow) -> ShownCitation:
    """A work as it is shown, without what it cites."""
    address = ADDRESSES[work.scheme] + quote(work.value, safe="/:;._-")
    return ShownCitation(work.title or "", address, work.year, tuple(work.authors or ()))
