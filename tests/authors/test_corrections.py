from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, event

from bot.authors.corrections import (
    merge_authors,
    newest_corrections,
    papers_of_cluster,
    split_author,
    undo_correction,
)
from bot.authors.network import coauthor_list, compare, shortest_path
from bot.authors.profile import author_by_id, find_author, suggest_authors
from bot.errors import RefusedError
from bot.ingest.importer import import_files
from bot.papers.results import Match
from bot.store.imports import latest_revision
from tests.conftest import AUTHOR_PAGE
from tests.corpora import all_papers, row, write_rows

ADMIN = 4242
ROWS = [
    row(1, authors=["Wei Li", "Ada Ahn"]),
    row(2, authors=["Wei Li", "Ada Ahn"]),
    row(3, authors=["Wei Li", "Bo Berg"]),
    row(4, authors=["W. Li", "Bo Berg"]),
]


@pytest.fixture
def stocked(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "rows.jsonl", ROWS)])
    return app


def the(app, name):
    author = find_author(app, name).author
    assert author is not None, name
    return author


def merge(app, author, into):
    return merge_authors(app, the(app, author).id, the(app, into).id, reason="their page", made_by=ADMIN)


def load_again(app, tmp_path, *rows):
    import_files(app, [write_rows(tmp_path / "again.jsonl", list(rows))])


def test_a_merge_holds_for_both_names_and_says_who_and_why(stocked):
    made = merge(stocked, "W. Li", "Wei Li")
    assert (made.made_by, made.reason, made.undone_at) == (ADMIN, "their page", None)
    for name in ("Wei Li", "W. Li", f"author:{made.author_id}"):
        author = the(stocked, name)
        assert (author.name, author.corpus.papers) == ("Wei Li", 4)
        assert "their page" in author.corrections[0]
    assert {one.name: one.papers for one in author.corpus.coauthors} == {"Ada Ahn": 2, "Bo Berg": 2}
    assert [one.papers for one in the(stocked, "Bo Berg").corpus.coauthors] == [2]


def test_a_merge_survives_the_same_file_changed_rows_and_new_papers(stocked, tmp_path):
    merge(stocked, "W. Li", "Wei Li")
    load_again(stocked, tmp_path, *ROWS)
    assert the(stocked, "Wei Li").corpus.papers == 4
    changed = [one | {"abstract": "Another abstract."} for one in ROWS]
    load_again(stocked, tmp_path, *changed, row(5, authors=["W. Li"]))
    assert the(stocked, "Wei Li").corpus.papers == 5


def test_a_merge_undone_leaves_no_trace_in_the_papers(stocked, tmp_path):
    made = merge(stocked, "W. Li", "Wei Li")
    undone = undo_correction(stocked, made.id, undone_by=7)
    assert (undone.undone_by, newest_corrections(stocked)) == (7, (undone,))
    assert the(stocked, "Wei Li").corpus.papers == 3
    assert the(stocked, "W. Li").corpus.papers == 1
    assert the(stocked, "W. Li").corrections == ()
    with pytest.raises(RefusedError, match="undone already"):
        undo_correction(stocked, made.id, undone_by=7)


def test_autocomplete_leads_to_the_person_under_either_name_once(stocked):
    made = merge(stocked, "W. Li", "Wei Li")
    assert [choice.value for choice in suggest_authors(stocked, "li")] == [f"author:{made.into_id}"]
    undo_correction(stocked, made.id, undone_by=ADMIN)
    assert len(suggest_authors(stocked, "li")) == 2


def test_a_split_makes_a_namesake_and_survives_reimports(stocked, tmp_path):
    author = the(stocked, "Wei Li")
    third = next(paper.id for paper in all_papers(stocked.store) if paper.source_id == "2401.00003")
    made = split_author(stocked, author.id, [third], None, reason="another institute", made_by=ADMIN)
    load_again(stocked, tmp_path, *[one | {"abstract": "Another abstract."} for one in ROWS])
    answer = find_author(stocked, "Wei Li")
    assert answer.match is Match.CHOICES
    assert {choice.author_id: choice.papers for choice in answer.choices} == {author.id: 2, made.into_id: 1}
    load_again(stocked, tmp_path, row(6, authors=["Wei Li"]))
    kept = author_by_id(stocked, author.id)
    assert kept is not None
    assert kept.corpus.papers == 3
    undo_correction(stocked, made.id, undone_by=ADMIN)
    assert the(stocked, "Wei Li").corpus.papers == 4
    assert author_by_id(stocked, made.into_id) is None


def test_papers_go_to_a_known_person_and_the_circle_is_offered(stocked):
    author, other = the(stocked, "Wei Li"), the(stocked, "W. Li")
    ids = {paper.source_id: paper.id for paper in all_papers(stocked.store)}
    circle = papers_of_cluster(stocked, author.id, ids["2401.00001"])
    assert circle == (ids["2401.00001"], ids["2401.00002"])
    split_author(stocked, author.id, circle, other.id, reason="asked them", made_by=ADMIN)
    assert (the(stocked, "Wei Li").corpus.papers, the(stocked, "W. Li").corpus.papers) == (1, 3)


def test_a_correction_on_which_another_builds_cannot_be_undone_first(stocked):
    author = the(stocked, "Wei Li")
    third = next(paper.id for paper in all_papers(stocked.store) if paper.source_id == "2401.00003")
    split = split_author(stocked, author.id, [third], None, reason="r", made_by=ADMIN)
    merged = merge_authors(stocked, split.into_id, the(stocked, "W. Li").id, reason="r", made_by=ADMIN)
    with pytest.raises(RefusedError, match=f"Correction {merged.id}"):
        undo_correction(stocked, split.id, undone_by=ADMIN)
    undo_correction(stocked, merged.id, undone_by=ADMIN)
    undo_correction(stocked, split.id, undone_by=ADMIN)
    assert the(stocked, "Wei Li").corpus.papers == 3


def test_what_cannot_be_is_refused_and_changes_nothing(stocked):
    author, other = the(stocked, "Wei Li"), the(stocked, "W. Li")
    ids = [paper.id for paper in all_papers(stocked.store)]

    def split(papers, into=None, reason="r"):
        split_author(stocked, author.id, papers, into, reason=reason, made_by=ADMIN)

    refused = [
        lambda: merge(stocked, "Wei Li", "Wei Li"),
        lambda: merge_authors(stocked, author.id, 10**6, reason="r", made_by=ADMIN),
        lambda: merge_authors(stocked, author.id, other.id, reason="  ", made_by=ADMIN),
        lambda: split([]),
        lambda: split(ids),
        lambda: split(ids[:3]),
        lambda: split(ids[:1], author.id),
        lambda: undo_correction(stocked, 99, undone_by=ADMIN),
    ]
    for attempt in refused:
        with pytest.raises(RefusedError):
            attempt()
    assert newest_corrections(stocked) == ()
    assert the(stocked, "Wei Li").corpus.papers == 3


def test_reported_figures_and_attributed_papers_go_along(stocked, tmp_path):
    import_files(stocked, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    merge(stocked, "Pan Pan", "Wei Li")
    author = the(stocked, "Pan Pan")
    assert author.name == "Wei Li"
    assert author.reported is not None
    assert (author.corpus.papers, author.corpus.attributed) == (29, 26)
    import_files(stocked, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    assert the(stocked, "Pan Pan").corpus.papers == 29


def test_every_correction_is_a_change_of_the_corpus_that_followers_see(stocked):
    with stocked.store.reading() as session:
        before = latest_revision(session)
    merge(stocked, "W. Li", "Wei Li")
    with stocked.store.reading() as session:
        after = latest_revision(session)
    assert after.number == before.number + 1
    assert stocked.index.names.revision == after.number


@pytest.fixture
def loads(stocked):
    """The statements sent so far that read the tables of corrections."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others):
        if "FROM correction" in statement or "JOIN correction" in statement:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "ask",
    [
        lambda app, _ids: find_author(app, "Wei Li").author,
        lambda app, _ids: find_author(app, "W. Li").author,
        lambda app, _ids: find_author(app, "li", exactly=True).choices,
        lambda app, ids: author_by_id(app, ids["Wei Li"]),
        lambda app, _ids: suggest_authors(app, "li"),
        lambda app, ids: compare(app, [ids["Wei Li"], ids["Bo Berg"]]),
        lambda app, ids: coauthor_list(app, ids["Wei Li"]),
        lambda app, ids: shortest_path(app, ids["Ada Ahn"], ids["Bo Berg"]),
    ],
    ids=["card", "merged", "choices", "by id", "suggestions", "compared", "co-authors", "path"],
)
def test_corrections_are_loaded_once_a_request(stocked, loads, ask):
    merge(stocked, "W. Li", "Wei Li")
    ids = {name: the(stocked, name).id for name in ("Wei Li", "Bo Berg", "Ada Ahn")}
    loads.clear()
    assert ask(stocked, ids)
    assert len(loads) == 1, loads
