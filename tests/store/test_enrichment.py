"""Which papers a question is due for, on every database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.corpus.paper import Mention, PaperRecord
from bot.ingest.importer import import_records
from bot.store.paper_sources import Holding, Which, mark_asked, mark_read, papers_asked_about, papers_due

TODAY = dt.date(2026, 4, 1)
HOLDING = Holding(
    since=TODAY - dt.timedelta(days=90),
    young_since=TODAY - dt.timedelta(days=30),
    born=TODAY - dt.timedelta(days=730),
)


def paper(number: int, **facts: Any) -> PaperRecord:
    key = f"Z{number}"
    authors = (Mention(name="Ann Lee"),)
    title = f"Matter {number}"
    return PaperRecord(source="zotero", source_id=key, source_key=key, title=title, authors=authors, **facts)


@pytest.fixture
def corpus(app):
    records = [
        paper(1, doi="10.1000/1", venue="A", published="2020-01-01"),
        paper(2, arxiv_id="2603.00002", published="2026-01"),
        paper(3, authors_truncated=True, published="2020"),
        paper(4),
    ]
    import_records(app, "a library", records, newly_added=True)
    return app.store


def due(store, which: Which, holding: Holding | None = HOLDING) -> list[int]:
    with store.reading() as session:
        return list(papers_due(session, "asking", ("openalex",), which, holding))


def ask(store, days_ago: int, *ids: int) -> None:
    with store.writing() as session:
        mark_asked(session, "asking", ids, TODAY - dt.timedelta(days=days_ago))


def test_each_question_concerns_the_papers_that_it_can_be_asked_about(corpus):
    assert due(corpus, "with DOI") == [1]
    assert due(corpus, "with arXiv id") == [2]
    assert due(corpus, "with id") == [1, 2]
    assert due(corpus, "without id") == [3, 4]
    assert due(corpus, "without DOI") == [3, 2, 4]
    assert due(corpus, "without arXiv id") == [3, 1, 4]


def test_what_was_asked_holds_for_a_while_and_shorter_for_young_papers_without_a_venue(corpus):
    ask(corpus, 31, 1, 2)
    assert due(corpus, "with id") == [2]
    ask(corpus, 91, 1)
    assert due(corpus, "with id") == [1, 2]
    ask(corpus, 0, 1, 2)
    assert due(corpus, "with id") == []
    assert due(corpus, "with id", None) == [1, 2]


def test_the_longest_ago_comes_first_after_those_never_asked(corpus):
    ask(corpus, 100, 3)
    ask(corpus, 200, 1)
    assert due(corpus, "without arXiv id") == [4, 1, 3]
    assert due(corpus, "without arXiv id", None) == [4, 1, 3]


def test_what_was_said_on_an_unknown_day_is_due_behind_what_was_never_said(app, corpus):
    import_records(
        app,
        "a source",
        [paper(1, doi="10.1000/1").model_copy(update={"source": "openalex"})],
        newly_added=True,
    )
    assert due(corpus, "with id") == [2]
    with corpus.writing() as session:
        mark_read(session, [("openalex", "Z1")], None)
    assert due(corpus, "with id") == [2, 1]


def test_asked_again_moves_its_day_and_papers_that_are_gone_are_left_out(corpus):
    ask(corpus, 200, 1, 99)
    ask(corpus, 0, 1)
    assert due(corpus, "with DOI") == []
    with corpus.reading() as session:
        rows = papers_asked_about(session, [3, 99, 1])
    assert [(row.id, row.title, row.doi) for row in rows] == [
        (3, "Matter 3", None),
        (1, "Matter 1", "10.1000/1"),
    ]
