"""The drill of sources in short, and that it notices when a rule is broken."""

from __future__ import annotations

from tests.drills.sources import FINISHING, SOURCES, WRITING, Plan, drill

WAVES = (60, 420, 20)


def test_following_sources_loses_and_doubles_nothing_however_often_it_is_killed():
    report = drill(Plan(7, WAVES))

    assert (report.papers, report.announced, report.kills.total()) == (500, 440, 7)
    assert report.is_right, report


def test_papers_of_a_killed_check_that_nobody_is_told_of_are_noticed():
    report = drill(Plan(6, WAVES, moments=(FINISHING,), forget_cut_off=True))

    assert report.lost > 0
    assert report.differences == 0


def test_a_place_that_is_written_before_its_papers_is_noticed():
    # One source alone, so that no other brings what it lost; an overlap of checks heals what is near the top.
    report = drill(Plan(4, (700,), sources=SOURCES[:1], moments=(WRITING,), place_before_papers=True))

    assert report.differences > 0
