"""New citations of papers that subscriptions ask for: OpenAlex is asked once a day what cites them.

The first reading of a paper's citations is its baseline: none of it is reported. What is new later is decided
by identity, and recorded for the subscriptions in the same transaction.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from sqlmodel import Session

from bot.app import App
from bot.corpus.agreement import names_agree
from bot.corpus.formats.openalex import SOURCE, CitingPage, read_openalex_citing
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.sources.library import Library
from bot.sources.providers.kinds import Request
from bot.sources.providers.openalex import OPENALEX, openalex_options
from bot.store import citations, citing_works
from bot.store.authors import links_of_people, living_entry
from bot.store.citing_works import CitingRow
from bot.store.corrections import load_corrections
from bot.store.imports import lock_corpus
from bot.store.paper_sources import asked_on, mark_asked
from bot.store.papers import living_papers

QUESTION = "OpenAlex citations"
"""As which it is recorded when a paper was asked about."""
PAPERS_AT_ONCE = 50
"""In one request; OpenAlex takes a hundred."""
PAGE = 100
MOST_PAGES = 3
"""Of the newest works that cite a batch of papers; at the first reading more."""
MOST_PAGES_AT_FIRST = 25
MOST_BATCHES = 10
"""In one round; the next goes on."""
_MOST_AUTHORS = 3
_FIELDS = "id,doi,title,publication_year,authorships,referenced_works"


@dataclass(frozen=True, slots=True)
class CitingReport:
    """What a round of asking found."""

    papers: int
    """That OpenAlex was asked about."""
    new: int
    """Citations that subscriptions are going to hear of."""


def watched_papers(session: Session) -> dict[int, set[int]]:
    """The papers whose citations subscriptions ask for, each with these subscriptions."""
    rows = citing_works.citing_subscriptions(session)
    living = living_papers(session, [row.paper_id for row in rows if row.paper_id is not None])
    corrections = load_corrections(session)
    people = {
        row.id: living_entry(session, corrections, row.author_id) for row in rows if row.author_id is not None
    }
    papers_of: dict[int, set[int]] = {}
    for paper_id, person in links_of_people(session, sorted({*people.values()})):
        papers_of.setdefault(person, set()).add(paper_id)
    watched: dict[int, set[int]] = {}
    for row in rows:
        papers = {living.get(row.paper_id, row.paper_id)} if row.paper_id is not None else set[int]()
        if row.id in people:
            papers |= papers_of.get(people[row.id], set())
        for paper_id in papers:
            watched.setdefault(paper_id, set()).add(row.id)
    return watched


def ask_citing(app: App, library: Library, stop: threading.Event) -> CitingReport:
    """Ask what cites the papers that are due, those never asked about first, so many in one round."""
    today = app.clock().date()
    with app.store.reading() as session:
        watched = watched_papers(session)
        if not watched:
            return CitingReport(0, 0)
        before = asked_on(session, QUESTION, watched)
        ids = citations.openalex_ids(
            session, [one for one in watched if before.get(one, dt.date.min) < today]
        )
    first = {work: paper for work, paper in ids.items() if paper not in before}
    again = {work: paper for work, paper in ids.items() if paper in before}
    batches = [
        (some, most)
        for named, most in ((first, MOST_PAGES_AT_FIRST), (again, MOST_PAGES))
        for some in _batches(named)
    ]
    asked = new = 0
    with Lease(app, f"citations {OPENALEX.name}") as lease:
        for some, most in batches[:MOST_BATCHES]:
            if stop.is_set() or not lease.is_held:
                break
            new += _ask(app, library, some, most, is_first=some.items() <= first.items())
            asked += len(set(some.values()))
    return CitingReport(asked, new)


def _batches(named: Mapping[str, int]) -> Iterable[dict[str, int]]:
    left = iter(named.items())
    while some := dict(islice(left, PAPERS_AT_ONCE)):
        yield some


def _ask(app: App, library: Library, named: Mapping[str, int], most: int, *, is_first: bool) -> int:
    """Read the newest works that cite these papers; the last page records that they were asked about."""
    cursor: str | None = "*"
    new = 0
    for number in range(1, most + 1):
        options = {
            "filter": f"cites:{'|'.join(named)}",
            "select": _FIELDS,
            "sort": "publication_date:desc",
            "per-page": str(PAGE),
            "cursor": cursor or "*",
            **openalex_options(app.settings),
        }
        request = Request(f"/works?{urlencode(options)}")
        page = library.ask(OPENALEX, request, lambda answer: read_openalex_citing(answer.body))
        cursor = page.next_cursor
        with app.store.writing() as session:
            lock_corpus(session)
            unknown, reported = _write(app, session, named, page, is_first=is_first)
            new += reported
            is_last = cursor is None or number == most or (not is_first and not unknown)
            if is_last:
                mark_asked(session, QUESTION, set(named.values()), app.clock().date())
        if is_last:
            break
    return new


def _write(
    app: App, session: Session, named: Mapping[str, int], page: CitingPage, *, is_first: bool
) -> tuple[int, int]:
    """Keep the citations of a page: how many were unknown, and how many subscriptions hear of."""
    papers = load_papers(session, list(set(named.values())))
    works = citations.works_for(
        session,
        (one.work.model_copy(update={"authors": one.work.authors[:_MOST_AUTHORS]}) for one in page.works),
    )
    authors = {works[one.work.scheme, one.work.value]: one.work.authors for one in page.works}
    pairs = {
        (named[cited], works[one.work.scheme, one.work.value])
        for one in page.works
        for cited in one.cites
        if cited in named and named[cited] in papers
    }
    unknown = citations.add_citing(session, SOURCE, pairs)
    if is_first or not unknown:
        return len(unknown), 0
    listeners = watched_papers(session)
    rows = [
        CitingRow(
            subscription_id,
            work_id,
            paper_id,
            app.clock(),
            _share_author(authors[work_id], papers[paper_id].authors),
        )
        for paper_id, work_id in sorted(unknown)
        for subscription_id in sorted(listeners.get(paper_id, ()))
    ]
    return len(unknown), citing_works.add_citing_works(session, rows)


def _share_author(ours: Sequence[str], theirs: Collection[str]) -> bool:
    return any(names_agree(one, other) for one in ours for other in theirs)
