"""The crash drill in short, and that it notices when a rule is broken."""

from __future__ import annotations

import pytest

from bot.store import withdrawal
from tests.drills.crash import Plan, drill

QUICK = (503, 429, "reset", "page")
"""discord.py waits for seconds after the others."""


def test_nothing_is_lost_doubled_or_unwanted_whatever_people_do_while_the_announcer_is_killed():
    report = drill(Plan(posts=60, kills=5, longest_life=0.3, kinds=QUICK))

    assert (report.posts, report.kills) == (60, 5)
    assert (report.lost, report.doubled, report.unwanted, report.unpublished) == (0, 0, 0, 0)
    assert report.wrong_votes == 0
    assert report.done["event deleted"] == report.done["meeting skipped"] == 2
    assert report.done
    assert report.while_sending > 0
    assert report.done["cited"] > 0


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


def test_what_nobody_withdraws_is_noticed_as_unwanted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(withdrawal, "withdraw_from_subscription", lambda *_: None)

    report = drill(Plan(posts=60, kills=8, kinds=QUICK, actions=16))

    assert report.unwanted > 0
