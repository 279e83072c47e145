"""The pages of a paper in its journal or proceedings: read from files and providers, kept, and shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import orjson
import pytest

from bot.app import App
from bot.corpus.files import read_file
from bot.corpus.formats.answers import pages_of
from bot.corpus.formats.crossref import read_crossref_work
from bot.corpus.formats.opening import PaperRead
from bot.corpus.merge import merge
from bot.corpus.paper import Identifier, Mention, PaperRecord
from bot.ingest.importer import import_files
from bot.ingest.spool import Entry
from bot.papers.bibtex import bibtex
from bot.store.engine import Store
from cogs.papers.cards import paper_card
from tests.corpora import all_papers

BIBTEX = "@article{x, title = {Old waters}, author = {Ann Lee}, journal = {Physics}, year = 1999%s}"
RIS = "TY  - JOUR\nTI  - Old waters\nAU  - Lee, Ann\nJO  - Physics\nPY  - 1999\n%sER  -\n"


@pytest.mark.parametrize(
    ("written", "pages"),
    [
        ("2117--2126", "2117-2126"),
        ("pp. 12 \u2013 15", "12-15"),
        ("p 3", "3"),
        ("Pages 1-4, 12--15", "1-4, 12-15"),
        ("e1000234", "e1000234"),
        ("xii-xv", "xii-xv"),
        ("1:1\u20131:29", "1:1-1:29"),
        ("n/a", None),
        ("in press", None),
        ("--", None),
        ("", None),
        ("1" * 61, None),
        (17, None),
        (None, None),
    ],
)
def test_pages_have_one_form(written: object, pages: str | None):
    assert pages_of(written) == pages


@pytest.mark.parametrize(
    ("name", "content", "pages"),
    [
        ("x.bib", BIBTEX % ", pages = {101--9}", "101-9"),
        ("x.bib", BIBTEX % "", None),
        ("x.ris", RIS % "SP  - 101\nEP  - 109\n", "101-109"),
        ("x.ris", RIS % "SP  - 101\nEP  - 101\n", "101"),
        ("x.ris", RIS % "SP  - 101-109\n", "101-109"),
        ("x.ris", RIS % "", None),
    ],
)
def test_files_of_references_give_pages(tmp_path: Path, name: str, content: str, pages: str | None):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    (item,) = read_file(path, as_of=None, today=dt.date(2026, 4, 1))

    assert isinstance(item, PaperRead)
    assert item.record.pages == pages


def test_crossref_gives_pages():
    work = {"DOI": "10.1000/1", "title": ["Old waters"], "page": "101-109"}
    record = read_crossref_work(orjson.dumps({"status": "ok", "message": work}))
    assert record.pages == "101-109"


def test_pages_are_kept_shown_and_cited(tmp_path: Path, app: App, store: Store):
    path = tmp_path / "x.bib"
    path.write_text(BIBTEX % ", pages = {101--109}", encoding="utf-8")
    import_files(app, [path])

    (paper,) = all_papers(store)

    assert paper.pages == "101-109"
    assert "\tpages = {101--109}" in bibtex(paper)
    assert "Pages **101–109**" in str(paper_card(paper, ()).to_components())


def test_a_source_without_pages_leaves_those_of_another():
    ids = {"source_id": "1", "source_key": "1", "title": "Old waters"}
    arxiv = PaperRecord(source="arxiv api", **ids)
    crossref = PaperRecord(source="crossref", pages="101-109", **ids)
    assert merge([arxiv, crossref]).pages == merge([crossref, arxiv]).pages == "101-109"


def test_pages_that_a_source_gives_later_change_its_paper(tmp_path: Path, app: App, store: Store):
    path = tmp_path / "x.bib"
    path.write_text(BIBTEX % "", encoding="utf-8")
    import_files(app, [path])
    assert import_files(app, [path]).unchanged == 1
    path.write_text(BIBTEX % ", pages = {1--2}", encoding="utf-8")
    assert import_files(app, [path]).updated == 1
    assert [paper.pages for paper in all_papers(store)] == ["1-2"]


def test_the_digest_of_a_record_without_pages_is_that_of_earlier_versions():
    """It would otherwise be read and compared again with every import."""
    record = PaperRecord(
        source="crossref",
        source_id="10.1/x",
        source_key="10.1/x",
        title="T",
        authors=(Mention(name="A", identifiers=(Identifier(scheme="orcid", value="1"),)),),
        authors_truncated=True,
        attributed_to=Mention(name="B"),
        field="CV",
        categories=("cs.CV",),
        published="2020",
        published_inferred=True,
        abstract="a",
        url="https://e.org",
        has_code=True,
        code_url="https://github.com/a/b",
        venue="V",
        citations=3,
        score=1.5,
        doi="10.1/x",
        arxiv_id="2001.00001",
    )
    assert Entry.of("file", 1, record).digest == "6bdf528f38d021027438e26b4ebc803a"
