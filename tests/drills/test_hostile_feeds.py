"""The drill of hostile answers in short: one of each kind."""

from __future__ import annotations

from tests.drills.hostile_feeds import HARMS, drill


def test_one_hostile_answer_of_each_kind_is_bounded_and_named_and_loses_nothing():
    report = drill(len(HARMS), seed=3, limits=(0.05, 2**18))
    assert report.faults == []
    assert set(report.checks) == set(HARMS)
    assert report.named > 8
