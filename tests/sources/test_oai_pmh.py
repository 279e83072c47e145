"""Repositories by OAI-PMH: what they write, their sets, tokens and refusals.

The answers are made as the protocol (version 2.0) and the guidelines of OpenAIRE describe them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.app import App
from bot.corpus.formats.answers import UnusableAnswerError
from bot.corpus.formats.oai_pmh import read_oai_records
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
from tests.sources.provider_answers import oai, oai_answer

URL = "https://repository.example.org/oai"
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
)


@pytest.fixture
def backend() -> str:
    return "sqlite"


def listed(*elements: str, identifier: str = "oai:repository.example.org:1") -> bytes:
    written = "".join(f"<{name}>{text}</{name.split()[0]}>" for name, _, text in map(_parted, elements))
    head = (
        f"<header><identifier>{identifier}</identifier><datestamp>2026-03-02T10:00:00Z</datestamp></header>"
    )
    record = f"<record>{head}<metadata>{DC}{written}</oai_dc:dc></metadata></record>"
    return oai_answer(f"<ListRecords>{record}</ListRecords>").body


def _parted(element: str) -> tuple[str, str, str]:
    return element.partition("=")


def only(*elements: str, **options: str) -> Any:
    (record,) = read_oai_records(listed(*elements, **options), URL).records
    return record


def test_an_article_as_repositories_of_universities_describe_it():
    record = only(
        "dc:title=Nitrogen of potatoes &amp; &lt;i&gt;peas&lt;/i&gt;",
        "dc:title=Perunan typpi",
        "dc:creator=Tall, Anna",
        "dc:creator=https://orcid.org/0000-0002-1825-0097",
        "dc:creator=Berg, Bo; Díaz, Cy",
        "dc:description=Comment: 9 pages",
        "dc:description=We look at nitrogen, over many years, in all fields of the north.",
        "dc:date=2026-03-02T10:11:12Z",
        "dc:date=2025",
        "dc:date=info:eu-repo/date/embargoEnd/2024-01-01",
        "dc:type=info:eu-repo/semantics/article",
        "dc:identifier=https://repository.example.org/handle/1975/7634",
        "dc:relation=https://doi.org/10.1000/something.else",
        "dc:relation=info:eu-repo/semantics/altIdentifier/doi/10.1000/potato.1",
        "dc:source=Journal of Fields; Vol. 3 No. 2 (2025); 1-8",
    )
    assert record.title == "Nitrogen of potatoes & peas"
    assert [one.title for one in record.other_titles] == ["Perunan typpi"]
    assert [one.name for one in record.authors] == ["Anna Tall", "Bo Berg", "Cy Díaz"]
    assert record.abstract.startswith("We look at nitrogen")
    assert (record.published, record.doi, record.venue) == ("2025", "10.1000/potato.1", "Journal of Fields")
    assert record.url == "https://repository.example.org/handle/1975/7634"


@pytest.mark.parametrize(
    ("identifier", "element", "fact", "value"),
    [
        ("oai:arXiv.org:cs/0112017", "dc:x=", "arxiv_id", "cs/0112017"),
        ("1", "dc:identifier=doi:10.1000/a1", "doi", "10.1000/a1"),
        ("1", "dc:identifier=info:doi/10.1000/a1", "doi", "10.1000/a1"),
        ("1", "dc:identifier=https://dx.doi.org/10.1000/A1", "doi", "10.1000/a1"),
        ("1", "dc:relation=info:eu-repo/semantics/altIdentifier/arxiv/2603.01234", "arxiv_id", "2603.01234"),
        ("1", "dcterms:issued=2024-05", "published", "2024-05"),
        ("1", "dcterms:abstract=In short.", "abstract", "In short."),
        ("1", "dc:x=", "source_key", "repository.example.org 1"),
    ],
)
def test_one_fact_of_a_record(identifier: str, element: str, fact: str, value: str):
    assert getattr(only("dc:title=On matters", element, identifier=identifier), fact) == value


@pytest.mark.parametrize(
    "kind", ["Dataset", "info:eu-repo/semantics/dataset", "http://purl.org/dc/dcmitype/Image"]
)
def test_what_is_no_text_is_an_entry_that_is_no_paper(kind: str):
    page = read_oai_records(listed("dc:title=On matters", f"dc:type={kind}"), URL)
    assert (page.entries, page.records, page.refused) == (1, (), ())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"On matters", b"On &nbsp;mat\x0bters &#x1;& more"),
        lambda body: body.replace(b"On matters", b"On m\xe4tters"),
    ],
)
def test_characters_that_xml_forbids_cost_no_page(spoil: Callable[[bytes], bytes]):
    page = read_oai_records(spoil(listed("dc:title=On matters")), URL)
    assert page.records[0].title.startswith("On m")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"<rss/>",
        oai_answer("<Identify/>").body,
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    ],
)
def test_another_answer_is_refused(body: bytes):
    with pytest.raises(UnusableAnswerError, match=r"repository\.example\.org answered"):
        read_oai_records(body, URL)


def test_a_repository_is_taken_as_people_paste_it():
    normalise = kind_named("oai repository").normalise
    for written in (
        f"{URL}?set=a:b",
        f"{URL} a:b",
        f" {URL} set=a:b ",
        f"{URL}?verb=ListRecords&metadataPrefix=oai_dc&set=a:b#top",
    ):
        assert normalise(written) == f"{URL}?set=a:b"
    assert normalise(f"{URL}?page=oai&verb=Identify") == f"{URL}?page=oai"
    for refused in ("http://127.0.0.1/oai", "http://localhost/oai", "repository.example.org", f"{URL} a/b"):
        with pytest.raises(RefusedError, match=r"such as https"):
            normalise(refused)


@pytest.fixture
def followed(here: App, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow a repository on loopback, while nobody searches."""
    monkeypatch.setattr(SearchIndex, "catch_up", lambda *_: 0)
    kind = replace(kind_named("oai repository"), normalise=str)
    monkeypatch.setitem(table.KINDS, "oai repository", kind)  # type: ignore[arg-type]
    register_source(here, "oai repository", f"{server.url}/oai")


def asked(server: Loopback) -> list[dict[str, str]]:
    """Return what the server was asked since it was asked here last, without what is always the same."""
    found = [
        {key: one[0] for key, one in parse_qs(urlsplit(seen.target).query).items()} for seen in server.seen
    ]
    server.seen.clear()
    return [
        {key: one for key, one in each.items() if key not in {"verb", "metadataPrefix"}} for each in found
    ]


@pytest.mark.usefixtures("followed")
def test_later_checks_ask_for_what_changed_and_at_times_for_the_whole(
    here: App, library: Library, server: Loopback, day: Clock
):
    there = list(range(1, 71))
    server.answer = lambda seen: oai(there, seen)
    assert check_due_sources(here, library).errors == ()
    assert asked(server) == [{}, {"resumptionToken": "page-30"}, {"resumptionToken": "page-60"}]
    assert len(all_papers(here.store)) == 70

    server.answer = lambda _: oai_answer('<error code="noRecordsMatch">none</error>')
    day.move(days=1)
    assert check_due_sources(here, library).errors == ()
    server.answer = lambda seen: oai([71], seen)
    day.move(days=1)
    assert (check_due_sources(here, library).added, len(news(here))) == (1, 1)
    assert asked(server) == [{"from": "2026-03-30"}, {"from": "2026-03-31"}]

    there += [71, 72]
    server.answer = lambda seen: oai(there, seen)
    day.move(days=27)
    assert check_due_sources(here, library).added == 1
    assert asked(server)[0] == {}
    day.move(days=1)
    check_due_sources(here, library)
    assert asked(server)[0] == {"from": "2026-04-28"}


@pytest.mark.usefixtures("followed")
def test_a_token_that_has_expired_and_one_that_leads_nowhere_cost_no_paper(
    here: App, library: Library, server: Loopback, day: Clock
):
    there = list(range(1, 71))
    refusal = oai_answer('<error code="badResumptionToken">expired</error>')
    server.answer = lambda seen: refusal if "resumptionToken" in seen.target else oai(there, seen)
    (error,) = check_due_sources(here, library).errors
    assert error.endswith("127.0.0.1 has forgotten how far its list was read; it is read anew.")
    assert len(all_papers(here.store)) == 30

    def circle(seen: Seen) -> Reply:
        reply = oai(there, seen)
        return replace(reply, body=reply.body.replace(b"page-60", b"page-30"))

    server.answer = circle
    day.move(minutes=10)
    (error,) = check_due_sources(here, library).errors
    assert "names the same page as the next one" in error
    server.answer = lambda seen: oai(there, seen)
    day.move(minutes=10)
    assert check_due_sources(here, library).errors == ()
    assert len(all_papers(here.store)) == 70
    assert news(here) == []


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("status", [200, 400, 422])
def test_why_a_repository_refuses_is_said_whatever_its_status(
    here: App, library: Library, server: Loopback, status: int
):
    reply = oai_answer('<error code="noSetHierarchy">no sets here</error>')
    server.answer = lambda _: replace(reply, status=status)
    (error,) = check_due_sources(here, library).errors
    assert error.endswith("127.0.0.1 refuses the request (noSetHierarchy: no sets here).")
    check_soon(here)
    server.answer = lambda _: Reply(b"<html>busy</html>", status=status)
    check_due_sources(here, library)
    (status_now,) = source_statuses(here)
    assert ("no answer of OAI-PMH" if status == 200 else "refuses the request") in (status_now.error or "")
