"""Papers looked up, added, proposed."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest

from bot.app import App
from bot.errors import RefusedError
from bot.papers.saved_searches import OfPerson, forget_person, purge_expired, stored_of_person
from bot.sources.library import Library
from bot.sources.lookup import add_proposed, ask_about, decline_proposed, look_up, propose
from bot.store.subscriptions import newest_finished, newly_added
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen
from tests.sources.made_papers import Thing, World, openalex_work

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

CROSSREF_WORK = {
    "DOI": "10.1000/X6",
    "title": ["On the matter of <i>gologia</i>"],
    "author": [{"given": "Ann", "family": "Lee", "ORCID": "http://orcid.org/0000-0002-1825-0097"}],
    "container-title": ["Journal of Matters"],
    "is-referenced-by-count": 3,
    "published": {"date-parts": [[2026, 3]]},
}


def test_an_arxiv_id_is_fetched_shown_and_added_once(here: App, library: Library, world: World):
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


def test_a_doi_is_asked_of_crossref_and_else_of_openalex(here: App, library: Library, server: Loopback):
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


def test_what_is_no_paper_and_what_nobody_knows_is_refused(here: App, library: Library, world: World):
    with pytest.raises(RefusedError, match="no arXiv id"):
        look_up(here, library, "hello", asked_by=7)
    with pytest.raises(RefusedError, match=r"No source knows arXiv:2603\.00009"):
        look_up(here, library, "2603.00009", asked_by=7)


def test_openreview_is_asked_for_its_note(here: App, library: Library, server: Loopback):
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


def test_a_proposal_is_asked_once_and_declined_or_added(here: App, library: Library, world: World):
    world.fill(2)
    first = look_up(here, library, "2603.00001", asked_by=7).proposal_id
    second = look_up(here, library, "2603.00002", asked_by=8).proposal_id
    assert first is not None
    assert second is not None
    paper, nonce = ask_about(here, first)
    assert paper.title == "On the matter of bologia"
    assert ask_about(here, first) == (paper, nonce)  # nobody was asked until it is said so
    propose(here, first)
    with pytest.raises(RefusedError, match="proposed already"):
        ask_about(here, first)
    decline_proposed(here, first, decided_by=1)
    with pytest.raises(RefusedError, match="declined"):
        add_proposed(here, first, decided_by=1)
    forget_person(here, 8)
    with pytest.raises(RefusedError, match="too long ago"):
        add_proposed(here, second, decided_by=1)


def test_proposals_are_kept_for_30_days(here: App, library: Library, world: World, day: Clock):
    world.fill(2)
    old = look_up(here, library, "2603.00001", asked_by=7).proposal_id
    day.move(days=31)
    look_up(here, library, "2603.00002", asked_by=7)
    assert old is not None
    with pytest.raises(RefusedError, match="too long ago"):
        add_proposed(here, old, decided_by=1)


def test_looked_up_papers_go_after_30_days_also_where_nobody_looks_another_up(
    here: App, library: Library, world: World, day: Clock
):
    world.fill(1)
    look_up(here, library, "2603.00001", asked_by=7)
    assert stored_of_person(here, 7) == OfPerson(searches=0, looked_up=1, sources=0)
    day.move(days=31)
    purge_expired(here)
    assert stored_of_person(here, 7) == OfPerson(searches=0, looked_up=0, sources=0)
