"""Says what a person can mend where an index cannot be written."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigurationError, is_full

_NO_ROOM = 1 << 20
"""Bytes; Tantivy does not always say why one of its threads has ended, and on a full disk this tells."""


@contextmanager
def trouble_told(folder: Path) -> Generator[None]:
    """Turn the errors of files and of Tantivy, which are ValueErrors, into words for a person.

    Raises:
        ConfigurationError: The index cannot be written; says why.

    """
    try:
        yield
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The search index in {folder} cannot be written ({_reason(folder, error)}). "
            "The papers are in the database all the same; once this is mended, the next search completes "
            "the index."
        ) from error


def _reason(folder: Path, error: OSError | ValueError) -> str:
    said = (isinstance(error, OSError) and error.strerror) or str(error).strip().partition("\n")[0].rstrip(
        "."
    )
    full = is_full(error) if isinstance(error, OSError) else "(os error 28)" in said
    if full or _free_bytes(folder) < _NO_ROOM:
        return "the disk is full"
    return said


def _free_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")
