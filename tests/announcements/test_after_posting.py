"""What follows a post: edits in place, files from the inbox, restores, statuses, reasons."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any

import pytest

from bot.announcements import edits, status, subscriptions
from bot.announcements.edits import Editor
from bot.announcements.guilds import look_after_guilds, restore_guild, suspend_guild
from bot.announcements.results import Filters, Frequency, Schedule
from bot.errors import RefusedError
from bot.ingest.inbox import Inbox
from bot.store.backup import back_up, restore
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office, papers, write_papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of


async def edit_round(office: Office) -> None:
    assert office.lease.take()
    Editor(office.app, office.lease, compose).plan_edits()
    await office.round()


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ({"has_code": True}, "· Code"),
        ({"score": 75.3}, "75.3"),
        ({"title": "Decentralized learning, corrected"}, "Decentralized learning, corrected"),
        ({"venue": "ICML 2026"}, "ICML 2026"),
    ],
)
@pytest.mark.parametrize("together", [1, 7])
async def test_what_changed_of_a_paper_is_shown_in_place_and_posts_nothing(
    office: Office, news: dict[str, Any], words: str, together: int
):
    office.subscribe(1)
    records = papers(together)
    office.bring(records)
    await office.settle()
    before = [(message["id"], text_of(message)) for message in office.discord.visible(1)]

    office.bring([{**records[-1], **news}])
    for _ in range(3):
        await edit_round(office)
        office.clock.move(minutes=1)

    after = office.discord.visible(1)
    assert [message["id"] for message in after] == [message_id for message_id, _ in before]
    assert words not in before[-1][1]
    assert words in text_of(after[-1])
    assert after[-1]["edits"] == 1
    assert after[-1]["allowed_mentions"] == {"parse": [], "roles": []}


async def test_a_withdrawal_is_shown_in_place_months_later_and_told_once(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()
    office.clock.move(days=100)

    office.bring([{**record, "title": f"RETRACTED: {record['title']}"}])
    await edit_round(office)

    message, told = office.discord.visible(1)
    assert "⚠ Retracted" in text_of(message)
    assert message["edits"] == 1
    assert "retracted" in text_of(told)


async def test_a_change_that_the_card_does_not_show_edits_nothing(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()

    office.bring([{**record, "citations": 5}])
    await edit_round(office)
    office.bring([{**record, "abstract": record["abstract"] + " " * 3}])
    await edit_round(office)

    assert office.discord.visible(1)[0]["edits"] == 0
    assert office.scalar("select count(*) from message where kind = 'edit'") == 0


async def test_of_edits_of_one_card_the_last_holds_and_one_row_is_left(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()

    for score in (50.0, 60.0, 90.0):
        office.bring([{**record, "score": score}])
        Editor(office.app, office.lease, compose).plan_edits()
    await edit_round(office)

    (message,) = office.discord.visible(1)
    assert "score 90" in text_of(message)
    assert message["edits"] == 1
    assert office.column("select state from message where kind = 'edit'") == ["sent"]


async def test_a_card_that_a_person_deleted_is_left_alone_for_good(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    (paper,) = office.bring([record])
    await office.settle()
    office.discord.delete(1, office.discord.visible(1)[0]["id"])

    for score in (50.0, 60.0, 90.0):
        office.bring([{**record, "score": score}])
        await edit_round(office)
        office.clock.move(minutes=5)

    assert office.discord.requests["PATCH"] == 1
    assert "A person deleted the message" in status.why(office.app, GUILD, 1, paper).sentence


async def test_a_change_of_very_many_papers_edits_the_newest_cards_at_a_pace(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(edits, "MOST_IN_CHANNEL", 4)
    office.subscribe(1)
    records: list[dict[str, Any]] = []
    for _ in range(3):
        some = papers(5)
        office.bring(some)
        await office.settle()
        records += some
    office.clock.move(days=2)

    office.bring([{**record, "score": 90.0} for record in records])
    done: list[int] = []
    for _ in range(12):
        await edit_round(office)
        done.append(office.discord.requests["PATCH"])
        office.clock.move(seconds=6)

    assert done == [1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4]
    assert [message["edits"] for message in office.discord.visible(1)] == [0] * 11 + [1] * 4


async def test_where_discord_takes_no_more_edits_of_old_cards_they_wait_and_news_goes_on(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()
    office.discord.faults = Script(*[Fault("old edits", Moment.BEFORE)] * 9, method="PATCH")

    office.bring([{**record, "score": 90.0}])
    for _ in range(12):
        await edit_round(office)
        office.clock.move(seconds=610)
        (new,) = office.bring(papers(1))
        await office.round()
        assert office.seen(1)[new] == 1

    assert office.discord.requests["PATCH"] == 10
    assert "score 90" in text_of(office.discord.visible(1)[0])


async def test_an_edit_waits_for_as_long_as_nothing_can_be_sent(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()
    office.away.add(GUILD)
    office.bring([{**record, "has_code": True}])
    for _ in range(12):
        await edit_round(office)
        office.clock.move(hours=1)

    office.away.clear()
    await edit_round(office)

    assert "· Code" in text_of(office.discord.visible(1)[0])


async def test_an_edit_that_discord_refuses_is_dropped(office: Office):
    office.subscribe(1)
    (record,) = papers(1)
    office.bring([record])
    await office.settle()
    office.discord.faults = Script(Fault(404, Moment.BEFORE), method="PATCH")

    office.bring([{**record, "has_code": True}])
    await edit_round(office)

    assert office.column("select state from message order by id") == ["sent", "dropped"]


async def test_files_in_the_inbox_are_read_once_complete(office: Office):
    office.subscribe(1)
    inbox = Inbox(office.app)
    folder = office.app.settings.data_dir / "inbox"
    folder.mkdir()
    good = write_papers(office.app, papers(1), "inbox/good.jsonl")
    bad = folder / "bad.jsonl"
    bad.write_text('{"id": "x"}\n')
    (folder / "coming.jsonl.part").write_text("{")

    assert inbox.import_ready_files() == 0
    assert inbox.import_ready_files() == 0
    for path in (good, bad):
        os.utime(path, (time.time() - 10, time.time() - 10))
    assert inbox.import_ready_files() == 0
    assert inbox.import_ready_files() == 2
    await office.settle()

    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "coming.jsonl.part",
        "done/good.jsonl",
        "refused/bad.jsonl",
        "refused/bad.jsonl.reason.txt",
    ]
    assert "line 1" in (folder / "refused" / "bad.jsonl.reason.txt").read_text()
    assert len(office.discord.visible(1)) == 1


async def test_status_is_proof_of_delivery(office: Office):
    subscription = office.subscribe(1)
    office.bring(papers(2))
    await office.settle()

    (one,) = status.subscription_status(office.app, GUILD)
    newest = office.discord.visible(1)[-1]["id"]
    assert (one.new, one.sent, one.waiting, one.held, one.failed) == (2, 2, 0, 0, 0)
    assert one.last_post.url == f"https://discord.com/channels/{GUILD}/1/{newest}"
    status.record_run(office.app, office.lease)
    whole = status.announcer_status(office.app)
    assert (whole.planned, whole.sent, whole.held, whole.failed) == (0, 2, 0, 0)
    assert str(os.getpid()) in whole.lease
    assert abs((whole.last_run - office.clock()).total_seconds()) < 10
    assert subscription.id == one.subscription.id


async def test_why_tells_what_became_of_a_paper(office: Office):
    (old,) = office.bring(papers(1))
    office.subscribe(1, Filters(query="gossip"))
    office.digest(1, Schedule(Frequency.WEEKLY, day=2, at="10:00"), Filters(query="learning"))
    (new,) = office.bring(papers(1, title="Gossip algorithms"))
    (other,) = office.bring(papers(1))
    await office.settle()

    def reasons(paper: int) -> list[str]:
        return [reason.sentence for reason in status.why(office.app, GUILD, 1, paper).reasons]

    assert status.why(office.app, GUILD, 1, new).sentence == "It was posted here."
    assert reasons(new)[0] == "It matches."
    assert reasons(old)[1].startswith("It matches, and was known already")
    assert reasons(other)[0] == "It does not match."
    assert reasons(other)[1].startswith("It matches, and waits for the digest at")
    with pytest.raises(RefusedError):
        status.why(office.app, GUILD, 1, 10**6)


async def test_a_held_message_is_posted_when_a_person_says_so(office: Office):
    office.subscribe(1)
    office.discord.channels["1"].may_read_history = False
    (paper,) = office.bring(papers(1))
    office.discord.faults = Script(Fault("reset", Moment.BEFORE))
    await office.round()
    office.clock.move(hours=1)
    await office.settle()
    (held,) = status.held_messages(office.app, GUILD)
    assert held.papers == (paper,)

    status.retry_held(office.app, GUILD, held.id)
    await office.settle()

    assert office.seen(1) == {paper: 1}
    with pytest.raises(RefusedError):
        status.retry_held(office.app, GUILD, held.id)
    with pytest.raises(RefusedError):
        status.retry_held(office.app, GUILD + 1, held.id)


async def test_what_came_while_a_subscription_was_paused_is_not_posted(office: Office):
    one = office.subscribe(1)
    office.bring(papers(1))
    office.planner.plan_due()
    subscriptions.pause(office.app, GUILD, one.id)
    office.bring(papers(2))
    await office.settle()
    assert office.discord.visible(1) == []

    subscriptions.resume(office.app, GUILD, one.id)
    ids = office.bring(papers(1))
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)


async def test_what_a_removed_subscription_left_is_told_to_another_of_the_channel(office: Office):
    office.digest(1, Schedule(Frequency.DAILY, at="09:00"))
    one = office.subscribe(1)
    (paper,) = office.bring(papers(1))
    office.planner.plan_due()
    subscriptions.remove(office.app, GUILD, one.id)
    await office.round()
    assert office.discord.visible(1) == []

    office.clock.move(days=1)
    await office.settle()

    assert office.seen(1) == {paper: 1}


async def test_a_subscription_that_cannot_be_is_refused_with_the_reason(office: Office):
    office.subscribe(1)
    for options, word in (
        ({"schedule": Schedule(Frequency.DAILY, timezone="Berlin")}, "timezone"),
        ({"schedule": Schedule(Frequency.DAILY, at="25:00")}, "at"),
        ({"schedule": Schedule(Frequency.WEEKLY, day=9)}, "day"),
        ({"filters": Filters(query="…")}, "query"),
        ({}, "already"),
    ):
        with pytest.raises(RefusedError, match=word):
            office.subscribe(1, **options)


async def test_a_server_missing_for_thirty_days_is_purged(office: Office):
    office.subscribe(1)
    look_after_guilds(office.app, present=set())
    office.bring(papers(1))
    await office.settle(rounds=3)
    assert office.discord.visible(1) == []

    office.clock.move(days=29)
    look_after_guilds(office.app, present=set())
    assert subscriptions.list_all(office.app, GUILD)
    office.clock.move(days=2)
    look_after_guilds(office.app, present=set())

    assert not subscriptions.list_all(office.app, GUILD)


async def test_what_is_added_by_an_import_that_has_not_ended_is_not_new_yet(office: Office):
    office.subscribe(1)
    office.bring(papers(1))
    with office.app.store.writing() as session:
        from sqlalchemy import text

        session.execute(text("update corpus_import set finished_revision = null"))

    await office.settle(rounds=2)

    assert office.discord.visible(1) == []


async def test_a_database_restored_to_an_earlier_state_posts_nothing_twice(office: Office):
    def copy(source: str, target: str) -> None:
        folder = office.app.settings.data_dir
        office.app.store.close()
        with sqlite3.connect(folder / source) as old, sqlite3.connect(folder / target) as new:
            old.backup(new)
        old.close()
        new.close()

    office.subscribe(1)
    waiting = papers(7)
    told_later = papers(2)
    office.bring(waiting[:2])
    copy("papercord.db", "backup.db")
    await office.settle()
    office.bring(waiting[2:3])
    office.bring(told_later)
    await office.settle()
    assert len(office.discord.visible(1)) == 5

    copy("backup.db", "papercord.db")
    office.restart()
    # The same papers come again, in another order and with others between them, under other ids.
    office.bring([*waiting[3:], *told_later[:1]])
    await office.settle()
    office.bring([told_later[1], waiting[2]])
    await office.settle()

    told = text_of_all(office)
    for record in (*waiting, *told_later):
        assert told.count(f"{record['title']}\n") + told.count(f"{record['title']}**") == 1
    assert office.states().keys() <= {"sent", "dropped"}


async def test_what_a_restored_database_believes_to_be_planned_is_not_posted_again(office: Office):
    office.subscribe(1)
    ids = office.bring(papers(3))
    assert office.lease.take()
    assert office.planner.plan_due() == 3
    folder = office.app.settings.data_dir
    back_up(office.app.store, folder / "backup.db")
    await office.settle()
    assert office.seen(1) == dict.fromkeys(ids, 1)

    office.clock.move(hours=2)  # Discord has forgotten the nonces
    office.lease.release()
    restore(office.app.store, folder / "backup.db", office.clock(), replace=True)
    office.restart()
    await office.settle()

    assert office.seen(1) == dict.fromkeys(ids, 1)
    assert office.states() == {"sent": 3}


def text_of_all(office: Office) -> str:
    return "\n".join(text_of(message) for message in office.discord.visible(1))


async def test_what_is_planned_when_the_bot_is_removed_is_posted_once_it_is_back(office: Office):
    office.subscribe(1)
    office.digest(2, Schedule(Frequency.DAILY, at="09:00"))
    ids = office.bring(papers(2))
    office.clock.move(days=1)
    assert office.lease.take()
    assert office.planner.plan_due() == 3
    suspend_guild(office.app, GUILD)
    ids += office.bring(papers(1))
    await office.settle(rounds=3)
    assert not office.discord.requests["POST"]

    office.clock.move(days=20)
    look_after_guilds(office.app, present=set())
    restore_guild(office.app, GUILD)
    await office.settle()

    for channel in (1, 2):
        assert office.seen(channel) == dict.fromkeys(ids, 1)
