"""Papers whose sources do not agree on what they are: retitled ones, and records that bridge two."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.app import App
from bot.ingest.importer import import_files, import_records
from tests.corpora import all_papers
from tests.sources.test_precedence import record

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])

PAGE = """Ann Lee

LG
h-index3
1papers
1citations

1 Papers

LGMay 8, 2026
{title}

Ann Lee, Bo Berg

We look at matters, and at what follows from them for those who look.
"""


def page(folder: Path, title: str) -> Path:
    file = folder / "page.txt"
    file.write_text(PAGE.format(title=title))
    return file


def test_a_retitled_paper_that_stands_on_an_author_page_stays_one(here: App, tmp_path: Path):
    day = dt.date(2026, 6, 1)
    import_files(here, [page(tmp_path, "On matters")], as_of=day)
    first = record("arxiv api", "2603.00001v1", arxiv_id="2603.00001")
    first = first.model_copy(update={"source_key": "2603.00001"})
    second = first.model_copy(update={"source_id": "2603.00001v2", "title": "Matters, revisited"})
    import_records(here, "arxiv", [first], newly_added=True)
    import_records(here, "arxiv", [second], newly_added=True)
    (paper,) = all_papers(here.store)
    assert (paper.title, paper.attributed_to) == ("Matters, revisited", ("Ann Lee",))
    assert import_files(here, [page(tmp_path, "On matters")], as_of=day).unchanged == 1
    report = import_files(here, [page(tmp_path, "Matters, revisited")], as_of=day)
    assert (report.added, report.rejected) == (0, ())
    assert len(all_papers(here.store)) == 1


def test_a_record_that_bridges_two_papers_which_differ_changes_neither_and_says_what_to_do(here: App):
    apart = [
        record("arxiv api", "2603.00001", arxiv_id="2603.00001", doi="10.1000/y"),
        record("crossref", "10.1000/x", doi="10.1000/x", title="Matters in print"),
    ]
    import_records(here, "both", apart, newly_added=True)
    before = all_papers(here.store)
    bridge = record("openalex", "W1", doi="10.1000/x", arxiv_id="2603.00001", title="Matters")
    (refused,) = import_records(here, "bridge", [bridge], newly_added=True).rejected
    assert "the arXiv id 2603.00001 is “On matters”" in refused.reason
    assert "the DOI 10.1000/x is “Matters in print”" in refused.reason
    assert "that one has the DOI 10.1000/y and this one 10.1000/x" in refused.reason
    assert "Take the id that is wrong out of this row" in refused.reason
    assert all_papers(here.store) == before
