"""Files of references that the command line gives out: on stdout, or into a file that is never in part."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.errors import RefusedError
from bot.papers.references import Format, written
from bot.papers.results import Paper


def write_papers(papers: Iterable[Paper], form: Format, output: Path | None) -> None:
    """Write papers as they come, in UTF-8; RefusedError where the file cannot be written."""
    if output is None:
        for piece in written(papers, form):
            sys.stdout.buffer.write(piece.encode(errors="replace"))
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("wb") as file:
            for piece in written(papers, form):
                file.write(piece.encode(errors="replace"))
        os.replace(part, output)  # noqa: PTH105 - over an older file, at once
    except OSError as error:
        raise RefusedError(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
