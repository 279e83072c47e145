"""The drill of Ctrl-C in a short form: one moment of each stage of a long import."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.ingest.indexer import LONG_IMPORT
from tests.drills.interrupting import completed, interrupted

PAPERS = LONG_IMPORT + 200
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stages are told by /proc")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many papers that the index follows in a process of its own."""
    path = tmp_path_factory.mktemp("corpus") / "papers.jsonl"
    with path.open("w", encoding="utf-8") as rows:
        for number in range(PAPERS):
            row = {"id": str(number), "title": f"Paper number {number}", "authors": [f"Ann Bo{number % 50}"]}
            rows.write(json.dumps(row) + "\n")
    return path


def at_the_start(_data: Path) -> Callable[[int], bool]:
    return lambda _process_id: True


def with_a_database(data: Path) -> Callable[[int], bool]:
    return lambda _process_id: (data / "papercord.db").exists()


def with_a_process_for_the_index(_data: Path) -> Callable[[int], bool]:
    return lambda process_id: len(children(process_id)) > 1  # the first one is multiprocessing's own


def while_the_index_is_written(data: Path) -> Callable[[int], bool]:
    return lambda _process_id: any(data.glob("index/papers-*/*.store"))


def children(process_id: int) -> list[str]:
    try:
        return Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    except OSError:
        return []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "stage", [at_the_start, with_a_database, with_a_process_for_the_index, while_the_index_is_written]
)
def test_an_interrupted_import_says_one_line_and_completes_when_it_is_run_again(
    tmp_path: Path, corpus: Path, stage: Callable[[Path], Callable[[int], bool]], number: signal.Signals
):
    data = tmp_path / "data"
    assert interrupted(data, corpus, stage(data), number) == ""
    if number == signal.SIGINT:
        assert completed(data, corpus, PAPERS) == ""
