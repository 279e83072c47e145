"""Papers looked up, added, proposed; and filled in from every provider."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bot.errors import RefusedError
from bot.services.adding import (
    add_proposed,
    decline_proposed,
    look_up,
    propose,
)
from bot.services.desk import Desk
from bot.services.enriching import enrich
from bot.services.importing import import_files
from bot.services.sources.providers import Library
from bot.services.stored_searches import OfPerson, forget_person, purge_expired, stored_of_person
from bot.store.subscriptions import newest_finished, newly_added
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, row, write_rows
from tests.fetching.loopback import Loopback, Reply, Seen
from tests.sources.conftest import Day
from tests.sources.worlds import Thing, World, openalex_work

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

CROSSREF_WORK = {
    "DOI": "10.1000/X6",
    "title": ["On the matter of <i>gologia</i>"],
    "author": [{"given": "Ann", "family": "Lee", "ORCID": "http://orcid.org/0000-0002-1825-0097"}],
    "container-title": ["Journal of Matters"],
    "is-referenced-by-count": 3,
    "published": {"date-parts": [[2026, 3]]},
}


def test_an_arxiv_id_is_fetched_shown_and_added_once(here: Desk, library: Library, world: World):
    world.fill(3)
    found = look_up(here, library, "https://arxiv.org/abs/2603.00002v1", asked_by=7)
    assert found.paper.title == world.things[1].name
    assert found.proposal_id is not None
    assert all_papers(here.store) == []
    added = add_proposed(here, found.proposal_id, decided_by=1)
    assert added.id == add_proposed(here, found.proposal_id, decided_by=1).id
    assert [paper.arxiv_id for paper in all_papers(here.store)] == ["2603.00002"]
    with here.store.reading() as session:
        assert len(newly_added(session, 0, newest_finished(session))) == 1
    again = look_up(here, library, "arXiv:2603.00002", asked_by=7)
    assert (again.proposal_id, again.paper.id) == (None, added.id)


def test_a_doi_is_asked_of_crossref_and_else_of_openalex(here: Desk, library: Library, server: Loopback):
    def answer(seen: Seen) -> Reply:
        path = unquote(urlsplit(seen.target).path)
        if path == "/works/10.1000/x6":
            return Reply(json.dumps({"status": "ok", "message": CROSSREF_WORK}).encode())
        if path == "/works/doi:10.1000/x7":
            return Reply(json.dumps(openalex_work(Thing(7, doi="10.1000/x7"))).encode())
        return Reply(status=404)

    server.answer = answer
    found = look_up(here, library, "doi:10.1000/X6", asked_by=7)
    assert (found.paper.title, found.paper.venue) == ("On the matter of gologia", "Journal of Matters")
    assert found.paper.published == "2026-03"
    assert look_up(here, library, "10.1000/x7", asked_by=7).paper.citations == 7
    with pytest.raises(RefusedError, match=r"No source knows doi:10\.1000/x8"):
        look_up(here, library, "10.1000/x8", asked_by=7)


def test_what_is_no_paper_and_what_nobody_knows_is_refused(here: Desk, library: Library, world: World):
    with pytest.raises(RefusedError, match="no arXiv id"):
        look_up(here, library, "hello", asked_by=7)
    with pytest.raises(RefusedError, match=r"No source knows arXiv:2603\.00009"):
        look_up(here, library, "2603.00009", asked_by=7)


def test_openreview_is_asked_for_its_note(here: Desk, library: Library, server: Loopback):
    note = {
        "id": "B1xY-hRctX",
        "forum": "B1xY-hRctX",
        "content": {
            "title": {"value": "Gossip on graphs"},
            "authors": {"value": ["Ann Lee"]},
            "authorids": {"value": ["~Ann_Lee1"]},
            "venue": {"value": "ICLR 2026 poster"},
        },
    }
    server.answer = lambda _: Reply(json.dumps({"notes": [note], "count": 1}).encode())
    found = look_up(here, library, "https://openreview.net/forum?id=B1xY-hRctX", asked_by=7)
    assert (found.paper.title, found.paper.venue) == ("Gossip on graphs", "ICLR 2026 poster")
    assert found.proposal_id is not None
    added = add_proposed(here, found.proposal_id, decided_by=1)
    assert look_up(here, library, found.paper.url or "", asked_by=7).paper.id == added.id


def test_a_proposal_is_asked_once_and_declined_or_added(here: Desk, library: Library, world: World):
    world.fill(2)
    first = look_up(here, library, "2603.00001", asked_by=7).proposal_id
    second = look_up(here, library, "2603.00002", asked_by=8).proposal_id
    assert first is not None
    assert second is not None
    propose(here, first)
    with pytest.raises(RefusedError, match="proposed already"):
        propose(here, first)
    decline_proposed(here, first, decided_by=1)
    with pytest.raises(RefusedError, match="declined"):
        add_proposed(here, first, decided_by=1)
    forget_person(here, 8)
    with pytest.raises(RefusedError, match="too long ago"):
        add_proposed(here, second, decided_by=1)


def test_proposals_are_kept_for_30_days(here: Desk, library: Library, world: World, day: Day):
    world.fill(2)
    old = look_up(here, library, "2603.00001", asked_by=7).proposal_id
    day.pass_(days=31)
    look_up(here, library, "2603.00002", asked_by=7)
    assert old is not None
    with pytest.raises(RefusedError, match="too long ago"):
        add_proposed(here, old, decided_by=1)


class Providers:
    """All providers at once, which know the papers of the shipped page by title."""

    def __init__(self, desk: Desk) -> None:
        self.things = [
            Thing(paper.id, title=paper.title, authors=(*paper.authors, "Zoe Whole", "Pan Pan"))
            for paper in all_papers(desk.store)
        ]

    def __call__(self, seen: Seen) -> Reply:
        from tests.sources.worlds import atom

        parts = urlsplit(seen.target)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/api/query":
            words = asked["search_query"].removeprefix('ti:"').removesuffix('"')
            found = [one for one in self.things if _plain(one.name).startswith(words)]
            return Reply(atom(found, len(found), 0))
        if parts.path == "/works" and asked["filter"].startswith("doi:10.48550"):
            dois = asked["filter"].removeprefix("doi:").split("|")
            works = [openalex_work(one) for one in self.things if f"10.48550/arxiv.{one.arxiv_id}" in dois]
            return Reply(json.dumps({"meta": {"count": len(works)}, "results": works}).encode())
        if parts.path == "/graph/v1/paper/batch":
            ids = json.loads(seen.body)["ids"]
            return Reply(json.dumps([None for _ in ids]).encode())
        return Reply(json.dumps({"meta": {"count": 0}, "results": []}).encode())


def _plain(title: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in title).split())


def test_the_shipped_page_is_filled_in_from_arxiv_and_openalex(
    here: Desk, library: Library, server: Loopback
):
    import_files(here, [AUTHOR_PAGE], as_of=dt.date(2026, 4, 1))
    with here.store.reading() as session:
        baseline = newest_finished(session)
    server.answer = Providers(here)
    report = enrich(here, library)
    assert report.errors == ()
    papers = all_papers(here.store)
    assert len(papers) == 26
    assert not any(paper.authors_truncated for paper in papers)
    assert all(paper.arxiv_id == f"2603.{paper.id:05d}" and paper.citations == paper.id for paper in papers)
    with here.store.reading() as session:
        assert newly_added(session, baseline, newest_finished(session)) == []
    server.seen.clear()
    again = enrich(here, library)
    assert (again.found, again.updated) == (0, 0)
    assert {urlsplit(seen.target).path for seen in server.seen} == {"/graph/v1/paper/batch"}


def test_enriching_goes_on_where_it_stopped(here: Desk, library: Library, world: World, tmp_path):
    world.fill(120)
    rows = [
        row(
            thing.number,
            id=f"x{thing.number}",
            title=thing.name,
            authors=["Ann Lee", "et al."],
            url=f"https://arxiv.org/abs/{thing.arxiv_id}",
        )
        for thing in world.things
    ]
    import_files(here, [write_rows(tmp_path / "papers.jsonl", rows)])
    world.spoil = lambda seen, reply: (
        Reply(status=400) if "2603.00010" in seen.target and "2603.00120" not in seen.target else reply
    )
    report = enrich(here, library, providers=["arXiv"])
    assert (report.asked, report.found) == (100, 100)
    assert len(report.errors) == 1
    world.spoil = lambda _seen, reply: reply
    report = enrich(here, library, providers=["arXiv"])
    assert (report.asked, report.found, report.errors) == (20, 20, ())
    assert not any(paper.authors_truncated for paper in all_papers(here.store))


def test_looked_up_papers_go_after_30_days_also_where_nobody_looks_another_up(
    here: Desk, library: Library, world: World, day: Day
):
    world.fill(1)
    look_up(here, library, "2603.00001", asked_by=7)
    assert stored_of_person(here, 7) == OfPerson(searches=0, looked_up=1, sources=0)
    day.pass_(days=31)
    purge_expired(here)
    assert stored_of_person(here, 7) == OfPerson(searches=0, looked_up=0, sources=0)
