"""The streams of the command line: made ready, checked when they are left, and read line by line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from bot.errors import ConfigurationError, UnreadableFileError


class OutputError(ConfigurationError):
    """What the command prints cannot be written."""


class ReaderGoneError(OutputError):
    """Whoever read what the command prints has enough of it, as `head` has."""

    exit_code = 0


class _Output(io.FileIO):
    """Standard output that tells its own errors from those of other files, and fails once only."""

    _failed = False

    def write(self, data: Any, /) -> int:
        """Write; after an error nothing more, so that the end of the program does not fail again."""
        if self._failed:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except BrokenPipeError:
            self._failed = True
            raise ReaderGoneError("nobody reads what is printed") from None
        except OSError as error:
            self._failed = True
            raise OutputError(f"stdout cannot be written: {error.strerror}") from None


def prepare_streams() -> None:
    """Open what is closed, so that no file gets its number, and make stdout say what is wrong with it.

    A closed stdout is opened for reading: what is printed to it fails, as it should.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
    encoding = sys.stdout.encoding
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Output(1, "w", closefd=False)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=sys.stdout.isatty(),
    )


MAX_QUERY_BYTES = 64 * 1024
"""Nobody types more; a longer line is a file of another kind."""


def read_queries(file: BinaryIO) -> Iterator[str]:
    """Read the queries of a file or a pipe, each as soon as it is there.

    Raises:
        UnreadableFileError: A line is not UTF-8 text, or no query; names it.

    """
    name = str(file.name)
    number = 0
    try:
        while line := file.readline(MAX_QUERY_BYTES + 1):
            number += 1
            if len(line) > MAX_QUERY_BYTES:
                raise UnreadableFileError(name, number, "it is too long for a query")
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableFileError(name, number, "it is not UTF-8 text; save the file in UTF-8") from None
    except OSError as error:
        raise UnreadableFileError(name, None, f"it cannot be read: {error.strerror}") from None
