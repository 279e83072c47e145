"""Papers as every search reads them."""

from __future__ import annotations

from pathlib import Path

from bot.app import App
from bot.ingest.importer import import_files
from bot.papers.loading import list_papers, load_papers
from bot.store.papers import texts_of, titles_of
from tests.conftest import AUTHOR_PAGE
from tests.corpora import row, write_rows


def test_lists_have_what_cards_have(app: App, tmp_path: Path):
    import_files(app, [AUTHOR_PAGE])
    import_files(app, [write_rows(tmp_path / "rows.jsonl", [row(1, score=71.5, citations=3, has_code=True)])])
    ids = [27, 5, 1, 5, 99_999, 12]
    with app.store.reading() as session:
        loaded = load_papers(session, ids)

    listed = list_papers(app.store, ids)

    assert listed == loaded
    assert list(listed) == list(loaded) == [27, 5, 1, 12]
    assert all(paper.attributed_to == ("Pan Pan",) for paper in listed.values() if paper.id != 27)
    assert list_papers(app.store, []) == {}


def test_texts_are_those_of_the_papers(app: App):
    import_files(app, [AUTHOR_PAGE])
    papers = list_papers(app.store, [3, 7])

    assert sorted(texts_of(app.store, [3, 7, 99_999])) == [
        (paper.id, paper.title, paper.abstract) for paper in papers.values()
    ]
    assert sorted(titles_of(app.store, [3, 7, 99_999])) == [
        (paper.id, paper.title) for paper in papers.values()
    ]
