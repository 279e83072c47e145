from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.authors.figures import citation_figures
from bot.authors.profile import find_author
from bot.ingest.importer import import_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import row, write_rows


def the(app, name):
    author = find_author(app, name).author
    assert author is not None
    return author


def test_figures_follow_from_the_citations_of_the_papers_that_carry_them():
    found = citation_figures([10, 8, 5, 4, 3])
    assert found is not None
    assert (found.papers, found.citations, found.h_index, found.g_index, found.i10) == (5, 30, 4, 5, 1)
    assert citation_figures([]) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_indexes_keep_to_their_definitions(citations: list[int]):
    found = citation_figures(citations)
    assert found is not None
    assert sum(count >= found.h_index for count in citations) >= found.h_index
    assert sum(count >= found.h_index + 1 for count in citations) < found.h_index + 1
    best = sorted(citations, reverse=True)
    assert sum(best[: found.g_index]) >= found.g_index**2
    assert found.h_index <= found.g_index <= len(citations)


def test_the_card_says_on_how_many_papers_computed_figures_rest(app, tmp_path):
    rows = [row(1, authors=["Ada Ahn"], citations=12), row(2, authors=["Ada Ahn", "Bo Berg"])]
    import_files(app, [write_rows(tmp_path / "rows.jsonl", rows)])
    author = the(app, "Ada Ahn")
    assert author.corpus.cited is not None
    assert (author.corpus.cited.papers, author.corpus.cited.h_index) == (1, 1)
    assert author.corpus.citations_by_year == {"2024": 12}
    assert the(app, "Bo Berg").corpus.cited is None


def test_places_count_the_last_only_where_the_list_is_whole(app, tmp_path):
    rows = [
        row(1, authors=["Ada Ahn", "Bo Berg"]),
        row(2, authors=["Bo Berg", "Ada Ahn"]),
        row(3, authors=["Bo Berg", "Ada Ahn", "et al."]),
        row(4, authors=["Ada Ahn"]),
    ]
    import_files(app, [write_rows(tmp_path / "rows.jsonl", rows)])
    corpus = the(app, "Ada Ahn").corpus
    assert (corpus.first_author, corpus.last_author, corpus.whole_lists) == (2, 1, 3)


def test_the_course_of_reported_figures_is_told_when_a_page_is_read_again(app, tmp_path):
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 2))
    assert the(app, "Pan Pan").changes is None
    page = AUTHOR_PAGE.read_text(encoding="utf-8").replace("h-index98", "h-index101")
    later = tmp_path / "later.txt"
    later.write_text(page, encoding="utf-8")
    import_files(app, [later], as_of=dt.date(2026, 4, 2))
    author = the(app, "Pan Pan")
    assert author.changes is not None
    assert (author.changes.since, author.changes.changes) == (dt.date(2026, 3, 2), {"h_index": 3})


def test_one_person_twice_on_one_paper_counts_once(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "rows.jsonl", [row(1, authors=["Ada Ahn", "Ada Ahn"])])])
    corpus = the(app, "Ada Ahn").corpus
    assert (corpus.papers, corpus.listed, corpus.coauthors) == (1, 1, ())
