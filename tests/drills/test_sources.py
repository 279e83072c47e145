"""The drill of sources in short, and that it notices when a rule is broken."""

from __future__ import annotations

from tests.drills.other_providers import OTHER_SOURCES
from tests.drills.sources import FINISHING, SOURCES, WRITING, Plan, drill

WAVES = (60, 420, 20)
FEW = SOURCES[:3]
"""Two providers, one of them asked twice."""


def test_following_sources_loses_and_doubles_nothing_however_often_it_is_killed():
    report = drill(Plan(7, WAVES, sources=FEW))

    assert (report.papers, report.announced) == (500, 440)
    assert report.kills.total() > 3
    assert report.is_right, report


def test_the_same_papers_from_every_kind_of_source_are_one_and_announced_once():
    report = drill(Plan(2, (20, 8), sources=(SOURCES[0], *OTHER_SOURCES), moments=("",), faults=0.02))

    assert (report.papers, report.announced) == (28, 8)
    assert report.is_right, report


def test_papers_of_a_killed_check_that_nobody_is_told_of_are_noticed():
    # Of pages of 200 the repository's are written in two steps. Whether a kill strikes between those of news
    # is chance; that none of fifty does is none.
    two = (SOURCES[0], next(one for one in OTHER_SOURCES if one[0] == "oai repository"))
    plans = (
        Plan(12, WAVES, seed=seed, sources=two, moments=(FINISHING,), forget_cut_off=True)
        for seed in range(1, 6)
    )

    assert any(drill(plan).lost > 0 for plan in plans)


def test_a_place_that_is_written_before_its_papers_is_noticed():
    # One source alone, so that no other brings what it lost; an overlap of checks heals what is near the top.
    report = drill(Plan(4, (700,), sources=SOURCES[:1], moments=(WRITING,), place_before_papers=True))

    assert report.differences > 0
