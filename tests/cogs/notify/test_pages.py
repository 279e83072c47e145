"""/notify list and /notify status in pages: everything is shown once, and each press is checked again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text as sql

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Frequency, Schedule
from bot.app import App
from tests.announcements.announcer import papers
from tests.cogs.notify.guild import Newsroom
from tests.discord_app.requests import buttons_of, custom_ids_of, text_of

LONG = Schedule(Frequency.WEEKLY, 2, "09:00", "America/Argentina/ComodRivadavia")
REFUSED_PRESS = "You need the permission Manage Channels"


def fill(newsroom: Newsroom, app: App, channel_id: int, count: int, **options: Any) -> list[int]:
    """So many subscriptions of a channel, with long queries."""
    return [
        subscriptions.add(
            app,
            guild_id=newsroom.guild.id,
            channel_id=channel_id,
            creator_id=newsroom.grace.id,
            filters=Filters(f"decentralized{number} " + "*learning* " * 40),
            **options,
        ).subscription.id
        for number in range(count)
    ]


def put_messages(app: App, newsroom: Newsroom, channel_id: int, count: int, state: str) -> None:
    """So many messages of the ledger in that state, copies of the one that is there."""
    with app.store.writing() as session:
        row = session.execute(sql("select * from message limit 1")).mappings().one()
        for table in ("subscription_match", "delivery", "message"):
            session.execute(sql(f"delete from {table}"))
        columns = [name for name in row if name != "id"]
        insert = f"insert into message ({', '.join(columns)}) values ({', '.join(f':{c}' for c in columns)})"
        for number in range(count):
            changed = {
                "state": state,
                "channel_id": channel_id,
                "nonce": f"n{number}",
                "error": f"reason{number} " + "why " * 60,
                "discord_id": None,
            }
            session.execute(sql(insert), {**{name: row[name] for name in columns}, **changed})


def let_refuse(app: App, newsroom: Newsroom, channel_id: int, reason: str = "Missing Permissions") -> None:
    """A channel that refuses messages for an hour."""
    with app.store.writing() as session:
        session.execute(
            sql(
                "insert into announced_channel (channel_id, guild_id, reason, refusals, held_until)"
                " values (:channel, :guild, :reason, 1, '2026-03-20 13:00:00')"
            ),
            {"channel": channel_id, "guild": newsroom.guild.id, "reason": reason},
        )


async def pages_from(newsroom: Newsroom, answer: Any) -> list[str]:
    """The texts of all pages, turned one after another."""
    # A person would take longer than this.
    newsroom.env.bot.fair_use.check = lambda _interaction: None
    pages = [text_of(answer.response)]
    while not buttons_of(answer.response)["More →"].get("disabled"):
        await newsroom.grace.click(answer.response, label="More →")
        pages.append(text_of(answer.response))
        assert len(pages) < 100
    return pages


def numbers_in(page: str) -> list[int]:
    """The subscriptions that a page shows, by their numbers."""
    return [int(number) for number in re.findall(r"^(?:- )?\*\*(\d+)\*\* ", page, re.MULTILINE)]


async def test_a_list_of_25_long_ones_shows_all_of_one_channel(newsroom, app):
    other = newsroom.guild.create_text_channel("other")
    elsewhere = fill(newsroom, app, other.id, 2)
    ids = fill(newsroom, app, newsroom.channel.id, 25, schedule=LONG, thread=True)
    answer = await newsroom.grace.slash(newsroom.channel, "notify list", channel=newsroom.channel)
    pages = await pages_from(newsroom, answer)
    assert len(pages) == 4
    assert pages[0].startswith("### 25 subscriptions · page 1 of 4")
    assert [number for page in pages for number in numbers_in(page)] == ids
    assert not any("more:" in page for page in pages)
    await newsroom.grace.click(answer.response, label="← Back")
    assert text_of(answer.response) == pages[2]
    assert not set(elsewhere) & {number for page in pages for number in numbers_in(page)}


async def test_a_list_of_75_is_turned_through(newsroom, app):
    channels = [newsroom.guild.create_text_channel(f"news-{number}") for number in range(3)]
    ids = [number for channel in channels for number in fill(newsroom, app, channel.id, 25)]
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    pages = await pages_from(newsroom, answer)
    assert [number for page in pages for number in numbers_in(page)] == ids


async def test_a_short_list_has_no_pages(newsroom, app):
    fill(newsroom, app, newsroom.channel.id, 3)
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert text_of(answer.response).startswith("### 3 subscriptions\n")
    assert buttons_of(answer.response) == {}


async def test_status_shows_all_25_of_a_channel_with_all_that_troubles_it(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    put_messages(app, newsroom, newsroom.channel.id, 60, "held")
    ids = fill(newsroom, app, newsroom.channel.id, 24, schedule=LONG)
    answer = await newsroom.grace.slash(newsroom.channel, "notify status", channel=newsroom.channel)
    pages = await pages_from(newsroom, answer)
    shown = [number for page in pages for number in numbers_in(page)]
    assert len(shown) == 25
    assert shown[1:] == ids
    assert all("Held or failed: 60 messages" in page for page in pages)
    reasons = [int(number) for page in pages for number in re.findall(r"reason(\d+)", page)]
    assert reasons == list(range(59, -1, -1))


async def test_status_shows_everything_where_everything_is_wrong(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    put_messages(app, newsroom, newsroom.channel.id, 10, "held")
    channels = [newsroom.guild.create_text_channel(f"news-{number}") for number in range(7)]
    ids = [number for channel in channels for number in fill(newsroom, app, channel.id, 3, schedule=LONG)]
    for channel in channels:
        let_refuse(app, newsroom, channel.id, "*no* " * 100)
    with app.store.writing() as session:
        session.execute(
            sql("update subscription set last_digest_at = '2026-03-18 12:00:00', last_digest_papers = 1234")
        )
        session.execute(
            sql("update subscription set paused = true, pause_reason = :reason where id > :some"),
            {"reason": "The channel is gone. " * 20, "some": ids[10]},
        )
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    pages = await pages_from(newsroom, answer)
    assert [number for page in pages for number in numbers_in(page)][1:] == ids
    refusing = [int(each) for page in pages for each in re.findall(r"<#(\d+)> refuses messages", page)]
    assert refusing == [channel.id for channel in channels]
    assert sum(page.count("Held: ") for page in pages) == 10


async def test_a_page_that_is_gone_is_the_last_that_there_is(newsroom, app):
    ids = fill(newsroom, app, newsroom.channel.id, 17)
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    await newsroom.grace.click(answer.response, label="More →")
    for number in ids[4:]:
        subscriptions.remove(app, newsroom.guild.id, number)
    await newsroom.grace.click(answer.response, label="More →")
    assert numbers_in(text_of(answer.response)) == ids[:4]


@pytest.mark.simcord(check_errors=False)
@pytest.mark.parametrize("command", ["list", "status"])
@pytest.mark.parametrize("of_one", [True, False])
async def test_a_press_is_checked_again(newsroom, app, command, of_one):
    fill(newsroom, app, newsroom.channel.id, 12)
    options = {"channel": newsroom.channel} if of_one else {}
    answer = await newsroom.grace.slash(newsroom.channel, f"notify {command}", **options)
    before = text_of(answer.response)
    managers = newsroom.guild.roles["managers"]
    await newsroom.env.bot.http.remove_role(newsroom.guild.id, newsroom.grace.id, managers.id)
    (refused,) = (await newsroom.grace.click(answer.response, label="More →")).followups
    assert refused.ephemeral
    assert REFUSED_PRESS in text_of(refused)
    assert text_of(answer.response) == before


async def test_retry_and_try_now_keep_the_channel_and_the_page_of_their_card(newsroom, app, add_papers):
    other = newsroom.guild.create_text_channel("other")
    fill(newsroom, app, other.id, 3)
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    put_messages(app, newsroom, newsroom.channel.id, 7, "held")
    let_refuse(app, newsroom, newsroom.channel.id)
    answer = await newsroom.grace.slash(newsroom.channel, "notify status", channel=newsroom.channel)
    await newsroom.grace.click(answer.response, label="Try now")
    assert "refuses messages" not in text_of(answer.response)
    assert f"<#{other.id}>" not in text_of(answer.response)
    await newsroom.grace.click(answer.response, label="More →")
    await newsroom.grace.click(answer.response, custom_id=custom_ids_of(answer.response, "Retry")[0])
    assert f"<#{other.id}>" not in text_of(answer.response)
    assert "page 2 of 2" in text_of(answer.response)
    assert "Held or failed: 6 messages" in text_of(answer.response)
    with app.store.reading() as session:
        planned = session.execute(sql("select count(*) from message where state = 'planned'")).scalar()
    assert planned == 1


async def test_retry_reaches_what_is_older_than_the_fifty_newest(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    put_messages(app, newsroom, newsroom.channel.id, 1, "held")
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    with app.store.writing() as session:
        row = session.execute(sql("select * from message limit 1")).mappings().one()
        columns = [name for name in row if name != "id"]
        insert = f"insert into message ({', '.join(columns)}) values ({', '.join(f':{c}' for c in columns)})"
        for number in range(60):
            session.execute(sql(insert), {**{name: row[name] for name in columns}, "nonce": f"m{number}"})
    await newsroom.grace.click(answer.response, label="Retry")
    assert "Held or failed: 60 messages" in text_of(answer.response)
    with app.store.reading() as session:
        state = session.execute(sql("select state from message order by id limit 1")).scalar()
    assert state == "planned"


async def test_what_waits_for_a_channel_that_refuses_is_held_in_every_line(newsroom, app, add_papers):
    for query in ("decentralized", "learning"):
        await newsroom.grace.slash(newsroom.channel, "notify add", query=query)
    let_refuse(app, newsroom, newsroom.channel.id)
    add_papers(*papers(3))
    await newsroom.env.bot.announcer.round()
    answer = await newsroom.grace.slash(newsroom.channel, "notify status")
    text = text_of(answer.response)
    assert "All 2 together · papers: 6 new · **0 sent** · ⚠ 6 held" in text
    assert text.count("papers: 3 new · **0 sent** · ⚠ 3 held") == 2
    assert "0 held" not in text


async def test_a_message_that_waits_for_a_channel_that_refuses_counts_as_held(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    with app.store.writing() as session:
        session.execute(sql("update message set state = 'planned'"))
    let_refuse(app, newsroom, newsroom.channel.id)
    answer = await newsroom.grace.slash(newsroom.channel, "about")
    assert "messages: 0 sent, 0 on their way, 1 held, 0 failed" in text_of(answer.response)


async def test_a_list_shows_when_each_posted_last_and_posts_next(newsroom, app, add_papers):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", when="weekly", day=0, at="8")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="gossip", when="daily")
    await newsroom.grace.slash(newsroom.channel, "notify pause", subscription=3)
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    (post,) = newsroom.channel.history()
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    lines = text_of(answer.response).replace("\\", "").split("\n")
    address = f"https://discord.com/channels/{newsroom.guild.id}/{newsroom.channel.id}/{post.id}"
    assert lines[2:] == [
        "- **1** “decentralized” · at once",
        f"-# [last post]({address}) <t:1774008000:R>",
        "- **2** “graph” · every Monday at 08:00 (UTC)",
        "-# no post yet · next digest <t:1774252800:f>",
        "- **3** “gossip” · every day at 09:00 (UTC)",
        "-# no post yet · **paused**",
    ]
