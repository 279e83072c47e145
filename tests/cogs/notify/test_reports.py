"""/notify's proofs: previews, statuses, reasons; and what is held and tried again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import discord
import pytest
from sqlalchemy import text as sql

from bot.announcements import subscriptions
from bot.announcements.results import Filters, PausedChannel
from bot.app import App
from bot.discord_app import permissions
from tests.announcements.announcer import papers
from tests.cogs.notify.guild import Newsroom
from tests.conftest import ROOT
from tests.discord_app.requests import buttons_of, text_of


def set_message(app: App, **values: str | None) -> None:
    with app.store.writing() as session:
        for name, value in values.items():
            session.execute(sql(f"update message set {name} = :value"), {"value": value})


async def told(newsroom: Newsroom, add_papers, count: int = 1) -> None:
    """A subscription, and papers that its channel was told of."""
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(count))
    await newsroom.env.bot.announcer.round()


async def test_a_preview_is_a_dry_run(newsroom, app):
    answer = await newsroom.grace.slash(newsroom.channel, "notify preview", query="decentralized")
    assert answer.ephemeral
    assert "it would have posted 3 papers (in 3 messages" in text_of(answer.response)
    assert "DecentLaM" in text_of(answer.response)
    nothing = await newsroom.grace.slash(newsroom.channel, "notify preview", query="astronomy")
    assert "it would have posted nothing" in text_of(nothing.response)
    assert subscriptions.list_all(app, newsroom.guild.id) == ()
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    (subscription,) = subscriptions.list_all(app, newsroom.guild.id)
    same = await newsroom.grace.slash(newsroom.channel, "notify preview", subscription=subscription.id)
    assert "3 papers" in text_of(same.response)


async def test_status_proves_what_was_sent_and_links_to_it(newsroom, add_papers):
    await told(newsroom, add_papers, 2)
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    text = text_of(answer.response)
    assert answer.ephemeral
    assert "Announcer: at work" in text
    assert "2 new · **2 sent**" in text
    assert f"/{newsroom.channel.id}/{newsroom.channel.history()[-1].id})" in text
    assert "Inbox: 0 files waiting" in text
    assert "Corpus last imported into: <t:" in text


async def test_status_without_subscriptions_says_how_to_add_one(newsroom):
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    assert "/notify add" in text_of(answer.response)


async def test_status_shows_a_digest_that_ran_without_papers(newsroom, clock):
    await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", when="daily", timezone="Asia/Tokyo"
    )
    clock.now = clock.now.replace(day=21, hour=1)
    await newsroom.env.bot.announcer.round()
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    text = text_of(answer.response).replace("\\", "")
    assert "no papers, so nothing was posted" in text
    assert "next digest Sun 22 Mar 2026, 09:00 (Asia/Tokyo)" in text
    assert newsroom.channel.history() == []


async def test_a_held_message_is_posted_by_retry_alone(newsroom, app, add_papers):
    await told(newsroom, add_papers)
    set_message(app, state="held", error="It cannot be told.", discord_id=None)
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    assert "1 held" in text_of(answer.response)
    assert "Look in the channel first" in text_of(answer.response)
    await newsroom.env.bot.announcer.round()
    assert len(newsroom.channel.history()) == 1
    await newsroom.grace.click(answer.response, label="Retry")
    assert "Retry" not in buttons_of(answer.response)
    with app.store.reading() as session:
        assert session.execute(sql("select state from message")).scalar() == "planned"


async def test_a_channel_that_refuses_is_explained_and_tried_at_once(newsroom, app, add_papers):
    await told(newsroom, add_papers)
    with app.store.writing() as session:
        session.execute(
            sql(
                "insert into announced_channel (channel_id, guild_id, reason, refusals, held_until)"
                " values (:channel, :guild, 'Missing Permissions', 1, '2026-03-20 13:00:00')"
            ),
            {"channel": newsroom.channel.id, "guild": newsroom.guild.id},
        )
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    text = text_of(answer.response)
    assert "refuses messages (Missing Permissions)" in text
    assert "Nothing is lost" in text
    await newsroom.grace.click(answer.response, label="Try now")
    assert "refuses messages" not in text_of(answer.response)


async def test_whoever_uses_notify_next_is_told_of_a_channel_that_is_gone(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    with app.store.writing() as session:
        session.execute(sql("update subscription set paused = true, pause_reason = 'The channel is gone.'"))
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert "is paused: The channel is gone" in text_of(answer.response).replace("\\", "")
    await newsroom.grace.slash(
        newsroom.channel, "notify resume", subscription=subscriptions.list_all(app, newsroom.guild.id)[0].id
    )
    mended = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert "is paused" not in text_of(mended.response)


async def test_why_tells_why_a_paper_was_posted_and_why_another_was_not(newsroom, add_papers):
    await told(newsroom, add_papers)
    choice, *_ = await newsroom.grace.autocomplete(
        newsroom.channel, "notify why", "paper", "Decentralized learning of kind"
    )
    posted = await newsroom.grace.slash(newsroom.channel, "notify why", paper=choice["value"])
    assert posted.ephemeral
    assert "It was posted here" in text_of(posted.response)
    assert "[the message](https://discord.com/channels/" in text_of(posted.response)
    (known, *_) = await newsroom.grace.autocomplete(newsroom.channel, "notify why", "paper", "DecentLaM")
    not_posted = await newsroom.grace.slash(newsroom.channel, "notify why", paper=known["value"])
    text = text_of(not_posted.response)
    assert "It was not posted here" in text
    assert "was known already when the subscription was added" in text


@pytest.mark.simcord(check_errors=False)
async def test_why_needs_exactly_one_paper(newsroom):
    answer = await newsroom.grace.slash(newsroom.channel, "notify why", paper="provably efficient")
    assert answer.ephemeral
    assert "not exactly one paper" in text_of(answer.response)


async def test_a_search_is_subscribed_by_its_button(newsroom, app):
    search = await newsroom.grace.slash(
        newsroom.channel, "papers", query="learning", field="LG", since="2021"
    )
    answer = await newsroom.grace.click(search.response, label="Notify this channel")
    assert answer.ephemeral
    assert "is added" in text_of(answer.response)
    (subscription,) = subscriptions.list_all(app, newsroom.guild.id)
    assert (subscription.filters.query, subscription.filters.field) == ("learning since:2021", "LG")
    assert subscription.channel_id == newsroom.channel.id


async def test_an_author_is_followed_by_a_button(newsroom, app):
    author = await newsroom.grace.slash(newsroom.channel, "author", name="Pan Pan")
    answer = await newsroom.grace.click(author.response, label="Follow")
    assert answer.ephemeral
    (subscription,) = subscriptions.list_all(app, newsroom.guild.id)
    assert subscription.filters.author == "Pan Pan"


@pytest.mark.simcord(check_errors=False)
async def test_the_buttons_are_for_those_who_may_and_check_it_again(newsroom, app):
    own = await newsroom.bob.slash(newsroom.channel, "papers", query="learning")
    assert "Notify this channel" not in buttons_of(own.response)
    person = await newsroom.bob.slash(newsroom.channel, "author", name="Pan Pan")
    assert "Follow" not in buttons_of(person.response)
    search = await newsroom.grace.slash(newsroom.channel, "papers", query="learning")
    author = await newsroom.grace.slash(newsroom.channel, "author", name="Pan Pan")
    for message, label in ((search.response, "Notify this channel"), (author.response, "Follow")):
        refused = await newsroom.bob.click(message, label=label)
        assert refused.ephemeral
        assert "You need the permission Manage Channels" in refused.response.content
    assert subscriptions.list_all(app, newsroom.guild.id) == ()


async def test_the_buttons_are_not_in_direct_messages_nor_where_the_bot_cannot_post(newsroom):
    me = newsroom.guild.me
    mute = newsroom.guild.create_text_channel(
        "mute", overwrites={me: discord.PermissionOverwrite(send_messages=False)}
    )
    answer = await newsroom.grace.slash(mute, "papers", query="learning")
    assert "Notify this channel" not in buttons_of(answer.response)
    stranger = newsroom.env.create_user("stranger")
    direct = await stranger.slash("papers", query="learning")
    assert "Notify this channel" not in buttons_of(direct.response)


async def test_about_tells_of_the_announcer(newsroom, add_papers):
    await told(newsroom, add_papers)
    answer = await newsroom.bob.slash(newsroom.channel, "about")
    assert "Announcer: at work" in text_of(answer.response)
    assert "messages: 1 sent, 0 on their way, 0 held, 0 failed" in text_of(answer.response)


async def test_administrators_are_told_at_once_of_a_channel_that_the_bot_pauses(
    newsroom, app, add_papers, clock
):
    bot = newsroom.env.bot
    board = newsroom.guild.create_text_channel("administrators")
    bot.app = replace(app, settings=app.settings.model_copy(update={"admin_channel": board.id}))
    gone = 123_456_789
    subscriptions.add(
        app,
        guild_id=newsroom.guild.id,
        channel_id=gone,
        creator_id=1,
        filters=Filters(query="decentralized"),
    )
    add_papers(*papers(1))
    for _ in range(26):
        await bot.announcer.round()
        clock.now += dt.timedelta(hours=1)

    (message,) = board.history()
    view = discord.ui.LayoutView.from_message(message)
    (words,) = [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    view.stop()
    assert f"<#{gone}>" in words
    assert "Reading group" in words
    answer = await newsroom.grace.click(message, label="Status")
    assert answer.ephemeral
    assert "News in channels" in text_of(answer.response)


@pytest.mark.parametrize("told_in", [None, 5])
async def test_nobody_is_told_where_administrators_have_no_channel_or_theirs_is_gone(newsroom, app, told_in):
    bot = newsroom.env.bot
    bot.app = replace(app, settings=app.settings.model_copy(update={"admin_channel": told_in}))
    channel = PausedChannel(5, newsroom.guild.id, 1, "404 Not Found")
    assert bot.announcer._pause_notice(channel, "abc") is None


async def test_a_check_names_what_is_missing_in_each_channel(newsroom, app):
    fine = await newsroom.grace.slash(newsroom.channel, "notify check")
    assert "No channel is" in text_of(fine.response)
    guild = newsroom.guild
    role = guild.create_role("readers", mentionable=True)
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    fine = await newsroom.grace.slash(newsroom.channel, "notify check")
    assert "1 channel checked\nNothing is missing." in text_of(fine.response)
    no_threads = discord.PermissionOverwrite(create_public_threads=False, embed_links=False)
    flat = guild.create_text_channel("flat", overwrites={guild.me: no_threads})
    for channel_id, options in (
        (flat.id, {"thread": True, "role_id": role.id, "publish": True}),
        (newsroom.hidden.id, {}),
        (99, {}),
    ):
        subscriptions.add(
            app, guild_id=guild.id, channel_id=channel_id, creator_id=1, filters=Filters("graph"), **options
        )
    await newsroom.env.bot.http.delete_role(guild.id, role.id)
    answer = await newsroom.grace.slash(newsroom.channel, "notify check")
    text = text_of(answer.response).replace("\\", "")
    assert answer.ephemeral
    assert "4 channels checked" in text
    assert "In 3 channels something is missing" in text
    assert f"<#{flat.id}>: Papercord needs the permissions" in text
    assert "Create Public Threads" in text
    assert "Embed Links" in text
    assert "Subscription 2 pings nobody: its role was deleted." in text
    assert "Subscription 2 publishes nothing: this is no announcement channel." in text
    assert "View Channel" in text
    assert "<#99>: The channel is gone, or hidden from Papercord." in text
    assert f"✓ <#{newsroom.channel.id}>" in text


async def test_a_channel_can_be_checked_before_it_hears_anything(newsroom):
    quiet = newsroom.guild.create_text_channel(
        "quiet", overwrites={newsroom.guild.me: discord.PermissionOverwrite(create_public_threads=False)}
    )
    answer = await newsroom.grace.slash(newsroom.channel, "notify check", channel=quiet)
    assert "For the option thread" in text_of(answer.response)
    assert "Create Public Threads" in text_of(answer.response)


def test_the_invite_link_gives_all_that_options_need():
    (number,) = re.findall(r"permissions=(\d+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    beside = discord.Permissions(attach_files=True, create_events=True)  # long lists, and journal clubs
    needed = permissions.NEEDED | permissions.NEEDED_FOR_THREADS | beside
    for each in permissions.NEEDED_BESIDE.values():
        needed |= each
    assert discord.Permissions(int(number)) == needed
