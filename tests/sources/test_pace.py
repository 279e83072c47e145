"""The pace of a host holds over all processes that share a database."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from itertools import pairwise

from bot.fetching.client import Answer, Fetcher
from bot.services.desk import Desk
from bot.services.sources.pace import shared_pace
from tests.fetching.loopback import Clock, Loopback, Reply, fetcher_for

START = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


def body(answer: Answer) -> bytes:
    return answer.body


def fetcher_of_a_process(server: Loopback, clock: Clock, here: Desk) -> Fetcher:
    """Make a fetcher as another process would have it: only the database is shared."""
    desk = replace(here, clock=lambda: START + dt.timedelta(seconds=clock()))
    return fetcher_for(server, clock, seconds_between=3.0, reserve=shared_pace(desk))


def test_two_processes_together_ask_no_faster_than_one(server: Loopback, clock: Clock, here: Desk):
    asked_at: list[float] = []

    def answer(_seen: object) -> Reply:
        asked_at.append(clock())
        return Reply(b"x")

    server.answer = answer
    fetchers = [fetcher_of_a_process(server, clock, here) for _ in range(2)]
    for fetcher in fetchers * 3:
        fetcher.fetch(server.url, body)
    assert len(asked_at) == 6
    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert min(gaps) >= 3.0


def test_of_many_that_reserve_at_once_one_gets_the_turn(here: Desk):
    reserve = shared_pace(replace(here, clock=lambda: START))
    for host in ("one", "two", "three", "four", "five"):
        waits: list[float] = []
        begin = threading.Barrier(6)

        def ask(host: str = host, waits: list[float] = waits, begin: threading.Barrier = begin) -> None:
            begin.wait()
            waits.append(reserve(host, 3.0))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(waits) == [0.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert shared_pace(replace(here, clock=lambda: START))("other", 3.0) == 0.0


def test_a_clock_that_was_set_back_holds_nobody_up(here: Desk):
    assert shared_pace(replace(here, clock=lambda: START + dt.timedelta(days=1)))("arxiv", 3.0) == 0.0
    assert shared_pace(replace(here, clock=lambda: START))("arxiv", 3.0) == 0.0
    assert shared_pace(replace(here, clock=lambda: START))("arxiv", 3.0) == 3.0
