"""Preprints and what was published of them, free copies, and links to code and data."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bot.app import App
from bot.corpus.events import EventKind, events_between
from bot.corpus.formats.biorxiv import record_of as biorxiv_record
from bot.corpus.formats.crossref import record_of as crossref_record
from bot.corpus.formats.openalex import record_of as openalex_record
from bot.corpus.formats.pubmed import read_pubmed_records
from bot.corpus.formats.semantic_scholar import record_of as s2_record
from bot.corpus.merge import MergedPaper, merge
from bot.corpus.paper import PaperRecord, code_address, data_address, is_public_https
from bot.ingest.importer import import_records
from bot.papers.bibtex import bibtex
from bot.papers.free_copy import free_copy
from tests.corpora import all_papers
from tests.sources.made_papers import Thing, openalex_work, s2_paper
from tests.sources.stub_providers import crossref_work

TITLE = "Knots that slip in the rain"
PREPRINT = biorxiv_record(
    {
        "doi": "10.1101/2026.03.03.123456",
        "title": TITLE,
        "authors": "Hale, Ida; Moor, Ann",
        "date": "2026-03-03",
        "version": "1",
        "server": "biorxiv",
    }
)
DAY = {"published": {"date-parts": [[2026, 8, 7]]}}
PUBLISHED = crossref_record(crossref_work("10.1016/knots.1", TITLE, "Ida Hale", "Ann Moor", **DAY))


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("records", [[PREPRINT, PUBLISHED], [PUBLISHED, PREPRINT]])
def test_a_preprint_and_what_was_published_of_it_are_one_paper_that_is_cited_as_published(
    app: App, records: list[PaperRecord]
):
    for one in records:
        import_records(app, one.source, [one], newly_added=True)
    (paper,) = all_papers(app.store)
    assert (paper.published, paper.appeared, paper.venue) == (
        "2026-03-03",
        "2026-08-07",
        "Journal of Matters",
    )
    assert paper.doi == "10.1016/knots.1"
    entry = bibtex(paper)
    assert "@article" in entry
    assert "{2026}" in entry
    assert "month = aug" in entry
    assert "doi = {10.1016/knots.1}" in entry
    assert free_copy(paper) == "https://www.biorxiv.org/content/10.1101/2026.03.03.123456v1.full.pdf"


def paper_of(*records: PaperRecord) -> MergedPaper:
    return merge(records)


ON_ARXIV = PaperRecord(
    source="arxiv api",
    source_id="2603.00001v1",
    source_key="2603.00001",
    arxiv_id="2603.00001",
    title=TITLE,
    published="2026-03-03",
)


@pytest.mark.parametrize(
    ("changes", "appeared"),
    [
        ({}, "2026-08-07"),
        ({"published": "2026"}, "2026"),
        ({"published": "2026-03-03"}, None),
        ({"published": "2025-12-31"}, None),
        ({"published": None}, None),
        ({"venue": None}, None),
        ({"venue": "arXiv (Cornell University)"}, None),
        ({"source": "semantic scholar"}, None),
    ],
)
def test_only_what_is_said_to_be_published_later_is(changes: dict[str, Any], appeared: str | None):
    other = PUBLISHED.model_copy(update=changes)
    assert paper_of(ON_ARXIV, other).appeared == paper_of(other, ON_ARXIV).appeared == appeared
    assert paper_of(other).appeared is None
    news = events_between(paper_of(ON_ARXIV), paper_of(ON_ARXIV, other))
    assert news == ((EventKind.PUBLISHED,) if appeared else ())


def test_providers_name_free_copies():
    work = openalex_work(Thing(1, doi="10.1000/1"))
    pdf = "https://repo.example.org/a.pdf"
    landing = "https://repo.example.org/a"
    places = [
        ({"best_oa_location": {"is_oa": True, "pdf_url": pdf, "landing_page_url": landing}}, pdf),
        ({"best_oa_location": {"is_oa": True, "pdf_url": None, "landing_page_url": landing}}, landing),
        ({"best_oa_location": {"is_oa": True, "pdf_url": "http://10.0.0.1/a.pdf"}}, None),
        ({"best_oa_location": {"is_oa": False, "pdf_url": pdf}}, None),
        ({"best_oa_location": None}, None),
        (
            {"ids": {"pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/3456"}},
            "https://pmc.ncbi.nlm.nih.gov/articles/PMC3456/pdf/",
        ),
    ]
    for facts, expected in places:
        assert openalex_record({**work, **facts}).pdf_url == expected
    s2 = {**s2_paper(Thing(1)), "openAccessPdf": {"url": pdf}, "tldr": {"text": "Knots slip."}}
    assert (s2_record(s2).pdf_url, s2_record(s2).summary) == (pdf, "Knots slip.")
    assert s2_record(s2_paper(Thing(1)) | {"tldr": None, "openAccessPdf": None}).summary is None
    (record,) = read_pubmed_records(b"\nPMID- 7\nTI  - Knots\nFAU - Hale, Ida\nPMC - PMC77\n", ["7"]).records
    assert record.pdf_url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC77/pdf/"
    assert orjson.loads(record.model_dump_json())["pdf_url"] == record.pdf_url


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("https://repo.example.org/a.pdf", True),
        ("http://repo.example.org/a.pdf", False),
        ("https://127.0.0.1/a", False),
        ("https://[::1]/a", False),
        ("https://2130706433/a", False),
        ("https://localhost/a", False),
        ("https://wiki.internal/a", False),
        ("https://host.example.org:8443/a", False),
        ("https://user@host.example.org/a", False),
        ("https://host.example.org.local/a", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_free_copy_is_https_at_the_name_of_a_public_host(address: str, is_public: bool):
    assert is_public_https(address) is is_public


@pytest.mark.parametrize(
    ("text", "code", "data"),
    [
        ("Code at github.com/a/b.", "https://github.com/a/b", None),
        ("See https://huggingface.co/org/model-7b.", "https://huggingface.co/org/model-7b", None),
        (
            "Data: https://huggingface.co/datasets/org/set (MIT).",
            None,
            "https://huggingface.co/datasets/org/set",
        ),
        ("We put it at zenodo.org/records/123456.", None, "https://zenodo.org/records/123456"),
        ("https://doi.org/10.5281/zenodo.42, 12 pages", None, "https://doi.org/10.5281/zenodo.42"),
        ("(https://osf.io/abc12/)", None, "https://osf.io/abc12/"),
        ("Our osf.iox and huggingface.co/papers/2401.1 are none.", None, None),
    ],
)
def test_links_to_code_and_data_are_read_from_texts(text: str, code: str | None, data: str | None):
    assert (code_address(text), data_address(text)) == (code, data)
