from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import App
from bot.papers.results import SearchAnswer, SearchRequest
from bot.papers.saved_searches import count_of_person, forget_person, keep, purge_expired, stored_page
from bot.search.query import Sort
from bot.store.models import StoredSearch
from tests.apps import close_app, open_app

NOON = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
ANSWER = SearchAnswer(
    request=SearchRequest(query="graph", code=True, sort=Sort.NEWEST),
    reading="graph · with code",
    total=2,
    partial=1,
    did_you_mean=None,
    variants=("graphs",),
    paper_ids=(3, 1, 2),
    complete_shown=2,
    took_ms=1.5,
)


@pytest.fixture
def app(tmp_path: Path):
    app = open_app(tmp_path, lambda: NOON)
    yield app
    close_app(app)


def later(app: App, **time: float) -> App:
    return replace(app, clock=lambda: NOON + dt.timedelta(**time))


def test_an_answer_comes_back_as_it_was(app):
    stored = stored_page(app, keep(app, ANSWER, 7), 1)
    assert stored is not None
    assert stored.asker_id == 7
    assert stored.page.answer == ANSWER


def test_a_stored_answer_keeps_its_keys(app):
    """Rows that earlier versions wrote have them, and are loaded."""
    search_id = keep(app, ANSWER, 7)
    with app.store.reading() as session:
        row = session.get_one(StoredSearch, search_id)
        assert row.answer == {
            "reading": "graph · with code",
            "total": 2,
            "partial": 1,
            "did_you_mean": None,
            "forgiven": ["graphs"],
            "paper_ids": [3, 1, 2],
            "complete_shown": 2,
            "took_ms": 1.5,
            "corrected": 0,
            "corrected_from": 0,
            "corrected_until": 0,
            "by_meaning": [],
            "incomplete": False,
        }
        assert row.request == {
            "query": "graph",
            "field": None,
            "author": None,
            "since": None,
            "until": None,
            "code": True,
            "sort": "newest",
        }


def test_ids_are_short_and_differ(app):
    ids = {keep(app, ANSWER, 7) for _ in range(20)}
    assert len(ids) == 20
    assert {len(search_id) for search_id in ids} == {12}


def test_an_unknown_id_has_no_page(app):
    assert stored_page(app, "AAAAAAAAAAAA", 1) is None


def test_a_search_lives_for_30_days(app):
    search_id = keep(app, ANSWER, 7)
    assert stored_page(later(app, days=29, hours=23), search_id, 1) is not None
    assert stored_page(later(app, days=30, seconds=1), search_id, 1) is None


def test_what_has_expired_is_deleted_and_the_rest_stays(app):
    keep(app, ANSWER, 7)
    keep(later(app, days=10), ANSWER, 7)
    assert purge_expired(later(app, days=31)) == 1
    assert count_of_person(app, 7) == 1
    assert purge_expired(later(app, days=31)) == 0


def test_a_person_is_forgotten_and_no_one_else(app):
    keep(app, ANSWER, 7)
    keep(app, ANSWER, 7)
    other = keep(app, ANSWER, 8)
    assert forget_person(app, 7) == 2
    assert forget_person(app, 7) == 0
    assert count_of_person(app, 7) == 0
    assert stored_page(app, other, 1) is not None
