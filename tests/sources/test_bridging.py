"""Records that show two papers to be one: the older id lives on, and all that knew the other follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.edits import Editor
from bot.announcements.outbox import LEASE
from bot.announcements.planner import Planner
from bot.announcements.results import Filters
from bot.app import App
from bot.authors.corrections import split_author
from bot.corpus.paper import PaperRecord
from bot.ingest.importer import import_files, import_records
from bot.lease import Lease
from bot.papers.results import SearchRequest
from bot.papers.saved_searches import keep, stored_page
from bot.papers.search import find_paper, get_paper, page_of, search
from bot.search.tantivy.index import SearchIndex
from bot.sources.enrichment import enrich
from bot.sources.library import Library
from bot.store.subscriptions import newest_finished, newly_added
from cogs.notify.announcement_cards import compose
from tests.apps import Clock
from tests.corpora import all_papers, contents
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_precedence import record

PREPRINT = record("arxiv api", "2603.00001", arxiv_id="2603.00001", title="Early matters")
PRINT = record("crossref", "10.1000/x", doi="10.1000/x", title="Matters in print")
BRIDGE = record("openalex", "W1", doi="10.1000/x", arxiv_id="2603.00001", title="Matters in print")
OTHER = record("arxiv api", "2603.00002", arxiv_id="2603.00002", title="Unlike any")


def bring(app: App, *records: PaperRecord) -> None:
    brought = import_records(app, "a source", records, newly_added=True)
    assert brought.rejected == ()


def apart(app: App) -> tuple[int, int]:
    """Bring the two that are going to be one; their ids."""
    bring(app, PREPRINT)
    bring(app, OTHER, PRINT)
    ids = {paper.title: paper.id for paper in all_papers(app.store)}
    return ids["Early matters"], ids["Matters in print"]


def count(app: App, statement: str) -> int:
    with app.store.reading() as session:
        return session.connection().execute(text(statement)).scalar_one()


def test_a_record_with_keys_of_two_papers_makes_them_one_under_the_older_id(here: App):
    older, later = apart(here)
    bring(here, BRIDGE)
    left = {paper.id: paper.title for paper in all_papers(here.store)}
    assert sorted(left.values()) == ["Early matters", "Unlike any"]
    assert older in left
    assert later not in left
    paper = get_paper(here, older)
    assert paper is not None
    assert (paper.arxiv_id, paper.doi) == ("2603.00001", "10.1000/x")
    assert get_paper(here, later) == paper
    assert find_paper(here, f"paper:{later}").paper == paper
    bring(here, record("arxiv api", "2603.00003", arxiv_id="2603.00003", title="Later"))
    assert max(paper.id for paper in all_papers(here.store)) > later


def test_it_is_the_same_corpus_whichever_comes_first(here: App):
    apart(here)
    bring(here, BRIDGE)
    bridged = contents(here.store)
    del bridged["authors"]
    with here.store.writing() as session:
        for table in ("paper_source", "paper_key", "authorship", "attribution", "retired_paper", "paper"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    for one in (BRIDGE, PRINT, PREPRINT, OTHER):
        bring(here, one)
    straight = contents(here.store)
    del straight["authors"]
    assert straight == bridged


def test_three_papers_become_one_in_one_import_and_over_several(here: App):
    third = record("zotero", "Z1", title="In somebody's library")
    wider = record("semantic scholar", "S1", doi="10.1000/x", title="In somebody's library")
    older, later = apart(here)
    bring(here, third)
    (library,) = (paper.id for paper in all_papers(here.store) if paper.title == "In somebody's library")
    bring(here, wider)  # the print and the library's
    assert get_paper(here, library) == get_paper(here, later)
    bring(here, BRIDGE)
    assert get_paper(here, library) == get_paper(here, older)
    assert count(here, "SELECT COUNT(*) FROM retired_paper") == 2
    assert len(all_papers(here.store)) == 2


def test_papers_that_one_import_brings_and_bridges_are_one_from_the_beginning(here: App):
    bring(here, PREPRINT, OTHER, PRINT, BRIDGE)
    assert len(all_papers(here.store)) == 2
    assert count(here, "SELECT COUNT(*) FROM retired_paper") == 0
    with here.store.reading() as session:
        assert len(newly_added(session, 0, newest_finished(session))) == 2


def test_what_knew_the_retired_id_finds_the_paper(here: App, day: Clock):
    older, later = apart(here)
    answer = search(here, SearchRequest(query="matters"))
    assert set(answer.paper_ids) == {older, later}
    kept = keep(here, answer, asker_id=1)
    bring(here, BRIDGE)

    page = stored_page(here, kept, 1)
    assert page is not None
    assert [hit.paper.id for hit in page.page.hits] == [older]
    behind = search(here, SearchRequest(query="matters"))  # the index has not followed yet
    assert [hit.paper.id for hit in page_of(here, behind, 1).hits] == [older]
    here.index.catch_up(here.store)
    chosen = search(here, SearchRequest(query=f"paper:{later}"))
    assert chosen.paper_ids == (older,)
    assert [hit.paper.id for hit in page_of(here, chosen, 1).hits] == [older]
    similar = search(here, SearchRequest(query=f"similar:{later}"))
    assert older not in similar.paper_ids
    assert later not in similar.paper_ids


def test_the_index_forgets_the_retired_paper_also_after_an_import_elsewhere(here: App):
    older, _ = apart(here)
    assert search(here, SearchRequest(query="matters")).total == 2
    elsewhere = replace(here, index=SearchIndex(here.settings.data_dir / "another index"))
    bring(elsewhere, BRIDGE)
    here.index.catch_up(here.store)
    answer = search(here, SearchRequest(query="matters"))
    assert answer.paper_ids == (older,)
    elsewhere.index.catch_up(here.store)
    made_anew = search(elsewhere, SearchRequest(query="matters"))
    assert made_anew.paper_ids == (older,)
    elsewhere.index.close()


def planner(app: App) -> Planner:
    lease = Lease(app, LEASE)
    assert lease.take()
    return Planner(app, lease, compose)


@pytest.mark.parametrize("first", [PREPRINT, PRINT], ids=["preprint", "print"])
def test_a_paper_told_under_one_id_is_not_told_again_under_the_other(here: App, first: PaperRecord):
    bring(here, OTHER)
    for channel in (1, 2):
        subscriptions.add(here, guild_id=1, channel_id=channel, creator_id=1, filters=Filters())
    announcer = planner(here)
    bring(here, first)
    assert announcer.plan_due() == 2
    bring(here, PRINT if first is PREPRINT else PREPRINT)
    announcer.plan_due()
    assert count(here, "SELECT COUNT(*) FROM delivery") == 4
    bring(here, BRIDGE)
    assert count(here, "SELECT COUNT(*) FROM delivery") == 2
    assert count(here, "SELECT COUNT(*) FROM subscription_match") == 2
    assert announcer.plan_due() == 0


def test_a_paper_that_waits_under_its_later_id_is_told_once(here: App):
    bring(here, OTHER)
    subscriptions.add(here, guild_id=1, channel_id=1, creator_id=1, filters=Filters())
    announcer = planner(here)
    bring(here, PREPRINT)
    announcer.plan_due()
    bring(here, PRINT)
    bring(here, BRIDGE)
    assert announcer.plan_due() == 0
    assert count(here, "SELECT COUNT(*) FROM delivery") == 1


def test_a_card_that_was_posted_under_the_retired_id_is_edited_in_place(here: App):
    bring(here, OTHER, PRINT)
    subscriptions.add(here, guild_id=1, channel_id=1, creator_id=1, filters=Filters())
    lease = Lease(here, LEASE)
    assert lease.take()
    bring(here, PREPRINT)
    assert Planner(here, lease, compose).plan_due() == 1
    editor = Editor(here, lease, compose)
    assert editor.plan_edits() == 0
    bring(here, BRIDGE)
    bring(here, PREPRINT.model_copy(update={"has_code": True, "code_url": "https://github.com/ann/matters"}))
    assert editor.plan_edits() == 1
    with here.store.reading() as session:
        query = text("SELECT payload FROM message WHERE kind = 'edit'")
        payload = str(session.connection().execute(query).scalar_one())
    assert "github.com/ann/matters" in payload


def test_a_correction_moves_along(here: App):
    _, later = apart(here)
    who = count(here, f"SELECT author_id FROM authorship WHERE paper_id = {later} AND position = 1")
    split_author(here, who, [later], None, reason="another Ann", made_by=1)
    own = count(here, f"SELECT author_id FROM authorship WHERE paper_id = {later} AND position = 1")
    assert own != who
    bring(here, BRIDGE)
    (older,) = (paper.id for paper in all_papers(here.store) if paper.doi is not None)
    assert count(here, f"SELECT author_id FROM authorship WHERE paper_id = {older} AND position = 1") == own


def test_files_bridge_papers_as_sources_do(here: App, tmp_path):
    apart(here)
    file = tmp_path / "mine.bib"
    file.write_text(
        "@article{one, title={Matters in print}, author={Ann Lee}, doi={10.1000/x}, eprint={2603.00001},"
        " archiveprefix={arXiv}}"
    )
    report = import_files(here, [file])
    assert (report.added, report.rejected) == (0, ())
    assert len(all_papers(here.store)) == 2


def test_when_a_paper_was_asked_about_stays_known_when_it_becomes_one_with_another(
    here: App, providers: Library, catalogues: Catalogues
):
    preprint = record("zotero", "early", arxiv_id="2603.00001", title="Early matters")
    printed = record("zotero", "Z1", doi="10.1000/1", title="Matter 1", venue="Journal of Matters")
    import_records(here, "a library", [preprint, printed], newly_added=True)
    catalogues.crossref = [crossref_work("10.1000/1", "Matter 1", "Ann Lee")]
    enrich(here, providers)
    bridge = record("ris", "both", arxiv_id="2603.00001", doi="10.1000/1", title="Matter 1")
    import_records(here, "a file", [bridge], newly_added=True)
    (paper,) = all_papers(here.store)
    with here.store.reading() as session:
        rows = session.connection().execute(text("SELECT question, paper_id FROM enquiry")).all()
    assert {row.paper_id for row in rows} == {paper.id}
    assert len(rows) == len({row.question for row in rows})
    assert enrich(here, providers).asked == 0
