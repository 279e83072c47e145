"""Unpacks the body of an answer piece by piece, and tells where it ends before it is whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from urllib3.exceptions import DecodeError

from bot.fetch.errors import CutAnswerError

PIECE_BYTES = 64 * 1024

_GZIP = {"gzip", "x-gzip"}
_DEFLATE = "deflate"
_GZIP_START = b"\x1f"
_AS_GZIP, _AS_ZLIB, _AS_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_MOST_CODINGS = 5


def unpacked(pieces: Iterator[bytes], content_encoding: str) -> Iterator[bytes]:
    """Unpack pieces of a body as the header Content-Encoding says; a coding that is not known stays.

    Raises:
        CutAnswerError: the packed body ends too early.
        DecodeError: it is damaged.

    """
    codings = [one.strip().lower() for one in content_encoding.split(",")]
    if len(codings) > _MOST_CODINGS:
        raise DecodeError(f"{len(codings)} codings on top of each other")
    for coding in reversed(codings):
        if coding in _GZIP:
            pieces = _from_gzip(pieces)
        elif coding == _DEFLATE:
            pieces = _from_deflate(pieces)
    return pieces


def _from_gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One or several members; what follows them and is none is left alone, as browsers do."""
    member: _Member | None = None
    ended_once = False
    for piece in pieces:
        data = piece
        while data:
            if member is None:
                if ended_once and not data.startswith(_GZIP_START):
                    yield from _nothing_of(pieces)
                    return
                member = _Member(_AS_GZIP)
            yield from member.unpack(data)
            data = member.unused
            if member.ended:
                member, ended_once = None, True
    if member is not None:
        raise CutAnswerError("the gzip data end too early")


def _from_deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The zlib format, or as some servers have it the bare one."""
    start = b""
    member: _Member | None = None
    for piece in pieces:
        data = piece
        if member is None:
            start += piece
            if len(start) < 2:
                continue
            is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
            member = _Member(_AS_ZLIB if is_zlib else _AS_DEFLATE)
            data = start
        if not member.ended:
            yield from member.unpack(data)
    if start and (member is None or not member.ended):
        raise CutAnswerError("the deflate data end too early")


class _Member:
    """One stream of packed data."""

    def __init__(self, form: int) -> None:
        self._unpacker = zlib.decompressobj(form)

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def unused(self) -> bytes:
        """What came after its end."""
        return self._unpacker.unused_data

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """What a piece of it unpacks to, never much at once."""
        try:
            while piece := self._unpacker.decompress(data, PIECE_BYTES):
                yield piece
                data = self._unpacker.unconsumed_tail
        except zlib.error as error:
            raise DecodeError(str(error)) from None


def _nothing_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the rest, so that it is known whether the answer came to its end."""
    for _ in pieces:
        yield from ()
