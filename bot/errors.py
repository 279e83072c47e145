"""Errors whose message is safe and useful to show to a person."""

from __future__ import annotations

import errno
from pathlib import Path

MOST_CHARACTERS = 300
"""Of an error in one line of the log."""


class PapercordError(Exception):
    """Base of every error that a person may read: says what happened, where, and what to do."""

    exit_code = 1
    """What the command line returns: 1 where the input was refused, 2 for wrong use or configuration."""


class RefusedError(PapercordError):
    """The input was understood and refused; nothing was changed."""


class ConfigurationError(PapercordError):
    """A setting, an option or the environment has to be changed first."""

    exit_code = 2


class DatabaseUnusableError(ConfigurationError):
    """The database cannot be used: away, full, locked or broken; it may be usable again later."""


class DatabaseSwitchedError(DatabaseUnusableError):
    """The database changed over to another server, which may lack what was written before: begin again."""


class SearchUnusableError(ConfigurationError):
    """The search cluster cannot be used: away, or it refuses; it may be usable again later."""


class SearchLateError(SearchUnusableError):
    """The search cluster did not answer in the time for which somebody waits."""

    def __init__(self, places: str = "") -> None:
        where = f" at {places}" if places else ""
        super().__init__(
            f"The search cluster{where} did not answer in time. No papers are lost; try again in a moment."
        )


class SchemaError(ConfigurationError):
    """The database has tables of another version of Papercord."""


class UnreadableFileError(RefusedError):
    """A file, or one row of it, cannot be read as papers."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        self.file = path_text(file)
        self.line = line
        self.reason = reason
        place = self.file if line is None else f"{self.file}, line {line}"
        super().__init__(f"{place}: {reason}")


def one_line(error: BaseException | str) -> str:
    """An error in one line of limited length; its type where it has no words."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    if not isinstance(error, str):
        words = words or type(error).__name__
    return words if len(words) <= MOST_CHARACTERS else f"{words[: MOST_CHARACTERS - 1]}…"


def path_text(path: str | Path) -> str:
    """A path as text that can be shown and stored: bytes of it that are no UTF-8 are written as escapes."""
    return str(path).encode(errors="backslashreplace").decode()


def is_full(error: OSError) -> bool:
    """Whether a file could not grow: the disk, a quota or a limit of the process is used up."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
