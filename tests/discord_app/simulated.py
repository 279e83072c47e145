"""A simulated Discord with the real bot over the shipped corpus; every request the bot sends is checked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.app import App
from bot.discord_app.client import Papercord
from bot.ingest.importer import import_files
from cogs.families import create_bot
from tests.apps import Clock, close_app, copy_of, shipped_app
from tests.discord_app.requests import Descriptions, check_requests

NOON = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def shipped_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped corpus, to be copied."""
    folder = tmp_path_factory.mktemp("shipped")
    close_app(shipped_app(folder, Clock(NOON)))
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def app(shipped_corpus: Path, tmp_path: Path, clock: Clock) -> Iterator[App]:
    app = copy_of(shipped_corpus, tmp_path / "data", clock)
    yield app
    close_app(app)


@pytest.fixture
def add_papers(app: App, tmp_path: Path) -> Callable[..., None]:
    """Import further papers, each given as a record of JSON lines."""

    def add(*rows: dict[str, Any]) -> None:
        file = tmp_path / f"more-{len(list(tmp_path.glob('more-*')))}.jsonl"
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        report = import_files(app, [file])
        assert not report.rejected
        assert report.added == len(rows)
        app.index.catch_up(app.store)

    return add


@pytest.fixture
def simcord_bot(app: App) -> Papercord:
    return create_bot(app)


@pytest.fixture(scope="session")
def descriptions() -> Descriptions:
    return Descriptions()


@dataclass
class World:
    """A server "Reading group" with a channel and two members."""

    env: simcord.Env
    channel: simcord.ChannelHandle
    ada: simcord.MemberActor
    bob: simcord.MemberActor


@pytest.fixture
def world(simcord_env: simcord.Env, descriptions: Descriptions) -> Iterator[World]:
    guild = simcord_env.create_guild("Reading group")
    channel = guild.create_text_channel("papers")
    ada = guild.add_member(simcord_env.create_user("ada"))
    bob = guild.add_member(simcord_env.create_user("bob"))
    yield World(simcord_env, channel, ada, bob)
    check_requests(simcord_env.http_requests, descriptions)
