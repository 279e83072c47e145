"""The cluster drill in short, and that it notices when a rule is broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.drills.cluster import Plan, drill


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.remove()


def test_nothing_is_lost_doubled_or_unanswered_whatever_is_killed_cut_off_or_promoted(cluster: Cluster):
    plan = Plan(
        posts=40,
        interactions=12,
        shards=4,
        at_once=1,
        channels=2,
        every=0.6,
        allowed=0.5,
        renewed=0.5,
        steady=3.0,
        pause=(0.2, 1.0),
        troubles=("kill", "cut", "promotion"),
        elsewhere=0,
    )
    report = drill(plan, cluster)

    assert (report.posts, report.asked) == (40, 12)
    assert (report.lost, report.doubled, report.unanswered) == (0, 0, 0)
    assert report.troubles.keys() == {"kill", "cut", "promotion"}
    assert report.closest >= 0.5


def test_without_the_gate_sessions_begin_too_close_to_each_other(cluster: Cluster):
    plan = Plan(0, 0, shards=3, at_once=1, channels=2, renewed=0.5, troubles=(), without_gate=True)
    assert drill(plan, cluster).too_close > 0


def test_without_leases_interactions_are_answered_by_more_than_one_process(cluster: Cluster):
    plan = Plan(
        0, 2, processes=2, shards=1, channels=2, every=0.6, renewed=0.5, troubles=(), without_leases=True
    )
    assert drill(plan, cluster).doubled == 2
