"""/alerts: new papers for oneself, by direct message, and what a channel hears."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql

from bot.announcements import alerts, subscriptions
from bot.announcements.matcher import channels_matching
from bot.announcements.results import Filters
from bot.app import App
from tests.announcements.announcer import papers
from tests.discord_app.requests import buttons_of, text_of, walk


def alerts_of(app: App, person) -> list[Filters]:
    return [alert.filters for alert in alerts.alerts_of(app, person.id)]


@pytest.mark.parametrize("where", ["server", "direct messages"])
async def test_an_alert_sends_each_new_paper_once_to_the_person_alone(newsroom, app, add_papers, where):
    ada = newsroom.env.create_user("ada")
    member = newsroom.guild.add_member(ada)
    if where == "server":
        added = await member.slash(newsroom.channel, "alerts add", query="decentralized")
    else:
        added = await ada.slash("alerts add", query="decentralized")
    assert added.ephemeral
    text = text_of(added.response)
    assert "### Alert 1 is added" in text
    assert "You hear at once of new papers that match **“decentralized”**" in text
    add_papers(*papers(2))
    for _ in range(3):
        await newsroom.env.bot.announcer.round()
    assert len(ada.dm_channel.history()) == 2
    assert newsroom.channel.history() == []
    listed = await ada.slash("alerts list")
    assert "1 alert" in text_of(listed.response)
    assert "[last post](https://discord.com/channels/@me/" in text_of(listed.response).replace("\\", "")


async def test_alerts_are_edited_and_removed_by_their_person_alone(newsroom, app):
    ada, eve = newsroom.env.create_user("ada"), newsroom.env.create_user("eve")
    await ada.slash("alerts add", query="graph", code=True)
    (known,) = await ada.autocomplete("alerts remove", "alert", "gra")
    assert known == {"name": "1: graph · with code", "value": 1}
    assert await eve.autocomplete("alerts remove", "alert", "gra") == []
    changed = await ada.slash(
        "alerts edit", alert=1, query="gossip", when="daily", at="8am", timezone="Berlin", clear="code"
    )
    assert "every day at 08:00 (Europe/Berlin)" in text_of(changed.response).replace("\\", "")
    assert "for you <t:" in text_of(changed.response)
    assert alerts_of(app, ada) == [Filters("gossip")]
    removed = await ada.slash("alerts remove", alert=1)
    assert "Alert 1 is removed" in text_of(removed.response)
    assert alerts_of(app, ada) == []


@pytest.mark.simcord(check_errors=False)
async def test_nobody_touches_the_alerts_of_another_nor_subscriptions_of_channels(newsroom, app):
    ada, eve = newsroom.env.create_user("ada"), newsroom.env.create_user("eve")
    await ada.slash("alerts add", query="graph")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    for number in (1, 2, 99):
        for command, options in (("remove", {}), ("edit", {"query": "gossip"})):
            answer = await eve.slash(f"alerts {command}", alert=number, **options)
            assert "You have no such alert" in text_of(answer.response)
        await newsroom.env.advance_time(20)
    answer = await newsroom.grace.slash(newsroom.channel, "notify remove", subscription=1)
    assert "no such subscription" in text_of(answer.response)
    assert alerts_of(app, ada) == [Filters("graph")]


@pytest.mark.simcord(check_errors=False)
async def test_one_press_on_the_message_ends_the_alert(newsroom, app, add_papers):
    ada, eve = newsroom.env.create_user("ada"), newsroom.env.create_user("eve")
    await ada.slash("alerts add", query="decentralized")
    await ada.slash("alerts add", query="quantum")
    await eve.slash("alerts add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    (message,) = ada.dm_channel.history()
    ended = await ada.click(message, label="End this alert")
    assert "Alert 1 has ended: “decentralized”" in text_of(ended.response)
    assert alerts_of(app, ada) == [Filters("quantum")]
    again = await ada.click(message, label="End this alert")
    assert "has ended already" in text_of(again.response)
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    assert len(ada.dm_channel.history()) == 1
    assert len(eve.dm_channel.history()) == 2


async def test_many_papers_come_together_with_one_button_that_ends_the_alert(newsroom, app, add_papers):
    ada = newsroom.env.create_user("ada")
    await ada.slash("alerts add", query="decentralized")
    add_papers(*papers(25))
    await newsroom.env.bot.announcer.round()
    messages = ada.dm_channel.history()
    assert len(messages) == 3
    await ada.click(messages[2], label="End this alert")
    assert alerts_of(app, ada) == []


@pytest.mark.simcord(check_errors=False)
async def test_closed_direct_messages_end_the_alerts_and_the_next_command_says_so(
    newsroom, app, add_papers, monkeypatch
):
    ada = newsroom.env.create_user("ada")
    await ada.slash("alerts add", query="decentralized")
    with app.store.writing() as session:
        session.execute(
            sql(
                "update subscription set paused = true, "
                "pause_reason = 'The person takes no direct messages from Papercord.'"
            )
        )
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    assert ada.dm_channel.history() == []
    listed = await ada.slash("alerts list")
    text = text_of(listed.response)
    assert "**ended**" in text
    assert "⚠ Alert 1 has ended: The person takes no direct messages from Papercord." in text
    again = await ada.slash("alerts add", query="decentralized")
    assert "it is number 1, and has ended" in text_of(again.response)
    await ada.click(listed.response, label="Start again")
    assert "ended" not in text_of(listed.response)
    await newsroom.env.bot.announcer.round()
    assert len(ada.dm_channel.history()) == 1


@pytest.mark.simcord(check_errors=False)
async def test_a_person_has_so_many_alerts_and_none_twice(newsroom, app):
    ada = newsroom.env.create_user("ada")
    await ada.slash("alerts add", query="graph")
    twice = await ada.slash("alerts add", query="graph")
    assert "it is number 1." in text_of(twice.response)
    dm = alerts.alerts_of(app, ada.id)[0]
    for number in range(24):
        subscriptions.add(
            app,
            guild_id=dm.guild_id,
            channel_id=dm.channel_id,
            creator_id=ada.id,
            place=dm.place,
            filters=Filters(f"graph{number}"),
        )
    more = await ada.slash("alerts add", query="gossip")
    assert "You have 25 alerts" in text_of(more.response)
    listed = await ada.slash("alerts list")
    assert "25 alerts · page 1 of 4" in text_of(listed.response)
    await ada.click(listed.response, label="More →")
    assert "page 2 of 4" in text_of(listed.response)


async def test_buttons_of_searches_and_authors_make_alerts(newsroom, app):
    ada = newsroom.env.create_user("ada")
    member = newsroom.guild.add_member(ada)
    search = await ada.slash("papers", query="decentralized", field="LG")
    assert "Notify this channel" not in buttons_of(search.response)
    added = await ada.click(search.response, label="Notify me")
    assert "Alert 1 is added" in text_of(added.response)
    author = await ada.slash("author", name="Pan Pan")
    await ada.click(author.response, label="Follow")
    shown = await member.slash(newsroom.channel, "papers", query="graph")
    pressed = await newsroom.bob.click(shown.response, label="Notify me")
    assert pressed.ephemeral
    there = await member.slash(newsroom.channel, "author", name="Kun Yuan")
    await member.click(there.response, label="Notify me")
    words, pan, kun = alerts_of(app, ada)
    assert words == Filters("decentralized", field="LG")
    assert (pan, kun) == (
        Filters(author="Pan Pan", author_id=pan.author_id),
        Filters(author="Kun Yuan", author_id=kun.author_id),
    )
    assert None not in {pan.author_id, kun.author_id}
    assert alerts_of(app, newsroom.bob) == [Filters("graph")]


async def test_members_see_what_a_channel_hears(newsroom, app):
    silent = await newsroom.bob.slash(newsroom.channel, "alerts here")
    assert "This channel is told of no new papers" in text_of(silent.response)
    for number in range(10):
        await newsroom.grace.slash(newsroom.channel, "notify add", query=f"graph{number}")
        await newsroom.env.advance_time(20)
    heard = await newsroom.bob.slash(newsroom.channel, "alerts here")
    assert heard.ephemeral
    assert "10 subscriptions · page 1 of 2" in text_of(heard.response)
    assert "“graph0” · at once" in text_of(heard.response)
    await newsroom.bob.click(heard.response, label="More →")
    assert "“graph9” · at once" in text_of(heard.response)


@pytest.mark.simcord(check_errors=False)
async def test_here_in_direct_messages_says_where_it_works(newsroom):
    answer = await newsroom.env.create_user("ada").slash("alerts here")
    assert "works in a server only" in text_of(answer.response)


async def test_privacy_shows_and_deletes_alerts_with_what_was_sent(newsroom, app, add_papers):
    ada = newsroom.env.create_user("ada")
    await ada.slash("alerts add", query="decentralized")
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    answer = await ada.slash("privacy")
    assert "**1 alert** is stored now" in text_of(answer.response).replace("**0 searches** and ", "")
    await ada.click(answer.response, label="Delete what is stored of me")
    await ada.click(answer.response, label="Delete")
    assert "1 alert" in text_of(answer.response)
    assert alerts_of(app, ada) == []
    with app.store.reading() as session:
        assert session.execute(sql("select count(*) from delivery")).scalar() == 0
        assert session.execute(sql("select spec, payload from message")).all() == [("{}", "{}")]
    add_papers(*papers(1))
    await newsroom.env.bot.announcer.round()
    assert len(ada.dm_channel.history()) == 1


async def test_an_import_says_nothing_of_peoples_alerts(newsroom, app):
    await newsroom.env.create_user("ada").slash("alerts add", query="decentralized")
    with app.store.reading() as session:
        stored = session.execute(sql("select id from paper")).scalars().all()
        assert channels_matching(session, {}, stored) == ()


async def test_a_name_that_nobody_has_is_asked_about(newsroom, app):
    ada, eve = newsroom.env.create_user("ada"), newsroom.env.create_user("eve")
    added = await ada.slash("alerts add", author="Pan Pam")
    (menu,) = [each for each in walk(added.response.components) if each.get("options")]
    (meant,) = [option["value"] for option in menu["options"] if option["label"] == "Pan Pan"]
    await ada.select(added.response, [meant])
    assert "Alert 1 is changed" in text_of(added.response)
    (followed,) = alerts_of(app, ada)
    assert (followed.author, followed.author_id is not None) == ("Pan Pan", True)
    assert alerts_of(app, eve) == []
