"""Opens a file for reading line by line: compressed or not, never more of it in memory than a line."""

from __future__ import annotations

import gzip
import lzma
import os
import stat
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

from bot.errors import UnreadableFileError

MAX_LINE_BYTES = 16 * 1024 * 1024
"""No paper is longer; a longer line is a file of another kind."""

EXPECTED = "expected are JSON lines (one object {…} a line) or an author page saved as text, in UTF-8"

_PEEK_BYTES = 64 * 1024
_PACKED_BYTES, _PIECE_BYTES, _PIECES_AHEAD = 1024 * 1024, 4 * 1024 * 1024, 2
_XZ, _GZIP = b"\xfd7zXZ\x00", b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DAMAGE = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error)


class Lines:
    """The lines of a file as bytes, without their ends, numbered from 1."""

    def __init__(self, path: Path, stream: BufferedReader) -> None:
        self.path = path
        self.number = 0
        self._stream = stream

    def first_text(self) -> str:
        """The beginning of the first line that is not blank; refuses what is no text at all."""
        with self._reporting():
            peeked = self._stream.peek(_PEEK_BYTES)[:_PEEK_BYTES]
        if peeked.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise UnreadableFileError(str(self.path), None, f"it is UTF-16 text; {EXPECTED}")
        if not peeked:
            raise UnreadableFileError(str(self.path), None, f"it is empty; {EXPECTED}")
        return peeked.removeprefix(_BYTE_ORDER_MARK).decode(errors="replace").lstrip()[:80]

    def __iter__(self) -> Iterator[bytes | None]:
        """Every line; None for one of more than 16 MiB, which is skipped."""
        while True:
            with self._reporting():
                line = self._stream.readline(MAX_LINE_BYTES + 1)
                too_long = len(line) > MAX_LINE_BYTES
                rest = line
                while too_long and rest and not rest.endswith(b"\n"):
                    rest = self._stream.readline(MAX_LINE_BYTES)
            if not line:
                return
            self.number += 1
            if self.number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            yield None if too_long else line.rstrip(b"\r\n")

    @contextmanager
    def _reporting(self) -> Generator[None]:
        try:
            yield
        except _DAMAGE as error:
            reason = (
                "the compressed file ends too early, as after a download that broke off"
                if isinstance(error, EOFError)
                else f"the compressed file is damaged ({error})"
            )
            place = f"; {self.number:,} lines could be read" if self.number else ""
            raise UnreadableFileError(str(self.path), None, f"{reason}{place}. Fetch it again.") from None
        except OSError as error:
            raise UnreadableFileError(str(self.path), None, _cannot_be_opened(error)) from None


@contextmanager
def open_lines(path: Path) -> Generator[Lines]:
    """Open a file, unpacking .gz and .xz, which are told by their first bytes."""
    try:
        raw = path.open("rb")
    except (OSError, ValueError) as error:
        raise UnreadableFileError(str(path), None, _cannot_be_opened(error)) from None
    with raw:
        if _is_device(raw):
            raise UnreadableFileError(str(path), None, "it is a device, not a file of papers")
        try:
            stream = _unpacked(raw)
        except OSError as error:
            raise UnreadableFileError(str(path), None, _cannot_be_opened(error)) from None
        with stream:
            yield Lines(path, stream)


def _is_device(raw: BufferedReader) -> bool:
    """Whether it is such as /dev/zero, which has no end; pipes, terminals and /dev/null have one."""
    status = os.fstat(raw.fileno())
    if stat.S_ISCHR(status.st_mode):
        return not raw.isatty() and status.st_rdev != Path(os.devnull).stat().st_rdev
    return stat.S_ISBLK(status.st_mode)


def _unpacked(raw: BufferedReader) -> BufferedReader:
    start = raw.peek(len(_XZ))
    if start.startswith(_XZ):
        packed: lzma.LZMAFile | gzip.GzipFile = lzma.LZMAFile(  # noqa: SIM115 - closed with the stream
            cast("BinaryIO", _LargeReads(raw))
        )
    elif start.startswith(_GZIP):
        packed = gzip.GzipFile(fileobj=cast("BinaryIO", raw))
    else:
        return raw
    return BufferedReader(_ReadAhead(packed), _PEEK_BYTES)


class _LargeReads:
    """Gives LZMAFile more than the 8 KiB that it asks for; after each it waits for the interpreter lock."""

    def __init__(self, raw: BufferedReader) -> None:
        self._raw = raw

    def read(self, _size: int = -1) -> bytes:
        """Read the next piece of the packed file."""
        return self._raw.read(_PACKED_BYTES)


class _ReadAhead(RawIOBase):
    """Unpacks a few pieces ahead in a thread: that needs no interpreter lock, as reading the rows does."""

    def __init__(self, packed: lzma.LZMAFile | gzip.GzipFile) -> None:
        self._packed = packed
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="unpack")
        self._ahead = deque(self._worker.submit(packed.read, _PIECE_BYTES) for _ in range(_PIECES_AHEAD))
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._piece:
            self._piece = memoryview(self._ahead.popleft().result())
            self._ahead.append(self._worker.submit(self._packed.read, _PIECE_BYTES))
        taken = self._piece[: len(buffer)]
        buffer[: len(taken)] = taken
        self._piece = self._piece[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._worker.shutdown(cancel_futures=True)
        self._packed.close()
        super().close()


def _cannot_be_opened(error: OSError | ValueError) -> str:
    return f"it cannot be read: {getattr(error, 'strerror', None) or error}"
