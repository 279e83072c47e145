"""JSON lines of which another process reads some: what is read is the same, in the same order."""

from __future__ import annotations

import datetime as dt
import json
import lzma
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.files import read_file
from bot.corpus.formats.json_lines import Block, BlockRead, Helper, read_block
from bot.corpus.formats.opening import Item, PaperRead
from bot.errors import UnreadableFileError

TODAY = dt.date(2026, 7, 20)
LINES = st.sampled_from(
    [
        b'{"title": "On ropes", "authors": ["Ann Bo"], "date": "in press"}',
        b'{"title": "On nets", "colour": "red"}',
        b'{"colour": "blue", "title": "On knots", "doi": "none at all"}',
        b'{"title": ""}',
        b"{",
        b"",
        b"[1]",
    ]
)


class SlowHelper:
    """Reads a block when it is asked for it so many times."""

    def __init__(self, patience: Callable[[], int]) -> None:
        self._patience = patience
        self._block: Block | None = None
        self._left = 0
        self.blocks = 0

    def take(self, block: Block) -> bool:
        if self._block is not None or (left := self._patience()) < 0:
            return False
        self._block, self._left = block, left
        self.blocks += 1
        return True

    def done(self, *, wait: bool) -> BlockRead | None:
        self._left -= 1
        if self._block is None or (self._left >= 0 and not wait):
            return None
        block, self._block = self._block, None
        return read_block(block)

    @property
    def is_at_rest(self) -> bool:
        return self._block is None


def read(path: Path, helper: Helper | None = None) -> list[Item | str]:
    """What a file holds, with the error at its end."""
    return list(_read(path, helper))


def _read(path: Path, helper: Helper | None) -> Iterator[Item | str]:
    try:
        yield from read_file(path, as_of=None, today=TODAY, helper=helper)
    except UnreadableFileError as error:
        yield str(error)


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES, max_size=30), st.integers(1, 60), st.data())
def test_lines_that_a_helper_reads_are_read_as_all_others_are(
    lines: list[bytes], times: int, data: st.DataObject
) -> None:
    helper = SlowHelper(lambda: data.draw(st.integers(-1, 25)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "papers.jsonl"
        path.write_bytes(b"\n".join(lines * times))
        assert read(path, helper) == read(path)
    assert helper.is_at_rest


def test_what_stands_before_the_damage_of_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    rows = [json.dumps({"title": f"On rope {number}"} if number % 3 else {}) for number in range(4_000)]
    path = tmp_path / "papers.jsonl.xz"
    path.write_bytes(lzma.compress("\n".join(rows).encode())[:-40])
    helper = SlowHelper(lambda: 3)
    assert read(path, helper) == read(path)
    assert helper.is_at_rest


def test_a_reader_that_stops_in_the_middle_leaves_the_helper_at_rest(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(json.dumps({"title": f"On rope {number}"}) for number in range(2_000)))
    helper = SlowHelper(lambda: 10)
    items = read_file(path, as_of=None, today=TODAY, helper=helper)
    assert isinstance(next(items), PaperRead)
    assert helper.blocks == 1
    items.close()  # type: ignore[attr-defined] - it is a generator
    assert helper.is_at_rest


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_a_line_is_refused_with_a_helper_too(tmp_path: Path, content: str) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text(content)
    assert read(path, SlowHelper(lambda: 0)) == read(path)
