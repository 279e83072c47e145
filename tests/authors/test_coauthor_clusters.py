from __future__ import annotations

import datetime as dt

from bot.authors.profile import find_author
from bot.disambiguation.grouping import coauthor_clusters
from bot.ingest.importer import import_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, row, write_rows


def shipped(app):
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    return the(app)


def the(app, name="Pan Pan"):
    author = find_author(app, name).author
    assert author is not None
    return author


def test_the_shipped_page_makes_circles_of_11_4_3_and_2_papers_and_six_single_ones(app):
    author = shipped(app)
    assert [circle.papers for circle in author.clusters] == [11, 4, 3, 2, 1, 1, 1, 1, 1, 1]
    assert author.clusters[0].coauthors[0] == "Yun Zheng"
    assert author.certainty is not None
    assert author.certainty.sentence == (
        "Likely one person: the author page says so, though the papers fall into four circles without a "
        "common co-author (25 of 26 lists are cut)."
    )


def test_circles_join_when_fuller_records_of_the_same_papers_come_in(app, tmp_path):
    author = shipped(app)
    rows = [
        {
            "id": f"full-{paper.id}",
            "title": paper.title,
            "authors": [*paper.authors, "Pan Pan", "Rong Jin"]
            if "Pan Pan" not in paper.authors
            else [*paper.authors, "Rong Jin"],
            "date": paper.published,
        }
        for paper in all_papers(app.store)
    ]
    report = import_files(app, [write_rows(tmp_path / "full.jsonl", rows)])
    assert report.added == 0
    joined = the(app)
    assert joined.corpus.papers == author.corpus.papers == 26
    assert [circle.papers for circle in joined.clusters] == [26]
    # One co-author alone holds them together: that is no strong evidence.
    assert joined.certainty is None


def test_somebody_with_an_identifier_has_no_circles(app, tmp_path):
    rows = [
        row(number, authors=["Wei Li", f"Ada A{number}"], author_ids=["~Wei_Li1", None]) for number in (1, 2)
    ]
    import_files(app, [write_rows(tmp_path / "rows.jsonl", rows)])
    assert the(app, "Wei Li").clusters == ()
    assert the(app, "Wei Li").identifiers == ("~Wei_Li1",)


def test_circles_go_by_way_of_other_papers():
    assert coauthor_clusters([["a"], ["b"], ["a", "b"], [], ["c"]]) == [[0, 1, 2], [3], [4]]
    assert coauthor_clusters([]) == []
