"""Errors whose message is safe and useful to show to a person."""

from __future__ import annotations

import errno


class PapercordError(Exception):
    """Base of every error that a person may read: says what happened, where, and what to do."""

    exit_code = 1
    """What the command line returns: 1 where the input was refused, 2 for wrong use or configuration."""


class RefusedError(PapercordError):
    """The input was understood and refused; nothing was changed."""


class ConfigurationError(PapercordError):
    """A setting, an option or the environment has to be changed first."""

    exit_code = 2


class SchemaError(ConfigurationError):
    """The database has tables of another version of Papercord."""


class UnreadableFileError(RefusedError):
    """A file, or one row of it, cannot be read as papers."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {reason}")


def is_full(error: OSError) -> bool:
    """Whether a file could not grow: the disk, a quota or a limit of the process is used up."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
