"""A file of queries, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from bot.errors import UnreadableFileError

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
