"""Which rows of which sources are one paper."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from bot.ingest.importer import import_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, contents, row, write_rows

PAGE = """Ann Ab

CV
h-index3
1papers
10citations

1 Papers

CVMar 14, 2024Code
On the Matter of Everything

Ann Ab, Bo Berg, Cy Cole et al.

We look at everything.
"""


def _page(path):
    path.write_text(PAGE, encoding="utf-8")
    return path


def _arxiv(version, **values):
    return row(
        1,
        id=f"2403.00001{version}",
        url=f"https://arxiv.org/abs/2403.00001{version}",
        title="On the matter of everything",
        authors=["Ann Ab", "Bo Berg", "Cy Cole", "Di Dahl"],
        date="2024-03-12",
        **values,
    )


def test_the_page_and_both_versions_of_arxiv_are_one_paper_in_any_order(store, tmp_path, app):
    page = _page(tmp_path / "page.txt")
    first = write_rows(tmp_path / "v1.jsonl", [_arxiv("v1")])
    second = write_rows(tmp_path / "v2.jsonl", [_arxiv("v2", abstract="Second.")])

    import_files(app, [page])
    (only_page,) = all_papers(store)
    assert (only_page.authors_truncated, only_page.published) == (True, "2024-03-14")
    assert import_files(app, [first]).updated == 1
    assert import_files(app, [second]).updated == 1

    (paper,) = all_papers(store)
    assert paper.id == only_page.id
    assert paper.authors == ("Ann Ab", "Bo Berg", "Cy Cole", "Di Dahl")
    assert (paper.published, paper.abstract, paper.has_code) == ("2024-03-12", "Second.", True)
    assert paper.attributed_to == ("Ann Ab",)
    before = contents(store)

    for path in (page, first, second):
        report = import_files(app, [path])
        assert (report.added, report.updated, report.unchanged) == (0, 0, 1)
    assert contents(store) == before


def test_sources_join_in_either_order_to_the_same_paper(app, tmp_path):
    page, arxiv = _page(tmp_path / "page.txt"), write_rows(tmp_path / "a.jsonl", [_arxiv("v1")])
    import_files(app, [arxiv])

    assert import_files(app, [page]).updated == 1

    (paper,) = all_papers(app.store)
    assert (paper.title, paper.published) == ("On the matter of everything", "2024-03-12")
    assert paper.has_code


def test_sources_join_within_one_import(app, tmp_path):
    paths = [_page(tmp_path / "page.txt"), write_rows(tmp_path / "a.jsonl", [_arxiv("v1")])]

    report = import_files(app, paths)

    assert (report.added, report.updated) == (1, 1)
    assert len(all_papers(app.store)) == 1


def test_different_ids_of_one_source_are_different_papers(app, tmp_path):
    rows = [row(1, title="The same"), row(2, title="The same", authors=row(1)["authors"])]

    assert import_files(app, [write_rows(tmp_path / "a.jsonl", rows)]).added == 2


def test_keys_that_contradict_each_other_are_left_out_and_reported(app, tmp_path):
    import_files(
        app,
        [write_rows(tmp_path / "a.jsonl", [row(1, id="a", doi="10.1000/1"), row(2)])],
    )
    contradicting = row(3, id="c", url="https://arxiv.org/abs/2401.00002", doi="10.1000/1")
    path = write_rows(tmp_path / "b.jsonl", [contradicting, row(4)])

    report = import_files(app, [path], source_name="elsewhere")

    assert [(one.file, one.line) for one in report.rejected] == [(str(path), 1)]
    assert report.added == 1
    with app.store.reading() as session:
        query = "SELECT rejected FROM corpus_import ORDER BY id DESC"
        assert session.connection().execute(text(query)).scalar() == 1


def test_a_retitled_paper_is_found_by_its_older_title(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1)])])
    report = import_files(app, [write_rows(tmp_path / "a.jsonl", [row(1, title="Quite another name")])])
    assert report.updated == 1

    rows = [row(1, id="x", url=None), row(1, id="y", url=None, title="Quite another name")]
    assert import_files(app, [write_rows(tmp_path / "b.jsonl", rows)]).added == 0
    assert len(all_papers(app.store)) == 1


def test_a_change_of_the_page_s_date_alone_joins_nothing_anew(app):
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2025, 1, 1))

    report = import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 6, 1))

    assert (report.added, len(all_papers(app.store))) == (0, 26)


def test_a_paper_that_an_earlier_version_merged_gets_right_when_it_is_merged_again(store, tmp_path, app):
    printed = row(1, id="p1", url="https://x.org/1", venue="CVPR", date="2024-03-12", doi="10.1000/1")
    preprint = row(1, venue="arXiv", date="2025-01-02", doi="10.1000/1")
    import_files(app, [write_rows(tmp_path / "printed.jsonl", [printed])])
    import_files(app, [write_rows(tmp_path / "preprint.jsonl", [preprint])])
    (paper,) = all_papers(store)
    assert (paper.venue, paper.published) == ("CVPR", "2024-03-12")
    with store.writing() as session:
        session.execute(text("UPDATE paper SET venue = 'arXiv', published = '2025-01-02'"))

    # A row that changes nothing but the words of its abstract: no fact that is merged differs.
    report = import_files(
        app, [write_rows(tmp_path / "again.jsonl", [printed | {"abstract": "Said again."}])]
    )

    (paper,) = all_papers(store)
    assert (paper.venue, paper.published) == ("CVPR", "2024-03-12")
    assert report.updated == 1
