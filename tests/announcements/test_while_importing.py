"""Posting goes on while another process imports many papers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from tests.announcements.announcer import Office, papers, write_papers
from tests.conftest import ROOT


async def test_posting_goes_on_and_the_lease_is_kept_while_another_process_imports(office: Office):
    for channel in range(1, 41):
        office.subscribe(channel)
    (paper,) = office.bring(papers(1))
    many = write_papers(office.app, papers(4_000), "many.jsonl")
    importing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "import", str(many)),
        cwd=ROOT,
        env=os.environ | {"PAPERCORD_DATA_DIR": str(office.app.settings.data_dir)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ended = asyncio.create_task(importing.communicate())
    rounds = 0
    while not ended.done():
        await office.round()
        rounds += 1
        await asyncio.wait([ended], timeout=0.01)
    assert importing.returncode == 0, ended.result()[1]
    await office.settle()

    assert rounds > 5
    assert all(office.seen(channel)[paper] == 1 for channel in range(1, 41))
    # The many are a flood: one message for each channel.
    assert office.states() == {"sent": 80}
