"""Subscriptions as a file: what comes back of an export, and what becomes of entries that cannot be."""

from __future__ import annotations

import json

import pytest

from bot.announcements import export, subscriptions
from bot.announcements.results import Filters, Frequency, Schedule
from bot.errors import RefusedError
from tests.announcements.announcer import GUILD, Office, papers


async def test_subscriptions_survive_export_and_import(office: Office):
    office.subscribe(1, Filters(query="gossip", author="Pan Pan", min_score=70.5), role_id=8, thread=True)
    office.digest(2, Schedule(Frequency.WEEKLY, 4, "17:30", "Asia/Tokyo"), Filters(code=True))
    document = export.export_subscriptions(office.app, GUILD)

    def may_use(channel_id: int, _role: int | None, _thread: bool) -> str | None:
        return None if channel_id == 2 else "That channel is of another server."

    for each in subscriptions.list_all(office.app, GUILD):
        subscriptions.remove(office.app, GUILD, each.id)
    result = export.import_subscriptions(office.app, GUILD, 5, document, may_use=may_use)

    assert result.refused == ("Entry 1: That channel is of another server.",)
    (back,) = result.added
    assert back.schedule == Schedule(Frequency.WEEKLY, 4, "17:30", "Asia/Tokyo")
    assert back.filters == Filters(code=True)


BROKEN = [
    b"{",
    b"[" * 100_000,
    b"\xff\xfe{",
    b"\xc3(",
    b"[]",
    b" " * (export.MAX_BYTES + 1),
    b'{"papercord_subscriptions": 9, "subscriptions": []}',
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
async def test_a_file_that_is_no_export_is_refused(office: Office, broken: bytes):
    with pytest.raises(RefusedError):
        export.import_subscriptions(office.app, GUILD, 5, broken, may_use=lambda *_: None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_an_export_saved_by_an_editor_is_taken(office: Office, encoding: str):
    office.subscribe(1, Filters(query="Gödel gossip"))
    document = export.export_subscriptions(office.app, GUILD).decode()
    subscriptions.remove(office.app, GUILD, subscriptions.list_all(office.app, GUILD)[0].id)
    mark = "\ufeff" if encoding in {"utf-16-le", "utf-16-be"} else ""
    saved = (mark + document.replace("\n", "\r\n")).encode(encoding)

    result = export.import_subscriptions(office.app, GUILD, 5, saved, may_use=lambda *_: None)

    assert result.refused == ()
    assert [each.filters.query for each in result.added] == ["Gödel gossip"]


async def test_what_is_paused_comes_back_paused_and_old_exports_come_back_active(office: Office):
    first = office.subscribe(1)
    office.subscribe(2)
    subscriptions.pause(office.app, GUILD, first.id)
    document = export.export_subscriptions(office.app, GUILD)
    for each in subscriptions.list_all(office.app, GUILD):
        subscriptions.remove(office.app, GUILD, each.id)

    result = export.import_subscriptions(office.app, GUILD, 5, document, may_use=lambda *_: None)

    assert [(each.channel_id, each.paused) for each in result.added] == [(1, True), (2, False)]
    assert result.added[0].pause_reason == subscriptions.PAUSED_BY_HAND
    (paper,) = office.bring(papers(1))
    await office.settle()
    assert office.seen(1) == {}
    assert office.seen(2) == {paper: 1}
    old = b'{"papercord_subscriptions": 1, "subscriptions": [{"channel_id": "3"}]}'
    (back,) = export.import_subscriptions(office.app, GUILD, 5, old, may_use=lambda *_: None).added
    assert not back.paused


async def test_an_export_of_what_is_longest_everywhere_is_taken(office: Office):
    longest = Filters("é" * 498 + " x", "a" * 500, code=False, min_score=-0.5)
    office.subscribe(1, longest, schedule=Schedule(Frequency.INSTANT, 6, "23:59", "Asia/Kathmandu"))
    document = export.export_subscriptions(office.app, GUILD)
    subscriptions.remove(office.app, GUILD, subscriptions.list_all(office.app, GUILD)[0].id)

    (back,) = export.import_subscriptions(office.app, GUILD, 5, document, may_use=lambda *_: None).added

    assert back.filters == longest
    assert back.schedule == Schedule(Frequency.INSTANT, 6, "23:59", "Asia/Kathmandu")
    assert export.export_subscriptions(office.app, GUILD) == document


async def test_an_export_that_is_too_large_is_written_closely_and_else_refused(office: Office):
    office.subscribe(1, Filters(query="gossip"))
    document = export.export_subscriptions(office.app, GUILD)
    close = export.export_subscriptions(office.app, GUILD, most_bytes=len(document) - 1)
    assert len(close) < len(document)
    assert json.loads(close) == json.loads(document)
    with pytest.raises(RefusedError, match="Discord takes"):
        export.export_subscriptions(office.app, GUILD, most_bytes=100)


async def test_an_export_of_505_long_ones_is_taken(office: Office):
    office.subscribe(1, Filters(query="gossip"))
    document = json.loads(export.export_subscriptions(office.app, GUILD))
    (entry,) = document["subscriptions"]
    document["subscriptions"] = [
        {**entry, "channel_id": str(2 + number // 25), "query": f"gossip{number} " + "protocol " * 60}
        for number in range(505)
    ]
    content = json.dumps(document, indent=2).encode()
    assert len(content) > 256 * 1024

    result = export.import_subscriptions(office.app, GUILD, 5, content, may_use=lambda *_: None)

    assert result.refused == ()
    assert len(result.added) == 505


async def test_an_entry_that_is_bad_for_whatever_reason_is_named_and_the_others_come_in(office: Office):
    good = {"channel_id": "1", "query": "gossip"}
    bad = [
        7,
        None,
        [],
        {},
        {**good, "channel_id": 1},
        {**good, "channel_id": "x"},
        {**good, "when": "yearly"},
        {**good, "when": "daily", "at": "25:00"},
        {**good, "when": "daily", "timezone": "Europe"},
        {**good, "when": "weekly", "day": 10**400},
        {**good, "min_score": "high"},
        {**good, "min_score": float("inf")},
        {**good, "min_score": float("nan")},
        {**good, "query": "\ud800 gossip"},
        {**good, "min_score": True},
        {**good, "colour": "red"},
        {**good, "query": "…"},
        {**good, "role_id": "0x1"},
        {**good, "paused": "yes"},
        good,
    ]
    document = json.dumps(
        {"papercord_subscriptions": 1, "subscriptions": [good, *bad, {**good, "query": "graph"}]}
    )

    result = export.import_subscriptions(office.app, GUILD, 5, document.encode(), may_use=lambda *_: None)

    assert [each.filters.query for each in result.added] == ["gossip", "graph"]
    named = [reason.partition(":")[0] for reason in result.refused]
    assert named == [f"Entry {place}" for place in range(2, len(bad) + 2)]


async def test_an_entry_at_which_the_program_fails_is_named_and_the_others_come_in(
    office: Office, caplog: pytest.LogCaptureFixture
):
    def may_use(channel_id: int, _role: int | None, _thread: bool) -> str | None:
        if channel_id == 2:
            raise KeyError(channel_id)
        return None

    entries = [{"channel_id": str(number)} for number in (1, 2, 3)]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    result = export.import_subscriptions(office.app, GUILD, 5, document, may_use=may_use)
    assert [each.channel_id for each in result.added] == [1, 3]
    assert result.refused == ("Entry 2: it could not be added; the reason is in the log.",)
    assert "Entry 2" in caplog.text


async def test_an_entry_that_fails_is_named_and_the_others_come_in(office: Office):
    entries = [
        {"channel_id": "2", "query": "gossip"},
        {"channel_id": "99999999999999999999", "query": "more than the database holds"},
        {"channel_id": "2", "query": "graph year:>9999"},
        {"channel_id": "2", "query": "graph date:<0001-01-01"},
        {"channel_id": "2", "query": "quilts"},
    ]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    result = export.import_subscriptions(office.app, GUILD, 5, document, may_use=lambda *_: None)
    assert [each.filters.query for each in result.added] == [
        entry["query"] for entry in entries if entry["channel_id"] == "2"
    ]
    assert len(result.refused) == 1
    assert result.refused[0].startswith("Entry 2: ")
