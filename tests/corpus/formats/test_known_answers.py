"""Answers that providers really gave, as far as public test data and their own descriptions show them."""

from __future__ import annotations

import json

from bot.corpus.formats.biorxiv import read_biorxiv_page
from bot.corpus.formats.datacite import Supplement, read_datacite
from bot.corpus.formats.oai_pmh import read_oai_records
from bot.corpus.formats.opencitations import read_opencitations
from bot.corpus.formats.pubmed import read_pubmed_records
from bot.corpus.formats.semantic_scholar import read_semantic_scholar_citing
from tests.corpus.formats.known_answers import (
    BIORXIV,
    DATACITE,
    MEDLINE,
    OAI_RECORDS,
    OPENCITATIONS,
    SCHOLAR_CITING,
)


def test_semantic_scholar_says_who_cites_a_paper():
    page = read_semantic_scholar_citing(json.dumps(SCHOLAR_CITING).encode())
    (one,) = page.works
    assert (one.work.scheme, one.work.value, one.work.year) == ("doi", "10.1109/lra.2022.3229266", 2023)
    assert one.work.authors == ("M. Monastirsky", "Osher Azulay", "A. Sintov")
    assert ("s2", "bdcbc589c8d1e4dd0c6572630f8511557406ad2f") in one.also
    assert page.next_cursor is None
    assert read_semantic_scholar_citing(b'{"offset": 0, "data": null}').works == ()


def test_opencitations_names_works_by_their_ids():
    works = read_opencitations(json.dumps(OPENCITATIONS).encode()).works
    assert [(one.work.value, one.work.year, one.work.title) for one in works] == [
        ("10.7717/peerj-cs.421", 2021, None),
        ("10.1145/3535511.3535541", 2022, None),
    ]
    assert ("openalex", "W4283735155") in works[1].also


def test_datacite_names_the_article_of_data():
    (one,) = read_datacite(json.dumps(DATACITE).encode())
    assert one == Supplement(
        "https://doi.org/10.26093/cds/vizier.22640008", False, frozenset({"10.3847/1538-4365/ac9af8"})
    )


def test_biorxiv_posts_under_its_new_prefix():
    (one,) = read_biorxiv_page(json.dumps(BIORXIV).encode()).records
    assert (one.doi, one.published, one.venue) == ("10.64898/2026.07.31.741992", "2026-08-01", None)
    assert [mention.name for mention in one.authors] == ["M. Loconsole", "C. Xue", "E. Garcia-Pelegrin"]
    assert one.pdf_url == "https://www.biorxiv.org/content/10.64898/2026.07.31.741992v1.full.pdf"


def test_pubmed_gives_tagged_records():
    page = read_pubmed_records(MEDLINE.encode(), ["16403221", "16377612"])
    first, second = page.records
    assert (first.title, first.doi, first.pages) == (
        "A high level interface to SCOP and ASTRAL implemented in python",
        "10.1186/1471-2105-7-10",
        "10",
    )
    assert [one.name for one in first.authors] == ["James A Casbon", "Gavin E Crooks", "Mansoor A S Saqi"]
    assert first.pdf_url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC1373603/pdf/"
    assert (second.published, second.venue) == ("2006-03-01", "Bioinformatics (Oxford, England)")


def test_a_repository_lists_what_was_deleted_too():
    page = read_oai_records(OAI_RECORDS.encode(), "https://test.example.com/oai")
    (one,) = page.records
    assert (one.title, one.published, page.entries) == ("Sample Title", "2010", 2)
    assert page.next_cursor is not None
