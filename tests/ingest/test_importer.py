from __future__ import annotations

import datetime as dt
import random
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from bot.app import corpus_status
from bot.ingest.importer import Progress, import_files
from bot.store.engine import Store
from bot.store.imports import latest_revision
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, contents, row, write_rows


def _revision(app):
    with app.store.reading() as session:
        newest = latest_revision(session)
        return 0 if newest is None else newest.number


def _counts(report):
    return report.added, report.updated, report.unchanged, len(report.rejected)


def test_a_file_is_imported_and_indexed(app, tmp_path):
    report = import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1), row(2)])])

    assert _counts(report) == (2, 0, 0, 0)
    papers = all_papers(app.store)
    assert [paper.source_id for paper in papers] == ["2401.00001", "2401.00002"]
    assert papers[0].authors == ("Ann Ce", "Bo Berg")
    assert papers[0].field == "CV"
    assert app.index.revision == _revision(app)


def test_importing_the_same_file_again_changes_nothing(app, tmp_path):
    path = write_rows(tmp_path / "a.jsonl", [row(number) for number in range(1, 30)])
    import_files(app, [path])
    revision, before = _revision(app), contents(app.store)

    report = import_files(app, [path])

    assert _counts(report) == (0, 0, 29, 0)
    assert (_revision(app), contents(app.store)) == (revision, before)


def test_a_shuffled_file_changes_nothing(app, tmp_path):
    rows = [row(number) for number in range(1, 30)]
    import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])
    revision = _revision(app)
    random.Random(4).shuffle(rows)

    assert _counts(import_files(app, [write_rows(tmp_path / "b.jsonl", rows)])) == (0, 0, 29, 0)
    assert _revision(app) == revision


def test_a_changed_badge_updates_a_paper_and_adds_none(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1), row(2)])])
    revision = _revision(app)

    report = import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, has_code=True), row(2)])])

    assert _counts(report) == (0, 1, 1, 0)
    assert [paper.has_code for paper in all_papers(app.store)] == [True, False]
    assert _revision(app) > revision


def test_only_the_places_that_differ_are_rewritten(app, tmp_path):
    people = [f"Person {letter}" for letter in "ABCDEFGH"]
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, authors=people)])])
    people[3:5] = ["Person E", "Somebody Else", "Person Z"]

    assert _counts(import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, authors=people)])])) == (
        0,
        1,
        0,
        0,
    )
    names = [name for _, _, name in sorted(contents(app.store)["authorship"], key=lambda one: one[1])]
    assert names == people


def test_the_shipped_page_is_imported_whole(app):
    report = import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 6, 1))

    assert _counts(report) == (26, 0, 0, 0)
    papers = all_papers(app.store)
    assert all(paper.attributed_to == ("Pan Pan",) for paper in papers)
    assert sum("Pan Pan" in paper.authors for paper in papers) == 10
    assert sum(paper.authors_truncated for paper in papers) == 25
    assert [paper.score for paper in papers if paper.score is not None] == [75.3]
    assert sum(paper.has_code for paper in papers) == 2
    assert contents(app.store)["reports"] == [("author page", 98, 26, 1791, 55.0, 48.0)]


def test_an_inferred_year_is_fixed_at_the_first_import(app):
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2023, 6, 1))
    (inferred,) = [paper for paper in all_papers(app.store) if paper.published_inferred]
    assert inferred.published == "2023-03-12"

    assert _counts(import_files(app, [AUTHOR_PAGE])) == (0, 0, 26, 0)

    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2024, 3, 11))
    assert [one.published for one in all_papers(app.store) if one.published_inferred] == ["2023-03-12"]
    report = import_files(app, [AUTHOR_PAGE], as_of=dt.date(2024, 3, 12))
    assert _counts(report) == (0, 1, 25, 0)
    assert [one.published for one in all_papers(app.store) if one.published_inferred] == ["2024-03-12"]


def test_a_reading_of_figures_is_kept_once_for_each_day_on_which_it_was_made(app):
    for as_of in (None, None, dt.date(2026, 1, 1), None, dt.date(2026, 1, 1), dt.date(2026, 2, 1)):
        import_files(app, [AUTHOR_PAGE], as_of=as_of)

    with app.store.reading() as session:
        days = (
            session.connection().execute(text("SELECT as_of FROM author_report ORDER BY id")).scalars().all()
        )
    assert [day and str(day) for day in days] == [None, "2026-01-01", "2026-02-01"]


def test_people_with_different_identifiers_are_different_and_with_one_the_same(app, tmp_path):
    rows = [
        row(1, authors=["Wei Li"], author_ids=["~Wei_Li1"]),
        row(2, authors=["Wei Li"], author_ids=["~Wei_Li2"]),
        row(3, authors=["W. Li"], author_ids=["~Wei_Li1"]),
        row(4, authors=["Wei Li"]),
        row(5, authors=["Li, Wei"]),
    ]
    import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    with app.store.reading() as session:
        query = "SELECT author_id FROM authorship ORDER BY paper_id"
        people = session.connection().execute(text(query)).scalars().all()
    assert people[0] == people[2]
    assert people[3] == people[4]
    assert len(set(people)) == 3


def test_ids_of_papers_are_never_used_again(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1), row(2)])])
    with app.store.writing() as session:
        for table, column in (
            ("authorship", "paper_id"),
            ("paper_key", "paper_id"),
            ("paper_source", "paper_id"),
            ("paper", "id"),
        ):
            session.connection().execute(text(f"DELETE FROM {table} WHERE {column} = 2"))

    import_files(app, [write_rows(tmp_path / "b.jsonl", [row(3)])])

    assert [paper.id for paper in all_papers(app.store)][-1] > 2


def test_papers_are_newly_added_at_the_revision_at_which_their_import_ended(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(number) for number in range(1, 9)])])

    with app.store.reading() as session:
        query = (
            "SELECT max(paper.revision), finished_revision FROM paper"
            " JOIN corpus_import i ON i.id = import_id GROUP BY finished_revision"
        )
        (written, finished) = session.connection().execute(text(query)).one()
    assert written < finished == _revision(app)


def test_of_several_rows_with_one_id_the_last_counts(app, tmp_path):
    path = write_rows(tmp_path / "a.jsonl", [row(1, venue="First"), row(2), row(1, venue="Last")])

    assert _counts(import_files(app, [path])) == (2, 0, 1, 0)
    assert [paper.venue for paper in all_papers(app.store)] == [None, "Last"]
    assert _counts(import_files(app, [path])) == (0, 0, 3, 0)


def test_an_older_version_never_replaces_a_newer_one(app, tmp_path):
    older = row(1, id="2401.00001v1", abstract="A first draft.")
    newer = row(1, id="2401.00001v2", abstract="Much better.")

    assert _counts(import_files(app, [write_rows(tmp_path / "a.jsonl", [newer, older])])) == (1, 0, 1, 0)
    assert _counts(import_files(app, [write_rows(tmp_path / "b.jsonl", [older])])) == (0, 0, 1, 0)
    assert [paper.abstract for paper in all_papers(app.store)] == ["Much better."]


def test_several_files_are_one_import(app, tmp_path):
    paths = [write_rows(tmp_path / f"{n}.jsonl", [row(n)]) for n in (1, 2)]

    assert _counts(import_files(app, paths)) == (2, 0, 0, 0)
    last = corpus_status(app).last_import
    assert last is not None
    assert (last.files, last.state, last.added) == (("1.jsonl", "2.jsonl"), "finished", 2)


def test_progress_tells_how_far_the_import_is(app, tmp_path):
    told = []

    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1), row(2)])], progress=told.append)

    assert told[0] == Progress("reading", 2, None)
    assert told[-1] == Progress("writing", 2, 2)


def test_an_import_that_is_interrupted_is_cut_off_and_completed_by_the_next(app, tmp_path):
    path = write_rows(tmp_path / "a.jsonl", [row(number) for number in range(1, 1200)])

    def interrupt(progress):
        if progress.stage == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(app, [path], progress=interrupt)

    status = corpus_status(app)
    assert 0 < status.papers < 1199
    assert [one.state for one in status.unfinished_imports] == ["cut off"]
    assert _counts(import_files(app, [path])) == (1199, 0, 0, 0)
    status = corpus_status(app)
    assert status.papers == 1199
    assert status.unfinished_imports == ()
    with app.store.reading() as session:
        query = (
            "SELECT count(DISTINCT import_id) FROM paper JOIN corpus_import i ON i.id = import_id"
            " WHERE finished_at IS NOT NULL"
        )
        assert session.connection().execute(text(query)).scalar() == 1


def test_a_large_file_is_written_in_many_short_transactions(app, tmp_path, monkeypatch):
    lasted = []
    writing = Store.writing

    @contextmanager
    def timed(store):
        with writing(store) as session:
            started = time.perf_counter()
            yield session
        lasted.append(time.perf_counter() - started)

    monkeypatch.setattr(Store, "writing", timed)
    people = [f"Person {number}" for number in range(3_303)]
    rows = [row(number) for number in range(1, 3_000)] + [row(3_000, authors=people)]

    import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    assert len(lasted) > 4
    assert max(lasted) < 1
