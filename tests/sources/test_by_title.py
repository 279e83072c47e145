"""Papers without an id are looked up by title and lead author, and only the very same paper is believed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from bot.authors.corrections import split_author
from bot.ingest.importer import import_files, import_records
from bot.papers.disagreements import disagreements
from bot.sources.enrichment import enrich
from bot.sources.library import Library
from bot.store.paper_sources import said_of
from bot.store.subscriptions import newest_finished, newly_added
from tests.apps import Clock
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, contents
from tests.sources.made_papers import Thing, openalex_work
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_precedence import record

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

TITLE = "On matters: the whole story"
PREPRINT = record(
    "arxiv api",
    "2603.00001",
    arxiv_id="2603.00001",
    title=TITLE,
    published="2024-03-01",
    abstract="As it is.",
)


def only_paper(app: App) -> Any:
    (paper,) = all_papers(app.store)
    return paper


def test_crossref_is_asked_by_title_and_tells_venue_and_doi(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a source", [PREPRINT], newly_added=True)
    catalogues.crossref = [
        crossref_work("10.1000/near", "On matters: the whole history", "Ann Lee"),
        crossref_work("10.1000/posted", TITLE, "Ann Lee", type="posted-content"),
        crossref_work("10.1000/X", "On Matters — the whole story", "Ann Lee", "Bo Berg", "Cy Dee"),
    ]
    polite = replace(here, settings=here.settings.model_copy(update={"contact": "app@example.org"}))
    day.move(days=2)
    assert enrich(polite, providers, providers=["crossref"]).found == 1
    ((_, asked),) = catalogues.asked
    assert asked == {
        "query.bibliographic": "On matters the whole story",
        "query.author": "Ann Lee",
        "filter": "type:journal-article,type:proceedings-article,type:book-chapter",
        "rows": "5",
        "mailto": "app@example.org",
    }
    paper = only_paper(here)
    assert (paper.venue, paper.doi, paper.citations) == ("Journal of Matters", "10.1000/x", 3)
    # What arXiv says of the paper itself stands.
    assert (paper.title, paper.abstract, paper.published) == (TITLE, "As it is.", "2024-03-01")
    with here.store.reading() as session:
        days = {row.record.source: row.read_on for row in said_of(session, paper.id)}
    assert days == {"arxiv api": dt.date(2026, 4, 1), "crossref": dt.date(2026, 4, 3)}
    catalogues.requests()
    assert enrich(here, providers, providers=["Crossref"]).asked == 0
    assert catalogues.asked == []


def other(**changes: Any) -> dict[str, Any]:
    return {**crossref_work("10.1000/x", TITLE, "Ann Lee", "Bo Berg"), **changes}


def notice(kind: str) -> dict[str, Any]:
    return other(**{"update-to": [{"DOI": "10.1000/real", "type": kind, "label": kind.title()}]})


@pytest.mark.parametrize(
    "works",
    [
        pytest.param([], id="an empty answer"),
        pytest.param([other(title=["On matters: the whole history"])], id="a near title"),
        pytest.param([other(title=["On matters"])], id="the beginning of the title"),
        pytest.param([crossref_work("10.1000/x", TITLE, "Bo Berg", "Ann Lee")], id="another lead author"),
        pytest.param([crossref_work("10.1000/x", TITLE, "A Lee")], id="a lead author who may be another"),
        pytest.param([crossref_work("10.1000/x", TITLE)], id="no authors"),
        pytest.param([crossref_work("10.1000/x", TITLE, "Ann Lee", year=2030)], id="years later"),
        pytest.param([crossref_work("10.1000/x", TITLE, "Ann Lee", year=1999)], id="years before"),
        pytest.param([notice("erratum")], id="an erratum"),
        pytest.param([notice("retraction")], id="a retraction"),
        pytest.param([other(type="peer-review")], id="a review of it"),
        pytest.param([other(type="dissertation")], id="a thesis of that title"),
        pytest.param([other(), other(DOI="10.1000/y")], id="two of that title"),
        pytest.param(
            [other(), other(DOI="10.1000/y", title=["On matters"], subtitle=["the whole story"])],
            id="two of that title, one of them in two parts",
        ),
        pytest.param(
            [other(relation={"has-preprint": [{"id": "10.48550/arxiv.2603.00002", "id-type": "doi"}]})],
            id="the print of another preprint",
        ),
    ],
)
def test_what_is_not_surely_the_same_paper_is_left_and_not_asked_for_again(
    here: App, providers: Library, catalogues: Catalogues, works: list[dict[str, Any]]
):
    import_records(here, "a source", [PREPRINT], newly_added=True)
    before = contents(here.store)
    catalogues.crossref = works
    report = enrich(here, providers, providers=["Crossref"])
    assert (report.asked, report.found, report.updated, report.errors) == (1, 0, 0, ())
    assert contents(here.store) == before
    assert catalogues.requests() == {"crossref": 1}
    assert enrich(here, providers, providers=["Crossref"]).asked == 0
    assert catalogues.requests() == {}


def test_a_retracted_paper_is_the_paper_and_is_marked(here: App, providers: Library, catalogues: Catalogues):
    import_records(here, "a source", [PREPRINT], newly_added=True)
    catalogues.crossref = [other(title=[f"RETRACTED: {TITLE}"])]
    assert enrich(here, providers, providers=["Crossref"]).updated == 1
    assert [one.kind for one in only_paper(here).notices] == ["retracted"]


def test_a_new_edition_is_a_paper(here: App, providers: Library, catalogues: Catalogues):
    import_records(here, "a source", [PREPRINT], newly_added=True)
    catalogues.crossref = [notice("new_version")]
    assert enrich(here, providers, providers=["Crossref"]).updated == 1


@pytest.mark.parametrize(
    "work", [other(title=["On matters"], subtitle=["The whole story"]), other(subtitle=["On matters, whole"])]
)
def test_a_title_in_two_parts_is_one_title_and_a_short_title_is_none(
    here: App, providers: Library, catalogues: Catalogues, work: dict[str, Any]
):
    import_records(here, "a source", [PREPRINT], newly_added=True)
    catalogues.crossref = [work]
    assert enrich(here, providers, providers=["Crossref"]).found == 1
    assert only_paper(here).doi == "10.1000/x"


def test_the_doi_of_another_paper_is_not_taken(here: App, providers: Library, catalogues: Catalogues):
    namesake = record("arxiv api", "2603.00002", arxiv_id="2603.00002", title=TITLE, doi="10.1000/x")
    import_records(here, "a source", [PREPRINT, namesake], newly_added=True)
    catalogues.crossref = [other()]
    enrich(here, providers, providers=["Crossref"])
    found = {paper.arxiv_id: (paper.doi, paper.venue) for paper in all_papers(here.store)}
    assert found == {"2603.00001": (None, None), "2603.00002": ("10.1000/x", "Journal of Matters")}


def work(key: int, **changes: Any) -> dict[str, Any]:
    thing = Thing(key, authors=("Ann Lee", "Bo Berg", "Cy Dee", "Zoe Whole"), title=TITLE)
    return {**openalex_work(thing), "type": "article", **changes}


NOWHERE: dict[str, Any] = {"doi": None, "primary_location": None}
ON_A_PAGE = record(
    "author page", "p1", title=TITLE, authors_truncated=True, published="2025-03-01", score=48.0
)


def test_openalex_gives_a_paper_without_ids_its_whole_list(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a page", [ON_A_PAGE], newly_added=True)
    # A preprint and its print are two works there, and one paper.
    catalogues.openalex = [work(7), work(8, doi="https://doi.org/10.1000/x", primary_location=None)]
    assert enrich(here, providers, providers=["OpenAlex"]).found == 2
    (path, asked), *more = catalogues.asked
    assert (path, asked["search.title"], more) == ("openalex", "on matters the whole story", [])
    paper = only_paper(here)
    assert (paper.arxiv_id, paper.doi, paper.score) == ("2603.00007", "10.1000/x", 48.0)
    assert (paper.authors[-1], paper.authors_truncated) == ("Zoe Whole", False)


@pytest.mark.parametrize(
    "works",
    [
        pytest.param([work(7, type="erratum")], id="an erratum"),
        pytest.param([work(7, type="retraction")], id="a retraction"),
        pytest.param([work(7, type=["strange"], title="On matters: a story")], id="a near title"),
        pytest.param([work(7), work(8)], id="two preprints of that title"),
        pytest.param([work(7, publication_date="2019-01-01")], id="years before"),
        pytest.param([work(7, **NOWHERE, authorships=[])], id="no authors"),
    ],
)
def test_openalex_is_not_believed_where_it_may_be_another(
    here: App, providers: Library, catalogues: Catalogues, works: list[dict[str, Any]]
):
    import_records(here, "a page", [ON_A_PAGE], newly_added=True)
    before = contents(here.store)
    catalogues.openalex = works
    assert enrich(here, providers, providers=["OpenAlex"]).found == 0
    assert contents(here.store) == before


def test_arxiv_is_asked_by_title_also_where_a_doi_is_known(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a library", [record("zotero", "z", title=TITLE, doi="10.1000/x")], newly_added=True)
    catalogues.arxiv = [Thing(5, title=f"{TITLE} retold"), Thing(6, title=TITLE)]
    enrich(here, providers, providers=["arXiv"])
    assert only_paper(here).arxiv_id == "2603.00006"


def test_latex_in_a_title_is_no_word_of_it(here: App, providers: Library, catalogues: Catalogues):
    import_records(
        here, "a page", [record("author page", "p", title=r"\textbf{Fast} $\ell_2$ sums")], newly_added=True
    )
    enrich(here, providers, providers=["Crossref"])
    ((_, asked),) = catalogues.asked
    assert asked["query.bibliographic"] == "Fast l2 sums"


def lead_of(app: App, title: str) -> tuple[int, int]:
    """(paper, its first author's entry)."""
    query = text(
        "SELECT paper_id, author_id FROM authorship JOIN paper ON paper.id = paper_id"
        " WHERE position = 1 AND title = :title"
    )
    with app.store.reading() as session:
        row = session.connection().execute(query, {"title": title}).one()
        return row.paper_id, row.author_id


def test_what_a_person_corrected_stays_when_the_whole_list_comes(
    here: App, providers: Library, catalogues: Catalogues
):
    elsewhere = record("author page", "p2", title="Another matter", published="2025-03-01")
    import_records(here, "a page", [ON_A_PAGE, elsewhere], newly_added=True)
    paper_id, who = lead_of(here, TITLE)
    split_author(here, who, [paper_id], None, reason="another Ann", made_by=1)
    corrected = lead_of(here, TITLE)
    assert corrected != (paper_id, who)
    catalogues.openalex = [work(7)]
    catalogues.crossref = [crossref_work("10.1000/x", TITLE, "Ann Lee", "Bo Berg", "Cy Dee", "Zoe Whole")]
    enrich(here, providers)
    assert lead_of(here, TITLE) == corrected
    assert lead_of(here, "Another matter")[1] == who
    (paper,) = (one for one in all_papers(here.store) if one.title == TITLE)
    assert (len(paper.authors), paper.doi) == (4, "10.1000/x")


def test_where_answers_by_title_disagree_both_are_shown_with_their_days(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a page", [ON_A_PAGE], newly_added=True)
    catalogues.openalex = [work(7, cited_by_count=9)]
    enrich(here, providers, providers=["OpenAlex"])
    day.move(days=1)
    catalogues.crossref = [crossref_work("10.1000/x", TITLE, "Ann Lee")]
    enrich(here, providers, providers=["Crossref"])
    (citations,) = [one for one in disagreements(here, only_paper(here).id) if one.fact == "Citations"]
    assert [(one.value, one.source, one.read_on) for one in citations.said] == [
        ("9", "OpenAlex", dt.date(2026, 4, 1)),
        ("3", "Crossref", dt.date(2026, 4, 2)),
    ]


@pytest.mark.parametrize("knowing", ["arxiv", "openalex", "both"])
def test_the_26_papers_of_the_shipped_page_stay_26_and_get_whole_lists(
    here: App, providers: Library, catalogues: Catalogues, knowing: str
):
    import_files(here, [AUTHOR_PAGE], as_of=dt.date(2026, 4, 1))
    with here.store.reading() as session:
        baseline = newest_finished(session)
    page = all_papers(here.store)
    assert sum(paper.authors_truncated for paper in page) == 25
    things = [
        Thing(
            paper.id,
            title=paper.title,
            authors=(*paper.authors, "Zoe Whole", "Yan Whole"),
            published=paper.published or "",
        )
        for paper in page
    ]
    catalogues.arxiv = things if knowing != "openalex" else []
    catalogues.openalex = [openalex_work(one) for one in things] if knowing != "arxiv" else []
    catalogues.crossref = [
        crossref_work(f"10.1000/{one.number}", one.name, *one.authors, year=int(one.published[:4]))
        for one in things
    ]
    report = enrich(here, providers)
    assert report.errors == ()
    papers = all_papers(here.store)
    assert [paper.id for paper in papers] == [paper.id for paper in page]
    assert not any(paper.authors_truncated for paper in papers)
    assert all(paper.authors[-2:] == ("Zoe Whole", "Yan Whole") for paper in papers)
    assert all(paper.doi == f"10.1000/{paper.id}" for paper in papers)
    assert {paper.venue for paper in papers} == {"Journal of Matters"}
    assert [paper.score for paper in papers] == [paper.score for paper in page]
    with here.store.reading() as session:
        assert newly_added(session, baseline, newest_finished(session)) == []
    catalogues.requests()
    again = enrich(here, providers)
    assert (again.asked, catalogues.requests()) == (0, {})
