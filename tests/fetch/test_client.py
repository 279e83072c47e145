"""The polite client against a server on loopback, faults included."""

from __future__ import annotations

import gzip
import ipaddress
import threading
import time

import pytest

from bot.fetch.client import Answer, Fetcher, is_public
from bot.fetch.errors import (
    ClosedError,
    FetchError,
    ForbiddenAddressError,
    NotFoundError,
    RequestFailedError,
    TransientFetchError,
)
from bot.fetch.politeness import Host
from bot.sources.library import HOSTS
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for, loopback


def body(answer: Answer) -> bytes:
    return answer.body


def test_it_says_who_asks(server: Loopback, clock: Ticks):
    server.replies = [Reply(b"hello")]
    answer = fetcher_for(server, clock).fetch(f"{server.url}/a?b=c", body, headers={"X-Api-Key": "k"})
    assert answer == b"hello"
    (seen,) = server.seen
    assert seen.target == "/a?b=c"
    assert seen.headers["user-agent"] == "Papercord/test (app@example.org)"
    assert seen.headers["host"] == server.netloc
    assert seen.headers["x-api-key"] == "k"


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_a_connection_that_breaks_is_tried_again(server: Loopback, clock: Ticks, fault: str):
    server.replies = [Reply(b"x" * 5000, fault=fault), Reply(b"whole")]
    assert fetcher_for(server, clock).fetch(server.url, body) == b"whole"
    assert clock.slept == [2.0]


def test_pauses_grow_and_tries_end(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(status=503)
    with pytest.raises(TransientFetchError, match="status 503"):
        fetcher_for(server, clock).fetch(server.url, body)
    assert clock.slept == [2.0, 4.0, 8.0]
    assert len(server.seen) == 4


def test_a_damaged_answer_is_asked_for_again(server: Loopback, clock: Ticks):
    server.replies = [Reply(b"<html>busy</html>"), Reply(b"{}")]

    def read(answer: Answer) -> bytes:
        if answer.body.startswith(b"<"):
            raise ValueError("HTML")
        return answer.body

    fetcher = fetcher_for(server, clock)
    assert fetcher.fetch(server.url, read, retry_on=(ValueError,)) == b"{}"


def test_a_refusal_is_final_and_keeps_what_was_said(server: Loopback, clock: Ticks):
    server.replies = [Reply(b"no such field", status=400)]
    with pytest.raises(RequestFailedError) as caught:
        fetcher_for(server, clock).fetch(server.url, body)
    assert (caught.value.status, caught.value.body) == (400, b"no such field")
    assert len(server.seen) == 1


def test_what_is_not_there_is_said_so(server: Loopback, clock: Ticks):
    with pytest.raises(NotFoundError):
        fetcher_for(server, clock).fetch(server.url, body)


def test_the_pace_of_a_host_is_kept(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(b"ok")
    fetcher = fetcher_for(server, clock, seconds_between=3.0)
    for _ in range(4):
        fetcher.fetch(server.url, body)
    assert clock.slept == [3.0, 3.0, 3.0]


def test_a_host_has_one_connection_at_a_time(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(b"x" * 20, fault="drip")
    fetcher = fetcher_for(server, clock)
    threads = [threading.Thread(target=fetcher.fetch, args=[server.url, body]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.seen) == 4
    assert server.most_connections == 1


def test_a_server_that_hangs_is_given_up(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(fault="hang")
    with pytest.raises(TransientFetchError, match="stopped answering"):
        fetcher_for(server, clock, read_seconds=0.05).fetch(server.url, body)


def test_a_large_answer_is_not_read(server: Loopback, clock: Ticks):
    server.replies = [Reply(b"x" * (2**20 + 1))]
    with pytest.raises(FetchError, match="more than 1 MiB"):
        fetcher_for(server, clock).fetch(server.url, body)


def test_packed_answers_are_unpacked_and_a_bomb_is_not(server: Loopback, clock: Ticks):
    small, bomb = gzip.compress(b"fine"), gzip.compress(b"\0" * 200 * 2**20)
    assert len(bomb) < 2**20
    server.replies = [
        Reply(small, headers={"Content-Encoding": "gzip"}),
        Reply(bomb, headers={"Content-Encoding": "gzip"}),
        Reply(gzip.compress(bomb), headers={"Content-Encoding": "gzip, gzip"}),
    ]
    fetcher = fetcher_for(server, clock)
    assert fetcher.fetch(server.url, body) == b"fine"
    for _ in range(2):
        with pytest.raises(FetchError, match="more than 1 MiB"):
            fetcher.fetch(server.url, body)


def test_a_redirect_on_the_same_host_is_followed(server: Loopback, clock: Ticks):
    server.replies = [Reply(status=301, headers={"Location": "/there"}), Reply(b"there")]
    assert fetcher_for(server, clock).fetch(f"{server.url}/here", body) == b"there"
    assert [one.target for one in server.seen] == ["/here", "/there"]


@pytest.mark.parametrize(
    "goal",
    ["https://evil.example/", "//evil.example/x", "file:///etc/passwd", "http://127.0.0.1:1/", "http://[::1"],
)
def test_a_redirect_to_another_host_is_not_followed(server: Loopback, clock: Ticks, goal: str):
    server.replies = [Reply(status=302, headers={"Location": goal})]
    with pytest.raises(ForbiddenAddressError):
        fetcher_for(server, clock).fetch(server.url, body)


def test_redirects_in_a_circle_end(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(status=302, headers={"Location": "/again"})
    with pytest.raises(FetchError, match="circle"):
        fetcher_for(server, clock).fetch(server.url, body)


def test_a_chain_of_redirects_stays_among_listed_hosts(server: Loopback, clock: Ticks):
    with loopback() as other:
        hosts = {one.netloc: Host(0.0, scheme="http") for one in (server, other)}
        server.replies = [
            Reply(status=301, headers={"Location": f"{other.url}/a"}),
            Reply(status=302, headers={"Location": f"{other.url}/c"}),
        ]
        other.replies = [
            Reply(status=307, headers={"Location": f"{server.url}/b"}),
            Reply(status=302, headers={"Location": "https://evil.example/"}),
        ]
        with pytest.raises(ForbiddenAddressError, match="sends us elsewhere"):
            fetcher_for(server, clock, hosts=hosts).fetch(f"{server.url}/", body)
        assert [one.target for one in (*server.seen, *other.seen)] == ["/", "/b", "/a", "/c"]


def test_a_key_is_not_carried_to_another_host(server: Loopback, clock: Ticks):
    with loopback() as other:
        hosts = {one.netloc: Host(0.0, scheme="http") for one in (server, other)}
        server.replies = [Reply(status=302, headers={"Location": other.url})]
        other.replies = [Reply(b"there")]
        fetcher = fetcher_for(server, clock, hosts=hosts)
        assert fetcher.fetch(server.url, body, headers={"Zotero-API-Key": "secret"}) == b"there"
        assert "zotero-api-key" in server.seen[0].headers
        assert "zotero-api-key" not in other.seen[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://export.arxiv.org/api/query",
        "https://export.arxiv.org:8443/",
        "https://user@export.arxiv.org/",
        "https://example.org/",
        "ftp://export.arxiv.org/",
        "nonsense",
    ],
)
def test_only_listed_hosts_are_asked(url: str):
    with pytest.raises(ForbiddenAddressError):
        Fetcher("test", hosts=HOSTS).fetch(url, body)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ],
)
def test_a_listed_name_that_leads_into_a_private_network_is_not_asked(address: str):
    fetcher = Fetcher("test", hosts=HOSTS, resolve=lambda _host, _port: ["151.101.131.42", address])
    with pytest.raises(ForbiddenAddressError, match="private network"):
        fetcher.fetch("https://export.arxiv.org/api/query", body)


@pytest.mark.parametrize(
    "address",
    [
        "151.101.131.42",
        "2a04:4e42::810",
        "2001:4860:4860::8888",
        "::ffff:151.101.131.42",
        "64:ff9b::151.101.131.42",
    ],
)
def test_public_addresses_are_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
@pytest.mark.parametrize(
    "disguise",
    [
        "{}",
        "::ffff:{}",  # mapped
        "::{}",  # compatible
        "::ffff:0:{}",  # translated
        "64:ff9b::{}",  # NAT64
        "64:ff9b:1::{}",  # NAT64 of one network
        "2a04:4e42::5efe:{}",  # ISATAP
        "2a04:4e42::200:5efe:{}",
        "fe80::{}",
        "2002:{hex}::1",  # 6to4
        "2001:0:{hex}:0:0:0:0",  # Teredo, by its server
        "2001:0:9765:832a::{inverted}",  # Teredo, by its client
    ],
)
def test_an_address_that_is_not_public_is_not_in_any_disguise(address: str, disguise: str):
    number = int(ipaddress.IPv4Address(address))

    def groups(value: int) -> str:
        return f"{value >> 16:x}:{value & 0xFFFF:x}"

    written = disguise.format(address, hex=groups(number), inverted=groups(number ^ 0xFFFFFFFF))

    assert not is_public(written)


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::151.101.131.42",
        "100::1",
        "2001:2::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:9765:832a::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b:1::151.101.131.42",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1%eth0",
        "fec0::1",
        "feff::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_what_of_ipv6_is_not_given_out_to_hosts_is_not_public(address: str):
    assert not is_public(address)


def test_every_listed_host_is_asked_over_https_and_arxiv_every_three_seconds():
    assert {host.scheme for host in HOSTS.values()} == {"https"}
    assert HOSTS["export.arxiv.org"].seconds_between == 3.0


def test_what_did_not_change_is_asked_with_validators(server: Loopback, clock: Ticks):
    headers = {"ETag": '"1"', "Last-Modified": "Wed, 01 Apr 2026 00:00:00 GMT"}
    server.replies = [Reply(b"old", headers=headers), Reply(status=304)]
    fetcher = fetcher_for(server, clock)
    validators = fetcher.fetch(server.url, lambda answer: answer.validators)
    status = fetcher.fetch(server.url, lambda answer: answer.status, headers=validators)
    assert status == 304
    assert server.seen[1].headers["if-none-match"] == '"1"'
    assert server.seen[1].headers["if-modified-since"] == headers["Last-Modified"]


def test_closing_ends_a_pause(server: Loopback):
    server.answer = lambda _: Reply(status=503, headers={"Retry-After": "50"})
    fetcher = fetcher_for(server, Ticks(), clock=time.monotonic, sleep=None)
    failure: list[BaseException] = []

    def run() -> None:
        try:
            fetcher.fetch(server.url, body)
        except ClosedError as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not server.seen:
        thread.join(0.01)
    fetcher.close()
    thread.join(5)
    assert len(failure) == 1
