"""What administrators are told goes the way of announcements: exactly once, whatever happens."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.markers import notice_marker, read_marker
from bot.sources.registry import register_source, report_silences
from cogs.sources.buttons import silence_message
from tests.announcements.announcer import GUILD, Office, papers
from tests.loopback_discord.faults import Fault, Moment, Script
from tests.loopback_discord.reading import text_of

ADMINISTRATORS = 9


def silent_source(office: Office) -> None:
    """Follow a source that brought something every day until a month ago."""
    status, _ = register_source(office.app, "arxiv category", "cs.LG")
    last = office.clock() - dt.timedelta(days=30)
    given = {"id": status.id, "first": last - dt.timedelta(days=9), "last": last}
    with office.app.store.writing() as session:
        session.execute(
            text(
                "update followed_source set arrival_times = 10, first_arrival_at = :first,"
                " last_arrival_at = :last where id = :id"
            ),
            given,
        )


def tell(office: Office) -> int:
    return report_silences(office.app, ADMINISTRATORS, GUILD, silence_message)


@pytest.mark.parametrize("fault", [Fault(kind, moment) for kind in (503, "reset") for moment in Moment])
@pytest.mark.parametrize("later", [{"seconds": 30}, {"hours": 1}])
async def test_a_silence_is_told_once_though_the_process_dies_and_returns(
    office: Office, fault: Fault, later: dict[str, int]
):
    office.discord.add_channel(ADMINISTRATORS)
    office.may_read = True
    silent_source(office)
    assert tell(office) == 1
    office.discord.faults = Script(fault)
    await office.round()

    office.restart()
    office.clock.move(**later)
    assert tell(office) == 0
    await office.settle()

    (message,) = office.discord.visible(ADMINISTRATORS)
    assert "nothing for 30 days" in text_of(message)
    assert office.states() == {"sent": 1}


async def test_a_channel_that_refuses_gets_it_once_it_is_mended(office: Office):
    office.discord.add_channel(ADMINISTRATORS)
    office.discord.channels[str(ADMINISTRATORS)].may_send = False
    silent_source(office)
    tell(office)
    await office.settle(rounds=3)
    assert office.states() == {"planned": 1}

    office.discord.channels[str(ADMINISTRATORS)].may_send = True
    office.clock.move(hours=1)
    await office.settle()
    assert len(office.discord.visible(ADMINISTRATORS)) == 1


async def test_it_is_told_also_where_nobody_is_subscribed_any_more(office: Office):
    subscription = office.subscribe(ADMINISTRATORS)
    office.bring(papers(1))
    office.planner.plan_due()
    silent_source(office)
    tell(office)
    subscriptions.remove(office.app, GUILD, subscription.id)

    await office.settle()

    (message,) = office.discord.visible(ADMINISTRATORS)
    assert "Silent for much longer than usual" in text_of(message)


def test_the_mark_of_a_notice_names_its_row_and_no_paper():
    nonce = "abcdefgh" + "i" * 13
    mark = read_marker(f"sources:0:{notice_marker(nonce)}")
    assert mark is not None
    assert (mark.nonce, mark.tag) == (nonce, "abcdefgh")
