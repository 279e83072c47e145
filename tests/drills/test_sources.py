"""The drill of sources in short, and that it notices when a rule is broken."""

from __future__ import annotations

from tests.drills.sources import FINISHING, SOURCES, WRITING, Plan, drill

WAVES = (60, 420, 20)


def test_following_sources_loses_and_doubles_nothing_however_often_it_is_killed():
    report = drill(Plan(7, WAVES))

    assert (report.papers, report.announced) == (500, 440)
    assert report.kills.total() > 3
    assert report.is_right, report


def test_papers_of_a_killed_check_that_nobody_is_told_of_are_noticed():
    # Whether a kill strikes an import of news is chance; that none of fifty does is none.
    plans = (Plan(12, WAVES, seed=seed, moments=(FINISHING,), forget_cut_off=True) for seed in range(1, 6))

    assert any(drill(plan).lost > 0 for plan in plans)


def test_a_place_that_is_written_before_its_papers_is_noticed():
    # One source alone, so that no other brings what it lost; an overlap of checks heals what is near the top.
    report = drill(Plan(4, (700,), sources=SOURCES[:1], moments=(WRITING,), place_before_papers=True))

    assert report.differences > 0
