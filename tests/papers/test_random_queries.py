from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import App
from tests.apps import close_app, shipped_app
from tests.drills.queries import ODD, PIECES, check, random_queries

QUERIES = 1_000

pieces = st.sampled_from([piece.replace("_", " ") for piece in PIECES])
queries = st.lists(st.one_of(pieces, st.text(max_size=12), st.text(ODD, max_size=5)), max_size=8).map(
    " ".join
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = shipped_app(tmp_path_factory.mktemp("random") / "data")
    yield app
    close_app(app)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_no_query_is_wrong_and_every_result_matches(app: App, query: str):
    check(app, query)


def test_random_queries_are_answered_and_every_result_matches(app: App):
    answers = [check(app, query) for query in islice(random_queries(20260315), QUERIES)]
    found = [answer for answer in answers if answer is not None and answer.paper_ids]
    assert len(found) > QUERIES // 5
