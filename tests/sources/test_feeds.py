"""Feeds as journals, PubMed and preprint servers write them, and as they break."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.corpus.formats.answers import UnusableAnswerError
from bot.corpus.formats.feeds import read_feed
from bot.errors import RefusedError
from bot.search.tantivy.index import SearchIndex
from bot.sources.library import Library
from bot.sources.providers import table
from bot.sources.providers.table import kind_named
from bot.sources.registry import check_soon, register_source
from bot.sources.scheduler import check_due_sources
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen
from tests.sources.checks import news

URL = "https://journal.example.org/toc.rss"


@pytest.fixture
def backend() -> str:
    return "sqlite"


def rss(*items: str, head: str = "") -> bytes:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    )
    channel = f"<channel><title>J</title>{''.join(items)}</channel>"
    return f'{head}<rss version="2.0" {spaces}>{channel}</rss>'.encode()


def item(title: str, link: str = "", **more: str) -> str:
    named = {name.replace("_", ":"): text for name, text in more.items()}
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in named.items())
    return f"<item><title>{title}</title><link>{link}</link>{fields}</item>"


def only(body: bytes, content_type: str = "") -> Any:
    (record,) = read_feed(body, URL, content_type).records
    return record


def test_a_table_of_contents_of_nature():
    body = b"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel rdf:about="https://www.nature.com/ng.rss"><title>Nature Genetics</title></channel>
<item rdf:about="https://www.nature.com/articles/s41588-026-00001-1">
<title><![CDATA[Genes of <i>Drosophila</i> &amp; others]]></title>
<link>https://www.nature.com/articles/s41588-026-00001-1</link>
<dc:creator>Ann Lee</dc:creator><dc:creator>Bo van der Berg</dc:creator>
<dc:identifier>doi:10.1038/s41588-026-00001-1</dc:identifier><dc:date>2026-03-05</dc:date>
<prism:publicationName>Nature Genetics</prism:publicationName>
<prism:doi>10.1038/s41588-026-00001-1</prism:doi>
</item></rdf:RDF>"""
    record = only(body)
    assert (record.title, record.doi) == ("Genes of Drosophila & others", "10.1038/s41588-026-00001-1")
    assert [one.name for one in record.authors] == ["Ann Lee", "Bo van der Berg"]
    assert (record.published, record.venue) == ("2026-03-05", "Nature Genetics")


def test_a_saved_search_of_pubmed():
    record = only(
        rss(
            item(
                "Neurons at rest",
                "https://pubmed.ncbi.nlm.nih.gov/41000001/?utm_source=Feed&amp;fc=20260301",
                guid="pubmed:41000001",
                dc_creator="Ann Lee",
                dc_identifier="doi:10.1016/j.neuron.2026.01.001",
                dc_source="Neuron",
                dc_date="2026-03-02",
            )
        )
    )
    assert [one.value for one in record.other_ids] == ["41000001"]
    assert record.doi == "10.1016/j.neuron.2026.01.001"


def test_authors_in_the_text_and_names_in_one_element():
    elsevier = only(
        rss(
            item(
                "On stars",
                "https://www.sciencedirect.com/science/article/pii/S0004370226000011?dgcid=rss_sd_all",
                description="&lt;p&gt;Publication date: May 2026&lt;/p&gt;"
                "&lt;p&gt;Author(s): Ann Lee, Bo Berg&lt;/p&gt;",
            )
        )
    )
    assert [one.name for one in elsevier.authors] == ["Ann Lee", "Bo Berg"]
    ieee = only(rss(item("On nets", "https://x.example.org/1", dc_creator="Ann Lee;Bo Berg;Cy Diaz")))
    assert [one.name for one in ieee.authors] == ["Ann Lee", "Bo Berg", "Cy Diaz"]


@pytest.mark.parametrize(
    "written",
    ["Tue, 03 Mar 2026 10:00:00 GMT", "Tue, 03 Mar 2026 10:00:00", "2026-03-03T10:00:00Z", "3 Mar 2026"],
)
def test_days_with_and_without_a_zone(written: str):
    assert only(rss(item("On days", pubDate=written))).published == "2026-03-03"


def test_an_encoding_that_only_the_answer_names():
    body = rss(item("Über Größen")).decode().encode("latin-1")
    assert only(body, "application/rss+xml; charset=iso-8859-1").title == "Über Größen"


def test_atom_with_relative_links_and_html():
    body = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://arxiv.org/">
<title>x</title><entry><title type="html">A &lt;b&gt;bold&lt;/b&gt; claim</title>
<link href="/abs/2603.01234v1"/>
<id>tag:x,1</id><author><name>Ann Lee</name></author><updated>2026-03-03T10:00:00+09:00</updated>
<summary type="html">&lt;p&gt;We claim.&lt;/p&gt;</summary></entry></feed>"""
    record = only(body)
    assert (record.title, record.arxiv_id, record.abstract) == ("A bold claim", "2603.01234", "We claim.")


def test_a_feed_that_is_cut_gives_what_came():
    body = rss(item("First", "https://x.example.org/1"), item("Second", "https://x.example.org/2"))
    titles = [record.title for record in read_feed(body[:-60], URL).records]
    assert titles[0] == "First"


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>busy</body></html>", b"{}", b"\x00\xff\xfe", b"not a feed"]
)
def test_what_is_no_feed_is_refused(body: bytes):
    with pytest.raises(UnusableAnswerError, match="no feed"):
        read_feed(body, URL)


def test_a_feed_on_which_the_parser_itself_fails_is_refused():
    with pytest.raises(
        UnusableAnswerError, match=r"journal\.example\.org answered a feed that is too damaged"
    ):
        read_feed(b'<rss version="2.0"><channel><item><link></item>https://x.org/</link>', URL)


def test_a_feed_that_defines_entities_over_entities_stays_small():
    entities = "".join(f'<!ENTITY e{place + 1} "{f"&e{place};" * 10}">' for place in range(9))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "lol">{entities}]>'
    page = read_feed(rss(item("&e9;"), item("Another"), head=head), URL)
    assert all(len(record.title) < 1000 for record in page.records)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_feeds_are_read_in_part_or_refused(data: st.DataObject):
    body = bytearray(
        rss(*(item(f"Paper {number}", f"https://x.example.org/{number}") for number in range(5)))
    )
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
    try:
        page = read_feed(bytes(body), URL)
    except UnusableAnswerError:
        return
    assert len(page.records) + len(page.refused) <= page.entries


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a feed be on loopback, and nobody search."""
    monkeypatch.setattr(SearchIndex, "catch_up", lambda *_: 0)
    monkeypatch.setitem(table.KINDS, "feed", replace(kind_named("feed"), normalise=str))  # type: ignore[arg-type]


def served(server: Loopback, body: bytes, works: list[dict[str, Any]] | None = None) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.target.startswith("/works"):
            message = {"total-results": len(works or []), "items": works or []}
            return Reply(json.dumps({"status": "ok", "message": message}).encode())
        return Reply(body, headers={"ETag": '"1"'})

    server.answer = answer


def check(app: App, library: Library, day: Clock) -> int:
    day.move(hours=2)
    check_soon(app)
    report = check_due_sources(app, library)
    assert report.errors == ()
    return report.added


@pytest.mark.usefixtures("anywhere")
def test_changing_guids_links_and_a_feed_that_begins_again_announce_nothing_twice(
    here: App, library: Library, server: Loopback, day: Clock
):
    first = [
        item(f"On the matter of {name}", f"https://x.example.org/{name}", guid=name) for name in ("a", "b")
    ]
    served(server, rss(*first))
    register_source(here, "feed", f"{server.url}/toc.rss")
    assert check(here, library, day) == 2
    assert news(here) == []
    again = [
        item(f"On the matter of {name}", f"https://x.example.org/{name}?utm_source=rss", guid=f"{name}-2")
        for name in ("a", "b")
    ]
    served(server, rss(*again, item("On the matter of c", "https://x.example.org/c")))
    assert check(here, library, day) == 1
    served(server, rss())
    assert check(here, library, day) == 0
    served(server, rss(*first))
    assert check(here, library, day) == 0
    assert len(news(here)) == 1


@pytest.mark.usefixtures("anywhere")
def test_a_new_paper_is_completed_by_crossref_and_a_wrong_doi_is_not_believed(
    here: App, library: Library, server: Loopback, day: Clock
):
    works = [
        {
            "DOI": "10.1000/a1",
            "type": "journal-article",
            "title": ["On the matter of stars"],
            "author": [{"given": "Ann", "family": "Lee"}, {"given": "Bo", "family": "Berg"}],
            "container-title": ["Journal of Matters"],
            "abstract": "<jats:p>We look at stars.</jats:p>",
        },
        {"DOI": "10.1000/a2", "type": "journal-article", "title": ["Something quite different, on fish"]},
    ]
    served(server, rss(), works)
    register_source(here, "feed", f"{server.url}/toc.rss")
    check(here, library, day)
    served(
        server,
        rss(
            item("On the matter of stars", "https://doi.org/10.1000/a1", dc_creator="Lee, A."),
            item("On the matter of moons", "https://doi.org/10.1000/a2", dc_creator="Cy Diaz"),
        ),
        works,
    )
    assert check(here, library, day) == 2
    papers = {paper.title: paper for paper in all_papers(here.store)}
    assert set(papers) == {"On the matter of stars", "On the matter of moons"}
    stars = papers["On the matter of stars"]
    assert (stars.authors, stars.venue) == (("Ann Lee", "Bo Berg"), "Journal of Matters")
    assert stars.abstract == "We look at stars."
    assert len(news(here)) == 2


@pytest.mark.usefixtures("anywhere")
def test_one_paper_in_two_feeds_is_one(here: App, library: Library, server: Loopback, day: Clock):
    served(server, rss())
    register_source(here, "feed", f"{server.url}/one.rss")
    register_source(here, "feed", f"{server.url}/two.rss")
    check(here, library, day)
    served(server, rss(item("On the matter of stars", "https://doi.org/10.1000/a1", dc_creator="Ann Lee")))
    assert check(here, library, day) == 1
    assert len(all_papers(here.store)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/feed",
        "http://[::1]/feed",
        "http://[64:ff9b::7f00:1]/feed",
        "http://[2002:7f00:1::]/feed",
        "http://[::127.0.0.1]/feed",
        "http://169.254.169.254/latest",
        "http://localhost/feed",
        "http://printer.local/feed",
        "http://intranet/feed",
        "http://2130706433/feed",
        "http://0177.0.0.1/feed",
        "http://0x7f.1/feed",
        "http://127.1/feed",
        "http://127.0.0.1./feed",
        "http://①②⑦.0.0.1/feed",
        "http://999.1/feed",
        "http://router.home.arpa./feed",
        "https://example.org:8443/feed",
        "https://user@example.org/feed",
        "ftp://example.org/feed",
        "file:///etc/passwd",
        "example.org/feed",
        "https://example.org/" + "x" * 600,
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str):
    with pytest.raises(RefusedError, match="such as https"):
        kind_named("feed").normalise(address)


def test_feed_addresses_are_taken_as_people_paste_them():
    normalise = kind_named("feed").normalise
    assert normalise(" feed://example.org/a.rss#top ") == "https://example.org/a.rss"
    assert normalise("feed:https://example.org/a.rss") == "https://example.org/a.rss"


def test_a_day_is_a_date():
    assert dt.date.fromisoformat(only(rss(item("x y", pubDate="Tue, 03 Mar 2026"))).published)
