"""What the log tells of announcing: channels that refuse, messages that fail, and which process announces."""

from __future__ import annotations

import logging

import pytest
import simcord

from bot.announcements import status
from bot.announcements.outbox import LEASE
from bot.app import App
from bot.discord_app.client import Papercord
from bot.lease import LASTS, Lease
from cogs.families import create_bot
from tests.announcements.announcer import GUILD, Office, papers
from tests.apps import Clock
from tests.loopback_discord.answers import NAMED_FAULTS, error
from tests.loopback_discord.faults import Fault, Script


@pytest.fixture
def simcord_bot(app: App) -> Papercord:
    return create_bot(app)


@pytest.fixture
def told(caplog):
    """What our own loggers wrote from INFO on."""
    caplog.set_level(logging.INFO)

    def since_last() -> list[str]:
        found = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
        caplog.clear()
        return found

    return since_last


async def test_a_channel_that_refuses_and_is_freed_is_one_line_each(office: Office, told):
    office.subscribe(1)
    office.discord.channels["1"].may_send = False
    office.bring(papers(1))
    told()
    await office.round()
    (line,) = told()
    assert line.startswith("Channel 1 of server 77 is left alone until 20")
    assert "Missing Permissions" in line
    await office.round()
    assert told() == []
    office.discord.channels["1"].may_send = True
    office.clock.move(minutes=2)
    await office.round()
    assert told() == ["Channel 1 is left alone no longer."]


async def test_a_channel_that_a_person_frees_is_one_line(office: Office, told):
    office.subscribe(1)
    office.discord.channels["1"].may_send = False
    office.bring(papers(1))
    await office.round()
    told()
    status.try_channel_again(office.app, GUILD, 1)
    status.try_channel_again(office.app, GUILD, 1)
    assert told() == ["Channel 1 is left alone no longer."]


async def test_a_message_that_discord_refuses_is_one_line(office: Office, told, monkeypatch):
    monkeypatch.setitem(NAMED_FAULTS, 403, _two_lines)
    office.subscribe(1)
    office.bring(papers(1))
    office.discord.faults = Script(Fault(403))
    told()
    await office.round()
    (line,) = told()
    assert line.startswith("Message 1 (post) for channel 1 is failed: 400 Bad Request")
    assert "\n" not in line


def _two_lines():
    return error(400, 50035, "Invalid Form Body\nIn content: no")


async def test_a_thread_that_cannot_be_opened_is_one_line(office: Office, told, monkeypatch):
    office.subscribe(1, thread=True)
    office.bring(papers(1))
    office.discord.faults = Script(None, Fault(403))
    told()
    await office.settle()
    assert [line for line in told() if "(thread) for channel 1 is given up: 403" in line]


async def test_who_announces_is_one_line_for_each_change(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App, clock: Clock, told
):
    announcer = simcord_bot.announcer
    assert announcer is not None
    await announcer.round()
    told()
    await announcer.round()
    assert told() == []
    clock.move(seconds=LASTS.total_seconds() + 1)
    other = Lease(app, LEASE)
    other.holder = other.holder.replace(other.holder.partition(":")[0], "elsewhere")
    assert other.take()
    await announcer.round()
    await announcer.round()
    assert told() == ["This process announces no longer: another one does."]
    other.release()
    await announcer.round()
    assert told() == ["This process announces now."]
