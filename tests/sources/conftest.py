from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.app import App
from bot.sources.library import Library
from bot.sources.providers.table import PROVIDERS
from tests.apps import Clock
from tests.fetch.loopback import Loopback, Ticks, fetcher_for, loopback
from tests.sources.made_papers import World
from tests.sources.stub_providers import Catalogues


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture
def day() -> Clock:
    return Clock(dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC))


@pytest.fixture
def world(server: Loopback) -> World:
    world = World()
    server.answer = world.answer
    return world


@pytest.fixture
def library(server: Loopback, clock: Ticks) -> Library:
    return Library(fetcher_for(server, clock), dict.fromkeys(PROVIDERS, server.url))


@pytest.fixture
def catalogues() -> Catalogues:
    """Return providers that know what the test tells them."""
    return Catalogues()


@pytest.fixture
def providers(catalogues: Catalogues, server: Loopback, library: Library) -> Library:
    """Return the library that asks them."""
    return catalogues.of(server, library)


@pytest.fixture
def here(app: App, day: Clock) -> App:
    """Return the app whose clock the test moves."""
    return replace(app, clock=day)
