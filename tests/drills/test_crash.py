"""The crash drill in short, and that it notices when a rule is broken."""

from __future__ import annotations

import pytest

from tests.drills.crash import Plan, drill

QUICK = (503, 429, "reset")
"""discord.py waits for seconds after the others."""


def test_nothing_is_lost_or_doubled_however_often_the_announcer_is_killed():
    report = drill(Plan(posts=60, kills=4, longest_life=0.3, kinds=QUICK))

    assert (report.posts, report.kills, report.lost, report.doubled) == (60, 4, 0, 0)
    assert report.while_sending > 0


@pytest.mark.parametrize("broken", ["--without-nonce", "--record-after-post"])
def test_a_broken_rule_is_noticed(broken: str):
    # Slow answers, so that some are always outstanding; pauses after which no nonce is remembered.
    plan = Plan(
        posts=100,
        kills=4,
        longest_life=0.3,
        faults=30.0,
        kinds=QUICK,
        slowest=0.2,
        pauses=(20.0, 400.0, 400.0),
        flags=(broken,),
    )

    report = drill(plan)

    assert report.doubled > 0
