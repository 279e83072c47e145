"""The drill of kill -9 in an import that is taken back, and in an inbox, in short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora import row
from tests.drills.killing import Killing


@pytest.mark.parametrize("play", [Killing.taking_back, Killing.reading_the_inbox])
def test_what_was_killed_is_completed_when_it_is_done_again(tmp_path: Path, play):
    drill = Killing(tmp_path, [row(number) for number in range(120)], moments=1)
    play(drill)
    assert (drill.killed, drill.wrong) == (1, 0)
