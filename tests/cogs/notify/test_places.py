"""Where /notify tells of news beside text channels: threads, and the chats of voice and stage channels."""

from __future__ import annotations

import copy

import discord
import pytest
import simcord
from sqlalchemy import text as sql

from bot.announcements import subscriptions
from bot.app import App
from bot.store.models import PlaceKind
from tests.cogs.notify.guild import Newsroom
from tests.discord_app.requests import text_of

PAPER = {"id": "x1", "title": "Decentralized things", "authors": ["Ada Lovelace"]}


async def thread_in(newsroom: Newsroom, name: str = "reading") -> discord.Thread:
    parent = newsroom.env.bot.get_channel(newsroom.channel.id)
    assert isinstance(parent, discord.TextChannel)
    return await parent.create_thread(name=name, type=discord.ChannelType.public_thread)


def handle_of(newsroom: Newsroom, thread: discord.Thread) -> simcord.ChannelHandle:
    (handle,) = [each for each in newsroom.channel.threads if each.id == thread.id]
    return handle


async def news(newsroom: Newsroom, add_papers) -> None:
    add_papers(PAPER)
    await newsroom.env.bot.announcer.round()


@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_the_chat_of_a_voice_or_stage_channel_hears_of_news(newsroom, app, add_papers, kind: str):
    lounge = getattr(newsroom.guild, f"create_{kind}_channel")("lounge")
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized", channel=lounge)
    assert f"<#{lounge.id}> hears at once" in text_of(answer.response)

    await news(newsroom, add_papers)

    assert len(lounge.history()) == 1


async def test_a_thread_hears_of_news_and_is_managed_by_those_who_manage_its_channel(
    newsroom, app: App, add_papers
):
    thread = handle_of(newsroom, await thread_in(newsroom))
    answer = await newsroom.grace.slash(thread, "notify add", query="decentralized")
    assert f"<#{thread.id}> hears at once" in text_of(answer.response)
    (one,) = subscriptions.list_all(app, newsroom.guild.id)
    assert (one.channel_id, one.place, one.parent_id) == (thread.id, PlaceKind.THREAD, newsroom.channel.id)

    live = newsroom.env.bot.get_channel(thread.id)
    await live.edit(archived=True)
    assert newsroom.env.bot.get_channel(thread.id) is None
    listed = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert f"<#{thread.id}>" in text_of(listed.response)
    await news(newsroom, add_papers)
    assert len(thread.history()) == 1
    await live.edit(archived=True)
    removed = await newsroom.grace.slash(newsroom.channel, "notify remove", subscription=one.id)
    assert "is removed" in text_of(removed.response)


@pytest.mark.simcord(check_errors=False)
async def test_nobody_manages_a_thread_of_a_channel_that_they_do_not_manage(newsroom, app):
    no_management = discord.PermissionOverwrite(manage_channels=False)
    managers = newsroom.guild.roles["managers"]
    board = newsroom.guild.create_text_channel("others", overwrites={managers: no_management})
    parent = newsroom.env.bot.get_channel(board.id)
    await parent.create_thread(name="theirs", type=discord.ChannelType.public_thread)
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", channel=board.threads[0]
    )
    assert "You need the permission Manage Channels" in answer.response.content


@pytest.mark.simcord(check_errors=False)
async def test_what_a_thread_lacks_is_said_when_it_is_chosen(newsroom, app):
    me = newsroom.env.bot.get_guild(newsroom.guild.id).me
    mute = discord.PermissionOverwrite(send_messages_in_threads=False, manage_threads=False)
    quiet = newsroom.guild.create_text_channel("quiet", overwrites={newsroom.guild.me: mute})
    parent = newsroom.env.bot.get_channel(quiet.id)
    thread = await parent.create_thread(name="corner", type=discord.ChannelType.public_thread)
    (handle,) = quiet.threads
    assert not parent.permissions_for(me).send_messages_in_threads
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", channel=handle)
    assert "Papercord needs the permissions Send Messages In Threads in" in answer.response.content

    answer = await newsroom.grace.slash(
        newsroom.channel,
        "notify add",
        query="graph",
        channel=handle_of(newsroom, await thread_in(newsroom)),
        thread=True,
    )
    assert "threads open under the messages of text and announcement channels only" in (
        answer.response.content
    )
    assert thread.id == handle.id


async def test_a_locked_thread_is_told_and_goes_on_once_it_is_unlocked(newsroom, app, add_papers):
    me = newsroom.guild.me
    bare = discord.PermissionOverwrite(manage_threads=False)
    channel = newsroom.guild.create_text_channel("talk", overwrites={me: bare})
    bot = newsroom.env.bot
    thread = await bot.get_channel(channel.id).create_thread(
        name="reading", type=discord.ChannelType.public_thread
    )
    (handle,) = channel.threads
    await newsroom.grace.slash(handle, "notify add", query="decentralized")
    await lock(bot, thread, locked=True)

    for command in ("notify list", "notify status"):
        answer = await newsroom.grace.slash(newsroom.channel, command)
        assert f"<#{thread.id}> refuses messages" in text_of(answer.response)
        assert "The thread is locked" in text_of(answer.response)
    await news(newsroom, add_papers)
    assert handle.history() == []

    await lock(bot, thread, locked=False)
    await bot.announcer.round()
    assert len(handle.history()) == 1


async def lock(bot, thread: discord.Thread, *, locked: bool) -> None:
    """What the bot hears when a moderator locks or unlocks a thread."""
    live = bot.get_channel(thread.id)
    before = copy.copy(live)
    before.locked, live.locked = not locked, locked
    for listener in bot.extra_events["on_thread_update"]:
        await listener(before, live)


async def test_a_deleted_thread_or_channel_pauses_what_told_it_and_says_so(newsroom, app, add_papers):
    doomed = newsroom.guild.create_text_channel("doomed")
    bot = newsroom.env.bot
    inner = await bot.get_channel(doomed.id).create_thread(
        name="inner", type=discord.ChannelType.public_thread
    )
    outer = await thread_in(newsroom, "outer")
    for place in (doomed, *doomed.threads, handle_of(newsroom, outer)):
        await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized", channel=place)
    await outer.delete()
    await bot.get_channel(doomed.id).delete()
    await newsroom.env.settle()

    paused = {each.channel_id: each.pause_reason for each in subscriptions.list_all(app, newsroom.guild.id)}
    assert paused == dict.fromkeys((doomed.id, inner.id, outer.id), "The channel was deleted.")
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert f"of <#{outer.id}> is paused: The channel was deleted." in text_of(answer.response)
    await news(newsroom, add_papers)


async def forum_with_tags(newsroom: Newsroom, *tags: str, required: bool = False) -> discord.ForumChannel:
    """The forum of the server with these tags, as its moderators set it up; a star: for them alone."""
    forum = newsroom.env.bot.get_channel(newsroom.forum.id)
    assert isinstance(forum, discord.ForumChannel)
    await forum.edit(
        available_tags=[
            discord.ForumTag(name=name.lstrip("*"), moderated=name.startswith("*")) for name in tags
        ]
    )
    await newsroom.env.settle()
    forum._flags = 16 if required else 0  # the simulated Discord knows no such setting
    return forum


async def test_a_forum_hears_of_news_in_posts(newsroom, app, add_papers):
    await forum_with_tags(newsroom, "LG", "Papers")
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="decentralized", channel=newsroom.forum
    )
    text = text_of(answer.response)
    assert "Each paper that is posted alone, and each digest, is a post of its own there." in text
    assert "the tags that are named as the fields of its papers" in text
    (one,) = subscriptions.list_all(app, newsroom.guild.id)
    assert one.place is PlaceKind.FORUM

    add_papers(PAPER | {"categories": ["cs.LG"]})
    await newsroom.env.bot.announcer.round()

    (post,) = newsroom.forum.threads
    assert post.name == "Decentralized things"
    listed = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert f"/{post.id}/{post.id}" in text_of(listed.response)


@pytest.mark.simcord(check_errors=False)
async def test_what_is_said_of_a_forum_that_requires_tags(newsroom, app):
    await forum_with_tags(newsroom, "*staff", required=True)
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", channel=newsroom.forum)
    assert "takes no post without a tag" in answer.response.content
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", channel=newsroom.forum, thread=True
    )
    assert "threads open under" in answer.response.content

    await forum_with_tags(newsroom, "*staff", "RO", "Papers", required=True)
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", channel=newsroom.forum)
    assert "or else “Papers”" in text_of(answer.response)


@pytest.mark.simcord(check_errors=False)
async def test_messages_of_an_announcement_channel_are_published_where_that_is_asked(
    newsroom, app, add_papers
):
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", publish=True)
    assert "only the messages of announcement channels can be published" in answer.response.content
    announcements = newsroom.guild.create_news_channel("announcements")
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="decentralized", channel=announcements
    )
    (one,) = subscriptions.list_all(app, newsroom.guild.id)
    answer = await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=one.id, publish=True)
    assert "Each message is published to the channels that follow it." in text_of(answer.response)
    listed = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert "published" in text_of(listed.response)

    await news(newsroom, add_papers)

    (message,) = announcements.history()
    newsroom.env.bot.get_channel(announcements.id)._type = discord.ChannelType.text.value
    checked = await newsroom.grace.slash(newsroom.channel, "notify check")
    assert f"Subscription {one.id} publishes nothing" in text_of(checked.response)
    paths = [request.path for request in newsroom.env.http_requests]
    assert f"/channels/{announcements.id}/messages/{message.id}/crosspost" in paths


async def test_status_says_what_messages_lack_that_are_posted(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized", thread=True)
    await news(newsroom, add_papers)
    with app.store.writing() as session:
        session.execute(
            sql("update message set error = 'No thread was opened: 403 Forbidden', sent_at = :now"),
            {"now": app.clock()},
        )
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    assert "⚠ 1 message without a thread (No thread was opened" in text_of(answer.response)
