"""An outage of the database while the bot runs: what the log tells of it, and what it costs."""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from bot.app import App
from bot.discord_app import replies
from bot.errors import DatabaseUnusableError
from bot.outages import Outage, Outages
from bot.store.engine import Answers
from tests.apps import close_app, open_app
from tests.discord_app.running_bot import lines, living, no_traceback, until
from tests.loopback_discord.interactions import interaction
from tests.relay import Relay

AWAY = DatabaseUnusableError("The database is away.")


def test_a_clock_that_is_set_back_does_not_silence_an_outage(caplog, clock):
    outages = Outages(clock)
    outages.failed("Announcing", AWAY)
    clock.move(hours=-2)
    outages.failed("Announcing", AWAY)
    assert lines(caplog, "has been failing for 0 s")
    outages.worked("Announcing")
    assert lines(caplog, "works again, after 0 s")


@pytest.fixture
def relay(postgresql) -> Iterator[Relay]:
    relay = Relay(f"{postgresql.server.pgdata}/.s.PGSQL.5432")
    yield relay
    relay.cut()


@pytest.fixture
def app(tmp_path: Path, prepared_databases, postgresql, relay: Relay, clock) -> Iterator[App]:
    template = prepared_databases("postgresql").partition("?")[0].rpartition("/")[2]
    direct = postgresql.new_database(template=template)
    name = direct.partition("?")[0].rpartition("/")[2]
    url = f"postgresql://postgres:@127.0.0.1:{relay.port}/{name}"
    app = open_app(tmp_path, clock, url=url)
    yield app
    close_app(app)
    postgresql.drop(direct)


async def test_an_outage_of_the_database_is_a_few_lines_and_loses_nothing(
    loopback,
    app,
    relay,
    clock,
    caplog,
):
    async with living(app):
        with caplog.at_level(logging.INFO):
            await until(lambda: lines(caplog, "This process announces now") and lines(caplog, "Ready as"))
            caplog.clear()
            relay.cut()
            file = app.settings.data_dir / "inbox" / "new.jsonl"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(orjson.dumps({"id": "new", "title": "Zebrafish by night"}))
            os.utime(file, (1, 1))
            await until(lambda: len(app.outages._database._failing) >= 3)
            for _ in range(2):
                clock.now += dt.timedelta(seconds=61)
                before = len(lines(caplog, "The database has been failing"))
                await until(lambda count=before: len(lines(caplog, "The database has been failing")) > count)
            assert file.exists()
            relay.mend()
            await until(lambda: lines(caplog, "The database works again"))
            await until(lambda: not file.exists())
            said = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert len(lines(caplog, "The database failed: ")) == 1
    assert len(lines(caplog, "The database has been failing for")) == 2
    assert lines(caplog, "The database works again") == ["The database works again, after 122 s."]
    assert len(said) <= 8, said
    assert no_traceback(caplog)
    assert (app.settings.data_dir / "inbox" / "done" / "new.jsonl").exists()


async def test_a_command_waits_for_a_database_that_is_away_for_a_moment_and_says_so(
    loopback, app, relay, caplog, monkeypatch
):
    monkeypatch.setattr(replies, "WAIT_SAID_AFTER", 0.05)
    answers = loopback.interactions.answers
    async with living(app):
        with caplog.at_level(logging.INFO):
            await until(lambda: lines(caplog, "This process announces now") and lines(caplog, "Ready as"))
        relay.cut()
        await loopback.gateway.send("INTERACTION_CREATE", interaction("papers", "asked", query="gossip"))
        await until(lambda: answers)
        assert answers[0]["content"] == replies.IN_A_MOMENT
        relay.mend()
        await until(lambda: len(answers) > 1)
    assert len(answers) == 2
    assert answers[1]["content"] is None
    assert "Nothing found" in str(answers[1]["components"])


@pytest.fixture
def outage(clock) -> Outage:
    return Outage("The weather", clock)


def said(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_an_outage_is_one_line_one_a_minute_and_one_at_the_end(outage, clock, caplog):
    outage.worked()
    for _ in range(138):
        outage.failed("rain")
        clock.now += dt.timedelta(seconds=1)
    outage.worked()
    outage.worked()
    assert said(caplog) == [
        "The weather failed: rain; it is tried again.",
        "The weather has been failing for 60 s: rain.",
        "The weather has been failing for 120 s: rain.",
        "The weather works again, after 138 s.",
    ]
    outage.failed("rain")
    assert said(caplog)[4:] == ["The weather failed: rain; it is tried again."]


def test_an_outage_lasts_while_one_of_its_users_still_fails(outage, clock, caplog):
    outage.failed("rain", "writing")
    for _ in range(50):
        outage.worked("reading")
        clock.now += dt.timedelta(seconds=1)
        outage.failed("rain", "writing")
    assert len(said(caplog)) == 1
    outage.worked("writing")
    assert said(caplog)[1:] == ["The weather works again, after 50 s."]


def test_a_user_that_is_never_heard_of_again_does_not_keep_an_outage_open(outage, clock, caplog):
    outage.failed("rain", "a user that ends")
    clock.now += dt.timedelta(seconds=121)
    outage.worked("reading")
    assert said(caplog)[1:] == ["The weather works again, after 121 s."]


def test_each_new_kind_of_unforeseen_error_is_logged_whole_once(clock, caplog):
    outages = Outages(clock)
    for error in (ValueError("a\nb"), ValueError("c"), KeyError("d"), KeyError("e")):
        with outages.watching("Digging"):
            raise error
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        ValueError,
        KeyError,
    ]
    assert said(caplog) == [
        "Digging failed: ValueError: a b; it is tried again.",
        "Digging has been failing for 0 s: KeyError: 'd'.",
    ]
    with outages.watching("Digging"):
        pass
    assert said(caplog)[2:] == ["Digging works again, after 0 s."]


def test_the_database_is_one_outage_for_all_that_use_it(clock, caplog):
    outages = Outages(clock)
    outages.failed("Digging", AWAY)
    outages.failed("Planting", AWAY)
    outages.failed("A question", AWAY, once=True)
    outages.worked("Digging")
    assert said(caplog) == ["The database failed: The database is away; it is tried again."]
    outages.worked("Planting")
    assert said(caplog)[1:] == ["The database works again, after 0 s."]
    assert no_traceback(caplog)


def test_work_that_asked_nothing_of_the_database_since_it_failed_ends_no_outage(clock, caplog):
    answers = Answers()
    outages = Outages(clock, answers)
    with outages.watching("Digging"), answers.counted():
        outages.failed("Renewing a lease", AWAY, once=True)
    with outages.watching("Watching clouds"):
        pass
    with outages.watching("Planting"), answers.counted():
        raise AWAY
    with outages.watching("Watching clouds"):
        pass
    assert said(caplog) == ["The database failed: The database is away; it is tried again."]
    with outages.watching("Planting"), answers.counted():
        pass
    assert said(caplog)[1:] == ["The database works again, after 0 s."]


async def test_the_bot_ends_in_order_while_the_database_is_away(loopback, app, relay, caplog):
    with caplog.at_level(logging.INFO):
        async with living(app) as bot:
            await until(lambda: lines(caplog, "This process announces now") and lines(caplog, "Ready as"))
            relay.cut()
    assert bot.is_closed()
    assert lines(caplog, "This process announces no longer: it ends.")
    assert len(lines(caplog, "The database failed: ")) == 1
    assert no_traceback(caplog)
