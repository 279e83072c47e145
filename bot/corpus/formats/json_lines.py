"""Reads JSON lines in blocks: one paper as one object on each line. Another process may read some blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from bot.corpus.formats.answers import object_of
from bot.corpus.formats.jsonl import RowReport, json_problem, read_row
from bot.corpus.formats.opening import EXPECTED, MAX_LINE_BYTES, Item, Lines, RowRefused
from bot.errors import UnreadableFileError

_BLOCK_LINES, _BLOCK_BYTES = 250, 1024 * 1024
_MOST_AHEAD = 16
"""Blocks that are read while one before them is still with the helper."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines of a file, as `Lines` gives them."""

    number: int
    """Of the first line, from 1."""
    lines: list[bytes | None]
    id_space: str


@dataclass(frozen=True, slots=True)
class BlockRead:
    """What a block holds."""

    items: Sequence[Item]
    report: RowReport
    is_blank: bool


class Helper(Protocol):
    """Reads a block at a time in another process."""

    def take(self, block: Block) -> bool:
        """Begin to read a block; False where that is not possible now."""
        ...

    def done(self, *, wait: bool) -> BlockRead | None:
        """What it read of the block; without `wait`, None while it is not at its end."""
        ...


def read_json_lines(lines: Lines, id_space: str, helper: Helper | None = None) -> Iterator[Item]:
    """Read every line; ids that are no arXiv ids are ids within `id_space`."""
    is_blank = True
    report = RowReport()
    for read in _in_order(_blocks(lines, id_space), helper):
        is_blank &= read.is_blank
        report.add(read.report)
        yield from read.items
    if is_blank:
        raise UnreadableFileError(str(lines.path), None, f"it is empty; {EXPECTED}")
    yield from report.remarks()


def read_block(block: Block) -> BlockRead:
    """Read the lines of a block."""
    items: list[Item] = []
    report = RowReport()
    is_blank = True
    for number, line in enumerate(block.lines, block.number):
        if line is None:
            is_blank = False
            items.append(RowRefused(number, f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB"))
        elif line and not line.isspace():
            is_blank = False
            items += _read_line(line, number, block.id_space, report)
    return BlockRead(items, report, is_blank)


def _blocks(lines: Lines, id_space: str) -> Iterator[Block | Exception]:
    """The lines in blocks; at last the error where there is one: what stands before it is read."""
    block = Block(1, [], id_space)
    size = 0
    try:
        for line in lines:
            block.lines.append(line)
            size += len(line or b"")
            if len(block.lines) >= _BLOCK_LINES or size >= _BLOCK_BYTES:
                yield block
                block, size = Block(lines.number + 1, [], id_space), 0
    except (UnreadableFileError, OSError) as error:
        yield block
        yield error
        return
    yield block


def _in_order(blocks: Iterator[Block | Exception], helper: Helper | None) -> Iterator[BlockRead]:
    """Read all blocks, the helper one whenever it has nothing to do."""
    waiting: deque[BlockRead | None] = deque()
    """What was read, in order; None for the block that the helper reads."""
    try:
        for block in blocks:
            if isinstance(block, Exception):
                yield from _rest(waiting, helper)
                raise block
            _fetch(waiting, helper, wait=len(waiting) > _MOST_AHEAD)
            is_taken = helper is not None and None not in waiting and helper.take(block)
            waiting.append(None if is_taken else read_block(block))
            while waiting and (read := waiting[0]) is not None:
                waiting.popleft()
                yield read
        yield from _rest(waiting, helper)
    finally:
        _fetch(waiting, helper, wait=True)


def _fetch(waiting: deque[BlockRead | None], helper: Helper | None, *, wait: bool) -> None:
    """Put what the helper has read into its place."""
    if helper is not None and None in waiting and (read := helper.done(wait=wait)) is not None:
        waiting[waiting.index(None)] = read


def _rest(waiting: deque[BlockRead | None], helper: Helper | None) -> Iterator[BlockRead]:
    _fetch(waiting, helper, wait=True)
    while waiting and (read := waiting.popleft()) is not None:
        yield read


def _read_line(line: bytes, number: int, id_space: str, report: RowReport) -> Iterator[Item]:
    try:
        content: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        yield RowRefused(number, json_problem(line, error))
        return
    if not isinstance(content, dict):
        yield RowRefused(number, "the line is not an object {…} with a title")
        return
    has_nul = b"\\u0000" in line
    yield from read_row(object_of(content), number, id_space, report, has_nul=has_nul)
