"""Several processes group as one does, also where one of them is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence

import pytest

from bot.disambiguation import processes
from bot.disambiguation.blocks import blocks_of
from bot.disambiguation.collection_counts import Counting
from bot.disambiguation.evidence import Evidence
from bot.disambiguation.name_forms import NameMention, form_of, words_of
from bot.disambiguation.processes import GroupingCutOffError, cores, grouped

NAMES = [
    "Wei Wang",
    "W. Wang",
    "Wei Li",
    "Li Wei",
    "Ada Lovelace",
    "A. Lovelace",
    "R. Siegwart",
    "R. Y. Siegwart",
]


def mention(number: int) -> NameMention:
    others = (form_of(NAMES[(number * 7 + 3) % 8]), form_of(f"Berit Skjelbred{chr(97 + number % 5)}"))
    words = words_of(f"Parsing of sentences in {chr(97 + number % 3) * 4} sensors")
    return NameMention(form_of(NAMES[number % 8]), str(number), others, 2000 + number % 9, "acl", words)


MENTIONS = [mention(number) for number in range(160)]
BLOCKS = list(blocks_of(MENTIONS))
COUNTING = Counting(MENTIONS)
COUNTS = COUNTING.counts(MENTIONS)
EVIDENCE = Evidence(COUNTS, COUNTING.lists(COUNTS))


def people(number: int) -> list[list[Sequence[int]]]:
    return list(grouped(BLOCKS, MENTIONS, EVIDENCE, number))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MENTIONS_AT_ONCE", 1)


def kill_one() -> None:
    child = multiprocessing.active_children()[0]
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()


def test_two_processes_group_as_one_does_and_work_is_done_again_whose_process_was_killed():
    alone = people(1)
    found = grouped(BLOCKS, MENTIONS, EVIDENCE, 2)
    first = next(found)
    kill_one()
    assert [first, *found] == alone
    assert multiprocessing.active_children() == []


def test_where_it_is_killed_again_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "_TRIES", 1)
    monkeypatch.setattr(processes, "_group", _end)
    with pytest.raises(GroupingCutOffError, match="run it again to go on"):
        people(2)


def _end(_task: object) -> None:
    os._exit(9)


def test_few_mentions_are_grouped_by_one_process():
    assert cores(processes.WORTH_PROCESSES - 1) == 1
    assert cores(processes.WORTH_PROCESSES) >= 1
