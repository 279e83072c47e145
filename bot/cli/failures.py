"""Errors of the command line: arguments that are refused, one line of text, and the exit code."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress

import orjson
import typer
from typer.exceptions import TyperException

from bot.cli.process import OutputError, ReaderGoneError
from bot.errors import ConfigurationError, PapercordError, is_full

log = logging.getLogger("papercord")


def set_log_level() -> None:
    """Log to stderr as PAPERCORD_LOG_LEVEL says; only warnings where it does not."""
    level = os.environ.get("PAPERCORD_LOG_LEVEL", "")
    known = level in logging.getLevelNamesMapping()
    logging.basicConfig(level=level if known else logging.WARNING, format="%(levelname)s %(message)s")


def refuse_other_encodings(arguments: list[str]) -> None:
    """Refuse arguments that are not UTF-8, names of files aside: neither the database nor JSON can hold them.

    Raises:
        ConfigurationError: Names the first of them.

    """
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            if os.path.lexists(argument):
                continue
            raise ConfigurationError(
                f"The argument {argument!r} is not UTF-8 text; write it in UTF-8, or rename the file."
            ) from None


def report_failure(error: Exception, *, as_json: bool) -> int:
    """Say what happened, and return its exit code; scripts get a JSON document on stdout as well."""
    message, code = _explain(error)
    if isinstance(error, ReaderGoneError):
        return code
    with suppress(OutputError):  # then that is not the first thing that went wrong
        if as_json:
            sys.stdout.write(orjson.dumps({"error": message}).decode() + "\n")
        sys.stdout.flush()
    with suppress(OSError):
        os.write(2, f"papercord: {message}\n".encode(errors="backslashreplace"))
    return code


def _explain(error: Exception) -> tuple[str, int]:
    if isinstance(error, PapercordError):
        return str(error), error.exit_code
    if isinstance(error, TyperException):
        # Without any argument, all commands were shown, and the error itself says nothing.
        return f"{error.format_message() or 'Name a command.'} (papercord --help shows how)", 2
    if isinstance(error, typer.Abort):
        return "stopped: nothing was typed", 2
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 2
    if isinstance(error, OSError) and is_full(error):
        return f"the disk is full ({error.strerror}); free some space, then run the same again", 2
    log.debug("the command failed", exc_info=error)
    # The database's errors carry the statement and its values in further lines.
    first_line = str(error).strip().partition("\n")[0]
    return (
        f"an unexpected error, {type(error).__name__}: {first_line}; "
        "run again with PAPERCORD_LOG_LEVEL=DEBUG for the details, and please report it",
        1,
    )
