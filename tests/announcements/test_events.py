"""What becomes of known papers: each channel that was told of one hears of it once, with its notice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.announcements import guilds, status, subscriptions
from bot.announcements.results import Filters, Frequency, Schedule
from bot.corpus.events import EventKind, events_between
from bot.corpus.merge import merge
from bot.corpus.paper import Mention, Notice, NoticeKind
from bot.errors import RefusedError
from bot.ingest.importer import import_records
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.reading import text_of
from tests.sources.test_precedence import record

# fixtures
from tests.announcements.test_withdrawing import app  # noqa: F401  # isort: skip

RETRACTIONS = Filters(retractions=True)


def notice(kind: str = "retracted", day: str = "2026-02-03") -> dict[str, Any]:
    return {"kind": kind, "day": day, "url": "https://doi.org/10.1000/notice"}


def say(office: Office, records: list[dict[str, Any]], *notices: dict[str, Any]) -> None:
    for one in records:
        one["notices"] = list(notices)
    assert office.bring(records) == []


async def test_a_channel_that_was_told_of_a_paper_hears_once_that_it_was_retracted(office: Office):
    office.subscribe(1)
    other = office.subscribe(2, Filters(query="gossip"))
    office.subscribe(3, RETRACTIONS, role_id=7)
    old = papers(1)
    office.bring([one | {"notices": [notice()]} for one in papers(1)])  # it was so when it came: no event
    office.bring(old)
    await office.settle()
    assert (len(office.discord.visible(1)), office.discord.visible(2), office.discord.visible(3)) == (
        2,
        [],
        [],
    )

    say(office, old, notice("concern"))
    await office.settle()
    *_, told = office.discord.visible(1)
    assert "A known paper was given an expression of concern" in text_of(told)
    (first,) = office.discord.visible(3)
    assert "<@&7>" in text_of(first)
    assert first["allowed_mentions"]["roles"] == ["7"]

    say(office, old, notice(), notice("concern"))
    await office.settle()
    *_, told = office.discord.visible(1)
    words = text_of(told)
    assert "### A known paper was retracted" in words
    assert "**⚠ Retracted** 3 Feb 2026 (" in words
    assert "[notice](https://doi.org/10.1000/notice)" in words
    assert f"[told here before](https://discord.com/channels/{GUILD}/1/" in words
    assert told["allowed_mentions"]["roles"] == []

    # Nothing of it is told again: not the lesser, not what was taken back and said anew.
    say(office, old)
    say(office, old, notice(), notice("corrected"))
    await office.settle()
    office.restart()
    await office.settle()
    assert [len(office.discord.visible(channel)) for channel in (1, 2, 3)] == [4, 0, 2]
    (shown,) = (
        one for one in status.subscription_status(office.app, GUILD) if one.subscription.filters.retractions
    )
    assert (shown.new, shown.sent) == (1, 1)
    subscriptions.remove(office.app, GUILD, other.id)


async def test_a_digest_tells_of_it_when_it_is_due_and_what_is_paused_does_not(office: Office):
    weekly = Schedule(Frequency.WEEKLY, day=0, at="09:00")
    office.digest(1, weekly, Filters(query="decentralized", retractions=True))
    paused = office.subscribe(2, RETRACTIONS)
    office.subscribe(3, Filters(author="Nobody Atall", retractions=True))
    records = papers(12)
    office.bring(records)
    subscriptions.pause(office.app, GUILD, paused.id)
    say(office, records, notice())
    await office.settle()
    assert office.discord.visible(1) == []
    subscriptions.resume(office.app, GUILD, paused.id)
    office.clock.move(days=8)
    await office.settle()
    first, second = office.discord.visible(1)
    assert "### 12 known papers were retracted (1 of 2)" in text_of(first)
    assert text_of(first).count("[notice]") == 10
    assert text_of(second).count("[notice]") == 2
    assert office.discord.visible(2) == office.discord.visible(3) == []
    office.clock.move(days=8)
    await office.settle()
    assert len(office.discord.visible(1)) == 2


async def test_a_forum_and_a_process_that_ends_in_between_hear_of_it_once(office: Office):
    office.subscribe(1)
    records = papers(1)
    office.bring(records)
    await office.settle()
    say(office, records, notice())
    office.events.plan()
    office.restart()  # it was planned, and nothing was posted
    office.events.plan()
    await office.settle()
    assert len(office.discord.visible(1)) == 2


@pytest.mark.parametrize("change", ["remove", "pause", "role"])
async def test_what_is_planned_is_withdrawn_with_its_subscription_and_stays_for_others(
    office: Office, change: str
):
    one = office.subscribe(1, Filters(query="decentralized", retractions=True), role_id=7)
    other = office.subscribe(1, Filters(author="Pan Pan", retractions=True))
    office.subscribe(2, RETRACTIONS)
    records = papers(2)
    records[1]["authors"] = ["Ada Example"]
    office.bring(records)
    say(office, records, notice())
    office.discord.channels["1"].may_send = False
    await office.round()
    office.discord.channels["1"].may_send = True

    match change:
        case "remove":
            subscriptions.remove(office.app, GUILD, one.id)
        case "pause":
            subscriptions.pause(office.app, GUILD, one.id)
        case _:
            roles = subscriptions.pinged_roles(office.app, GUILD)
            subscriptions.record_roles(office.app, dict.fromkeys(roles, "it was deleted"))
    office.clock.move(hours=1)
    await office.settle()

    (message,) = office.discord.visible(1)
    told = 2 if change == "role" else 1
    assert text_of(message).count("[notice]") == told
    assert message["allowed_mentions"]["roles"] == []
    assert len(office.discord.visible(2)) == 1
    if change == "pause":
        subscriptions.resume(office.app, GUILD, one.id)
    subscriptions.remove(office.app, GUILD, other.id)
    await office.settle()
    assert len(office.discord.visible(1)) == 1


async def test_who_would_have_heard_by_a_message_that_is_withdrawn_still_hears(office: Office):
    one = office.subscribe(1, RETRACTIONS)
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"), RETRACTIONS)
    records = papers(1)
    office.bring(records)
    say(office, records, notice())
    office.discord.channels["1"].may_send = False
    await office.round()
    office.clock.move(days=1)
    office.discord.channels["1"].may_send = True
    office.accepting = False
    await office.round()  # the digest finds that the other's message is on its way
    subscriptions.remove(office.app, GUILD, one.id)
    office.accepting = True
    await office.settle()
    (message,) = office.discord.visible(1)
    assert "A known paper was retracted" in text_of(message)


async def test_what_happened_while_a_person_had_paused_is_not_shown_and_what_while_the_bot_was_away_is(
    office: Office,
):
    one = office.subscribe(1)
    office.subscribe(2)
    records = papers(2)
    office.bring(records)
    await office.settle()
    subscriptions.pause(office.app, GUILD, one.id)
    guilds.suspend_guild(office.app, GUILD)
    say(office, records[:1], notice())
    subscriptions.resume(office.app, GUILD, one.id)
    await office.settle()
    assert [len(office.discord.visible(channel)) for channel in (1, 2)] == [2, 2]
    guilds.restore_guild(office.app, GUILD)
    say(office, records[1:], notice())
    await office.settle()
    first, second = (list(map(text_of, office.discord.visible(channel)[2:])) for channel in (1, 2))
    assert ["A known paper was retracted" in words for words in first] == [True]
    assert ["2 known papers were retracted" in words for words in second] == [True]


async def test_what_a_digest_missed_comes_right_after_it(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"), Filters(retractions=True))
    records = papers(1)
    office.bring(records)
    say(office, records, notice())
    assert office.lease.take()
    office.events.plan()
    office.clock.move(days=1)
    assert office.lease.take()
    office.planner.plan_due()  # the digest runs, and planning events failed before
    await office.settle()
    assert len(office.discord.visible(1)) == 1


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ((), ("corrected",), ["corrected"]),
        (("corrected",), ("corrected", "retracted"), ["retracted"]),
        (("retracted",), ("retracted", "withdrawn"), []),
        (("retracted",), (), []),
        (("concern",), ("concern",), []),
    ],
)
def test_only_what_is_graver_than_before_is_an_event(before: list[str], after: list[str], events: list[str]):
    def paper(kinds: list[str]) -> Any:
        notices = tuple(Notice(kind=NoticeKind(kind), source="crossref") for kind in kinds)
        return merge([record("crossref", "10.1000/1", notices=notices)])

    assert events_between(paper(before), paper(after)) == tuple(map(EventKind, events))


async def test_what_a_provider_says_of_a_known_paper_is_an_event(office: Office):
    said = Notice(kind=NoticeKind.RETRACTED, source="crossref")
    import_records(office.app, "a", [record("crossref", "10.1000/1", doi="10.1000/1")], newly_added=False)
    import_records(
        office.app,
        "a",
        [record("crossref", "10.1000/1", doi="10.1000/1", notices=(said,))],
        newly_added=False,
    )
    assert office.column("select kind from paper_event") == ["retracted"]


async def test_that_a_preprint_was_published_is_heard_by_who_follows_its_author_so(office: Office):
    office.clock.now = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    office.subscribe(1, Filters(author="Pan Pan", published=True))
    office.subscribe(2, Filters(author="Pan Pan"))
    preprint = {
        "published": "2026-03-03",
        "authors": (Mention(name="Pan Pan"),),
    }
    for number in (1, 2):
        said = record(
            "arxiv api",
            f"260{number}.00001",
            arxiv_id=f"260{number}.00001",
            title=f"Knots {number}",
            **preprint,
        )
        import_records(office.app, "a", [said], newly_added=True)
    await office.settle()
    assert (len(office.discord.visible(1)), len(office.discord.visible(2))) == (2, 2)
    for number, day in ((1, "2026-08-07"), (2, "2026-03-20")):  # that was so before anybody asked
        said = record(
            "crossref",
            f"10.1000/{number}",
            doi=f"10.1000/{number}",
            arxiv_id=f"260{number}.00001",
            title=f"Knots {number}",
            authors=(Mention(name="Pan Pan"),),
            venue="Journal of Knots",
            published=day,
        )
        import_records(office.app, "b", [said], newly_added=False)
    await office.settle()
    *_, message = office.discord.visible(1)
    words = text_of(message)
    assert "### A known preprint was published" in words
    assert (
        "preprint 3 Mar 2026, published in Journal of Knots 7 Aug 2026 (Crossref, read 1 Apr 2026)" in words
    )
    assert (len(office.discord.visible(1)), len(office.discord.visible(2))) == (3, 2)
    with pytest.raises(RefusedError, match="goes with author"):
        office.subscribe(3, Filters(published=True))
