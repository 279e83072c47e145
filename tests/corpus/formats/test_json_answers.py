"""OpenAlex, Semantic Scholar, Crossref and Zotero: recorded answers, and fixtures."""

from __future__ import annotations

import gzip
import itertools
import json
from typing import Any

import pytest
import yaml

from bot.corpus.formats.answers import RequestRefusedError, UnusableAnswerError
from bot.corpus.formats.crossref import (
    PAPER_TYPES,
    read_crossref_papers,
    read_crossref_work,
    read_crossref_works,
)
from bot.corpus.formats.openalex import read_openalex_work, read_openalex_works
from bot.corpus.formats.semantic_scholar import (
    read_semantic_scholar_batch,
    read_semantic_scholar_page,
)
from bot.corpus.formats.zotero import read_zotero_items
from tests.conftest import ROOT, shared_path


def cassette(path: str) -> list[tuple[str, int, bytes]]:
    """Return (address, status, body) of each recorded exchange."""
    content = yaml.safe_load(shared_path(f"recorded/{path}").read_text(encoding="utf-8"))
    exchanges: list[tuple[str, int, bytes]] = []
    for one in content["interactions"]:
        response = one["response"]
        body: Any = response.get("content") or response["body"]["string"]
        body = body.encode() if isinstance(body, str) else body
        status = response.get("status_code") or response["status"]["code"]
        unpacked = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        exchanges.append((one["request"]["uri"], status, unpacked))
    return exchanges


def fixture(name: str) -> bytes:
    return (ROOT / "tests" / "fixtures" / name).read_bytes()


def test_openalex_gives_citations_and_people():
    page = read_openalex_works(fixture("openalex_works.json"))
    assert (page.total, page.entries, page.next_cursor) == (3, 3, None)
    assert page.refused == ("https://openalex.org/W4388000001: it has no title",)
    first, preprint = page.records
    assert first.source_key == "W2741809807"
    assert first.doi == "10.7717/peerj.4375"
    assert first.citations == 1042
    assert first.venue == "PeerJ"
    assert first.published == "2018-02-13"
    assert first.abstract == "Despite growing interest in Open Access in science"
    assert [one.name for one in first.authors] == ["Heather Piwowar", "Jason Priem", "Stefanie Haustein"]
    assert {(i.scheme, i.value) for i in first.authors[0].identifiers} == {
        ("orcid", "0000-0003-1613-5981"),
        ("openalex", "A5048491430"),
    }
    assert first.authors[2].identifiers == ()
    assert preprint.arxiv_id == "2110.12345"
    assert preprint.venue is None
    assert preprint.authors_truncated


def test_a_single_work_of_openalex():
    work = json.loads(fixture("openalex_works.json"))["results"][0]
    assert read_openalex_work(json.dumps(work).encode()).source_key == "W2741809807"


def test_semantic_scholar_pages_an_authors_papers_to_the_end():
    exchanges = cassette("semanticscholar/test_get_author_papers.yaml")
    pages = [read_semantic_scholar_page(body) for _, _, body in exchanges]
    assert len(pages) == len(exchanges)
    for page, following in itertools.pairwise(pages):
        if page.next_cursor is not None and following.start:
            assert int(page.next_cursor) == following.start
    assert sum(len(page.records) for page in pages) == sum(page.entries for page in pages) == 875


def test_semantic_scholar_gives_ids_and_citations_and_null_for_unknown_papers():
    ((_, _, body),) = cassette("semanticscholar/test_get_papers_return_not_found.yaml")
    unknown, known, *_ = read_semantic_scholar_batch(body)
    assert unknown is None
    assert known is not None
    assert known.doi == "10.2139/ssrn.288970"
    assert known.citations == 10670
    assert known.published == "2001-10-01"
    assert [one.name for one in known.authors] == ["Marianne Bertrand", "E. Duflo", "S. Mullainathan"]
    assert [i.value for one in known.authors for i in one.identifiers] == ["81141608", "2259683", "2062143"]


def test_a_paper_of_nulls_is_no_paper():
    body = shared_path("recorded/semanticscholar/PaperWithNullValues.json").read_bytes()
    assert read_semantic_scholar_batch(b"[" + body + b"]") == (None,)


def test_semantic_scholar_says_why_it_refuses():
    ((_, status, body),) = cassette("semanticscholar/test_bad_query_parameters.yaml")
    assert status == 400
    with pytest.raises(RequestRefusedError, match="Unrecognized or unsupported fields"):
        read_semantic_scholar_page(body)


def test_crossref_gives_venue_doi_and_whole_names():
    pages = [read_crossref_works(body) for _, _, body in cassette("crossref/test_cursor_max.yaml")]
    assert {page.total for page in pages} == {454}
    assert all(page.entries == 20 and page.next_cursor for page in pages)
    records = {record.source_key: record for page in pages for record in page.records}
    widget = next(one for one in records.values() if one.title.startswith("Widget, widget as you lead"))
    assert [one.name for one in widget.authors][:4] == [
        "Maren Scheffel",
        "Hendrik Drachsler",
        "Karel Kreijns",
        "Joop de Kraker",
    ]
    assert records["10.1038/nature.2016.9804"].venue == "Nature"
    assert records["10.1038/nature.2016.9804"].published == "2016-01-29"
    assert records["10.1007/978-1-4302-0197-7_9"].published is None
    assert records["10.1007/978-1-4302-0197-7_9"].citations == 0


def test_crossref_markup_is_taken_off():
    pages = [read_crossref_works(b) for _, _, b in cassette("crossref/test_workscontainer_with_cursor.yaml")]
    titles = [record.title for page in pages for record in page.records]
    assert any(
        title.startswith("New record of the antenna codlet, Bregmaceros atlanticus Goode") for title in titles
    )
    assert not any("<" in one.abstract or "jats" in one.abstract for page in pages for one in page.records)


def test_of_what_crossref_found_papers_alone_are_read_under_each_title_that_they_may_have():
    found = [one for _, _, b in cassette("crossref/test_cursor_max.yaml") for one in read_crossref_papers(b)]
    works = [
        work
        for _, _, body in cassette("crossref/test_cursor_max.yaml")
        for work in json.loads(body)["message"]["items"]
    ]
    types = {work["DOI"].lower(): work["type"] for work in works}
    assert {types[one.source_key] for one in found} == set(PAPER_TYPES)
    assert {"dataset", "posted-content", "reference-entry", "report"} <= set(types.values())
    assert {one.title for one in found if one.title.startswith("Widget, widget")} == {
        "Widget, widget as you lead, I am performing well indeed!",
        "Widget, widget as you lead, I am performing well indeed!: using results from an exploratory offline "
        "study to inform an empirical online study about a learning analytics widget in a collaborative "
        "learning environment",
    }


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], {"a": None}, [{"type": []}]])
@pytest.mark.parametrize("key", ["type", "update-to", "title", "subtitle", "author"])
def test_a_work_of_crossref_of_any_shape_is_read_or_refused(key: str, value: Any):
    work = {"DOI": "10.1000/x", "type": "journal-article", "title": ["On matters"], key: value}
    body = json.dumps({"status": "ok", "message": {"items": [work]}}).encode()
    page = read_crossref_works(body)
    assert len(page.records) + len(page.refused) == page.entries == 1
    assert len(read_crossref_papers(body)) <= 1 + (key == "subtitle")


def test_crossref_says_why_it_refuses():
    ((_, _, body),) = cassette("crossref/test_cursor_fails_cursor_value.yaml")
    with pytest.raises(RequestRefusedError, match=r"Crossref refuses the request: \S+"):
        read_crossref_works(body)


def test_zotero_gives_papers_and_leaves_notes_aside():
    page = read_zotero_items(fixture("zotero_items.json"), total=3)
    assert (page.entries, page.total) == (3, 3)
    assert page.refused == ("BROKEN01: it has no title",)
    (record,) = page.records
    assert (record.source, record.source_key) == ("zotero 2319948", "X42A7DEE")
    assert record.title == "Exponential graph is provably efficient"
    assert [one.name for one in record.authors] == ["Bicheng Ying", "Decentralized Learning Group"]
    assert (record.arxiv_id, record.doi) == ("2110.13363", "10.1000/xyz123")
    assert record.published == "2021-10-24"
    assert record.code_url == "https://github.com/example/exponential"


@pytest.mark.parametrize(
    "read",
    [
        read_openalex_works,
        read_openalex_work,
        read_semantic_scholar_page,
        read_semantic_scholar_batch,
        read_crossref_works,
        read_crossref_work,
        read_zotero_items,
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b'{"results": [', b"[1,", b"\xff"])
def test_what_is_no_json_is_an_error_to_be_tried_again(read: Any, body: bytes):
    with pytest.raises(UnusableAnswerError):
        read(body)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], {"a": None}])
@pytest.mark.parametrize(
    "key", ["authorships", "title", "abstract_inverted_index", "locations", "doi", "id", "type"]
)
def test_a_work_of_any_shape_is_read_or_refused(key: str, value: Any):
    content = json.loads(fixture("openalex_works.json"))
    content["results"][0][key] = value
    page = read_openalex_works(json.dumps(content).encode(), papers_only=True)
    assert len(page.records) + len(page.refused) == 3
