from __future__ import annotations

import datetime as dt
import re
import sys

import discord
import pytest
import simcord
from discord import app_commands

from bot.discord_app import replies
from bot.discord_app.replies import explain
from bot.errors import RefusedError
from tests.discord_app.requests import ANSWERED, DEFERRED, buttons_of, first_answers, text_of

pytestmark = pytest.mark.simcord(check_errors=False)


async def test_an_unforeseen_error_is_answered_with_a_number_that_the_log_has(world, monkeypatch, caplog):
    def break_down(*_args: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(sys.modules["cogs.authors.commands"], "find_author", break_down)
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    (number,) = re.findall(r"Incident `([0-9a-f]{8})`", answer.response.content)
    assert "fire" not in answer.response.content
    (record,) = [record for record in caplog.records if number in record.getMessage()]
    assert "/author" in record.getMessage()
    assert record.exc_info


async def test_a_refusal_of_a_service_is_told_as_it_is(world, monkeypatch):
    def refuse(*_args: object) -> None:
        raise RefusedError("Two authors were meant; name one.")

    monkeypatch.setattr(sys.modules["cogs.authors.commands"], "find_author", refuse)
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    assert answer.response.content == "Two authors were meant; name one."


async def test_what_a_person_typed_is_harmless_in_a_refusal(world):
    typed = "[click](https://evil.example)"
    answer = await world.ada.slash(world.channel, "papers", query="graph", field=typed)
    assert "no paper has the field" in answer.response.content
    assert "](" not in answer.response.content
    assert "click" in answer.response.content


async def test_an_error_behind_a_button_is_told_privately_and_leaves_the_message(world, monkeypatch, caplog):
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    before = text_of(answer.response)

    def break_down(*_args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("cogs.papers.buttons.stored_page", break_down)
    pressed = await world.ada.click(answer.response, label="More →")
    (told,) = pressed.followups
    assert told.ephemeral
    assert "Incident" in told.content
    assert text_of(answer.response) == before
    assert "page:" in caplog.text


async def test_who_asks_too_often_is_told_when_to_try_again(world):
    answers = [await world.ada.slash(world.channel, "about") for _ in range(9)]
    assert all("Papercord" in text_of(answer.response) for answer in answers[:8])
    assert first_answers(world.env)[-2:] == [DEFERRED, ANSWERED]
    assert answers[8].ephemeral
    assert re.search(r"Try again in \d+ second", answers[8].response.content)
    other = await world.bob.slash(world.channel, "about")
    assert "Papercord" in text_of(other.response)
    await world.env.advance_time(11)
    later = await world.ada.slash(world.channel, "about")
    assert "Papercord" in text_of(later.response)


async def test_buttons_are_counted_too(world):
    answer = await world.ada.slash(world.channel, "papers", query="decentralized")
    custom_id = next(
        button["custom_id"] for label, button in buttons_of(answer.response).items() if label == "Details"
    )
    presses = [await world.ada.click(answer.response, custom_id=custom_id) for _ in range(8)]
    assert presses[-1].ephemeral
    assert "Try again in" in presses[-1].response.content


async def test_what_discord_forgot_is_not_tried_again(world, caplog):
    world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062, times=1)
    before = len(world.env.http_requests)
    await world.ada.slash(world.channel, "about")
    assert len(world.env.http_requests) == before + 1
    assert "not tried again" in caplog.text


async def test_failing_suggestions_are_an_empty_list_and_a_line_in_the_log(world, monkeypatch, caplog):
    def break_down(*_args: object) -> None:
        raise RuntimeError("no index")

    monkeypatch.setattr("bot.discord_app.inputs.suggest_titles", break_down)
    assert await world.ada.autocomplete(world.channel, "papers", "query", "x") == []
    assert "Suggesting failed" in caplog.text
    caplog.clear()
    monkeypatch.setattr("bot.discord_app.inputs.suggest_titles", lambda *_args: [])
    assert await world.ada.autocomplete(world.channel, "papers", "query", "x") == []
    monkeypatch.setattr(sys.modules["cogs.sources.commands"], "source_statuses", break_down)
    assert await world.ada.autocomplete(world.channel, "sources check", "source", "x") == []
    assert "Suggesting failed" in caplog.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (app_commands.MissingPermissions(["manage_guild"]), "Manage Server"),
        (
            app_commands.BotMissingPermissions(["send_messages"]),
            "Papercord needs the permission Send",
        ),
        (app_commands.NoPrivateMessage(), "in a server only"),
        (app_commands.CheckFailure(), "may not use this"),
        (app_commands.CommandNotFound("old", []), "has changed"),
    ],
)
def test_every_refusal_has_its_sentence(error, words):
    assert words in explain(error)


def test_what_nobody_foresaw_has_none():
    assert explain(RuntimeError("x")) is None


async def test_the_bot_starts_and_says_what_to_do_where_the_corpus_is_empty(tmp_path, caplog):
    from cogs.families import create_bot
    from tests.apps import close_app, open_app

    app = open_app(tmp_path / "empty")
    async with simcord.run(create_bot(app)) as env:
        assert "papercord import" in caplog.text
        guild = env.create_guild()
        channel = guild.create_text_channel("papers")
        ada = guild.add_member(env.create_user("ada"))
        about = await ada.slash(channel, "about")
        assert "The corpus is empty" in text_of(about.response)
        search = await ada.slash(channel, "papers", query="anything")
        assert "Nothing found" in text_of(search.response)
        author = await ada.slash(channel, "author", name="Pan Pan")
        assert "No author" in text_of(author.response)
    close_app(app)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_wrong_clock_of_the_host_keeps_no_answer_back(world, monkeypatch, hours):
    real = discord.utils.utcnow
    monkeypatch.setattr(discord.utils, "utcnow", lambda: real() + dt.timedelta(hours=hours))
    answer = await world.ada.slash(world.channel, "papers", query="decentralized")
    assert "3 papers" in text_of(answer.response)


async def test_an_answer_that_is_ready_too_late_is_dropped_with_a_line(world, monkeypatch, caplog):
    monkeypatch.setattr(replies, "TOKEN_LIFE", -1.0)
    answer = await world.ada.slash(world.channel, "papers", query="decentralized")
    assert "3 papers" not in text_of(answer.response)
    assert "An answer was ready only after Discord had forgotten its question" in caplog.text
