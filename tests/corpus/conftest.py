"""Rows of JSON lines, read as a file of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.corpus.files import Item, PaperRead, read_file
from bot.corpus.paper import PaperRecord

TODAY = dt.date(2026, 7, 20)

ReadRows = Callable[..., list[Item]]


@pytest.fixture
def read_rows(tmp_path: Path) -> ReadRows:
    """Give a function that reads rows as `read_file` does."""

    def read(*rows: bytes | dict[str, Any], source_name: str | None = None) -> list[Item]:
        path = tmp_path / "papers.jsonl"
        path.write_bytes(
            b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n"
        )
        return list(read_file(path, as_of=None, today=TODAY, source_name=source_name))

    return read


def the_paper(items: list[Item]) -> PaperRecord:
    """The only paper among these."""
    (found,) = [item.record for item in items if isinstance(item, PaperRead)]
    return found
