"""A simulated Discord with the real bot over the shipped corpus; every request the bot sends is checked."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.app import App
from bot.config import Settings
from bot.discord_app.client import Papercord
from bot.ingest.importer import import_files
from bot.search.index import SearchIndex
from bot.store.engine import Store
from bot.store.schema import prepare
from cogs.families import create_bot
from tests.conftest import AUTHOR_PAGE
from tests.databases import postgresql, prepared_databases  # noqa: F401
from tests.ui.living import loopback  # noqa: F401
from tests.ui.newsroom import newsroom  # noqa: F401
from tests.ui.wire import Descriptions, check_requests

READ_ON = dt.date(2026, 3, 15)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


def open_app(folder: Path, clock: Clock) -> App:
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    store = Store(settings.database_url)
    prepare(store)
    return App(settings=settings, store=store, index=SearchIndex(settings.index_dir), clock=clock)


def close_app(app: App) -> None:
    app.index.close()
    app.store.close()


@pytest.fixture(scope="session")
def shipped_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped corpus, to be copied."""
    folder = tmp_path_factory.mktemp("shipped")
    app = open_app(folder, Clock())
    import_files(app, [AUTHOR_PAGE], as_of=READ_ON)
    app.index.catch_up(app.store)
    close_app(app)
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(shipped_corpus: Path, tmp_path: Path, clock: Clock) -> Iterator[App]:
    folder = tmp_path / "data"
    shutil.copytree(shipped_corpus, folder)
    app = open_app(folder, clock)
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
