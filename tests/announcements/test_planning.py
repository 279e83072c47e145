"""What is to be posted, as a pure decision."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.announcements.matcher import Candidate, plan_messages
from bot.announcements.results import MessageKind

PAPERS = st.integers(1, 250)


def wish(
    number: int, matched, *, digest: bool = False, role: int | None = None, thread: bool = False
) -> Candidate:
    return Candidate(number, f"wish {number}", digest, role, thread, f"/papers query:{number}", list(matched))


def decide(wishes, delivered=()):
    place = {paper: paper for paper in range(1, 251)}
    rank = {paper: (float(paper % 7), paper) for paper in place}
    return plan_messages(wishes, set(delivered), place, rank)


@given(
    st.lists(st.tuples(st.sets(PAPERS, max_size=250), st.booleans()), max_size=4),
    st.sets(PAPERS, max_size=30),
)
def test_every_wanted_paper_is_delivered_once_and_no_other(wanted, delivered):
    messages = decide([wish(number, m, digest=d) for number, (m, d) in enumerate(wanted)], delivered)

    told = Counter(paper for message in messages for paper in message.delivers)
    assert told == dict.fromkeys(set().union(*(m for m, _ in wanted)) - delivered, 1)
    for message in messages:
        shown = message.spec.papers
        assert message.delivers[: len(shown)] == shown
        assert 1 <= len(shown) <= 10
        assert len(message.delivers) == len(shown) or message.spec.kind is MessageKind.FLOOD
        assert set(message.spec.matched) == set(shown)


def test_up_to_five_papers_are_cards_more_are_groups_of_ten():
    assert [m.spec.kind for m in decide([wish(1, range(1, 6))])] == [MessageKind.CARD] * 5
    groups = decide([wish(1, range(1, 24))])
    assert [(m.spec.kind, len(m.spec.papers), m.spec.part, m.spec.parts, m.spec.total) for m in groups] == [
        (MessageKind.GROUP, 10, 1, 3, 23),
        (MessageKind.GROUP, 10, 2, 3, 23),
        (MessageKind.GROUP, 3, 3, 3, 23),
    ]


def test_more_than_a_hundred_are_one_message_with_the_ten_best_by_score_and_newest():
    assert len(decide([wish(1, range(1, 101))])) == 10

    (flood,) = decide([wish(1, range(1, 102))])

    assert flood.spec.kind is MessageKind.FLOOD
    assert flood.spec.total == len(flood.delivers) == 101
    assert flood.spec.papers == (97, 90, 83, 76, 69, 62, 55, 48, 41, 34)
    assert flood.spec.command == "/papers query:1"


def test_two_wishes_for_one_paper_are_both_named():
    (message,) = decide([wish(1, [5]), wish(2, [5])])

    assert message.spec.matched == {5: ("wish 1", "wish 2")}
    assert message.matches == ((1, 5), (2, 5))


def test_a_role_is_pinged_once_for_what_comes_at_once_and_a_thread_opened_once():
    messages = decide(
        [
            wish(1, range(1, 24), role=7, thread=True),
            wish(2, range(1, 3), role=8),
            wish(3, [21], role=9),
            wish(4, range(30, 33), role=7, digest=True),
        ]
    )

    assert [message.spec.roles for message in messages] == [(7, 8), (), (9,), ()]
    assert [message.thread for message in messages] == [True, False, False, False]


def test_five_cards_that_come_together_are_one_ping():
    messages = decide([wish(1, range(1, 6), role=7), wish(2, [4, 5], role=8)])

    assert [message.spec.kind for message in messages] == [MessageKind.CARD] * 5
    assert [message.spec.roles for message in messages] == [(7,), (), (), (8,), ()]
