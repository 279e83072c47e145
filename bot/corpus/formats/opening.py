"""Opens a file for reading line by line, compressed or not; and what reading it yields."""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import stat
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from bot.corpus.paper import AuthorProfile, PaperRecord
from bot.errors import UnreadableFileError, path_text


@dataclass(frozen=True, slots=True)
class PaperRead:
    """A paper, and the line on which it begins, from 1; 0 in JSON and XML, whose lines say nothing."""

    line: int
    record: PaperRecord


class PaperPacked(NamedTuple):
    """A paper that was read, as it will be stored: so it goes from one process to another."""

    line: int
    source: str
    source_key: str
    digest: str
    json: bytes
    """Its record."""
    cited: bytes
    """What it cites."""
    rank: int
    """Of several with one id that of the highest rank counts."""
    may_be_another: bool
    """Whether other papers of its source may have the same id."""


@dataclass(frozen=True, slots=True)
class ProfileRead:
    """What a page reports of its author."""

    line: int
    profile: AuthorProfile


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that cannot be read, and why."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was read with a reservation."""

    line: int | None
    text: str


Item = PaperRead | PaperPacked | ProfileRead | RowRefused | Remark


MAX_LINE_BYTES = 16 * 1024 * 1024
"""No paper is longer; a longer line is a file of another kind."""

FORMATS = "JSON lines, BibTeX, RIS, PubMed, Web of Science, EndNote, CSL JSON, or an author page as text"
"""The formats of files that can be read, in words for people: at most 100 characters."""

EXPECTED = (
    "expected are JSON lines (one object {…} a line) or a JSON list, BibTeX (.bib), RIS (.ris), PubMed,"
    " Web of Science or EndNote files, CSL JSON, or an author page saved as text, in UTF-8"
)
"""The end of every refusal of a file that has none of these formats."""

MAX_RATIO = 100
"""So many times the size of a packed file it may hold: lists of papers have a fourth to a tenth of that."""

_FREE_BYTES = 4 * 1024 * 1024
"""So much a file may hold in any case."""

_BLOCK_BYTES = 64 * 1024
_PACKED_BYTES, _PIECE_BYTES, _PIECES_AHEAD = 1024 * 1024, 4 * 1024 * 1024, 2
_XZ, _GZIP = b"\xfd7zXZ\x00", b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OF_THE_PATH = {
    errno.EACCES,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EPERM,
}
"""Reading fails so because of what the path names; otherwise because of the disk, the memory, the network."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a file is read; one that holds more is refused as a whole."""

    megabytes: int
    """Of 2**20 bytes, once unpacked."""
    lines: int


class Lines:
    """The lines of a file as bytes, without their ends, numbered from 1."""

    def __init__(self, path: Path, stream: BufferedReader, bounds: Bounds | None) -> None:
        self.path = path
        self.number = 0
        self.is_utf16 = False
        """Only files of references are read so."""
        self._stream = stream
        self._bounds = bounds
        self._bytes = 0

    def first_text(self) -> str:
        """The first 4,000 characters from the first line that is not blank; refuses an empty file."""
        try:
            peeked = self._stream.peek(_BLOCK_BYTES)[:_BLOCK_BYTES]
        except _FAILURES as error:
            raise self._failed(error) from None
        if peeked.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.is_utf16 = True
            return peeked.decode("utf-16", errors="replace").lstrip()[:4_000]
        if not peeked:
            raise UnreadableFileError(str(self.path), None, f"it is empty; {EXPECTED}")
        if _is_unmarked_utf16(peeked[:64]):
            raise UnreadableFileError(
                str(self.path), None, "it is UTF-16 text without a byte order mark; save it in UTF-8"
            )
        return peeked.removeprefix(_BYTE_ORDER_MARK).decode(errors="replace").lstrip()[:4_000]

    def __iter__(self) -> Iterator[bytes | None]:
        """Every line; None for one of more than 16 MiB, which is skipped."""
        begun: list[bytes] = []  # the pieces of a line whose end is still to come
        size = 0  # of all of them, also where they are too long to be kept
        while block := self._block():
            if self.number == 0 and size == 0:
                block = block.removeprefix(_BYTE_ORDER_MARK)
            first, *more = block.split(b"\n")
            size += len(first)
            begun = [*begun, first] if size <= MAX_LINE_BYTES else []
            if not more:
                continue
            self._check_lines(len(more))
            self.number += 1
            yield b"".join(begun).rstrip(b"\r") if size <= MAX_LINE_BYTES else None
            *whole, last = more
            for line in whole:
                self.number += 1
                yield line.rstrip(b"\r")
            begun, size = [last], len(last)
        if size:
            self.number += 1
            yield b"".join(begun).rstrip(b"\r") if size <= MAX_LINE_BYTES else None

    def _block(self) -> bytes:
        try:
            block = self._stream.read(_BLOCK_BYTES)
        except _FAILURES as error:
            raise self._failed(error) from None
        self._bytes += len(block)
        if self._bounds is not None and self._bytes > self._bounds.megabytes * 2**20:
            raise self._too_much(f"it holds more than {self._bounds.megabytes:,} MiB")
        return block

    def _check_lines(self, more: int) -> None:
        if self._bounds is not None and self.number + more > self._bounds.lines:
            raise self._too_much(f"it has more than {self._bounds.lines:,} lines")

    def _too_much(self, what: str) -> UnreadableFileError:
        return UnreadableFileError(
            str(self.path), None, f"{what}, which is not taken here. Import it with `papercord import`."
        )

    def _failed(self, error: BaseException) -> Exception:
        place = f"; {self.number:,} lines could be read" if self.number else ""
        if isinstance(error, _BombError):
            reason = f"{error}, and no file of papers does; {EXPECTED}"
        elif isinstance(error, EOFError):
            reason = (
                f"the compressed file ends too early, as after a download that broke off{place}. "
                "Fetch it again."
            )
        elif isinstance(error, MemoryError):
            reason = "to unpack it takes more memory than there is"
        elif isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            return _unreadable(self.path, error)
        else:
            reason = f"the compressed file is damaged ({error}){place}. Fetch it again."
        return UnreadableFileError(str(self.path), None, reason)


def _is_unmarked_utf16(start: bytes) -> bool:
    """Whether every other byte is NUL, as in UTF-16 that begins with ASCII."""
    even, odd = set(start[::2]), set(start[1::2])
    return len(start) > 3 and ((even == {0} and 0 not in odd) or (odd == {0} and 0 not in even))


@contextmanager
def open_lines(path: Path, bounds: Bounds | None = None) -> Generator[Lines]:
    """Open a file, unpacking .gz and .xz, which are recognised by their first bytes.

    Raises:
        UnreadableFileError: What the path names cannot be read.
        OSError: The machine cannot read at present; the file is not to blame.

    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError as error:
        raise UnreadableFileError(str(path), None, f"it cannot be read: {error}") from None
    with raw:
        if _is_device(raw):
            raise UnreadableFileError(str(path), None, "it is a device, not a file of papers")
        with _unpacked(path, raw) as stream:
            yield Lines(path, stream, bounds)


def _is_device(raw: BufferedReader) -> bool:
    """Whether it is such as /dev/zero, which has no end; pipes, terminals and /dev/null have one."""
    status = os.fstat(raw.fileno())
    if stat.S_ISCHR(status.st_mode):
        return not raw.isatty() and status.st_rdev != Path(os.devnull).stat().st_rdev
    return stat.S_ISBLK(status.st_mode)


def _unpacked(path: Path, raw: BufferedReader) -> BufferedReader:
    try:
        start = raw.peek(len(_XZ))
    except OSError as error:
        raise _unreadable(path, error) from None
    if not start.startswith((_XZ, _GZIP)):
        return raw
    if start.startswith(_XZ):
        source = _Packed(raw, at_once=_PACKED_BYTES)
        packed: lzma.LZMAFile | gzip.GzipFile = lzma.LZMAFile(  # noqa: SIM115 - closed with the stream
            cast("BinaryIO", source)
        )
    else:
        source = _Packed(raw)
        packed = gzip.GzipFile(fileobj=cast("BinaryIO", source), mode="rb")
    return BufferedReader(_ReadAhead(packed, source), _BLOCK_BYTES)


class _BombError(Exception):
    """A small file that unpacks to a very large one."""


class _Packed:
    """The packed file, and how much of it was read.

    LZMAFile asks for 8 KiB and is given more: after each piece it waits for the interpreter lock.
    """

    def __init__(self, raw: BufferedReader, at_once: int | None = None) -> None:
        self._raw, self._at_once = raw, at_once
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Read the next piece of the packed file."""
        piece = self._raw.read(self._at_once or size)
        self.bytes += len(piece)
        return piece


class _ReadAhead(RawIOBase):
    """Unpacks a few pieces ahead in a thread: that needs no interpreter lock, as reading the rows does."""

    def __init__(self, packed: lzma.LZMAFile | gzip.GzipFile, source: _Packed) -> None:
        self._packed, self._source = packed, source
        self._bytes = 0
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="unpack")
        self._ahead = deque(self._worker.submit(self._unpack) for _ in range(_PIECES_AHEAD))
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._piece:
            self._piece = memoryview(self._ahead.popleft().result())
            self._ahead.append(self._worker.submit(self._unpack))
        taken = self._piece[: len(buffer)]
        buffer[: len(taken)] = taken
        self._piece = self._piece[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._worker.shutdown(cancel_futures=True)
        self._packed.close()
        super().close()

    def _unpack(self) -> bytes:
        piece = self._packed.read(_PIECE_BYTES)
        self._bytes += len(piece)
        if self._bytes > max(MAX_RATIO * self._source.bytes, _FREE_BYTES):
            raise _BombError(f"it unpacks to more than {MAX_RATIO} times its size")
        return piece


_FAILURES = (EOFError, MemoryError, OSError, lzma.LZMAError, zlib.error, _BombError)


def _unreadable(path: Path, error: OSError) -> Exception:
    """The error of a file that is to blame itself; another OSError stays what it is, and names the file."""
    if error.errno in _OF_THE_PATH:
        return UnreadableFileError(str(path), None, f"it cannot be read: {error.strerror or error}")
    return OSError(error.errno, error.strerror or str(error), path_text(path))
