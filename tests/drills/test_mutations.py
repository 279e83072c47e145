"""The drill of damaged files in short."""

from __future__ import annotations

import pytest

from tests.drills.mutations import ENTRIES, drill


@pytest.mark.parametrize("name", ENTRIES)
def test_what_stands_around_damage_comes_in_or_the_report_says_so(name: str):
    report = drill(name, 150, seed=1)
    assert report.faults == []
    assert report.read > 15
