"""The pace of a host, and its one place, hold over all processes that share a database."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from itertools import pairwise
from typing import Any

from bot import permits
from bot.app import App
from bot.fetch.client import Answer, Fetcher
from bot.permits import LONGEST_REQUEST, SharedRateLimit
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for

START = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


def body(answer: Answer) -> bytes:
    return answer.body


def fetcher_of_a_process(server: Loopback, clock: Ticks, here: App, **options: Any) -> Fetcher:
    """Make a fetcher as another process would have it: only the database is shared."""
    app = replace(here, clock=lambda: START + dt.timedelta(seconds=clock()))
    return fetcher_for(server, clock, seconds_between=3.0, permits=SharedRateLimit(app), **options)


def at(here: App, seconds: float = 0.0) -> SharedRateLimit:
    """Return the place as a process sees it at that moment."""
    return SharedRateLimit(replace(here, clock=lambda: START + dt.timedelta(seconds=seconds)))


def test_two_processes_together_ask_no_faster_than_one(server: Loopback, clock: Ticks, here: App):
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


def test_a_slow_answer_holds_the_place_until_it_is_there(server: Loopback, clock: Ticks, here: App):
    asked, answered = threading.Event(), threading.Event()
    answers_at: list[float] = []

    def answer(seen: Any) -> Reply:
        asked.set()
        if seen.target == "/slow":
            answered.wait(20)
            answers_at.append(clock())
        return Reply(b"x")

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now > 1030:
            answered.set()
            thread.join(20)

    server.answer = answer
    slow = fetcher_of_a_process(server, clock, here)
    patient = fetcher_of_a_process(server, clock, here, sleep=sleep)
    thread = threading.Thread(target=slow.fetch, args=[f"{server.url}/slow", body])
    thread.start()
    assert asked.wait(20)
    patient.fetch(server.url, body)
    thread.join()
    assert [one.target for one in server.seen] == ["/slow", "/"]
    assert server.most_connections == 1
    assert answers_at[0] > 1030
    assert clock.now >= answers_at[0] + 3.0


def test_of_many_that_take_a_place_at_once_one_gets_it(here: App):
    for host in ("one", "two", "three", "four", "five"):
        waits: list[float] = []
        begin = threading.Barrier(6)

        def take(host: str = host, waits: list[float] = waits, begin: threading.Barrier = begin) -> None:
            begin.wait()
            waits.append(at(here).acquire(host, 3.0))

        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(waits) == [0.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert at(here).acquire("other", 3.0) == 0.0


def test_who_died_while_asking_holds_the_place_no_longer_than_the_pace(here: App, monkeypatch: Any):
    assert at(here).acquire("arxiv", 3.0) == 0.0
    assert at(here, 2.0).acquire("arxiv", 3.0) == 3.0
    assert at(here, 5.0).acquire("arxiv", 3.0) == 3.0  # the answer may be on its way
    monkeypatch.setattr(permits, "is_dead", lambda _holder: True)
    assert at(here, 2.0).acquire("arxiv", 3.0) == 1.0
    assert at(here, 5.0).acquire("arxiv", 3.0) == 0.0


def test_who_may_have_died_elsewhere_holds_the_place_as_long_as_an_answer_may_take(here: App):
    longest = LONGEST_REQUEST.total_seconds()
    assert at(here).acquire("arxiv", 3.0) == 0.0
    assert at(here, longest - 1.0).acquire("arxiv", 3.0) == 1.0
    late = at(here, longest)
    assert late.acquire("arxiv", 3.0) == 0.0


def test_who_comes_back_too_late_leaves_no_other_s_place(here: App):
    longest = LONGEST_REQUEST.total_seconds()
    late = at(here)
    assert late.acquire("arxiv", 3.0) == 0.0
    assert at(here, longest).acquire("arxiv", 3.0) == 0.0
    late.release("arxiv", 3.0)
    assert at(here, longest + 4.0).acquire("arxiv", 3.0) == 3.0


def test_a_clock_that_was_set_back_holds_nobody_up(here: App):
    ahead = at(here, 86_400.0)
    assert ahead.acquire("arxiv", 3.0) == 0.0
    here_and_now = at(here)
    assert here_and_now.acquire("arxiv", 3.0) == 0.0
    assert at(here).acquire("arxiv", 3.0) == 3.0
    ahead.release("arxiv", 3.0)
    here_and_now.release("arxiv", 3.0)
    assert at(here).acquire("arxiv", 3.0) == 3.0
    assert at(here, 3.0).acquire("arxiv", 3.0) == 0.0
