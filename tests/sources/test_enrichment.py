"""Which papers providers are asked about, in which order, how often, and what happens when they fail."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from bot.app import App
from bot.corpus.formats.answers import RequestRefusedError
from bot.corpus.formats.datacite import read_datacite
from bot.errors import RefusedError
from bot.ingest.importer import Progress, import_files, import_records
from bot.lease import Lease
from bot.sources.enrichment import enrich
from bot.sources.library import Library
from tests.apps import Clock
from tests.corpora import all_papers, row, write_rows
from tests.fetch.loopback import Reply, Ticks
from tests.sources.made_papers import Thing, World, openalex_work
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_precedence import record

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def printed(number: int, **facts: Any) -> Any:
    """A paper in print, which nobody expects to appear elsewhere."""
    doi = f"10.1000/{number}"
    facts = {"venue": "Journal of Matters", "published": "2020-01-01", "doi": doi, **facts}
    return record("zotero", f"Z{number}", title=f"Matter {number}", **facts)


def counted(number: int, citations: int) -> dict[str, Any]:
    thing = Thing(number, doi=f"10.1000/{number}", title=f"Matter {number}")
    return {**openalex_work(thing), "cited_by_count": citations}


def dois_asked(catalogues: Catalogues) -> list[str]:
    asked = [asked["filter"].removeprefix("doi:") for _, asked in catalogues.asked if "filter" in asked]
    catalogues.asked.clear()
    return [doi for one in asked for doi in one.split("|")]


def test_citations_are_asked_again_after_90_days_and_carry_the_new_day(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(1), printed(2)], newly_added=True)
    catalogues.openalex = [counted(1, 5)]  # it does not know the other
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 2
    catalogues.openalex = [counted(1, 9), counted(2, 1)]
    day.move(days=90)
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 0
    day.move(days=1)
    report = enrich(here, providers, providers=["OpenAlex"])
    assert (report.asked, report.found, report.updated) == (2, 2, 2)
    assert [paper.citations for paper in all_papers(here.store)] == [9, 1]


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ({"venue": None, "published": "2025-06-01"}, 31),
        ({"venue": None, "published": "2025"}, 31),
        ({"venue": None, "published": "2023-06-01"}, 91),
        ({"venue": None, "published": None}, 91),
        ({"published": "2025-06-01"}, 91),
    ],
)
def test_a_young_paper_without_a_venue_is_asked_about_each_month(
    here: App, providers: Library, catalogues: Catalogues, day: Clock, facts: dict[str, Any], days: int
):
    import_records(here, "a library", [printed(1, **facts)], newly_added=True)
    enrich(here, providers, providers=["OpenAlex"])
    day.move(days=days - 1)
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 0
    day.move(days=1)
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 1


def test_arxiv_which_counts_no_citations_is_asked_again_after_a_year(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(1, arxiv_id="2603.00001")], newly_added=True)
    enrich(here, providers, providers=["arXiv"])
    day.move(days=365)
    assert enrich(here, providers, providers=["arXiv"]).asked == 0
    day.move(days=1)
    assert enrich(here, providers, providers=["arXiv"]).asked == 1


def test_what_a_followed_source_said_counts_as_heard(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(1)], newly_added=True)
    enrich(here, providers, providers=["OpenAlex"])
    day.move(days=60)
    import_records(
        here,
        "openalex author A1",
        [record("openalex", "W1", title="Matter 1", doi="10.1000/1")],
        newly_added=True,
    )
    day.move(days=60)
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 0
    day.move(days=31)
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 1


def test_what_arxiv_said_on_an_unknown_day_is_asked_for(
    here: App, providers: Library, catalogues: Catalogues, tmp_path: Any
):
    import_files(here, [write_rows(tmp_path / "papers.jsonl", [row(1)])])
    assert enrich(here, providers, providers=["arXiv"]).asked == 1
    assert enrich(here, providers, providers=["arXiv"]).asked == 0


def test_never_asked_comes_first_then_the_longest_ago_and_a_run_is_bounded(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(number) for number in range(1, 61)], newly_added=True)
    report = enrich(here, providers, providers=["OpenAlex"], most_requests=1)
    assert (report.asked, report.waiting) == (50, 10)
    first = dois_asked(catalogues)
    day.move(days=1)
    report = enrich(here, providers, providers=["OpenAlex"], most_requests=1)
    assert (report.asked, report.waiting) == (10, 0)
    second = dois_asked(catalogues)
    assert (first + second) == [f"10.1000/{number}" for number in range(1, 61)]
    import_records(here, "a library", [printed(61)], newly_added=True)
    day.move(days=100)
    import_records(here, "a library", [printed(61)], newly_added=True)
    day.move(days=100)
    report = enrich(here, providers, providers=["OpenAlex"], most_requests=1)
    assert dois_asked(catalogues) == ["10.1000/61", *first[:49]]
    assert report.waiting == 11
    enrich(here, providers, providers=["OpenAlex"], most_requests=1)
    assert dois_asked(catalogues) == [*first[49:], *second]


def test_again_asks_whatever_the_day_and_goes_round_the_corpus(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(number) for number in range(1, 61)], newly_added=True)
    enrich(here, providers, providers=["OpenAlex"])
    day.move(days=1)
    dois_asked(catalogues)
    for _ in range(2):
        enrich(here, providers, providers=["OpenAlex"], again=True, most_requests=1)
    asked = dois_asked(catalogues)
    assert len(asked) == 100
    assert set(asked) == {f"10.1000/{number}" for number in range(1, 61)}


def test_papers_with_et_al_are_looked_up_before_others(here: App, providers: Library, catalogues: Catalogues):
    whole, cut = (
        record("author page", key, title=f"Matter {key}", authors_truncated=key == "cut")
        for key in ("whole", "cut")
    )
    import_records(here, "a page", [whole, cut], newly_added=True)
    assert enrich(here, providers, providers=["arXiv"], most_requests=1).waiting == 1
    assert [asked["search_query"] for _, asked in catalogues.asked] == ['ti:"Matter cut"']


def test_enriching_goes_on_where_it_stopped(here: App, library: Library, world: World, tmp_path: Any):
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
    world.spoil = lambda seen, reply: reply if "2603.00120" in seen.target else Reply(status=401)
    report = enrich(here, library, providers=["arXiv"])
    assert (report.asked, report.found, report.waiting) == (100, 100, 20)
    assert len(report.errors) == 1
    world.spoil = lambda _seen, reply: reply
    report = enrich(here, library, providers=["arXiv"])
    assert (report.asked, report.found, report.errors, report.waiting) == (20, 20, (), 0)
    assert not any(paper.authors_truncated for paper in all_papers(here.store))


def test_it_may_be_stopped_after_any_batch(here: App, providers: Library, catalogues: Catalogues):
    import_records(here, "a library", [printed(number) for number in range(1, 121)], newly_added=True)
    stop = threading.Event()
    heard: list[Progress] = []

    def told(progress: Progress) -> None:
        heard.append(progress)
        stop.set()

    report = enrich(here, providers, providers=["OpenAlex"], progress=told, stop=stop)
    assert (report.asked, report.waiting) == (50, 70)
    assert heard == [Progress("OpenAlex by id", 50, 120)]
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 70


def titled(count: int) -> list[Any]:
    return [record("author page", f"p{n}", title=f"Matter number{n}x") for n in range(count)]


def test_a_provider_that_asks_for_patience_is_left_alone_and_asked_later(
    here: App, providers: Library, catalogues: Catalogues, clock: Ticks
):
    import_records(here, "a page", titled(3), newly_added=True)
    catalogues.refusing = {"crossref": Reply(status=429, headers={"Retry-After": "900"})}
    report = enrich(here, providers, providers=["Crossref"])
    assert (report.asked, report.waiting) == (0, 3)
    assert [one.partition(":")[0] for one in report.errors] == ["Crossref by title"]
    assert enrich(here, providers, providers=["Crossref"]).asked == 0
    assert catalogues.requests() == {"crossref": 1}
    catalogues.refusing = {}
    clock.now += 901
    report = enrich(here, providers, providers=["Crossref"])
    assert (report.asked, report.errors, report.waiting) == (3, (), 0)


def test_a_paper_about_which_a_provider_refuses_to_answer_does_not_hold_up_the_others(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a page", titled(4), newly_added=True)
    catalogues.refusing = {"number0x": Reply(status=400), "number2x": Reply(b"<html>busy</html>")}
    report = enrich(here, providers, providers=["Crossref"])
    assert (report.asked, report.waiting, len(report.errors)) == (4, 0, 2)
    assert enrich(here, providers, providers=["Crossref"]).asked == 0


def test_one_refused_paper_does_not_cost_the_others_of_its_request_their_answer(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a library", [printed(number) for number in range(1, 101)], newly_added=True)
    catalogues.openalex = [counted(number, 7) for number in range(1, 101)]
    catalogues.refusing = {"10.1000/31": Reply(status=400)}
    report = enrich(here, providers, providers=["OpenAlex"])
    assert (report.asked, report.found, report.waiting, len(report.errors)) == (100, 99, 0, 1)
    assert [paper.title for paper in all_papers(here.store) if paper.citations is None] == ["Matter 31"]
    assert catalogues.requests()["openalex"] == 2 + 2 * 6
    assert enrich(here, providers, providers=["OpenAlex"]).asked == 0


def test_a_provider_that_refuses_everything_is_soon_left_and_asked_for_all_again(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a page", titled(12), newly_added=True)
    catalogues.refusing = {"crossref": Reply(status=401)}
    report = enrich(here, providers, providers=["Crossref"])
    assert (report.asked, report.waiting, len(report.errors)) == (0, 12, 1)
    assert catalogues.requests() == {"crossref": 10}
    catalogues.refusing = {}
    assert enrich(here, providers, providers=["Crossref"]).asked == 12


def test_what_an_answer_has_besides_stays_outside(here: App, providers: Library, catalogues: Catalogues):
    import_records(here, "a library", [printed(1)], newly_added=True)
    stranger = {"paperId": "s9", "externalIds": {"DOI": "10.1000/9"}, "title": "A strange matter"}
    catalogues.refusing = {
        "semantic-scholar": Reply(json.dumps([stranger]).encode()),
        "openalex": Reply(json.dumps({"results": [counted(9, 9)]}).encode()),
        "crossref": Reply(
            json.dumps(
                {"status": "ok", "message": {"items": [crossref_work("10.1000/9", "Matter 9", "Ann Lee")]}}
            ).encode()
        ),
    }
    report = enrich(here, providers)
    assert (report.asked, report.found, report.errors) == (5, 0, ())
    assert len(all_papers(here.store)) == 1


def test_following_goes_on_meanwhile_but_two_runs_do_not_ask_at_once(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a library", [printed(1)], newly_added=True)
    with Lease(here, "sources OpenAlex") as following:
        assert following.is_held
        assert enrich(here, providers, providers=["OpenAlex"]).asked == 1
    with Lease(here, "enriching OpenAlex"):
        report = enrich(here, providers, providers=["OpenAlex"], again=True)
    assert (report.asked, report.errors) == (
        0,
        ("OpenAlex is being asked by another process; try again later.",),
    )


def test_a_provider_that_there_is_not_is_refused(here: App, providers: Library):
    with pytest.raises(
        RefusedError, match=r"named Google.*arXiv, Crossref, DataCite, PubMed, OpenAlex, Semantic Scholar"
    ):
        enrich(here, providers, providers=["Google"])


def test_data_and_software_that_are_registered_with_papers_are_theirs(
    here: App, providers: Library, catalogues: Catalogues
):
    import_records(here, "a library", [printed(1), printed(2), printed(3)], newly_added=True)
    catalogues.supplements = [
        ("10.26093/cds/vizier.22640008", "Dataset", "10.1000/1"),
        ("10.5281/zenodo.7", "Software", "10.1000/1"),
        ("10.26093/cds/vizier.9", "Dataset", "10.1000/9"),
    ]
    catalogues.crossref = [
        crossref_work(
            "10.1000/2",
            "Matter 2",
            "Ann Lee",
            relation={
                "is-supplemented-by": [
                    {"id-type": "doi", "id": "10.1000/2.s001", "asserted-by": "subject"},
                    {"id-type": "doi", "id": "10.5061/dryad.77", "asserted-by": "subject"},
                ]
            },
        )
    ]
    place = {"landing_page_url": "https://github.com/ada/matter"}
    catalogues.openalex = [{**counted(3, 0), "locations": [place]}]
    enrich(here, providers, by="id")
    found = {one.title: (one.data_url, one.code_url) for one in all_papers(here.store)}
    assert found == {
        "Matter 1": ("https://doi.org/10.26093/cds/vizier.22640008", "https://doi.org/10.5281/zenodo.7"),
        "Matter 2": ("https://doi.org/10.5061/dryad.77", None),
        "Matter 3": (None, "https://github.com/ada/matter"),
    }
    with pytest.raises(RequestRefusedError, match="DataCite refuses the request: The resource"):
        read_datacite(b'{"errors": [{"status": "404", "title": "The resource you are looking for"}]}')
    for odd in (b'{"data": [3, {}, {"attributes": {"doi": 4}}]}', b'{"data": []}'):
        assert read_datacite(odd) == ()
