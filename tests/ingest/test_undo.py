"""Imports are taken back: what they said goes, what others said stays, and nothing is announced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Schedule
from bot.app import App
from bot.errors import RefusedError
from bot.ingest import undo
from bot.ingest.corrections import merge_papers
from bot.ingest.importer import import_files
from bot.ingest.undo import imports_made, preview_undo, undo_import
from bot.papers.results import SearchRequest
from bot.papers.search import search_page
from bot.store.imports import ImportState
from bot.store.imports_undone import KEPT
from bot.store.models import Frequency
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, contents, row, write_rows

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def brought(app: App, tmp_path: Path):
    """Import rows of JSON lines as a file of their own; the number of the import."""

    def bring(*rows: Any) -> int:
        import_files(app, [write_rows(tmp_path / "rows.jsonl", list(rows))])
        return imports_made(app, 1)[0][0].id

    return bring


def _found(app: App, query: str) -> list[str]:
    return [hit.paper.title for hit in search_page(app, SearchRequest(query=query), 1, 10).hits]


def test_papers_that_nobody_else_knows_go_with_their_people_and_from_the_index(app: App, brought):
    brought(row(1), row(2))
    before = contents(app.store)
    number = brought(row(3, authors=["Zoe Zebra"], title="Stripes of zebras"), row(4))
    assert _found(app, "zebras")

    undone = undo_import(app, number)

    assert (undone.removed, undone.reverted, undone.announced) == (2, 0, 0)
    assert contents(app.store) == before
    assert _found(app, "zebras") == []
    assert _found(app, row(1)["title"])
    assert imports_made(app, 1)[0][0].undone_at is not None


def test_what_it_replaced_holds_again_also_below_what_came_later(app: App, brought):
    brought(row(1, abstract="The first."))
    first = contents(app.store)
    second = brought(row(1, abstract="The second."))
    third = brought(row(1, abstract="The third."))

    assert undo_import(app, second).reverted == 0
    assert all_papers(app.store)[0].abstract == "The third."
    assert undo_import(app, third).reverted == 1
    assert contents(app.store) == first


def test_what_another_import_brought_as_well_stays(app: App, brought):
    one = brought(row(1), row(2))
    other = brought(row(1), row(3))

    undone = undo_import(app, one)

    assert (undone.removed, undone.kept) == (1, 1)
    assert {paper.title for paper in all_papers(app.store)} == {row(1)["title"], row(3)["title"]}
    assert undo_import(app, other).removed == 2
    assert all_papers(app.store) == []


def test_a_paper_of_several_sources_keeps_what_the_others_say(app: App, brought):
    brought(row(1, abstract=""))
    before = contents(app.store)
    number = brought({"id": "https://openalex.org/W1", "doi": "https://doi.org/10.48550/arxiv.2401.00001"} | {
        "title": row(1)["title"], "display_name": row(1)["title"], "ids": {"openalex": "https://openalex.org/W1"},
        "authorships": [{"author": {"display_name": "Ann Bo"}}], "cited_by_count": 7, "type": "article",
        "abstract_inverted_index": None, "locations": [{"landing_page_url": "http://arxiv.org/abs/2401.00001"}],
    })  # fmt: skip
    if contents(app.store)["sources"] == before["sources"]:
        pytest.fail("the row was not read as OpenAlex")

    undo_import(app, number)

    assert contents(app.store) == before


def test_an_author_page_goes_with_its_figures(app: App, brought):
    brought(row(1))
    before = contents(app.store)
    import_files(app, [AUTHOR_PAGE])

    assert undo_import(app, imports_made(app, 1)[0][0].id).removed == 26

    assert contents(app.store) == before


def test_a_dry_run_says_the_same_and_writes_nothing(app: App, brought):
    brought(row(1))
    number = brought(row(1, abstract="Other."), row(2), row(3))
    before = contents(app.store)

    found = preview_undo(app, number)

    assert contents(app.store) == before
    assert undo_import(app, number) == found


def test_it_goes_on_where_it_was_cut_off(app: App, brought, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(undo, "PAPERS_AT_ONCE", 2)
    brought(row(9))
    before = contents(app.store)
    number = brought(*(row(each) for each in range(1, 8)))

    def stop(_progress: object) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            undo_import(app, number, stop)
    assert len(all_papers(app.store)) == 4
    assert [state for _, state in imports_made(app)] == [ImportState.FINISHED] * 2

    assert undo_import(app, number).removed == 7
    assert contents(app.store) == before


def test_an_import_that_was_cut_off_can_be_taken_back(app: App, brought):
    number = brought(row(1), row(2))
    with app.store.writing() as session:
        session.execute(text("UPDATE corpus_import SET finished_at = NULL, process = ''"))

    assert undo_import(app, number).removed == 2
    assert contents(app.store)["papers"] == []


@on_sqlite
def test_what_completes_a_cut_off_import_takes_back_all_of_it(app: App, brought):
    brought(row(1), row(2))
    with app.store.writing() as session:
        session.execute(text("UPDATE corpus_import SET finished_at = NULL, process = ''"))
    again = brought(row(1), row(2), row(3))

    assert undo_import(app, again).removed == 3


def test_papers_that_come_again_are_no_news_where_they_were_announced(app: App, brought):
    number = brought(row(1))
    schedule = Schedule(Frequency.INSTANT, None, None, "UTC")
    subscriptions.add(
        app, guild_id=1, channel_id=2, creator_id=3, filters=Filters("matter"), schedule=schedule
    )
    with app.store.writing() as session:
        session.execute(
            text(
                "INSERT INTO message (id, channel_id, guild_id, kind, part, parts, nonce, spec, payload,"
                " state, attempts, planned_at)"
                " VALUES (1, 2, 1, 'card', 1, 1, 'n', :spec, '{}', 'sent', 1, '2026-01-01 00:00:00')"
            ),
            {"spec": json.dumps({"papers": [1]})},
        )
        session.execute(
            text(
                "INSERT INTO delivery (channel_id, paper_id, kind, message_id, shown)"
                " VALUES (2, 1, 'new', 1, true)"
            )
        )

    assert undo_import(app, number).announced == 1
    brought(row(1))

    with app.store.reading() as session:
        assert session.execute(text("SELECT channel_id, paper_id, message_id FROM delivery")).all() == [
            (2, 2, 1)
        ]
        assert session.execute(text("SELECT count(*) FROM removed_paper")).scalar() == 0


def test_corrections_stay(app: App, brought):
    number = brought(row(1), row(2))
    merge_papers(app, 1, 2, reason="one work", made_by=None)
    undo_import(app, number)

    brought(row(1), row(2))

    assert len(all_papers(app.store)) == 1


@on_sqlite
def test_what_cannot_be_taken_back_is_said(app: App, brought):
    number = brought(row(1))
    with pytest.raises(RefusedError, match=r"There is no import 77: `papercord imports list`"):
        undo_import(app, 77)
    with app.store.writing() as session:
        session.execute(text("UPDATE paper_source SET import_id = NULL"))
    with pytest.raises(RefusedError, match="an earlier version made it"):
        undo_import(app, number)
    later = App(app.settings, app.store, app.index, lambda: app.clock() + KEPT * 2)
    with pytest.raises(RefusedError, match="more than 90 days ago"):
        undo_import(later, number)
    with app.store.writing() as session:
        session.execute(text("UPDATE paper_source SET import_id = 1"))
    undo_import(app, number)
    with pytest.raises(RefusedError, match="taken back already"):
        undo_import(app, number)
