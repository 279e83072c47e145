"""Notices that are papers of their own, and flags that copies of a paper do not mention."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.app import App
from bot.corpus.formats.crossref import record_of
from bot.corpus.paper import Notice, NoticeKind
from bot.ingest.importer import import_files, import_records, preview_files
from tests.corpora import all_papers

PAPER = {"DOI": "10.9999/knots", "title": ["Knots that slip"], "author": [{"given": "Ida", "family": "Hale"}]}
UPDATE = {"DOI": "10.9999/Knots", "type": "retraction", "updated": {"date-parts": [[2024, 2, 3]]}}
NOTICE = {
    "DOI": "10.9999/notice",
    "title": ["Retraction: Knots that slip"],
    "author": [{"given": "Ida", "family": "Hale"}],
    "update-to": [UPDATE],
}
SAID = Notice(
    kind=NoticeKind.RETRACTED, source="crossref", day="2024-02-03", url="https://doi.org/10.9999/notice"
)


def bring(app: App, folder: Path, name: str, *rows: dict[str, Any] | str) -> Any:
    path = folder / name
    lines = [row.encode() if isinstance(row, str) else orjson.dumps(row) for row in rows]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return import_files(app, [path])


def notices(app: App, title: str = "Knots that slip") -> tuple[Notice, ...]:
    (paper,) = (one for one in all_papers(app.store) if one.title == title)
    return paper.notices


@pytest.mark.parametrize(
    "files",
    [
        [[PAPER], [NOTICE]],
        [[NOTICE], [PAPER]],
        [[NOTICE, PAPER]],
        [[PAPER, NOTICE]],
    ],
)
def test_a_notice_flags_the_paper_that_it_names_in_whatever_order_they_come(
    app: App, tmp_path: Path, files: list[list[dict[str, Any]]]
):
    for number, rows in enumerate(files):
        bring(app, tmp_path, f"{number}.jsonl", *rows)
    assert len(all_papers(app.store)) == 2
    assert notices(app) == (SAID,)
    assert notices(app, "Retraction: Knots that slip") == ()


def test_the_flag_stays_when_the_paper_comes_again_from_elsewhere_and_is_not_doubled(
    app: App, tmp_path: Path
):
    bring(app, tmp_path, "a.jsonl", PAPER, NOTICE)
    bring(
        app, tmp_path, "b.bib", "@article{k, title={Knots that slip}, doi={10.9999/knots}, author={Hale, I.}}"
    )
    bring(app, tmp_path, "c.jsonl", PAPER | {"is-referenced-by-count": 3})
    assert notices(app) == (SAID,)
    by = {"DOI": "10.9999/notice", "type": "retraction", "updated": {"date-parts": [[2024, 2, 3]]}}
    bring(app, tmp_path, "d.jsonl", PAPER | {"updated-by": [by]})
    assert notices(app) == (SAID,)


def test_a_notice_that_names_it_no_longer_flags_it_no_longer(app: App):
    for work in (PAPER, NOTICE, NOTICE | {"update-to": []}):
        import_records(app, "crossref", [record_of(work)], newly_added=False)
    assert notices(app) == ()


REINSTATED = NOTICE | {
    "DOI": "10.9999/again",
    "title": ["Reinstatement: Knots that slip"],
    "update-to": [UPDATE | {"type": "reinstatement", "updated": {"date-parts": [[2025]]}}],
}
RETRACTED_LATER = NOTICE | {
    "DOI": "10.9999/later",
    "title": ["Second retraction: Knots that slip"],
    "update-to": [UPDATE | {"updated": {"date-parts": [[2026, 1]]}}],
}


def test_a_reinstatement_takes_back_what_its_source_said_before(app: App, tmp_path: Path):
    bring(app, tmp_path, "a.jsonl", PAPER, NOTICE)
    bring(app, tmp_path, "b.jsonl", REINSTATED)
    assert notices(app) == ()
    retracted = "TY  - JOUR\nTI  - RETRACTED: Knots that slip\nAU  - Hale, Ida\nDO  - 10.9999/knots\nER  - "
    bring(app, tmp_path, "c.ris", retracted)
    assert [(one.kind, one.source) for one in notices(app)] == [(NoticeKind.RETRACTED, "ris")]
    bring(app, tmp_path, "d.jsonl", RETRACTED_LATER)
    assert {(one.source, one.day) for one in notices(app)} == {("crossref", "2026-01"), ("ris", None)}


def test_a_dry_run_counts_the_flagged_paper_as_known(app: App, tmp_path: Path):
    bring(app, tmp_path, "a.jsonl", PAPER)
    (tmp_path / "n.jsonl").write_bytes(orjson.dumps(NOTICE))
    preview = preview_files(app, [tmp_path / "n.jsonl"])
    assert (preview.report.added, preview.report.unchanged) == (1, 0)
    assert notices(app) == ()


MEDLINE = "PMID- 77\nTI  - Knots that slip\nFAU - Hale, Ida\nAID - 10.9999/knots [doi]\n"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ROF - Ann Tides. 2019;3(1):2. PMID: 77", NoticeKind.RETRACTED),
        ("EFR - Ann Tides. 2019;3(1):2. doi: 10.9999/Knots.", NoticeKind.CORRECTED),
        ("ECF - Ann Tides. 2019;3(1):2. PMID: 77", NoticeKind.CONCERN),
    ],
)
def test_pubmed_names_the_paper_by_its_id_or_doi(app: App, tmp_path: Path, line: str, kind: NoticeKind):
    bring(app, tmp_path, "a.nbib", MEDLINE)
    bring(app, tmp_path, "b.nbib", f"PMID- 78\nTI  - A notice of knots\nFAU - Editor, Eve\n{line}\n")
    url = "https://pubmed.ncbi.nlm.nih.gov/78/"
    assert notices(app) == (Notice(kind=kind, source="pubmed", url=url),)


FLAGGED = "@article{k, title={Knots that slip}, doi={10.9999/knots}, author={Hale, Ida}, note={Retracted}}"
SILENT = "@article{z, title={Knots that slip}, doi={10.9999/knots}, author={Hale, Ida}}"


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("order", [1, -1])
def test_a_copy_that_does_not_mention_a_retraction_takes_no_flag_back(
    app: App, tmp_path: Path, together: bool, order: int
):
    for number, text in enumerate([FLAGGED, SILENT][::order]):
        (tmp_path / f"{number}.bib").write_text(text, encoding="utf-8")
        if not together:
            import_files(app, [tmp_path / f"{number}.bib"])
    if together:
        import_files(app, sorted(tmp_path.glob("*.bib")))
    assert notices(app) == (Notice(kind=NoticeKind.RETRACTED, source="bibtex"),)


ROW = {"id": "1", "title": "Knots that slip", "authors": ["Ida Hale"]}


@pytest.mark.parametrize(
    ("again", "stays"),
    [
        (ROW | {"venue": "Ann. Tides"}, True),
        (ROW | {"is_withdrawn": False}, True),
        (ROW | {"is_retracted": False}, False),
        (ROW | {"notices": []}, False),
    ],
)
def test_a_row_takes_a_flag_back_by_saying_so(app: App, tmp_path: Path, again: dict[str, Any], stays: bool):
    bring(app, tmp_path, "a.jsonl", ROW | {"is_retracted": True})
    bring(app, tmp_path, "b.jsonl", again)
    assert bool(notices(app)) is stays


ARXIV = {"id": "2401.00001v2", "title": "Knots that slip", "authors": ["Ida Hale"], "comment": "withdrawn"}


@pytest.mark.parametrize(("version", "stays"), [("v2", True), ("", True), ("v3", False)])
def test_a_newer_version_of_an_arxiv_paper_says_anew(app: App, tmp_path: Path, version: str, stays: bool):
    bring(app, tmp_path, "a.jsonl", ARXIV)
    bring(app, tmp_path, "b.jsonl", ARXIV | {"id": f"2401.00001{version}", "comment": "12 pages"})
    assert bool(notices(app)) is stays
