"""Groups blocks of mentions in several processes, with the same results as in one."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeAlias

from bot.child_process import begin, end_with_parent, usable_cores
from bot.disambiguation.coauthor_lists import CoauthorLists
from bot.disambiguation.collection_counts import CollectionCounts
from bot.disambiguation.evidence import Evidence
from bot.disambiguation.grouping import group_block
from bot.disambiguation.name_forms import NameMention
from bot.errors import PapercordError

MENTIONS_AT_ONCE = 2_000
"""Mentions that are handed to a process together."""
WORTH_PROCESSES = 20_000
"""Mentions from which on several processes are faster than one, which need not be started."""
_MOST_PROCESSES = 16
_TRIES = 2

_Task: TypeAlias = tuple[list[list[NameMention]], CoauthorLists]
_Groups: TypeAlias = list[list[list[int]]]


class GroupingCutOffError(PapercordError):
    """A process that grouped people was ended from outside, again and again."""


def cores(mentions: int) -> int:
    """How many processes group so many mentions."""
    if mentions < WORTH_PROCESSES:
        return 1
    return min(usable_cores(), _MOST_PROCESSES)


def grouped(
    blocks: Sequence[Sequence[int]],
    mentions: Sequence[NameMention],
    evidence: Evidence,
    processes: int,
) -> Iterator[list[Sequence[int]]]:
    """The people of each block, in the order of the blocks.

    Raises:
        GroupingCutOffError: A process was ended from outside, and so was the one that did its work again.

    """
    if processes < 2:
        for block in blocks:
            yield group_block(block, mentions, evidence)
        return
    done = 0
    for number in range(_TRIES):
        try:
            for groups in _in_processes(blocks[done:], mentions, evidence, processes):
                yield groups
                done += 1
        except BrokenProcessPool:
            if number + 1 == _TRIES:
                raise GroupingCutOffError(
                    "A process that grouped people was ended twice from outside, perhaps because memory ran"
                    " out. What is grouped is kept; run it again to go on."
                ) from None
        else:
            return


def _in_processes(
    blocks: Sequence[Sequence[int]], mentions: Sequence[NameMention], evidence: Evidence, processes: int
) -> Iterator[list[Sequence[int]]]:
    # Spawned, not forked: the threads of this process would leave their locks behind.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _begin, (evidence.counts,))
    waiting: deque[tuple[list[Sequence[int]], Future[_Groups]]] = deque()
    try:
        for batch in _batches(blocks):
            named = [[mentions[one] for one in block] for block in batch]
            people = {form.key for block in named for one in block for form in one.coauthors}
            task = (named, evidence.lists.part(people))
            waiting.append((batch, pool.submit(_group, task)))
            if len(waiting) > 2 * processes:
                yield from _numbered(*waiting.popleft())
        while waiting:
            yield from _numbered(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(blocks: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    batch: list[Sequence[int]] = []
    size = 0
    for block in blocks:
        batch.append(block)
        size += len(block)
        if size >= MENTIONS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _numbered(batch: Sequence[Sequence[int]], result: Future[_Groups]) -> Iterator[list[Sequence[int]]]:
    """The groups of each block, with the numbers of the mentions as the caller counts them."""
    for block, groups in zip(batch, result.result(), strict=True):
        yield [[block[place] for place in group] for group in groups]


_counts: list[CollectionCounts] = []
"""Of a process that groups: the counts by which it does."""


def _begin(counts: CollectionCounts) -> None:
    begin()
    gc.disable()  # for its whole life, see bot/garbage.py
    end_with_parent()
    _counts[:] = [counts]


def _group(task: _Task) -> _Groups:
    blocks, lists = task
    evidence = Evidence(_counts[0], lists)
    return [[list(group) for group in group_block(range(len(one)), one, evidence)] for one in blocks]
