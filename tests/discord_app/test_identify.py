"""Sessions begin no closer than Discord allows, over all processes, and never use up those of a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import permits
from bot.app import App
from bot.discord_app import identify
from bot.discord_app.identify import IDENTIFY_EVERY, Identifications, StartLimit, TurnLostError
from tests.apps import close_app, open_app

EVERY = 0.2


class Said:
    """What Discord says of its gateway."""

    def __init__(self, *, at_once: int = 1) -> None:
        self.limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": at_once}

    async def __call__(self) -> dict[str, Any]:
        return {"shards": 4, "session_start_limit": self.limit}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", EVERY)


@pytest.fixture
def app(tmp_path) -> Iterator[App]:
    app = open_app(tmp_path)
    yield app
    close_app(app)


@asynccontextmanager
async def identified(turns: Identifications, shard: int, moments: list[float]) -> AsyncIterator[None]:
    async with turns.turn(shard):
        await turns.begin(shard)
        moments.append(asyncio.get_running_loop().time())
        yield


async def identify_all(turns: list[Identifications], shards: range) -> list[float]:
    """Let each shard identify itself, each process every so many of them; returns when."""
    moments: list[float] = []

    async def one(shard: int) -> None:
        async with identified(turns[shard % len(turns)], shard, moments):
            pass

    await asyncio.gather(*(one(shard) for shard in shards))
    return moments


async def test_two_processes_begin_sessions_no_closer_than_discord_allows(app: App):
    said = Said()
    moments = await identify_all([Identifications(app, said), Identifications(app, said)], range(4))
    assert min(later - earlier for earlier, later in pairwise(sorted(moments))) >= EVERY


async def test_as_many_begin_at_once_as_discord_allows(app: App, monkeypatch):
    monkeypatch.setattr(identify, "IDENTIFY_EVERY", 1000.0)
    said = Said(at_once=4)
    moments = await identify_all([Identifications(app, said), Identifications(app, said)], range(4))
    assert len(moments) == 4


async def test_one_that_dies_before_its_session_is_begun_holds_up_the_others_for_a_turn_only(
    app: App, monkeypatch
):
    said, loop = Said(), asyncio.get_running_loop()
    dying = Identifications(app, said)
    await dying._take("identify 0", 0)
    monkeypatch.setattr(permits, "is_dead", lambda _holder: True)
    began = loop.time()
    await identify_all([Identifications(app, said)], range(1))
    assert loop.time() - began < EVERY + 5


async def test_whose_turn_the_database_forgot_begins_no_session(app: App):
    said = Said()
    first, second = Identifications(app, said), Identifications(app, said)
    async with first.turn(0):
        app.store._servers.switches += 1
        first._permits.release("identify 0", 0.0)  # as a standby that had not received it
        async with second.turn(0):
            with pytest.raises(TurnLostError):
                await first.begin(0)
            await second.begin(0)


async def test_after_a_switch_a_turn_is_waited_for_as_if_a_session_had_just_begun(app: App):
    said, loop = Said(), asyncio.get_running_loop()
    turns = Identifications(app, said)
    app.store._servers.switches += 1
    began = loop.time()
    async with turns.turn(0):
        assert loop.time() - began >= EVERY


@given(
    total=st.integers(1, 5000),
    used=st.integers(0, 5000),
    reset_after=st.floats(0, 86_400),
    at_once=st.integers(1, 16),
)
def test_what_is_left_of_the_day_is_never_used_up(total: int, used: int, reset_after: float, at_once: int):
    limit = StartLimit(total, max(0, total - used), reset_after, at_once)
    assert limit.spacing >= EVERY
    if not limit.is_ample and limit.remaining:
        assert limit.spacing * limit.remaining / at_once >= reset_after * 0.999


def test_discord_counts_in_five_seconds():
    assert IDENTIFY_EVERY > 5.0
