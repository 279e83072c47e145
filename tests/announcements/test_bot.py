"""The announcer inside the bot, in a simulated Discord."""

from __future__ import annotations

import copy
import datetime as dt
import logging

import discord
import pytest
import simcord

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Frequency, Schedule
from bot.app import App
from bot.discord_app.client import Papercord
from bot.ingest.importer import import_files
from bot.store.blocked_channels import block_channel
from cogs.families import create_bot
from tests.announcements.announcer import papers, write_papers
from tests.apps import Clock
from tests.discord_app.requests import buttons_of, text_of

EVENTS = {"channel": "guild_channel_update", "role": "guild_role_update", "member": "member_update"}


@pytest.fixture
def simcord_bot(app: App) -> Papercord:
    return create_bot(app)


def subscribe(app: App, guild: simcord.GuildHandle, channel: simcord.ChannelHandle) -> None:
    subscriptions.add(
        app, guild_id=guild.id, channel_id=channel.id, creator_id=1, filters=Filters(query="decentralized")
    )


async def happens(bot: Papercord, event: str, *arguments: object) -> None:
    """An event of Discord's, and what follows from it."""
    for listener in bot.extra_events[f"on_{event}"]:
        await listener(*arguments)


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


async def test_a_server_that_removes_the_bot_is_left_alone_until_it_is_back(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App
):
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("new-papers")
    subscribe(app, guild, channel)
    await simcord_bot.announcer.round()
    before = [(one.id, one.filters, one.paused) for one in subscriptions.list_all(app, guild.id)]
    await happens(simcord_bot, "guild_remove", simcord_bot.get_guild(guild.id))
    import_files(app, [write_papers(app, papers(1))])
    await simcord_bot.announcer.round()
    assert channel.history() == []
    assert [(one.id, one.filters, one.paused) for one in subscriptions.list_all(app, guild.id)] == before

    await happens(simcord_bot, "guild_join", simcord_bot.get_guild(guild.id))
    await simcord_bot.announcer.round()
    assert len(channel.history()) == 1


@pytest.mark.parametrize("what", ["channel", "role", "member"])
async def test_permissions_given_back_are_noticed_at_once(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App, clock: Clock, what: str
):
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("new-papers")
    subscribe(app, guild, channel)
    import_files(app, [write_papers(app, papers(1))])
    with app.store.writing() as session:
        block_channel(
            session,
            channel.id,
            guild.id,
            reason="Missing Access",
            held_until=clock() + dt.timedelta(hours=6),
            refusals=5,
        )
    await simcord_bot.announcer.round()
    assert channel.history() == []

    here = simcord_bot.get_guild(guild.id)
    after = {"channel": here.get_channel(channel.id), "role": here.default_role, "member": here.me}[what]
    before = copy.copy(after)
    await happens(simcord_bot, EVENTS[what], before, after)
    await simcord_bot.announcer.round()
    assert channel.history() == [], "nothing of the permissions has changed"

    match what:
        case "channel":
            before._overwrites = [
                discord.abc._Overwrites({"id": guild.id, "type": 0, "allow": 0, "deny": 2048})
            ]
        case "role":
            before._permissions = 0
        case _:
            before._roles = discord.utils.SnowflakeList([guild.id])
    await happens(simcord_bot, EVENTS[what], before, after)
    await simcord_bot.announcer.round()
    assert len(channel.history()) == 1


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


@pytest.mark.parametrize("what", ["deleted", "not mentionable"])
async def test_a_role_that_cannot_be_pinged_any_more_is_dropped_from_what_waits(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App, what: str
):
    guild = simcord_env.create_guild("Reading group")
    me = guild.me
    assert me is not None
    quiet = discord.PermissionOverwrite(mention_everyone=False)
    channel = guild.create_text_channel("new-papers", overwrites={me: quiet})
    readers = guild.create_role("readers", mentionable=True)
    grace = guild.add_member(
        simcord_env.create_user("grace"),
        roles=[guild.create_role("managers", permissions=discord.Permissions(manage_channels=True))],
    )
    await grace.slash(channel, "notify add", query="decentralized", role=readers)
    import_files(app, [write_papers(app, papers(2))])
    announcer = simcord_bot.announcer
    assert announcer is not None
    announcer._planner.plan_due()

    here = simcord_bot.get_guild(guild.id)
    assert here is not None
    before = here.get_role(readers.id)
    after = copy.copy(before)
    if what == "deleted":
        del here._roles[readers.id]
        await happens(simcord_bot, "guild_role_delete", before)
    else:
        here._roles[readers.id] = after
        after.mentionable = False
        await happens(simcord_bot, "guild_role_update", before, after)
    await announcer.round()

    assert len(channel.history()) == 2
    for message in channel.history():
        assert not str(message.components[0].children[0].content).startswith("<@&")
    for command in ("list", "status"):
        assert "⚠ pings nobody: its role" in text_of(
            (await grace.slash(channel, f"notify {command}")).response
        )
    (one,) = subscriptions.list_all(app, guild.id)
    answer = await grace.slash(channel, "notify edit", subscription=one.id, query="learning")
    assert "⚠ It pings nobody: its role" in text_of(answer.response)

    here._roles[readers.id] = before
    await happens(simcord_bot, "guild_role_update", after, before)
    assert [one.role_trouble for one in subscriptions.list_all(app, guild.id)] == (
        ["its role was deleted"] if what == "deleted" else [None]
    )
    announcer._looked_after_at -= dt.timedelta(hours=2)
    await announcer.round()
    assert [one.role_trouble for one in subscriptions.list_all(app, guild.id)] == [None]


@pytest.mark.parametrize("digest", [False, True])
async def test_all_papers_of_a_flood_are_paged_in_place_and_no_others(
    simcord_env: simcord.Env, simcord_bot: Papercord, app: App, clock: Clock, digest: bool, monkeypatch
):
    monkeypatch.setattr(simcord_bot.fair_use, "check", lambda _interaction: None)
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("new-papers")
    reader = guild.add_member(simcord_env.create_user("ada"))
    import_files(app, [write_papers(app, papers(5))])
    schedule = Schedule(Frequency.DAILY, at="09:00") if digest else Schedule()
    subscriptions.add(
        app,
        guild_id=guild.id,
        channel_id=channel.id,
        creator_id=1,
        filters=Filters(query="decentralized"),
        schedule=schedule,
    )
    import_files(app, [write_papers(app, papers(101))])
    clock.move(days=1)
    announcer = simcord_bot.announcer
    assert announcer is not None
    await announcer.round()
    import_files(app, [write_papers(app, papers(1))])

    (message,) = channel.history()
    answer = await reader.click(message, label="All 101")
    assert answer.ephemeral
    seen: list[str] = []
    for page in range(1, 12):
        text = text_of(answer.response)
        assert f"### All 101 papers of this message · page {page} of 11" in text
        seen += [line for line in text.splitlines() if line.startswith("**Decentralized learning")]
        assert buttons_of(answer.response)["More →"].get("disabled", False) is (page == 11)
        if page < 11:
            answer = await reader.click(answer.response, label="More →")
    assert len(seen) == len(set(seen)) == 101
