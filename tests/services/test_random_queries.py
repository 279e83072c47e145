from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import Desk
from tests.drills.queries import ODD, PIECES, check, random_queries
from tests.search.desks import close, shipped_desk

QUERIES = 1_000

pieces = st.sampled_from([piece.replace("_", " ") for piece in PIECES])
queries = st.lists(st.one_of(pieces, st.text(max_size=12), st.text(ODD, max_size=5)), max_size=8).map(
    " ".join
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = shipped_desk(tmp_path_factory.mktemp("random") / "data")
    yield desk
    close(desk)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_no_query_is_wrong_and_every_result_matches(desk: Desk, query: str):
    check(desk, query)


def test_random_queries_are_answered_and_every_result_matches(desk: Desk):
    answers = [check(desk, query) for query in islice(random_queries(20260315), QUERIES)]
    found = [answer for answer in answers if answer is not None and answer.paper_ids]
    assert len(found) > QUERIES // 5
