from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from discord.http import Route
from pydantic import SecretStr

from bot.app import App
from bot.config import Settings
from tests.announcements.announcer import MovableClock, Office, open_app, test_settings
from tests.loopback_discord.server import LoopbackDiscord


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def app(tmp_path: Path, prepared_databases: Callable[[str], str], clock: MovableClock) -> Iterator[App]:
    settings = test_settings(tmp_path / "data")
    settings.data_dir.mkdir()
    copyfile(prepared_databases("sqlite").removeprefix("sqlite:///"), settings.data_dir / "papercord.db")
    app = open_app(settings, clock)
    yield app
    app.index.close()
    app.store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk_on_both(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    prepared_databases: Callable[[str], str],
    clock: MovableClock,
) -> Iterator[App]:
    """An app on each of the databases, for tests that take it as their `app`."""
    template = prepared_databases(request.param)
    values: dict[str, Any] = {"PAPERCORD_DATA_DIR": tmp_path / "data"}
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        copyfile(template.removeprefix("sqlite:///"), tmp_path / "data" / "papercord.db")
    else:
        server = request.getfixturevalue("postgresql")
        url = server.new_database(template=template.partition("?")[0].rpartition("/")[2])
        values["PAPERCORD_DATABASE_URL"] = SecretStr(url)
    app = open_app(Settings.model_validate(values), clock)
    yield app
    app.index.close()
    app.store.close()
    if request.param == "postgresql":
        server.drop(url)


@pytest.fixture
async def discord_server(clock: MovableClock) -> AsyncIterator[LoopbackDiscord]:
    server = LoopbackDiscord(clock.timestamp)
    await server.start()
    base = Route.BASE
    yield server
    Route.BASE = base
    await server.close()


@pytest.fixture
async def office(app: App, clock: MovableClock, discord_server: LoopbackDiscord) -> AsyncIterator[Office]:
    office = await Office(app, clock).connect(discord_server)
    yield office
    await office.close()
