"""The crash drill in short, and that it notices when a rule is broken."""

from __future__ import annotations

import pytest

from tests.drills.crash import Plan, drill

QUICK = (503, 429, "reset", "page")
"""discord.py waits for seconds after the others."""


def test_nothing_is_lost_or_doubled_however_often_the_announcer_is_killed():
    report = drill(Plan(posts=60, kills=4, longest_life=0.3, kinds=QUICK))

    assert (report.posts, report.kills, report.lost, report.doubled) == (60, 4, 0, 0)
    assert report.while_sending > 0


@pytest.mark.parametrize(
    ("broken", "pause"),
    [
        # Discord would still know the nonce: without one, the next try makes a second message.
        ("without_nonce", 20.0),
        # Discord has forgotten it: only the ledger tells that there was an attempt to look for.
        ("record_after_post", 400.0),
    ],
)
def test_a_broken_rule_is_noticed(broken: str, pause: float):
    report = drill(Plan(posts=60, kills=4, kinds=QUICK, pauses=(pause,), **{broken: True}))

    assert report.doubled > 0
