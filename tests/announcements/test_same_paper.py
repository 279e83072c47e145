"""Papers that turn out to be one, before and after channels were told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import Session

from bot.announcements.edits import Editor
from bot.announcements.planner import Planner
from bot.announcements.results import MessageSpec, RenderedMessage
from bot.corpus.paper import PaperRecord
from bot.ingest.importer import import_records
from bot.papers.results import Paper
from bot.store import outbox_edits
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office
from tests.loopback_discord.reading import text_of
from tests.sources.test_bridging import BRIDGE, OTHER, PREPRINT, PRINT


def bring(office: Office, *records: PaperRecord) -> None:
    assert import_records(office.app, "a source", records, newly_added=True).rejected == ()


def meanwhile_one(office: Office) -> Planner:
    """Make a planner in whose first round two papers become one, between the plan and the ledger."""
    bridges = [BRIDGE]

    def compose_late(
        spec: MessageSpec, papers: Mapping[int, Paper], nonce: str, votes: Mapping[int, int]
    ) -> RenderedMessage:
        while bridges:
            bring(office, bridges.pop())
        return compose(spec, papers, nonce, votes)

    return Planner(office.app, office.lease, compose_late)


async def plan_while_two_become_one(office: Office) -> None:
    office.subscribe(1)
    bring(office, PREPRINT, PRINT, OTHER)
    planner = meanwhile_one(office)

    planner.plan_due()
    planner.plan_due()
    await office.settle()

    assert len(office.discord.visible(1)) == 2
    assert list(office.seen(1).values()) == [1, 1]


async def test_papers_that_become_one_while_they_are_planned_are_told_as_one(office: Office):
    await plan_while_two_become_one(office)


async def test_papers_that_become_one_hold_back_no_news_of_others(office: Office):
    office.subscribe(1)
    bring(office, PREPRINT, PRINT)
    office.planner.plan_due()
    await office.settle()
    bring(office, OTHER)

    meanwhile_one(office).plan_due()

    assert office.states() == {"sent": 2, "planned": 1}


async def test_news_of_a_paper_that_becomes_another_while_its_edit_is_planned_is_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    bring(office, PREPRINT)
    office.subscribe(1)
    bring(office, PRINT)
    await office.settle()
    editor = Editor(office.app, office.lease, compose)
    editor.plan_edits()
    bring(office, PRINT.model_copy(update={"has_code": True, "code_url": "https://github.com/ann/matters"}))
    bridges = [BRIDGE]
    changed_since_shown = outbox_edits.changed_since_shown

    def changed_before(session: Session, after: int, upto: int) -> Any:
        rows = changed_since_shown(session, after, upto)
        while bridges:
            bring(office, bridges.pop())
        return rows

    monkeypatch.setattr(outbox_edits, "changed_since_shown", changed_before)
    for _ in range(2):
        editor.plan_edits()
        await office.round()

    (message,) = office.discord.visible(1)
    assert "github.com/ann/matters" in str(message)


async def test_the_card_of_a_paper_that_another_card_tells_of_leads_there(office: Office):
    office.subscribe(1)
    bring(office, PREPRINT)
    await office.settle()
    bring(office, PRINT)
    await office.settle()
    first, second = office.discord.visible(1)
    before = text_of(first)

    bring(office, BRIDGE)
    editor = Editor(office.app, office.lease, compose)
    assert editor.plan_edits() == 1
    await office.round()

    first, second = office.discord.visible(1)
    assert text_of(first) == before
    assert f"[another one told here](https://discord.com/channels/{GUILD}/1/{first['id']})" in text_of(second)
    assert second["edits"] == 1
    assert office.discord.requests["POST"] == 2

    bring(office, PREPRINT.model_copy(update={"has_code": True}))
    assert editor.plan_edits() == 1
    await office.round()
    assert editor.plan_edits() == 0
    first, second = office.discord.visible(1)
    assert (first["edits"], second["edits"]) == (1, 1)
