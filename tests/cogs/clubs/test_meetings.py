"""A meeting of a club inside the bot, in a simulated Discord: its card, thread, event and reminder."""

from __future__ import annotations

import datetime as dt
from typing import Any

import discord
import pytest

from bot.app import App
from bot.discord_app.client import Papercord
from bot.reading import clubs
from tests.apps import Clock
from tests.cogs.notify.guild import Newsroom
from tests.discord_app.requests import text_of, walk

PAPER = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"


def parts(message: discord.Message) -> list[dict[str, Any]]:
    """All components of a posted message."""
    return list(walk([each.to_dict() for each in message.components]))  # type: ignore[misc]


def text(message: discord.Message) -> str:
    return "\n".join(each["content"] for each in parts(message) if "content" in each)


@pytest.mark.simcord(check_errors=False)
async def test_a_proposed_paper_becomes_a_card_a_thread_an_event_and_a_reminder(
    newsroom: Newsroom, app: App, clock: Clock, simcord_bot: Papercord
):
    announcer = simcord_bot.announcer  # type: ignore[attr-defined]
    made = {"name": "Journal club", "day": 3, "at": "14:00", "timezone": "Europe/Berlin"}
    people = f"<@{newsroom.bob.id}>"
    await newsroom.grace.slash(newsroom.channel, "club new", **made, presenters=people, place="Room 2")
    proposed = await newsroom.bob.slash(newsroom.channel, "club propose", paper=PAPER)
    await newsroom.grace.click(proposed.response, label="👍")
    (club,) = clubs.clubs_in(app, newsroom.guild.id)
    answers = len(newsroom.channel.history())
    for moment in (club.votes_end, club.next_at - dt.timedelta(minutes=59)):
        clock.now = moment
        for _ in range(3):
            await announcer.round()
            clock.move(seconds=2)
    posted = [one for one in newsroom.channel.history()[answers:] if one.components]
    card, reminder = posted
    assert "**Journal club** reads this on" in text(card)
    assert f"<@{newsroom.bob.id}> presents · 60 minutes · Room 2" in text(card)
    (event,) = newsroom.env.backend.get_guild(newsroom.guild.id).scheduled_events.values()
    assert event.name == f"Journal club: {PAPER}"
    assert event.scheduled_start_time == club.next_at.isoformat()
    assert f"begins <t:{int(club.next_at.timestamp())}:R>" in text(reminder)
    labels = [each["label"] for each in parts(reminder) if "label" in each]
    assert labels == ["Paper and thread", "Event", "Journal club"]
    opened = await newsroom.bob.click(reminder, label="Journal club")
    assert opened.ephemeral
    assert "[event](https://discord.com/events/" in text_of(opened.response)
