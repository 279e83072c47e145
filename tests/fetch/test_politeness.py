"""What hosts ask for is obeyed, within reason; hosts that fail are left alone until they are well again."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fetch.client import LONGEST_ASKED_SECONDS, Answer, Fetcher
from bot.fetch.errors import HostRestingError, RequestFailedError, TransientFetchError
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for


def body(answer: Answer) -> bytes:
    return answer.body


def test_retry_after_is_obeyed_as_seconds_and_as_a_date(server: Loopback, clock: Ticks):
    now = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
    later = format_datetime(now + dt.timedelta(seconds=40), usegmt=True)
    server.replies = [
        Reply(status=429, headers={"Retry-After": "17"}),
        Reply(status=503, headers={"Retry-After": later}),
        Reply(status=429),
        Reply(b"at last"),
    ]
    assert fetcher_for(server, clock, now=lambda: now).fetch(server.url, body) == b"at last"
    assert clock.slept == [17.0, 40.0, 8.0]


def test_a_long_retry_after_is_not_waited_for_but_kept(server: Loopback, clock: Ticks):
    server.replies = [Reply(status=429, headers={"Retry-After": "3600"}), Reply(b"never asked")]
    fetcher = fetcher_for(server, clock)
    with pytest.raises(HostRestingError) as caught:
        fetcher.fetch(server.url, body)
    assert caught.value.seconds == 3600
    clock.now += 3599
    with pytest.raises(HostRestingError):
        fetcher.fetch(server.url, body)
    assert len(server.seen) == 1
    clock.now += 2
    assert fetcher.fetch(server.url, body) == b"never asked"


def test_a_host_that_keeps_failing_is_left_alone_longer_and_longer(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(status=500)
    fetcher = fetcher_for(server, clock)
    for _ in range(5):
        with pytest.raises(TransientFetchError):
            fetcher.fetch(server.url, body)
    asked = len(server.seen)
    with pytest.raises(HostRestingError, match="left alone"):
        fetcher.fetch(server.url, body)
    assert len(server.seen) == asked
    clock.now += 61
    with pytest.raises(TransientFetchError):
        fetcher.fetch(server.url, body)
    clock.now += 61
    with pytest.raises(HostRestingError):
        fetcher.fetch(server.url, body)
    clock.now += 61
    server.answer = lambda _: Reply(b"well again")
    assert fetcher.fetch(server.url, body) == b"well again"


@pytest.mark.parametrize("written", ["9" * 400, "31536000000", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_absurd_patience_is_a_day(server: Loopback, clock: Ticks, written: str):
    server.replies = [Reply(status=503, headers={"Retry-After": written}), Reply(b"a day later")]
    fetcher = fetcher_for(server, clock)
    with pytest.raises(HostRestingError) as caught:
        fetcher.fetch(server.url, body)
    assert caught.value.seconds == LONGEST_ASKED_SECONDS
    clock.now += LONGEST_ASKED_SECONDS + 1
    assert fetcher.fetch(server.url, body) == b"a day later"


@pytest.mark.parametrize(
    "written", ["-5", "0", "soon", "1.5", "Wed, 01 Apr 2020 00:00:00 GMT", "Wed, 99 Foo 2020", "٣"]
)
def test_patience_that_is_none_does_not_shorten_our_own(server: Loopback, clock: Ticks, written: str):
    value = written.encode().decode("latin-1")
    server.answer = lambda _: Reply(status=429, headers={"Retry-After": value})
    with pytest.raises(TransientFetchError):
        fetcher_for(server, clock).fetch(server.url, body)
    assert clock.slept == [2.0, 4.0, 8.0]


@given(st.text(max_size=60))
def test_whatever_is_written_as_patience_is_read_as_seconds_within_a_day_or_as_nothing(written: str):
    seconds = Fetcher("test", hosts={})._retry_after({"retry-after": written})
    assert seconds is None or 0 <= seconds <= LONGEST_ASKED_SECONDS


def test_an_answer_that_asks_for_patience_holds_back_the_next_request(server: Loopback, clock: Ticks):
    server.replies = [
        Reply(b"fine", headers={"Backoff": "20"}),
        Reply(b"fine", headers={"Backoff": "7200"}),
        Reply(b"never asked"),
    ]
    fetcher = fetcher_for(server, clock)
    for _ in range(2):
        assert fetcher.fetch(server.url, body) == b"fine"
    assert clock.slept == [20.0]
    with pytest.raises(HostRestingError):
        fetcher.fetch(server.url, body)


def test_patience_holds_back_whoever_asks_next_and_never_shortens_the_pace(server: Loopback, clock: Ticks):
    server.replies = [
        Reply(b"fine", headers={"Retry-After": "1"}),
        Reply(b"asked no sooner than ever"),
        Reply(b"refused", status=403, headers={"Retry-After": "50"}),
        Reply(b"asked after that"),
    ]
    fetcher = fetcher_for(server, clock, seconds_between=3.0)
    assert fetcher.fetch(server.url, body) == b"fine"
    assert fetcher.fetch(server.url, body) == b"asked no sooner than ever"
    with pytest.raises(RequestFailedError):
        fetcher.fetch(server.url, body)
    assert fetcher.fetch(server.url, body) == b"asked after that"
    assert clock.slept == [3.0, 3.0, 50.0]


def test_a_busy_host_is_asked_by_nobody_else_before_it_wants_to_be(server: Loopback, clock: Ticks):
    server.replies = [Reply(status=429, headers={"Retry-After": "30"}), Reply(b"first"), Reply(b"other")]
    asked_at: list[float] = []
    fetcher: Fetcher

    def interrupted(seconds: float) -> None:
        """While the first waits for its next try, another asks for something else."""
        if not asked_at:
            asked_at.append(clock.now)
            assert fetcher.fetch(f"{server.url}/other", body) == b"first"
            asked_at.append(clock.now)
        clock.sleep(seconds)

    fetcher = fetcher_for(server, clock, sleep=interrupted)
    assert fetcher.fetch(server.url, body) == b"other"
    assert asked_at[1] - asked_at[0] == 30.0


def test_a_host_that_is_well_again_starts_with_a_clean_sheet(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(status=500)
    fetcher = fetcher_for(server, clock)

    def fail(times: int) -> None:
        for _ in range(times):
            with pytest.raises(TransientFetchError):
                fetcher.fetch(server.url, body)

    fail(5)
    clock.now += 61
    server.answer = lambda _: Reply(b"well again")
    assert fetcher.fetch(server.url, body) == b"well again"
    server.answer = lambda _: Reply(status=500)
    fail(5)
    with pytest.raises(HostRestingError) as caught:
        fetcher.fetch(server.url, body)
    assert caught.value.seconds <= 60
