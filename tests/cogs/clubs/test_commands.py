"""/club: who may do what, what it answers, and what is in its way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import discord
import pytest

from bot.app import App
from bot.reading import clubs
from tests.apps import Clock
from tests.cogs.notify.guild import Newsroom
from tests.discord_app.requests import buttons_of, custom_ids_of, menu_of, text_of

pytestmark = pytest.mark.simcord(check_errors=False)

PAPER = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"
OTHER = "Exponential Graph is Provably Efficient for Decentralized Deep Training"


def said(answer: Any) -> str:
    """All that an answer shows, without the signs that make it safe."""
    response = answer.response
    return (response.content or text_of(response)).replace("\\", "")


async def make_club(newsroom: Newsroom, name: str = "Journal club", **options: Any) -> Any:
    given = {"name": name, "day": 3, "at": "14:00", "timezone": "Europe/Berlin"} | options
    return await newsroom.grace.slash(newsroom.channel, "club new", **given)


def people(newsroom: Newsroom) -> str:
    return f"<@{newsroom.grace.id}> and <@{newsroom.bob.id}>"


async def test_a_club_is_made_papers_are_proposed_and_members_vote(newsroom: Newsroom, app: App):
    made = await make_club(newsroom, presenters=people(newsroom), place="Room 2 @everyone")
    assert not made.ephemeral
    assert "Journal club is made" in said(made)
    assert "each Thursday at 14:00 (Europe/Berlin) · 60 minutes · Room 2 @everyone" in said(made)
    assert f"Presenters in turn: <@{newsroom.grace.id}> <@{newsroom.bob.id}>" in said(made)
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    assert club.next_at == dt.datetime(2026, 3, 26, 13, tzinfo=dt.UTC)

    proposed = await newsroom.bob.slash(newsroom.channel, "club propose", paper=PAPER)
    assert not proposed.ephemeral
    assert "Proposed to Journal club" in said(proposed)
    await newsroom.bob.slash(newsroom.channel, "club propose", paper=OTHER)
    await newsroom.grace.click(proposed.response, label="👍")
    again = await newsroom.grace.slash(newsroom.channel, "club propose", paper=PAPER)
    assert "Proposed already to Journal club" in said(again)

    shown = await newsroom.bob.slash(newsroom.channel, "club next")
    assert "2 proposed papers" in said(shown)
    assert said(shown).index("DecentLaM") < said(shown).index("Exponential")
    assert f"<@{newsroom.grace.id}> presents · votes until <t:{int(club.votes_end.timestamp())}:f>" in said(
        shown
    )
    voted = await newsroom.bob.click(shown.response, label="👍 1")
    assert "👍 2" in buttons_of(voted.response)

    refused = await newsroom.bob.slash(newsroom.channel, "club withdraw", paper=OTHER, club="nothing")
    assert "no such club" in said(refused)
    known = await newsroom.bob.autocomplete(newsroom.channel, "club withdraw", "paper", "")
    assert {each["name"] for each in known} == {PAPER, OTHER}
    (one,) = await newsroom.bob.autocomplete(newsroom.channel, "club withdraw", "paper", "provably EFF")
    left = await newsroom.bob.slash(newsroom.channel, "club withdraw", paper=one["value"])
    assert left.ephemeral
    assert "1 proposed paper" in said(left)


async def test_what_members_may_not_do_and_what_is_mistyped_is_refused_privately(
    newsroom: Newsroom, app: App
):
    nobody = await newsroom.bob.slash(newsroom.channel, "club next", private=True)
    assert "This server has no journal club" in said(nobody)
    for command, options in (
        ("club new", {"name": "Club", "day": 3, "at": "14:00", "timezone": "UTC"}),
        ("club edit", {"minutes": 30}),
        ("club end", {"club": "Club"}),
        ("club skip", {}),
    ):
        answer = await newsroom.bob.slash(newsroom.channel, command, **options)
        assert answer.ephemeral
        assert "permission Manage Channels in the whole server" in said(answer)
    answer = await make_club(newsroom, presenters="Ada and Bob")
    assert answer.ephemeral
    assert "mention people" in said(answer)
    for nobody in (f"<@{2**64 - 1}>", str(10**19 - 1), "<@0>", f"<@&{newsroom.bob.id}>", "@everyone"):
        assert "mention people" in said(await make_club(newsroom, presenters=nobody)), nobody
    answer = await make_club(newsroom, timezone="USA")
    assert "has several clocks" in said(answer)
    answer = await make_club(newsroom, name="123")
    assert "a name with a letter" in said(answer)
    assert clubs.clubs_in(app, newsroom.guild.id) == ()


async def test_missing_permissions_are_named_with_what_to_do(
    newsroom: Newsroom, app: App, monkeypatch: pytest.MonkeyPatch
):
    me = newsroom.guild.me
    assert me is not None
    answer = await newsroom.grace.slash(
        newsroom.guild.create_voice_channel("talk"), "club new", name="Talks", day=1, at="9", timezone="UTC"
    )
    assert "#talk cannot be a club’s: choose a text or announcement channel" in said(answer)
    answer = await make_club(newsroom, channel=newsroom.hidden)
    assert "Papercord needs the permissions View Channel" in said(answer)
    no_threads = discord.PermissionOverwrite(create_public_threads=False)
    quiet = newsroom.guild.create_text_channel("quiet", overwrites={me: no_threads})
    answer = await make_club(newsroom, channel=quiet)
    assert "Papercord needs the permissions Create Public Threads in #quiet" in said(answer)
    made = await make_club(newsroom)
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    clubs.end_club(app, club.guild_id, club.id)
    monkeypatch.setattr("cogs.clubs.inputs.may_make_events", lambda _guild: False)
    answer = await make_club(newsroom)
    assert answer.ephemeral
    assert not made.ephemeral
    assert "Papercord needs the permission Create Events in this server" in said(answer)
    assert clubs.clubs_in(app, newsroom.guild.id) == ()


async def test_turns_are_exchanged_meetings_skipped_and_clubs_changed_and_ended(newsroom: Newsroom, app: App):
    await make_club(newsroom, presenters=people(newsroom))
    grace, bob = newsroom.grace.id, newsroom.bob.id
    swapped = await newsroom.bob.slash(newsroom.channel, "club swap")
    assert f"<@{bob}> and <@{grace}> exchange their turns" in said(swapped)
    assert f"<@{bob}> presents" in said(swapped)
    # Now it is Bob's turn, with whom Grace exchanges hers.
    back = await newsroom.grace.slash(newsroom.channel, "club swap", **{"with": newsroom.bob})
    assert f"<@{grace}> presents" in said(back)
    oneself = {"with": newsroom.bob, "presenter": newsroom.bob}
    refused = await newsroom.bob.slash(newsroom.channel, "club swap", **oneself)
    assert "choose two different people" in said(refused)
    skipped = await newsroom.grace.slash(newsroom.channel, "club skip")
    assert "There is no meeting on <t:1774530000:F>." in said(skipped)
    assert "<t:1775131200:F>" in said(skipped)  # 14:00 of Berlin, of which the clock was put forward
    history = await newsroom.bob.slash(newsroom.channel, "club history")
    assert "· skipped" in said(history)
    held = await newsroom.grace.slash(newsroom.channel, "club skip", undo=True)
    assert "<t:1774530000:F>" in said(held)
    changed = await newsroom.grace.slash(newsroom.channel, "club edit", presenters="nobody", minutes=90)
    assert "Presenters in turn: nobody is named" in said(changed)
    assert "90 minutes" in said(changed)
    nothing = await newsroom.grace.slash(newsroom.channel, "club edit")
    assert "Nothing is changed: say what is to be otherwise" in said(nothing)
    ended = await newsroom.grace.slash(newsroom.channel, "club end", club="journal CLUB")
    assert "Journal club is ended" in said(ended)
    assert clubs.clubs_in(app, newsroom.guild.id) == ()


async def test_two_clubs_of_a_server_are_told_apart(newsroom: Newsroom, app: App):
    theory = newsroom.guild.create_text_channel("theory")
    await make_club(newsroom)
    await make_club(newsroom, "Theory", channel=theory)
    elsewhere = newsroom.guild.create_text_channel("elsewhere")
    answer = await newsroom.bob.slash(elsewhere, "club next")
    assert "There are several clubs here (Journal club, Theory)" in said(answer)
    assert "### Theory" in said(await newsroom.bob.slash(theory, "club next"))
    assert "### Theory" in said(await newsroom.bob.slash(elsewhere, "club next", club="Theory"))

    paper = await newsroom.bob.slash(elsewhere, "paper", title=PAPER)
    choice = await newsroom.bob.click(paper.response, label="Propose to the club")
    assert choice.ephemeral
    options = {each["label"]: each["value"] for each in menu_of(choice.response)["options"]}
    assert list(options) == ["Journal club", "Theory"]
    proposed = await newsroom.bob.select(choice.response, values=[options["Theory"]])
    assert "Proposed to Theory" in said(proposed)
    found = {
        club.name: clubs.view_club(app, club.guild_id, club.id).found
        for club in clubs.clubs_in(app, newsroom.guild.id)
    }
    assert found == {"Journal club": 0, "Theory": 1}


async def test_cards_propose_where_there_is_a_club_and_privacy_names_it(newsroom: Newsroom, app: App):
    before = await newsroom.bob.slash(newsroom.channel, "paper", title=PAPER)
    assert custom_ids_of(before.response, "Propose to the club") == []
    assert "journal club" not in said(await newsroom.bob.slash(newsroom.channel, "privacy"))
    await make_club(newsroom, presenters=f"<@{newsroom.bob.id}>")
    card = await newsroom.bob.slash(newsroom.channel, "paper", title=PAPER)
    proposed = await newsroom.bob.click(card.response, label="Propose to the club")
    assert "Proposed to Journal club" in said(proposed)

    answer = await newsroom.bob.slash(newsroom.channel, "privacy")
    assert "journal club" in said(answer)
    assert "**1 proposal** and **1 turn to present** are stored now" in said(answer)
    await newsroom.bob.click(answer.response, label="Delete what is stored of me")
    await newsroom.bob.click(answer.response, label="Delete")
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    assert club.presenters == ()
    assert f"<@{newsroom.bob.id}>" not in said(await newsroom.grace.slash(newsroom.channel, "club next"))


async def test_many_proposals_are_paged_privately(newsroom: Newsroom, app: App, clock: Clock):
    await make_club(newsroom)
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    for paper in range(1, 9):
        clubs.propose(app, clubs.Reader(5, newsroom.guild.id), club.id, paper)
        clock.move(minutes=1)
    shown = await newsroom.bob.slash(newsroom.channel, "club next")
    opened = await newsroom.bob.click(shown.response, label="All 8 proposals")
    assert opened.ephemeral
    turned = await newsroom.bob.click(opened.response, label="More →")
    assert "page 2 of 2" in text_of(turned.response)


@pytest.mark.parametrize("typed", ["@ada", "<@5> or <@6>", "<@&5>", "", "5"])
def test_presenters_are_people(typed: str):
    from bot.discord_app.replies import BadInputError
    from cogs.clubs.inputs import read_presenters

    with pytest.raises(BadInputError):
        read_presenters(typed)
    assert read_presenters("<@5>, <@!6> and <@5>") == (5, 6)


async def test_a_paper_that_is_proposed_within_the_last_day_is_that_of_the_meeting(
    newsroom: Newsroom, app: App, clock: Clock, simcord_bot: Any
):
    await make_club(newsroom)
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    early = await newsroom.bob.slash(newsroom.channel, "club propose", paper=PAPER)
    moment = int(club.next_at.timestamp())
    assert f"for the meeting on <t:{moment}:f>, votes until" in said(early)
    await newsroom.bob.slash(newsroom.channel, "club withdraw", paper=PAPER)
    clock.now = club.votes_end
    await simcord_bot.announcer.round()
    late = await newsroom.bob.slash(newsroom.channel, "club propose", paper=PAPER)
    assert f"it is the paper of the meeting on <t:{moment}:F>" in said(late)
