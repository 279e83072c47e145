"""The announcer inside the bot, in a simulated Discord."""

from __future__ import annotations

import logging

import pytest
import simcord

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.app import App
from bot.discord_app.client import Papercord
from bot.ingest.importer import import_files
from cogs.families import create_bot
from tests.announcements.announcer import papers, write_papers
from tests.apps import Clock
from tests.discord_app.requests import text_of


@pytest.fixture
def simcord_bot(app: App) -> Papercord:
    return create_bot(app)


def subscribe(app: App, guild: simcord.GuildHandle, channel: simcord.ChannelHandle) -> None:
    subscriptions.add(
        app, guild_id=guild.id, channel_id=channel.id, creator_id=1, filters=Filters(query="decentralized")
    )


async def test_papers_imported_elsewhere_are_posted_with_buttons_that_work(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App
):
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("new-papers")
    reader = guild.add_member(simcord_env.create_user("ada"))
    subscribe(app, guild, channel)
    import_files(app, [write_papers(app, papers(1))])

    assert simcord_bot.announcer is not None
    await simcord_bot.announcer.round()

    (message,) = channel.history()
    answer = await reader.click(message, label="Details")
    assert answer.ephemeral
    assert "It converges" in text_of(answer.response)
    answer = await reader.click(message, label="BibTeX")
    assert answer.ephemeral
    assert "Decentralized learning" in text_of(answer.response)


async def test_a_round_that_fails_is_logged_once_whole_then_once_a_minute_and_the_next_one_follows(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App, clock: Clock, monkeypatch, caplog
):
    announcer = simcord_bot.announcer
    assert announcer is not None
    monkeypatch.setattr(announcer._planner, "plan_due", lambda: 1 / 0)

    with caplog.at_level(logging.ERROR):
        await announcer.round()
        await announcer.round()
        assert [bool(record.exc_info) for record in caplog.records] == [True]
        clock.move(seconds=61)
        await announcer.round()
        assert [bool(record.exc_info) for record in caplog.records] == [True, False]
    monkeypatch.undo()
    caplog.clear()
    await announcer.round()
    assert [record.getMessage() for record in caplog.records] == ["Planning news works again, after 61 s."]


async def test_a_server_that_removes_the_bot_is_purged(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App
):
    guild = simcord_env.create_guild("Reading group")
    subscribe(app, guild, guild.create_text_channel("new-papers"))
    assert subscriptions.list_all(app, guild.id)

    await simcord_bot.announcer._on_guild_remove(simcord_bot.get_guild(guild.id))

    assert not subscriptions.list_all(app, guild.id)


async def test_scene_15_the_gateway_reconnects_ten_times_and_one_announcer_runs(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App
):
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("new-papers")
    reader = guild.add_member(simcord_env.create_user("ada"))
    subscribe(app, guild, channel)
    announcer = simcord_bot.announcer
    assert announcer is not None

    for _ in range(10):
        for event in ("disconnect", "connect", "ready", "resumed"):
            simcord_bot.dispatch(event)
        import_files(app, [write_papers(app, papers(1))])
        await announcer.round()

    assert simcord_bot.announcer is announcer
    assert len(channel.history()) == 10
    answer = await reader.slash(channel, "about")
    assert answer.acknowledged
