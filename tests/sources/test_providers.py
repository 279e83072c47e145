"""Every provider's papers come in: what was there is known, what follows is new, whatever the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app import App
from bot.errors import RefusedError
from bot.search.tantivy.index import SearchIndex
from bot.sources.library import Library
from bot.sources.providers import table
from bot.sources.providers.table import kind_named
from bot.sources.registry import check_soon, register_source, source_statuses
from bot.sources.scheduler import check_due_sources
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen
from tests.sources.checks import news
from tests.sources.provider_answers import ALL_CASES, CASES, Case

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def nobody_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SearchIndex, "catch_up", lambda *_: 0)


@pytest.fixture(autouse=True)
def repositories_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = replace(kind_named("oai repository"), normalise=str)
    monkeypatch.setitem(table.KINDS, "oai repository", kind)  # type: ignore[arg-type]


@each
def test_what_is_there_is_known_and_what_follows_is_new(
    here: App, library: Library, server: Loopback, day: Clock, case: Case
):
    there = list(range(1, 141))
    server.answer = lambda seen: case.answer(there, seen)
    register_source(here, case.kind, case.value.format(server=server.url))
    assert check_due_sources(here, library).errors == ()
    assert any(case.asked in seen.target for seen in server.seen)
    papers = {paper.title: paper for paper in all_papers(here.store)}
    assert len(papers) == 140
    assert papers[case.title].authors[0] == case.author
    assert papers[case.title].published is not None
    assert news(here) == []
    there.append(141)
    day.move(hours=13)
    check_soon(here)
    report = check_due_sources(here, library)
    assert (report.added, report.errors) == (1, ())
    assert len(news(here)) == 1
    assert source_statuses(here)[0].arrived == 1


@each
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[]", b'{"result": {}, "messages": []}'])
def test_another_form_of_answer_is_a_plain_error_and_loses_nothing(
    here: App, library: Library, server: Loopback, day: Clock, case: Case, body: bytes
):
    server.answer = lambda _seen: Reply(body)
    register_source(here, case.kind, case.value.format(server=server.url))
    (error,) = check_due_sources(here, library).errors
    assert error.startswith(source_statuses(here)[0].label)
    assert "Traceback" not in error
    server.answer = lambda seen: case.answer([1, 2], seen)
    day.move(hours=13)
    assert check_due_sources(here, library).errors == ()
    assert len(all_papers(here.store)) == 2


def renamed(body: bytes) -> bytes:
    """What titles are called is called otherwise now."""
    for title in (b'"title"', b"<title>", b"</title>", b"dc:title", b"TI  - "):
        body = body.replace(title, title.replace(b"title", b"headline").replace(b"TI", b"HL"))
    return body


def moved(body: bytes) -> bytes:
    """The list of papers has another name."""
    for name in (b"collection", b"idlist", b"hit", b"items", b"results", b"notes", b"data"):
        body = body.replace(b'"%s": [' % name, b'"things": [')
    for name in (b"r", b"record", b"entry"):
        body = body.replace(b"<%s>" % name, b"<thing>").replace(b"</%s>" % name, b"</thing>")
    return body.replace(b"[", b'{"things": [', 1) + b"}" if body.startswith(b"[") else body


@pytest.mark.parametrize("change", [renamed, moved])
@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.kind)
def test_a_change_of_form_is_one_line_of_status_and_no_paper_is_lost(
    here: App,
    library: Library,
    server: Loopback,
    day: Clock,
    case: Case,
    change: Callable[[bytes], bytes],
):
    there = list(range(1, 31))
    server.answer = lambda seen: case.answer(there, seen)
    register_source(here, case.kind, case.value.format(server=server.url))
    assert check_due_sources(here, library).errors == ()
    there += range(31, 36)

    def changed(seen: Seen) -> Reply:
        reply = case.answer(there, seen)
        return replace(reply, body=change(reply.body))

    server.answer = changed
    for _ in range(4):
        day.move(hours=13)
        report = check_due_sources(here, library)
        assert (report.added, len(report.errors)) == (0, 1)
    (status,) = source_statuses(here)
    assert status.error is not None
    assert status.error.endswith(".")
    assert "\n" not in status.error
    assert len(status.error) < 400

    server.answer = lambda seen: case.answer(there, seen)
    day.move(hours=13)
    assert check_due_sources(here, library).added == 5
    assert len(news(here)) == 5
    assert source_statuses(here)[0].error is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("biorxiv category", "<script>"),
        ("pubmed search", "x"),
        ("dblp author", "Geoffrey Hinton"),
        ("crossref journal", "Nature"),
        ("crossref author", "0000"),
        ("openalex institution", "A5023888391"),
        ("openreview venue", "../../etc"),
        ("openreview venue", "ICLR"),
    ],
)
def test_what_cannot_be_a_value_is_refused_with_an_example(kind: str, value: str):
    with pytest.raises(RefusedError, match=r"write one such as|characters"):
        kind_named(kind).normalise(value)


def test_a_search_that_pubmed_refuses_is_said(here: App, library: Library, server: Loopback):
    refused = {"esearchresult": {"ERROR": "Invalid db name specified"}}
    server.answer = lambda _seen: Reply(json.dumps(refused).encode())
    register_source(here, "pubmed search", "nonsense[")
    (error,) = check_due_sources(here, library).errors
    assert "PubMed refuses the search: Invalid db name specified." in error


def test_records_that_pubmed_leaves_out_are_asked_for_once_more(
    here: App, library: Library, server: Loopback
):
    case = next(one for one in CASES if one.kind == "pubmed search")

    def half(seen: Seen) -> Reply:
        if "efetch" not in seen.target:
            return case.answer(range(10), seen)
        cut = b"PMID- 41000006" if "41000009" in seen.target else b"PMID- 41000002"
        return Reply(case.answer(range(10), seen).body.partition(cut)[0])

    server.answer = half
    register_source(here, case.kind, case.value.format(server=server.url))
    assert check_due_sources(here, library).errors == ()
    asked = [seen.target for seen in server.seen if "efetch" in seen.target]
    assert [target.count("41000") for target in asked] == [10, 7]
    assert len(all_papers(here.store)) == 7  # those that the second answer had


def test_a_later_version_of_a_preprint_is_no_new_paper(
    here: App, library: Library, server: Loopback, day: Clock
):
    case = CASES[0]

    def revised(seen: Seen) -> Reply:
        return Reply(case.answer([1, 2], seen).body.replace(b'"version": "1"', b'"version": "2"', 1))

    server.answer = revised
    register_source(here, case.kind, case.value.format(server=server.url))
    assert check_due_sources(here, library).errors == ()
    assert [paper.title for paper in all_papers(here.store)] == ["Neurons of kind 2"]
