"""Ctrl-C and SIGTERM: the command ends in order, says so in one line, and has the shell's exit code."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import warnings
from contextlib import suppress
from types import FrameType
from typing import Any, Never

_HOW_TO_GO_ON = {
    "import": "stopped; import the same file again to go on",
    "enrich": "stopped; run it again to go on",
}
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"

_asked_by: list[int] = []
"""The numbers of the signals that came."""
_begun: list[bool] = []
"""Holds something once there is work that has to be left in order."""


def listen() -> None:
    """From now on a signal ends the command; one that is ignored, as under nohup, stays so."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable


def begin() -> None:
    """Say that all is loaded: from now on a signal lets the command end in order."""
    _begun.append(True)


def asked() -> bool:
    """Whether a signal asked the command to end."""
    return bool(_asked_by)


def finish() -> None:
    """Say that the command has done its work: a signal changes nothing any more."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if _asked_by:
        leave()


def leave() -> Never:
    """Say that the command was stopped, and end at once."""
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
        leave()
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
        leave()


def _write(number: int, text: str) -> None:
    with suppress(OSError):
        os.write(number, text.encode())
