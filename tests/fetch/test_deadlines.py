"""One deadline bounds a whole answer, however slowly its pieces come."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.fetch.client import Answer, Deadline, Fetcher
from bot.fetch.errors import TransientFetchError
from bot.fetch.politeness import Host
from tests.fetch.loopback import Loopback, Reply, Seen, Ticks, fetcher_for


def body(answer: Answer) -> bytes:
    return answer.body


def impatient(ask: Callable[[], object]) -> None:
    begun = time.monotonic()
    with pytest.raises(TransientFetchError, match="too slowly"):
        ask()
    assert time.monotonic() - begun < 8  # four tries; each piece of an answer had two seconds


@pytest.mark.parametrize("fault", ["drip", "headers", "unended"])
def test_pieces_that_come_in_time_do_not_prolong_the_whole(server: Loopback, clock: Ticks, fault: str):
    server.answer = lambda _: Reply(b"x" * 100_000, fault=fault)
    fetcher = fetcher_for(server, clock, whole_seconds=0.1)
    impatient(lambda: fetcher.fetch(server.url, body))


def test_a_host_that_never_comes_to_encrypt_is_given_up(clock: Ticks):
    with silent_port() as port:
        netloc = f"localhost:{port}"
        fetcher = Fetcher(
            "test",
            hosts={netloc: Host(0.0)},
            resolve=lambda _host, _port: ["127.0.0.1"],
            is_allowed_address=lambda _address: True,
            clock=clock,
            sleep=clock.sleep,
            whole_seconds=0.1,
        )
        impatient(lambda: fetcher.fetch(f"https://{netloc}/", body))


@contextmanager
def silent_port() -> Iterator[int]:
    """Accept connections, begin a record of the encryption, and go on with it a byte at a time."""
    ending = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(b"\x16\x03\x03\x3f\x00")
                while not ending.wait(0.01):
                    connection.sendall(b"\0")
            except OSError:
                return

    def accept() -> None:
        while not ending.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        yield listening.getsockname()[1]
        ending.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_connection_that_is_made_after_the_deadline_is_shut_at_once():
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0.0) as deadline:
        deadline._timer.join()
        deadline.watch(ours)
        assert theirs.recv(1) == b""


def test_an_answer_in_time_is_left_alone(server: Loopback, clock: Ticks):
    server.replies = [Reply(b"x" * 5, fault="drip")]
    assert fetcher_for(server, clock).fetch(server.url, body) == b"xxxxx"


def test_a_question_ends_after_its_time_however_often_it_may_be_asked(server: Loopback, clock: Ticks):
    def answer(_seen: Seen) -> Reply:
        clock.now += 90
        return Reply(status=503)

    server.answer = answer
    with pytest.raises(TransientFetchError):
        fetcher_for(server, clock).fetch(server.url, lambda answer: answer.body)
    assert len(server.seen) == 2
