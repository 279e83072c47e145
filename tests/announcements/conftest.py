from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from discord.http import Route

from bot.app import App
from tests.announcements.announcer import Office
from tests.apps import Clock, close_app, open_app
from tests.loopback_discord.server import LoopbackDiscord


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, prepared_databases: Callable[[str], str], clock: Clock) -> Iterator[App]:
    folder = tmp_path / "data"
    folder.mkdir()
    copyfile(prepared_databases("sqlite").removeprefix("sqlite:///"), folder / "papercord.db")
    app = open_app(folder, clock)
    yield app
    close_app(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def desk_on_both(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    prepared_databases: Callable[[str], str],
    clock: Clock,
) -> Iterator[App]:
    """An app on each of the databases, for tests that take it as their `app`."""
    template = prepared_databases(request.param)
    url = None
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        copyfile(template.removeprefix("sqlite:///"), tmp_path / "data" / "papercord.db")
    else:
        server = request.getfixturevalue("postgresql")
        url = server.new_database(template=template.partition("?")[0].rpartition("/")[2])
    app = open_app(tmp_path / "data", clock, url=url)
    yield app
    close_app(app)
    if request.param == "postgresql":
        server.drop(url)


@pytest.fixture
async def discord_server(clock: Clock) -> AsyncIterator[LoopbackDiscord]:
    server = LoopbackDiscord(clock.timestamp)
    await server.start()
    base = Route.BASE
    yield server
    Route.BASE = base
    await server.close()


@pytest.fixture
async def office(app: App, clock: Clock, discord_server: LoopbackDiscord) -> AsyncIterator[Office]:
    office = await Office(app, clock).connect(discord_server)
    yield office
    await office.close()
