"""/notify: subscriptions added, listed, changed and removed by people who may."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
from sqlalchemy import text as sql

from bot.announcements import subscriptions
from bot.announcements.citing import FoundCitation, write_found
from bot.announcements.results import Filters, Frequency
from bot.app import App
from bot.corpus.paper import CitedWork
from bot.discord_app.grants import Grants
from tests.cogs.notify.guild import MANAGER, Newsroom
from tests.discord_app.requests import ANSWERED, buttons_of, first_answers, menu_of, text_of


def subscriptions_here(newsroom: Newsroom, app: App):
    return subscriptions.list_all(app, newsroom.guild.id)


async def let_use(newsroom: Newsroom, targets: dict[Any, bool]) -> None:
    """Set who may use /notify, as the server's owner does under Integrations."""
    for command in await newsroom.env.bot.tree.fetch_commands():
        if command.name == "notify":
            newsroom.guild.set_command_permissions(command.id, targets)


async def test_add_confirms_the_baseline_and_what_it_would_have_posted(newsroom, app):
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="decentralized")
    text = text_of(answer.response)
    assert answer.ephemeral
    assert "26 papers are known; you will hear of the next one." in text
    assert "These spellings count as well: decentralised" in text
    assert "In the last 30 days" in text
    assert "3 papers" in text
    assert newsroom.channel.history() == []
    (subscription,) = subscriptions_here(newsroom, app)
    assert subscription.channel_id == newsroom.channel.id
    assert subscription.creator_id == newsroom.grace.id


async def test_a_first_subscription_posts_nothing_of_what_is_known(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="learning")
    await newsroom.env.bot.announcer.round()
    assert newsroom.channel.history() == []


@pytest.mark.simcord(check_errors=False)
async def test_scene_13_a_member_is_refused_privately_and_searching_still_works(newsroom, app, monkeypatch):
    await let_use(newsroom, {newsroom.bob: True})

    async def nothing(guild_id: int) -> Grants:
        return Grants(guild_id, {}, {})

    # Whatever Discord lets through is checked again.
    monkeypatch.setattr(newsroom.env.bot.grants, "of", nothing)
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    (subscription,) = subscriptions_here(newsroom, app)
    for command, options in {
        "add": {"query": "learning"},
        "list": {},
        "status": {},
        "export": {},
        "preview": {"query": "learning"},
        "why": {"paper": "DecentLaM"},
        "import": {"file": ("x.json", b"{}")},
        "edit": {"subscription": subscription.id, "query": "learning"},
        "pause": {"subscription": subscription.id},
        "resume": {"subscription": subscription.id},
        "remove": {"subscription": subscription.id},
    }.items():
        answer = await newsroom.bob.slash(newsroom.channel, f"notify {command}", **options)
        assert answer.ephemeral
        assert "You need the permission Manage Channels" in text_of(answer.response)
        await newsroom.env.advance_time(20)
    assert subscriptions_here(newsroom, app) == (subscription,)
    search = await newsroom.bob.slash(newsroom.channel, "papers", query="decentralized")
    assert "3 papers" in text_of(search.response)
    assert "Notify this channel" not in buttons_of(search.response)


@pytest.mark.parametrize("by", ["person", "role", "everyone"])
async def test_whom_the_owner_let_use_the_command_may_do_all_of_it(newsroom, app, by):
    readers = newsroom.guild.create_role("readers")
    eve = newsroom.guild.add_member(newsroom.env.create_user("eve"), roles=[readers])
    await let_use(
        newsroom, {{"person": eve, "role": readers, "everyone": newsroom.guild.default_role}[by]: True}
    )
    added = await eve.slash(newsroom.channel, "notify add", query="graph")
    assert "Subscription 1 is added" in text_of(added.response)
    (known,) = await eve.autocomplete(newsroom.channel, "notify remove", "subscription", "graph")
    listed = await eve.slash(newsroom.channel, "notify list")
    assert "1 subscription" in text_of(listed.response)
    exported = await eve.slash(newsroom.channel, "notify export")
    assert "1 subscription of this server" in exported.response.content
    search = await eve.slash(newsroom.channel, "papers", query="decentralized")
    followed = await eve.click(search.response, label="Notify this channel")
    assert "Subscription 2 is added" in text_of(followed.response)
    await eve.slash(newsroom.channel, "notify remove", subscription=known["value"])
    (left,) = subscriptions_here(newsroom, app)
    assert left.creator_id == eve.id


@pytest.mark.simcord(check_errors=False)
async def test_what_the_owner_let_a_person_use_shows_them_no_hidden_channel(newsroom, app):
    unseen = discord.PermissionOverwrite(view_channel=False)
    secret = newsroom.guild.create_text_channel(
        "secret",
        overwrites={
            newsroom.guild.default_role: unseen,
            newsroom.guild.me: discord.PermissionOverwrite(view_channel=True),
        },
    )
    subscriptions.add(
        app, guild_id=newsroom.guild.id, channel_id=secret.id, creator_id=5, filters=Filters("graph")
    )
    await let_use(newsroom, {newsroom.bob: True})
    listed = await newsroom.bob.slash(newsroom.channel, "notify list")
    assert "No channel is" in text_of(listed.response)
    removed = await newsroom.bob.slash(newsroom.channel, "notify remove", subscription=1)
    assert "You need the permission Manage Channels in \\#secret" in text_of(removed.response)
    exported = await newsroom.bob.slash(newsroom.channel, "notify export")
    assert "0 subscriptions of this server" in exported.response.content


@pytest.mark.simcord(check_errors=False)
async def test_whom_the_owner_denies_the_command_its_buttons_refuse_too(newsroom, app):
    shown = await newsroom.grace.slash(newsroom.channel, "papers", query="decentralized")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    for target in (newsroom.grace, newsroom.guild.roles["managers"], newsroom.channel):
        await let_use(newsroom, {target: False})
        newsroom.env.bot.grants.forget(newsroom.guild.id)
        pressed = await newsroom.grace.click(shown.response, label="Notify this channel")
        assert pressed.ephemeral
        assert "Server Settings → Integrations does not let you use" in text_of(pressed.response)
        await newsroom.env.advance_time(20)
    assert len(subscriptions_here(newsroom, app)) == 1
    await let_use(newsroom, {})
    newsroom.env.bot.grants.forget(newsroom.guild.id)
    pressed = await newsroom.grace.click(shown.response, label="Notify this channel")
    assert "is added" in text_of(pressed.response)


@pytest.mark.simcord(check_errors=False)
async def test_a_change_under_integrations_holds_as_soon_as_discord_says_so(newsroom, app):
    bot, guild = newsroom.env.bot, newsroom.guild
    await let_use(newsroom, {newsroom.bob: True})
    search = await newsroom.bob.slash(newsroom.channel, "papers", query="decentralized")
    assert "Notify this channel" in buttons_of(search.response)
    await let_use(newsroom, {newsroom.bob: False})
    changed = {"id": "1", "application_id": "2", "guild_id": str(guild.id), "permissions": []}
    bot._connection.parse_application_command_permissions_update(changed)
    pressed = await newsroom.bob.click(search.response, label="Notify this channel")
    assert "Server Settings → Integrations does not let you use" in text_of(pressed.response)
    assert subscriptions_here(newsroom, app) == ()


@pytest.mark.simcord(check_errors=False)
async def test_where_discord_does_not_say_who_may_that_is_said(newsroom, app, monkeypatch):
    await let_use(newsroom, {newsroom.bob: True})

    async def away(*_ids: int) -> None:
        raise TimeoutError

    monkeypatch.setattr(newsroom.env.bot.http, "get_application_command_permissions", away)
    answer = await newsroom.bob.slash(newsroom.channel, "notify add", query="graph")
    assert answer.ephemeral
    assert "Discord does not say at present" in text_of(answer.response)
    assert subscriptions_here(newsroom, app) == ()


@pytest.mark.simcord(check_errors=False)
async def test_a_channel_in_which_the_bot_cannot_post_is_refused_with_what_it_lacks(newsroom, app):
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", channel=newsroom.hidden
    )
    assert answer.ephemeral
    assert "Papercord needs the permission" in answer.response.content
    assert "View Channel" in answer.response.content
    assert subscriptions_here(newsroom, app) == ()


@pytest.mark.simcord(check_errors=False)
async def test_everyone_and_roles_that_may_not_be_mentioned_are_never_pinged(newsroom, app):
    shy = newsroom.guild.create_role("shy")
    no_mentions = discord.PermissionOverwrite(mention_everyone=False)
    quiet = newsroom.guild.create_text_channel("quiet", overwrites={newsroom.guild.me: no_mentions})
    everyone = newsroom.guild.default_role
    for role, words in ((shy, "cannot be mentioned"), (everyone, "everyone is never pinged")):
        answer = await newsroom.grace.slash(quiet, "notify add", query="graph", role=role)
        assert answer.ephemeral
        assert words in answer.response.content
    assert subscriptions_here(newsroom, app) == ()


async def test_a_role_and_a_thread_are_kept_and_said(newsroom, app):
    readers = newsroom.guild.create_role("readers", mentionable=True)
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", role=readers, thread=True
    )
    text = text_of(answer.response)
    assert f"<@&{readers.id}>" in text
    assert "A thread for discussion opens" in text
    (subscription,) = subscriptions_here(newsroom, app)
    assert (subscription.role_id, subscription.thread) == (readers.id, True)


async def test_a_digest_is_told_in_its_own_time_zone(newsroom, app, clock):
    answer = await newsroom.grace.slash(
        newsroom.channel,
        "notify add",
        query="graph",
        when="weekly",
        day=0,
        at="9:30",
        timezone="europe/berlin",
    )
    text = text_of(answer.response).replace("\\", "")
    assert "every Monday at 09:30 (Europe/Berlin)" in text
    assert "Next digest: Mon 23 Mar 2026, 09:30 (Europe/Berlin), for you <t:1774254600:f>" in text
    (subscription,) = subscriptions_here(newsroom, app)
    assert subscription.schedule.frequency is Frequency.WEEKLY
    assert subscription.schedule.at == "09:30"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"at": "9.5", "when": "daily"}, "is not a time of day"),
        ({"timezone": "Atlantis", "when": "daily"}, "is not a time zone"),
        ({"at": "09:00"}, "are those of a digest"),
        ({"day": 3, "when": "daily"}, "is that of a weekly digest"),
    ],
)
@pytest.mark.simcord(check_errors=False)
async def test_times_that_cannot_be_are_refused_at_once(newsroom, app, options, words):
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", **options)
    assert answer.ephemeral
    assert first_answers(newsroom.env) == [ANSWERED]
    assert words in answer.response.content
    assert subscriptions_here(newsroom, app) == ()


async def test_zones_authors_and_subscriptions_are_suggested_while_one_types(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph learning")
    grace = newsroom.grace
    zones = await grace.autocomplete(newsroom.channel, "notify add", "timezone", "berl", when="daily")
    assert [choice["value"] for choice in zones] == ["Europe/Berlin"]
    first = await grace.autocomplete(newsroom.channel, "notify add", "timezone", "")
    assert first[0]["value"] == "UTC"
    authors = await grace.autocomplete(newsroom.channel, "notify add", "author", "Pan P")
    assert any(choice["name"].startswith("Pan Pan") for choice in authors)
    fields = await grace.autocomplete(newsroom.channel, "notify add", "field", "c")
    assert "CV" in [choice["value"] for choice in fields]
    (known,) = await grace.autocomplete(newsroom.channel, "notify remove", "subscription", "graph")
    assert known["value"] == subscriptions_here(newsroom, app)[0].id
    assert "#new-papers" in known["name"]


async def test_an_author_chosen_from_the_suggestions_is_kept_by_name(newsroom, app):
    (choice, *_) = await newsroom.grace.autocomplete(newsroom.channel, "notify add", "author", "Pan Pan")
    await newsroom.grace.slash(newsroom.channel, "notify add", author=choice["value"])
    assert subscriptions_here(newsroom, app)[0].filters.author == "Pan Pan"


async def test_list_shows_the_subscriptions_by_channel(newsroom, app):
    empty = await newsroom.grace.slash(newsroom.channel, "notify list")
    assert "No channel is told" in text_of(empty.response)
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    await newsroom.grace.slash(newsroom.channel, "notify add", field="CV", when="daily")
    answer = await newsroom.grace.slash(newsroom.channel, "notify list")
    text = text_of(answer.response)
    assert answer.ephemeral
    assert "2 subscriptions" in text
    assert "“graph” · at once" in text
    assert "every day at 09:00 (UTC)" in text
    assert text.count(f"<#{newsroom.channel.id}>") == 1


async def test_edit_changes_what_is_given_and_clears_what_is_named(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", field="LG")
    (before,) = subscriptions_here(newsroom, app)
    answer = await newsroom.grace.slash(
        newsroom.channel,
        "notify edit",
        subscription=before.id,
        query="diffusion",
        when="daily",
        clear="field",
    )
    assert answer.ephemeral
    assert "is changed" in text_of(answer.response)
    (after,) = subscriptions_here(newsroom, app)
    assert (after.filters.query, after.filters.field) == ("diffusion", None)
    assert after.schedule.frequency is Frequency.DAILY
    assert after.cursor == before.cursor


async def test_pause_resume_and_remove(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    (found,) = subscriptions_here(newsroom, app)
    paused = await newsroom.grace.slash(newsroom.channel, "notify pause", subscription=found.id)
    assert "is paused" in text_of(paused.response)
    assert subscriptions_here(newsroom, app)[0].paused
    resumed = await newsroom.grace.slash(newsroom.channel, "notify resume", subscription=found.id)
    assert "goes on" in text_of(resumed.response)
    assert not subscriptions_here(newsroom, app)[0].paused
    removed = await newsroom.grace.slash(newsroom.channel, "notify remove", subscription=found.id)
    assert "is removed" in text_of(removed.response)
    assert subscriptions_here(newsroom, app) == ()


@pytest.mark.simcord(check_errors=False)
async def test_a_subscription_of_another_server_is_unknown_here(newsroom, app):
    other = newsroom.env.create_guild("Elsewhere")
    there = other.create_text_channel("news")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    (found,) = subscriptions_here(newsroom, app)
    managers = other.create_role("managers", permissions=MANAGER)
    eve = other.add_member(newsroom.env.create_user("eve"), roles=[managers])
    for command in ("pause", "resume", "remove"):
        answer = await eve.slash(there, f"notify {command}", subscription=found.id)
        assert answer.ephemeral
        assert "no such subscription" in text_of(answer.response)
    assert subscriptions_here(newsroom, app) == (found,)


@pytest.mark.simcord(check_errors=False)
async def test_the_same_subscription_twice_is_refused(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    again = await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    assert "has that subscription already" in text_of(again.response)
    assert len(subscriptions_here(newsroom, app)) == 1


async def test_export_and_import_bring_the_same_subscriptions_back(newsroom, app):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph", when="daily", at="08:00")
    (before,) = subscriptions_here(newsroom, app)
    answer = await newsroom.grace.slash(newsroom.channel, "notify export")
    (attachment,) = answer.response.attachments
    assert attachment.filename == "papercord-subscriptions.json"
    assert "1 subscription" in answer.response.content
    document = json.dumps(
        {
            "papercord_subscriptions": 1,
            "subscriptions": [
                {"channel_id": str(newsroom.channel.id), "query": "graph", "when": "daily", "at": "08:00"},
                {"channel_id": "123456789", "query": "graph"},
            ],
        }
    ).encode()
    await newsroom.grace.slash(newsroom.channel, "notify remove", subscription=before.id)
    taken = await newsroom.grace.slash(
        newsroom.channel, "notify import", file=("subscriptions.json", document)
    )
    text = text_of(taken.response)
    assert "1 subscription added" in text
    assert "The channel is not one of this server" in text
    (after,) = subscriptions_here(newsroom, app)
    assert (after.filters, after.schedule) == (before.filters, before.schedule)


@pytest.mark.simcord(check_errors=False)
async def test_a_file_that_is_too_large_is_refused_before_it_is_read(newsroom, app):
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify import", file=("large.json", b" " * (25 * 1024 * 1024 + 1))
    )
    assert first_answers(newsroom.env) == [ANSWERED]
    assert "so it was not read" in answer.response.content
    broken = await newsroom.grace.slash(newsroom.channel, "notify import", file=("broken.json", b"{"))
    assert "none that" in text_of(broken.response)


async def test_an_imported_subscription_with_threads_needs_a_channel_that_lets_the_bot_open_them(
    newsroom, app
):
    no_threads = discord.PermissionOverwrite(create_public_threads=False)
    flat = newsroom.guild.create_text_channel("flat", overwrites={newsroom.guild.me: no_threads})
    entries = [{"channel_id": str(flat.id), "query": "graph", "thread": thread} for thread in (True, False)]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    taken = await newsroom.grace.slash(newsroom.channel, "notify import", file=("s.json", document))
    text = text_of(taken.response)
    assert "Left out: 1" in text
    assert "Papercord needs the permissions Create Public Threads" in text
    assert [found.thread for found in subscriptions_here(newsroom, app)] == [False]


async def test_import_takes_the_roles_that_add_takes(newsroom, app):
    role = newsroom.guild.create_role("quiet")
    may_not = discord.PermissionOverwrite(mention_everyone=False)
    still = newsroom.guild.create_text_channel("still", overwrites={newsroom.guild.me: may_not})
    entries = [
        {"channel_id": str(channel.id), "query": "graph", "role_id": str(role.id)}
        for channel in (newsroom.channel, still)
    ]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    taken = await newsroom.grace.slash(newsroom.channel, "notify import", file=("s.json", document))
    text = text_of(taken.response).replace("\\", "")
    assert "1 subscription added" in text
    assert "Entry 2: role: @quiet cannot be mentioned" in text
    (found,) = subscriptions_here(newsroom, app)
    assert (found.channel_id, found.role_id) == (newsroom.channel.id, role.id)


async def test_import_refuses_roles_that_there_are_not_and_everyone(newsroom, app):
    everyone = newsroom.guild.id
    entries = [
        {"channel_id": str(newsroom.channel.id), "query": "graph", "role_id": str(role)}
        for role in (everyone, 12345)
    ]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    taken = await newsroom.grace.slash(newsroom.channel, "notify import", file=("s.json", document))
    text = text_of(taken.response).replace("\\", "")
    assert "Entry 1: role: everyone is never pinged" in text
    assert "Entry 2: The role is not one of this server." in text
    assert subscriptions_here(newsroom, app) == ()


async def test_an_import_names_as_many_entries_as_there_is_room_for(newsroom, app):
    entries = [{"channel_id": str(newsroom.channel.id), "query": f"graph {number}"} for number in range(12)]
    entries += [{"channel_id": "123", "query": f"graph {number}"} for number in range(100)]
    document = json.dumps({"papercord_subscriptions": 1, "subscriptions": entries}).encode()
    taken = await newsroom.grace.slash(newsroom.channel, "notify import", file=("s.json", document))
    text = text_of(taken.response)
    named = text.count("The channel is not one of this server")
    assert "12 subscriptions added" in text
    assert "Left out: 100" in text
    assert named >= 30
    assert f"… and {100 - named} more" in text


OF_ONE = {"subscription": 1}
WHILE_AWAY = {
    "notify list": {},
    "notify status": {},
    "notify check": {},
    "notify add": {"query": "graph"},
    "notify preview": {"query": "graph"},
    "notify why": {"paper": "DecentLaM"},
    "notify export": {},
    "notify import": {"file": ("x.json", b"{}")},
    "notify edit": OF_ONE,
    "notify pause": OF_ONE,
    "notify resume": OF_ONE,
    "notify remove": OF_ONE,
    "alerts here": {},
}


@pytest.mark.parametrize("command", WHILE_AWAY)
@pytest.mark.parametrize("state", ["unavailable", "unknown yet"])
@pytest.mark.simcord(check_errors=False)
async def test_while_the_server_is_not_there_answers_say_so(newsroom, app, monkeypatch, command, state):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    (subscription,) = subscriptions_here(newsroom, app)
    bot = newsroom.env.bot
    if state == "unavailable":
        bot.get_guild(newsroom.guild.id).unavailable = True
    else:
        monkeypatch.setattr(bot, "get_guild", lambda _id: None)
        monkeypatch.setattr(bot, "is_ready", lambda: False)
    answer = await newsroom.grace.slash(newsroom.channel, command, **WHILE_AWAY[command])
    assert answer.ephemeral
    assert "Try again in a minute" in text_of(answer.response)
    assert subscriptions_here(newsroom, app) == (subscription,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"query": "learning", "clear": "query"}, "query is given and cleared as well"),
        ({"code": False, "clear": "code"}, "code is given and cleared as well"),
        ({}, "Nothing of it would change"),
        ({"query": "graph", "thread": False}, "Nothing of it would change"),
        ({"query": "learning"}, "has that subscription already"),
        ({"query": "similar:1"}, "cannot mean one paper"),
        ({"query": "arXiv:2110.13363"}, "cannot mean one paper"),
    ],
)
@pytest.mark.simcord(check_errors=False)
async def test_an_edit_that_cannot_be_meant_is_refused_with_the_reason(newsroom, app, options, words):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    await newsroom.grace.slash(newsroom.channel, "notify add", query="learning")
    before = subscriptions_here(newsroom, app)
    answer = await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=before[0].id, **options)
    assert answer.ephemeral
    assert words in text_of(answer.response)
    assert subscriptions_here(newsroom, app) == before


async def test_a_digest_that_was_instant_for_a_while_keeps_its_time_and_zone(newsroom, app):
    await newsroom.grace.slash(
        newsroom.channel, "notify add", query="graph", when="daily", at="17:30", timezone="Europe/Berlin"
    )
    (first,) = subscriptions_here(newsroom, app)
    for when in ("instant", "daily"):
        await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=first.id, when=when)
    (last,) = subscriptions_here(newsroom, app)
    assert last.schedule == first.schedule
    assert last.next_digest_at == first.next_digest_at


@pytest.mark.simcord(check_errors=False)
async def test_who_edits_at_the_same_time_as_another_sees_that_and_decides(newsroom, app, monkeypatch):
    await newsroom.grace.slash(newsroom.channel, "notify add", query="graph")
    (first,) = subscriptions_here(newsroom, app)
    meant = subscriptions.fixed_query
    others: list[bool] = []

    def another_first(*arguments):
        if not others:
            others.append(True)
            subscriptions.edit(
                app,
                first.guild_id,
                first.id,
                filters=Filters(query="transformer"),
                schedule=first.schedule,
                role_id=None,
                thread=False,
            )
        return meant(*arguments)

    monkeypatch.setattr(subscriptions, "fixed_query", another_first)
    answer = await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=first.id, code=True)
    assert "Somebody changed subscription" in text_of(answer.response)
    assert "transformer" in text_of(answer.response)
    (now,) = subscriptions_here(newsroom, app)
    assert now.filters == Filters(query="transformer")
    await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=first.id, code=True)
    (now,) = subscriptions_here(newsroom, app)
    assert now.filters == Filters(query="transformer", code=True)


async def test_a_search_that_no_subscription_can_mean_offers_none(newsroom):
    offer = "Notify this channel"
    found = await newsroom.grace.slash(newsroom.channel, "papers", query="decentralized")
    assert offer in buttons_of(found.response)
    for query in ("similar:1", "paper:1", "2110.13363", "🤖"):
        answer = await newsroom.grace.slash(newsroom.channel, "papers", query=query)
        assert offer not in buttons_of(answer.response), query
        await newsroom.env.advance_time(20)


@pytest.mark.parametrize("query", ["🤖", '""', "-"])
async def test_a_search_without_any_word_says_so(newsroom, query):
    answer = await newsroom.grace.slash(newsroom.channel, "papers", query=query)
    assert "There is no word in it" in text_of(answer.response)
    assert "Nothing found" not in text_of(answer.response)


async def test_a_name_that_nobody_has_is_warned_of_with_those_who_may_be_meant(newsroom, app):
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", author="Kun Yaun", min_score=10)
    text = text_of(answer.response)
    assert "⚠ It can match nothing yet: nobody in the corpus has the name “Kun Yaun”" in text
    for command in ("notify list", "notify status"):
        shown = text_of((await newsroom.grace.slash(newsroom.channel, command)).response)
        assert "nobody in the corpus has the name “Kun Yaun”" in shown

    options = menu_of(answer.response)["options"]
    chosen = next(option["value"] for option in options if option["label"] == "Kun Yuan")
    answer = await newsroom.grace.select(answer.response, [chosen])
    assert "can match nothing" not in text_of(answer.response)
    (subscription,) = subscriptions_here(newsroom, app)
    filters = subscription.filters
    assert filters == Filters(author="Kun Yuan", author_id=filters.author_id, min_score=10)
    assert filters.author_id is not None


@pytest.mark.parametrize(
    ("options", "doubt"),
    [
        ({"min_score": 5000.0}, "no paper in the corpus has such a score"),
        ({"query": "score:>5000"}, "no paper in the corpus has such a score"),
        ({"query": 'author:"Pam Pam"'}, "nobody in the corpus has the name “Pam Pam”"),
        ({"min_score": 5.0, "query": "gossip", "code": False}, None),
    ],
)
async def test_what_no_paper_has_is_warned_of(newsroom, app, options, doubt):
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", **options)
    text = text_of(answer.response)
    assert (f"⚠ It can match nothing yet: {doubt}" in text) if doubt else ("can match nothing" not in text)


async def test_where_no_paper_has_a_score_or_code_that_is_said(newsroom, app):
    with app.store.writing() as session:
        session.execute(sql("update paper set score = null, has_code = false, revision = revision + 1000"))
        session.execute(sql("insert into revision select max(number) + 1000, 1, max(made_at) from revision"))
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", min_score=5.0, code=True)
    text = text_of(answer.response)
    assert "no paper in the corpus has a score, and no source on the net gives one" in text
    assert "of no paper in the corpus any code is known" in text


CITING_WORK = {
    "scheme": "doi",
    "value": "10.5555/1",
    "title": "On *moments*",
    "year": 2025,
    "authors": ("Eve Fox",),
}


@pytest.mark.simcord(check_errors=False)
async def test_citations_and_retractions_are_asked_for_by_an_option(newsroom, app):
    title = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", citing=title)
    text = text_of(answer.response)
    assert "every Monday at 09:00" in text
    assert "of what is **“who cites DecentLaM" in text
    assert "What each names first is known" in text
    assert "In the last 30 days" not in text
    await newsroom.grace.slash(newsroom.channel, "notify add", citing="Pan Pan", when="instant")
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", retractions=True)
    assert "**“retractions of all papers”**" in text_of(answer.response)
    paper, author, gone = subscriptions_here(newsroom, app)
    assert (paper.filters.citing, paper.filters.citing_paper_id is not None) == (title, True)
    assert paper.schedule.frequency is Frequency.WEEKLY
    assert (author.filters.citing_author_id is not None, author.schedule.frequency) == (
        True,
        Frequency.INSTANT,
    )
    assert gone.filters.retractions
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", citing="Nobody Atall")
    assert "not exactly one paper or author" in text_of(answer.response)
    exported = await newsroom.grace.slash(newsroom.channel, "notify export")
    assert exported.response is not None
    listed = text_of((await newsroom.grace.slash(newsroom.channel, "notify list")).response)
    assert "who cites Pan Pan" in listed


@pytest.mark.simcord(check_errors=False)
async def test_new_citations_are_previewed_and_asked_for_otherwise(newsroom, app):
    title = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"
    answer = await newsroom.grace.slash(newsroom.channel, "notify preview", citing=title)
    assert "Nothing is known to cite it so far" in text_of(answer.response)
    await newsroom.grace.slash(newsroom.channel, "notify add", citing=title)
    (paper,) = subscriptions_here(newsroom, app)
    with app.store.writing() as session:
        found = FoundCitation(paper.filters.citing_paper_id, CitedWork(**CITING_WORK))
        write_found(session, "openalex", [found], app.clock(), {})
    answer = await newsroom.grace.slash(newsroom.channel, "notify preview", subscription=paper.id)
    words = text_of(answer.response)
    assert "**Known so far**, and not posted: 1 citing work:" in words
    assert "**On \\*moments\\***\nEve Fox · 2025 · [open](https://doi.org/10.5555/1)" in words
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify edit", subscription=paper.id, citing="Pan Pan", when="daily"
    )
    assert "who cites Pan Pan" in text_of(answer.response)
    (author,) = subscriptions_here(newsroom, app)
    assert (author.filters.citing_paper_id, author.filters.citing_author_id is not None) == (None, True)
    answer = await newsroom.grace.slash(
        newsroom.channel, "notify edit", subscription=author.id, query="graph", clear="citing"
    )
    (edited,) = subscriptions_here(newsroom, app)
    assert edited.filters == Filters(query="graph")
    refused = await newsroom.grace.slash(
        newsroom.channel, "notify edit", subscription=author.id, citing="Pan Pan"
    )
    assert "goes with no other filter" in refused.response.content


@pytest.mark.simcord(check_errors=False)
async def test_votes_rank_a_digest_of_papers_that_were_here_for_some_days(newsroom, app):
    options = {"query": "graph", "order": "votes", "delay": 3}
    refused = await newsroom.grace.slash(newsroom.channel, "notify add", **options)
    assert "order and delay are those of a digest" in refused.response.content
    answer = await newsroom.grace.slash(newsroom.channel, "notify add", when="weekly", **options)
    assert "ranked by votes, once they are here for 3 days" in text_of(answer.response)
    (one,) = subscriptions_here(newsroom, app)
    await newsroom.grace.slash(newsroom.channel, "notify edit", subscription=one.id, order="arrived", delay=0)
    (one,) = subscriptions_here(newsroom, app)
    assert (one.schedule.order, one.schedule.delay, one.schedule.frequency) == ("arrived", 0, "weekly")


@pytest.mark.simcord(check_errors=False)
async def test_the_confirmation_shows_the_next_digest_by_the_readers_clock(newsroom):
    async def add(**options: str) -> str:
        answer = await newsroom.grace.slash(
            newsroom.channel, "notify add", query="graph", when="daily", **options
        )
        return (answer.response.content or text_of(answer.response)).replace("\\", "")

    assert "09:00 (America/New_York), for you <t:1774011600:f>" in await add(at="9am", timezone="EST")
    assert "every day at 17:00 (UTC+2)" in await add(at="17h", timezone="utc+2")
    assert "has several clocks (America/New_York" in await add(timezone="USA")
    assert "is not a time zone" in await add(timezone="localtime")
    assert "is not a time of day" in await add(at="25:00")
