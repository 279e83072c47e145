"""Citations: what providers say papers cite, in the corpus and beyond it, and how often papers are cited."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.authors.profile import find_author
from bot.corpus.formats.crossref import record_of as crossref_record
from bot.corpus.formats.openalex import record_of as openalex_record
from bot.corpus.formats.semantic_scholar import record_of as s2_record
from bot.corpus.paper import CitedWork
from bot.ingest.importer import ImportReport, import_files, import_records
from bot.ingest.undo import imports_made, undo_import
from bot.papers.citations import Direction, citation_list, citations_here
from bot.sources.enrichment import enrich
from bot.sources.library import Library
from bot.store.citations import CountRow, counts_of
from cogs.authors.cards import author_details_card
from cogs.papers.buttons import known_paper_card
from tests.apps import Clock
from tests.corpora import all_papers, contents, row, write_rows
from tests.sources.made_papers import Thing, openalex_work, s2_paper
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_precedence import record


def work(number: int, *cites: int, citations: int = 0) -> dict[str, Any]:
    thing = Thing(number, doi=f"10.1000/{number}", title=f"Matter {number}")
    addresses = [f"https://openalex.org/W{one}" for one in cites]
    return {**openalex_work(thing), "referenced_works": addresses, "cited_by_count": citations}


def printed(number: int) -> Any:
    return record("zotero", f"Z{number}", title=f"Matter {number}", doi=f"10.1000/{number}", published="2020")


def texts(card: Any) -> str:
    return "\n".join(one.content for one in card.walk_children() if hasattr(one, "content"))


def labels(card: Any) -> list[str]:
    return [one.label for one in card.walk_children() if getattr(one, "label", None)]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_papers_that_cite_each_other_are_found_whichever_provider_says_so(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(one) for one in (1, 2, 3, 4)], newly_added=True)
    # 2 cites 1 and something unknown, 3 cites 1 and 2, 4 cites 1 by its DOI.
    catalogues.openalex = [work(1, citations=5), work(2, 1, 999), work(3, 1, 2)]
    references = [{"DOI": "10.1000/1"}, {"DOI": "10.5555/x", "article-title": "Beyond", "year": "1999"}, {}]
    catalogues.crossref = [crossref_work("10.1000/4", "Matter 4", "Ann Lee", reference=references)]
    enrich(here, providers, by="id")
    ids = {paper.title: paper.id for paper in all_papers(here.store)}
    shown = citations_here(here, ids["Matter 1"])
    assert (shown.cites, shown.cited) == (0, 3)
    assert citations_here(here, ids["Matter 2"]).sources == ("OpenAlex",)
    listed = citation_list(here, ids["Matter 1"], Direction.CITED)
    assert listed is not None
    assert [one.title for one in listed.papers] == ["Matter 2", "Matter 4", "Matter 3"]
    cites = citation_list(here, ids["Matter 3"], Direction.CITES)
    assert cites is not None
    assert [one.title for one in cites.papers] == ["Matter 1", "Matter 2"]
    card = known_paper_card(here, listed.paper)
    assert [one for one in labels(card) if "here" in one] == ["Cited here (3)"]

    # Read again after 91 days: a reference is gone, and citations grew.
    day.move(days=91)
    catalogues.openalex = [work(1, citations=9), work(2, 1, 999), work(3, 2)]
    enrich(here, providers, by="id")
    assert citations_here(here, ids["Matter 1"]).cited == 2
    days = [dt.date(2026, 4, 1), dt.date(2026, 7, 1)]
    with here.store.reading() as session:
        rows = [one for one in counts_of(session, ids["Matter 1"]) if one.source == "openalex"]
        assert rows == [CountRow(ids["Matter 1"], "openalex", *one) for one in zip(days, (5, 9), strict=True)]
    card = known_paper_card(here, listed.paper)
    assert "-# Citations by OpenAlex: 5 (1 Apr 2026) → 9 (1 Jul 2026)" in texts(card)
    author = find_author(here, "Bo Berg").author
    assert author is not None
    assert author.most_cited[0] == ("Matter 1", 2)
    assert "Most cited by papers here: Matter 1 (2 papers)" in texts(author_details_card(author))


def test_references_are_read_from_all_three_providers():
    assert openalex_record(work(1, 7, 7)).references == (CitedWork(scheme="openalex", value="W7"),)
    given = [
        {"DOI": "10.48550/arXiv.2401.00001", "article-title": "A <i>title</i>", "year": "2024a"},
        {"unstructured": "Hale 1999"},
        {"DOI": "none"},
    ]
    cited = CitedWork(scheme="arxiv", value="2401.00001", title="A title", year=2024)
    assert crossref_record(crossref_work("10.1000/1", "T", reference=given)).references == (cited,)
    listed = [
        {"paperId": "x1", "externalIds": {"DOI": "10.1000/9"}, "title": "Nine", "year": 2009},
        {"paperId": "x2", "externalIds": None, "title": None, "year": None},
        {"paperId": None},
    ]
    assert s2_record(s2_paper(Thing(1)) | {"references": listed}).references == (
        CitedWork(scheme="doi", value="10.1000/9", title="Nine", year=2009),
        CitedWork(scheme="s2", value="x2"),
    )
    for odd in ({"referenced_works": None}, {"referenced_works": [None, 3, "x"]}, {"referenced_works": {}}):
        assert openalex_record({**work(1), **odd}).references == ()
    assert s2_record(s2_paper(Thing(1)) | {"references": None}).references == ()


@pytest.mark.parametrize("backend", ["sqlite"])
def test_any_import_that_brings_another_count_is_a_day_of_the_growth(here: App, day: Clock, tmp_path: Path):
    def rows(citations: int) -> Path:
        return write_rows(tmp_path / "rows.jsonl", [row(1, citations=citations), row(2, citations=1)])

    def growth() -> Any:
        (one, *_) = (one.id for one in all_papers(here.store) if one.title == row(1)["title"])
        return citations_here(here, one).growth

    import_files(here, [rows(3)])
    assert not growth()
    first = contents(here.store)
    day.move(days=30)
    import_files(here, [rows(3)])
    day.move(days=1)
    import_files(here, [rows(8)])
    import_files(here, [rows(9)])
    assert growth() == {"arXiv": [(dt.date(2026, 4, 1), 3), (dt.date(2026, 5, 2), 9)]}
    for _ in range(2):
        newest = next(one for one, _ in imports_made(here, 9) if one.undone_at is None)
        undo_import(here, newest.id)
    assert not growth()
    assert contents(here.store) == first


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_papers_of_a_file_cite_is_kept_as_that_of_a_source(here: App, tmp_path: Path):
    def import_rows(*rows: Any) -> ImportReport:
        return import_files(here, [write_rows(tmp_path / "rows.jsonl", list(rows))])

    def cited() -> list[str]:
        ids = {paper.title: paper.id for paper in all_papers(here.store)}
        listed = citation_list(here, ids["Matter 1"], Direction.CITED)
        return sorted(one.title for one in listed.papers) if listed is not None else []

    silent = [{**work(number), "referenced_works": []} for number in (1, 2, 3)]
    crossref = crossref_work("10.1000/4", "Matter 4", "Ann Lee", reference=[{"DOI": "10.1000/1"}])
    s2 = {
        **s2_paper(Thing(5, title="Matter 5")),
        "references": [{"paperId": "x", "externalIds": {"DOI": "10.1000/1"}}],
    }
    import_rows(*silent, crossref, s2)
    assert cited() == ["Matter 4", "Matter 5"]

    # The same papers, which say nothing else than before, now with what they cite.
    again = import_rows(work(1), work(2, 1), work(3, 1, 2))
    assert (again.added, again.updated, again.unchanged) == (0, 0, 3)
    assert cited() == ["Matter 2", "Matter 3", "Matter 4", "Matter 5"]
    import_rows(work(1), work(2, 1), work(3, 2))
    assert cited() == ["Matter 2", "Matter 4", "Matter 5"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_papers_cite_goes_with_the_import_that_says_so(here: App, tmp_path: Path):
    import_records(here, "a library", [printed(one) for one in (1, 2)], newly_added=True)
    import_files(here, [write_rows(tmp_path / "rows.jsonl", [work(2, 1, 999), work(1)])])
    ids = {paper.title: paper.id for paper in all_papers(here.store)}
    assert citations_here(here, ids["Matter 1"]).cited == 1
    assert citations_here(here, ids["Matter 2"]).sources == ("OpenAlex",)

    undo_import(here, imports_made(here, 1)[0][0].id)

    assert {paper.title: paper.id for paper in all_papers(here.store)} == ids
    assert citations_here(here, ids["Matter 2"]).sources == ()
