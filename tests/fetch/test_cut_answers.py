"""An answer that breaks off never counts as whole, however it is packed and sent."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fetch.client import Answer, unpacked
from bot.fetch.errors import CutAnswerError, TransientFetchError
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for

TEXT = b'{"results": [' + b", ".join(b'{"id": %d}' % number for number in range(2_000)) + b"]}"


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:5_000]) + gzip.compress(TEXT[5_000:]),
    "deflate": zlib.compress(TEXT),
    "Deflate": _bare(TEXT),
    "deflate, gzip": gzip.compress(zlib.compress(TEXT)),
}


def body(answer: Answer) -> bytes:
    return answer.body


def _head(*lines: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", *lines, "Connection: close", "", "")).encode()


def _chunked(data: bytes) -> bytes:
    pieces = (data[start : start + 500] for start in range(0, len(data), 500))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@pytest.mark.parametrize("coding", PACKED)
def test_a_packed_answer_is_unpacked(server: Loopback, clock: Ticks, coding: str):
    server.replies = [Reply(PACKED[coding], headers={"Content-Encoding": coding})]
    assert fetcher_for(server, clock).fetch(server.url, body) == TEXT


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("missing", [1, 4, 8, 9, 200])
def test_a_packed_answer_that_is_cut_is_asked_for_again(
    server: Loopback, clock: Ticks, coding: str, missing: int
):
    # Its Content-Length is that of what is left: a proxy has kept it so.
    headers = {"Content-Encoding": coding}
    server.replies = [
        Reply(PACKED[coding][:-missing], headers=headers),
        Reply(PACKED[coding], headers=headers),
    ]
    assert fetcher_for(server, clock).fetch(server.url, body) == TEXT
    assert len(server.seen) == 2


CUT = {
    "a length that is more than comes": _head("Content-Length: 99999") + TEXT,
    "no chunk": _head("Transfer-Encoding: chunked"),
    "between two chunks": _head("Transfer-Encoding: chunked") + _chunked(TEXT),
    "in a chunk": _head("Transfer-Encoding: chunked") + _chunked(TEXT)[:-40],
    "in the size of a chunk": _head("Transfer-Encoding: chunked") + _chunked(TEXT) + b"1",
    "gzip until the end of the connection": _head("Content-Encoding: gzip") + PACKED["gzip"][:-100],
    "gzip in chunks": _head("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    + _chunked(PACKED["gzip"]),
    "a length that is less than the gzip data": _head("Content-Length: 300", "Content-Encoding: gzip")
    + PACKED["gzip"],
    "the first byte of gzip": _head("Content-Encoding: gzip") + b"\x1f",
    "the first byte of deflate": _head("Content-Encoding: deflate") + b"\x78",
}


@pytest.mark.parametrize("where", CUT)
def test_an_answer_that_breaks_off_is_said_to(server: Loopback, clock: Ticks, where: str):
    server.answer = lambda _: Reply(CUT[where], fault="raw")
    with pytest.raises(TransientFetchError, match="answered only in part: its answer broke off"):
        fetcher_for(server, clock).fetch(server.url, body)


def test_an_empty_body_that_is_said_to_be_packed_is_empty(server: Loopback, clock: Ticks):
    server.replies = [Reply(status=304, headers={"Content-Encoding": "gzip"})]
    assert fetcher_for(server, clock).fetch(server.url, body) == b""


def test_damaged_data_are_said_to_be_damaged(server: Loopback, clock: Ticks):
    server.answer = lambda _: Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    with pytest.raises(TransientFetchError, match="its answer is damaged"):
        fetcher_for(server, clock).fetch(server.url, body)


@given(st.sampled_from(sorted(PACKED)), st.data())
def test_no_cut_and_no_way_of_arriving_changes_that(coding: str, data: st.DataObject):
    packed = PACKED[coding]
    length = data.draw(st.integers(1, len(packed)))
    size = data.draw(st.integers(1, 3_000))
    pieces = [packed[:length][start : start + size] for start in range(0, length, size)]
    if length == len(packed):
        assert b"".join(unpacked(iter(pieces), coding)) == TEXT
    elif coding == "x-gzip" and length == len(gzip.compress(TEXT[:5_000])):
        assert b"".join(unpacked(iter(pieces), coding)) == TEXT[:5_000]  # a whole member, as far as it goes
    else:
        with pytest.raises(CutAnswerError):
            list(unpacked(iter(pieces), coding))


@given(st.binary(min_size=1).filter(lambda tail: tail[0] != 0x1F))
def test_what_follows_the_gzip_data_is_left_alone(tail: bytes):
    assert b"".join(unpacked(iter([PACKED["gzip"] + tail]), "gzip")) == TEXT
