"""The process of a command: its standard streams, and its end at Ctrl-C and SIGTERM."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, BinaryIO, Never

from bot.errors import ConfigurationError, UnreadableFileError


class OutputError(ConfigurationError):
    """What the command prints cannot be written."""


class ReaderGoneError(OutputError):
    """The reader of stdout has closed it, as `head` does."""

    exit_code = 0


class _Output(io.FileIO):
    """Standard output: its errors are `OutputError`, and it fails once only."""

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
"""A longer line is not a query but a file of another kind."""


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


_HOW_TO_GO_ON = {
    "import": "stopped; import the same file again to go on",
    "enrich": "stopped; run it again to go on",
    "vectors": "stopped; run it again, or the bot, to go on",
    "authors": "stopped; what is written is kept, and the same command goes on",
}
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"

_asked_by: list[int] = []
"""The numbers of the signals that came."""
_begun: list[bool] = []
"""Holds something once there is work that has to be left in order."""


def handle_signals() -> None:
    """Let SIGINT and SIGTERM end the command; one that is ignored, as under nohup, stays ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable


def loading_is_done() -> None:
    """After the modules are loaded a signal lets the command end in order, no longer at once."""
    _begun.append(True)


def stop_is_requested() -> bool:
    """Whether a signal asked the command to end."""
    return bool(_asked_by)


def ignore_signals() -> None:
    """The command has done its work: further signals are ignored."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if _asked_by:
        exit_stopped()


def exit_stopped() -> Never:
    """Print that the command was stopped, and end the process at once."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    message = _HOW_TO_GO_ON.get(command, "stopped")
    if sys.stderr is not None and sys.stderr.isatty():
        _write(2, _SHOW_CURSOR)  # a progress bar may have hidden it
    if "--json" in sys.argv:
        _write(1, json.dumps({"error": message}) + "\n")
    _write(2, f"papercord: {message}\n")
    os._exit(128 + _asked_by[0])


def _stop(number: int, _frame: FrameType | None) -> None:
    """Leave in order at the first signal, at once at the second.

    Also at once while all is still being loaded: an exception within the initialisation of a compiled
    module may crash the interpreter, and there is nothing yet to be left in order.
    """
    _asked_by.append(number)
    if len(_asked_by) > 1 or not _begun:
        exit_stopped()
    # Only one line is said from now on, not what each part thinks of its interruption.
    logging.disable()
    warnings.simplefilter("ignore")
    # Not KeyboardInterrupt: Typer makes an exit of its own of that.
    raise SystemExit(128 + number)


def _unraisable(hook: Any) -> None:
    """Where the interruption came inside a callback that cannot raise, it must not get lost there."""
    if not _asked_by:
        sys.__unraisablehook__(hook)
    elif isinstance(hook.exc_value, SystemExit):
        exit_stopped()


def _write(number: int, text: str) -> None:
    with suppress(OSError):
        os.write(number, text.encode())
