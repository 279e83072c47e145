"""arXiv's answers, as they were recorded, and its RSS as it is described."""

from __future__ import annotations

import pytest

from bot.corpus.formats.answers import RequestRefusedError, UnusableAnswerError
from bot.corpus.formats.arxiv import read_arxiv_atom, read_arxiv_rss
from tests.conftest import ROOT, shared_path

BOMB = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&x;</title></feed>"""


def recorded(name: str) -> bytes:
    folder = shared_path("recorded/arxiv_api")
    (path,) = folder.glob(f"{name}*.atom.xml")
    return path.read_bytes()


def test_every_recorded_entry_is_read():
    entries = papers = 0
    for path in shared_path("recorded/arxiv_api").glob("*.atom.xml"):
        if path.name.startswith("id_abc"):
            continue
        page = read_arxiv_atom(path.read_bytes())
        assert page.refused == ()
        assert path.read_bytes().count(b"<entry>") == page.entries == len(page.records)
        entries += page.entries
        papers += len({record.source_key for record in page.records})
    assert entries == papers == 221


def test_an_entry_gives_all_that_arxiv_knows():
    page = read_arxiv_atom(recorded("q_testing_s0_m10_"))
    assert (page.total, page.start, page.entries) == (214881, 0, 10)
    first = page.records[0]
    assert first.source_id == "2202.12139v1"
    assert first.source_key == first.arxiv_id == "2202.12139"
    assert first.title.startswith("Testing Deep Learning Models: A First Comparative Study")
    assert [one.name for one in first.authors] == ["Mohit Kumar Ahuja", "Arnaud Gotlieb", "Helge Spieker"]
    assert first.field == "SE"
    assert first.categories == ("cs.SE", "cs.LG")
    assert first.published == "2022-02-24"
    assert first.doi == "10.1109/icstw55395.2022.00035"
    assert first.venue is not None
    assert first.venue.startswith("Artificial Intelligence in Software Testing")
    assert first.url == "https://arxiv.org/abs/2202.12139v1"


def test_an_id_of_the_old_style_keeps_its_archive():
    (record,) = read_arxiv_atom(recorded("id_astro-ph_0601001")).records
    assert record.source_key == "astro-ph/0601001"


def test_a_page_in_the_middle_says_where_it_stands():
    page = read_arxiv_atom(recorded("q_testing_s50_m10"))
    assert (page.start, page.entries) == (50, 10)


def test_an_unknown_id_is_an_empty_page_that_promises_nothing():
    page = read_arxiv_atom(recorded("id_0000"))
    assert (page.total, page.entries, page.records) == (0, 0, ())


def test_an_error_that_comes_as_an_entry_is_an_error():
    with pytest.raises(RequestRefusedError, match="incorrect id format for abc"):
        read_arxiv_atom(recorded("id_abc"))


@pytest.mark.parametrize("attack", [BOMB, EXTERNAL], ids=["entities", "external file"])
def test_xml_with_entities_of_its_own_is_not_read(attack: bytes):
    with pytest.raises(UnusableAnswerError, match="definitions of its own"):
        read_arxiv_atom(attack)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "answered nothing"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "page of HTML"),
        (b"<html><body>Rate exceeded.</body></html>", "no Atom feed"),
        (b"\xff\xfe\x00", "damaged"),
        (b"<rss></rss>", "no Atom feed"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: bytes, said: str):
    with pytest.raises(UnusableAnswerError, match=said):
        read_arxiv_atom(body)


def test_xml_that_broke_off_anywhere_is_refused():
    body = recorded("q_testing_s0_m10_")
    for share in range(1, 10):
        with pytest.raises(UnusableAnswerError):
            read_arxiv_atom(body[: len(body) * share // 10])


def test_rss_names_new_papers_and_leaves_out_replacements():
    page = read_arxiv_rss((ROOT / "tests/fixtures/arxiv_rss.xml").read_bytes())
    assert page.entries == 2
    (record,) = page.records
    assert (record.source_id, record.source_key) == ("2603.01234v1", "2603.01234")
    assert [one.name for one in record.authors] == ["Ann Lee", "Bo Berg"]
    assert record.abstract.startswith("We gossip on graphs.")
    assert record.code_url == "https://github.com/example/gossip"
    assert record.field == "LG"


def test_an_empty_rss_feed_is_a_day_without_papers():
    body = (ROOT / "tests/fixtures/arxiv_rss.xml").read_text(encoding="utf-8")
    head, _, _ = body.partition("<item>")
    page = read_arxiv_rss(f"{head}</channel></rss>".encode())
    assert (page.entries, page.records) == (0, ())
