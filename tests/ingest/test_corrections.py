"""Corrections of which papers are one: merged, split and undone; they outlive every import."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.errors import RefusedError
from bot.ingest.corrections import (
    descriptions,
    doubtful_papers,
    merge_papers,
    newest_paper_corrections,
    split_paper,
    undo_paper_correction,
)
from bot.ingest.importer import import_files
from bot.papers.search import find_paper, get_paper
from tests.corpora import all_papers, contents

PRINTED = "@article{a, title={Nets of kelp}, author={Bo Lund and Eve Tamm}, doi={10.9999/1}, year={2001}}"
REPRINT = "@article{b, title={Nets of kelp}, author={Bo Lund and Eve Tamm}, doi={10.9999/2}, year={2003}}"
ROPES = "@article{c, title={Ropes}, author={Ida Hale}, year={2003}}"
OF_A_RIS = "TY  - JOUR\nTI  - Ropes\nAU  - Hale, Ida\nPY  - 2003\nER  - \n"
ADMIN = 4242


def _import(app, folder, *, venue=None):
    """The same two files, or the first with something new in each entry."""
    entries = [PRINTED, REPRINT, ROPES]
    if venue is not None:
        entries = [one[:-1] + f", journal={{{venue}}}}}" for one in entries]
    (folder / "a.bib").write_text("\n".join(entries), encoding="utf-8")
    (folder / "b.ris").write_text(OF_A_RIS, encoding="utf-8")
    report = import_files(app, [folder / "a.bib", folder / "b.ris"])
    assert not report.rejected
    return report


@pytest.fixture
def stocked(app, tmp_path):
    _import(app, tmp_path)
    return app


def _found(app):
    return {paper.id: (paper.title, paper.doi) for paper in all_papers(app.store)}


def _apart(app):
    """Which records are one paper."""
    with app.store.reading() as session:
        statement = "SELECT paper_id, source, source_key FROM paper_source"
        rows = session.connection().execute(text(statement)).all()
    return {
        frozenset((source, key) for paper_id, source, key in rows if paper_id == one)
        for one in {paper_id for paper_id, *_ in rows}
    }


def test_two_papers_become_one_and_stay_so_until_that_is_undone(stocked, tmp_path):
    before, ours = _apart(stocked), {1: ("Nets of kelp", "10.9999/1"), 3: ("Ropes", None)}
    (doubt,) = doubtful_papers(stocked)
    made = merge_papers(stocked, doubt.other_id, doubt.paper_id, reason="a reprint", made_by=ADMIN)
    assert (made.paper_id, made.into_id, made.reason) == (2, 1, "a reprint")
    assert _found(stocked) == ours
    assert get_paper(stocked, 2) == get_paper(stocked, 1)
    assert doubtful_papers(stocked) == ()

    assert _import(stocked, tmp_path).added == 0
    assert _import(stocked, tmp_path, venue="Sea").added == 0
    assert _found(stocked) == ours

    undone = undo_paper_correction(stocked, made.id, undone_by=7)
    assert (undone.undone_by, newest_paper_corrections(stocked)) == (7, (undone,))
    assert _apart(stocked) == before
    assert get_paper(stocked, 1).doi == "10.9999/1"
    assert find_paper(stocked, "10.9999/2").paper.doi == "10.9999/2"
    assert get_paper(stocked, 2).doi == "10.9999/2"  # under its old id
    assert _import(stocked, tmp_path).added == 0
    with pytest.raises(RefusedError, match="undone already"):
        undo_paper_correction(stocked, made.id, undone_by=7)


def test_one_paper_becomes_two_and_stays_so_until_that_is_undone(stocked, tmp_path):
    of_bibtex, of_ris = (one.name for one in descriptions(stocked, 3))
    made = split_paper(stocked, 3, [of_ris], reason="two talks", made_by=None)
    assert (made.paper_id, made.into_title) == (3, "Ropes")
    assert [one.name for one in descriptions(stocked, 3)] == [of_bibtex]
    assert [one.name for one in descriptions(stocked, made.into_id)] == [of_ris]
    apart = _apart(stocked)

    assert _import(stocked, tmp_path, venue="Sea").added == 0
    assert _apart(stocked) == apart
    assert all({doubt.paper_id, doubt.other_id} == {1, 2} for doubt in doubtful_papers(stocked))

    undo_paper_correction(stocked, made.id, undone_by=ADMIN)
    assert [one.name for one in descriptions(stocked, 3)] == [of_bibtex, of_ris]
    assert len(_found(stocked)) == 3


def test_what_a_correction_says_of_a_corrected_paper_holds(stocked):
    merged = merge_papers(stocked, 1, 2, reason="a reprint", made_by=ADMIN)
    split = split_paper(stocked, 1, ["10.9999/2"], reason="no", made_by=ADMIN)
    assert sorted(doi for _, doi in _found(stocked).values() if doi) == ["10.9999/1", "10.9999/2"]
    undo_paper_correction(stocked, split.id, undone_by=ADMIN)
    assert _found(stocked).keys() == {1, 3}
    undo_paper_correction(stocked, merged.id, undone_by=ADMIN)
    assert len(_found(stocked)) == 3


@pytest.mark.parametrize(
    ("correct", "said"),
    [
        (lambda app: merge_papers(app, 1, 1, reason="x", made_by=1), "one paper already"),
        (lambda app: merge_papers(app, 1, 99, reason="x", made_by=1), "no such paper"),
        (lambda app: merge_papers(app, 1, 2, reason=" ", made_by=1), "Say why"),
        (lambda app: split_paper(app, 1, ["10.9999/1"], reason="x", made_by=1), "nothing would be left"),
        (lambda app: split_paper(app, 3, ["nonsense"], reason="x", made_by=1), "bibtex:"),
        (lambda app: split_paper(app, 3, [], reason="x", made_by=1), "Say what"),
        (lambda app: undo_paper_correction(app, 9, undone_by=1), "no correction 9"),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_changes_nothing(stocked, correct, said):
    before = contents(stocked.store)
    with pytest.raises(RefusedError, match=said):
        correct(stocked)
    assert contents(stocked.store) == before
    assert newest_paper_corrections(stocked) == ()
