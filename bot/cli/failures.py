"""How the command line ends when something went wrong: one line, and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import Never

import orjson
import typer
from typer.exceptions import TyperException

from bot.errors import PapercordError

INTERRUPTED = 130
"""The shell's exit code for Ctrl-C."""

log = logging.getLogger("papercord")


def set_log_level() -> None:
    """Log to stderr as PAPERCORD_LOG_LEVEL says; only warnings where it does not."""
    level = os.environ.get("PAPERCORD_LOG_LEVEL", "")
    known = level in logging.getLevelNamesMapping()
    logging.basicConfig(level=level if known else logging.WARNING, format="%(levelname)s %(message)s")


def end_with(error: BaseException, *, as_json: bool) -> Never:
    """Say what happened and leave with its exit code; scripts get a JSON document on stdout as well."""
    message, code = _explain(error)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough of it; a flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    if as_json:
        sys.stdout.write(orjson.dumps({"error": message}).decode() + "\n")
    sys.stderr.write(f"papercord: {message}\n")
    sys.exit(code)


def _explain(error: BaseException) -> tuple[str, int]:
    if isinstance(error, PapercordError):
        return str(error), error.exit_code
    if isinstance(error, TyperException):
        return f"{error.format_message()} (papercord --help shows how)", 2
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "stopped", INTERRUPTED
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 2
    log.debug("the command failed", exc_info=error)
    return (
        f"an unexpected error, {type(error).__name__}: {error}; "
        "run again with PAPERCORD_LOG_LEVEL=DEBUG for the details, and please report it",
        1,
    )
